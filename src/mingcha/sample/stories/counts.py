"""Violations that add up over lines: quantities, days of a course, intervals and supplies."""

from __future__ import annotations

from mingcha.sample.draft import INPATIENT, OUTPATIENT, SPECIAL
from mingcha.sample.money import UNIT, half_up
from mingcha.sample.stories.facts import Fact, month_end
from mingcha.sample.stories.stage import Line, Stage, Visit

_HOUR = 3600


def max_per_period(stage: Stage, fact: Fact, turn: int) -> None:
    """More of an item than the period allows; what exceeds the limit is improper, the later lines first."""
    (_rolling if fact.window.startswith("days-") else _at_once)(stage, fact, turn)


def _at_once(stage: Stage, fact: Fact, turn: int) -> None:
    limit = fact.limit // UNIT
    visit = _ward(stage, fact)
    day = visit.start + 1

    def excess(line: Line, units: int) -> tuple[Line, int]:
        return line, half_up(line.net * units * UNIT, line.units)

    if turn % 4 == 0:
        first = visit.charge(fact.sibling, limit, day=day, second=9 * _HOUR)
        line = visit.charge(fact.item, 2, day=day, second=15 * _HOUR)
        stage.plant(fact.rule, [excess(line, 2)], first)
    elif turn % 4 == 1:
        line = visit.charge(fact.item, limit + 3, day=day, second=9 * _HOUR).refund(UNIT)
        stage.plant(fact.rule, [excess(line, 2)])
    elif turn % 4 == 2:
        line = visit.charge(fact.item, limit + 1, day=day, second=9 * _HOUR, early={"quantity": limit * UNIT})
        stage.plant(fact.rule, [excess(line, 1)])
    else:
        lines = [visit.charge(fact.item, limit, day=day + later, second=9 * _HOUR) for later in (0, 0, 1, 1)]
        beyond = lines[1:] if fact.window == "visit" else lines[1::2]
        stage.plant(fact.rule, [excess(line, limit) for line in beyond], *lines)
    calm = _ward(stage, fact)
    day = calm.start + 1
    if turn % 4 == 0 and fact.window == "visit":
        lines = [calm.charge(fact.item, units, day=day + units) for units in (1, limit - 1)]
        stage.near_miss(fact.rule, lines, "整次住院恰好达到上限")
    elif turn % 4 == 0:
        lines = [
            calm.charge(fact.item, limit, day=day + later, second=second) for later, second in ((0, 86_340), (1, 60))
        ]
        stage.near_miss(fact.rule, lines, "恰好达到每日上限，跨过零点")
    elif turn % 4 == 1:
        line = calm.charge(fact.item, limit + 1, day=day).refund(UNIT)
        stage.near_miss(fact.rule, [line], "部分退费后恰好等于上限")
    elif turn % 4 == 2:
        line = calm.charge(fact.item, limit, day=day, early={"quantity": 2 * limit * UNIT})
        stage.near_miss(fact.rule, [line], "更正后的数量等于上限")
    else:
        other = stage.visit(
            calm.person, OUTPATIENT, stage.provider(3, other=(calm.provider,)), calm.start, filled=False
        )
        stage.near_miss(
            fact.rule,
            [calm.charge(fact.item, limit, day=calm.start), other.charge(fact.item, limit)],
            "同一天在两家机构各达上限",
        )


def _ward(stage: Stage, fact: Fact) -> Visit:
    day = stage.day(fact.first, fact.last - 8)
    return stage.visit(stage.person(), INPATIENT, stage.provider(3), day, end=day + 3)


def _rolling(stage: Stage, fact: Fact, turn: int) -> None:
    """Sessions evenly spread over the days of the window, and one more."""
    allowed, window = fact.limit // UNIT, int(fact.window.removeprefix("days-"))
    step, care = (window - 1) // allowed, fact.care[0] if fact.care else SPECIAL
    illness = fact.lawful_diagnosis or "N18.900"
    day = (
        month_end(stage.day(fact.first, fact.last - window - 38)) - 3
        if turn % 4 == 3
        else stage.day(fact.first, fact.last - window - 8)
    )
    person, provider = stage.person(sex=fact.also_sex), stage.provider(2, 3)

    def session(later: int, at: int = provider, code: str = fact.item, **more) -> Line:
        visit = stage.visit(person, care, at, day + later, filled=later == 0, diagnosis=illness)
        return visit.charge(code, **more)

    before = [session(step * place, code=(fact.item, fact.sibling)[place % 2]) for place in range(allowed)]
    last = session(step * allowed, quantity=2 if turn % 4 == 1 else 1, late=turn % 4 == 2)
    if turn % 4 == 1:
        last.refund(UNIT)
    stage.plant(fact.rule, [(last, last.net)], *before)
    person, day = stage.person(sex=fact.also_sex), stage.day(fact.first, fact.last - window - 8)
    calm = [session(step * place) for place in range(allowed)]
    if turn % 4 == 0:
        stage.near_miss(fact.rule, [*calm, session(window)], f"相隔{window}天，不在任意{window}天之内")
    elif turn % 4 == 1:
        calm[0].refund()
        stage.near_miss(fact.rule, [*calm[1:], session(window - 1)], "其中一次已全部退费")
    elif turn % 4 == 2:
        stage.near_miss(fact.rule, calm, "恰好等于周期内的次数")
    else:
        elsewhere = session(window - 1, at=stage.provider(2, 3, other=(provider,)))
        stage.near_miss(fact.rule, [*calm, elsewhere], "多出的一次在另一机构")


def course_days(stage: Stage, fact: Fact, turn: int) -> None:
    """More days of use than the fund pays for, across visits and providers."""
    lines = _course(stage, fact, fact.days, two=turn % 2 == 1)
    visit = lines[-1].visit
    beyond = [visit.charge(fact.item, 2, day=lines[-1].day + 1, second=9 * _HOUR, late=turn % 4 == 2)]
    if turn % 4 == 1:
        beyond[0].refund(UNIT)
    if turn % 4 == 3:
        beyond.append(visit.charge(fact.item, day=lines[-1].day + 2, second=9 * _HOUR))
    stage.plant(fact.rule, [(line, line.net) for line in beyond], *lines)
    calm = _course(stage, fact, fact.days, two=turn % 2 == 0)
    if turn % 4 == 0:
        stage.near_miss(fact.rule, [calm[-1]], "恰好等于支付疗程的天数")
    elif turn % 4 == 1:
        again = calm[-1].visit.charge(fact.item, day=calm[-1].day, second=16 * _HOUR)
        stage.near_miss(fact.rule, [again], "同一天用两次只算一天")
    else:
        calm[0].refund()
        extra = calm[-1].visit.charge(fact.item, day=calm[-1].day + 1, second=9 * _HOUR)
        stage.near_miss(fact.rule, [extra], "其中一天已全部退费")


def _course(stage: Stage, fact: Fact, days: int, *, two: bool) -> list[Line]:
    """One line a day for so many days, in one visit or half at another provider, codes of the drug taking turns."""
    person = stage.person(sex=fact.also_sex)
    start = stage.day(fact.first, fact.last - days - 20)
    first = stage.provider(2, 3)
    places = [first, stage.provider(2, 3, other=(first,))] if two else [first]
    lines: list[Line] = []
    for part, provider in enumerate(places):
        begin, end = days * part // len(places), days * (part + 1) // len(places)
        gap = 5 * part
        visit = stage.visit(person, OUTPATIENT, provider, start + begin + gap, end=start + end + gap + 2, filled=False)
        codes = (fact.item, fact.sibling)
        lines += [
            visit.charge(codes[day % 2], day=start + day + gap, second=9 * _HOUR + day * 7) for day in range(begin, end)
        ]
    return lines


def min_interval(stage: Stage, fact: Fact, turn: int) -> None:
    """A service again before the shortest interval is over; repeated examinations always at another provider."""
    across = fact.rule.startswith("exam") or turn % 2 == 1
    first, line = _twice(stage, fact, fact.days - 1 - turn % 3, across, 1 + (turn % 4 == 1), late=turn % 4 == 2)
    if turn % 4 == 1:
        line.refund(UNIT)
    stage.plant(fact.rule, [(line, line.net)], first)
    if turn % 4 == 1:
        first, line = _twice(stage, fact, fact.days - 2, across, 1)
        first.refund()
        stage.near_miss(fact.rule, [line], "前一次已全部退费")
    elif turn % 4 == 2:
        first, line = _twice(stage, fact, fact.days - 2, across, 1)
        stage.near_miss(fact.rule, [line.refund()], "后一次已全部退费")
    else:
        first, line = _twice(stage, fact, fact.days, across, 1)
        stage.near_miss(fact.rule, [line], "恰好达到最短间隔")


def _twice(stage: Stage, fact: Fact, gap: int, across: bool, quantity: int, late: bool = False) -> tuple[Line, Line]:
    person = stage.person(sex=fact.also_sex, age=(18, 44) if fact.also_sex == 2 else (25, 79))
    day = stage.day(fact.first, fact.last - fact.days - 8)
    here = stage.provider(2, 3)
    there = stage.provider(2, 3, other=(here,)) if across else here
    first = stage.visit(person, OUTPATIENT, here, day).charge(fact.item)
    again = stage.visit(person, OUTPATIENT, there, day + gap).charge(fact.sibling, quantity, late=late)
    return first, again


def supply_overlap(stage: Stage, fact: Fact, turn: int) -> None:
    """Days supplied within the rolling period sum up to more than the limit; the days beyond it are improper."""
    own = fact.days // 4 + (2 if fact.days < 60 else 1 + turn % 3)
    lines = _fills(stage, fact, [own] * 4, late=turn % 4 == 2)
    excess = 4 * own - fact.days
    if turn % 4 == 1:
        lines[-1].refund(UNIT)
    stage.plant(fact.rule, [(lines[-1], half_up(lines[-1].net * min(own, excess), own))], *lines[:-1])
    exact = [fact.days // 4] * 3
    exact.append(fact.days - sum(exact))
    if turn % 4 == 0:
        stage.near_miss(fact.rule, _fills(stage, fact, exact)[-1:], "恰好等于周期内的上限")
    elif turn % 4 == 1:
        calm = _fills(stage, fact, [own] * 4)
        calm[1].refund()
        stage.near_miss(fact.rule, calm[-1:], "其中一次已全部退药")
    else:
        calm = _fills(stage, fact, [own] * 4, stretch=fact.within + 1)
        stage.near_miss(fact.rule, calm[-1:], "最早一次已在周期之外")


def _fills(
    stage: Stage, fact: Fact, supplies: list[int], *, stretch: int | None = None, late: bool = False
) -> list[Line]:
    """Purchases of one drug at two providers in turn, within the period or, stretched, just beyond it."""
    span = fact.within - max(2, fact.within // 9) if stretch is None else stretch
    person = stage.person(sex=fact.also_sex)
    day = stage.day(fact.first, fact.last - span - 3)
    first = stage.provider(2, 3)
    places = (first, stage.provider(2, 3, other=(first,)))
    more = (fact.lawful_diagnosis,) if fact.lawful_diagnosis else ()
    lines = []
    for turn, supply in enumerate(supplies):
        at = day + span * turn // (len(supplies) - 1)
        visit = stage.visit(person, SPECIAL, places[turn % 2], at, more=more, filled=turn == 0)
        code = (fact.item, fact.sibling)[turn % 2]
        lines.append(visit.charge(code, 2, supply=supply, late=late and turn == len(supplies) - 1))
    return lines
