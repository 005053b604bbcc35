"""How long a message may wait for its turn: controlled delay, so that whoever is answered is answered soon.

A crowd that passes is waited out. When a process has hardly been idle for a while, more comes than it can deal with,
and waiting helps nobody: then only those are dealt with who have just come, and the others are told at once.
"""

from __future__ import annotations

import time
from types import TracebackType

USUAL, CROWDED = 0.05, 0.015
"""Seconds a message may wait, and when there was hardly any idle time in the last WINDOW seconds."""
WINDOW, IDLE = 0.1, 0.1
"""What hardly means: a smaller share of a window than IDLE."""


class Patience:
    """The messages of one process that wait or are dealt with."""

    def __init__(self) -> None:
        self.crowded = False
        self._inside = 0
        self._left = self._began = time.perf_counter()
        self._idle = 0.0

    def __enter__(self) -> None:
        now = time.perf_counter()
        if self._inside == 0:
            self._idle += now - self._left
        self._inside += 1
        if (whole := now - self._began) > WINDOW:
            self.crowded, self._began, self._idle = self._idle < whole * IDLE, now, 0.0

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._inside -= 1
        self._left = time.perf_counter()

    def ended(self, since: float) -> bool:
        """Whether who came at `since` (`time.perf_counter`) has waited too long."""
        return time.perf_counter() - since > (CROWDED if self.crowded else USUAL)
