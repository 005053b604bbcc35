"""Patience: a crowd that passes is waited out, one that stays is not."""

from __future__ import annotations

import asyncio
import time

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


def test_in_a_crowd_everybody_has_a_turn_and_none_is_dealt_with_before_the_network_was_looked_at() -> None:
    async def crowd() -> tuple[list[int], int]:
        own, order, looks = Patience(), [], 0

        async def network() -> None:
            nonlocal looks
            while len(order) < 20:
                looks += 1
                await asyncio.sleep(0)

        async def message(number: int) -> None:
            with own:
                assert await own.turn(time.perf_counter())
                order.append(number)

        await asyncio.gather(network(), *(message(number) for number in range(20)))
        return order, looks

    order, looks = asyncio.run(crowd())
    assert order == list(range(20)), "first come, first served"
    assert looks >= 19, "once between any two"


def test_who_has_waited_too_long_is_told_at_once_and_the_next_has_the_turn() -> None:
    async def crowd() -> list[bool]:
        own = Patience()
        with own:
            now = time.perf_counter()
            came = [now, now - USUAL - 1, now - USUAL - 1, now]
            return await asyncio.gather(*(own.turn(since) for since in came))

    assert asyncio.run(crowd()) == [True, False, False, True]


def test_a_caller_that_went_away_costs_nobody_a_turn() -> None:
    async def crowd() -> bool:
        own = Patience()
        with own:
            assert await own.turn(time.perf_counter())
            gone, stays = (asyncio.ensure_future(own.turn(time.perf_counter())) for _ in range(2))
            gone.cancel()
            return await asyncio.wait_for(stays, 5)

    assert asyncio.run(crowd())


def test_while_other_rules_are_made_ready_nobody_is_let_pass_for_it(clock: Clock) -> None:
    preparing = True
    own = Patience(lambda: preparing)
    since = clock.now
    clock.now += USUAL + 0.01
    assert not own.ended(since)
    preparing = False
    assert own.ended(since)
