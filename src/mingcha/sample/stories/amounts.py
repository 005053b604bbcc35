"""Violations of how much at once: doses, days on a prescription, and what is charged by the day of a stay."""

from __future__ import annotations

from mingcha.sample.draft import INPATIENT, OUTPATIENT, SPECIAL, TAKEN_HOME
from mingcha.sample.money import UNIT, half_up
from mingcha.sample.stories.facts import Fact
from mingcha.sample.stories.stage import Line, Stage, Visit

_HOUR = 3600
_DOSES = 7


def daily_dose(stage: Stage, fact: Fact, turn: int) -> None:
    """More than the largest daily amount for the days it is given; the amount beyond is improper."""
    allowed = fact.limit // UNIT * _DOSES
    visit = _clinic(stage, fact)
    line = visit.charge(fact.item, allowed * 2, supply=_DOSES, prescription=2, late=turn % 4 == 2)
    if turn % 4 == 1:
        line.refund(UNIT)
    stage.plant(fact.rule, [(line, half_up(line.net * (line.units - allowed * UNIT), line.units))])
    kept = _clinic(stage, fact)
    if turn % 2:
        line = kept.charge(fact.item, allowed * 2, supply=_DOSES, prescription=2).refund(allowed * UNIT)
        stage.near_miss(fact.rule, [line], "部分退费后恰好等于最大量")
    else:
        line = kept.charge(fact.item, allowed, supply=_DOSES, prescription=2)
        stage.near_miss(fact.rule, [line], "恰好等于最大量")


def supply_limit(stage: Stage, fact: Fact, turn: int) -> None:
    """More days on one prescription than its kind of care allows; the days beyond are improper."""
    if INPATIENT in fact.care:
        _taken_home(stage, fact, turn)
        return
    supply = fact.days + (1, 7, 21, 3)[turn % 4]
    line = _clinic(stage, fact).charge(fact.item, 1 + turn % 3, supply=supply, late=turn % 4 == 2)
    if turn % 4 == 1:
        line.refund(UNIT)
    stage.plant(fact.rule, [(line, half_up(line.net * (supply - fact.days), supply))])
    kept = _clinic(stage, fact, SPECIAL if turn % 2 else OUTPATIENT)
    line = kept.charge(fact.item, supply=28 if turn % 2 else fact.days)
    stage.near_miss(fact.rule, [line], "门诊慢特病不在限制之内" if turn % 2 else "恰好等于上限")


def _taken_home(stage: Stage, fact: Fact, turn: int) -> None:
    """Medicines for too many days after discharge; in the ward, or for just as many days, they are lawful."""
    supply = fact.days + (1, 7, 23, 3)[turn % 4]

    def stay() -> Visit:
        day = stage.day(fact.first, fact.last - 10)
        return stage.visit(stage.person(), INPATIENT, stage.provider(2, 3), day, end=day + 3)

    visit = stay()
    line = visit.charge(fact.item, 2, day=visit.end, supply=supply, prescription=TAKEN_HOME, late=turn % 4 == 2)
    if turn % 4 == 1:
        line.refund(UNIT)
    stage.plant(fact.rule, [(line, half_up(line.net * (supply - fact.days), supply))])
    visit = stay()
    if turn % 2:
        line, why = visit.charge(fact.item, 2, day=visit.end, supply=supply), "住院期间使用，不是出院带药"
    else:
        line = visit.charge(fact.item, 2, day=visit.end, supply=fact.days, prescription=TAKEN_HOME)
        why = "恰好等于上限"
    stage.near_miss(fact.rule, [line], why)


def days_beyond_stay(stage: Stage, fact: Fact, turn: int) -> None:
    """A second item of the group on the last day, after one a day up to what the stay allows."""
    lines = _daily(stage, fact)
    visit = lines[-1].visit
    line = visit.charge(fact.item, day=visit.end, second=20 * _HOUR, late=turn % 4 == 2)
    stage.plant(fact.rule, [(line, line.net)], *lines)
    calm = _daily(stage, fact)
    visit = calm[-1].visit
    if turn % 2:
        calm[0].refund()
        line, why = visit.charge(fact.item, day=visit.end, second=20 * _HOUR), "其中一天已退费，恰好等于上限"
    else:
        line, why = calm[-1], "计入又计出，恰好等于上限"
    stage.near_miss(fact.rule, [line], why)


def _daily(stage: Stage, fact: Fact) -> list[Line]:
    """The other item of the group once on each day of a stay, that of admission and that of discharge included."""
    day = stage.day(fact.first, fact.last - 10)
    visit = stage.visit(stage.person(), INPATIENT, stage.provider(2, 3), day, end=day + 3, filled=False)
    return [visit.charge(fact.sibling, day=day + later, second=9 * _HOUR) for later in range(4)]


def _clinic(stage: Stage, fact: Fact, care: int = OUTPATIENT) -> Visit:
    day = stage.day(fact.first, fact.last - 8)
    more = (fact.lawful_diagnosis,) if fact.lawful_diagnosis else ()
    return stage.visit(stage.person(sex=fact.also_sex), care, stage.provider(2, 3), day, more=more)
