"""Violations of providers and their staff: beds, stock, contract, seats, terminals, registration."""

from __future__ import annotations

from mingcha.sample.city import FIRST_DAY, SUSPENDED
from mingcha.sample.dictionaries import items
from mingcha.sample.draft import INPATIENT, OUTPATIENT, PHARMACY_VISIT
from mingcha.sample.money import UNIT, amount_of
from mingcha.sample.stories.facts import Fact
from mingcha.sample.stories.stage import Stage, Visit

_OPERATION = "47.0900"
_ROOM = 100
"""Nights of the crowded ward, and items of the reserved shelves, of which stories are told; each has its own."""


def over_beds(stage: Stage, fact: Fact, turn: int) -> None:
    """Two stays fill a ward of two beds for two nights; on the second of them a third one comes."""
    if turn >= _ROOM:
        return
    ward, night = stage.city.reserved("crowded"), FIRST_DAY + 10 + turn * 3
    full = [_stay(stage, ward, night - 1, 2) for _ in range(2)]
    stage.plant_lead(fact.rule, _stay(stage, ward, night, 1), *full)
    stage.no_lead(fact.rule, full[0], "前一夜恰好住满核定床位")


def more_sold_than_bought(stage: Stage, fact: Fact, turn: int) -> None:
    """More of an item charged than bought, or something never bought; then exactly what was bought."""
    never, goods = fact.rule.startswith("never"), _goods(fact.rule)
    if 2 * turn + 1 >= len(goods):
        return
    shelf = stage.city.reserved("empty-shelf" if never else "depot" if fact.rule.startswith("consumable") else "shelf")
    day = stage.day(fact.first + 40, fact.last)
    visit, item, sold = _sold(stage, shelf, day), goods[2 * turn], 3 + turn % 3
    line = stage.charge(visit, item, sold * UNIT)
    bought = 0 if never else sold - 1 - turn % 2
    if bought:
        stage.buy(shelf, item, bought, day - 30)
    elif turn % 2:
        line.refund(UNIT)
    missing = line.units - bought * UNIT
    stage.plant_lead(fact.rule, visit, amount=amount_of(items().price[item].item(), missing))
    kept, item = _sold(stage, shelf, day), goods[2 * turn + 1]
    stage.charge(kept, item, 4 * UNIT)
    stage.buy(shelf, item, 4, day - 20)
    stage.no_lead(fact.rule, kept, "购进数量恰好够结算")


def provider_suspended(stage: Stage, fact: Fact, turn: int) -> None:
    """Purchases while the contract rests; the day before, and the day after."""
    shop = stage.city.reserved("suspended")
    visit = stage.visit(stage.person(), PHARMACY_VISIT, shop, (SUSPENDED[0], stage.day(*SUSPENDED))[turn % 2])
    stage.plant_visit(fact.rule, visit)
    near = stage.visit(stage.person(), PHARMACY_VISIT, shop, (SUSPENDED[0] - 1, SUSPENDED[1] + 1)[turn % 2])
    stage.near_miss(fact.rule, near.lines, ("中止的前一天", "协议恢复当日")[turn % 2])


def two_places(stage: Stage, fact: Fact, turn: int) -> None:
    """A doctor of two hospitals sees people at both within minutes; then hours apart."""
    first, second = (stage.city.reserved(name) for name in ("first-seat", "second-seat"))
    doctor = int(stage.city.staff_first[first, 0])
    day = FIRST_DAY + 5 + turn * 2 % 350
    time = 4 * 3600 + turn * 2 // 350 * 4500

    def seen(at: int, on: int, second: int) -> Visit:
        return stage.visit(stage.person(), OUTPATIENT, at, on, second=second, practitioner=doctor)

    before = seen(first, day, time)
    stage.plant_lead(fact.rule, seen(second, day, time + 900), before)
    seen(first, day + 1, time)
    stage.no_lead(fact.rule, seen(second, day + 1, time + fact.limit * 60), "间隔足够路上的时间")


def operations_overlap(stage: Stage, fact: Fact, turn: int) -> None:
    """A surgeon begins while another operation goes on; then as that one ends."""
    hour, staff = 9 * 3600, len(stage.city.practitioner)
    for late, calm in ((1800, 0), (3600, 1)):
        surgeon, day = (2 * turn + calm) % staff, FIRST_DAY + 10 + (2 * turn + calm) // staff % 300
        one, other = (_stay(stage, stage.provider(2, 3), day, 2) for _ in range(2))
        stage.operate(one, _OPERATION, start=hour, end=hour + 3600, surgeon=surgeon)
        stage.operate(other, _OPERATION, start=hour + late, end=hour + late + 3000, surgeon=surgeon)
        if calm:
            stage.no_lead(fact.rule, other, "前一台恰好结束")
        else:
            stage.plant_lead(fact.rule, other, one)


def illogical_operation(stage: Stage, fact: Fact, turn: int) -> None:
    """An operation after discharge, or before admission; then on the day of discharge."""
    stay = _ward(stage, fact)
    stage.operate(stay, _OPERATION, after=(3, -1)[turn % 2])
    stage.plant_lead(fact.rule, stay)
    kept = _ward(stage, fact)
    stage.operate(kept, _OPERATION, after=(2, 0)[turn % 2])
    stage.no_lead(fact.rule, kept, ("出院当日", "入院当日")[turn % 2])


def crowded_terminal(stage: Stage, fact: Fact, turn: int) -> None:
    """Five persons at one terminal within minutes; then one fewer."""
    for persons, terminal in ((fact.limit, 2 * turn % 100), (fact.limit - 1, (2 * turn + 1) % 100)):
        shop, day = stage.provider(pharmacy=True), stage.day(fact.first, fact.last)
        visits = [
            stage.visit(stage.person(), PHARMACY_VISIT, shop, day, second=10 * 3600 + place * 60)
            for place in range(persons)
        ]
        for visit in visits:
            stage.event(visit, "identity", "passed", terminal=terminal)
        if persons == fact.limit:
            stage.plant_lead(fact.rule, visits[-1], *visits[:-1])
        else:
            stage.no_lead(fact.rule, visits[-1], "少一个人")


def not_registered(stage: Stage, fact: Fact, turn: int) -> None:
    """A doctor of another hospital orders here without being registered; then one of the own.

    They come from a hospital without ordinary patients, each on a day of its own: nobody is seen in two places at once.
    """
    home, here = stage.city.reserved("first-seat"), stage.provider(2, 3)
    first, after = (int(stage.city.staff_first[place, 0]) for place in (home, home + 1))
    doctor, day = first + 1 + turn % (after - first - 1), FIRST_DAY + 5 + turn % 350
    visit = stage.visit(stage.person(), OUTPATIENT, here, day, practitioner=doctor)
    if turn % 2:
        visit.lines[-1].refund()
    stage.plant_visit(fact.rule, visit)
    later = visit.second + 5 * 3600
    kept = stage.visit(stage.person(), OUTPATIENT, home, day, second=later, practitioner=doctor)
    stage.near_miss(fact.rule, kept.lines, "在本机构备案的医师")


def settled_late(stage: Stage, fact: Fact, turn: int) -> None:
    """Settled a day too late; then on the last day."""
    visit = _ward(stage, fact) if INPATIENT in fact.care else _clinic(stage, fact)
    stage.settle(visit, lag=fact.days + 1)
    stage.plant_lead(fact.rule, visit)
    kept = _ward(stage, fact) if INPATIENT in fact.care else _clinic(stage, fact)
    stage.settle(kept, lag=fact.days)
    stage.no_lead(fact.rule, kept, "恰在期限之内")


def invoice_twice(stage: Stage, fact: Fact, turn: int) -> None:
    """One invoice settled again elsewhere; then another one of the same person."""
    first = _clinic(stage, fact)
    other = stage.provider(2, 3, other=(first.provider,))
    again = stage.visit(first.person, OUTPATIENT, other, first.start + 1 + turn % 30)
    stage.settle(again, invoice_of=first)
    if turn % 2:
        again.lines[-1].refund()
    stage.plant_visit(fact.rule, again, first)
    before = _clinic(stage, fact)
    kept = stage.visit(before.person, OUTPATIENT, other, before.start + 9)
    stage.near_miss(fact.rule, kept.lines, "另一张票据")


def paid_beyond_base(stage: Stage, fact: Fact, turn: int) -> None:
    """The fund pays the person's share too, and a little more; then just what there was to pay from."""
    stay, kept = _ward(stage, fact), _ward(stage, fact)
    over = fact.limit + 1 + turn * 100
    stage.settle(stay, over=over)
    stage.plant_lead(fact.rule, stay, amount=over)
    stage.settle(kept, over=fact.limit * (turn % 2))
    stage.no_lead(fact.rule, kept, "误差恰在允许之内" if turn % 2 else "恰好等于起付线以上的金额")


def without_consent(stage: Stage, fact: Fact, turn: int) -> None:
    """Much at own expense and no consent; then with one, or less."""
    own = stage.ordinary("inpatient")
    stay = _ward(stage, fact)
    stage.at_own_expense(stage.charge(stay, own, UNIT, price=(fact.limit + 1) * 100))
    stage.event(stay, "consent")
    stage.plant_lead(fact.rule, stay)
    kept = _ward(stage, fact)
    stage.at_own_expense(stage.charge(kept, own, UNIT, price=(fact.limit + turn % 2) * 100))
    if not turn % 2:
        stage.event(kept, "consent")
    stage.no_lead(fact.rule, kept, "有知情同意" if turn % 2 else "金额恰好等于界限")


def outside_stay(stage: Stage, fact: Fact, turn: int) -> None:
    """A drug charged after discharge, or before admission; then on the day after, for results that come late."""
    stay = _ward(stage, fact)
    item = stage.ordinary("inpatient")
    day = stay.end + fact.days + 1 if turn % 2 else stay.start - fact.days - 1
    line = stage.charge(stay, item, 2 * UNIT, day=day)
    if turn % 4 == 3:
        line.refund(UNIT)
    stage.plant(fact.rule, [(line, line.net)])
    kept = _ward(stage, fact)
    stage.near_miss(fact.rule, [stage.charge(kept, item, UNIT, day=kept.end + fact.days)], "在宽限之内")


def amount_not_product(stage: Stage, fact: Fact, turn: int) -> None:
    """An amount that is not quantity times price; then one within rounding."""
    visit = _clinic(stage, fact)
    line = stage.charge(visit, stage.ordinary("outpatient"), 2 * UNIT)
    stage.miscount(line, fact.limit + 1 + turn)
    stage.plant(fact.rule, [(line, 0)])
    kept = _clinic(stage, fact)
    line = stage.charge(kept, stage.ordinary("outpatient"), 2 * UNIT)
    stage.miscount(line, fact.limit)
    stage.near_miss(fact.rule, [line], "在四舍五入的容差之内")


def code_of_another_item(stage: Stage, fact: Fact, turn: int) -> None:
    """A code sold as one drug and, before, as another; then the code of a drug that is what it says."""
    shop, day = stage.provider(pharmacy=True), stage.day(fact.first, fact.last - 40)
    made, swapped = (_pharmacy_goods()[(7 * turn + place) % len(_pharmacy_goods())] for place in (0, 1))
    code = stage.new_code()
    first = stage.charge(_sold(stage, shop, day), made, UNIT)
    stage.trace(first, code)
    stage.trace(first, code, sale=False, day=day + 1, event=first.number + 1)
    first.refund(day=day + 1)
    line = stage.charge(_sold(stage, shop, day + 9), swapped, UNIT)
    stage.trace(line, code, made_for=made)
    stage.plant(fact.rule, [(line, line.net)], first)
    kept = stage.charge(_sold(stage, shop, day), swapped, UNIT)
    stage.trace(kept, stage.new_code())
    stage.near_miss(fact.rule, [kept], "追溯码与药品相符")


def code_not_valid(stage: Stage, fact: Fact, turn: int) -> None:
    """A code that is none; then a proper one."""
    shop, day = stage.provider(pharmacy=True), stage.day(fact.first, fact.last)
    for valid in (False, True):
        line = stage.charge(_sold(stage, shop, day), stage.ordinary("pharmacy"), UNIT)
        stage.trace(line, stage.new_code(), valid=valid)
        if valid:
            stage.near_miss(fact.rule, [line], "二十位、以8开头")
        else:
            stage.plant(fact.rule, [(line, 0)])


def _goods(rule: str) -> list[int]:
    """Places of the items that stories of stock are told of."""
    if not rule.startswith("consumable"):
        return _pharmacy_goods()
    return [place for place, kind in enumerate(items().list_type) if kind == "301" and items().pool[place]][:_ROOM]


def _pharmacy_goods() -> list[int]:
    chosen = (items().list_type == "101") & (items().item_class < 2)
    return [int(place) for place in chosen.nonzero()[0] if str(items().pool[place]).startswith("drug:")][:_ROOM]


def _sold(stage: Stage, shop: int, day: int) -> Visit:
    if stage.city.level[shop] >= 0:
        return stage.visit(stage.person(), OUTPATIENT, shop, day, filled=False)
    return stage.visit(stage.person(), PHARMACY_VISIT, shop, day, filled=False)


def _stay(stage: Stage, ward: int, day: int, nights: int) -> Visit:
    return stage.visit(stage.person(), INPATIENT, ward, day, end=day + nights)


def _ward(stage: Stage, fact: Fact) -> Visit:
    return _stay(stage, stage.provider(2, 3), stage.day(fact.first + 5, fact.last - 12), 2)


def _clinic(stage: Stage, fact: Fact) -> Visit:
    last = fact.last - max(fact.days, 31) - 1
    return stage.visit(stage.person(), OUTPATIENT, stage.provider(2, 3), stage.day(fact.first, last))
