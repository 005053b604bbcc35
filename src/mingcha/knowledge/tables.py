"""knowledge.csv: one row an item, every column known to the kind, every cell of its type, every row with a basis."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from mingcha.knowledge.cells import CellError, read_cell, read_day, read_item
from mingcha.knowledge.documents import read_text
from mingcha.knowledge.pack import Row
from mingcha.knowledge.problems import Problems
from mingcha.rules.kind import Kind

ALWAYS = ("id", "item", "name", "valid_from", "valid_to", "basis")
"""Columns of every knowledge table, whatever its kind."""
WORDS = "words"
"""Optional: the limit, or the other item, in words, for messages."""
BATCH = "batch"
"""Optional: the official batch that published the point; the id of the point begins the row's, up to a hyphen."""
ROW_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")
FEW = 1_000
"""Problems after which a table is given up: its columns are shifted, and more lines say nothing new."""

_day = cache(read_day)


class Table:
    """Reads one knowledge.csv; `read` returns the rows that are right and notes what is wrong."""

    def __init__(self, file: Path, kind: Kind, problems: Problems) -> None:
        self.file = file
        self.kind = kind
        self.problems = problems
        self.line = 0
        self.broken = False

    def read(self) -> tuple[Row, ...]:
        """The rows, in file order."""
        text = read_text(self.file, self.problems)
        if text is None:
            return ()
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        rows: list[Row] = []
        before = len(self.problems.found)
        try:
            header = next(reader, [])
            self.line = 1
            if not self._check_header(header):
                return ()
            for cells in reader:
                self.line = reader.line_num
                row = self._row(header, cells)
                if row is not None:
                    rows.append(row)
                if len(self.problems.found) - before > FEW:
                    self._wrong("", "错误太多，先改这些", "too many problems; mend these first")
                    break
        except csv.Error as error:
            self.line = reader.line_num
            self._wrong("", f"CSV 写法有误：{error}", f"not valid CSV: {error}")
        return tuple(rows)

    def _wrong(self, column: str, zh: str, en: str) -> None:
        self.broken = True
        self.problems.add(self.file, self.line, column, zh, en)

    def _check_header(self, header: list[str]) -> bool:
        allowed = [*ALWAYS, *(name for name in self.kind.knows if name != "item"), WORDS, BATCH]
        good = True
        for name in header:
            if name not in allowed or header.count(name) > 1:
                good = False
                known = "、".join(allowed)
                self._wrong(
                    name,
                    f"种类 {self.kind.name} 没有这一列，或写了两次；可用：{known}",
                    f"kind {self.kind.name} has no such column, or has it twice; allowed: {', '.join(allowed)}",
                )
        needed = (name for name, knows in self.kind.knows.items() if knows.required)
        for name in (*ALWAYS, *needed):
            if name not in header:
                good = False
                self._wrong(name, "缺少这一列", "the column is missing")
        return good

    def _row(self, header: list[str], cells: list[str]) -> Row | None:
        if not any(cells):
            return None
        if len(cells) != len(header):
            self._wrong(
                "",
                f"这一行有 {len(cells)} 格，表头有 {len(header)} 列",
                f"the row has {len(cells)} cells, the header {len(header)}",
            )
            return None
        text = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
        self.broken = False
        row = Row(
            id=self._row_id(text["id"]),
            item=self._cell("item", text["item"], read_item, required=True),
            name=self._cell("name", text["name"], str, required=True),
            values=self._values(text),
            valid_from=self._cell("valid_from", text["valid_from"], _day, required=True),
            valid_to=self._cell("valid_to", text["valid_to"], _day),
            basis=self._cell("basis", text["basis"], str, required=True),
            words=text.get(WORDS) or None,
            batch=self._cell(BATCH, text.get(BATCH, ""), _batch),
            line=self.line,
        )
        self._check_window(row.valid_from, row.valid_to)
        if row.values and all(value is None for value in row.values.values()):
            self._wrong("", "这一行没有写任何限制", "the row names no limit at all")
        return None if self.broken else row

    def _row_id(self, text: str) -> str:
        if not ROW_ID.fullmatch(text):
            self._wrong(
                "id",
                f"“{text}”不能作知识点编号：用字母、数字、- _ .，80 字以内",
                f"{text!r} can't be a row id: letters, digits, - _ . and at most 80 of them",
            )
        return text

    def _cell(self, column: str, text: str, reader: Callable[[str], Any], required: bool = False) -> Any:
        if not text:
            if required:
                self._wrong(column, "这一格不能空", "the cell must not be empty")
            return None
        try:
            return reader(text)
        except CellError as error:
            self._wrong(column, error.zh, error.en)
            return None

    def _values(self, text: dict[str, str]) -> dict[str, Any]:
        found = {}
        for name, knows in self.kind.knows.items():
            if name != "item":
                cell = text.get(name, "")
                found[name] = self._cell(name, cell, lambda text, k=knows: read_cell(text, k), knows.required)
        return found

    def _check_window(self, start: date | None, end: date | None) -> None:
        if start and end and end < start:
            self._wrong("valid_to", "失效日期早于生效日期", "it ends before it begins")


def _batch(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 1_000:
        raise CellError(f"“{text}”不是批次的序号", f"{text!r} is not the number of a batch")
    return int(text)
