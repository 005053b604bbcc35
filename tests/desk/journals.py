"""Invented journals: what gates would have noted, written by the gate's own journal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from mingcha.gate.journal import Journal
from mingcha.home.directory import Home
from mingcha.terms.calendar import SHANGHAI
from tests.desk.factories import AREA

HOSPITAL = "H61032900001"


def at(hours_ago: float = 1.0) -> str:
    """A moment before now, as a gate writes it."""
    return (datetime.now(SHANGHAI) - timedelta(hours=hours_ago)).isoformat(timespec="milliseconds")


def reminder(number: str, rule: str = "service-by-sex", amount: int = 1000, **change: Any) -> dict[str, Any]:
    """One reminder of a call."""
    return {
        "id": number, "asked": 0, "rule": rule, "version": 1, "strength": "justify", "certainty": "definite",
        "amount_fen": amount, "visit": "V1", "message": "性别与项目不符", **change,
    }  # fmt: skip


def call(*reminders: dict[str, Any], area: str = AREA, orders: int = 4, doctor: str = "D1", **change: Any) -> dict[str, Any]:
    """One call, of production unless told otherwise."""
    asked = {"person": 42, "visit": "V1", "doctor": doctor, "department": "内科", "care_area": area, "fund_area": area,
             "orders": orders}  # fmt: skip
    return {
        "kind": "call", "at": at(), "infno": "3101", "provider": HOSPITAL, "msgid": "M1", "key": "MK0",
        "environment": "production", "bundle": 1, "microseconds": 150, "whole": True, "asked": [asked],
        "reminders": list(reminders), **change,
    }  # fmt: skip


def feedback(number: str, way: str = "2", reason: str | None = None, **change: Any) -> dict[str, Any]:
    """One reaction: changed, or insisted on with a reason."""
    told = {"reminder": number, "stage": "before", "way": "1" if reason else way, "reason": reason}
    return {"kind": "feedback", "at": at(0.5), "provider": HOSPITAL, "msgid": "F", "reactions": [told], **change}


def write(home: Home, entries: Sequence[dict[str, Any]], gate: str = "gate-0") -> None:
    """Append entries to a gate's journal."""
    journal = Journal(home.spool / "gate", gate)
    for entry in entries:
        journal.add(entry["kind"], {name: value for name, value in entry.items() if name != "kind"})
    journal.close()
