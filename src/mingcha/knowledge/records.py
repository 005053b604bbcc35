"""Fills in what a case leaves out of registers, events and other records beside visits and fee lines."""

from __future__ import annotations

from datetime import date
from typing import Any

from mingcha.rules.frames import BRIEF, PROVIDER_MONTH

Row = dict[str, Any]
AREA = "330100"
"""Fund area and care area of every row of a case."""

_FIRST = date(1, 1, 1)
_LEFT_OUT: dict[str, Row] = {
    "enrolment": {
        "person": "1", "insurance": "310", "start_day": date(2016, 1, 1), "end_day": None, "fund_area": AREA,
    },
    "person": {"person": "1", "since": _FIRST, "sex": "1", "birth_date": date(1980, 1, 1), "death_date": None},
    "order": {"provider": "H1", "visit": "V1", "item": None, "quantity": 10_000},
    "report": {
        "provider": "H1", "kind": "imaging", "visit": "V1", "item": None, "indicator": None, "indicator_name": None,
        "second": None, "result": None, "unit": None, "images": None, "study": None, "is_positive": None,
        "conclusion": None,
    },
    "device": {"provider": "H1", "valid_from": _FIRST, "valid_until": date(9999, 12, 31)},
    "settlement": {
        "provider": "H1", "visit": "V1", "person": "1", "second": None, "total": 10_000, "own_expense": 0,
        "invoice": None, "payable": 10_000, "pooled_pay": 0,
    },
    "practitioner": {"provider": "H1", "valid_from": _FIRST, "valid_until": date(9999, 12, 31), "title": None},
    "routine": {"provider": "H1", "month": date(2025, 6, 1)},
    "pen": {"provider": "P1", "month": date(2025, 6, 1)},
    "brief": {"provider": "H1", "visit": "V1", **dict.fromkeys(BRIEF.optional, 0)},
    "catalogue_item": {"area": AREA, "valid_from": _FIRST, "valid_until": date(9999, 12, 31), "item_class": "01"},
    "balance": {
        "provider": "H1", "day": date(2025, 6, 2), "list_type": "101", "price": 100_000, "sold_at": 100_000,
        "person": None, "visit": None,
    },
    "census": {"provider": "H1", "beds": 60, "person": None, "visit": None},
    "event": {
        "provider": "H1", "kind": "identity", "visit": "V1", "result": "passed", "terminal": None, "second": None,
    },
    "provider_month": {
        "provider": "H1", "month": date(2025, 6, 1), **dict.fromkeys(PROVIDER_MONTH.optional, 0),
        "fund_area": AREA, "care_area": AREA,
    },
    "meeting": {"provider": "P1", "visit": "V2", "earlier": "V1", "person": "1", "other": "2", "time": 36_000},
}  # fmt: skip
_NUMBERED = {"event": "event", "settlement": "settlement", "order": "order_no", "report": "report", "device": "device"}
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
    full |= {name.removesuffix("_fen"): value for name, value in row.items()}
    if "time" in full:
        full["second"] = full.pop("time")
    if frame in ("settlement", "event", "balance", "census", "brief", "report", "routine", "pen"):
        full |= {"fund_area": AREA, "care_area": AREA}
    if frame == "report":
        full["part"] = "/".join(part for part in (full["item"], full["indicator"]) if part)
    if frame in ("event", "brief", "report"):
        own = (v["person"] for v in visits if (v["provider"], v["visit"]) == (full["provider"], full["visit"]))
        full.setdefault("person", next(own, None))
    if "day" not in full and "visit" in full:
        own = (v["start_day"] for v in visits if (v["provider"], v["visit"]) == (full["provider"], full["visit"]))
        full["day"] = next(own, date(2025, 6, 2))
    return full
