"""质量抽查 Second looks at first reviews: which are drawn, who may look, what follows, and how far two people agree.

The second reviewer is told neither decision nor reason nor name. Agreement beyond chance is Cohen's kappa (J. Cohen,
A coefficient of agreement for nominal scales, Educational and Psychological Measurement 20, 1960, pp. 37–46).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from mingcha.procedure.review import FIRST, MOVES, SECOND, allowed
from mingcha.procedure.sampling import Unit, draw
from mingcha.terms.errors import UsageError

PERCENT = 5
"""Of the findings decided at first review that are looked at again, unless the area says otherwise."""

VERDICTS = {"adopt": ("应采信", "adopt"), "drop": ("不应采信", "don't adopt")}
"""What either of the two makes of a finding: the moves of first review that are looked at again."""

STEPS = {
    "waiting": ("待抽查复核", "for the second look"),
    "agreed": ("意见一致", "agreed"),
    "disputed": ("意见不一致，待裁定", "disputed, for the supervisor"),
    "settled": ("已裁定", "settled"),
}
"""Where a second look can stand, in the order it goes; `agreed` and `settled` are its ends."""


@dataclass(frozen=True)
class Agreement:
    """How many pairs of verdicts there are, how many agree, and kappa: None where chance alone explains everything."""

    pairs: int
    agreed: int
    kappa: float | None

    @property
    def rate(self) -> float | None:
        """The share of pairs that agree, 0–1; None without any."""
        return self.agreed / self.pairs if self.pairs else None


def drawn(decided: Collection[str], percent: int, seed: str) -> list[str]:
    """The numbers of the findings to look at again: that share of the decided, rounded up; the same for the same seed.

    UsageError for a share that is not between 0 and 100 per cent.
    """
    if not 0 <= percent <= 100:
        raise UsageError("抽查比例应在 0 到 100 之间（百分比）。", "The share lies between 0 and 100 per cent.")
    count = ceil(len(decided) * percent / 100)
    if not count:
        return []
    return [one.key for one in draw((Unit(number, "", 1) for number in decided), "simple", count, seed)][:count]


def may_look(hands: Iterable[str], first: Iterable[str]) -> bool:
    """Whether somebody may look again: none of the login names the look counts for is one the first decision did.

    A lent post counts for both who lent and who acts with it, on either side.
    """
    return not set(hands) & set(first)


def after(first: str, second: str) -> str:
    """The step a look has once the second verdict is given. UsageError for a verdict that is none."""
    for verdict in (first, second):
        if verdict not in VERDICTS:
            raise UsageError("请选择应采信或不应采信。", "Choose to adopt or not to adopt.")
    return "agreed" if first == second else "disputed"


def way_back(step: str, first: str, stands: str) -> str | None:
    """The move by which a finding at that step goes to first review again; None: the outcome is only recorded.

    `stands` is the verdict the supervisor lets stand. Where it is the first one nothing moves.
    """
    if after(first, stands) == "agreed":
        return None
    return next((name for name in allowed(step, {FIRST, SECOND}) if MOVES[name].after == "first"), None)


def agreement(pairs: Sequence[tuple[str, str]]) -> Agreement:
    """How far (first, second) verdicts agree, and how far beyond what the two people's habits would by chance."""
    n, agreed = len(pairs), sum(one == other for one, other in pairs)
    if not n:
        return Agreement(0, 0, None)
    firsts, seconds = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    chance = sum(firsts[verdict] * seconds[verdict] for verdict in VERDICTS)  # in 1/n²: exact
    return Agreement(n, agreed, None if chance == n * n else (n * agreed - chance) / (n * n - chance))
