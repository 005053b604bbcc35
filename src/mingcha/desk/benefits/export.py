"""The worklist as an Excel file: what the filter holds, nobody named in full."""

from __future__ import annotations

from collections.abc import Iterable
from tempfile import TemporaryFile
from typing import IO, Any

import xlsxwriter

from mingcha.desk.audit.report import write_sheet
from mingcha.desk.shell.masking import masked_name
from mingcha.procedure.benefits import KINDS, STEPS

MOST = 20_000
"""Rows of one file."""

_COLUMNS = [
    ("编号", 14), ("类别", 12), ("参保人", 10), ("就医机构", 40), ("单据号", 20), ("统筹区", 10), ("就医日期", 12),
    ("受理日期", 12), ("复审重点", 16), ("费用总额（元）", 14), ("申请（元）", 14), ("核定（元）", 14),
    ("状态", 10), ("办结期限", 12),
]  # fmt: skip


def write(found: Iterable[dict[str, Any]], line: str) -> IO[bytes]:
    """The workbook of those rows, open at its beginning; `line` is the watermark under them."""
    file = TemporaryFile()  # noqa: SIM115  (the response closes it)
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        day, money = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "#,##0.00"})
        formats = {6: day, 7: day, 9: money, 10: money, 11: money, 13: day}
        write_sheet(book, "待遇", _COLUMNS, map(_cells, found), formats, line)
    file.seek(0)
    return file


def _cells(row: dict[str, Any]) -> list[Any]:
    fen = (row[f"{name}_fen"] / 100 for name in ("total", "claimed", "approved"))
    return [
        row["number"], KINDS[row["kind"]][0], masked_name(row["who"].get("person_name")), row["provider_name"],
        row["slip"], row["fund_area"], row["day"], row["received"], "、".join(row["marks"]), *fen,
        STEPS[row["step"]][0], row["due"],
    ]  # fmt: skip
