"""Reads what people send to the books: days, amounts, and the settlement system's return file."""

from __future__ import annotations

import csv
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from io import BytesIO, StringIO
from typing import Any, NamedTuple

from python_calamine import CalamineError, CalamineWorkbook

from mingcha.terms.errors import InputError, UsageError

COLUMNS = {"扣款单号": "number", "到账金额": "fen", "到账日期": "day", "凭证号": "voucher", "方式": "manner"}
"""Headings of a return file, in any order; the last two may be missing."""
MANNERS = {"": "transfer", "汇款": "transfer", "冲减": "offset", "冲减拨付": "offset"}
"""What a return file says of how it came in."""

LARGEST = 10_000_000
"""Bytes of a return file at most."""


class Returned(NamedTuple):
    """One row of a return file: its place for messages, and what came in."""

    row: int
    number: str
    fen: int
    day: date
    voucher: str
    manner: str = "transfer"


def read_fen(text: Any) -> int:
    """Yuan as people write them, in fen. UsageError for anything else."""
    try:
        fen = Decimal(str(text).strip().replace(",", "")) * 100
        if fen == fen.to_integral_value() and 0 < fen < 10**15:
            return int(fen)
    except InvalidOperation:
        pass
    raise UsageError(f"金额要写成 12.50 这样，“{text}”不是。", f"Amounts are written like 12.50; “{text}” isn't.")


def read_day(text: Any) -> date:
    """A day as a page or a sheet gives it. UsageError for anything else."""
    if isinstance(text, datetime):
        return text.date()
    if isinstance(text, date):
        return text
    for form in ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d"):
        try:
            return datetime.strptime(str(text).strip(), form).date()
        except ValueError:
            continue
    raise UsageError(f"日期要写成 2026-11-23 这样，“{text}”不是。", f"Days are written like 2026-11-23, not “{text}”.")


def read_return(content: bytes) -> list[Returned]:
    """The rows of a CSV or Excel file. InputError says which row can't be read; then none is booked."""
    sheet = _sheet(content)
    names = [COLUMNS.get(str(cell).strip().removesuffix("（元）"), "") for cell in sheet[0]] if sheet else []
    if not {"number", "fen", "day"} <= set(names):
        raise InputError(
            "回盘文件第一行要有：扣款单号、到账金额、到账日期（凭证号可选）。",
            "The first row must hold the headings 扣款单号, 到账金额, 到账日期 (凭证号 may be missing).",
        )
    found = []
    for at, cells in enumerate(sheet[1:], 2):
        row = dict(zip(names, cells, strict=False))
        if not str(row.get("number", "")).strip():
            continue
        try:
            day, fen, manner = read_day(row.get("day")), read_fen(row.get("fen")), _read_manner(row.get("manner"))
        except UsageError as error:
            raise InputError(f"第 {at} 行：{error.zh}", f"Row {at}: {error.en}") from error
        found.append(Returned(at, str(row["number"]).strip(), fen, day, str(row.get("voucher") or "").strip(), manner))
    return found


def _read_manner(text: Any) -> str:
    words = str(text or "").strip()
    if words not in MANNERS:
        raise UsageError(f"方式只有 汇款、冲减，“{words}”不是。", f"It comes as 汇款 or 冲减; “{words}” is neither.")
    return MANNERS[words]


def read_schedule(text: str) -> list[tuple[date, int]]:
    """Instalments as people type or paste them, a day and an amount a line. UsageError names the line that isn't."""
    found = []
    for at, row in enumerate(filter(None, map(str.strip, text.splitlines())), 1):
        day, _, yuan = row.replace("\t", " ").replace("，", " ").partition(" ")
        try:
            found.append((read_day(day), read_fen(yuan.strip().removesuffix("元"))))
        except UsageError as error:
            raise UsageError(f"分期第 {at} 行：{error.zh}", f"Instalment {at}: {error.en}") from error
    return found


def read_count(text: str) -> int:
    """A number of instalments. UsageError for anything else."""
    if not (text.strip().isascii() and text.strip().isdigit() and len(text.strip()) < 4):
        raise UsageError("期数要写成 6 这样的整数。", "The number of instalments is written like 6.")
    return int(text)


def _sheet(content: bytes) -> list[list[Any]]:
    if len(content) > LARGEST:
        raise InputError("回盘文件大于 10 MB，请分开上传。", "The file is larger than 10 MB; send it in parts.")
    if content[:2] == b"PK":
        try:
            return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
        except CalamineError as error:
            raise InputError("这个 Excel 文件打不开，请另存后再试。", "The workbook can't be opened.") from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return [list(row) for row in csv.reader(StringIO(content.decode(encoding)))]
        except UnicodeDecodeError:
            continue
    raise InputError("回盘文件不是 CSV 也不是 Excel。", "The file is neither CSV nor Excel.")
