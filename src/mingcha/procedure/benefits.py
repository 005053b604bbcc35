"""待遇审核 A manual claim among people, as data: five levels, each with its own matter, and how long it may take.

初审(录入核对) → 审核(合规) → 复审(重点) → 稽核(实地、外调) → 领导审签 (W7 of reference/rules.md §5). Any level may send
an item back to any earlier one, and every level after that decides again. Nobody holds two levels of one item, whatever
the staffing: an office too small for five people leaves levels out from a date on (`route`), and prints which.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from mingcha.procedure.levels import Move, refuse_second
from mingcha.terms.errors import UsageError

FIRST, CHECK, FOCUS, SITE, SIGN = "first", "check", "focus", "site", "sign"
LEVELS = {
    FIRST: ("初审", "first review", "录入信息与单据一致"),
    CHECK: ("审核", "compliance review", "资格、目录、比例合规"),
    FOCUS: ("复审", "focus review", "大额、外伤、异地、零报"),
    SITE: ("稽核", "check on site", "实地或外调核实"),
    SIGN: ("领导审签", "leader's signature", "审签"),
}
"""The levels in their order: name in both languages, and what each looks at."""

STEPS = {
    FIRST: ("待初审", "for first review"),
    CHECK: ("待审核", "for compliance review"),
    FOCUS: ("待复审", "for focus review"),
    SITE: ("待稽核", "for the check on site"),
    SIGN: ("待审签", "for the leader's signature"),
    "signed": ("已审签", "signed"),
    "refused": ("不予支付", "refused"),
    "closed": ("已撤件", "taken back"),
}
"""Where an item can stand, in the order it goes. `refused` was signed with nothing to pay."""

OPEN = tuple(LEVELS)
"""Steps at which somebody has to decide; each is named as its level."""

KINDS = {
    "manual": ("手工报销", "manual claim"),
    "maternity": ("生育津贴", "maternity allowance"),
    "sporadic": ("零星报销", "sporadic claim"),
}

DAYS = {"manual": 30, "maternity": 10, "sporadic": 30}
"""Working days from the day a claim was received to its signature, unless the area says otherwise.

手工（零星）报销 30, 生育津贴 10: 社会保险经办条例 (国务院令第765号) as reference/rules.md §5 W7 quotes it, from memory;
check against the text before an office relies on it.
"""

POINTS = {
    "amount": ("大额", "over the amount that is looked at closely"),
    "injury": ("外伤", "an injury: is somebody else liable?"),
    "elsewhere": ("异地", "treated outside the pool"),
    "zero": ("零报", "nothing left to pay"),
}
"""What 复审 looks at closely (W7). 零报 is a claim of which nothing is left to pay."""

FOCUS_FEN = 1_000_000
"""From which amount on an item is looked at closely, in fen, unless the area says otherwise: an assumption."""

POSTS = {
    "full": {"reviewer": {FIRST, CHECK, FOCUS}, "supervisor": {FOCUS, SITE}, "leader": {SIGN}},
    "small": {"reviewer": {FIRST, CHECK, FOCUS, SITE}, "supervisor": {FIRST, CHECK, FOCUS, SITE},
              "leader": {CHECK, FOCUS, SITE, SIGN}},
}  # fmt: skip
"""The levels a post may hold, by the area's staffing profile; of one item a person holds only one of them."""


MOVES = {
    "pass": Move("通过", "pass", OPEN),
    "return": Move("退回", "send back", (*OPEN[1:], "signed", "refused"), reason=True),
    "withdraw": Move("撤件", "take back", (FIRST,), reason=True),
}
"""`pass` leads to the next level of the item's route, `return` to any earlier one; a signed item that isn't in a batch
of payments yet comes back by the level that signed it."""

ENTER, AMEND = "enter", "amend"
"""What the first level does before it passes: entering, and correcting what was entered. Both count as holding it."""


@dataclass(frozen=True)
class Item:
    """What the procedure has to know of an item: amounts in fen."""

    step: str
    route: tuple[str, ...] = OPEN
    points: frozenset[str] = frozenset()
    fen: int = 0
    confirmed: bool = False

    @property
    def level(self) -> str:
        """The level whose move it is; of a decided item the last one's."""
        return self.step if self.step in LEVELS else SIGN


def route(levels: Sequence[str]) -> tuple[str, ...]:
    """The levels an item goes through, in order. UsageError for unknown ones, or without the first and the signature.

    Who decides first never signs (DECISIONS 5): the shortest route has two people.
    """
    if not set(levels) <= set(LEVELS) or not {FIRST, SIGN} <= set(levels):
        raise UsageError(
            "待遇审核至少要有初审和领导审签两级。", "A benefit review has at least the first level and the signature."
        )
    return tuple(level for level in LEVELS if level in levels)


def points(*, fen: int, threshold: int, injury: bool, elsewhere: bool, approved: int) -> frozenset[str]:
    """What the focus review has to look at; amounts in fen. Exactly the threshold counts as over it."""
    held = {"amount": fen >= threshold, "injury": injury, "elsewhere": elsewhere, "zero": approved == 0}
    return frozenset(name for name, applies in held.items() if applies)


def earlier(item: Item) -> tuple[str, ...]:
    """The levels the item may be sent back to, in order."""
    if item.step not in MOVES["return"].before:
        return ()
    return item.route if item.step not in LEVELS else item.route[: item.route.index(item.step)]


def allowed(item: Item, levels: Collection[str]) -> tuple[str, ...]:
    """The moves that holders of those levels have, in the order of MOVES."""
    return tuple(
        name for name, move in MOVES.items()
        if item.step in move.before and item.level in levels and (name != "return" or earlier(item))
    )  # fmt: skip


def after(
    name: str, item: Item, *, hands: Iterable[str], levels: Collection[str], held: Mapping[str, Collection[str]],
    to: str = "", reason: str = "",
) -> str:  # fmt: skip
    """The step a move leads to.

    `hands`: the login names the act counts for, the lender's among them; `levels`: those their post decides at;
    `held`: who has acted at each level of this item so far. UsageError when the item has moved on, for the wrong
    post, for who acted at another level, without a reason that is wanted, or for a way back that isn't one.
    """
    move = MOVES[name]
    if item.step not in move.before:
        zh, en = STEPS[item.step]
        raise UsageError(
            f"这件待遇现在是“{zh}”，不能“{move.zh}”。可能别人刚刚办理过，请刷新页面看最新状态。",
            f"The claim is {en} by now, so it can't be moved by “{move.en}”. Reload the page to see where it stands.",
        )
    if item.level not in levels:
        zh, en, _ = LEVELS[item.level]
        raise UsageError(f"您的岗位不能办理{zh}。", f"Your post doesn't decide at {en}.")
    refuse_held(item.level, hands, held)
    if move.reason and not reason.strip():
        raise UsageError(f"请写明{move.zh}的理由。", f"Please give the reason to {move.en}.")
    if name == "withdraw":
        return "closed"
    if name == "return":
        return _back(item, to)
    return _forward(item, reason)


def refuse_held(level: str, hands: Iterable[str], held: Mapping[str, Collection[str]]) -> None:
    """UsageError for hands that have acted at another level of the item."""
    refuse_second(level, hands, held, {one: names[:2] for one, names in LEVELS.items()}, ("这件待遇", "this claim"))


def _back(item: Item, to: str) -> str:
    if to not in earlier(item):
        raise UsageError("请选择退回到哪一级，只能是前面的级别。", "Choose the earlier level it is sent back to.")
    return to


def _forward(item: Item, reason: str) -> str:
    if item.step == SITE and not reason.strip():
        raise UsageError("请写明实地或外调核实的情况。", "Please say what was found on site.")
    if item.step == FOCUS and item.points and not reason.strip():
        told = "、".join(POINTS[point][0] for point in POINTS if point in item.points)
        raise UsageError(f"这件有重点（{told}），请写明复审意见。", "It has points to look at; give your opinion.")
    if item.step == SIGN and item.fen and "elsewhere" in item.points and not item.confirmed:
        raise UsageError(
            "异地就医的费用信息还没有与就医地核实，不能审签。请退回审核、复审或稽核，核实后勾选确认。",
            "The fee information of the place of treatment isn't confirmed yet, so it can't be signed.",
        )
    if item.step == SIGN:
        return "signed" if item.fen else "refused"
    return item.route[item.route.index(item.step) + 1]
