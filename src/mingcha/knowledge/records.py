"""Fills in what a case leaves out of registers, events and other records beside visits and fee lines."""

from __future__ import annotations

from datetime import date
from typing import Any

Row = dict[str, Any]
AREA = "330100"
"""Fund area and care area of every row of a case."""

_FIRST = date(1, 1, 1)
_LEFT_OUT: dict[str, Row] = {
    "enrolment": {
        "person": "1", "insurance": "310", "start_day": date(2016, 1, 1), "end_day": None, "fund_area": AREA,
    },
    "person": {"person": "1", "since": _FIRST, "sex": "1", "birth_date": date(1980, 1, 1), "death_date": None},
    "event": {
        "provider": "H1", "kind": "identity", "visit": "V1", "result": "passed", "terminal": None, "second": None,
    },
}  # fmt: skip
_NUMBERED = {"event": "event"}
"""By frame, the column that numbers its rows where the case does not."""


def records(facts: dict[str, list[Row]], visits: list[Row]) -> dict[str, list[Row]]:
    """The case's rows of these frames, complete. A row without a day takes that of its visit."""
    return {
        frame: [_row(frame, row, place, visits) for place, row in enumerate(facts.get(frame, []), start=1)]
        for frame in _LEFT_OUT
    }


def _row(frame: str, row: Row, place: int, visits: list[Row]) -> Row:
    full = dict(_LEFT_OUT[frame])
    if frame in _NUMBERED:
        full[_NUMBERED[frame]] = f"{frame[0].upper()}{place}"
    full |= row
    if "time" in full:
        full["second"] = full.pop("time")
    if "day" not in full and "visit" in full:
        own = (v["start_day"] for v in visits if (v["provider"], v["visit"]) == (full["provider"], full["visit"]))
        full["day"] = next(own, date(2025, 6, 2))
    return full
