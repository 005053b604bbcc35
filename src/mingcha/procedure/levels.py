"""What procedures by levels have in common: moves, and that nobody holds two levels of one matter."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from mingcha.terms.errors import UsageError


@dataclass(frozen=True)
class Move:
    """From which steps, and whether it wants a reason."""

    zh: str
    en: str
    before: tuple[str, ...]
    reason: bool = False


def refuse_second(
    level: str, hands: Iterable[str], held: Mapping[str, Collection[str]],
    levels: Mapping[str, tuple[str, ...]], what: tuple[str, str],
) -> None:  # fmt: skip
    """UsageError for hands that have acted at another level.

    `levels`: the names of each in both languages; `what`: what it is they acted on, as it stands in a sentence.
    """
    mine = set(hands)
    if others := [one for one in levels if one != level and mine & set(held.get(one, ()))]:
        zh, en = "、".join(levels[one][0] for one in others), ", ".join(levels[one][1] for one in others)
        raise UsageError(
            f"您已办理过{what[0]}的{zh}，{levels[level][0]}必须由另一个人办理。",
            f"You acted at {en} of {what[1]}; another level has to be somebody else's.",
        )
