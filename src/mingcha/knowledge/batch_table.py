"""A published batch of knowledge points as rows: sheets of a workbook or a CSV, however they are headed.

The administration publishes annexes with a title over the table, a class of rule a sheet (or a column), cells merged
over the codes of one item, and footnotes below. Headers differ from batch to batch; what they mean is listed here.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from mingcha.terms.errors import InputError

HEADERS: dict[str, tuple[str, ...]] = {
    "rule_class": ("规则名称", "规则分类", "规则类别", "规则", "rule_class"),
    "batch": ("批次", "batch", "source"),
    "point": ("知识点编号", "知识点编码", "kp_id"),
    "code": (
        "药品编码", "药品代码", "国家药品代码", "国家药品编码", "医保药品代码", "国家医保药品代码", "项目编码",
        "项目代码", "医疗服务项目编码", "医疗服务项目代码", "国家医疗服务项目代码", "手术编码", "饮片编码",
        "饮片代码", "中药饮片代码", "项目A编码", "项目A代码", "主项目编码", "编码", "代码", "code", "codes",
        "subject_codes",
    ),
    "name": (
        "药品名称", "药品通用名", "通用名", "注册名称", "项目名称", "医疗服务项目名称", "手术名称", "饮片名称",
        "中药饮片名称",
        "项目A名称", "主项目名称", "名称", "item_name", "subject_name",
    ),
    "partner": ("项目B编码", "项目B代码", "被包含项目编码", "被包含项目代码", "object_codes"),
    "partner_name": ("项目B名称", "被包含项目名称"),
    "text": (
        "限定支付范围", "限定范围", "支付范围", "限定内容", "知识点", "知识点内容", "备注", "适应症", "功能主治",
        "项目内涵",
        "逻辑依据", "依据", "手术分组", "手术组", "限定条件", "constraint", "text",
    ),
    "sex": ("性别", "限定性别", "适用性别", "适用人群性别"),
    "limit": ("数量上限", "上限数量", "上限", "限定数量"),
    "unit": ("计价单位", "单位"),
    "days": ("限定天数", "支付天数", "最大天数", "限制天数", "天数", "疗程天数"),
    "period": ("周期", "周期天数"),
    "window": ("时间窗口", "时间区间", "时间范围"),
    "diagnoses": ("诊断编码", "疾病编码", "疾病诊断编码"),
    "params": ("params",),
}  # fmt: skip
"""What a column is, by the headers it has been published under (blanks and remarks in brackets left out)."""

_PARAMS = {"max": "limit", "max_days": "days", "max_days_field": "days", "cycle_days": "period"}
_CARRIED = ("rule_class", "name", "text", "point", "sex", "limit", "unit", "days", "period", "window", "partner_name")
"""Columns whose cells are merged over the codes of one item: an empty cell means the one above."""
_NOTE = re.compile(r"^(注|说明|备注|附注)\s*[:：]|^\*")
_CODES = re.compile(r"[\s,，;；、]+")
_DAY = re.compile(r"(20\d\d)\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})")


@dataclass(frozen=True)
class Published:
    """One published row: its class, codes and wording, further cells by what they are, and where each stands."""

    sheet: str
    row: int
    rule_class: str
    codes: tuple[str, ...]
    cells: dict[str, str]
    columns: dict[str, str] = field(repr=False)

    def place(self, cell: str) -> str:
        """Sheet, row and column of a cell, as people say it."""
        return f"{self.sheet} 第 {self.row} 行「{self.columns.get(cell, cell)}」"


@dataclass(frozen=True)
class Batch:
    """What a file publishes: its rows, its title, and the day the title names as YYYY-MM-DD."""

    rows: tuple[Published, ...]
    title: str
    published: str | None


def read_batch(file: Path, classes: tuple[str, ...], batch: int) -> Batch:
    """The rows of a workbook or CSV, of this batch where a column names batches. InputError when none can be found."""
    rows: list[Published] = []
    title = ""
    for sheet, grid in _sheets(file):
        head = _header(grid)
        if head is None:
            continue
        at, columns = head
        above = " ".join(cell for row in grid[:at] for cell in row if cell)
        title = title or above
        named = _class_in(f"{sheet} {above}", classes)
        rows += _rows(sheet, grid, at, columns, named, batch)
    if not rows:
        raise InputError(
            f"{file} 里没有找到第 {batch} 批的知识点。表头要有编码一列（如“药品编码”“项目编码”）。",
            f"{file} holds no points of batch {batch}. A table needs a column of codes, such as 药品编码 or 项目编码.",
        )
    found = _DAY.search(title)
    day = f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}" if found else None
    return Batch(tuple(rows), title, day)


def _sheets(file: Path) -> Iterator[tuple[str, list[list[str]]]]:
    if file.suffix.lower() in (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"):
        try:
            book = CalamineWorkbook.from_path(str(file))
        except (CalamineError, OSError) as error:
            raise InputError(f"读不了 {file}：{error}", f"{file} can't be read: {error}") from error
        for name in book.sheet_names:
            cells = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            yield name, [[_text(cell) for cell in row] for row in cells]
        return
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise InputError(f"读不了 {file}：{error}", f"{file} can't be read: {error}") from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise InputError(f"{file} 不是 UTF-8 也不是 GB18030 编码。", f"{file} is neither UTF-8 nor GB18030.")
    yield file.stem, [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]


def _text(cell: object) -> str:
    """A cell as text; a whole number without its decimal point."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def _plain(header: str) -> str:
    return re.sub(r"[（(].*?[)）]|\s", "", header)


_MEANS = {header: name for name, headers in HEADERS.items() for header in headers}


def _header(grid: list[list[str]]) -> tuple[int, dict[int, str]] | None:
    """The first row that names a column of codes and another one: its place, and what each column is."""
    for at, row in enumerate(grid[:30]):
        columns: dict[int, str] = {}
        for number, cell in enumerate(row):
            name = _MEANS.get(_plain(cell))
            if name and name not in columns.values():
                columns[number] = name
        if "code" in columns.values() and len(columns) > 1:
            return at, columns
    return None


def _class_in(text: str, classes: tuple[str, ...]) -> str:
    """The class of rule a title or a sheet's name speaks of; the longest name wins."""
    plain = re.sub(r"\s", "", text)
    return max((name for name in classes if name in plain), key=len, default="")


def _rows(
    sheet: str, grid: list[list[str]], at: int, columns: dict[int, str], named: str, batch: int
) -> Iterator[Published]:
    headers = {name: _plain(grid[at][number]) for number, name in columns.items()}
    above: dict[str, str] = {}
    for number, row in enumerate(grid[at + 1 :], at + 2):
        cells = {name: row[place] if place < len(row) else "" for place, name in columns.items()}
        if not any(cells.values()) or _NOTE.match(next((c for c in row if c), "")):
            continue
        if not cells.get("name"):  # merged with the row above
            cells |= {name: above.get(name, "") for name in _CARRIED if name in cells and not cells[name]}
        above = cells
        if _of_batch(cells.get("batch", ""), batch):
            codes = tuple(filter(None, _CODES.split(cells["code"])))
            told = {name: cell for name, cell in cells.items() if cell} | _parameters(cells.get("params", ""))
            yield Published(sheet, number, cells.get("rule_class") or named, codes, told, headers)


def _of_batch(cell: str, batch: int) -> bool:
    number = re.search(r"\d+", cell.removeprefix("NHSA"))
    return not cell or (number is not None and int(number[0]) == batch)


def _parameters(text: str) -> dict[str, str]:
    """Cells that a table gives together, as one JSON object."""
    try:
        told = json.loads(text) if text else {}
    except ValueError:
        return {}
    if not isinstance(told, dict):
        return {}
    return {_PARAMS.get(str(name), str(name)): str(value) for name, value in told.items()}
