"""Arrow arrays in the contract's types: coded texts, padded numbers, dates, and whole tables with every column."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mingcha.records.contract import Type
from mingcha.records.tables import TABLES
from mingcha.sample.draft import NONE

_ARROW = {
    Type.FEN: pa.int64(),
    Type.PRICE: pa.int64(),
    Type.QUANTITY: pa.int64(),
    Type.LONG: pa.int64(),
    Type.RATIO: pa.int32(),
    Type.INTEGER: pa.int32(),
    Type.SECOND: pa.int32(),
    Type.MINUTES: pa.int32(),
    Type.FLAG: pa.bool_(),
    Type.DATE: pa.date32(),
}


@cache
def schema(table: str) -> pa.Schema:
    """The Arrow schema of a contract table as files carry it: every code and every person a text."""
    return pa.schema([(column.name, _ARROW.get(column.type, pa.string())) for column in TABLES[table].columns])


def table(name: str, rows: int, /, **columns: pa.Array) -> pa.Table:
    """A table of the contract with the given columns; the others are empty. ValueError for a column it has not."""
    wanted = schema(name)
    unknown = set(columns) - set(wanted.names)
    if unknown:
        raise ValueError(f"{name} has no column {sorted(unknown)}")
    arrays = [columns.get(field.name, pa.nulls(rows, field.type)) for field in wanted]
    return pa.Table.from_arrays(arrays, names=wanted.names)


def stacked(name: str, *tables: pa.Table) -> pa.Table:
    """The rows of several tables of one kind, coded texts written out."""
    return pa.concat_tables([table.cast(schema(name)) for table in tables])


def coded(places: np.ndarray, values: np.ndarray | list[str] | tuple[str, ...]) -> pa.Array:
    """Texts by their places in `values`, dictionary-encoded with the used values only; NONE and "" are null."""
    values = np.asarray(values, dtype=object)
    used = np.flatnonzero(np.bincount(places[places >= 0], minlength=len(values))) if len(places) else places[:0]
    # Arrow lets a dictionary repeat a text, but its Parquet writer then gives other bytes each time.
    order: dict[str, int] = {"": NONE}
    rank = np.full(len(values) + 1, NONE)
    rank[used] = [order.setdefault(text, len(order) - 1) for text in values[used]]
    index = rank[places]
    return pa.DictionaryArray.from_arrays(
        pa.array(index.astype(np.int32), mask=index < 0), pa.array(list(order)[1:], pa.string())
    )


def numbered(values: np.ndarray, prefix: str, width: int) -> pa.Array:
    """Texts like S000012: a prefix and a number padded with noughts."""
    padded = pc.call_function("utf8_lpad", [pa.array(values).cast(pa.string())], pc.PadOptions(width, "0"))
    return glued(prefix, padded) if prefix else padded


def glued(*parts: pa.Array | str) -> pa.Array:
    """The texts of a row one after the other."""
    texts = [pa.scalar(part, pa.string()) if isinstance(part, str) else part for part in (*parts, "")]
    return pc.call_function("binary_join_element_wise", texts)


def spread(texts: pa.Array, places: np.ndarray) -> pa.Array:
    """A text of a parent for each row, dictionary-encoded; NONE is null."""
    return pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32), mask=places < 0), texts)


def whole(values: np.ndarray, kind: pa.DataType | None = None, mask: np.ndarray | None = None) -> pa.Array:
    """64-bit integers, or narrower ones and dates; `mask` marks the nulls."""
    kind = kind or pa.int64()
    if kind == pa.int64():
        return pa.array(values, kind, mask=mask)
    return pa.array(values.astype(np.int32), pa.int32(), mask=mask).cast(kind)


def optional(values: np.ndarray, kind: pa.DataType) -> pa.Array:
    """Integers or dates in which NONE is null."""
    return whole(values, kind, values == NONE)


def flags(values: np.ndarray) -> pa.Array:
    """Flags from 1, 0 and NONE (null)."""
    return pa.array(values == 1, pa.bool_(), mask=values == NONE)
