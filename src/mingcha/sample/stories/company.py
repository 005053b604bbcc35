"""Violations that rest on what else was charged: herbs alone, operations together, a first treatment that never was."""

from __future__ import annotations

from mingcha.sample.dictionaries import items
from mingcha.sample.draft import INPATIENT, OUTPATIENT
from mingcha.sample.money import UNIT, half_up
from mingcha.sample.stories.facts import HERE, Fact, facts
from mingcha.sample.stories.single import Setting, undone, violate, visit_in
from mingcha.sample.stories.stage import Line, Stage, Visit

_HERBS = 2
"""Number of the prescription the herbs stand on; ordinary medicines stand on the first."""
_APART = ("XB05", "XV07", "XN02", "XN05")
"""Beginnings of the codes of solvents, opioids and psychotropics, which may stand on prescriptions of their own."""


def not_payable(stage: Stage, fact: Fact, turn: int) -> None:
    """An item the fund never pays for, in scope all the same."""
    setting = Setting(stage.day(fact.first, fact.last - 8), (OUTPATIENT, INPATIENT)[turn % 4 == 3], (2, 3))
    lines = violate(stage, fact, turn, lambda: visit_in(stage, fact, setting), setting)
    stage.plant(fact.rule, [(line, line.net) for line in lines])
    undone(stage, fact, turn, visit_in(stage, fact, Setting(stage.day(), OUTPATIENT, (2, 3))))


def not_together(stage: Stage, fact: Fact, turn: int) -> None:
    """Two drugs that must not meet, on one day: each is guilty of the other. A day apart they don't meet."""
    visit = _clinic(stage, fact)
    lines = [visit.charge(fact.item, 2), visit.charge(fact.partner)]
    if turn % 4 == 1:
        lines[0].refund(UNIT)
    stage.plant(fact.rule, [(line, line.net) for line in lines])
    kept = _clinic(stage, fact)
    again = stage.visit(kept.person, OUTPATIENT, kept.provider, kept.start + 1)
    near = [kept.charge(fact.item), again.charge(fact.partner)]
    if turn % 2:
        kept.charge(fact.partner).refund()
    stage.near_miss(fact.rule, near, "同日的另一药品已退费，次日才使用" if turn % 2 else "不在同一天")


def listed_alone(stage: Stage, fact: Fact, turn: int) -> None:
    """A prescription of listed herbs only; company on another prescription, or taken back, is no company."""
    visit = _clinic(stage, fact)
    lines = [_herb(visit, fact.item, refund=turn % 4 == 1)]
    if turn % 4 in (0, 2):
        lines.append(_herb(visit, fact.sibling))
    if turn % 4 == 2:
        visit.charge(fact.partner, 10, prescription=_HERBS + 1)
    if turn % 4 == 3:
        visit.charge(fact.partner, 10, prescription=_HERBS).refund()
    stage.plant(fact.rule, [(line, line.net) for line in lines])
    kept = _clinic(stage, fact)
    line = _herb(kept, fact.item)
    kept.charge(fact.partner, 10, prescription=_HERBS, late=turn % 2 == 1)
    stage.near_miss(fact.rule, [line], "后到的文件补传同方的其他饮片" if turn % 2 else "同方有名单以外的饮片")


def reduced_operation(stage: Stage, fact: Fact, turn: int) -> None:
    """A second, cheaper operation of the group on one day at its full price."""
    visit = _ward(stage, fact)
    dear, cheap = 3_000_000 + turn * 10_000, 1_200_000 + turn * 5_000
    day = visit.start + 1
    witness = visit.charge(fact.partner, day=day, price=dear)
    line = visit.charge(fact.item, 1 + turn % 2, day=day, price=cheap)
    if turn % 2:
        line.refund(UNIT)
    stage.plant(fact.rule, [(line, half_up(line.net * 50, 100))], witness)
    kept = _ward(stage, fact)
    day = kept.start + 1
    kept.charge(fact.partner, day=day, price=dear)
    if turn % 3 == 0:
        place = items().index[fact.item]
        line, why = stage.charge(kept, place, UNIT // 2, day=day, price=cheap), "已按50%计收"
    elif turn % 3 == 1:
        line, why = kept.charge(fact.item, day=day + 1, price=cheap), "不在同一天"
    else:
        line, why = kept.charge(fact.partner, day=day, price=dear), "同一手术的两次计收，不是两种手术"
    stage.near_miss(fact.rule, [line], why)


def crowded_prescription(stage: Stage, fact: Fact, turn: int) -> None:
    """More herbs on one prescription than usual; as many on two, or just as many on one, are not."""
    herbs = [other.item for other in facts(fact.rule, fact.home == HERE)]
    most = fact.limit // UNIT
    visit = _clinic(stage, fact)
    lines = [_herb(visit, code) for code in herbs[: most + 1 + turn % 2]]
    if turn % 4 == 2:
        lines[-1].refund(3 * UNIT)
    stage.plant(fact.rule, [(line, line.net) for line in lines[most:]], *lines[:most])
    kept = _clinic(stage, fact)
    lines = [_herb(kept, code) for code in herbs[:most]]
    if turn % 4 == 1:
        lines.append(kept.charge(herbs[most], 10, prescription=_HERBS + 1))
    elif turn % 4 == 3:
        _herb(kept, herbs[most]).refund()
    why = ("恰好等于上限", "多出的一味在另一张处方", "恰好等于上限", "多出的一味已退费")[turn % 4]
    stage.near_miss(fact.rule, lines[-1:], why)


def too_many_drugs(stage: Stage, fact: Fact, turn: int) -> None:
    """Six or more drugs on one prescription; then five and a solvent, five and one taken back, or one of them twice."""
    drugs = _medicines(stage, "X", fact.limit + 1 + turn % 2)
    visit = _clinic(stage, fact, filled=False)
    lines = [visit.charge(code) for code in drugs]
    stage.plant(fact.rule, [(lines[0], 0)], *lines[1:])
    kept = _clinic(stage, fact, filled=False)
    lines = [kept.charge(code) for code in drugs[: fact.limit]]
    if turn % 3 == 0:
        lines.append(kept.charge(fact.partner))
    elif turn % 3 == 1:
        lines.append(kept.charge(drugs[fact.limit]).refund())
    else:
        lines.append(kept.charge(drugs[0]))
    why = ("输液溶媒不计", "第六种已退费", "同一种药开了两条")[turn % 3]
    stage.near_miss(fact.rule, lines[:1], why)


def split_prescription(stage: Stage, fact: Fact, turn: int) -> None:
    """More drugs than one prescription holds, on two of one doctor; then apart for a reason, or by two doctors."""
    drugs = _medicines(stage, "X", fact.limit + 2)
    visit = _clinic(stage, fact, filled=False)
    lines = [visit.charge(code, 2, prescription=1 + (place > 2 + turn % 2)) for place, code in enumerate(drugs)]
    second = sorted(lines[3 + turn % 2 :], key=lambda line: items().code[line.item])
    if turn % 2:
        second[-1].refund(UNIT)
    stage.plant(fact.rule, [(line, line.net) for line in second[-2:]], *lines[:3])
    kept = _clinic(stage, fact, filled=False)
    near = [kept.charge(code) for code in drugs[:3]]
    if turn % 3 == 0:
        near += [kept.charge(code, prescription=2) for code in _medicines(stage, "Z", 4)]
    elif turn % 3 == 1:
        near += [kept.charge(code) for code in drugs[3 : fact.limit]]
        near.append(kept.charge(fact.partner, supply=5, prescription=2))
    else:
        other = stage.visit(
            kept.person, OUTPATIENT, kept.provider, kept.start, filled=False, practitioner=kept.practitioner + 1
        )
        near += [other.charge(code) for code in drugs[3:]]
    why = ("西药和中成药分方", "精神药品用专用处方", "两名医师各开一张")[turn % 3]
    stage.near_miss(fact.rule, near[-1:], why)


def _medicines(stage: Stage, sort: str, number: int) -> list[str]:
    """Codes of different ordinary drugs of a sort, which anybody may take together."""
    found: dict[str, str] = {}
    while len(found) < number:
        code = str(items().code[stage.ordinary("outpatient")])
        if code.startswith(sort) and not code.startswith(_APART):
            found.setdefault(code[:10], code)
    return list(found.values())


def earlier_treatment(stage: Stage, fact: Fact, turn: int) -> None:
    """A second-line drug without a first-line one before it, or with one that was taken back."""
    visit = _clinic(stage, fact, last=fact.last - 5, first=fact.first + 90, filled=False)
    if turn % 2:
        before = stage.visit(visit.person, OUTPATIENT, stage.provider(2, 3), visit.start - 60, filled=False)
        before.charge(fact.partner, supply=28).refund()
    line = visit.charge(fact.item)
    stage.plant(fact.rule, [(line, line.net)])
    kept = _clinic(stage, fact, last=fact.last - 5, first=fact.first + 90)
    other = stage.provider(2, 3, other=(kept.provider,))
    earlier = stage.visit(kept.person, OUTPATIENT, other, kept.start - (1, 80)[turn % 2])
    earlier.charge(fact.partner, supply=28, late=turn % 4 == 3)
    why = "在另一机构做过检查" if fact.partner.startswith("00") else "在另一机构用过一线药品"
    stage.near_miss(fact.rule, [kept.charge(fact.item)], why)


def duplicate_therapy(stage: Stage, fact: Fact, turn: int) -> None:
    """A second drug of a class while the first one's supply lasts, or on its day; then when it is nearly used up."""
    first, second = sorted((fact.item, fact.partner), key=_known_as)
    visit = _clinic(stage, fact, first=fact.first + 100, filled=False)
    gap = (10, 0, 5, 20)[turn % 4]
    before = visit
    if gap:
        other = stage.provider(2, 3, other=(visit.provider,))
        before = stage.visit(visit.person, OUTPATIENT, other, visit.start - gap, filled=False)
    before.charge(first, supply=30, late=turn % 4 == 2)
    line = visit.charge(second, 2, supply=14)
    if turn % 4 == 3:
        line.refund(UNIT)
    stage.plant(fact.rule, [(line, line.net)], before.lines[-1])
    kept = _clinic(stage, fact, first=fact.first + 100, filled=False)
    earlier = stage.visit(kept.person, OUTPATIENT, kept.provider, kept.start - 24, filled=False)
    taken = earlier.charge(first, supply=30)
    if turn % 2:
        taken.refund()
    why = "前一种已全部退费" if turn % 2 else "前一种只剩六天，属于换药交叉"
    stage.near_miss(fact.rule, [kept.charge(second, supply=14)], why)


def _known_as(code: str) -> str:
    """How the pack writes the item: by its official name where the city gave it a code of its own."""
    place = items().index[code]
    return f"名称:{items().name[place]}" if code.startswith("XZ98") else code


def _herb(visit: Visit, code: str, refund: bool = False) -> Line:
    line = visit.charge(code, 10, prescription=_HERBS)
    return line.refund(3 * UNIT) if refund else line


def _clinic(
    stage: Stage, fact: Fact, *, first: int | None = None, last: int | None = None, filled: bool = True
) -> Visit:
    day = stage.day(first or fact.first, last or fact.last - 8)
    more = (fact.lawful_diagnosis,) if fact.lawful_diagnosis else ()
    return stage.visit(stage.person(sex=fact.also_sex), OUTPATIENT, stage.provider(2, 3), day, more=more, filled=filled)


def _ward(stage: Stage, fact: Fact) -> Visit:
    day = stage.day(fact.first, fact.last - 10)
    return stage.visit(stage.person(sex=fact.also_sex), INPATIENT, stage.provider(2, 3), day, end=day + 5)
