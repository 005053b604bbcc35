"""规则的一生 The life of a change to a rule, as data: states, moves, and whose each move is.

A change is drafted, checked, tried on history, watched beside the live rule, signed by a second person and then in
force from its date. Editing takes it back to the beginning, because whatever was checked or tried was something else.
Taking a rule out of force is a change too: there is nothing to try, but the signature and the date are the same.
"""

from __future__ import annotations

from dataclasses import dataclass

from mingcha.terms.errors import UsageError

REVISE, WITHDRAW = "revise", "withdraw"

STATES = {
    "draft": ("起草", "drafted"),
    "checked": ("已检查", "checked"),
    "trialled": ("已试算", "tried on history"),
    "shadow": ("影子运行", "running in shadow"),
    "submitted": ("待签署", "waiting for a signature"),
    "signed": ("已签署", "signed"),
    "discarded": ("已作废", "discarded"),
}
"""What a change can be; `signed` is in force from its date, `discarded` never will be."""

AUTHOR, SECOND, MACHINE = "author", "second", "machine"


@dataclass(frozen=True)
class Move:
    """From which states to which, for which intents, and whose move it is; `reason` must be given where it says so."""

    zh: str
    en: str
    before: tuple[str, ...]
    after: str
    whose: str
    intents: tuple[str, ...] = (REVISE, WITHDRAW)
    reason: bool = False


_OPEN = ("draft", "checked", "trialled", "shadow")

MOVES = {
    "edit": Move("修改", "edit", _OPEN, "draft", AUTHOR),
    "check": Move("检查", "check", ("draft",), "checked", AUTHOR, (REVISE,)),
    "try": Move("试算完成", "trial done", ("checked", "trialled"), "trialled", MACHINE, (REVISE,)),
    "shadow": Move("影子运行", "run in shadow", ("trialled",), "shadow", AUTHOR, (REVISE,)),
    "submit": Move("提交签署", "submit for signature", ("trialled", "shadow"), "submitted", AUTHOR, (REVISE,)),
    "submit-withdrawal": Move("提交签署", "submit for signature", ("draft",), "submitted", AUTHOR, (WITHDRAW,)),
    "return": Move("退回", "send back", ("submitted",), "draft", SECOND, reason=True),
    "sign": Move("签署", "sign", ("submitted",), "signed", SECOND),
    "discard": Move("作废", "discard", (*_OPEN, "submitted"), "discarded", AUTHOR, reason=True),
}


def allowed(state: str, intent: str, *, is_author: bool, may_sign: bool) -> tuple[str, ...]:
    """The moves a person may make now, in the order of MOVES."""
    mine = {AUTHOR} if is_author else {SECOND} if may_sign else set()
    return tuple(
        name for name, move in MOVES.items()
        if state in move.before and intent in move.intents and move.whose in mine
    )  # fmt: skip


def after(name: str, state: str, intent: str, *, by: str, author: str, reason: str = "") -> str:
    """The state a move leads to. UsageError when the state has moved on, for the wrong person, or without a reason.

    The second signature is a second person's: whoever drafted a change never signs it (DECISIONS 5).
    """
    move = MOVES[name]
    if state not in move.before or intent not in move.intents:
        zh, en = STATES[state]
        raise UsageError(
            f"这项变更现在是“{zh}”，不能“{move.zh}”。可能别人刚刚办理过，请刷新页面看最新状态。",
            f"This change is {en} by now, so it can't be moved by “{move.en}”. Reload the page to see where it stands.",
        )
    if move.whose == SECOND and by == author:
        raise UsageError(
            "起草人不能签署或退回自己的变更，请由另一位有签署权限的人办理。",
            "Whoever drafted a change can't sign it or send it back; someone else with the right to sign has to.",
        )
    if move.whose == AUTHOR and by != author:
        raise UsageError("只有起草人可以办理这一步。", "Only the person who drafted the change may do this.")
    if move.reason and not reason.strip():
        raise UsageError(f"请写明{move.zh}的理由。", f"Please give the reason to {move.en}.")
    return move.after
