"""The person's visits around a finding, as a drawing: a row a provider, stays as bars, visits of a day as dots."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from mingcha.desk.audit import facts
from mingcha.desk.audit.queries import Row, rows

WIDTH, LEFT, RIGHT, TOP, ROW = 1000, 190, 14, 24, 22
"""Of the drawing, in its own units; it scales with the page."""
_ROWS_MOST = 12


@dataclass(frozen=True)
class Mark:
    """One visit in the drawing: where, how long, whether it is the finding's own, and what it says."""

    x: float
    width: float
    y: int
    here: bool
    words: str
    finding: str


def assemble(found: Row) -> dict[str, Any]:
    """The fragment's contents: visits with their findings, and the drawing of them."""
    (scope,) = rows("SELECT facts.sees_all() AS everything, facts.scope_areas() AS areas")
    with facts.snapshot() as lake:
        visits = facts.visits_around(lake, found, None if scope["everything"] else scope["areas"])
    names = {row["provider"]: row["name"] for row in rows(
        "SELECT provider, name FROM provider_directory WHERE provider = ANY(%s)",
        [sorted({visit["provider"] for visit in visits})])}  # fmt: skip
    flagged = {(row["provider"], row["visit"]): row for row in rows(
        "SELECT DISTINCT ON (provider, visit) provider, visit, id, count(*) OVER (PARTITION BY provider, visit) AS n"
        " FROM finding WHERE person = %s AND visit IS NOT NULL AND step <> 'withdrawn'"
        " ORDER BY provider, visit, counted_fen DESC", [found["person"]])}  # fmt: skip
    for visit in visits:
        visit["here"] = (visit["provider"], visit["visit"]) == (found["provider"], found["visit"])
        visit["provider_name"] = names.get(visit["provider"], visit["provider"])
        visit["flagged"] = flagged.get((visit["provider"], visit["visit"]))
    return {"finding": found, "visits": visits, "more": len(visits) == facts.AROUND_MOST} | _drawn(found, visits)


def _drawn(found: Row, visits: list[Row]) -> dict[str, Any]:
    """Providers by their first visit, the finding's own on top; those beyond a dozen share the last row."""
    order = dict.fromkeys([found["provider_name"], *(visit["provider_name"] for visit in visits)])
    lanes = list(order)[:_ROWS_MOST]
    if len(order) > _ROWS_MOST:
        lanes[-1] = f"其他 {len(order) - _ROWS_MOST + 1} 家机构"
    first, last = found["day"] - facts.AROUND, found["day"] + facts.AROUND
    marks = [_mark(visit, lanes, first, last) for visit in visits]
    months = [day for n in range(14) if first < (day := _month(first, n)) <= last]
    return {
        "width": WIDTH, "height": TOP + ROW * len(lanes) + 6, "bottom": TOP + ROW * len(lanes),
        "lanes": [(name, TOP + ROW * n + 15) for n, name in enumerate(lanes)], "marks": marks, "top": TOP,
        "months": [(f"{day:%Y-%m}" if day.month == 1 or n == 0 else f"{day.month}月", _x(day, first, last))
                   for n, day in enumerate(months)],
        "day_x": _x(found["day"], first, last),
    }  # fmt: skip


def _mark(visit: Row, lanes: list[str], first: date, last: date) -> Mark:
    lane = lanes.index(visit["provider_name"]) if visit["provider_name"] in lanes else len(lanes) - 1
    begun, ended = visit["start_day"], min(visit["end_day"] or visit["start_day"], last)
    x = _x(begun, first, last)
    words = f"{begun}" + (f" 至 {visit['end_day']}" if visit["end_day"] and visit["end_day"] != begun else "")
    number = visit["flagged"]["id"] if visit["flagged"] else ""
    return Mark(x, max(6.0, _x(ended, first, last) - x), TOP + ROW * lane + 4, visit["here"],
                f"{visit['provider_name']} {words} {visit['main_diagnosis_name'] or ''}".strip(), number)  # fmt: skip


def _month(day: date, n: int) -> date:
    months = day.year * 12 + day.month - 1 + n
    return date(months // 12, months % 12 + 1, 1)


def _x(day: date, first: date, last: date) -> float:
    span = (last - first) / timedelta(days=1)
    return round(LEFT + (WIDTH - LEFT - RIGHT) * ((day - first) / timedelta(days=1)) / span, 1)
