"""Reads what people send with a move; what can't be read is told in words."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING
from uuid import UUID

from mingcha.desk.review.models import Verdict
from mingcha.procedure.review import CLOCKS, MOVES
from mingcha.terms.errors import UsageError

if TYPE_CHECKING:
    from django.http import QueryDict

REASON = 2000
"""The longest reason, in characters."""

BY_MONEY = frozenset({"deduct"})
"""Moves that are made where the money is, with its books, not finding by finding."""


def read_token(text: str) -> UUID:
    """The form's number. UsageError when the form didn't come from one of our pages."""
    try:
        return UUID(text)
    except ValueError as error:
        raise UsageError("表单不完整，请刷新页面再试。", "The form is incomplete; reload the page.") from error


def read_move(text: str) -> str:
    """The name of a move, or of what is done to a term. UsageError for anything else."""
    if text not in (*MOVES, *CLOCKS) or text in BY_MONEY:
        raise UsageError("没有这样的办理方式，请刷新页面再试。", "There is no such move; reload the page.")
    return text


def read_lines(form: QueryDict) -> dict[tuple[str, str, str], int] | None:
    """The amounts of lines that a person changed, in fen; None when none was. UsageError for what isn't an amount.

    Each line has a field `line`, its key, and beside it `yuan` and what was there before, `was`.
    """
    changed: dict[tuple[str, str, str], int] = {}
    keys, yuan, was = form.getlist("line"), form.getlist("yuan"), form.getlist("was")
    for key, text, old in zip(keys, yuan, was, strict=False):
        if text.strip() == old:
            continue
        parts = tuple(key.split("|"))
        if len(parts) != 3:
            raise UsageError("表单不完整，请刷新页面再试。", "The form is incomplete; reload the page.")
        changed[parts] = read_fen(text, parts[2])
    return changed or None


def read_fen(text: str, line: str) -> int:
    """An amount that was typed in yuan, in fen. UsageError naming the line when it is none."""
    try:
        fen = Decimal(text.strip().replace(",", "")) * 100
        if fen == fen.to_integral_value() and 0 <= fen < 10**15:
            return int(fen)
    except InvalidOperation:
        pass
    raise UsageError(
        f"第 {line} 号明细的金额要写成 12.50 这样，“{text}”不是。", f"The amount of line {line} must be like 12.50."
    )


def read_verdict(text: str) -> str:
    """What an expert makes of the finding. UsageError when none was chosen."""
    if text not in Verdict.values:
        raise UsageError("请选择支持、部分支持或不支持。", "Choose whether you uphold the finding, in part, or not.")
    return text
