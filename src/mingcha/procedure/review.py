"""疑点审核 The life of a finding among people, as data: steps, moves, whose each move is, and how long it may take.

机审 → 初审 → 机构反馈 → 申诉 → 复核 → 合议 → 终审 → 扣款 (W1 of reference/rules.md §5), with the ways out. Deciding is
done at levels; an area's staffing profile says which levels one person may not hold for one finding (DECISIONS 5).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from mingcha.terms.calendar import after_working_days, working_days
from mingcha.terms.errors import UsageError

STEPS = {
    "first": ("待初审", "for first review"),
    "notified": ("待机构反馈", "with the provider"),
    "appealed": ("待复核", "for second review"),
    "upheld": ("待机构确认", "upheld, with the provider"),
    "panel": ("待合议", "with the panel"),
    "final": ("待终审", "for final review"),
    "signed": ("待扣款", "to be deducted"),
    "deducted": ("已扣款", "deducted"),
    "dropped": ("不采信", "not adopted"),
    "revoked": ("已撤销", "revoked"),
    "lead": ("已转线索", "made a lead"),
    "withdrawn": ("已撤回", "withdrawn"),
}
"""Where a finding can stand, in the order it goes; `withdrawn` is the machine's, from `first` only."""

GONE = ("dropped", "revoked", "lead", "withdrawn")
"""Steps at which a finding claims nothing any more: its lines count under the others on them."""

GROWING = ("notified", "appealed", "upheld", "panel", "final")
"""Steps at which a decided finding may take over what another on its line lets go; signed amounts stay as signed."""

PORTAL = ("notified", "appealed", "upheld", "panel", "final", "signed", "deducted", "revoked")
"""Steps at which the provider sees the finding: from the notification on."""

FIRST, SECOND, PANEL, FINAL, PAYMENT = "first", "second", "panel", "final", "payment"
LEVELS = {
    FIRST: ("初审", "first review"),
    SECOND: ("复核", "second review"),
    PANEL: ("合议", "panel"),
    FINAL: ("终审", "final review"),
    PAYMENT: ("扣款", "payment"),
}
"""Levels at which the office decides."""

PROVIDER, MACHINE = "provider", "machine"

NEVER_MERGED = frozenset({frozenset({FIRST, FINAL}), frozenset({FIRST, PAYMENT})})
"""Who decides first never signs, and never pays out (DECISIONS 5)."""

STAFFING = {
    "full": frozenset(frozenset({a, b}) for a in LEVELS for b in LEVELS if a < b) - {frozenset({SECOND, PANEL})},
    "small": NEVER_MERGED,
}
"""Which levels are kept apart: in a full office every pair, but that the second reviewer may take to the panel what the
experts' majority then decides; in an office of two people only what is never merged."""


@dataclass(frozen=True)
class Move:
    """From which steps to which, at which level or by whom; what it asks for, and what it says of the rule's hit.

    `amounts`: the amount of each line may be lowered. `outcome` is DECISIONS 3's; None leaves it as it is.
    """

    zh: str
    en: str
    before: tuple[str, ...]
    after: str
    whose: str
    reason: bool = False
    amounts: bool = False
    outcome: str | None = None


MOVES = {
    "adopt": Move("采信并反馈机构", "adopt and notify", ("first",), "notified", FIRST, amounts=True),
    "drop": Move("不采信", "don't adopt", ("first",), "dropped", FIRST, reason=True, outcome="false_positive"),
    "make-lead": Move("转线索", "make a lead", ("first", "appealed"), "lead", FIRST, reason=True),
    "accept": Move("认可", "accept", ("notified", "upheld"), "final", PROVIDER, outcome="confirmed"),
    "appeal": Move("申诉", "appeal", ("notified",), "appealed", PROVIDER, reason=True),
    "appeal-again": Move("再次申诉", "appeal again", ("upheld",), "panel", PROVIDER, reason=True),
    "lapse": Move("逾期视同认可", "taken as accepted", ("notified", "upheld"), "final", MACHINE, outcome="confirmed"),
    "uphold": Move("维持", "uphold", ("appealed",), "upheld", SECOND, reason=True, amounts=True, outcome="confirmed"),
    "grant": Move("采纳申诉", "grant the appeal", ("appealed",), "revoked", SECOND, reason=True,
                  outcome="false_positive"),
    "ask-panel": Move("送合议", "ask the panel", ("appealed",), "panel", SECOND, reason=True),
    "panel-uphold": Move("合议维持", "panel upholds", ("panel",), "final", PANEL, reason=True, amounts=True,
                         outcome="confirmed"),
    "panel-revoke": Move("合议撤销", "panel revokes", ("panel",), "revoked", PANEL, reason=True,
                         outcome="false_positive"),
    "sign": Move("签发", "sign", ("final",), "signed", FINAL, outcome="confirmed"),
    "send-back": Move("退回复核", "send back", ("final",), "appealed", FINAL, reason=True),
    "deduct": Move("扣款", "deduct", ("signed",), "deducted", PAYMENT),
    "reverse": Move("撤销", "reverse", ("final", "signed", "deducted"), "revoked", FINAL, reason=True,
                    outcome="withdrawn"),
    "rule-gone": Move("规则停用撤销", "rule withdrawn", (*GROWING, "signed", "deducted"), "revoked", MACHINE,
                      outcome="withdrawn"),
    "reopen": Move("恢复初审", "review again", ("dropped", "lead"), "first", SECOND, reason=True),
}  # fmt: skip
"""Every way from step to step. A partial adoption is `adopt` or `uphold` with lower amounts."""

DAYS = {"first": 5, "notified": 10, "appealed": 10, "upheld": 5, "panel": 10, "final": 5}
"""Working days a step may take, unless the area says otherwise (defaults of reference/rules.md §5 W1)."""

PANEL_SIZE = 3
"""Opinions a panel needs, unless the area says otherwise; always an odd number decides."""

POSTS = {
    "full": {"reviewer": {FIRST, SECOND}, "supervisor": {FIRST, SECOND, PANEL}, "leader": {FINAL},
             "finance": {PAYMENT}},
    "small": {"reviewer": {FIRST, SECOND}, "supervisor": {FIRST, SECOND, PANEL},
              "leader": {SECOND, PANEL, FINAL, PAYMENT}, "finance": {PAYMENT}},
}  # fmt: skip
"""The levels a post decides at. In an office of two, one decides first and the other everything after."""

OFFICE = "office"
"""Whose the clocks are: every post that reviews, at whatever level; a term is no decision."""

CLOCKS = {
    "extend": ("延长期限", "extend the term"),
    "pause": ("中止计时", "stop the clock"),
    "resume": ("恢复计时", "let the clock run on"),
}
"""What may be done to a running term, always with a reason: pauses, one extension (reference/rules.md §5)."""

ON_EXPIRY = {"notified": "lapse", "upheld": "lapse"}
"""What happens when the time is up. The office's own steps only show as overdue."""


def allowed(step: str, whose: Iterable[str]) -> tuple[str, ...]:
    """The moves that those levels (or PROVIDER, MACHINE) have at a step, in the order of MOVES."""
    mine = set(whose)
    return tuple(name for name, move in MOVES.items() if step in move.before and move.whose in mine)


def apart(level: str, staffing: str = "full") -> frozenset[str]:
    """The levels that whoever decides at `level` must not have decided at for the same finding, itself not among them.

    An unknown profile counts as full.
    """
    pairs = STAFFING.get(staffing, STAFFING["full"]) | NEVER_MERGED
    return frozenset(other for pair in pairs if level in pair for other in pair - {level})


def after(
    name: str, step: str, *, by: str, whose: Iterable[str], decided: Mapping[str, frozenset[str]], reason: str = "",
    staffing: str = "full",
) -> str:  # fmt: skip
    """The step a move leads to. `decided`: who has decided at each level so far.

    UsageError when the finding has moved on, for the wrong person, without a reason that is wanted, or when the
    person decided at a level that the staffing profile keeps apart from this one.
    """
    move = MOVES[name]
    if step not in move.before:
        zh, en = STEPS[step]
        raise UsageError(
            f"这条疑点现在是“{zh}”，不能“{move.zh}”。可能别人刚刚办理过，请刷新页面看最新状态。",
            f"The finding is {en} by now, so it can't be moved by “{move.en}”. Reload the page to see where it stands.",
        )
    if move.whose not in set(whose):
        raise UsageError(f"您的岗位不能办理“{move.zh}”。", f"Your post doesn't allow “{move.en}”.")
    held = sorted(level for level in apart(move.whose, staffing) if by in decided.get(level, ()))
    if held:
        zh, en = "、".join(LEVELS[level][0] for level in held), ", ".join(LEVELS[level][1] for level in held)
        raise UsageError(
            f"您已办理过这条疑点的{zh}，“{move.zh}”必须由另一个人办理。",
            f"You decided this finding at {en}; “{move.en}” has to be somebody else's.",
        )
    if move.reason and not reason.strip():
        raise UsageError(f"请写明{move.zh}的理由。", f"Please give the reason to {move.en}.")
    return move.after


@dataclass(frozen=True)
class Term:
    """Where a step's term stands: its last day, or the working days left while its clock stands; neither: no term."""

    due: date | None = None
    left: int | None = None
    extended: bool = False


def clock_acts(term: Term, now: date) -> tuple[str, ...]:
    """What may be done to the term today: extended once, by its own length; one that is over can't be helped."""
    if term.left is not None:
        return ("resume",)
    if term.due is None or term.due < now:
        return ()
    return ("pause",) if term.extended else ("extend", "pause")


def clock(name: str, term: Term, now: date, days: int, told: Mapping[date, bool] | None = None) -> Term:
    """The term after one of CLOCKS. `days`: working days of the step; `told`: the area's calendar.

    ValueError for what clock_acts doesn't offer.
    """
    if name not in clock_acts(term, now):
        raise ValueError(f"{name} of {term}")
    if name == "extend" and term.due:
        return Term(after_working_days(term.due, days, told), None, True)
    if name == "pause" and term.due:
        return Term(None, working_days(now, term.due, told), term.extended)
    return Term(after_working_days(now, term.left or 0, told), None, term.extended)


def state_of(step: str) -> str:
    """What the audit makes of a step: open findings follow the facts, decided ones keep their amounts (DECISIONS 1)."""
    return {"first": "open", "withdrawn": "withdrawn"}.get(step, "decided")
