"""Violations of visits among each other that are no stays: too many of them, or one after a death."""

from __future__ import annotations

from mingcha.sample.draft import INPATIENT, OUTPATIENT, PHARMACY_VISIT, WORK_INJURY
from mingcha.sample.stories.facts import Fact
from mingcha.sample.stories.stage import Stage, Visit


def frequent_visits(stage: Stage, fact: Fact, turn: int) -> None:
    """One visit more than usual in a rolling period, spread over providers; then as many as are usual."""
    many = _series(stage, fact, fact.limit + 1)
    stage.plant_lead(fact.rule, many[-1], *many[:-1])
    usual = _series(stage, fact, fact.limit)
    stage.no_lead(fact.rule, usual[-1], "次数恰好等于上限")


def liability_to_check(stage: Stage, fact: Fact, turn: int) -> None:
    """An accident or assault settled with the fund; then one settled by work injury, and one nobody else caused."""

    def visit(insurance: int | None = None, **more) -> Visit:
        day = stage.day(fact.first, fact.last - 8)
        care, end = ((OUTPATIENT, day), (INPATIENT, day + 4))[turn % 2]
        return stage.visit(stage.person(), care, stage.provider(2, 3), day, end=end, insurance=insurance, **more)

    late = turn % 4 == 2
    told = visit(late_diagnosis=fact.partner) if late else visit(more=(fact.partner,))
    stage.plant_visit(fact.rule, told, crosses="file" if late else "")
    calm = visit(WORK_INJURY, more=(fact.partner,)) if turn % 2 else visit(more=(fact.lawful_diagnosis,))
    stage.near_miss(fact.rule, calm.lines, "由工伤保险结算" if turn % 2 else "自己摔倒，没有第三方")


def visit_after_death(stage: Stage, fact: Fact, turn: int) -> None:
    """A card used after its owner died in hospital; then bills of the next day, or of one who went home."""
    gone = _stay(stage, fact, died=True)
    later = stage.visit(gone.person, OUTPATIENT, stage.provider(2, 3), gone.end + fact.days + 1 + turn % 4 * 9)
    if turn % 2:
        later.lines[-1].refund()
    stage.plant_visit(fact.rule, later, gone)
    kept = _stay(stage, fact, died=turn % 2 == 0)
    after = kept.end + (fact.days if turn % 2 == 0 else 12)
    near = stage.visit(kept.person, OUTPATIENT, stage.provider(2, 3), after)
    stage.near_miss(fact.rule, near.lines, "在死亡后的结算宽限之内" if turn % 2 == 0 else "好转出院")


def _series(stage: Stage, fact: Fact, count: int) -> list[Visit]:
    care = fact.care[0]
    start = stage.day(fact.first, fact.last - fact.within - 5) if fact.within < 300 else fact.first
    person = stage.person(age=(30, 60))
    several = [stage.provider(2, 3, pharmacy=care == PHARMACY_VISIT) for _ in range(3)]
    found = []
    for number in range(count):
        day = start + number * (fact.within - 2) // (fact.limit + 1)
        end = day + 2 if care == INPATIENT else None
        visit = stage.visit(person, care, several[number % 3], day, end=end, filled=False)
        pool = {INPATIENT: "inpatient", PHARMACY_VISIT: "pharmacy"}.get(care, "outpatient")
        stage.charge(visit, stage.ordinary(pool), 10_000, day=day)
        found.append(visit)
    return found


def _stay(stage: Stage, fact: Fact, *, died: bool) -> Visit:
    day = stage.day(fact.first, fact.last - 60)
    return stage.visit(stage.person(age=(60, 79)), INPATIENT, stage.provider(2, 3), day, end=day + 6, died=died)
