"""The report for the sender: every refused row with line, column, reason and original values; sums; fill rates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from mingcha.terms.errors import UsageError

if TYPE_CHECKING:
    from mingcha.records.importing import Outcome

_ROWS = 1_000_000  # an Excel sheet holds 1,048,576


def write_report(con: duckdb.DuckDBPyConnection, outcome: Outcome, path: Path) -> None:
    """Write the workbook (sheets 退回, 合计, 列). `con` still holds the refused rows of the import."""
    try:
        book = xlsxwriter.Workbook(
            str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        _refused(book, con)
        _totals(book, outcome)
        _columns(book, outcome)
        book.close()
    except (OSError, FileCreateError) as error:
        raise UsageError(
            f"写不了报告 {path}：{error}。如果它正在 Excel 里打开，请先关闭；导入本身已经完成。",
            f"The report {path} can't be written: {error}. If it is open in Excel, close it; the import is done.",
        ) from error


def _refused(book: xlsxwriter.Workbook, con: duckdb.DuckDBPyConnection) -> None:
    """One line a refused row; its original values in the columns they came in, side by side for all files."""
    sheet, bold = book.add_worksheet("退回 refused"), book.add_format({"bold": True, "text_wrap": True})
    fixed = ["文件 file", "行号 line", "列 column", "原因", "reason", "金额（元）yuan"]
    originals: dict[str, int] = {}
    for name in con.execute(
        "SELECT DISTINCT unnest(json_keys(original)) FROM mc_refused "
        "WHERE json_valid(original) AND json_type(original) = 'OBJECT'"
    ).fetchall():
        originals[name[0]] = len(fixed) + 1 + len(originals)
    rows = con.execute(
        "SELECT source_file, source_row, column_name, reason_zh, reason_en, money_fen, original FROM mc_refused "
        "ORDER BY source_file, source_row"
    )
    for place, name in enumerate([*fixed, "原文 line as it stood", *originals]):
        sheet.write_string(0, place, name, bold)
    sheet.freeze_panes(1, 2)
    sheet.set_column(3, 4, 50)
    line = 0
    while batch := rows.fetchmany(10_000):
        for row in batch:
            line += 1
            if line > _ROWS:
                return
            _row(sheet, line, row, originals, len(fixed))


def _row(sheet: Any, line: int, row: tuple, originals: dict[str, int], fixed: int) -> None:
    file, number, column, zh, en, fen, original = row
    for place, text in ((0, file), (2, column or ""), (3, zh), (4, en)):
        sheet.write_string(line, place, str(text))
    sheet.write_number(line, 1, number)
    sheet.write_number(line, 5, fen / 100)
    values = _object(original)
    if values is None:
        sheet.write_string(line, fixed, original or "")
        return
    for name, value in values.items():
        if value is not None:
            sheet.write_string(
                line, originals[name], value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            )


def _object(original: str | None) -> dict[str, Any] | None:
    try:
        found = json.loads(original or "")
    except json.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def _totals(book: xlsxwriter.Workbook, outcome: Outcome) -> None:
    sheet, bold = book.add_worksheet("合计 totals"), book.add_format({"bold": True})
    totals = outcome.totals
    for place, name in enumerate(("", "行数 rows", "金额（元）yuan")):
        sheet.write_string(0, place, name, bold)
    for line, (name, rows, fen) in enumerate(
        (
            ("收到 in", totals.rows_in, totals.money_in_fen),
            ("入库 accepted", totals.accepted, totals.money_accepted_fen),
            ("退回 quarantined", totals.quarantined, totals.money_quarantined_fen),
            ("重复 duplicates", totals.duplicates, totals.money_duplicate_fen),
        ),
        1,
    ):
        sheet.write_string(line, 0, name)
        sheet.write_number(line, 1, rows)
        sheet.write_number(line, 2, fen / 100)
    sheet.write_string(5, 0, "更正以前版本 superseded")
    sheet.write_number(5, 1, totals.superseded)
    for line, one in enumerate(outcome.skipped, 7):
        sheet.write_string(line, 0, f"未导入 {one.label}")
        sheet.write_string(line, 1, one.zh)
        sheet.write_string(line, 2, one.en)
    sheet.set_column(0, 2, 26)


def _columns(book: xlsxwriter.Workbook, outcome: Outcome) -> None:
    """How full each source column was and where it went; columns kept in `ext` are the unmapped ones."""
    sheet, bold = book.add_worksheet("列 columns"), book.add_format({"bold": True})
    for place, name in enumerate(("文件 file", "列 column", "去处 target", "行数 rows", "有值 filled", "填充率 rate")):
        sheet.write_string(0, place, name, bold)
    percent = book.add_format({"num_format": "0.0%"})
    for line, one in enumerate(outcome.profile.columns.values(), 1):
        kept = {"ext": "未映射，原样保留在 ext / unmapped, kept in ext", "": "个人信息，不保留 / personal, not kept"}
        for place, text in ((0, one.file), (1, one.header), (2, kept.get(one.target, one.target))):
            sheet.write_string(line, place, text)
        sheet.write_number(line, 3, one.rows)
        sheet.write_number(line, 4, one.filled)
        sheet.write_number(line, 5, one.rate, percent)
    sheet.set_column(0, 2, 30)
