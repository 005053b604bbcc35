"""Reads what a provider types into the answer by line; what can't be read is told beside its line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mingcha.desk.review.forms import REASON, read_fen
from mingcha.desk.review.splitting import LineAnswer
from mingcha.procedure.review import PROVIDER, allowed
from mingcha.terms.errors import UsageError

if TYPE_CHECKING:
    from django.http import QueryDict


@dataclass(frozen=True)
class TypedLine:
    """A line as its form shows it: what was typed, the answer read from it, and what is wrong (in words, or empty)."""

    answer: LineAnswer
    disputed: str = ""
    why: str = ""
    item_name: str = ""
    wrong: str = ""

    @property
    def line(self) -> str:
        """The line's number at the provider."""
        return self.answer.line

    @property
    def visit(self) -> str:
        """The visit it was charged in."""
        return self.answer.visit

    @property
    def claim_fen(self) -> int:
        """What the finding claims of it, in fen."""
        return self.answer.claim_fen


def split_form(context: dict[str, Any], typed: list[TypedLine] | None) -> list[TypedLine]:
    """The form's lines of an assembled finding, as they were typed or empty; none when no answer is due."""
    found = context["finding"]
    if not allowed(found["step"], [PROVIDER]):
        return []
    names = {(line["visit"], line["line"]): line["item_name"] or "" for line in context["lines"] if line["guilty"]}
    by_key = {(one.visit, one.line): one for one in typed or []}
    shown = list[TypedLine]()
    for row in context["booked"]:
        if row["provider"] != found["provider"]:
            continue
        key = (row["visit"], row["line"])
        old = by_key.get(key)
        answer = LineAnswer(*key, row["claim_fen"], 0)
        shown.append(
            TypedLine(answer, old.disputed if old else "", old.why if old else "", names.get(key, ""),
                      old.wrong if old else "")
        )  # fmt: skip
    return shown


def read_split(form: QueryDict) -> list[TypedLine]:
    """The lines as they were typed, each with what is wrong with it. UsageError when the form isn't one of ours."""
    columns = [form.getlist(name) for name in ("visit", "line", "claim", "disputed", "why")]
    if not columns[0] or len({len(column) for column in columns}) != 1:
        raise UsageError("表单不完整，请刷新页面再试。", "The form is incomplete; reload the page.")
    return _something_disputed([_read_line(*typed) for typed in zip(*columns, strict=True)])


def _read_line(visit: str, line: str, claim: str, disputed: str, why: str) -> TypedLine:
    if not claim.isdecimal() or len(claim) > 15:
        raise UsageError("表单不完整，请刷新页面再试。", "The form is incomplete; reload the page.")
    disputed, why, wrong, fen = disputed.strip(), why.strip(), "", 0
    try:
        fen = read_fen(disputed, line) if disputed else 0
    except UsageError as error:
        wrong = error.zh
    if fen > int(claim):
        wrong = f"申诉金额不能超过明细金额 {int(claim) / 100:.2f} 元。"
    elif fen and not why:
        wrong = "请写明这条明细的申诉理由。"
    elif why and not fen and not wrong:
        wrong = "写了理由，但没有申诉金额；认可的明细请不要写理由。"
    elif len(why) > REASON:
        wrong = f"理由最多 {REASON} 字。"
    return TypedLine(LineAnswer(visit, line, int(claim), fen if not wrong else 0, why), disputed, why, "", wrong)


def _something_disputed(lines: list[TypedLine]) -> list[TypedLine]:
    """The lines; the first says so when none is disputed."""
    if any(one.answer.disputed_fen or one.wrong for one in lines):
        return lines
    first = lines[0]
    wrong = "没有一行申诉；全部认可请用右边的“认可”。"
    return [TypedLine(first.answer, first.disputed, first.why, "", wrong), *lines[1:]]
