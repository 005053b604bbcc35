"""Reads for the reminder pages: totals, groups, lists, the newest. Row security narrows all of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db import connection

from mingcha.desk.audit.queries import Row, rows
from mingcha.desk.onboarding.queries import rule_names
from mingcha.desk.reminders.forms import Filter

PAGE = 50
IGNORED_AFTER = 24
"""Hours without a reaction after which a reminder counts as ignored."""
COUNTED = 10_000
"""Calls the log counts at most: of more, nobody reads the number before it has changed."""
BUDGET = 10
"""Reminders per hundred orders beyond which a practitioner is told more than people read."""
_IGNORED = f"(NOT m.snoozed AND m.outcome IS NULL AND m.last_at < now() - interval '{IGNORED_AFTER} hours')"
_WAITING = f"(NOT m.snoozed AND m.outcome IS NULL AND m.last_at >= now() - interval '{IGNORED_AFTER} hours')"
_TAB = {"": "NOT m.snoozed", "snoozed": "m.snoozed",
        "changed": "m.outcome = 'changed'", "insisted": "m.outcome = 'insisted'", "ignored": _IGNORED,
        "waiting": _WAITING}  # fmt: skip
_SUMS = f"""
    count(*) FILTER (WHERE NOT m.snoozed) AS n, count(*) FILTER (WHERE m.snoozed) AS snoozed,
    coalesce(sum(m.times) FILTER (WHERE NOT m.snoozed), 0)::bigint AS times,
    count(*) FILTER (WHERE m.outcome = 'changed') AS changed,
    count(*) FILTER (WHERE m.outcome = 'insisted') AS insisted, count(*) FILTER (WHERE {_IGNORED}) AS ignored,
    count(*) FILTER (WHERE {_WAITING}) AS waiting,
    coalesce(sum(m.amount_fen) FILTER (WHERE m.outcome = 'changed'), 0)::bigint AS avoided_fen,
    count(*) FILTER (WHERE m.verdict IS NOT NULL) AS judged,
    count(*) FILTER (WHERE m.verdict = 'false_alarm') AS false_alarms
"""
_APART = ("practitioner", "department")
"""What is told apart by provider: their codes are each provider's own."""
_KEPT = ("n", "snoozed", "open", "times", "changed", "insisted", "avoided_fen", "judged", "false_alarms", "orders",
         "told")  # fmt: skip
_WHOSE = "day, provider, environment, department, practitioner"
_FROM_DAYS = """(
    SELECT {whose}, {kept}, 0 AS waiting FROM reminder_day m WHERE {condition}
    UNION ALL SELECT m.day, m.provider, m.environment, coalesce(m.department, ''), coalesce(m.practitioner, ''),
        {zeros}, 1 FROM reminder m WHERE {waiting} AND {condition}
) m"""
"""What days come to without a look at single reminders, but for those still waiting, which are few and new."""
_DAYS_SUMS = ", ".join(f"sum(m.{name})::bigint AS {name}" for name in (*_KEPT, "waiting")) + (
    ", (sum(m.open) - sum(m.waiting))::bigint AS ignored"
)
_NAMES = """LEFT JOIN provider_directory p ON p.provider = m.provider
    LEFT JOIN onboarding o ON o.provider = m.provider"""
_PROVIDER_NAME = "coalesce(o.name, p.name, m.provider)"
_BY = {
    "rule": ("m.rule", "m.rule"), "provider": ("m.provider", _PROVIDER_NAME),
    "department": ("m.department", "coalesce(m.department, '未填写')"),
    "practitioner": ("m.practitioner", "coalesce(m.practitioner, '未填写')"), "day": ("m.day", "m.day::text"),
}  # fmt: skip


# Spelt out as times with a zone: against a plain date no index is used.
_BETWEEN = "{0}.at >= %(since)s::date::timestamptz AND {0}.at < (%(until)s::date + 1)::timestamptz"


def where(chosen: Filter, tab: bool = True) -> tuple[str, dict[str, Any]]:
    """The condition of a filter on `reminder m` with its names joined, and its values."""
    parts, values = ["m.day BETWEEN %(since)s AND %(until)s"], _values(chosen)
    for name in ("provider", "rule", "practitioner", "department", "visit"):
        if values[name]:
            parts.append(f"m.{name} = %({name})s")
    if chosen.environment != "all":
        parts.append("m.environment = %(environment)s")
    if chosen.q:
        parts.append(f"(m.rule = ANY (%(rules)s) OR {_PROVIDER_NAME} ILIKE %(like)s OR m.provider = %(q)s"
                     " OR m.practitioner = %(q)s OR m.visit = %(q)s OR m.message ILIKE %(like)s)")  # fmt: skip
    if tab:
        parts.append(_TAB[chosen.tab])
    return " AND ".join(parts), values


def _values(chosen: Filter) -> dict[str, Any]:
    plain = re.sub(r"([\\%_])", r"\\\1", chosen.q)
    rules = [rule for rule, name in rule_names().items() if chosen.q in name]
    return vars(chosen) | {"like": f"%{plain}%", "rules": rules, "offset": (chosen.page - 1) * PAGE}


def _named(found: list[Row]) -> list[Row]:
    """The rows with their rules' names; a rule that is no more goes by its id."""
    names = rule_names()
    for row in found:
        row["rule_name"] = names.get(row["rule"], row["rule"])
    return found


def days(chosen: Filter) -> list[Row]:
    """What the filter's reminders come to by day, whatever became of them."""
    source, sums, values = _summed(chosen)
    return rows(
        f"SELECT m.day::text AS day, {sums} FROM {source} GROUP BY 1 HAVING sum(m.n + m.snoozed) > 0 ORDER BY 1"
        if _kept(chosen)
        else f"SELECT m.day::text AS day, {sums} FROM {source} GROUP BY 1 ORDER BY 1",
        values,
    )


def _kept(chosen: Filter) -> bool:
    """Whether the totals kept by day say all the filter asks for: not of single rules, visits or words."""
    return not (chosen.rule or chosen.visit or chosen.q)


def _summed(chosen: Filter) -> tuple[str, str, dict[str, Any]]:
    """Where sums come from, what they are, and the filter's values."""
    condition, values = where(chosen, tab=False)
    if not _kept(chosen):
        return f"reminder m {_joined(chosen)} WHERE {condition}", _SUMS, values
    source = _FROM_DAYS.format(whose=_WHOSE, kept=", ".join(_KEPT), zeros=", ".join("0" * len(_KEPT)),
                               waiting=_WAITING, condition=condition)  # fmt: skip
    return source, _DAYS_SUMS, values


def totals(by_day: list[Row]) -> Row:
    """The sums over days: the table is read once for both."""
    names = ("n", "snoozed", "times", "changed", "insisted", "ignored", "waiting", "avoided_fen", "judged",
             "false_alarms")  # fmt: skip
    return {name: sum(day[name] for day in by_day) for name in names}


def _joined(chosen: Filter) -> str:
    """Names of providers are looked up only where the filter asks for them."""
    return _NAMES if chosen.q else ""


def groups(chosen: Filter, limit: int = 200) -> list[Row]:
    """The same by what the filter asks for, the most reminders first, days in order.

    By practitioner, each has its provider, for codes of practitioners are its own, and how often it was told.
    """
    if _kept(chosen) and chosen.by != "rule":
        return _kept_groups(chosen, limit)
    key, name = _BY[chosen.by]
    condition, values = where(chosen, tab=False)
    apart = f", m.provider, {_PROVIDER_NAME} AS provider_name" if chosen.by in _APART else ""
    order = "1" if chosen.by == "day" else "n DESC, 1"
    found = rows(
        f"SELECT {key} AS key, {name} AS name{apart}, {_SUMS} FROM reminder m {_NAMES} WHERE {condition}"
        f" GROUP BY 1, 2{', 3, 4' if apart else ''} ORDER BY {order} LIMIT {int(limit)}",
        values,
    )
    if chosen.by == "rule":
        names = rule_names()
        for row in found:
            row["name"] = names.get(row["key"], row["key"])
    return _with_orders(found, chosen) if chosen.by == "practitioner" else found


def _kept_groups(chosen: Filter, limit: int) -> list[Row]:
    """The same from the totals kept by day; names are looked up for what is shown alone."""
    source, sums, values = _summed(chosen)
    apart = chosen.by in _APART
    key = f"nullif(m.{chosen.by}, '')" if apart else f"m.{chosen.by}"
    name = "coalesce(m.key, '未填写')" if apart else _PROVIDER_NAME if chosen.by == "provider" else "m.key::text"
    order = "1" if chosen.by == "day" else "n DESC, 1"
    found = rows(
        f"SELECT m.*, {name} AS name{f', {_PROVIDER_NAME} AS provider_name' if apart else ''} FROM ("
        f" SELECT {key} AS key, {'max(m.provider)' if chosen.by == 'day' else 'm.provider'} AS provider, {sums}"
        f" FROM {source} GROUP BY 1{'' if chosen.by == 'day' else ', m.provider'} HAVING sum(m.n + m.snoozed) > 0"
        f" ORDER BY {order} LIMIT {int(limit)}) m {_NAMES} ORDER BY {order.replace('1', 'm.key')}",
        values,
    )
    if chosen.by != "practitioner":
        return found
    return _with_orders(found, chosen) if chosen.department else [_tired(row) for row in found]


def _with_orders(found: list[Row], chosen: Filter) -> list[Row]:
    """How many reminders each practitioner was told per hundred orders it asked about, whatever they were about."""
    environment = "" if chosen.environment == "all" else "AND c.environment = %(environment)s"
    told = rows(
        "SELECT c.provider, c.practitioner, sum(c.orders)::bigint AS orders, sum(c.told)::bigint AS told"
        " FROM reminder_day c WHERE c.day BETWEEN %(since)s AND %(until)s"
        f" AND c.practitioner = ANY (%(who)s) {environment} GROUP BY 1, 2",
        _values(chosen) | {"who": [row["key"] for row in found if row["key"]]},
    )
    by = {(row["provider"], row["practitioner"]): row for row in told}
    nothing = {"orders": 0, "told": 0}
    return [_tired(row | by.get((row["provider"], row["key"]), nothing) | {"key": row["key"]}) for row in found]


def _tired(row: Row) -> Row:
    """With how often the practitioner is told per hundred orders; None without orders, or of one who isn't named."""
    fatigue = 100 * row["told"] / row["orders"] if row["key"] and row["orders"] else None
    return row | {"fatigue": fatigue, "tired": fatigue is not None and fatigue > BUDGET}


_LISTED = f"""SELECT m.id, m.number, m.provider, {_PROVIDER_NAME} AS provider_name, m.environment, m.stage, m.rule,
    m.strength, m.certainty, m.amount_fen, m.message, m.instead, m.visit, m.practitioner,
    m.department, m.day, m.first_at, m.last_at, m.times, m.outcome, m.reason, m.reacted_at, m.verdict,
    m.verdict_reason, m.verdict_at, {_IGNORED} AS ignored, m.snoozed, o.provider IS NOT NULL AS registered
    FROM reminder m {_NAMES}"""


def listed(chosen: Filter) -> list[Row]:
    """A page of reminders, the newest first."""
    condition, values = where(chosen)
    return _named(rows(f"{_LISTED} WHERE {condition} ORDER BY m.id DESC LIMIT {PAGE} OFFSET %(offset)s", values))


def every(chosen: Filter, limit: int) -> Iterator[Row]:
    """All reminders under the filter, the newest first; for the export."""
    condition, values = where(chosen)
    with connection.cursor() as cursor:
        cursor.execute(f"{_LISTED} WHERE {condition} ORDER BY m.id DESC LIMIT {int(limit)}", values)
        names = [column[0] for column in cursor.description or ()]
        while some := cursor.fetchmany(2000):
            yield from _named([dict(zip(names, row, strict=True)) for row in some])


def one(number: int) -> Row | None:
    """One reminder; None where there is none within the scope."""
    found = _named(rows(f"{_LISTED} WHERE m.id = %s", [number]))
    return found[0] if found else None


def reactions(reminder: Row) -> list[Row]:
    """What its provider said about a reminder, the newest first."""
    return rows(
        "SELECT at, outcome, reason FROM reaction WHERE reminder = %s AND provider = %s ORDER BY at DESC, id DESC",
        [reminder["number"], reminder["provider"]],
    )


def calls_about(reminder: Row) -> list[Row]:
    """The calls about the same visit, the newest first."""
    return rows(
        "SELECT * FROM reminder_call WHERE provider = %s AND visit = %s ORDER BY at DESC, id DESC LIMIT 30",
        [reminder["provider"], reminder["visit"]],
    )


def newest(after: int | None, limit: int = 12) -> list[Row]:
    """The newest reminders, or those that came after one, the newest first."""
    beyond = "NOT m.snoozed" + ("" if after is None else " AND m.id > %(after)s")
    return _named(rows(f"{_LISTED} WHERE {beyond} ORDER BY m.id DESC LIMIT {int(limit)}", {"after": after}))


def calls(chosen: Filter) -> list[Row]:
    """A page of calls, the newest first."""
    parts, values = _calls_where(chosen)
    return rows(
        "SELECT m.*, coalesce(o.name, p.name, m.provider) AS provider_name FROM reminder_call m"
        " LEFT JOIN provider_directory p ON p.provider = m.provider LEFT JOIN onboarding o ON o.provider = m.provider"
        f" WHERE {parts} ORDER BY m.at DESC, m.id DESC LIMIT {PAGE} OFFSET %(offset)s",
        values,
    )


def call(number: int) -> Row | None:
    """One call with its provider's name, and whether the person's area is one the reader may open people of."""
    found = rows(
        "SELECT m.*, coalesce(o.name, p.name, m.provider) AS provider_name, facts.in_scope(m.fund_area, NULL) AS own"
        " FROM reminder_call m LEFT JOIN provider_directory p ON p.provider = m.provider"
        " LEFT JOIN onboarding o ON o.provider = m.provider WHERE m.id = %s",
        [number],
    )
    return found[0] if found else None


def call_totals(chosen: Filter) -> Row:
    """How many calls the filter means, and how fast they were answered; of the newest COUNTED only."""
    parts, values = _calls_where(chosen)
    return rows(
        "SELECT count(*) AS n, coalesce(sum(m.orders), 0)::bigint AS orders, count(*) FILTER (WHERE m.reminders > 0) AS"
        " hits, count(*) FILTER (WHERE NOT m.whole AND m.refused = '') AS partial,"
        " count(*) FILTER (WHERE m.refused <> '') AS refused, percentile_disc(0.5) WITHIN GROUP (ORDER BY"
        " m.microseconds) AS middle, percentile_disc(0.99) WITHIN GROUP (ORDER BY m.microseconds) AS slow"
        f" FROM (SELECT * FROM reminder_call m WHERE {parts} ORDER BY m.at DESC, m.id DESC LIMIT {COUNTED}) m",
        values,
    )[0]


def _calls_where(chosen: Filter) -> tuple[str, dict[str, Any]]:
    parts = [_BETWEEN.format("m")]
    values = _values(chosen)
    parts += [f"m.{name} = %({name})s" for name in ("provider", "practitioner", "department", "visit", "infno")
              if values[name]]  # fmt: skip
    if chosen.environment != "all":
        parts.append("m.environment = %(environment)s")
    if chosen.hits:
        parts.append("m.reminders > 0")
    if chosen.partial:
        parts.append("NOT m.whole AND m.refused = ''")
    if chosen.refused:
        parts.append("m.refused <> ''")
    return " AND ".join(parts), values


def choices() -> tuple[list[Row], list[Row]]:
    """Providers that asked and rules a gate may remind of, for the filter bars."""
    providers = rows("SELECT DISTINCT m.provider, coalesce(o.name, p.name, m.provider) AS name FROM reminder_total m"
                     " LEFT JOIN provider_directory p ON p.provider = m.provider"
                     " LEFT JOIN onboarding o ON o.provider = m.provider ORDER BY 2 LIMIT 2000")  # fmt: skip
    rules = [{"rule": rule, "rule_name": name} for rule, name in sorted(rule_names().items(), key=lambda one: one[1])]
    return providers, rules


def since_ever(provider: str | None = None) -> Row:
    """Calls and reminders since the beginning, in production and in tests, and the last call."""
    return rows(
        "SELECT coalesce(sum(calls) FILTER (WHERE environment = 'production'), 0)::bigint AS calls,"
        " coalesce(sum(reminders) FILTER (WHERE environment = 'production'), 0)::bigint AS reminders,"
        " coalesce(sum(calls) FILTER (WHERE environment = 'test'), 0)::bigint AS test_calls,"
        " coalesce(sum(reminders) FILTER (WHERE environment = 'test'), 0)::bigint AS test_reminders,"
        " max(last_at) AS last_at FROM reminder_total WHERE %(provider)s::text IS NULL OR provider = %(provider)s",
        {"provider": provider},
    )[0]


def ever(providers: list[str]) -> dict[str, Row]:
    """Calls and reminders since the beginning, tests left out, and the last call of any kind, by provider."""
    found = rows(
        "SELECT provider, coalesce(sum(calls) FILTER (WHERE environment = 'production'), 0)::bigint AS calls,"
        " coalesce(sum(reminders) FILTER (WHERE environment = 'production'), 0)::bigint AS reminders,"
        " max(last_at) AS last_at FROM reminder_total WHERE provider = ANY (%s) GROUP BY 1",
        [providers],
    )
    return {row["provider"]: row for row in found}


def today_so_far(day: date) -> int:
    """Calls of today in production."""
    return rows(
        "SELECT count(*) AS n FROM reminder_call WHERE at >= %s::date::timestamptz AND environment = 'production'",
        [day],
    )[0]["n"]
