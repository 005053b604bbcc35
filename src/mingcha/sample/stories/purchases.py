"""Purchases of several persons in one pharmacy within minutes: two who always come together, many at once."""

from __future__ import annotations

from mingcha.sample.draft import PHARMACY_VISIT
from mingcha.sample.money import UNIT
from mingcha.sample.stories.facts import Fact
from mingcha.sample.stories.stage import Stage, Visit

_MORNING = 8 * 3600
_TEN_MINUTES = 600
_HALF_HOURS = 20


def buying_together(stage: Stage, fact: Fact, turn: int) -> None:
    """Two persons on as many days as make a lead; then one day less, days too far apart, or a quarter of an hour."""
    first = stage.day(fact.first, fact.last - 2 * fact.within)
    step = fact.within // fact.limit - 1
    met = _together(stage, [first + n * step for n in range(fact.limit)], _TEN_MINUTES - turn % 2 * 300, turn)
    stage.plant_lead(fact.rule, met[-1], *met[:-1])
    days = [first + n * step for n in range(fact.limit - 1)]
    if turn % 3 == 0:
        near, why = _together(stage, days, 120, turn), "同行天数少一天"
    elif turn % 3 == 1:
        near, why = _together(stage, [*days, first + fact.within], 120, turn), "第一次已在周期之外"
    else:
        near, why = _together(stage, [*days, days[-1] + 3], _TEN_MINUTES + 1, turn), "相隔超过十分钟"
    stage.no_lead(fact.rule, near[-1], why)


def _together(stage: Stage, days: list[int], apart: int, turn: int) -> list[Visit]:
    """The later purchase of each day; who comes later changes from day to day."""
    pharmacy, pair = stage.provider(pharmacy=True), [stage.person(), stage.person()]
    found = []
    for number, day in enumerate(days):
        start = _MORNING + stage.random.randrange(9 * 3600)
        _purchase(stage, pair[(number + turn) % 2], pharmacy, day, start)
        found.append(_purchase(stage, pair[(number + turn + 1) % 2], pharmacy, day, start + apart))
    return found


def crowded_purchases(stage: Stage, fact: Fact, turn: int) -> None:
    """One person more than usual within ten minutes; then as many as are usual, the first a second too early.

    They have a pharmacy and half an hour of their own each: nobody else may come between.
    """
    days = fact.last - fact.first + 1
    if 2 * turn + 1 >= days * _HALF_HOURS:
        return
    crowd = _crowd(stage, fact, divmod(2 * turn, days), _TEN_MINUTES)
    stage.plant_lead(fact.rule, crowd[-1], *crowd[:-1])
    near = _crowd(stage, fact, divmod(2 * turn + 1, days), _TEN_MINUTES + 1)
    stage.no_lead(fact.rule, near[-1], "第一笔在十分钟之前")


def _crowd(stage: Stage, fact: Fact, when: tuple[int, int], seconds: int) -> list[Visit]:
    """The purchases of two persons more than are usual, the last so many seconds after the first."""
    pharmacy, persons, day = stage.city.reserved("crowded-till"), fact.limit + 2, fact.first + when[1]
    start = _MORNING + when[0] * 1800 + stage.random.randrange(600)
    times = [start, *(start + seconds - 10 * n for n in range(persons - 2, -1, -1))]
    return [_purchase(stage, stage.person(), pharmacy, day, second) for second in times]


def _purchase(stage: Stage, person: int, pharmacy: int, day: int, second: int) -> Visit:
    visit = stage.visit(person, PHARMACY_VISIT, pharmacy, day, second=second, filled=False)
    stage.charge(visit, stage.ordinary("pharmacy"), UNIT, day=day)
    return visit
