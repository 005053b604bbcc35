"""How many findings there are, without counting them: sums of `finding_count`, which every writing transaction adds to.

What the counts don't know (a keyword, days, an amount, a person) is counted in the findings themselves, up to LIMIT.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from mingcha.desk.audit.forms import CERTAIN, TABS, Filter, tab_of
from mingcha.desk.audit.queries import Row, last_audit, rows, where

LIMIT = 10_000
"""Findings counted one by one at most; beyond it a page says "10,000+"."""


@dataclass(frozen=True)
class Count:
    """Findings and their money in fen. `more`: there are more than these, and the money isn't known."""

    n: int = 0
    fen: int = 0
    more: bool = False

    def __bool__(self) -> bool:
        return self.n > 0

    def __add__(self, other: Count) -> Count:
        return Count(self.n + other.n, self.fen + other.fen, self.more or other.more)


Counts = dict[str, Count | None]
"""By tab; None where it isn't known without reading them all."""


def of_tabs(chosen: Filter) -> Counts:
    """The count of every tab under the filter; where there are too many to count, of the chosen tab alone."""
    if _kept(chosen):
        return _sums(chosen)
    found = _up_to(*where(chosen, tab=False))
    if sum(row["n"] for row in found) <= LIMIT:
        return _by_tab(found)
    found = _up_to(*where(chosen))
    one = Count(sum(row["n"] for row in found), sum(row["fen"] for row in found))
    return dict.fromkeys(TABS) | {chosen.tab: Count(LIMIT, 0, more=True) if one.n > LIMIT else one}


def _kept(chosen: Filter) -> bool:
    """Whether the filter asks for nothing but what is counted: a rule or a provider, a certainty."""
    plain = Filter(tab=chosen.tab, sort=chosen.sort, certainty=chosen.certainty)
    return chosen in (plain, replace(plain, rule=chosen.rule), replace(plain, provider=chosen.provider))


def _sums(chosen: Filter) -> Counts:
    found = rows(
        "SELECT c.step, c.certainty, sum(c.n)::bigint AS n, sum(c.fen)::bigint AS fen FROM finding_count c"
        " WHERE c.provider = %(provider)s AND c.rule = %(rule)s AND c.month = ''"
        " AND (%(certainty)s = '' OR c.certainty = %(certainty)s) GROUP BY 1, 2",
        {"provider": chosen.provider, "rule": chosen.rule, "certainty": chosen.certainty},
    )
    return _by_tab(found)


def _up_to(condition: str, values: dict[str, Any]) -> list[Row]:
    """By step and certainty, of the first LIMIT + 1 that the condition holds for."""
    return rows(
        "SELECT step, certainty, count(*) AS n, sum(counted_fen)::bigint AS fen FROM (SELECT f.step, f.certainty,"
        f" f.counted_fen FROM finding f WHERE {condition} LIMIT {LIMIT + 1}) counted GROUP BY 1, 2",
        values,
    )


def _by_tab(found: list[Row]) -> Counts:
    counted: Counts = dict.fromkeys(TABS, Count())
    for row in found:
        here = Count(row["n"], row["fen"])
        certain = [row["certainty"]] if row["step"] == "first" and row["certainty"] in CERTAIN else []
        for tab in (tab_of(row["step"]), "all", *certain):
            counted[tab] = (counted[tab] or Count()) + here
    return counted


def open_findings() -> int:
    """Findings before the first review within the scope: the number beside the menu."""
    return rows("SELECT coalesce(sum(n), 0)::bigint AS n FROM finding_count"
                " WHERE provider = '' AND rule = '' AND month = '' AND step = 'first'")[0]["n"]  # fmt: skip


def of_open(by: str) -> list[Row]:
    """Open findings and their money by `certainty`, `rule`, `provider` or `month`: what it is, n, fen."""
    told = {"certainty": "c.provider = '' AND c.rule = ''", "rule": "c.provider = '' AND c.rule > ''",
            "provider": "c.provider > '' AND c.month = ''", "month": "c.provider > '' AND c.month > ''"}  # fmt: skip
    return rows(
        f"SELECT c.{by}, sum(c.n)::bigint AS n, sum(c.fen)::bigint AS fen FROM finding_count c"
        f" WHERE {told[by]} AND c.step = 'first' GROUP BY 1 HAVING sum(c.n) > 0"
    )


def overview() -> Row:
    """The numbers above the list: open findings by certainty, month and rule, and the newest audit."""
    names = {row["rule"]: row["name"] for row in rows("SELECT rule, name FROM rule_directory")}
    by_rule = [row | {"name": names.get(row["rule"], row["rule"])} for row in of_open("rule")]
    certain = of_open("certainty")
    return {
        "total": {name: sum(row[name] for row in certain) for name in ("n", "fen")},
        "certainty": {row["certainty"]: row for row in certain},
        "months": sorted(of_open("month"), key=lambda row: row["month"])[-12:],
        "rules": sorted(by_rule, key=lambda row: (-row["fen"], -row["n"], row["rule"])),
        "providers": len(of_open("provider")),
        "audit": last_audit(),
    }


def choices() -> tuple[list[Row], list[Row]]:
    """Providers and rules that have findings, for the filter bar."""
    providers = rows(
        "SELECT p.provider, p.name FROM provider_directory p WHERE p.provider IN (SELECT c.provider"
        " FROM finding_count c WHERE c.provider > '' AND c.month = '') ORDER BY p.name LIMIT 2000"
    )
    rules = rows("SELECT rule, name, national_code FROM rule_directory ORDER BY name")
    return providers, rules
