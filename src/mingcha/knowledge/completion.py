"""Fills in what a case leaves out, so that its few words become complete rows of the engines' frames."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from mingcha.knowledge.records import AREA, Row, records

BORN = date(1980, 1, 1)
VISIT_TYPE = {"O": "11", "E": "13", "S": "14", "I": "21", "P": "41", "N": "11"}
INTERNET = "5"


def complete(facts: dict[str, list[Row]]) -> dict[str, tuple[Row, ...]]:
    """Every frame with all its logical columns; visits and providers that are only mentioned are added."""
    persons: dict[str, int] = {}
    lines = [_line(row, number) for number, row in enumerate(facts.get("line", []), start=1)]
    visits = [_named(row) for row in facts.get("visit", [])]
    traces = [_trace(row, number) for number, row in enumerate(facts.get("trace", []), start=1)]
    diagnoses = [{"source": "2304", **_named(row)} for row in facts.get("diagnosis", [])]
    operations = [_operation(row, number) for number, row in enumerate(facts.get("operation", []), start=1)]
    for row in (*lines, *diagnoses, *operations, *traces):
        if row["visit"] is not None and not _find(visits, row):
            visits.append({"provider": row["provider"], "visit": row["visit"], "person": row.get("person", "1")})
    visits = [_visit(row, (*lines, *diagnoses, *operations)) for row in visits]
    for row in (*lines, *diagnoses, *operations, *traces):
        own = _find(visits, row)
        row.setdefault("person", own["person"] if own else None)
        row.setdefault("day", own["start_day"] if own else None)
    others = records(facts, visits)
    for row in (*visits, *lines, *diagnoses, *operations, *traces, *(r for rows in others.values() for r in rows)):
        if "person" not in row:
            continue
        row["person"] = None if row["person"] is None else persons.setdefault(row["person"], len(persons) + 1)
        row |= {"fund_area": row.get("fund_area", AREA), "care_area": AREA}
    for row in others["meeting"]:
        other = persons.setdefault(row["other"], len(persons) + 1)
        row |= {"one": min(row["person"], other), "other": max(row["person"], other)}
    at = [row for rows in others.values() for row in rows if row.get("provider")]
    providers = _providers(facts.get("provider", []), (*visits, *lines, *traces, *at))
    found = {
        "provider": providers, "visit": visits, "line": lines, "diagnosis": diagnoses, "operation": operations,
        "trace": traces, **others,
    }  # fmt: skip
    return {frame: tuple(rows) for frame, rows in found.items()}


def _named(row: Row) -> Row:
    return {"provider": "H1", "visit": "V1"} | row


def _find(visits: list[Row], row: Row) -> Row | None:
    key = (row["provider"], row["visit"])
    return next((visit for visit in visits if (visit["provider"], visit["visit"]) == key), None)


def _line(row: Row, number: int) -> Row:
    full = _named(
        {
            "line": f"L{number}",
            "quantity": 10_000,
            "days_supply": None,
            "prescription": None,
            "specialty": None,
            "takehome": False,
            "practitioner": None,
        }
        | row
    )
    full["second"] = full.pop("time", None)
    price, amount = full.pop("unit_price_yuan", None), full.pop("amount_fen", None)
    if amount is None:
        amount = 10_000 if price is None else (price * full["quantity"] + 500_000) // 1_000_000
    if price is None and "unit_price_yuan" not in row and full["quantity"]:
        price = amount * 1_000_000 // full["quantity"]
    stated = full.pop("in_scope_fen", amount)
    named = (full.get("item") or "名称:").startswith("名称:")
    full = {"code": None if named else full["item"], "list_type": None, "stated": stated} | full
    return full | {"unit_price": price, "amount": amount, "in_scope": amount if stated is None else stated}


def _trace(row: Row, number: int) -> Row:
    nowhere = {"provider": "H1", "visit": None, "line": None}
    full = {**nowhere, "kind": "sale", "event": f"E{number}", "is_split": False} | row
    full["second"] = full.pop("time", None)
    return full | {"well_formed": re.fullmatch(r"8\d{19}", full["code"]) is not None}


def _operation(row: Row, number: int) -> Row:
    full = _named({"sequence": str(number), "is_main": number == 1} | row)
    full["second"], full["end_second"] = full.pop("time", None), full.pop("end_time", None)
    return full


def _visit(row: Row, inside: Iterable[Row]) -> Row:
    full = _named({
        "person": "1", "care": "O", "insurance": "310", "sex": "1", "birth_date": BORN, "main_diagnosis": None,
        "planned_readmission": False, "admission_way": None,
        "discharge_way": None, "program": None, "start_time": None, "end_time": None,
    } | row)  # fmt: skip
    key = (full["provider"], full["visit"])
    days = [o["day"] for o in inside if (o["provider"], o["visit"]) == key and o.get("day")]
    full.setdefault("start_day", min(days, default=date(2025, 6, 2)))
    full.setdefault("end_day", None if full["care"] == "I" else full["start_day"])
    full.setdefault("visit_type", VISIT_TYPE.get(full["care"] or ""))
    full["channel"] = INTERNET if full["care"] == "N" else None
    full["start_second"], full["end_second"] = full.pop("start_time"), full.pop("end_time")
    return full


def _providers(given: list[Row], mentioned: Iterable[Row]) -> list[Row]:
    found = {(row := {"provider": "H1"} | entry)["provider"]: row for entry in given}
    for row in mentioned:
        found.setdefault(row["provider"], {"provider": row["provider"]})
    return [_provider(row) for row in found.values()]


def _provider(row: Row) -> Row:
    full = {"level": 3, "type": "1", "area": AREA, "valid_from": None, "valid_to": None} | row
    return full | {"level_text": None if full["level"] is None else str(full["level"])}
