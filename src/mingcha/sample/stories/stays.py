"""Violations between visits: stays that overlap, visits during a stay elsewhere, stays split into two."""

from __future__ import annotations

from mingcha.sample.dictionaries import items
from mingcha.sample.draft import INPATIENT, NONE, OUTPATIENT, PHARMACY_VISIT, SPECIAL
from mingcha.sample.money import UNIT
from mingcha.sample.stories.facts import FIRST_DAY, LAST_DAY, Fact, month_end
from mingcha.sample.stories.stage import Stage, Visit

_FIRST, _OTHER = "J18.900", "K80.200"
_ALIKE = (
    ("I10.x00", "I10.x00x002"),
    ("K29.100", "K29.500"),
    ("E78.000", "E78.500"),
    ("J44.100", "J44.900"),
    ("I20.000", "I20.900"),
)


def overlapping_stays(stage: Stage, fact: Fact, turn: int) -> None:
    """A stay at another provider while one lasts; or outpatient care and purchases elsewhere during a stay."""
    if INPATIENT in fact.care:
        _two_stays(stage, fact, turn)
    else:
        _visit_during(stage, fact, turn)


def _two_stays(stage: Stage, fact: Fact, turn: int) -> None:
    day = _start(stage, turn)
    first = _stay(stage, None, day, 4)
    early = {"start": first.end} if turn % 4 == 2 else None
    second = _stay(stage, first, first.end - 1 - turn % 2, 3, early=early)
    if turn % 4 == 1:
        _part_back(second)
    stage.plant_visit(fact.rule, second, first)
    day = _start(stage, 0)
    first = _stay(stage, None, day, 4)
    if turn % 4 == 0:
        calm, why = _stay(stage, first, first.end, 3), "转院当日，首尾相接"
    elif turn % 4 == 1:
        calm = _stay(stage, first, first.end - 1, 3, provider=first.provider, filled=False)  # one bed a day stays one
        stage.charge(calm, stage.ordinary("inpatient"), UNIT)
        why = "同一机构内，不是另一机构"
    elif turn % 4 == 2:
        calm = _stay(stage, first, first.end, 3, early={"start": first.end - 2})
        why = "更正后的入院日在出院当日"
    else:
        calm, why = _stay(stage, None, first.start + 1, 3), "同时住院的是另一个人"
    stage.near_miss(fact.rule, calm.lines, why)


def _visit_during(stage: Stage, fact: Fact, turn: int) -> None:
    care = fact.care[turn % len(fact.care)]
    stay = _stay(stage, None, _start(stage, turn), 6)
    pharmacy = care == PHARMACY_VISIT

    def elsewhere(day: int, of: Visit, **more) -> Visit:
        other = stage.provider(1, 2, 3, pharmacy=pharmacy, other=(of.provider,))
        return stage.visit(of.person, care, other, day, **more)

    early = {"start": stay.end + 1, "end": stay.end + 1} if turn % 4 == 2 else None
    visit = elsewhere(stay.start + 2 + turn % 3, stay, early=early)
    if turn % 4 == 1:
        _part_back(visit)
    stage.plant_visit(fact.rule, visit, stay)
    calm = _stay(stage, None, _start(stage, 0), 6)
    if turn % 4 == 0:
        near, why = elsewhere(calm.start, calm), "入院当日"
    elif turn % 4 == 1:
        near, why = elsewhere(calm.end, calm), "出院当日"
    elif turn % 4 == 2 or pharmacy:
        near = elsewhere(calm.end + 2, calm, early={"start": calm.start + 2, "end": calm.start + 2})
        why = "更正后的就诊日在出院之后"
    else:
        near, why = stage.visit(calm.person, OUTPATIENT, calm.provider, calm.start + 2), "就在住院的机构"
    stage.near_miss(fact.rule, near.lines, why)


def programme_during_stay(stage: Stage, fact: Fact, turn: int) -> None:
    """A disease programme used at the very hospital in which the person stays."""
    stay = _stay(stage, None, _start(stage, turn), 6)
    early = {"start": stay.end + 1, "end": stay.end + 1} if turn % 4 == 2 else None
    visit = stage.visit(stay.person, SPECIAL, stay.provider, stay.start + 2 + turn % 3, early=early)
    if turn % 4 == 1:
        _part_back(visit)
    stage.plant_visit(fact.rule, visit, stay)
    calm = _stay(stage, None, _start(stage, 0), 6)
    day, why = (calm.end, "出院当日") if turn % 2 else (calm.start, "入院当日")
    stage.near_miss(fact.rule, stage.visit(calm.person, SPECIAL, calm.provider, day).lines, why)


def readmission_gap(stage: Stage, fact: Fact, turn: int) -> None:
    """Back in hospital within the days, for the same kind of illness, without a plan; here or, elsewhere, as advice."""
    same = fact.rule == "split-admission"
    one, two = _ALIKE[turn % len(_ALIKE)]
    first = _stay(stage, None, _start(stage, turn), 4, diagnosis=one)
    gap = (fact.days, 1 + turn % fact.days, 3, 2)[turn % 4]
    early = {"start": first.end + fact.days + 9, "end": first.end + fact.days + 12} if turn % 4 == 2 else None
    again = _stay(
        stage, first, first.end + gap, 3, diagnosis=two, early=early, provider=first.provider if same else None
    )
    if turn % 4 == 1:
        _part_back(again)
    stage.plant_visit(fact.rule, again, first)
    planned = turn % 4 == 1
    calm = _stay(stage, None, _start(stage, 0), 4, diagnosis=one, planned=int(planned))
    at = calm.provider if same else None
    if turn % 4 == 0:
        near = _stay(stage, calm, calm.end + fact.days + 1, 3, diagnosis=two, provider=at)
        why = "比间隔多一天"
    elif turn % 4 == 1:
        near = _stay(stage, calm, calm.end + 5, 3, diagnosis=two, provider=at, planned=1)
        why = "计划再入院"
    elif turn % 4 == 2:
        near = _stay(stage, calm, calm.end + 5, 3, diagnosis=_OTHER, provider=at)
        why = "不是同类疾病"
    elif same and fact.days > 7:
        near = _stay(stage, calm, calm.end + 8 + turn % (fact.days - 7), 3, diagnosis=two)
        why = "住入另一机构"
    else:
        near = _stay(stage, calm, calm.end + 16 + turn % 9, 3, diagnosis=two, provider=calm.provider)
        why = "回到同一机构，且已过间隔"
    stage.near_miss(fact.rule, near.lines, why)


def stay_for_tests(stage: Stage, fact: Fact, turn: int) -> None:
    """A short stay of tests and a bed; then after an emergency, longer, with drugs, or ended by death."""
    visit = _tested(stage, fact, fact.days)
    if turn % 4 == 1:
        visit.lines[-1].refund(UNIT)
    stage.plant_visit(fact.rule, visit)
    way = turn % 4
    near = _tested(stage, fact, fact.days + (way == 1), urgent=way == 0, died=way == 3)
    if way == 2:
        stage.charge(near, stage.ordinary("pharmacy"), UNIT, price=_TEST_PRICE * fact.limit)
    stage.near_miss(fact.rule, near.lines, ("急诊入院", "住院天数多一天", "药费占比不低", "住院期间死亡")[way])


_TEST_PRICE = 2_000_000


def _tested(stage: Stage, fact: Fact, nights: int, urgent: bool = False, **more) -> Visit:
    """A stay with `limit` sorts of tests, two of each."""
    day = stage.day(fact.first + 5, fact.last - 12)
    visit = stage.visit(
        stage.person(), INPATIENT, stage.provider(2, 3), day, end=day + nights, filled=False, urgent=urgent, **more
    )
    for later in range(nights):
        visit.charge("001109000010000", day=day + later, prescription=NONE)
    tests = items().pooled("lab")
    first = stage.random.randrange(len(tests) - fact.limit)
    for test in tests[first : first + fact.limit]:
        stage.charge(visit, int(test), 2 * UNIT, price=_TEST_PRICE, prescription=NONE)
    return visit


def _start(stage: Stage, turn: int) -> int:
    """A first day; every fourth story begins just before a month ends."""
    day = stage.day(FIRST_DAY + 40, LAST_DAY - 50)
    return month_end(day) - 2 if turn % 4 == 3 else day


def _stay(stage: Stage, after: Visit | None, day: int, length: int, *, provider: int | None = None,
          diagnosis: str | None = None, **more) -> Visit:  # fmt: skip
    """A stay; of the same person as `after`, and at another provider unless one is named."""
    person = stage.person() if after is None else after.person
    if provider is None:
        provider = stage.provider(2, 3, other=() if after is None else (after.provider,))
    illness = diagnosis or (_FIRST if after is None else _OTHER)
    return stage.visit(person, INPATIENT, provider, day, end=day + length, diagnosis=illness, **more)


def _part_back(visit: Visit) -> None:
    """Refund one line of the visit wholly, another in part."""
    if len(visit.lines) > 2:
        visit.lines[-1].refund()
    line = visit.lines[0]
    line.refund(line.quantity // 2)
