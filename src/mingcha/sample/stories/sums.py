"""Violations of how much money: a total above what a period may cost, further parts charged in full."""

from __future__ import annotations

from mingcha.sample.dictionaries import items
from mingcha.sample.draft import INPATIENT, OUTPATIENT
from mingcha.sample.money import UNIT, half_up
from mingcha.sample.stories.facts import Fact
from mingcha.sample.stories.stage import Line, Stage, Visit

_PRICE_OF_FEN = 100
"""Unit prices count in 1/10000 yuan."""


def amount_cap(stage: Stage, fact: Fact, turn: int) -> None:
    """Lines of six tenths of the total each: the second exceeds it. Charges up to the total do not."""
    part, rest = fact.limit * 6 // 10, fact.limit - fact.limit * 6 // 10
    visit = _visit(stage, fact)
    if turn % 4 == 0:
        lines = [_priced(visit, fact.sibling, part), _priced(visit, fact.item, part)]
    elif turn % 4 == 1:
        lines = [_priced(visit, fact.item, part, 3).refund(UNIT)]
    elif turn % 4 == 2:
        lines = [_priced(visit, fact.item, part, 2, early={"quantity": UNIT})]
    elif fact.window == "days-365":
        other = stage.provider(2, 3, other=(visit.provider,))
        again = stage.visit(visit.person, OUTPATIENT, other, visit.start + 40)
        lines = [_priced(visit, fact.item, part), _priced(again, fact.item, part)]
    else:
        lines = [_priced(visit, fact.item, part) for _ in range(3)]
    total, flagged = 0, []
    for line in lines:
        total += line.net
        if total > fact.limit:
            flagged.append((line, min(line.net, total - fact.limit)))
    stage.plant(fact.rule, flagged, *lines)
    kept = _visit(stage, fact)
    near = [_priced(kept, fact.sibling, part), _priced(kept, fact.item, rest)]
    if turn % 2:
        _priced(kept, fact.item, part).refund()
    stage.near_miss(fact.rule, near, "多出的一次已退费" if turn % 2 else "合计恰好等于总额")


def further_part(stage: Stage, fact: Fact, turn: int) -> None:
    """The second part of a day at its full price; the percent not due is improper."""
    visit = _visit(stage, fact)
    first = visit.charge(fact.sibling)
    line = visit.charge(fact.item, 1 + turn % 2, late=turn % 4 == 2)
    if turn % 2:
        line.refund(UNIT)
    stage.plant(fact.rule, [(line, half_up(line.net * (100 - fact.percent), 100))], first)
    kept = _visit(stage, fact)
    first = kept.charge(fact.sibling)
    if turn % 2:
        first.refund()
        line, why = kept.charge(fact.item), "第一部位已退费"
    else:
        place = items().index[fact.item]
        line, why = stage.charge(kept, place, UNIT * fact.percent // 100), "已按比例计收"
    stage.near_miss(fact.rule, [line], why)


def _priced(visit: Visit, code: str, fen: int, quantity: int = 1, **more) -> Line:
    return visit.charge(code, quantity, price=fen * _PRICE_OF_FEN, **more)


def _visit(stage: Stage, fact: Fact) -> Visit:
    day = stage.day(fact.first, fact.last - 60)
    care = INPATIENT if fact.window == "visit" else OUTPATIENT
    end = day + 4 if care == INPATIENT else None
    return stage.visit(stage.person(), care, stage.provider(2, 3), day, end=end)
