"""cases.yaml: worked examples a lawyer can read, completed into full rows of the engines' frames.

A case says only what matters; the rest is filled in: provider H1, visit V1, one person, a level-3 hospital, an
outpatient visit of an employee born 1980-01-01. Money is written in fen, unit prices in yuan, quantities in units,
times as '08:30'.
A value written `null` is missing on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from mingcha.knowledge.completion import complete
from mingcha.knowledge.documents import Value
from mingcha.knowledge.pack import CASE_KINDS, VERDICTS, Case

_VERDICT_OF_KIND = {"hit": ("flagged",), "miss": ("clear", "exempt")}


def read_cases(root: Value, kinds: tuple[str, ...] = CASE_KINDS) -> tuple[Case, ...]:
    """The cases of a rule; notes wrong ones, names given twice and which of `kinds` are missing."""
    cases = [case for entry in root.items() if (case := _case(entry))]
    names = [case.name for case in cases]
    for case in cases:
        if names.count(case.name) > 1:
            zh, en = f"案例“{case.name}”重名", f"two cases are called {case.name!r}"
            root.problems.add(root.file, case.line, "name", zh, en)
    for kind in kinds:
        if not any(case.kind == kind for case in cases):
            zh, en = _MEANING[kind]
            root.wrong(f"缺少一个 kind: {kind} 的案例（{zh}）", f"no case of kind {kind} ({en})")
    return tuple(cases)


_MEANING = {
    "hit": ("应当查出", "must be flagged"),
    "miss": ("不应查出", "must not be flagged"),
    "boundary": ("刚好在界限上", "exactly on the limit"),
    "unknown": ("资料缺失时怎样", "what missing data does"),
}


def _case(value: Value) -> Case | None:
    before = len(value.problems.found)
    fields = value.fields(("name", "kind", "verdict", "facts"), ("expect",))
    name = fields["name"].text() if "name" in fields else None
    kind = fields["kind"].text(CASE_KINDS) if "kind" in fields else None
    verdict = fields["verdict"].text(VERDICTS) if "verdict" in fields else None
    facts = _facts(fields["facts"]) if "facts" in fields else {}
    expect = tuple(_expected(entry) for entry in fields["expect"].items()) if "expect" in fields else ()
    if verdict and bool(expect) != (verdict == "flagged"):
        value.wrong(
            "expect 写出被查出的行和金额；只有 flagged 的案例有 expect",
            "expect names the flagged rows and amounts; flagged cases have it, others don't",
        )
    if kind and verdict and verdict not in _VERDICT_OF_KIND.get(kind, VERDICTS):
        allowed = _VERDICT_OF_KIND[kind]
        value.wrong(f"{kind} 案例的结论应是 {'、'.join(allowed)}", f"a {kind} ends in {' or '.join(allowed)}")
    if name is None or kind is None or verdict is None or len(value.problems.found) > before:
        return None
    return Case(name, kind, verdict, complete(facts), expect, value.line)


def _facts(value: Value) -> dict[str, list[dict[str, Any]]]:
    frames = value.fields((), tuple(COLUMNS))
    if not frames:
        value.wrong("案例要有事实", "a case needs facts")
    return {frame: [_row(entry, COLUMNS[frame]) for entry in rows.items()] for frame, rows in frames.items()}


def _row(value: Value, columns: dict[str, Callable[[Value], Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if not value.named():
        return found
    for name, place in value.named().items():
        if name not in columns:
            allowed = "、".join(columns)
            place.wrong(f"没有这一栏；可用：{allowed}", f"no such column; allowed: {', '.join(columns)}")
        else:
            found[name] = None if place.is_null else columns[name](place)
    return found


def _expected(value: Value) -> dict[str, Any]:
    fields = value.fields(("amount_fen",), KEYS)
    if not set(fields) - {"amount_fen"}:
        value.wrong("写明是哪一行，如 line、visit 或 code", "say which row: line, visit or code")
    return {name: place.whole() if name == "amount_fen" else place.text() for name, place in fields.items()}


def _text(value: Value) -> str | None:
    return value.text()


def _whole(value: Value) -> int | None:
    return value.whole()


def _day(value: Value) -> date | None:
    return value.day()


def _truth(value: Value) -> bool | None:
    text = value.text(("true", "false"))
    return None if text is None else text == "true"


def _time(value: Value) -> int | None:
    text = value.text() or ""
    match = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", text)
    if not match:
        value.wrong(f"“{text}”不是时刻，请加引号写成 '08:30'", f"{text!r} is not a time; write '08:30' with quotes")
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds


def _ten_thousandths(value: Value) -> int | None:
    text = value.text() or ""
    try:
        scaled = Decimal(text) * 10_000
    except InvalidOperation:
        scaled = Decimal("0.5")
    if scaled != scaled.to_integral_value():
        value.wrong(f"“{text}”应是最多四位小数的数", f"{text!r} must be a number with at most four decimals")
        return None
    return int(scaled)


KEYS = (
    "line", "visit", "code", "event", "provider", "person", "sequence", "settlement", "prescription", "item", "day",
    "month", "earlier", "report",
)  # fmt: skip
"""Columns by which a case may name a flagged row."""

COLUMNS: dict[str, dict[str, Callable[[Value], Any]]] = {
    "provider": {"provider": _text, "level": _whole, "type": _text, "contract_status": _text},
    "visit": {
        "provider": _text, "visit": _text, "person": _text, "care": _text, "visit_type": _text, "insurance": _text,
        "sex": _text, "birth_date": _day, "start_day": _day, "start_time": _time, "end_day": _day, "end_time": _time,
        "main_diagnosis": _text, "planned_readmission": _truth, "admission_way": _text,
        "discharge_way": _text, "program": _text,
        "practitioner": _text, "ventilator_minutes": _whole, "icu_minutes": _whole, "special_nursing_days": _whole,
        "first_nursing_days": _whole, "second_nursing_days": _whole, "third_nursing_days": _whole,
    },
    "line": {
        "provider": _text, "visit": _text, "line": _text, "person": _text, "item": _text, "day": _day, "time": _time,
        "quantity": _ten_thousandths, "unit_price_yuan": _ten_thousandths, "amount_fen": _whole, "in_scope_fen": _whole,
        "days_supply": _whole, "prescription": _text, "specialty": _text, "takehome": _truth,
        "practitioner": _text, "list_type": _text,
    },
    "diagnosis": {"provider": _text, "visit": _text, "person": _text, "code": _text, "source": _text, "day": _day},
    "operation": {
        "provider": _text, "visit": _text, "person": _text, "sequence": _text, "code": _text, "day": _day,
        "time": _time, "end_time": _time, "is_main": _truth, "practitioner": _text,
    },
    "trace": {
        "provider": _text, "code": _text, "kind": _text, "event": _text, "day": _day, "time": _time, "person": _text,
        "visit": _text, "line": _text, "is_split": _truth, "item": _text,
    },
    "order": {
        "provider": _text, "visit": _text, "order_no": _text, "day": _day, "item": _text, "quantity": _ten_thousandths,
    },
    "report": {
        "provider": _text, "report": _text, "kind": _text, "visit": _text, "person": _text, "item": _text,
        "indicator": _text, "indicator_name": _text, "day": _day, "time": _time, "result": _ten_thousandths,
        "unit": _text, "images": _whole, "study": _text, "is_positive": _truth, "conclusion": _text,
    },
    "device": {
        "provider": _text, "device": _text, "device_class": _text, "valid_from": _day, "valid_until": _day,
    },
    "settlement": {
        "provider": _text, "settlement": _text, "visit": _text, "person": _text, "day": _day, "time": _time,
        "total": _whole, "own_expense": _whole, "invoice": _text, "payable": _whole, "pooled_pay": _whole,
    },
    "practitioner": {"practitioner": _text, "provider": _text, "valid_from": _day, "valid_until": _day,
                     "title": _text},
    "catalogue_item": {"item": _text, "item_class": _text, "valid_from": _day, "valid_until": _day},
    "balance": {
        "provider": _text, "item": _text, "day": _day, "charged": _ten_thousandths, "bought": _ten_thousandths,
        "list_type": _text, "price": _ten_thousandths, "sold_at": _ten_thousandths,
    },
    "routine": {"provider": _text, "month": _day, "item": _text, "done": _whole, "stays": _whole},
    "pen": {"provider": _text, "month": _day, "practitioner": _text, "written": _whole, "prescriptions": _whole},
    "brief": {
        "provider": _text, "visit": _text, "person": _text, "day": _day,
        **dict.fromkeys(("nights", "charges_fen", "drug_fen", "exam_fen", "treatment_fen", "unsorted_fen", "exams"),
                        _whole),
    },
    "census": {"provider": _text, "day": _day, "patients": _whole, "beds": _whole},
    "enrolment": {
        "person": _text, "insurance": _text, "start_day": _day, "end_day": _day, "fund_area": _text,
    },
    "person": {"person": _text, "sex": _text, "birth_date": _day, "death_date": _day},
    "event": {
        "provider": _text, "event": _text, "kind": _text, "day": _day, "time": _time, "visit": _text, "result": _text,
        "terminal": _text, "person": _text,
    },
    "meeting": {
        "provider": _text, "visit": _text, "earlier": _text, "person": _text, "other": _text, "day": _day,
        "time": _time,
    },
    "provider_month": {
        "provider": _text, "month": _day,
        **dict.fromkeys(("charges_fen", "drug_fen", "exam_fen", "consumable_fen", "treatment_fen", "ct_fen", "mri_fen",
                         "unsorted_fen", "uncoded_fen", "stays", "bed_days", "readmissions", "infections"), _whole),
    },
}  # fmt: skip
"""What a case may say about each frame, and how it is written."""
