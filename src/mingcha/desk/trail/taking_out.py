"""Entries as a file: Excel, or CSV that Excel opens."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any, BinaryIO

import xlsxwriter

from mingcha.desk.audit.queries import Row
from mingcha.desk.audit.report import write_sheet
from mingcha.desk.trail.reading import action_words, sentence, subject_words
from mingcha.terms.calendar import SHANGHAI

LIMIT = 100_000
"""Entries an export holds at most; fewer days give the rest."""
KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
_COLUMNS = [
    ("编号", 10), ("时间", 20), ("用户名", 16), ("姓名", 12), ("操作", 20), ("对象", 30), ("内容", 70),
    ("操作代码", 20), ("对象代码", 24), ("明细摘要", 24), ("封印", 10),
]  # fmt: skip


def write(file: BinaryIO, kind: str, found: Iterable[Row]) -> int:
    """Write the entries as they come, in Excel's or in CSV's form; how many there were."""
    counter = count()
    cells = (_cells(row) for row in found if next(counter) >= 0)
    if kind == "csv":
        _csv(file, cells)
    else:
        with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
            moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
            write_sheet(book, "操作审计", _COLUMNS, cells, {1: moment})
    return next(counter)


def _csv(file: BinaryIO, cells: Iterator[list[Any]]) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([name for name, _ in _COLUMNS])
    writer.writerows([_harmless(value) for value in row] for row in cells)
    text.detach()


def _harmless(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula keeps an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t") else value


def _cells(row: Row) -> list[Any]:
    return [
        row["id"], row["at"].astimezone(SHANGHAI).replace(tzinfo=None, microsecond=0), row["by"], row["name"],
        action_words(row["action"]), subject_words(row["subject"])[0], sentence(json.loads(row["detail"])),
        row["action"], row["subject"], row["items_digest"], row["seal"],
    ]  # fmt: skip
