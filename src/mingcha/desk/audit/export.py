"""The worklist as an Excel file."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import Any, BinaryIO

import xlsxwriter

from mingcha.desk.audit.models import Certainty, State
from mingcha.desk.audit.queries import Row
from mingcha.desk.audit.report import write_sheet
from mingcha.desk.shell.masking import masked_name, masked_number

AT_ONCE = 5_000
"""Rows that are written while one waits; more are a job (desk.jobs)."""

COLUMNS = [
    ("疑点编号", 21), ("规则", 26), ("规则名称", 30), ("违规程度", 10), ("状态", 10), ("机构编号", 16),
    ("机构名称", 30), ("参保人", 10), ("人员编号", 20), ("就诊ID", 20), ("费用明细", 20), ("发生日期", 12),
    ("项目名称", 26), ("违规金额（元）", 15), ("计入金额（元）", 15), ("基金损失（元）", 15), ("命中说明", 60),
]  # fmt: skip


def write(file: BinaryIO, found: Iterable[Row], mark: str = "") -> int:
    """Write the rows as they come; returns how many there were. Persons stay masked; `mark` says who took it."""
    counter = count()
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        money, date = book.add_format({"num_format": "#,##0.00"}), book.add_format({"num_format": "yyyy-mm-dd"})
        cells = (_cells(row) for row in found if next(counter) >= 0)
        write_sheet(book, "疑点", COLUMNS, cells, {11: date, 13: money, 14: money, 15: money}, mark)
    return next(counter)


def _cells(row: Row) -> list[Any]:
    who = row["who"]
    return [
        row["id"], row["rule"], row["rule_name"], Certainty(row["certainty"]).label, State(row["state"]).label,
        row["provider"], row["provider_name"], masked_name(who.get("person_name")), masked_number(who.get("number")),
        row["visit"], row["line"], row["day"], row["item_name"], row["improper_fen"] / 100, row["counted_fen"] / 100,
        None if row["fund_loss_fen"] is None else row["fund_loss_fen"] / 100, row["message"],
    ]  # fmt: skip
