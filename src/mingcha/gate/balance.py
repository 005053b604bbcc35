"""Connections shared out among a gate's processes: one that has more than its part lets some go, and they come again.

A hospital keeps its connection for hours, and the kernel gives a new one to whoever wakes first. Left alone, one
process of two may have nearly all, and then a gate answers half of what it could.
"""

from __future__ import annotations

from mingcha.gate.counters import Counters

EVERY = 0.25
"""Seconds between two looks."""
BUSY = 25
"""Messages between two looks below which nobody waits for anybody, and nothing is shared out."""
SLACK = 0.2
"""The part of its share that a process may have more."""


class Balance:
    """One process's part of the connections; `processes` is how many share them."""

    def __init__(self, counters: Counters, processes: int) -> None:
        self._counters, self._processes = counters, processes
        self._before = counters.requests()
        self._seen: set[tuple[str, int]] = set()
        self._surplus = 0

    def leaves(self, connection: tuple[str, int]) -> bool:
        """Whether a connection that is answered is to be closed with that."""
        self._seen.add(connection)
        if not self._surplus:
            return False
        self._surplus -= 1
        return True

    def look(self) -> None:
        """How many messages each process had, and how many connections are too many here."""
        now, before = self._counters.requests(), self._before
        grown = {process: count - before.get(process, 0) for process, count in now.items()}
        own, fair = grown.get(self._counters.process, 0), sum(grown.values()) / self._processes
        here = len(self._seen)
        self._before, self._seen = now, set()
        crowded = own > max(BUSY, fair * (1 + SLACK))
        self._surplus = min(round(here * (1 - fair / own)), here - 1) if crowded else 0
