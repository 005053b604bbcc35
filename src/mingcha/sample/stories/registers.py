"""Violations that a register or an event tells of: not enrolled, dead, another person, nobody there, not checked."""

from __future__ import annotations

from mingcha.sample.draft import INPATIENT, OUTPATIENT, PHARMACY_VISIT, RESIDENT
from mingcha.sample.money import UNIT
from mingcha.sample.stories.facts import Fact
from mingcha.sample.stories.stage import Stage, Visit


def no_entitlement(stage: Stage, fact: Fact, turn: int) -> None:
    """A visit after the enrolment lapsed, or before it began; then on its last day, or its first."""
    visit = _clinic(stage, fact)
    if turn % 2:
        stage.enrol(visit.person, visit.start + 1 + turn % 9)
        visit.lines[-1].refund()
    else:
        stage.enrol(visit.person, visit.start - 900, visit.start - 1 - turn % 9)
    stage.plant_visit(fact.rule, visit)
    kept = _clinic(stage, fact)
    if turn % 2:
        stage.enrol(kept.person, kept.start)
    else:
        stage.enrol(kept.person, kept.start - 900, kept.start)
    why = "参保当日" if turn % 2 else "参保最后一天"
    stage.near_miss(fact.rule, kept.lines, why)


def two_enrolments(stage: Stage, fact: Fact, turn: int) -> None:
    """Treated as an employee while a resident's enrolment lasts; then after that one ended."""
    visit = _clinic(stage, fact, insurance=0)
    stage.enrol(visit.person, visit.start - 400)
    stage.enrol(visit.person, visit.start - 900, (visit.start + turn, -1)[turn % 2], insurance=RESIDENT)
    stage.plant_lead(fact.rule, visit)
    kept = _clinic(stage, fact, insurance=0)
    stage.enrol(kept.person, kept.start - 400)
    stage.enrol(kept.person, kept.start - 900, kept.start - 1, insurance=RESIDENT)
    stage.no_lead(fact.rule, kept, "另一份参保关系前一天已停")


def identity_unchecked(stage: Stage, fact: Fact, turn: int) -> None:
    """A stay without an identity check; then one with it, or a visit that needs none."""
    stay = _stay(stage, fact)
    stage.event(stay, "identity")
    if turn % 2:
        stage.event(stay, "round", "present")
    stage.plant_lead(fact.rule, stay)
    kept = _stay(stage, fact) if turn % 2 else _clinic(stage, fact)
    if not turn % 2:
        stage.event(kept, "identity")
    stage.no_lead(fact.rule, kept, "有身份核验" if turn % 2 else "门诊，不在要求之列")


def pharmacist_absent(stage: Stage, fact: Fact, turn: int) -> None:
    """Purchases at a pharmacy on days with and without a pharmacist: odd days have none."""
    shop = stage.city.reserved("unattended")
    odd = stage.day(fact.first, fact.last) // 2 * 2 + 1
    visit = stage.visit(stage.person(), PHARMACY_VISIT, shop, odd)
    stage.plant_lead(fact.rule, visit)
    kept = stage.visit(stage.person(), PHARMACY_VISIT, shop, odd - 1)
    stage.sign_in(shop, odd - 1)
    stage.no_lead(fact.rule, kept, "当日有药师签到")


_CONTRADICTING = {
    "absent-at-ward-round": ("round", "absent", "present"),
    "nobody-on-video": ("video", "nobody", "seen"),
    "invoice-not-verified": ("invoice", "void", "valid"),
    "identity-check-failed": ("identity", "failed", "passed"),
}


def contradicting_event(stage: Stage, fact: Fact, turn: int) -> None:
    """An event that contradicts the visit; then one that confirms it."""
    kind, against, calm = _CONTRADICTING[fact.rule]
    visit = _of_care(stage, fact)
    stage.event(visit, kind, against)
    if turn % 2 and len(visit.lines) > 1:
        visit.lines[-1].refund()
    stage.plant_visit(fact.rule, visit)
    kept = _of_care(stage, fact)
    stage.event(kept, kind, calm)
    stage.near_miss(fact.rule, kept.lines, "事件与就诊相符")


def not_the_person(stage: Stage, fact: Fact, turn: int) -> None:
    """A visit that tells another sex and birth than the register; then one that tells only another birth."""
    person = stage.person(sex=1 + turn % 2, age=(30, 50))
    day = stage.day(fact.first, fact.last)
    birth = stage.persons[-1][2]
    visit = stage.visit(person, OUTPATIENT, stage.provider(2, 3), day, sex=2 - turn % 2, birth=birth - 4_000 - turn)
    if turn % 4 == 3:
        visit.lines[-1].refund()
    stage.plant_visit(fact.rule, visit)
    same = stage.person(sex=1 + turn % 2, age=(30, 50))
    birth = stage.persons[-1][2]
    kept = stage.visit(same, OUTPATIENT, stage.provider(2, 3), day, birth=birth - 1 - turn * 10)
    stage.near_miss(fact.rule, kept.lines, "只有出生日期不同，多是录入错误")


def registered_death(stage: Stage, fact: Fact, turn: int) -> None:
    """A card used after the registered death; then the settlement of the next day."""
    visit = _clinic(stage, fact)
    stage.die(visit.person, visit.start - fact.days - 1 - turn * 9)
    if turn % 2:
        visit.lines[-1].refund()
    stage.plant_visit(fact.rule, visit)
    kept = _clinic(stage, fact)
    stage.die(kept.person, kept.start - fact.days)
    stage.near_miss(fact.rule, kept.lines, "在死亡后的结算宽限之内")


def illogical_visit(stage: Stage, fact: Fact, turn: int) -> None:
    """A stay that ends before it begins, a patient born later, a list without main diagnosis; then a day's stay."""
    day = stage.day(fact.first, fact.last)
    person, provider = stage.person(age=(40, 70)), stage.provider(2, 3)
    if turn % 3 == 0:
        visit = stage.visit(person, INPATIENT, provider, day, end=day - 1 - turn % 4, filled=False)
    elif turn % 3 == 1:
        visit = stage.visit(stage.person(birth=day + 5), INPATIENT, provider, day, end=day + 2, filled=False)
    else:
        visit = stage.visit(person, INPATIENT, provider, day, end=day + 2, diagnosis="", filled=False)
    stage.charge(visit, stage.ordinary("inpatient"), UNIT)
    stage.plant_lead(fact.rule, visit)
    kept = stage.visit(stage.person(), INPATIENT, provider, day, end=day)
    stage.no_lead(fact.rule, kept, "当日出院，各项齐全")


def _clinic(stage: Stage, fact: Fact, insurance: int | None = None) -> Visit:
    person = stage.person(age=(30, 79), insurance=insurance)
    return stage.visit(person, OUTPATIENT, stage.provider(2, 3), stage.day(fact.first, fact.last))


def _stay(stage: Stage, fact: Fact) -> Visit:
    day = stage.day(fact.first, fact.last - 10)
    return stage.visit(stage.person(), INPATIENT, stage.provider(2, 3), day, end=day + 2)


def _of_care(stage: Stage, fact: Fact) -> Visit:
    if INPATIENT in fact.care:
        return _stay(stage, fact)
    if PHARMACY_VISIT in fact.care:
        shop = stage.provider(pharmacy=True)
        return stage.visit(stage.person(), PHARMACY_VISIT, shop, stage.day(fact.first, fact.last))
    return _clinic(stage, fact)
