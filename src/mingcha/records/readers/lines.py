"""Where the records of a block of text begin and end, and which lines are none: exact, and fast on clean text."""

from __future__ import annotations

import csv
from dataclasses import dataclass

import numpy as np

from mingcha.records.readers.piece import Malformed

_NEWLINE, _QUOTE, _RETURN = 10, 34, 13
_LOOK_AHEAD = 100  # a quoted cell may span so many lines before its quote counts as never closed


@dataclass(frozen=True)
class Cut:
    """A block cut into records: their text without the lines that are none, their line numbers, and the rest."""

    text: bytes
    lines: np.ndarray
    malformed: list[Malformed]
    consumed: int  # bytes of the block used; the rest belongs to the next block
    passed: int  # physical lines those bytes hold
    quoted: bool


def cut(block: bytes, separator: str, fields: int, line: int, last: bool) -> Cut:
    """Cut a block (UTF-8) whose first physical line has number `line` into records of `fields` cells."""
    if last and block and not block.endswith(b"\n"):
        block += b"\n"
    data = np.frombuffer(block, np.uint8)
    newlines = np.flatnonzero(data == _NEWLINE)
    separators = np.flatnonzero(data == ord(separator))
    if quoted := b'"' in block:
        quotes = np.flatnonzero(data == _QUOTE)
        if not _well_quoted(data, quotes, separator, last):
            return _careful(block, separator, fields, line, last)
        ends = newlines[np.searchsorted(quotes, newlines) % 2 == 0]
        separators = separators[np.searchsorted(quotes, separators) % 2 == 0]
    else:
        ends = newlines
    if not len(ends):
        return Cut(b"", np.empty(0, np.int64), [], 0, 0, quoted)
    consumed = int(ends[-1]) + 1
    starts = np.concatenate(([0], ends[:-1] + 1))
    cells = np.diff(np.searchsorted(separators, np.concatenate(([0], ends)))) + 1
    numbers = line + np.searchsorted(newlines, starts)
    empty = (ends == starts) | ((ends == starts + 1) & (data[starts] == _RETURN))
    wrong = ((cells != fields) & ~empty) | _damaged(block, starts)
    keep = ~(wrong | empty)
    malformed = [
        _wrong_count(int(numbers[i]), int(cells[i]), fields, block[starts[i] : ends[i]]) for i in np.flatnonzero(wrong)
    ]
    text = block[:consumed] if keep.all() else _without(block, starts, ends, keep)
    passed = int(np.searchsorted(newlines, consumed))
    return Cut(text, numbers[keep], malformed, consumed, passed, quoted)


def _well_quoted(data: np.ndarray, quotes: np.ndarray, separator: str, last: bool) -> bool:
    """Whether every quote opens right after a separator or line start and closes right before one (or is doubled)."""
    if len(quotes) % 2 and last:
        return False
    opening, closing = quotes[0::2], quotes[1::2]
    edges = (ord(separator), _NEWLINE, _RETURN, _QUOTE)
    before = data[opening[opening > 0] - 1]
    after = data[closing[closing < len(data) - 1] + 1]
    return bool(np.isin(before, edges).all() and np.isin(after, edges).all())


def _damaged(block: bytes, starts: np.ndarray) -> np.ndarray:
    """Which records hold the mark U+FFFD that decoding leaves in place of bytes it cannot read."""
    bad = np.zeros(len(starts), bool)
    place = block.find(b"\xef\xbf\xbd")
    while place >= 0:
        bad[np.searchsorted(starts, place, "right") - 1] = True
        place = block.find(b"\xef\xbf\xbd", place + 3)
    return bad


def _without(block: bytes, starts: np.ndarray, ends: np.ndarray, keep: np.ndarray) -> bytes:
    """The kept records only; neighbours are copied together."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], keep, [False])).astype(np.int8)))
    parts = [block[starts[first] : ends[after - 1] + 1] for first, after in edges.reshape(-1, 2)]
    return b"".join(parts)


def _wrong_count(line: int, cells: int, fields: int, raw: bytes) -> Malformed:
    text = raw.decode("utf-8", "replace").rstrip("\r")
    if "\ufffd" in text:
        return Malformed(
            line,
            "这一行有无法识别的字节，文件可能在传输中损坏；请重新导出",
            "this line holds bytes that are no text; the file may be damaged, please export it again",
            text,
        )
    return Malformed(
        line,
        f"这一行有 {cells} 个字段，表头有 {fields} 个；请检查分隔符和换行",
        f"this line has {cells} fields and the header {fields}; please check separators and line breaks",
        text,
    )


def _careful(block: bytes, separator: str, fields: int, line: int, last: bool) -> Cut:
    """The slow way for blocks with stray quotes: line by line; a line whose quote never closes is set aside alone."""
    physical = block.split(b"\n")
    tail = physical.pop()  # what follows the last newline belongs to the next block
    kept: list[bytes] = []
    numbers: list[int] = []
    malformed: list[Malformed] = []
    place = 0
    while place < len(physical):
        span = _record(physical, place, separator, fields)
        if span == 0 and not last and place + _LOOK_AHEAD > len(physical) > _LOOK_AHEAD:
            break  # the record may go on in the next block
        raw = b"\n".join(physical[place : place + max(1, span)])
        if span > 0:
            kept.append(_rewritten(raw, separator))
            numbers.append(line + place)
        elif raw.strip():
            malformed.append(_broken(line + place, raw, separator, fields))
        place += max(1, span)
    consumed = len(block) - len(tail) - sum(len(rest) + 1 for rest in physical[place:])
    return Cut(b"".join(kept), np.array(numbers, np.int64), malformed, consumed, place, True)


def _record(physical: list[bytes], place: int, separator: str, fields: int) -> int:
    """How many physical lines the record at `place` takes; 0 when it is none."""
    first = physical[place]
    if not first.strip() or b"\xef\xbf\xbd" in first:
        return 0
    for span in range(1, min(_LOOK_AHEAD, len(physical) - place) + 1):
        text = b"\n".join(physical[place : place + span]).decode("utf-8", "replace").rstrip("\r")
        cells = _cells(text, separator)
        if cells is not None and len(cells) == fields:
            return span
        if cells is not None or b'"' not in first:
            return 0  # complete, and of the wrong length
    return 0


def _cells(text: str, separator: str) -> list[str] | None:
    """The cells of one record, or None while a quoted cell is still open or its quote closes in the middle."""
    try:
        rows = list(csv.reader([text], delimiter=separator, strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def _rewritten(raw: bytes, separator: str) -> bytes:
    """The record in one unambiguous spelling, so that the fast parser reads it as we did."""
    cells = _cells(raw.decode().rstrip("\r"), separator) or []
    quoted = (
        '"' + cell.replace('"', '""') + '"' if any(mark in cell for mark in (separator, '"', "\n", "\r")) else cell
        for cell in cells
    )
    return (separator.join(quoted) + "\n").encode()


def _broken(line: int, raw: bytes, separator: str, fields: int) -> Malformed:
    cells = _cells(raw.decode("utf-8", "replace").rstrip("\r"), separator)
    if cells is not None or b"\xef\xbf\xbd" in raw:
        return _wrong_count(line, len(cells or []), fields, raw)
    return Malformed(
        line,
        "这一行的引号没有成对；请检查双引号，或导出时不加引号",
        'the quotes of this line do not match; please check the double quotes (")',
        raw.decode("utf-8", "replace").rstrip("\r"),
    )
