"""Rows as the importer hands them over, from short Python dictionaries."""

from __future__ import annotations

from datetime import date
from typing import Any

from mingcha.records.commit import BatchResult, commit_batch
from mingcha.records.lake import Lake
from mingcha.records.tables import TABLES

_EXTRA = {"fund_area": "VARCHAR", "care_area": "VARCHAR", "day": "DATE", "source_row": "BIGINT",
          "source_file": "VARCHAR", "ext": "VARCHAR", "ext_money": "BIGINT"}  # fmt: skip

LINE = {"provider": "H33010000001", "visit": "V1", "person": 7, "item": "XA01", "item_name": "药", "quantity": 10000,
        "amount": 1000, "in_scope": 900, "service_day": date(2025, 3, 1)}  # fmt: skip


def stage(lake: Lake, name: str, rows: list[dict[str, Any]]) -> None:
    """`staged_<name>` with these rows; what a row doesn't say is null."""
    table = TABLES[name]
    types = {c.name: c.type.duckdb for c in table.stored} | _EXTRA
    lake.con.execute(f"CREATE OR REPLACE TEMP TABLE staged_{name} ({', '.join(f'{n} {t}' for n, t in types.items())})")
    for number, row in enumerate(rows, 1):
        full = {"fund_area": "330100", "care_area": "330100", "source_row": number, "source_file": "a.csv"} | row
        full["day"] = row.get(table.day or "")
        full["ext_money"] = row.get(table.money or "", 0)
        names = [n for n in types if n in full]
        marks = ", ".join("?" for _ in names)
        lake.con.execute(f"INSERT INTO staged_{name} ({', '.join(names)}) VALUES ({marks})", [full[n] for n in names])


def lines(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    """Fee lines: LINE with what each row says differently."""
    return [LINE | row for row in rows]


def bring(lake: Lake, rows: list[dict[str, Any]], source: str, name: str = "fee_line", **options: Any) -> BatchResult:
    """Stage and commit one batch; `source` stands for the hash of its bytes."""
    stage(lake, name, rows)
    return commit_batch(lake, source_hash=source, mapping_hash="none", by="test", files=[f"{source}.csv"], **options)
