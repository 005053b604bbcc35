"""Worlds as rows of the lake's tables, so that an engine that reads files can be asked about them.

What is counted together (balances, months, meetings) is left to the engines' own counting, over these rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from mingcha.records.commit import commit_batch
from mingcha.records.lake import Lake
from mingcha.records.tables import TABLES
from mingcha.terms.codes import LEVEL_OF_GRADE

TABLE_OF = {"line": "fee_line", "order": "order_line"}
"""Tables named otherwise than the frame; the rest have the frame's name."""
_SECOND = {
    "line": "service_second", "operation": "start_second", "trace": "moved_second", "event": "event_second",
    "settlement": "settled_second", "report": "performed_second",
}  # fmt: skip
_VISIT_TYPE = {"O": "11", "E": "13", "S": "14", "I": "21", "P": "41"}
_GRADE = {level: grade for grade, level in reversed(LEVEL_OF_GRADE.items())}
_CHARGE_TYPE = {"A": "09", "B": "03", "C": "05", "D": "10", "E": "03", "T1": "08"}
_ALWAYS = date(9999, 12, 31)
_SOME_DAY = date(2026, 1, 1)
_STAGED = {"fund_area": pa.string(), "care_area": pa.string(), "day": pa.date32(), "source_row": pa.int64(),
           "source_file": pa.string(), "ext": pa.string(), "ext_money": pa.int64()}  # fmt: skip
_TYPES = {"BIGINT": pa.int64(), "INTEGER": pa.int32(), "DATE": pa.date32(), "BOOLEAN": pa.bool_()}


def store(lake: Lake, world: Mapping[str, Iterable[Mapping[str, Any]]]) -> int:
    """Bring a world into an empty lake as one batch, as an import does; how many rows that were."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for frame, found in world.items():
        for row in found:
            for table, one in _rows(frame, dict(row)):
                rows[table].append(one)
    for name, table in TABLES.items():
        kinds = {c.name: _TYPES.get(c.type.duckdb, pa.string()) for c in table.stored} | _STAGED
        told = [one | {"source_row": n, "source_file": "world", "ext_money": 0} for n, one in enumerate(rows[name], 1)]
        columns = {column: pa.array([one.get(column) for one in told], kind) for column, kind in kinds.items()}
        lake.con.register("arriving", pa.table(columns))
        lake.con.execute(f"CREATE TEMP TABLE staged_{name} AS SELECT DISTINCT ON ({', '.join(table.key)}) * FROM arriving")
        lake.con.unregister("arriving")
    lake.con.execute("CREATE TEMP TABLE staged_quarantine AS SELECT * EXCLUDE (batch_seq) FROM lake.quarantine")
    return commit_batch(lake, source_hash="world", mapping_hash="none", by="test", files=["world"]).accepted


def _rows(frame: str, row: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The row in the columns of its table, and what other tables have to say for it."""
    table = TABLE_OF.get(frame, frame)
    if table not in TABLES:
        if frame == "balance":
            yield "movement", _bought(row)
        return
    if (day := TABLES[table].day) is not None:
        row["day"] = row[day] = row.get("day") or row.get(day) or _SOME_DAY
    if frame in _SECOND:
        row[_SECOND[frame]] = row.get("second")
    if "valid_until" in row:
        until = row["valid_until"]
        row["valid_to"] = None if until in (None, _ALWAYS) else until - timedelta(days=1)
    if "fund_area" in row:
        row["fund_area_source"] = row["fund_area"]
    if frame == "visit":
        row |= {"visit_type": _VISIT_TYPE.get(row.get("care") or ""), "disease_program": row.get("program")}
        row["channel"] = "5" if row.get("care") == "N" else None
    if frame == "provider":
        row |= {"level": _GRADE.get(row.get("level")), "name": row["provider"]}
    if frame == "line":
        row |= {"in_scope": row.get("stated", row.get("in_scope")), "charge_type": _CHARGE_TYPE.get(row["item"])}
        if (specialty := row.get("specialty")) is not None:
            row["executing_department"] = specialty
            yield "department", {"provider": row["provider"], "department": specialty, "specialty": specialty}
    yield table, row


def _bought(row: dict[str, Any]) -> dict[str, Any]:
    """The purchase behind a balance."""
    own = {name: row.get(name) for name in ("provider", "item", "fund_area", "care_area", "day")}
    return own | {
        "movement": row["item"], "kind": "purchase", "quantity": row["bought"], "unit_price": row.get("price"),
        "moved_day": row["day"],
    }  # fmt: skip
