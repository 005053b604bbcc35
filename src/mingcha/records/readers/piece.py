"""What every reader yields: a piece of a source as text columns with line numbers, and the lines it could not read."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pyarrow as pa

MISSING = (
    "", "null", "NULL", "Null", "none", "None", "NONE", "nan", "NaN", "NAN", "n/a", "N/A", "#N/A", "\\N", "\\n",
    "-", "--", "—", "——", "－",
)  # fmt: skip
"""Texts that mean "no value" (reference: national interface §1.6 and §6)."""

ROW = "source_row"
"""Name of the line number among the columns of a piece; the others are named c0, c1, …"""


@dataclass(frozen=True)
class Malformed:
    """A line that is no record: its number, why, and its text as it stood there."""

    line: int
    zh: str
    en: str
    raw: str


@dataclass(frozen=True)
class Scan:
    """Rows that DuckDB reads from the file itself: SQL with columns c0 … cn and `source_row`, already of the contract's
    types; how many rows, and how many nulls in each column."""

    sql: str
    num_rows: int
    nulls: tuple[int, ...]


@dataclass(frozen=True)
class Piece:
    """Records of one source in order: columns c0 … cn of text (null = missing) and `source_row`; lines left out."""

    rows: pa.Table | Scan
    malformed: list[Malformed] = field(default_factory=list)
    read: int = 0  # bytes consumed so far, for the progress bar


GATHER = 500_000  # rows converted at once: DuckDB appends fewer than two row groups twice, and more need memory


def gathered(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Pieces put together to a size worth a statement; what DuckDB reads itself passes as it is.

    The first ones are smaller, so that work begins while the next are read.
    """
    waiting: list[Piece] = []
    size = GATHER // 4
    for piece in pieces:
        if isinstance(piece.rows, Scan):
            yield piece
            continue
        waiting.append(piece)
        if sum(one.rows.num_rows for one in waiting) >= size:
            yield _whole(waiting)
            waiting, size = [], min(GATHER, size * 2)
    if waiting:
        yield _whole(waiting)


def _whole(pieces: list[Piece]) -> Piece:
    tables = [one.rows for one in pieces if isinstance(one.rows, pa.Table)]
    return Piece(pa.concat_tables(tables), [line for one in pieces for line in one.malformed], pieces[-1].read)


def ahead(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """The same pieces, each read in a thread while the one before is at work."""
    with ThreadPoolExecutor(1, "reader") as reader:
        coming = reader.submit(next, pieces, None)
        while (piece := coming.result()) is not None:
            coming = reader.submit(next, pieces, None)
            yield piece


def columns(count: int) -> list[str]:
    """The names of the text columns of a piece."""
    return [f"c{position}" for position in range(count)]


def text_piece(
    rows: list[list[str | None]], lines: list[int], count: int, malformed: list[Malformed], read: int
) -> Piece:
    """A piece from Python rows, each already `count` long; texts that mean nothing become null."""
    missing = set(MISSING)
    arrays: list[pa.Array] = [
        pa.array(
            [None if (cell := row[place]) is None or cell.strip() in missing else cell for row in rows], pa.string()
        )
        for place in range(count)
    ]
    arrays.append(pa.array(lines, pa.int64()))
    return Piece(pa.table(arrays, names=[*columns(count), ROW]), malformed, read)
