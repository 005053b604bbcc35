"""CSV, TSV and other separated text: separator and header found out, records cut exactly, parsed by Arrow."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from mingcha.records.headers import recognised
from mingcha.records.readers.encoding import utf8_blocks
from mingcha.records.readers.lines import cut
from mingcha.records.readers.piece import MISSING, ROW, Piece, columns
from mingcha.terms.errors import InputError

SEPARATORS = ("\t", ",", "|", "\x01", ";", "^")
_TITLES = 10  # so many lines may stand above the header
_SAMPLE = 60


@dataclass(frozen=True)
class TextSource:
    """A separated text file: how to read it. `header` is the physical line number of the header, 0 for none."""

    path: Path
    encoding: str
    separator: str
    headers: list[str]
    header: int

    def pieces(self) -> Iterator[Piece]:
        """The records, block by block, with their physical line numbers."""
        rest, line, skip = b"", 1, self.header
        blocks = utf8_blocks(self.path, self.encoding)
        block, read = next(blocks, (b"", 0))
        while True:
            following = next(blocks, None)
            text = _unix(rest + block, final=following is None)
            while skip and b"\n" in text:
                text = text[text.index(b"\n") + 1 :]
                skip, line = skip - 1, line + 1
            if skip and following is None:
                return
            if not skip:
                one = cut(text, self.separator, len(self.headers), line, following is None)
                yield Piece(self._parse(one.text, one.lines, one.quoted), one.malformed, read)
                line += one.passed
                text = text[one.consumed :]
            rest = text
            if following is None:
                return
            block, read = following

    def _parse(self, text: bytes, lines: np.ndarray, quoted: bool) -> pa.Table:
        names = columns(len(self.headers))
        if not len(lines):
            empty: list[pa.Array] = [pa.array([], pa.string()) for _ in names]
            return pa.table([*empty, pa.array([], pa.int64())], names=[*names, ROW])
        table = arrow_csv.read_csv(
            pa.BufferReader(text),
            arrow_csv.ReadOptions(column_names=names, block_size=1 << 21),
            arrow_csv.ParseOptions(
                delimiter=self.separator,
                quote_char='"' if quoted else False,
                newlines_in_values=quoted,
                ignore_empty_lines=False,
            ),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=list(MISSING),
                strings_can_be_null=True,
                check_utf8=False,
            ),
        )
        return table.append_column(ROW, pa.array(lines, pa.int64()))


def _unix(block: bytes, final: bool) -> bytes:
    """Old Macintosh line ends become ours; Windows ones are left to the parser."""
    if b"\r" in block and b"\n" not in block and (final or len(block) > 1 << 20):
        return block.replace(b"\r", b"\n")
    return block


def open_text(
    path: Path, encoding: str, separator: str | None = None, names: list[str] | None = None, header: bool = True
) -> TextSource:
    """Find separator and header of a text file.

    `names` are the columns a mapping expects (they tell the header line); with `header=False` they are the header.
    Raises InputError when the file is empty or is no table.
    """
    lines = _head(path, encoding)
    if not any(line.strip() for line in lines):
        raise InputError(
            f"{path.name} 是空文件，没有可导入的数据。", f"{path.name} is empty; there is nothing to import."
        )
    if not header:
        return TextSource(path, encoding, separator or _by_count(lines), list(names or []), 0)
    best: tuple[int, int, int, str] | None = None
    for mark in [separator] if separator else SEPARATORS:
        for place, line in enumerate(lines[:_TITLES], 1):
            cells = _cells(line, mark)
            known = len(set(names) & set(cells)) if names else recognised(cells)
            if len(cells) > 1 and (best is None or (known, len(cells), -place) > best[:3]):
                best = (known, len(cells), -place, mark)
    if best is None or best[0] == 0:
        best = _unknown_header(path, lines, separator)
    cells = _cells(lines[-best[2] - 1], best[3])
    following = [_cells(line, best[3]) for line in lines[-best[2] :] if line.strip()]
    if following and all(len(row) == len(cells) + 1 and not row[-1].strip() for row in following):
        cells.append("")  # every line ends in one separator too many
    return TextSource(path, encoding, best[3], cells, -best[2])


def _unknown_header(path: Path, lines: list[str], separator: str | None) -> tuple[int, int, int, str]:
    """The first line is the header when all lines agree on a separator; otherwise this is no table."""
    mark = separator or _by_count(lines)
    cells = len(_cells(lines[0], mark))
    if cells > 1:
        return 0, cells, -1, mark
    raise InputError(
        f"{path.name} 不像表格：没有找到分隔符（逗号、制表符、竖线、分号）。请确认文件，或在映射文件里写明 separator。",
        f"{path.name} does not look like a table: no separator (comma, tab, bar, semicolon) was found. "
        "Please check the file, or name the separator in a mapping file.",
    )


def _by_count(lines: list[str]) -> str:
    """The separator most lines agree on."""
    full = [line for line in lines if line.strip()]

    def agreement(mark: str) -> tuple[int, int]:
        counts = [len(_cells(line, mark)) for line in full]
        common = max(set(counts), key=counts.count)
        return (counts.count(common) if common > 1 else 0, common)

    return max(SEPARATORS, key=agreement)


def _cells(line: str, mark: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=mark), [])]
    except csv.Error:
        return line.split(mark)


def _head(path: Path, encoding: str) -> list[str]:
    text = b""
    for block, _ in utf8_blocks(path, encoding, 1 << 18):
        text = block
        break
    return text.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")[:_SAMPLE]
