"""How long a message may wait for its turn: controlled delay, so that whoever is answered is answered soon.

A crowd that passes is waited out. When a process has hardly been idle for a while, more comes than it can deal with,
and waiting helps nobody: then only those are dealt with who have just come, and the others are told at once.

One message is dealt with between two looks at the network: what is answered leaves, and what came begins to wait,
before the next one's turn.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType

USUAL, CROWDED = 0.05, 0.01
"""Seconds a message may wait, and when there was hardly any idle time in the last WINDOW seconds."""
PREPARING = 0.12
"""Seconds while other rules are made ready beside the answering: that passes, and nobody need be let pass for it."""
WINDOW, IDLE = 0.05, 0.02
"""What hardly means: a smaller share of a window than IDLE."""


class Patience:
    """The messages of one process that wait or are dealt with. `preparing`: whether rules are being made ready."""

    def __init__(self, preparing: Callable[[], bool] = lambda: False) -> None:
        self.crowded = False
        self._preparing = preparing
        self._inside = 0
        self._left = self._began = time.perf_counter()
        self._idle = 0.0
        self._taken = False
        self._waiting: deque[tuple[float, asyncio.Future[bool]]] = deque()

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

    async def turn(self, since: float) -> bool:
        """Wait to be dealt with, as who came at `since` (`time.perf_counter`); False for who has waited too long."""
        loop = asyncio.get_running_loop()
        if not self._taken:
            self._taken = True
            loop.call_soon(self._next, loop)
            return not self.ended(since)
        mine: asyncio.Future[bool] = loop.create_future()
        self._waiting.append((since, mine))
        return await mine

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        """Tell those who have waited too long, and give the turn to the first of the others."""
        while self._waiting and self.ended(self._waiting[0][0]):
            _give(self._waiting.popleft()[1], False)
        while self._waiting:
            if _give(self._waiting.popleft()[1], True):
                loop.call_soon(self._next, loop)
                return
        self._taken = False

    def ended(self, since: float) -> bool:
        """Whether who came at `since` (`time.perf_counter`) has waited too long."""
        most = PREPARING if self._preparing() else CROWDED if self.crowded else USUAL
        return time.perf_counter() - since > most


def _give(waiting: asyncio.Future[bool], in_time: bool) -> bool:
    """Tell one who waits; False when its caller went away meanwhile."""
    if waiting.done():
        return False
    waiting.set_result(in_time)
    return True
