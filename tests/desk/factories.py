"""Invented audits: flags and lines as an engine would hand them over. Nothing here touches the ORM."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa

from mingcha.desk.audit.actions import Recorded, Scope, record_audit
from mingcha.desk.audit.handover import FLAG, LINE, UNKNOWN
from mingcha.home.directory import Home
from mingcha.knowledge.pack import Pack

AREA, OTHER_AREA = "610329", "411102"


@dataclass(frozen=True)
class InventedRule:
    """The attributes of a pack's rule that the desk reads."""

    id: str
    name: str = "儿童专用药超年龄使用"
    category: str = "policy"
    national_code: str | None = "YP0121"
    kind: str = "restricted_item"
    severity: str = "serious"
    certainty: str = "definite"
    stages: tuple[str, ...] = ("before", "during", "after")


@dataclass(frozen=True)
class InventedPack:
    """A pack with as many rules as wanted."""

    rules: tuple[InventedRule, ...] = (InventedRule("drug-for-children"), InventedRule("service-by-sex"))
    hash: str = "a" * 64
    version: str = "2026.11"
    audited = Pack.audited


def flag(number: str, **change: Any) -> dict[str, Any]:
    """One flag on the line `number`; change what the test is about."""
    row: dict[str, Any] = {
        "rule": "drug-for-children", "rule_version": 1, "certainty": "definite", "frame": "line",
        "key": f"H1|V1|{number}", "fund_area": AREA, "care_area": AREA, "provider": "H1", "person": 42, "visit": "V1",
        "line": number,
        "day": date(2026, 3, 4), "improper_fen": 1000, "quantity": 10_000,
        "knowledge_ids": json.dumps(["k1"]), "witnesses": "[]",
        "why": json.dumps({"node": "and", "value": True}), "message": "年龄超过限定",
    }  # fmt: skip
    return row | change


def line(of: dict[str, Any], number: str | None = None, amount: int | None = None, **change: Any) -> dict[str, Any]:
    """A line that carries (part of) a flag's amount."""
    row = {name: of[name] for name in ("rule", "frame", "key", "fund_area", "provider", "visit")}
    whole = of["improper_fen"] if amount is None else amount
    return row | {
        "line": number or of["line"], "amount_fen": whole, "in_scope_fen": whole,
        "settled_fund_fen": None, "settled_in_scope_fen": None,
    } | change  # fmt: skip


def table(rows: list[dict[str, Any]], columns: Any) -> pa.Table:
    """Rows as the Arrow table of the hand-over."""
    return pa.table({name: pa.array([row.get(name) for row in rows], kind) for name, kind in columns.items()})


@dataclass
class Audits:
    """Records invented audits into a home, numbering watermarks."""

    home: Home
    pack: Any = field(default_factory=InventedPack)
    watermark: int = 0

    def record(
        self, flags: list[dict[str, Any]], lines: list[dict[str, Any]] | None = None, *, scope: Scope | None = None,
        pack: Any = None, unknown: list[dict[str, Any]] | None = None,
    ) -> Recorded:  # fmt: skip
        """Record one audit; without lines, each flag's line carries its whole amount."""
        self.watermark += 1
        lines = [line(one) for one in flags] if lines is None else lines
        return record_audit(
            by="test", home=self.home, watermark=self.watermark, snapshot=self.watermark, pack=pack or self.pack,
            scope=scope or {}, flags=[table(flags, FLAG)], flag_lines=[table(lines, LINE)],
            unknown=[table(unknown or [], UNKNOWN)],
        )  # fmt: skip


def pack_of(*rules: str, mark: str = "a") -> Any:
    """A pack of these rule ids; `mark` makes its hash."""
    return InventedPack(tuple(InventedRule(rule) for rule in rules), mark * 64)
