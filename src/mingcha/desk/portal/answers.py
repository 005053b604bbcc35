"""The Excel round trip: findings go out as a table with two empty columns, and come back answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, BinaryIO

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook

from mingcha.desk.audit.queries import Row
from mingcha.desk.audit.report import write_sheet
from mingcha.procedure.review import MOVES, PROVIDER, STEPS, allowed
from mingcha.terms.errors import InputError

NUMBER, ANSWER, REASON = "疑点编号", "答复", "理由"
COLUMNS = [
    (NUMBER, 21), ("规则", 30), ("项目名称", 28), ("科室", 14), ("医师", 12), ("就诊ID", 20), ("费用明细", 20),
    ("发生日期", 12), ("金额（元）", 13), ("命中说明", 60), ("期限", 12), ("状态", 12), (ANSWER, 12), (REASON, 60),
]  # fmt: skip
ACCEPT, APPEAL = "认可", "申诉"
LARGEST = 20_000
"""Rows of one table."""


@dataclass(frozen=True)
class Answers:
    """What a table says: findings accepted, and findings appealed with their reasons."""

    accepted: tuple[str, ...]
    appealed: dict[str, str]


def write(file: BinaryIO, found: Iterable[Row]) -> int:
    """The table to fill in; how many findings it holds. The answer column offers its two words."""
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        money, date = book.add_format({"num_format": "#,##0.00"}), book.add_format({"num_format": "yyyy-mm-dd"})
        cells = [
            [row["id"], row["rule_name"], row["item_name"], row["department"], row["practitioner_name"], row["visit"],
             row["line"], row["day"], row["counted_fen"] / 100, row["message"], row["due"], STEPS[row["step"]][0],
             None, None]
            for row in found
        ]  # fmt: skip
        write_sheet(book, "疑点答复", COLUMNS, cells, {7: date, 8: money, 10: date})
        sheet = book.get_worksheet_by_name("疑点答复")
        if sheet and cells:
            sheet.data_validation(1, 12, len(cells), 12, {"validate": "list", "source": [ACCEPT, APPEAL]})
        told = [(ANSWER, f"填“{ACCEPT}”或“{APPEAL}”；空着的行不办理"), (REASON, "申诉必须写明理由"),
                ("附件", "在门户里逐条上传")]  # fmt: skip
        write_sheet(book, "说明", [("项目", 12), ("说明", 60)], told, {})
    return len(cells)


def read(content: bytes, steps: dict[str, str]) -> Answers:
    """What the filled-in table says. `steps` are the own findings by number, with the step each stands at.

    InputError naming every row that can't be used, and why; then nothing is done with any of them.
    """
    rows = _rows(content)
    heads = [str(cell).strip() for cell in rows[0]] if rows else []
    missing = [name for name in (NUMBER, ANSWER, REASON) if name not in heads]
    if missing:
        raise InputError(
            f"表里没有“{'、'.join(missing)}”列。请用下载的表填写，不要改列名。",
            f"Columns are missing: {', '.join(missing)}. Fill in the table as it was downloaded.",
        )
    accepted, appealed, wrong = list[str](), dict[str, str](), list[str]()
    at = [heads.index(name) for name in (NUMBER, ANSWER, REASON)]
    for place, row in enumerate(rows[1 : LARGEST + 1], 2):
        number, answer, reason = (str(row[i]).strip() if i < len(row) else "" for i in at)
        if not answer:
            continue
        if why := _wrong(number, answer, reason, steps, {*accepted, *appealed}):
            wrong.append(f"第 {place} 行 {number}：{why}")
        elif answer == ACCEPT:
            accepted.append(number)
        else:
            appealed[number] = reason
    if wrong:
        more = f"\n……共 {len(wrong)} 行" if len(wrong) > 20 else ""
        raise InputError(
            "表里有不能办理的行，改好后再上传（本次没有办理任何一行）：\n" + "\n".join(wrong[:20]) + more,
            f"{len(wrong)} row(s) can't be used; nothing was done. Mend them and upload again.",
        )
    if not accepted and not appealed:
        raise InputError(f"“{ANSWER}”列全是空的，没有要办理的疑点。", "The answer column is empty.")
    return Answers(tuple(accepted), appealed)


def _wrong(number: str, answer: str, reason: str, steps: dict[str, str], before: set[str]) -> str:
    """Why a row can't be used; empty when it can."""
    if answer not in (ACCEPT, APPEAL):
        return f"答复要填“{ACCEPT}”或“{APPEAL}”，不是“{answer[:20]}”"
    if number not in steps:
        return "没有这个编号的疑点"
    if number in before:
        return "同一疑点出现了两次"
    if not allowed(steps[number], [PROVIDER]):
        return f"现在是“{STEPS[steps[number]][0]}”，不能再答复"
    return "申诉没有写理由" if answer == APPEAL and not reason else ""


def appeal_of(step: str) -> str:
    """The move an appeal is at a step: the first, or again."""
    return next(name for name in allowed(step, [PROVIDER]) if MOVES[name].reason)


def _rows(content: bytes) -> list[list[Any]]:
    import io

    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    except (CalamineError, ValueError, IndexError) as error:
        raise InputError(
            "打不开这个文件，请上传下载后填好的 Excel（xlsx）。",
            "The file can't be opened; upload the filled-in Excel.",
        ) from error
