"""What the engines hand over to an audit: Arrow tables of these columns, streamed into temporary tables by COPY."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv as pacsv
from psycopg import Cursor, sql

from mingcha.procedure.identity import finding_id

if TYPE_CHECKING:
    from mingcha.desk.audit.since import Reached

_TEXT, _WHOLE = pa.string(), pa.int64()

FLAG: Mapping[str, pa.DataType] = {
    "rule": _TEXT, "rule_version": _WHOLE, "certainty": _TEXT, "frame": _TEXT, "key": _TEXT,
    "fund_area": _TEXT, "care_area": _TEXT, "provider": _TEXT, "person": _WHOLE, "visit": _TEXT, "line": _TEXT,
    "day": pa.date32(), "improper_fen": _WHOLE, "quantity": _WHOLE,
    "knowledge_ids": _TEXT, "witnesses": _TEXT, "why": _TEXT, "message": _TEXT, "pack_hash": _TEXT,
}  # fmt: skip
"""One row a flag. `quantity` in ten-thousandths; `knowledge_ids`, `witnesses` and `why` are JSON text.

`pack_hash` names the pack as it holds in the row's area; without it, that of the audit.
"""

LINE: Mapping[str, pa.DataType] = {
    "rule": _TEXT, "frame": _TEXT, "key": _TEXT, "fund_area": _TEXT, "provider": _TEXT, "visit": _TEXT, "line": _TEXT,
    "amount_fen": _WHOLE, "in_scope_fen": _WHOLE, "settled_fund_fen": _WHOLE, "settled_in_scope_fen": _WHOLE,
}  # fmt: skip
"""One row a line that carries part of a flag's amount, named by the flag's identity.

`amount_fen` null means: spread the flag's amount by in-scope amount. The two `settled_…` columns are the fund payment
and in-scope amount of the line's settlement (null without one) and give the fund loss. They may be missing.
"""

UNKNOWN: Mapping[str, pa.DataType] = {"rule": _TEXT, "provider": _TEXT, "missing": _TEXT, "count": _WHOLE}
"""Rows a rule could not judge, counted by provider and missing column."""

Tables = pa.Table | Iterable[pa.Table]

_OPTIONAL = {"settled_fund_fen", "settled_in_scope_fen", "quantity", "pack_hash"}


def copy_flags(cursor: Cursor, flags: Tables) -> None:
    """Into staged_flag, with the public number of each."""
    for table in _conform(flags, FLAG):
        copy_table(cursor, "staged_flag", _numbered(table))


def copy_lines(cursor: Cursor, lines: Tables) -> None:
    """Into staged_line, with the number of the finding instead of its identity."""
    for table in _conform(lines, LINE):
        copy_table(cursor, "staged_line", _numbered(table).drop_columns(["rule", "frame", "key", "fund_area"]))


def copy_unknown(cursor: Cursor, unknown: Tables) -> None:
    """Into staged_unknown."""
    for table in _conform(unknown, UNKNOWN):
        copy_table(cursor, "staged_unknown", table)


def copy_reached(cursor: Cursor, reached: Reached | None) -> None:
    """Into reach_person, reach_visit and reach_key: what an incremental audit judged."""
    if reached is not None:
        copy_table(cursor, "reach_person", reached.persons)
        copy_table(cursor, "reach_visit", reached.visits)
        copy_table(cursor, "reach_key", reached.keys)


def _numbered(table: pa.Table) -> pa.Table:
    identity = (table.column(name).to_pylist() for name in ("fund_area", "rule", "frame", "key"))
    numbers = [finding_id(*parts) for parts in zip(*identity, strict=True)]
    return table.append_column("finding", pa.array(numbers, _TEXT))


def _conform(tables: Tables, columns: Mapping[str, pa.DataType]) -> Iterable[pa.Table]:
    """The tables with exactly these columns and types, missing optional ones null. KeyError names a missing one."""
    many: Iterable[Any] = [tables] if isinstance(tables, pa.Table) else tables
    for table in many:
        if table.num_rows:
            yield pa.table({name: _column(table, name, kind) for name, kind in columns.items()})


def _column(table: pa.Table, name: str, kind: pa.DataType) -> pa.ChunkedArray | pa.Array:
    if name in _OPTIONAL and name not in table.column_names:
        return pa.nulls(table.num_rows, kind)
    return table.column(name).cast(kind)


def copy_table(cursor: Cursor, target: str, table: pa.Table) -> None:
    """COPY into a table by CSV: Arrow quotes every text and leaves null empty, which is what PostgreSQL reads."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(
        sql.Identifier(target), sql.SQL(",").join(map(sql.Identifier, table.column_names))
    )
    options = pacsv.WriteOptions(include_header=False)
    with cursor.copy(statement) as copy:
        for batch in table.to_batches(max_chunksize=50_000):
            sink = pa.BufferOutputStream()
            pacsv.write_csv(pa.Table.from_batches([batch]), sink, options)
            copy.write(memoryview(sink.getvalue()))
