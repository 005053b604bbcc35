"""Violations of papers around a charge: no prescription, no order, an examination moved before the stay."""

from __future__ import annotations

from mingcha.sample.draft import INPATIENT, NONE, OUTPATIENT, PHARMACY_VISIT, UNORDERED
from mingcha.sample.money import UNIT
from mingcha.sample.stories.facts import Fact
from mingcha.sample.stories.stage import Stage


def without_prescription(stage: Stage, fact: Fact, turn: int) -> None:
    """A prescription drug sold without a prescription; then with one."""
    shop, day = stage.provider(pharmacy=True), stage.day(fact.first, fact.last)
    more = (fact.lawful_diagnosis,) if fact.lawful_diagnosis else ()

    def sell(prescription: int):
        visit = stage.visit(stage.person(sex=fact.also_sex), PHARMACY_VISIT, shop, day, more=more)
        return visit.charge(fact.item, 2, supply=14, prescription=prescription)

    line = sell(NONE)
    if turn % 2:
        line.refund(UNIT)
    stage.plant(fact.rule, [(line, line.net)])
    stage.near_miss(fact.rule, [sell(1)], "有处方号")


def without_order(stage: Stage, fact: Fact, turn: int) -> None:
    """A drug charged in a stay without an order; then with one."""
    day = stage.day(fact.first, fact.last - 10)
    more = (fact.lawful_diagnosis,) if fact.lawful_diagnosis else ()

    def give(prescription: int):
        ward = stage.provider(2, 3)
        stay = stage.visit(stage.person(sex=fact.also_sex), INPATIENT, ward, day, end=day + 3, more=more)
        return stay.charge(fact.item, 2, prescription=prescription)

    line = give(UNORDERED)
    stage.plant(fact.rule, [(line, line.net)])
    stage.near_miss(fact.rule, [give(1)], "有医嘱")


def before_admission(stage: Stage, fact: Fact, turn: int) -> None:
    """An examination as an outpatient, and admission days later; then a day too early, or elsewhere."""
    day = stage.day(fact.first, fact.last - 20)
    more = (fact.lawful_diagnosis,) if fact.lawful_diagnosis else ()

    def examined(days: int, elsewhere: bool):
        here = stage.provider(2, 3)
        visit = stage.visit(stage.person(sex=fact.also_sex), OUTPATIENT, here, day, more=more)
        ward = stage.provider(2, 3, other=(here,)) if elsewhere else here
        stage.visit(visit.person, INPATIENT, ward, day + days, end=day + days + 3)
        return visit.charge(fact.item)

    stage.plant(fact.rule, [(examined(fact.days - turn % 2, False), 0)])
    line = examined(fact.days + 1 - turn % 2, bool(turn % 2))
    stage.near_miss(fact.rule, [line], ("早于天数", "住入另一机构")[turn % 2])
