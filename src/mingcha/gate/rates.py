"""How many messages a provider may send a second: one whose system runs wild doesn't take the others' turn."""

from __future__ import annotations

import time

BURST = 2.0
"""Seconds' worth that may come at once."""


class Rates:
    """A bucket a provider, filled at `rate` messages a second; each process of a gate counts its own."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self._left: dict[str, tuple[float, float]] = {}

    def allow(self, provider: str) -> bool:
        """Take one from the provider's bucket; False when it is empty."""
        now = time.perf_counter()
        left, at = self._left.get(provider, (self.rate * BURST, now))
        left = min(self.rate * BURST, left + (now - at) * self.rate)
        self._left[provider] = (left - 1, now) if left >= 1 else (left, now)
        return left >= 1
