"""The Excel round trip: findings go out as a table a line a row, with three empty columns, and come back answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import xlsxwriter
from python_calamine import CalamineError, CalamineWorkbook

from mingcha.desk.audit.queries import Row
from mingcha.desk.audit.report import write_sheet
from mingcha.desk.review.forms import REASON as REASON_LENGTH
from mingcha.desk.review.forms import read_fen as _fen
from mingcha.desk.review.splitting import LineAnswer
from mingcha.procedure.review import MOVES, PROVIDER, STEPS, allowed
from mingcha.terms.errors import InputError, UsageError

NUMBER, VISIT, LINE, AMOUNT, ANSWER, REASON = "疑点编号", "就诊ID", "费用明细", "申诉金额（元）", "答复", "理由"
COLUMNS = [
    (NUMBER, 21), ("规则", 30), ("项目名称", 28), ("科室", 14), ("医师", 12), (VISIT, 20), (LINE, 20),
    ("发生日期", 12), ("金额（元）", 13), ("命中说明", 60), ("期限", 12), ("状态", 12), (AMOUNT, 16), (ANSWER, 12),
    (REASON, 60),
]  # fmt: skip
_FILLED = (NUMBER, VISIT, LINE, AMOUNT, ANSWER, REASON)
ACCEPT, APPEAL = "认可", "申诉"
LARGEST = 20_000
"""Rows of one table."""

Claims = Mapping[str, Mapping[tuple[str, str], int]]
"""What waiting findings claim of their lines: fen by (visit, line), by finding."""


@dataclass(frozen=True)
class Answers:
    """What a table says: findings accepted, findings appealed with their reasons, and those answered line by line."""

    accepted: tuple[str, ...]
    appealed: dict[str, str]
    split: dict[str, tuple[LineAnswer, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Filled:
    """One filled-in row; `place` as Excel counts rows. Texts as they were typed."""

    place: int
    number: str
    visit: str
    line: str
    amount: str
    answer: str
    reason: str


def write(file: BinaryIO, found: Iterable[Row]) -> int:
    """The table to fill in, one row a line; how many rows it holds. The answer column offers its two words."""
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        money, date = book.add_format({"num_format": "#,##0.00"}), book.add_format({"num_format": "yyyy-mm-dd"})
        cells = [
            [row["id"], row["rule_name"], row["item_name"], row["department"], row["practitioner_name"],
             row["line_visit"], row["own_line"], row["day"], row["claim_fen"] / 100, row["message"], row["due"],
             STEPS[row["step"]][0], None, None, None]
            for row in found
        ]  # fmt: skip
        write_sheet(book, "疑点答复", COLUMNS, cells, {7: date, 8: money, 10: date, 12: money})
        sheet = book.get_worksheet_by_name("疑点答复")
        if sheet and cells:
            sheet.data_validation(1, 13, len(cells), 13, {"validate": "list", "source": [ACCEPT, APPEAL]})
        told = [(ANSWER, f"一行一条明细，填“{ACCEPT}”或“{APPEAL}”；同一疑点的明细要么都填，要么都空着"),
                (AMOUNT, "只申诉一部分时填写，余下的视同认可；空着就是申诉整行"), (REASON, "申诉的行必须写明理由"),
                ("附件", "在门户里逐条上传")]  # fmt: skip
        write_sheet(book, "说明", [("项目", 12), ("说明", 60)], told, {})
    return len(cells)


def read(content: bytes, steps: Mapping[str, str], claims: Claims | None = None) -> Answers:
    """What the filled-in table says. `steps` are the own findings by number, with the step each stands at.

    InputError naming every row that can't be used, and why; then nothing is done with any of them.
    """
    rows = _rows(content)
    heads = [_text(cell) for cell in rows[0]] if rows else []
    missing = [name for name in _FILLED if name not in heads]
    if missing:
        raise InputError(
            f"表里没有“{'、'.join(missing)}”列。请用下载的表填写，不要改列名。",
            f"Columns are missing: {', '.join(missing)}. Fill in the table as it was downloaded.",
        )
    at = [heads.index(name) for name in _FILLED]
    found: dict[str, list[_Filled]] = {}
    for place, row in enumerate(rows[1 : LARGEST + 1], 2):
        one = _Filled(place, *(_text(row[i]) if i < len(row) else "" for i in at))
        if one.number or one.answer:
            found.setdefault(one.number, []).append(one)
    answered = {number: filled for number, filled in found.items() if any(one.answer for one in filled)}
    wrong = sorted(w for number, filled in answered.items() for w in _wrong(number, filled, steps, claims or {}))
    if wrong:
        more = f"\n……共 {len(wrong)} 行" if len(wrong) > 20 else ""
        raise InputError(
            "表里有不能办理的行，改好后再上传（本次没有办理任何一行）：\n"
            + "\n".join(f"第 {place} 行 {why}" for place, why in wrong[:20]) + more,
            f"{len(wrong)} row(s) can't be used; nothing was done. Mend them and upload again.",
        )  # fmt: skip
    if not answered:
        raise InputError(f"“{ANSWER}”列全是空的，没有要办理的疑点。", "The answer column is empty.")
    return _answers(answered, claims or {})


def _answers(answered: Mapping[str, list[_Filled]], claims: Claims) -> Answers:
    """Rows that were found right, as whole answers where all lines of a finding say the same, else line by line."""
    accepted, appealed, split = list[str](), dict[str, str](), dict[str, tuple[LineAnswer, ...]]()
    for number, filled in answered.items():
        claimed = claims.get(number, {})
        lines = tuple(
            LineAnswer(one.visit, one.line, claim := claimed.get((one.visit, one.line), 0), _disputed(one, claim),
                       one.reason if one.answer == APPEAL else "")
            for one in filled
        )  # fmt: skip
        if all(one.answer == ACCEPT for one in filled):
            accepted.append(number)
        elif len(filled) == 1 and lines[0].disputed_fen == lines[0].claim_fen:
            appealed[number] = filled[0].reason
        else:
            split[number] = lines
    return Answers(tuple(accepted), appealed, split)


def _disputed(one: _Filled, claim: int) -> int:
    if one.answer == ACCEPT:
        return 0
    return _fen(one.amount, one.line) if one.amount else claim


def _wrong(number: str, filled: list[_Filled], steps: Mapping[str, str], claims: Claims) -> Iterator[tuple[int, str]]:
    """Rows of one finding that can't be used, and why."""
    first = filled[0].place
    if number not in steps:
        yield first, f"{number}：没有这个编号的疑点"
        return
    if not allowed(steps[number], [PROVIDER]):
        yield first, f"{number}：现在是“{STEPS[steps[number]][0]}”，不能再答复"
        return
    claimed, seen = claims.get(number, {}), set[tuple[str, str]]()
    for one in filled:
        key = (one.visit, one.line)
        if why := "同一明细出现了两次" if key in seen else _wrong_row(one, claimed):
            yield one.place, f"{number}：{why}"
        seen.add(key)
    if left := [line for visit, line in claimed if (visit, line) not in seen]:
        sums = sum(fen for key, fen in claimed.items() if key in seen), sum(claimed.values())
        yield first, (f"{number}：表里缺少明细 {'、'.join(left[:5])}，认可与申诉合计 {sums[0] / 100:.2f} 元，"
                      f"不等于疑点金额 {sums[1] / 100:.2f} 元")  # fmt: skip


def _wrong_row(one: _Filled, claimed: Mapping[tuple[str, str], int]) -> str:
    """Why a row can't be used; empty when it can."""
    if not one.answer:
        return "同一疑点的其他明细已填答复，这一行也要填"
    if one.answer not in (ACCEPT, APPEAL):
        return f"答复要填“{ACCEPT}”或“{APPEAL}”，不是“{one.answer[:20]}”"
    if claimed and (one.visit, one.line) not in claimed:
        return f"没有“{one.visit} / {one.line}”这条明细"
    if one.answer == APPEAL and not one.reason:
        return "申诉没有写理由"
    if len(one.reason) > REASON_LENGTH:
        return f"理由太长，最多 {REASON_LENGTH} 字"
    try:
        fen = _fen(one.amount, one.line) if one.amount else None
    except UsageError as error:
        return error.zh
    if fen is None or (one.answer == ACCEPT and fen == 0):
        return ""
    if one.answer == ACCEPT:
        return "认可的行不填申诉金额；只认可一部分请填“申诉”"
    claim = claimed.get((one.visit, one.line), 0)
    return "" if 0 < fen <= claim else f"申诉金额须大于 0、不超过明细金额 {claim / 100:.2f} 元，不是 {fen / 100:.2f} 元"


def appeal_of(step: str) -> str:
    """The move an appeal is at a step: the first, or again; the first, too, where none is open any more."""
    return next((name for name in allowed(step, [PROVIDER]) if MOVES[name].reason), "appeal")


def _text(cell: Any) -> str:
    """A cell as it was typed; spreadsheets make 12.0 of an identifier 12."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def _rows(content: bytes) -> list[list[Any]]:
    import io

    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    except (CalamineError, ValueError, IndexError) as error:
        raise InputError(
            "打不开这个文件，请上传下载后填好的 Excel（xlsx）。",
            "The file can't be opened; upload the filled-in Excel.",
        ) from error
