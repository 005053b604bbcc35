"""Patience: a crowd that passes is waited out, one that stays is not."""

from __future__ import annotations

import pytest

from mingcha.gate import patience
from mingcha.gate.patience import CROWDED, USUAL, WINDOW, Patience


class Clock:
    """A clock that is set by hand."""

    now = 100.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(patience, "time", made)
    return made


def served(own: Patience, clock: Clock, pause: float, work: float, count: int) -> None:
    for _ in range(count):
        clock.now += pause
        with own:
            clock.now += work


def test_at_half_its_load_a_crowd_is_waited_out(clock: Clock) -> None:
    own = Patience()
    served(own, clock, 0.001, 0.001, 500)
    with own:
        since = clock.now
        clock.now += USUAL - 0.001
        assert not own.ended(since)
        clock.now += 0.002
        assert own.ended(since)


def test_without_a_pause_only_those_who_just_came_count(clock: Clock) -> None:
    own = Patience()
    served(own, clock, 0.00001, 0.002, 200)
    assert own.crowded
    with own:
        since = clock.now
        clock.now += CROWDED + 0.001
        assert own.ended(since)
    served(own, clock, 0.01, 0.002, int(3 * WINDOW / 0.012))
    assert not own.crowded, "it is over as soon as there is time again"


def test_many_at_once_are_one_stretch_of_work(clock: Clock) -> None:
    own = Patience()
    for _ in range(20):
        with own, own, own:
            clock.now += 0.02
    assert own.crowded
