"""Reading and converting without a lake: a DuckDB connection, and tokens that anybody can foretell."""

from __future__ import annotations

import zlib
from pathlib import Path

import duckdb
import pyarrow as pa

from mingcha.records.mapping import NONE, Mapping
from mingcha.records.sources import find
from mingcha.records.staging import Staging


def token(number: str) -> int:
    """The token the fake tokeniser gives."""
    return zlib.crc32(number.encode())


def staging() -> Staging:
    """An empty staging room."""
    con = duckdb.connect(config={"threads": "2"})
    con.execute("SET TimeZone = 'Asia/Shanghai'")
    return Staging(con, lambda people: pa.array([token(one) for one in people["number"].to_pylist()], pa.int64()))


def staged(path: Path, mapping: Mapping = NONE) -> tuple[Staging, int]:
    """Everything at a path, staged; and how many rows it held."""
    room, rows = staging(), 0
    for found in find([path], mapping)[0]:
        for source in found.sources:
            rows += sum(room.stage(source.label, source.plan, piece) for piece in source.pieces())
            room.finish(source.label, source.plan)
    return room, rows


def refused(room: Staging) -> list[tuple[int, str, str]]:
    """Line, column and Chinese reason of every refused row."""
    return room.con.execute(
        "SELECT source_row, column_name, reason_zh FROM mc_refused ORDER BY source_file, source_row"
    ).fetchall()


HEADER = "费用明细流水号,机构编号,就诊ID,人员编号,费用发生时间,医疗目录编码,项目名称,数量,单价,金额"


def line(number: int = 1, **other: str) -> str:
    """A row below HEADER."""
    cells = {
        "line": f"L{number}", "provider": "H11010500001", "visit": "V1", "person": "110105001", "day": "2025-03-01 08:30:00",
        "item": "XA01", "name": "阿司匹林", "quantity": "2", "price": "1.50", "amount": "3.00",
    } | other  # fmt: skip
    return ",".join(cells.values())


def table(*rows: str) -> str:
    """A CSV of HEADER and these rows."""
    return "\n".join([HEADER, *rows]) + "\n"
