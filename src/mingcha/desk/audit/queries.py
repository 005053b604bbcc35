"""Reads of the worklist: filtered findings, true counts, neighbours, overview. Row security narrows all of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import connection

from mingcha.desk.audit.forms import CERTAIN, ENDED, Filter
from mingcha.records import identity

PAGE = 50
_JSONB = 3802  # Django hands jsonb over as text
Row = dict[str, Any]

_COLUMNS = """
    f.id, f.rule, coalesce(r.name, f.rule) AS rule_name, r.national_code, f.certainty, f.state, f.step, f.due,
    f.due < current_date AS late, f.extended, f.paused_left, f.assignee,
    coalesce(w.display_name, f.assignee) AS assignee_name, f.provider,
    coalesce(p.name, f.provider) AS provider_name, p.level AS provider_level, p.type AS provider_type, f.fund_area,
    f.care_area, f.person, f.visit, f.line, f.day, f.improper_fen, f.counted_fen, f.fund_loss_fen, f.lines,
    f.visit_type, f.department, f.practitioner, f.practitioner_name, f.item_name, f.withdrawn_reason
"""
_FROM = """
    FROM finding f
    LEFT JOIN rule_directory r ON r.rule = f.rule LEFT JOIN provider_directory p ON p.provider = f.provider
    LEFT JOIN account w ON w.username = f.assignee
"""
_SORT_COLUMN = {"amount": "f.counted_fen", "day": "f.day"}


def rows(query: str, values: Any = None) -> list[Row]:
    """The rows of a query as dictionaries."""
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        columns = cursor.description or ()
        return [
            {column.name: json.loads(value) if column.type_code == _JSONB and value else value
             for column, value in zip(columns, row, strict=True)}
            for row in cursor.fetchall()
        ]  # fmt: skip


@dataclass(frozen=True)
class Page:
    """One page of findings in order, and the cursors of its neighbours (None at the ends)."""

    rows: list[Row]
    before: str | None
    after: str | None


def where(chosen: Filter, *, tab: bool = True) -> tuple[str, dict[str, Any]]:
    """The condition of a filter on `finding f`, and its values. Without `tab`, what all tabs share."""
    parts, values = ["true"], dict[str, Any]()
    for name in ("provider", "rule", "certainty", "person", "practitioner"):
        if value := getattr(chosen, name):
            parts.append(f"f.{name} = %({name})s")
            values[name] = value
    for name, condition in (("since", "f.day >= %(since)s"), ("until", "f.day <= %(until)s"),
                            ("least_fen", "f.counted_fen >= %(least_fen)s")):  # fmt: skip
        if (value := getattr(chosen, name)) is not None:
            parts.append(condition)
            values[name] = value
    if chosen.late:  # what has ended is never late, and looking for it would read all of it
        parts.append("false" if tab and chosen.tab in ENDED else "f.due < current_date")
    if chosen.today:
        parts.append("f.due = current_date")
    if chosen.mine:
        parts.append("f.assignee = facts.own_account()")
    if chosen.q:
        condition, told = _keyword(chosen.q)
        parts.append(condition)
        values |= told
    if tab and chosen.tab != "all":
        certain = chosen.tab in CERTAIN
        parts.append("f.step = 'first' AND f.certainty = %(tab)s" if certain else "f.tab = %(tab)s")
        values["tab"] = chosen.tab
    return " AND ".join(parts), values


def _keyword(q: str) -> tuple[str, dict[str, Any]]:
    """Findings of the rules, providers and items named so, or of the number or visit that begins or is so.

    Names are looked up first: under row security PostgreSQL reads no index for LIKE (docs/adr/0021), and of what they
    stand for it knows how many findings there are.
    """
    like, start = f"%{_escaped(q)}%", q.upper()
    named = rows(
        "SELECT 'rules' AS what, rule AS code FROM rule_directory"
        " WHERE name ILIKE %(like)s OR rule ILIKE %(like)s OR national_code ILIKE %(like)s"
        " UNION ALL SELECT 'providers', provider FROM provider_directory"
        " WHERE name ILIKE %(like)s OR provider ILIKE %(like)s"
        " UNION ALL SELECT 'items', name FROM finding_item WHERE name ILIKE %(like)s",
        {"like": like},
    )
    parts, values = ["f.visit = %(visit)s"], dict[str, Any](visit=q)
    if start.isascii():  # numbers and codes: whatever begins so
        parts.append("(f.{0} >= %(start)s AND f.{0} < %(end)s)".format("id" if start.startswith("YD") else "provider"))
        values |= {"start": start, "end": start[:-1] + chr(ord(start[-1]) + 1)}
    for what, column in (("rules", "rule"), ("providers", "provider"), ("items", "item_name")):
        if codes := [row["code"] for row in named if row["what"] == what]:
            parts.append(f"f.{column} = ANY(%({what})s)")
            values[what] = codes
    return f"({' OR '.join(parts)})", values


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _order(chosen: Filter, backwards: bool = False) -> str:
    """Newest or largest first, ties by number; the index is read either way."""
    falling = chosen.sort.startswith("-") != backwards
    column = _SORT_COLUMN[chosen.sort.lstrip("-")]
    return f"{column} DESC, f.id" if falling else f"{column}, f.id DESC"


def _beyond(chosen: Filter, backwards: bool = False) -> str:
    """Rows after (or before) the position (at, id) in the order; the first half is where the index is entered."""
    falling = chosen.sort.startswith("-") != backwards
    column = _SORT_COLUMN[chosen.sort.lstrip("-")]
    signs = ("<", ">") if falling else (">", "<")
    return f"{column} {signs[0]}= %(at)s AND ({column} {signs[0]} %(at)s OR f.id {signs[1]} %(at_id)s)"


def page(chosen: Filter, after: str = "", before: str = "") -> Page:
    """A page of findings; `after` and `before` are cursors of another page. A wrong cursor means the first page."""
    condition, values = where(chosen)
    position = _position(chosen, before or after)
    backwards = bool(before) and position is not None
    if position is not None:
        condition += " AND " + _beyond(chosen, backwards)
        values |= position
    query = f"SELECT {_COLUMNS} {_FROM} WHERE {condition} ORDER BY {_order(chosen, backwards)} LIMIT {PAGE + 1}"
    found = rows(query, values)
    more, found = len(found) > PAGE, found[:PAGE]
    if backwards:
        found.reverse()
    first = bool(found) and (more if backwards else position is not None)
    last = bool(found) and (True if backwards else more)
    return Page(
        named(found),
        cursor_of(chosen, found[0]) if first else None,
        cursor_of(chosen, found[-1]) if last else None,
    )


def cursor_of(chosen: Filter, row: Row) -> str:
    """Where a row stands in the order, for the address."""
    value = row["counted_fen" if chosen.sort.endswith("amount") else "day"]
    return f"{value}~{row['id']}"


def _position(chosen: Filter, cursor: str) -> dict[str, Any] | None:
    value, _, number = cursor.partition("~")
    try:
        at: int | date = int(value) if chosen.sort.endswith("amount") else date.fromisoformat(value)
    except ValueError:
        return None
    return {"at": at, "at_id": number}


def neighbours(chosen: Filter, row: Row) -> tuple[str | None, str | None]:
    """The findings before and after this one in the filtered list."""
    condition, values = where(chosen)
    values |= _position(chosen, cursor_of(chosen, row)) or {}
    found = []
    for backwards in (True, False):
        beyond, order = _beyond(chosen, backwards), _order(chosen, backwards)
        one = rows(f"SELECT f.id FROM finding f WHERE {condition} AND {beyond} ORDER BY {order} LIMIT 1", values)
        found.append(one[0]["id"] if one else None)
    return found[0], found[1]


def every(chosen: Filter, limit: int) -> Iterator[Row]:
    """All findings under the filter, in order, with the newest message; for the export."""
    condition, values = where(chosen)
    query = (
        f"SELECT {_COLUMNS}, o.message {_FROM} LEFT JOIN observation o ON o.id = f.latest_observation"
        f" WHERE {condition} ORDER BY {_order(chosen)} LIMIT {int(limit)}"
    )
    with connection.chunked_cursor() as cursor:  # a million rows at once would be gigabytes
        cursor.execute(query, values)
        while some := cursor.fetchmany(2000):
            names = [column[0] for column in cursor.description or ()]
            yield from named([dict(zip(names, row, strict=True)) for row in some])


def named(found: list[Row]) -> list[Row]:
    """The rows with what is known of their persons under `who` ({} where nothing is, or where out of scope)."""
    wanted = {row["person"] for row in found if row.get("person") is not None}
    connection.ensure_connection()
    people = identity.unsealed(settings.HOME, connection.connection, wanted) if wanted else {}
    for row in found:
        row["who"] = people.get(row["person"], {}) if row.get("person") is not None else {}
    return found


def last_audit() -> Row | None:
    """The newest finished audit with its totals in scope; None before the first."""
    found = rows("SELECT id, started_at::text AS at, facts.scope_areas() AS areas FROM audit WHERE status = 'done'"
                 " ORDER BY id DESC LIMIT 1")  # fmt: skip
    return _totals(found[0]["id"], found[0]["at"], tuple(found[0]["areas"])) if found else None


@lru_cache(maxsize=500)  # a finished audit's totals are added up from a hundred thousand rows and never change
def _totals(number: int, at: str, areas: tuple[str, ...]) -> Row:
    del number, at, areas
    return audits(1, done=True)[0]


def audits(limit: int, done: bool = False) -> list[Row]:
    """Audits, the newest first, with their totals within the scope."""
    return rows(f"""
        SELECT a.*, c.findings, c.lines, c.counted_fen, c.added, c.withdrawn, coalesce(u.unknown, 0) AS unknown
        FROM (SELECT * FROM audit {"WHERE status = 'done'" if done else ""} ORDER BY id DESC LIMIT {int(limit)}) a
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(findings), 0)::bigint AS findings, coalesce(sum(lines), 0)::bigint AS lines,
                   coalesce(sum(counted_fen), 0)::bigint AS counted_fen, coalesce(sum(added), 0)::bigint AS added,
                   coalesce(sum(withdrawn), 0)::bigint AS withdrawn
            FROM audit_count WHERE audit_id = a.id) c
        CROSS JOIN LATERAL (SELECT sum(count)::bigint AS unknown FROM cannot_tell WHERE audit_id = a.id) u
        ORDER BY a.id DESC""")


def unknowns(audit: int) -> list[Row]:
    """What an audit could not judge, by rule and missing column, the most rows first."""
    return rows(
        "SELECT u.rule, coalesce(r.name, u.rule) AS name, u.missing, sum(u.count)::bigint AS n,"
        " count(DISTINCT u.provider) AS providers FROM cannot_tell u LEFT JOIN rule_directory r USING (rule)"
        " WHERE u.audit_id = %s GROUP BY 1, 2, 3 ORDER BY n DESC LIMIT 200",
        [audit],
    )
