"""What a provider does as if by routine: round amounts in a row, dear goods, one doctor, one test for all."""

from __future__ import annotations

from functools import cache

from mingcha.sample.city import PHARMACY, SPECIALIST
from mingcha.sample.dictionaries import items
from mingcha.sample.draft import INPATIENT, NONE, PHARMACY_VISIT
from mingcha.sample.money import UNIT
from mingcha.sample.stories.facts import Fact, day_of
from mingcha.sample.stories.stage import Stage, Visit

_ROUND = 1_000_000
"""A price of 100 yuan."""
_FREE = tuple(map(day_of, ("2025-10-01", "2026-05-01", "2026-08-01", "2026-09-01")))
"""Months in which the specialists have no stays of other stories."""


def equal_swipes(stage: Stage, fact: Fact, turn: int) -> None:
    """Three persons pay the same round amount within half a minute; then within a second more, or not a round one."""
    swipes = _swipes(stage, fact, 30, _ROUND)
    stage.plant_lead(fact.rule, swipes[-1], *swipes[:-1])
    odd = turn % 2
    near = _swipes(stage, fact, 30 if odd else 31, _ROUND + 10_000 * odd)
    stage.no_lead(fact.rule, near[-1], "金额不是整数" if odd else "第一笔在31秒之前")


def _swipes(stage: Stage, fact: Fact, seconds: int, price: int) -> list[Visit]:
    shop, day = stage.provider(pharmacy=True), stage.day(fact.first, fact.last)
    start = 8 * 3600 + stage.random.randrange(8 * 3600)
    found = []
    for second in (start, start + seconds - 10, start + seconds):
        visit = stage.visit(stage.person(), PHARMACY_VISIT, shop, day, second=second, filled=False)
        stage.charge(visit, _of_about(), UNIT, price=price)
        found.append(visit)
    return found


def far_above_purchase(stage: Stage, fact: Fact, turn: int) -> None:
    """A drug sold for more than three times what it was bought for; then for exactly three times."""
    goods, shop = _patents(), stage.city.reserved("shelf")
    if 2 * turn + 1 >= len(goods):
        return
    for place, more in ((0, 100 + turn * 100), (1, 0)):
        item, day = goods[2 * turn + place], stage.day(fact.first + 40, fact.last)
        visit = stage.visit(stage.person(), PHARMACY_VISIT, shop, day, filled=False)
        stage.charge(visit, item, 2 * UNIT, price=int(items().price[item]) * fact.limit + more)
        stage.buy(shop, item, 5, day - 30)
        if more:
            stage.plant_lead(fact.rule, visit)
        else:
            stage.no_lead(fact.rule, visit, "恰好是购进价的三倍")


def one_prescriber(stage: Stage, fact: Fact, turn: int) -> None:
    """A pharmacy whose prescriptions of a month come from one doctor nearly all; another where fewer do."""
    shops = _pharmacies(stage)
    if 2 * turn + 1 >= len(shops):
        return
    doctors = [int(stage.city.staff_first[stage.provider(3), 0]) + n for n in (0, 1)]
    for shop, most in ((shops[2 * turn], fact.limit * 8 // 10), (shops[2 * turn + 1], fact.limit * 8 // 10 - 1)):
        month = _FREE[turn % len(_FREE)]
        visits = [
            stage.visit(stage.person(), PHARMACY_VISIT, shop, month + place, practitioner=doctors[place >= most])
            for place in range(fact.limit)
        ]
        if most * 10 >= fact.limit * 8:
            stage.plant_month(fact.rule, visits[-1])
        else:
            stage.no_month(fact.rule, visits[-1], "同一医师的占比差一笔")


def routine_test(stage: Stage, fact: Fact, turn: int) -> None:
    """A ward that tests eight of ten patients, or gives them a drug; another that does seven, or has too few patients.

    Drugs, which are the city's own matter, have wards of their own.
    """
    if turn >= len(_FREE):
        return
    wards = stage.city.of_kind(SPECIALIST).tolist()
    half, turned = len(wards) // 2, turn + len(_FREE) * bool(fact.home)
    stage.plant_month(fact.rule, _tested(stage, fact, wards[turned], fact.limit, 8, turn))
    few = turn % 2
    near = _tested(stage, fact, wards[half + turned], fact.limit - few, 9 if few else 7, turn)
    stage.no_month(fact.rule, near, "住院人次太少" if few else "占比不到八成")


def _tested(stage: Stage, fact: Fact, ward: int, stays: int, tested: int, turn: int) -> Visit:
    found = []
    for place in range(stays):
        day = _FREE[turn] + place * 2
        visit = stage.visit(
            stage.person(sex=1, age=(40, 79)), INPATIENT, ward, day, end=day + 6, diagnosis="I10.x00", filled=False
        )
        visit.charge("001109000010000", day=day, prescription=NONE)
        if place < tested:
            visit.charge(fact.item, day=day + 1, prescription=NONE)
        found.append(visit)
    return found[-1]


def _pharmacies(stage: Stage) -> list[int]:
    return stage.city.of_kind(PHARMACY).tolist()


@cache
def _of_about() -> int:
    """The drug whose own price is nearest to the round one, so that it is no dearer than elsewhere."""
    return min(_pharmacy("drug:"), key=lambda n: abs(int(items().price[n]) - _ROUND))


@cache
def _patents() -> list[int]:
    return _pharmacy("patent:")


def _pharmacy(pool: str) -> list[int]:
    return [n for n, name in enumerate(items().pool) if str(name).startswith(pool) and items().list_type[n] == "101"]
