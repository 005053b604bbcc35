"""Violations of the management of antibiotics: prescribed below rank, or given too long after an operation."""

from __future__ import annotations

from mingcha.sample.draft import EMERGENCY, INPATIENT
from mingcha.sample.money import UNIT
from mingcha.sample.stories.facts import Fact
from mingcha.sample.stories.stage import Stage, Visit

_SENIOR, _JUNIOR = 1, 2
"""Places in a department of a vice-chief and of an attending doctor."""


def rank_of_prescriber(stage: Stage, fact: Fact, turn: int) -> None:
    """Prescribed by an attending doctor; then by a vice-chief, or to save a life."""
    line = _prescribed(stage, fact, _JUNIOR, INPATIENT)
    if turn % 4 == 1:
        line.refund(UNIT)
    stage.plant(fact.rule, [(line, line.net)])
    saved = turn % 2 == 1
    line = _prescribed(stage, fact, _JUNIOR if saved else _SENIOR, EMERGENCY if saved else INPATIENT)
    stage.near_miss(fact.rule, [line], "急诊抢救，可以越级" if saved else "副主任医师开具")


def _prescribed(stage: Stage, fact: Fact, rank: int, care: int):
    provider, day = stage.provider(2, 3), stage.day(fact.first, fact.last - 10)
    doctor = int(stage.city.staff_first[provider, 0]) + rank
    end = day + 5 if care == INPATIENT else None
    visit = stage.visit(
        stage.person(), care, provider, day, end=end, more=(fact.lawful_diagnosis,), practitioner=doctor
    )
    return visit.charge(fact.item, 3)


def late_prophylaxis(stage: Stage, fact: Fact, turn: int) -> None:
    """An antibiotic on the third day after a clean operation and later; then on the second, or with an infection."""
    visit = _operated(stage, fact)
    visit.charge(fact.partner, day=visit.start + 1)
    lines = [visit.charge(fact.partner, 2, day=visit.start + 1 + fact.days + later) for later in (1, 2)]
    if turn % 4 == 1:
        lines[0].refund(UNIT)
    stage.plant(fact.rule, [(line, line.net) for line in lines])
    infected = turn % 2 == 1
    kept = _operated(stage, fact, more=("J18.900",) if infected else ())
    line = kept.charge(fact.partner, day=kept.start + 1 + fact.days + infected)
    stage.near_miss(fact.rule, [line], "有感染诊断" if infected else "术后第二天，仍在48小时之内")


def _operated(stage: Stage, fact: Fact, more: tuple[str, ...] = ()) -> Visit:
    day = stage.day(fact.first, fact.last - 10)
    visit = stage.visit(
        stage.person(age=(40, 70)), INPATIENT, stage.provider(2, 3), day, end=day + 7,
        diagnosis=fact.lawful_diagnosis, more=more,
    )  # fmt: skip
    stage.operate(visit, fact.sibling)
    return visit
