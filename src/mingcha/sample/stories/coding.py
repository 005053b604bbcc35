"""Violations between codes: operations and diagnoses that contradict the patient or each other, and forbidden ones."""

from __future__ import annotations

from mingcha.sample.draft import INPATIENT, NONE, OUTPATIENT
from mingcha.sample.stories.facts import Fact
from mingcha.sample.stories.stage import Stage, Visit

_BED = "001109000010000"
_ELSEWHERE = "I10.x00x002"
"""A main diagnosis no operation belongs to."""


def operation_for_sex(stage: Stage, fact: Fact, turn: int) -> None:
    """An operation of the other sex."""
    assert fact.sex
    visit = _ward(stage, fact, sex=3 - fact.sex)
    stage.operate(visit, fact.partner, sequence=1 + turn % 2, main=turn % 2 == 0)
    stage.plant_lead(fact.rule, visit)
    kept = _ward(stage, fact, sex=fact.sex)
    stage.operate(kept, fact.partner)
    stage.no_lead(fact.rule, kept, "性别相符")


def operation_for_diagnosis(stage: Stage, fact: Fact, turn: int) -> None:
    """A main operation that the main diagnosis doesn't call for."""
    visit = _ward(stage, fact, diagnosis=_ELSEWHERE)
    stage.operate(visit, fact.partner)
    stage.plant_lead(fact.rule, visit)
    kept = _ward(stage, fact, diagnosis=(fact.lawful_diagnosis, _ELSEWHERE)[turn % 2])
    stage.operate(kept, fact.partner, sequence=1 + turn % 2, main=turn % 2 == 0)
    stage.no_lead(fact.rule, kept, "不是主要手术" if turn % 2 else "主要诊断与手术对应")


def diagnosis_for_person(stage: Stage, fact: Fact, turn: int) -> None:
    """A diagnosis of the other sex, or of an age long past."""
    guilty, lawful = (3 - fact.sex, fact.sex) if fact.sex else (None, None)
    day = stage.day(fact.first, fact.last - 8)
    births = (day - fact.days - 1 - turn % 3 * 400, day - fact.days) if fact.days else (None, None)
    for sex, birth, plant in ((guilty, births[0], True), (lawful, births[1], False)):
        person = stage.person(sex=sex, birth=birth)
        visit = stage.visit(person, OUTPATIENT, stage.provider(2, 3), day, more=(fact.partner,), filled=False)
        stage.charge(visit, stage.ordinary("outpatient"), 10_000)
        if plant:
            stage.plant_lead(fact.rule, visit)
        else:
            stage.no_lead(fact.rule, visit, "性别相符" if fact.sex else "日龄恰好在限定之内")


def diagnosis_forbidden(stage: Stage, fact: Fact, turn: int) -> None:
    """An item in a visit with a diagnosis that forbids it; the diagnosis in another visit forbids nothing."""
    day = stage.day(fact.first, fact.last - 30)
    person = stage.person(sex=fact.also_sex, age=(20, 39))
    late = fact.partner if turn % 4 == 2 else None
    more = () if late else (fact.partner,)
    visit = stage.visit(person, OUTPATIENT, stage.provider(2, 3), day, more=more, late_diagnosis=late)
    line = visit.charge(fact.item, 2)
    if turn % 4 == 1:
        line.refund(10_000)
    stage.plant(fact.rule, [(line, line.net)])
    again = stage.visit(person, OUTPATIENT, stage.provider(2, 3), day + 20)
    stage.near_miss(fact.rule, [again.charge(fact.item)], "这次就诊没有禁忌诊断")


def _ward(stage: Stage, fact: Fact, *, sex: int | None = None, diagnosis: str | None = None) -> Visit:
    day = stage.day(fact.first, fact.last - 10)
    person = stage.person(sex=sex, age=(30, 60))
    return stage.visit(person, INPATIENT, stage.provider(2, 3), day, end=day + 5, diagnosis=diagnosis)


def diagnosis_without_service(stage: Stage, fact: Fact, turn: int) -> None:
    """A stay with the diagnosis and nothing but bed and care; then with what the diagnosis calls for."""
    for plant in (True, False):
        day = stage.day(fact.first, fact.last - 10)
        main = fact.item if turn % 2 else None
        more = () if main else (fact.item,)
        visit = stage.visit(
            stage.person(age=(40, 70)), INPATIENT, stage.provider(2, 3), day, end=day + 4, diagnosis=main, more=more,
            filled=False,
        )  # fmt: skip
        for later in range(4):
            visit.charge(_BED, day=day + later, prescription=NONE)
        if plant:
            if turn % 4 == 1 and fact.partner:
                visit.charge(fact.partner).refund()
            stage.plant_lead(fact.rule, visit)
        elif not fact.partner:
            stage.operate(visit, fact.sibling)
            stage.no_lead(fact.rule, visit, "有相应的手术操作")
        else:
            visit.charge(fact.partner)
            stage.no_lead(fact.rule, visit, "有相应的项目")
