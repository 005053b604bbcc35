"""Drawn tables: a world as a person would write it down, run on every engine.

    line  | item | day   | time  | quantity | in_scope
    L1    | A    | 01-05 | 09:00 | 2        | 18.00

The first column of a table names its frame and holds the row's own key. Days are of 2026 unless written out; quantities
in units, money in yuan; an empty cell is missing. What is left out: provider H1, visit V1, one person, quantity 1,
in_scope 10.00.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from mingcha.engines.effective import Effective, effective
from mingcha.engines.words import FEN
from mingcha.knowledge.pack import Basis, Dated, Pack, Row, Rule
from mingcha.rules.frames import FRAMES, PROVIDER_MONTH, STAY_RECORD

SINCE = date(2020, 1, 1)
AREAS = {"fund_area": "330100", "care_area": "330100"}
_TEN_THOUSANDTHS = {"charged", "bought", "price", "sold_at", "quantity", "unit_price"}
_FEN = {"in_scope", "stated", "amount", *FEN}
REGISTERS: dict[str, dict[str, Any]] = {
    "enrolment": {"insurance": "310", "fund_area": "330100"},
    "person": {"since": date(1, 1, 1)},
    "event": {"kind": "identity", **AREAS},
    "settlement": AREAS,
    "order": {},
    "report": {"kind": "imaging", "item": None, "indicator": None, **AREAS},
    "device": {"valid_from": date(1, 1, 1), "valid_until": date(9999, 12, 31)},
    "practitioner": {"valid_until": date(9999, 12, 31)},
    "catalogue_item": {"area": "330100", "item_class": "01", "valid_until": date(9999, 12, 31)},
    "balance": {"day": date(2026, 1, 1), **AREAS},
    "census": AREAS,
    "routine": {"month": date(2026, 1, 1), **AREAS},
    "pen": {"month": date(2026, 1, 1), **AREAS},
    "brief": {"day": date(2026, 1, 1), **AREAS},
}
"""Frames beside visits and what is charged and found in them, and what a drawing leaves out."""
_DAYS = {"death_date", "day", "month", "start_day", "end_day", "birth_date", "valid_from", "valid_until"}
_INTEGERS = {"images", *STAY_RECORD.optional, "done", "written", "prescriptions", "nights", "exams", "one", "other", "stays",
             "bed_days", "readmissions", "infections",
             "patients", "beds", "own_expense", "total", "payable", "pooled_pay", "person", "days_supply", "level"}  # fmt: skip
_TIMES = {"time": "second", "start_time": "start_second", "end_time": "end_second"}
_FLAGS = {"is_positive", "well_formed", "planned_readmission", "is_split", "is_main", "takehome"}


def rule(kind: str, rows: str = "", parameters: dict[str, Any] | None = None, name: str = "rule") -> Rule:
    """A rule of the kind with knowledge drawn as a table (lists separated by ;) and parameters in force since 2020."""
    from mingcha.rules.kind import KINDS, KnowledgeType

    knows = KINDS[kind].knows
    known = []
    for number, cells in enumerate(_cells(rows)):
        values: dict[str, Any] = {}
        for column, cell in cells.items():
            if column in ("valid_from", "valid_to") or not cell:
                continue
            kind_of = knows[column].type
            as_list = kind_of in (KnowledgeType.LIST, KnowledgeType.PREFIXES)
            values[column] = (
                tuple(cell.split(";")) if as_list else int(cell) if kind_of is KnowledgeType.INTEGER else cell
            )
        since, until = _day(cells.get("valid_from") or "") or SINCE, _day(cells.get("valid_to") or "")
        known.append(Row(f"k{number + 1}", values["item"], values["item"], values, since, until, "basis"))
    dated = {n: (Dated(SINCE, v),) for n, v in (parameters or {}).items()}
    return Rule(
        name, 1, kind, name, name, "T00", None, "policy", ("after",), "definite", "high", {"zh": name}, dated,
        (Basis("law"),), tuple(known), (),
    )  # fmt: skip


def pack(*rules: Rule) -> Effective:
    """The rules, laid out for running."""
    return effective(Pack("drawn", "test", "1", SINCE, (), rules))


def world(drawing: str) -> dict[str, list[dict[str, Any]]]:
    """Tables separated by blank lines, as rows by frame. Visits that only lines mention are added."""
    found: dict[str, list[dict[str, Any]]] = {}
    for block in drawing.strip("\n").split("\n\n"):
        head = block.strip().splitlines()[0].split("|")[0].strip()
        for cells in _cells(block):
            found.setdefault(head, []).append(_row(head, cells))
    for line in found.get("line", []):
        visits = found.setdefault("visit", [])
        if not any((v["provider"], v["visit"]) == (line["provider"], line["visit"]) for v in visits):
            visits.append(_row("visit", {"visit": line["visit"], "provider": line["provider"], "start_day": "01-01"}))
    return found


def _cells(block: str) -> list[dict[str, str]]:
    lines = [line for line in block.strip().splitlines() if line.strip() and not set(line.strip()) <= set("-+| ")]
    if not lines:
        return []
    head = [cell.strip() for cell in lines[0].split("|")]
    return [dict(zip(head, (cell.strip() for cell in line.split("|")), strict=True)) for line in lines[1:]]


def _row(frame: str, cells: dict[str, str]) -> dict[str, Any]:
    row: dict[str, Any] = {"provider": "H1", "visit": "V1", "person": 1, **AREAS}
    if frame == "line":
        row |= {"quantity": 10_000, "in_scope": 1_000, "amount": 1_000, "unit_price": 100_000}
    if frame == "visit":
        row |= {"care": "O"}
    if frame == "trace":
        row |= {"event": cells["trace"], "kind": "sale", "visit": None}
    if frame == "operation":
        row |= {"sequence": cells["operation"], "day": date(2026, 1, 1), "is_main": True}
    if frame == "provider_month":
        row = {**dict.fromkeys(PROVIDER_MONTH.optional, 0), **AREAS}
    if frame == "diagnosis":
        row |= {"code": cells["diagnosis"], "source": "x", "day": date(2026, 1, 1)}
    if frame in REGISTERS:
        row |= REGISTERS[frame]
    if frame == "order":
        row |= {"order_no": cells["order"]}
    for name, cell in cells.items():
        row[_TIMES.get(name, name)] = _value(name, cell)
    if frame == "line":
        row = {"code": row["item"], "stated": row["in_scope"], **row}
    if frame == "report":
        row["result"] = int(Decimal(row["result"]) * 10_000) if row.get("result") else None
        row["part"] = "/".join(filter(None, (row["item"], row["indicator"])))
    if frame in ("trace", "diagnosis", "operation", "provider_month", "meeting", *REGISTERS) and frame not in FRAMES[frame].columns:
        del row[frame]
    return row


def _day(cell: str) -> date | None:
    if not cell:
        return None
    return date.fromisoformat(cell if cell.count("-") == 2 else f"2026-{cell}")


def _value(name: str, cell: str) -> Any:
    if not cell:
        return None
    if name in _DAYS:
        return _day(cell)
    if name in _TIMES:
        hours, minutes, *seconds = map(int, cell.split(":"))
        return hours * 3600 + minutes * 60 + (seconds[0] if seconds else 0)
    if name in _TEN_THOUSANDTHS:
        return int(Decimal(cell) * 10_000)
    if name in _FEN:
        return int(Decimal(cell) * 100)
    if name in _FLAGS:
        return cell == "yes"
    return int(cell) if name in _INTEGERS else cell
