"""Violations of when and by which list: too early in a stay, outside a programme, catalogue or approval, in a trial."""

from __future__ import annotations

from mingcha.sample.draft import INPATIENT, OUTPATIENT, SPECIAL, TRIALS
from mingcha.sample.money import UNIT
from mingcha.sample.stories.facts import Fact
from mingcha.sample.stories.stage import Line, Stage, Visit

_OTHER = "M03900"
"""A programme on whose list no drug of the stories stands."""


def too_early(stage: Stage, fact: Fact, turn: int) -> None:
    """An item charged in the first days of a stay; a day later, or to an outpatient, it is lawful."""
    day = stage.day(fact.first, fact.last - 10)
    visit = stage.visit(stage.person(), INPATIENT, stage.provider(2, 3), day, end=day + 5)
    line = visit.charge(fact.item, 1 + turn % 2, day=day + fact.days - 1, late=turn % 4 == 2)
    if turn % 2:
        line.refund(UNIT)
    stage.plant(fact.rule, [(line, line.net)])
    kept = stage.visit(stage.person(), INPATIENT, stage.provider(2, 3), day, end=day + 5)
    line, why = kept.charge(fact.item, day=day + fact.days), "恰好在可以开展的第一天"
    if turn % 2:
        clinic = stage.visit(stage.person(), OUTPATIENT, stage.provider(2, 3), day)
        line, why = clinic.charge(fact.item), "门诊，不是住院"
    stage.near_miss(fact.rule, [line], why)


def outside_program(stage: Stage, fact: Fact, turn: int) -> None:
    """A drug of some programmes, settled under another one; under its own, or as ordinary care, it is lawful."""
    shop = fact.rule.endswith("-at-pharmacy")
    day = stage.day(fact.first, fact.last - 8)

    def visit(program: str, care: int = SPECIAL) -> Visit:
        at = stage.provider(2, 3, pharmacy=shop)
        return stage.visit(stage.person(), care, at, day, filled=not shop, program=program)

    line = visit(_OTHER).charge(fact.item, 2, supply=28, late=turn % 4 == 2)
    if turn % 2:
        line.refund(UNIT)
    stage.plant(fact.rule, [(line, line.net)])
    if turn % 4 == 3:
        line, why = visit("").charge(fact.item, supply=28), "没有病种编码，无法判断"
    elif turn % 2 and not shop:
        line, why = visit("", OUTPATIENT).charge(fact.item, supply=28), "普通门诊，不在门诊慢特病之内"
    else:
        line, why = visit(fact.programs[turn // 2 % len(fact.programs)]).charge(fact.item, supply=28), "病种目录内"
    stage.near_miss(fact.rule, [line], why)


def outside_catalogue(stage: Stage, fact: Fact, turn: int) -> None:
    """An item in scope after it left the catalogue; on its last day there, or at own expense, it is lawful."""
    day = fact.begins if turn % 4 == 0 else stage.day(fact.first, fact.last - 2)
    care = INPATIENT if turn % 4 == 3 else OUTPATIENT

    def visit(start: int) -> Visit:
        end = start + 3 if care == INPATIENT else None
        return stage.visit(stage.person(), care, stage.provider(2, 3), start, end=end)

    line = visit(day).charge(fact.partner, 2, late=turn % 4 == 2)
    if turn % 2:
        line.refund(UNIT)
    stage.plant(fact.rule, [(line, line.net)])
    if turn % 2:
        line, why = visit(day).charge(fact.partner), "由个人全额负担，没有纳入结算范围"
        stage.at_own_expense(line)
    else:
        line, why = visit(fact.begins - 1).charge(fact.partner), "目录有效期的最后一天"
    stage.near_miss(fact.rule, [line], why)


def without_approval(stage: Stage, fact: Fact, turn: int) -> None:
    """A special drug without the approval, or by another doctor than the responsible one, the first of the first."""
    day, here = stage.day(fact.first, fact.last - 8), 0

    def visit(at: int, program: str) -> Visit:
        return stage.visit(stage.person(), SPECIAL, at, day, program=program)

    program = fact.programs[turn % len(fact.programs)]
    guilty = visit(here, _OTHER) if turn % 2 else visit(stage.provider(2, 3, other=(here,)), program)
    line = guilty.charge(fact.item, 2, supply=28, late=turn % 4 == 2)
    if turn % 4 == 1:
        line.refund(UNIT)
    stage.plant(fact.rule, [(line, line.net)])
    kept = visit(here, "" if turn % 4 == 3 else program)
    why = "没有备案编码，无法判断" if turn % 4 == 3 else "责任医师开方，参保人已备案"
    stage.near_miss(fact.rule, [kept.charge(fact.item, supply=28)], why)


def trial_item(stage: Stage, fact: Fact, turn: int) -> None:
    """What a trial pays for, charged to a subject of it; after its last day, or of another trial, it is lawful."""
    day = stage.day(fact.first, fact.last - fact.days - 12)

    def charged(trial: str, later: int, quantity: int = 1) -> Line:
        entry = stage.visit(stage.person(), OUTPATIENT, stage.provider(2, 3), day)
        stage.event(entry, "trial", trial)
        again = entry if later == 0 else stage.visit(entry.person, OUTPATIENT, entry.provider, day + later)
        return again.charge(fact.item, quantity, late=quantity == 1 and turn % 4 == 2)

    line = charged(TRIALS[0], (0, 20, fact.days, 7)[turn % 4], 1 + turn % 2)
    if turn % 2:
        line.refund(UNIT)
    stage.plant(fact.rule, [(line, line.net)])
    if turn % 2:
        line, why = charged(TRIALS[1], 10), "另一项试验的受试者"
    else:
        line, why = charged(TRIALS[0], fact.days + 1), "试验期满后的第一天"
    stage.near_miss(fact.rule, [line], why)
