"""Parquet files: in the contract's own layout they go straight through, all others become text like any file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from mingcha.records.contract import Table, Type
from mingcha.records.readers.piece import MISSING, ROW, Piece, Scan, columns
from mingcha.terms.errors import InputError

pc: Any = pyarrow.compute  # its functions are made at run time, where no type checker sees them
_ROWS = 250_000
_SLICE = 2_000_000
_WHOLE = (Type.FEN, Type.PRICE, Type.QUANTITY, Type.RATIO, Type.INTEGER, Type.LONG, Type.MINUTES, Type.SECOND)


@dataclass(frozen=True)
class ParquetSource:
    """A Parquet file: its columns and how many rows it has."""

    path: Path
    headers: list[str]
    count: int
    schema: pa.Schema

    def pieces(self) -> Iterator[Piece]:
        """The rows as text; `source_row` is the number of the record from 1."""
        file = pq.ParquetFile(self.path)
        size, done = self.path.stat().st_size, 0
        for batch in file.iter_batches(_ROWS):
            arrays: list[pa.Array] = [as_text(column) for column in batch.columns]
            arrays.append(pa.array(np.arange(done + 1, done + len(batch) + 1, dtype=np.int64)))
            done += len(batch)
            table = pa.table(arrays, names=[*columns(len(self.headers)), ROW])
            yield Piece(table, [], size * done // max(1, self.count))

    def scans(self) -> Iterator[Piece]:
        """The rows as they are, read by DuckDB in slices of bounded memory."""
        size = self.path.stat().st_size
        names = ", ".join(
            f'"{name.replace(chr(34), chr(34) * 2)}" AS c{place}' for place, name in enumerate(self.headers)
        )
        file = str(self.path).replace("'", "''")
        nulls = self._nulls()
        for start in range(0, self.count, _SLICE):
            end = min(start + _SLICE, self.count)
            sql = (
                f"SELECT {names}, file_row_number + 1 AS {ROW} FROM read_parquet('{file}', file_row_number = true) "
                f"WHERE file_row_number >= {start} AND file_row_number < {end}"
            )
            share = tuple(count * (end - start) // self.count for count in nulls)
            yield Piece(Scan(sql, end - start, share), [], size * end // self.count)

    def _nulls(self) -> list[int]:
        """Nulls of each column, from the file's own statistics; 0 where it has none."""
        told = pq.ParquetFile(self.path).metadata
        counts = [0] * len(self.headers)
        for group in range(told.num_row_groups):
            for place in range(len(self.headers)):
                statistics = told.row_group(group).column(place).statistics
                counts[place] += statistics.null_count if statistics and statistics.has_null_count else 0
        return counts

    def typed(self, table: Table) -> bool:
        """Whether the file is in the contract's layout: its names only, each in the contract's type.

        Then money is already fen, prices and quantities ten-thousandths, dates dates, times seconds of the day.
        """
        if not all(field.name in table.names for field in self.schema):
            return False
        if not all(column.name in self.headers for column in table.columns if column.required):
            return False
        kinds = [(table.column(field.name).type, field.type) for field in self.schema]
        return all(_fits(ours, theirs) for ours, theirs in kinds) and any(
            ours in (*_WHOLE, Type.DATE) for ours, _ in kinds
        )


def _fits(ours: Type, theirs: pa.DataType) -> bool:
    if ours in _WHOLE:
        return pa.types.is_integer(theirs)
    if ours is Type.DATE:
        return pa.types.is_date32(theirs)
    if ours is Type.FLAG:
        return pa.types.is_boolean(theirs)
    if pa.types.is_dictionary(theirs):
        return _fits(ours, theirs.value_type)
    return pa.types.is_string(theirs) or pa.types.is_large_string(theirs)


def as_text(column: pa.Array) -> pa.Array:
    """A typed column as the text a file would hold; times with a zone as Shanghai wall time."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return as_text(column.dictionary_decode())
    if pa.types.is_nested(kind):
        return pa.array([None if value is None else str(value) for value in column.to_pylist()], pa.string())
    if pa.types.is_timestamp(kind):
        if kind.tz:
            column = pc.cast(
                pc.local_timestamp(pc.cast(column, pa.timestamp("us", "Asia/Shanghai"))), pa.timestamp("s"), False
            )
        return pc.cast(pc.cast(column, pa.timestamp("s"), safe=False), pa.string())
    if pa.types.is_boolean(kind):
        return pc.if_else(column, "1", "0")
    if pa.types.is_floating(kind):
        whole = pc.equal(column, pc.floor(column))
        small = pc.less(pc.abs(column), 1e15)
        integers = pc.cast(pc.cast(pc.if_else(pc.and_(whole, small), column, None), pa.int64()), pa.string())
        return pc.coalesce(integers, pc.cast(column, pa.string()))
    text = pc.cast(column, pa.string())
    missing = pc.is_in(text, pa.array(MISSING)) if pa.types.is_string(kind) or pa.types.is_large_string(kind) else None
    return text if missing is None else pc.if_else(missing, pa.scalar(None, pa.string()), text)


def open_parquet(path: Path) -> ParquetSource:
    """Open a Parquet file; InputError when it is damaged or has no rows."""
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"打不开 {path.name}：Parquet 文件不完整或已损坏，请重新生成或传输。（{error}）",
            f"{path.name} can't be opened: the Parquet file is incomplete or damaged; please make it again. ({error})",
        ) from error
    count = file.metadata.num_rows
    if count == 0:
        raise InputError(
            f"{path.name} 没有数据行，没有可导入的数据。", f"{path.name} has no rows; there is nothing to import."
        )
    return ParquetSource(path, file.schema_arrow.names, count, file.schema_arrow)
