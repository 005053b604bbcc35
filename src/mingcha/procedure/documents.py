"""文书 The life of a document an office sends out, as data: kinds, states, moves, whose each move is, and its number.

A document gets its number (文号) when it is signed and not before, so a draft that is thrown away leaves no gap. What
was signed never changes again: it is voided with a reason, keeps its number, and another document gets a new one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from mingcha.terms.errors import UsageError


@dataclass(frozen=True)
class Kind:
    """What a document is called, and whether it may leave only with a second person's signature."""

    zh: str
    en: str
    second: bool


KINDS = {
    "feedback": Kind("初审反馈通知", "notice of findings", second=False),
    "decision": Kind("审核决定书", "decision", second=True),
    "opinion": Kind("合议意见书", "opinion of a panel", second=True),
    "statement": Kind("结算扣款通知书", "notice of deduction", second=True),
}
"""A notice of findings decides nothing and may be issued by its drafter; what decides or takes money may not."""

FITTING = {
    "feedback": ("notified", "upheld"),
    "opinion": ("panel", "final"),
    "decision": ("signed", "deducted"),
}
"""The steps (procedure.review) at which a finding may be told of in a document of the kind; a statement tells of a
statement of the books, once that is approved."""

HOW = {
    "portal": ("机构门户", "opened in the portal"),
    "hand": ("直接签收", "handed over"),
    "post": ("邮寄", "by post"),
    "left": ("留置", "left at the place"),
    "public": ("公告", "by public notice"),
}
"""How a document reaches whom it is for; only the portal records itself, the others a person records."""

STATES = {
    "draft": ("起草", "drafted"),
    "submitted": ("待签发", "waiting for a signature"),
    "signed": ("已签发", "signed"),
    "delivered": ("已送达", "delivered"),
    "voided": ("已作废", "voided"),
    "discarded": ("已弃稿", "discarded"),
}
"""What a document can be; one that is `discarded` never had a number, one that is `voided` keeps it."""

NUMBERED = ("signed", "delivered", "voided")
"""The states in which a document has a number and its content is immutable."""

VISIBLE = NUMBERED
"""The states in which a provider sees it: a voided one as well, because it may have been delivered before."""

AUTHOR, SECOND, OFFICE = "author", "second", "office"


@dataclass(frozen=True)
class Move:
    """From which states to which, and whose move it is; `reason` must be given where it says so."""

    zh: str
    en: str
    before: tuple[str, ...]
    after: str
    whose: str
    reason: bool = False


MOVES = {
    "edit": Move("修改", "edit", ("draft",), "draft", AUTHOR),
    "submit": Move("送签", "submit for signature", ("draft",), "submitted", AUTHOR),
    "issue": Move("直接签发", "issue", ("draft",), "signed", AUTHOR),
    "return": Move("退回", "send back", ("submitted",), "draft", SECOND, reason=True),
    "sign": Move("签发", "sign", ("submitted",), "signed", SECOND),
    "discard": Move("弃稿", "discard", ("draft", "submitted"), "discarded", AUTHOR, reason=True),
    "deliver": Move("登记送达", "record the delivery", ("signed",), "delivered", OFFICE),
    "void": Move("作废", "void", ("signed", "delivered"), "voided", SECOND, reason=True),
}


def allowed(kind: str, state: str, *, is_author: bool, may_sign: bool) -> tuple[str, ...]:
    """The moves a person may make now, in the order of MOVES."""
    mine = {OFFICE, AUTHOR} if is_author else {OFFICE, SECOND} if may_sign else {OFFICE}
    return tuple(
        name for name, move in MOVES.items()
        if state in move.before and move.whose in mine and not (name == "issue" and KINDS[kind].second)
    )  # fmt: skip


def after(name: str, kind: str, state: str, *, by: str, author: str, reason: str = "") -> str:
    """The state a move leads to. UsageError when the state has moved on, for the wrong person, or without a reason.

    Whoever drafted a document never signs, returns or voids it (DECISIONS 5). Whether `by` holds the right to sign at
    all is not asked here: that is a matter of permissions.
    """
    move = MOVES[name]
    if state not in move.before:
        zh, en = STATES[state]
        raise UsageError(
            f"这份文书现在是“{zh}”，不能“{move.zh}”。可能别人刚刚办理过，请刷新页面看最新状态。",
            f"The document is {en} by now, so it can't be moved by “{move.en}”. Reload the page to see it.",
        )
    if name == "issue" and KINDS[kind].second:
        raise UsageError(
            f"{KINDS[kind].zh}须由另一人签发，请先送签。",
            f"A {KINDS[kind].en} needs a second person's signature; submit it first.",
        )
    if move.whose == SECOND and by == author:
        raise UsageError(
            f"起草人不能{move.zh}自己起草的文书，请由另一位有签发权限的人办理。",
            f"Whoever drafted a document can't {move.en} it; someone else with the right to sign has to.",
        )
    if move.whose == AUTHOR and by != author:
        raise UsageError("只有起草人可以办理这一步。", "Only the person who drafted the document may do this.")
    if move.reason and not reason.strip():
        raise UsageError(f"请写明{move.zh}的理由。", f"Please give the reason to {move.en}.")
    return move.after


_ORGAN = re.compile(r"[\u4e00-\u9fff]{2,12}")


def number(organ: str, signed: date, sequence: int) -> str:
    """The 文号, as 宝医保稽〔2026〕1号: organ's word, year of the signature in Shanghai, place in that year from 1.

    The brackets are 〔〕 and the figure has no leading zeros (GB/T 9704—2012, from memory). UsageError for an organ's
    word that isn't 2–12 Chinese characters; ValueError for a place below 1.
    """
    if not _ORGAN.fullmatch(organ):
        raise UsageError(
            f"机关代字“{organ}”不能用：请填 2 至 12 个汉字，例如“宝医保稽”，不带括号、数字和空格。",
            f"“{organ}” can't stand for the organ in a number: 2 to 12 Chinese characters are needed, nothing else.",
        )
    if sequence < 1:
        raise ValueError(f"a document's place in its year begins with 1, not {sequence}")
    return f"{organ}〔{signed.year}〕{sequence}号"
