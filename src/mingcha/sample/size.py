"""How big a city is: persons, blocks and planted histories for a wished number of fee lines."""

from __future__ import annotations

from dataclasses import dataclass

LINES_PER_PERSON = 77.0
"""Fee lines of an ordinary person and year, refunds included (measured over seeds)."""

PERSONS_PER_BLOCK = 1024
LEAST_LINES = 10_000
MOST_LINES = 100_000_000


@dataclass(frozen=True)
class Size:
    """A city's measures. A block is what one random stream draws; files hold whole blocks.

    `local`: the city has rules of its own, and violations are planted by them.
    """

    lines: int
    persons: int
    blocks: int
    plants: int
    local: bool = False

    @staticmethod
    def of(lines: int, lines_per_plant: float, plants: int, local: bool = False) -> Size:
        """The size for a number of fee lines, of which planted histories take `plants × lines_per_plant`."""
        persons = max(16, round((lines - plants * lines_per_plant) / LINES_PER_PERSON))
        return Size(lines, persons, -(-persons // PERSONS_PER_BLOCK), plants, local)

    def share(self, total: int, block: int) -> range:
        """The part of 0 … total−1 that falls to a block: even parts, in order."""
        return range(total * block // self.blocks, total * (block + 1) // self.blocks)
