"""Violations of trace codes: a pack that is settled again without having come back."""

from __future__ import annotations

from mingcha.sample.draft import PHARMACY_VISIT
from mingcha.sample.money import UNIT, half_up
from mingcha.sample.stories.facts import FIRST_DAY, LAST_DAY, Fact
from mingcha.sample.stories.stage import Line, Stage


def code_settled_twice(stage: Stage, fact: Fact, turn: int) -> None:
    """One code sold twice: by the same pharmacy, or by two of them; one unit of the second line is improper."""
    across = fact.rule.endswith("across-providers")
    sales = _Sales(stage, across)
    code = stage.new_code()
    day = stage.day(FIRST_DAY + 10, LAST_DAY - 60)
    first = sales.sell(day, [code])
    late = turn % 4 == 2
    other = stage.new_code()
    line = sales.sell(
        day + (31 if turn % 4 == 3 else 9), [code, other] if turn % 4 < 2 else [code], second=True, late=late
    )
    if turn % 4 == 1:
        line.refund(UNIT)
        stage.trace(line, other, sale=False, event=line.number + 1)
    stage.plant(fact.rule, [(line, half_up(line.net * UNIT, line.units))], first, crosses="file" if late else "")
    _calm(stage, fact, turn, _Sales(stage, across))


def _calm(stage: Stage, fact: Fact, turn: int, sales: _Sales) -> None:
    code = stage.new_code()
    day = stage.day(FIRST_DAY + 10, LAST_DAY - 60)
    if turn % 4 in (0, 1):
        first = sales.sell(day, [code])
        first.refund(day=day + 1)
        stage.trace(first, code, sale=False, day=day + 1, event=first.number + 1, late=turn % 4 == 1)
        line, why = sales.sell(day + 6, [code], second=True), "再次销售前已退货"
    elif turn % 4 == 2:
        sales.sell(day, [code], split=True)
        line, why = sales.sell(day + 6, [code], split=True, second=True), "拆零销售，同码允许多次"
    else:
        sales.sell(day, [code])
        line, why = sales.sell(day + 6, [stage.new_code()], second=True), "同一药品的另一盒"
    stage.near_miss(fact.rule, [line], why)


class _Sales:
    """Sales of one drug to two persons, by one pharmacy or by two."""

    def __init__(self, stage: Stage, across: bool) -> None:
        self.stage = stage
        first = stage.provider(pharmacy=True)
        self.pharmacies = (first, stage.provider(pharmacy=True, other=(first,)) if across else first)
        self.item = stage.ordinary("pharmacy")

    def sell(
        self, day: int, codes: list[int], *, second: bool = False, split: bool = False, late: bool = False
    ) -> Line:
        """One line of as many packs as codes, to a person of its own."""
        stage = self.stage
        visit = stage.visit(stage.person(), PHARMACY_VISIT, self.pharmacies[second], day, filled=False)
        line = stage.charge(visit, self.item, len(codes) * UNIT)
        for code in codes:
            stage.trace(line, code, split=split, late=late)
        return line
