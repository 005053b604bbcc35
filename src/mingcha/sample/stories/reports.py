"""Violations that what was really done gives away: no report, no device, fewer hours or days, another value."""

from __future__ import annotations

from mingcha.sample.draft import INPATIENT, OUTPATIENT
from mingcha.sample.money import UNIT, half_up
from mingcha.sample.stories.facts import Fact
from mingcha.sample.stories.stage import Line, Stage, Visit


def without_report(stage: Stage, fact: Fact, turn: int) -> None:
    """An examination charged and never reported; then one with its report."""
    here = stage.provider(2, 3)
    line = _examined(stage, fact, here, 1 + turn % 2)
    stage.report(line)
    if turn % 2:
        line.refund(UNIT)
    stage.plant(fact.rule, [(line, line.net)])
    stage.near_miss(fact.rule, [_examined(stage, fact, here)], "有该项目的报告")


def device_not_registered(stage: Stage, fact: Fact, turn: int) -> None:
    """A scan at the hospital that has no scanner; then at one that has."""
    line = _examined(stage, fact, stage.city.reserved("no-scanner"), 1 + turn % 2)
    if turn % 2:
        line.refund(UNIT)
    stage.plant(fact.rule, [(line, line.net)])
    stage.near_miss(fact.rule, [_examined(stage, fact, stage.provider(2, 3))], "机构备案有这类设备")


def hours_beyond_record(stage: Stage, fact: Fact, turn: int) -> None:
    """More hours charged than the list says, beyond the hour of grace; then within it."""
    column, hours = f"{fact.window}_minutes", 4 + turn % 5
    stay = _stay(stage, fact)
    line = stay.charge(fact.item, hours + 4, day=stay.start + 1)
    if turn % 2:
        line.refund(UNIT)
    stage.record(stay, column, hours * 60)
    stage.plant(fact.rule, [(line, half_up(line.net * (line.units - (hours + 1) * UNIT), line.units))])
    kept = _stay(stage, fact)
    stage.record(kept, column, hours * 60)
    stage.near_miss(fact.rule, [kept.charge(fact.item, hours + 1, day=kept.start + 1)], "多出的一小时在宽限之内")


def nursing_beyond_record(stage: Stage, fact: Fact, turn: int) -> None:
    """More days of a grade of nursing charged than the list says, beyond the day of grace; then within it."""
    days = 2 + turn % 3
    stay, kept = _stay(stage, fact, filled=False), _stay(stage, fact, filled=False)
    for visit in (stay, kept):
        stage.record(visit, f"{fact.window}_nursing_days", days)
    lines = [stay.charge(fact.item, day=stay.start + number) for number in range(days + 2 + turn % 2)]
    stage.plant(fact.rule, [(line, line.net) for line in lines[days + 1 :]], *lines[: days + 1])
    lines = [kept.charge(fact.item, day=kept.start + number) for number in range(days + 1)]
    stage.near_miss(fact.rule, lines[-1:], "多出的一天在宽限之内")


def charged_beyond_reports(stage: Stage, fact: Fact, turn: int) -> None:
    """A test charged more often than it was reported; then as often."""
    here, units = stage.provider(2, 3), 2 + turn % 3
    line = _examined(stage, fact, here, units)
    stage.report(line, "lab")
    stage.plant(fact.rule, [(line, half_up(line.net * (units - 1), units))])
    stage.near_miss(fact.rule, [_examined(stage, fact, here, units)], "每次都有报告")


def reports_alike(stage: Stage, fact: Fact, turn: int) -> None:
    """Two persons' reports over the same images; then one person's."""
    one, other = (_examined(stage, fact, stage.provider(2, 3)) for _ in range(2))
    study = stage.new_code()
    for line in (one, other):
        stage.report(line, "imaging", study)
        stage.plant_lead(fact.rule, line.visit)
    kept = _examined(stage, fact, stage.provider(2, 3))
    stage.report(kept, "imaging", stage.new_code())
    stage.no_lead(fact.rule, kept.visit, "影像只此一份")


def lab_value_required(stage: Stage, fact: Fact, turn: int) -> None:
    """A drug given though the value is not below the limit; then with a value below it."""
    here, day = stage.provider(2, 3), stage.day(fact.first, fact.last - 10)
    lines = []
    for result in (fact.limit + (0, 45_000)[turn % 2], fact.limit - 1_000):
        before = stage.visit(stage.person(), OUTPATIENT, here, day)
        stage.measure(before, fact.partner, "ALB", result, day)
        after = stage.visit(before.person, OUTPATIENT, here, day + (0, fact.days)[turn // 2 % 2])
        lines.append(after.charge(fact.item, 2))
    if turn % 4 == 3:
        lines[0].refund(UNIT)
    stage.plant(fact.rule, [(lines[0], lines[0].net)])
    stage.near_miss(fact.rule, lines[1:], "检验值低于限定值")


def _stay(stage: Stage, fact: Fact, filled: bool = True) -> Visit:
    day = stage.day(fact.first, fact.last - 10)
    return stage.visit(stage.person(), INPATIENT, stage.provider(2, 3), day, end=day + 8, filled=filled)


def _examined(stage: Stage, fact: Fact, provider: int, units: int = 1) -> Line:
    day = stage.day(fact.first, fact.last)
    person = stage.person(sex=fact.also_sex, age=(19, 60))
    more = (fact.lawful_diagnosis,) if fact.lawful_diagnosis else ()
    return stage.visit(person, OUTPATIENT, provider, day, more=more).charge(fact.item, units)
