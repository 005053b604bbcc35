"""Excel workbooks (xlsx, xls, xlsb, ods): one source per sheet, cells as the text a person would type."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from mingcha.records.headers import recognised
from mingcha.records.readers.piece import Malformed, Piece, text_piece
from mingcha.terms.errors import InputError

_TITLES = 10
_ROWS = 50_000
EMPTY = ("空行：各列都没有内容", "empty row: no column holds anything")


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, header cells, and the rows below with their Excel row numbers."""

    path: Path
    name: str
    headers: list[str]
    rows: list[tuple[int, list[Any]]]

    def pieces(self) -> Iterator[Piece]:
        """The rows as text; a row without any content between others is malformed, not lost."""
        width, size = len(self.headers), self.path.stat().st_size
        for start in range(0, len(self.rows), _ROWS):
            kept: list[list[str | None]] = []
            lines: list[int] = []
            malformed = []
            for line, cells in self.rows[start : start + _ROWS]:
                texts = [text(cell) for cell in cells]
                if any(texts[width:]):
                    malformed.append(_too_wide(line, texts, width))
                elif not any(texts):
                    malformed.append(Malformed(line, *EMPTY, ""))
                else:
                    kept.append([*texts, *[None] * (width - len(texts))][:width])
                    lines.append(line)
            done = min(1.0, (start + _ROWS) / len(self.rows))
            yield text_piece(kept, lines, width, malformed, int(size * done))


def text(cell: Any) -> str:
    """A cell as text: whole floats without the point, dates as yyyy-MM-dd, empty cells as ''."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e16 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ", "seconds")
    return "" if cell is None else str(cell)


def _too_wide(line: int, texts: list[str], width: int) -> Malformed:
    return Malformed(
        line,
        f"这一行在表头右侧（第 {width + 1} 列起）还有内容；请给这些列加表头，或清空",
        f"this row has content right of the header (from column {width + 1}); please name or clear those columns",
        "\t".join(texts),
    )


def open_sheets(path: Path, sheet: str | None = None, names: list[str] | None = None) -> list[Sheet]:
    """The sheets of a workbook that have a header and rows.

    `names` are the columns a mapping expects. Raises InputError when the workbook can't be opened, is protected by a
    password, or has no rows at all.
    """
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        wanted = [name for name in workbook.sheet_names if sheet in (None, name)]
        found = [_sheet(path, name, workbook.get_sheet_by_name(name).to_python(), names) for name in wanted]
    except (CalamineError, OSError, ValueError) as error:
        raise InputError(
            f"打不开 {path.name}：文件可能已损坏、设了密码，或并不是 Excel 文件。"
            f"请用 Excel 打开后另存为 .xlsx 或 CSV 再导入。（{error}）",
            f"{path.name} can't be opened: it may be damaged, protected by a password, or no Excel file. "
            f"Please open it in Excel, save it as .xlsx or CSV, and import that. ({error})",
        ) from error
    if sheet and not wanted:
        raise InputError(
            f"{path.name} 里没有名为“{sheet}”的工作表。",
            f"{path.name} has no sheet named “{sheet}”.",
        )
    sheets = [one for one in found if one is not None]
    if not sheets:
        raise InputError(
            f"{path.name} 没有数据行，没有可导入的数据。", f"{path.name} has no rows; there is nothing to import."
        )
    return sheets


def _sheet(path: Path, name: str, rows: list[list[Any]], names: list[str] | None) -> Sheet | None:
    texts = [[text(cell) for cell in row] for row in rows[:_TITLES]]
    scores = [len(set(names) & set(row)) if names else recognised(row) for row in texts]
    if not scores or not any(any(row) for row in texts):
        return None
    header = max(range(len(scores)), key=lambda place: (scores[place], sum(map(bool, texts[place]))))
    headers = texts[header]
    while headers and not headers[-1]:
        headers = headers[:-1]
    body = list(enumerate(rows[header + 1 :], header + 2))
    while body and not any(text(cell) for cell in body[-1][1]):
        body.pop()  # empty rows at the end are formatting, not records
    if sum(map(bool, headers)) < 2:
        return None  # a sheet of remarks
    return Sheet(path, name, headers, body) if body else None
