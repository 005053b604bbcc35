"""Which columns of a piece need no cleaning: looked up in their bytes, because asking every cell again costs more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from mingcha.records.readers.piece import Scan, columns

_BLANK = (9, 10, 13, 32)
_WIDE_BLANK = b"\xe3\x80\x80"


@dataclass(frozen=True)
class Tidy:
    """Names of the text columns without blanks at either end, and of those that are plain ASCII besides."""

    trimmed: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()


def tidy(rows: pa.Table | Scan) -> Tidy:
    """Look at every text column of a piece. Texts that mean nothing are null already."""
    if isinstance(rows, Scan):
        everything = frozenset(columns(len(rows.nulls)))  # written by us: nothing to clean
        return Tidy(everything, everything)
    trimmed, plain = set(), set()
    for name in rows.column_names:
        column = rows.column(name)
        if pa.types.is_string(column.type):
            verdicts = [_look(chunk) for chunk in column.chunks if len(chunk)]
            if all(edges for edges, _ in verdicts):
                trimmed.add(name)
                if all(ascii_ for _, ascii_ in verdicts):
                    plain.add(name)
    return Tidy(frozenset(trimmed), frozenset(plain))


def _look(chunk: pa.Array) -> tuple[bool, bool]:
    _, offsets, texts = chunk.buffers()
    if texts is None or texts.size == 0:
        return True, True
    places = np.frombuffer(offsets, np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
    data = np.frombuffer(texts, np.uint8)
    starts, ends = places[:-1], places[1:]
    filled = ends > starts
    edges = np.concatenate((data[starts[filled]], data[ends[filled] - 1]))
    used = data[places[0] : places[-1]]
    ascii_ = not bool((used & 0x80).any())
    blank = bool(np.isin(edges, _BLANK).any()) or (not ascii_ and _WIDE_BLANK in used.tobytes())
    return not blank, ascii_
