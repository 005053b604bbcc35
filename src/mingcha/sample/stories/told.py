"""What a story plants, as key.csv and near_misses.csv tell it, and which borders it crosses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from mingcha.sample.stories.stage import Line


@dataclass
class Told:
    """One row of key.csv or near_misses.csv, still by places; line 0 is the visit itself.

    `wide`: what is told is of the provider; the visit only says which one.
    """

    rule: str
    visit: int
    line: int
    amount: int
    why: str = ""
    crosses: str = ""
    wide: bool = False


def crossing(lines: list[Line], said: str) -> str:
    """Which borders a violation crosses: month, provider, refund, file."""
    found = set(filter(None, said.split(";")))
    if len({np.datetime64(line.day, "D").astype("datetime64[M]") for line in lines}) > 1:
        found.add("month")
    if len({line.visit.provider for line in lines}) > 1:
        found.add("provider")
    if any(line.refunded for line in lines):
        found.add("refund")
    if any(line.late for line in lines):
        found.add("file")
    return ";".join(sorted(found))
