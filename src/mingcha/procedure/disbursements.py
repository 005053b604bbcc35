"""拨付 A batch of payments among people, as data: three levels, a fourth over a threshold, and what the bank says.

录入 → 复核 → 审核签发 (→ 领导签发) → 报送 → 回盘 (W8 of reference/rules.md §5). Every level is another person's,
with lent posts too; who made the first review of a claim in the batch signs no money out for it (DECISIONS 5).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from mingcha.procedure.levels import Move, refuse_second
from mingcha.terms.errors import UsageError

ENTRY, CHECK, APPROVE, LEADER = "entry", "check", "approve", "leader"
LEVELS = {
    ENTRY: ("录入", "entry"),
    CHECK: ("复核", "check"),
    APPROVE: ("审核签发", "approval"),
    LEADER: ("领导签发", "leader's signature"),
}
"""The levels in their order."""

SIGNING = (APPROVE, LEADER)
"""The levels that sign money out."""

STEPS = {
    ENTRY: ("待提交", "being put together"),
    CHECK: ("待复核", "for the check"),
    APPROVE: ("待签发", "for approval"),
    LEADER: ("待领导签发", "for the leader's signature"),
    "signed": ("待报送", "signed, to be sent"),
    "sent": ("待回盘", "sent, waiting for the return file"),
    "returned": ("已回盘", "returned"),
    "discarded": ("已作废", "discarded"),
}
"""Where a batch can stand, in the order it goes; its rows are final once it is sent."""

OPEN = tuple(LEVELS)

RESULTS = {
    "waiting": ("未回盘", "no answer yet"),
    "paid": ("成功", "paid"),
    "failed": ("失败", "failed"),
    "out": ("已移出", "taken out"),
}
"""What became of a row. A claim whose row failed or was taken out may go into a later batch."""

LIVE = ("waiting", "paid")
"""Rows that hold their claim: it can't be in another batch."""

FOURTH_FEN = 50_000_000
"""From which sum of a batch on a fourth signature is needed, in fen, unless the area says otherwise: an assumption."""

POSTS = {
    "full": {"finance": {ENTRY, CHECK}, "supervisor": {APPROVE}, "leader": {APPROVE, LEADER}},
    "small": {"finance": {ENTRY, CHECK}, "reviewer": {ENTRY}, "supervisor": {ENTRY}, "leader": {APPROVE, LEADER}},
}  # fmt: skip
"""The levels a post may hold, by the area's staffing profile; of one batch a person holds only one of them."""


MOVES = {
    "pass": Move("通过", "pass", OPEN),
    "return": Move("退回录入", "send back", OPEN[1:], reason=True),
    "discard": Move("作废", "discard", (ENTRY,), reason=True),
    "send": Move("报送", "send", ("signed",)),
}


@dataclass(frozen=True)
class Batch:
    """What the procedure has to know of a batch."""

    step: str
    route: tuple[str, ...] = (ENTRY, CHECK, APPROVE)
    rows: int = 1

    @property
    def level(self) -> str:
        """The level whose move it is; sending is the entry's."""
        return self.step if self.step in LEVELS else ENTRY


def route(fen: int, threshold: int, staffing: str = "full") -> tuple[str, ...]:
    """The levels of a batch of that sum. In an office of two people a leader signs, and nothing stands between."""
    if staffing == "small":
        return (ENTRY, APPROVE)
    return (ENTRY, CHECK, APPROVE, LEADER) if fen >= threshold else (ENTRY, CHECK, APPROVE)


def allowed(batch: Batch, levels: Collection[str]) -> tuple[str, ...]:
    """The moves that holders of those levels have, in the order of MOVES."""
    return tuple(name for name, move in MOVES.items() if batch.step in move.before and batch.level in levels)


def after(
    name: str, batch: Batch, *, hands: Iterable[str], levels: Collection[str], held: Mapping[str, Collection[str]],
    first: Collection[str] = (), reason: str = "",
) -> str:  # fmt: skip
    """The step a move leads to.

    `hands`, `levels`, `held` as in procedure.benefits; `first`: who made the first review of a claim in the batch.
    UsageError when the batch has moved on, for the wrong person, or without a reason that is wanted.
    """
    move = MOVES[name]
    if batch.step not in move.before:
        zh, en = STEPS[batch.step]
        raise UsageError(
            f"这批拨付现在是“{zh}”，不能“{move.zh}”。可能别人刚刚办理过，请刷新页面看最新状态。",
            f"The batch is {en} by now, so it can't be moved by “{move.en}”. Reload the page.",
        )
    if batch.level not in levels:
        zh, en = LEVELS[batch.level]
        raise UsageError(f"您的岗位不能办理拨付{zh}。", f"Your post doesn't act at {en}.")
    refuse_held(batch.level, hands, held)
    if batch.level in SIGNING and set(hands) & set(first):
        raise UsageError(
            "这批里有您初审过的待遇，签发必须由另一个人办理。",
            "You made the first review of a claim in it; somebody else signs.",
        )
    if move.reason and not reason.strip():
        raise UsageError(f"请写明{move.zh}的理由。", f"Please give the reason to {move.en}.")
    if name != "pass":
        return {"return": ENTRY, "discard": "discarded", "send": "sent"}[name]
    if not batch.rows:
        raise UsageError("这批里没有待遇，请作废或加入待遇。", "There is nothing in the batch.")
    following = batch.route[batch.route.index(batch.step) + 1 :]
    return following[0] if following else "signed"


def refuse_held(level: str, hands: Iterable[str], held: Mapping[str, Collection[str]]) -> None:
    """UsageError for hands that have acted at another level of the batch."""
    refuse_second(level, hands, held, LEVELS, ("这批拨付", "this batch"))
