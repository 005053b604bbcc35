"""Files of applications: a CSV or Excel sheet is taken whole or not at all, with every fault by row and column."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import BytesIO, StringIO
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from mingcha.desk.benefits.entries import COLUMNS, NEEDED, Entry, Fault, read
from mingcha.terms.errors import InputError

LARGEST, MOST = 10_000_000, 5_000
"""Bytes and rows of one file at most."""


class Faulty(InputError):
    """A file of which nothing was taken; `faults` says why, row by row."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = list(faults)
        first = self.faults[0]
        super().__init__(
            f"第 {first.row} 行“{first.column}”：{first.words}共 {len(self.faults)} 处问题，整个文件没有录入。",
            f"Row {first.row}, {first.column}: {len(self.faults)} faults in all; nothing of the file was taken.",
        )


def read_file(content: bytes) -> list[tuple[int, Entry]]:
    """The applications of a file with their rows. InputError for what is no sheet; Faulty for rows that can't be."""
    sheet = read_sheet(content)
    names = [COLUMNS.get(str(cell).strip().removesuffix("（元）"), "") for cell in sheet[0]] if sheet else []
    if missing := [words for words in NEEDED if COLUMNS[words] not in names]:
        raise InputError(
            f"文件第一行缺少这些列：{'、'.join(missing)}。", f"The first row lacks headings: {', '.join(missing)}."
        )
    found, faults = list[tuple[int, Entry]](), list[Fault]()
    for at, cells in enumerate(sheet[1:], 2):
        if not any(str(cell).strip() for cell in cells):
            continue
        entry, wrong = read(dict(zip(names, cells, strict=False)))
        if entry:
            found.append((at, entry))
        faults += [Fault(one.column, one.words, at) for one in wrong]
    if faults:
        raise Faulty(faults)
    if not found:
        raise InputError("文件里没有数据行。", "The file has no rows.")
    if len(found) > MOST:
        raise InputError(f"文件超过 {MOST:,} 行，请分开上传。", f"More than {MOST:,} rows; send it in parts.")
    return found


def read_sheet(content: bytes) -> list[list[Any]]:
    """The cells of a CSV file (UTF-8 or GB18030) or of a workbook's first sheet. InputError for anything else."""
    if len(content) > LARGEST:
        raise InputError("文件大于 10 MB，请分开上传。", "The file is larger than 10 MB; send it in parts.")
    if content[:2] == b"PK":
        try:
            return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
        except CalamineError as error:
            raise InputError("这个 Excel 文件打不开，请另存后再试。", "The workbook can't be opened.") from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return [list(row) for row in csv.reader(StringIO(text))]
    raise InputError("文件不是 CSV 也不是 Excel（xlsx）。", "The file is neither CSV nor Excel (xlsx).")
