"""The import template: an empty workbook with one sheet per table, headers and what each column expects."""

from __future__ import annotations

from pathlib import Path

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from mingcha.records.contract import Table, Type
from mingcha.records.reference import KINDS
from mingcha.records.tables import TABLES
from mingcha.terms.errors import UsageError


def write_template(path: Path) -> None:
    """Write the workbook. Filled in, `mingcha import` reads it as it is. Raises UsageError when it can't be written."""
    try:
        book = xlsxwriter.Workbook(str(path))
        _guide(book)
        for table in TABLES.values():
            _sheet(book, table)
        book.close()
    except (OSError, FileCreateError) as error:
        raise UsageError(
            f"写不了模板 {path}：{error}。请检查目录是否存在，或文件是否正在 Excel 里打开。",
            f"The template {path} can't be written: {error}. Check that its folder exists and it is not open in Excel.",
        ) from error


def columns(table: Table) -> list[str]:
    """The headers of a table's sheet: Chinese names; times of day come with their dates."""
    return [column.zh for column in table.columns if not column.time_of]


def _sheet(book: xlsxwriter.Workbook, table: Table) -> None:
    sheet = book.add_worksheet(table.zh[:31])
    required = book.add_format({"bold": True, "bg_color": "#FDE9D9", "border": 1, "text_wrap": True})
    optional = book.add_format({"bold": True, "bg_color": "#EAF1F8", "border": 1, "text_wrap": True})
    text = book.add_format({"num_format": "@"})
    place = 0
    for column in table.columns:
        if column.time_of:
            continue
        sheet.write_string(0, place, column.zh, required if column.required else optional)
        zh, en = KINDS[column.type]
        note = f"{column.en}\n{zh} {en}" + (f"\n{', '.join(column.national)}" if column.national else "")
        sheet.write_comment(0, place, note, {"x_scale": 2})
        plain = column.type in (Type.KEY, Type.CODE, Type.PERSON, Type.TEXT)
        sheet.set_column(place, place, 18, text if plain else None)  # as text, so that Excel keeps leading zeros
        place += 1
    sheet.freeze_panes(1, 0)


def _guide(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet("说明 guide")
    sheet.set_column(0, 0, 100)
    wrap = book.add_format({"text_wrap": True})
    for line, text in enumerate(_GUIDE):
        sheet.write_string(line, 0, text, wrap)


_GUIDE = (
    "每张表一个工作表；橙色表头必填，蓝色选填。用不到的工作表留空即可。",
    "One sheet a table; orange headers are required, blue ones optional. Leave sheets you don't need empty.",
    "金额、单价以元为单位；退费填负数，并在“原费用流水号”写明退的是哪一行。",
    "Money and prices in yuan; a refund is a row with negative numbers that names the line it takes back.",
    "日期写 2025-01-31 或 2025-01-31 08:30:00；只有日期时不要补 00:00:00。",
    "Dates as 2025-01-31 or 2025-01-31 08:30:00; don't add 00:00:00 when the time is unknown.",
    "填好后运行：mingcha import 文件.xlsx --report 退回.xlsx",
    "When filled in: mingcha import file.xlsx --report refused.xlsx",
)
