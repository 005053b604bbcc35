"""Violations that stand in one line: a restricted item, a missing diagnosis, a price above the ceiling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mingcha.sample.dictionaries import diagnoses, items
from mingcha.sample.draft import INPATIENT, INSURANCES, INTERNET, OUTPATIENT, PHARMACY_VISIT
from mingcha.sample.money import UNIT, half_up
from mingcha.sample.stories.facts import ELSEWHERE, HERE, LAST_DAY, Fact, birthday, day_of, month_end
from mingcha.sample.stories.stage import Line, Stage, Visit

_LEAP = day_of("2026-03-01")


@dataclass
class Setting:
    """Who meets the item where: everything a restriction may ask about."""

    day: int
    care: int
    levels: tuple[int, ...]
    sex: int | None = None
    birth: int | None = None
    insurance: int | None = None
    department: str = ""


def restricted_item(stage: Stage, fact: Fact, turn: int) -> None:
    """An item for some people, insurances, settings or hospital levels, given to others."""
    guilty = _setting(stage, fact, turn, lawful=False)
    lines = violate(stage, fact, turn, lambda: visit_in(stage, fact, guilty), guilty)
    stage.plant(fact.rule, [(line, line.net) for line in lines])
    if turn % 4 in (1, 3):
        lawful, why = _setting(stage, fact, turn // 2, lawful=True), _why(fact)
        if fact.sex and turn % 4 == 3:
            lawful.sex, why = 0, "性别未知，无法判断"
        line = visit_in(stage, fact, lawful).charge(fact.item)
        stage.near_miss(fact.rule, [line], why)
    else:
        guilty = _setting(stage, fact, turn, lawful=False)
        undone(stage, fact, turn, visit_in(stage, fact, guilty))
    if fact.home == HERE and fact.ends and fact.ends < LAST_DAY - 20:
        guilty = _setting(stage, fact, turn, lawful=False)
        guilty.day = fact.ends + 1 + turn % 9
        stage.near_miss(fact.rule, [visit_in(stage, fact, guilty).charge(fact.item)], "所在统筹区已停用这条规则")


def diagnosis_required(stage: Stage, fact: Fact, turn: int) -> None:
    """An item paid for certain diagnoses, in a visit that has none of them."""
    day = stage.day(fact.first, fact.last - 8)
    care = fact.care[0] if fact.care else (OUTPATIENT, INPATIENT)[turn // 2 % 2]
    setting = Setting(day, care, (2, 3), sex=fact.also_sex)

    def visit(**more) -> Visit:
        return visit_in(stage, fact, setting, diagnosis=_other_diagnosis(fact, turn), **more)

    lines = violate(stage, fact, turn, visit, setting)
    stage.plant(fact.rule, [(line, line.net) for line in lines])
    if turn % 4 == 0:
        line = visit(more=(fact.lawful_diagnosis,)).charge(fact.item)
        stage.near_miss(fact.rule, [line], "限定的诊断在次要诊断中")
    elif turn % 4 == 1:
        line = visit(late_diagnosis=fact.lawful_diagnosis).charge(fact.item)
        stage.near_miss(fact.rule, [line], "限定的诊断在后到的文件中补传")
    else:
        undone(stage, fact, turn, visit())


def price_ceiling(stage: Stage, fact: Fact, turn: int) -> None:
    """A unit price above the payment standard or ceiling in force on the day."""
    levels = fact.levels or (2, 3)
    setting = Setting(stage.day(fact.first, fact.last - 8), OUTPATIENT, levels, sex=fact.also_sex)
    above = fact.ceiling + max(100, fact.ceiling * stage.random.randint(3, 40) // 10_000 * 100)

    def visit(day: int = setting.day, allowed: tuple[int, ...] = levels) -> Visit:
        return visit_in(stage, fact, Setting(day, OUTPATIENT, allowed, sex=fact.also_sex))

    early = {"price": fact.ceiling} if turn % 4 == 2 else None
    line = visit().charge(fact.item, 1 + turn % 3 + (turn % 4 == 1), price=above, early=early)
    if turn % 4 == 1:
        line.refund(UNIT)
    stage.plant(fact.rule, [(line, half_up(line.net * (above - fact.ceiling), above))])
    if fact.ends and fact.ends < LAST_DAY - 10 and turn % 2:
        line = visit(fact.ends + 1 + turn % 9).charge(fact.item, 1, price=above)
        stage.near_miss(fact.rule, [line], "支付标准在服务日已失效")
    elif turn % 4 == 0:
        line = visit().charge(fact.item, 1, price=above).refund()
        stage.near_miss(fact.rule, [line], "已全部退费")
    else:
        early = {"price": above} if turn % 4 == 3 else None
        line = visit().charge(fact.item, 2, price=fact.ceiling, early=early)
        stage.near_miss(fact.rule, [line], "更正后单价等于限价" if early else "单价等于限价")
    if fact.home == HERE and turn % 2 == 0:
        stage.home = ELSEWHERE
        stage.near_miss(fact.rule, [visit().charge(fact.item, 1, price=above)], "参保地没有这项限价")


def violate(stage: Stage, fact: Fact, turn: int, visit: Callable[[], Visit], setting: Setting) -> list[Line]:
    """The guilty line: plain, partly refunded, coming as a correction, or twice over the end of a month."""
    if turn % 4 == 1:
        return [visit().charge(fact.item, 3).refund(UNIT)]
    if turn % 4 == 2:
        return [visit().charge(fact.item, 2, early={"item": stage.ordinary("outpatient")})]
    if turn % 4 == 3 and setting.care == INPATIENT and fact.age_max is None and not fact.age_min:
        day = month_end(setting.day) - 1
        if fact.first <= day <= fact.last - 6:
            setting.day = day
            stay = visit()
            return [stay.charge(fact.item, 1, day=day + later, second=9 * 3600) for later in (1, 3)]
    return [visit().charge(fact.item, 1 + turn % 3)]


def undone(stage: Stage, fact: Fact, turn: int, visit: Visit) -> None:
    """A guilty line that is no more: wholly refunded, or corrected to another item by a later file."""
    if turn % 4 == 0:
        stage.near_miss(fact.rule, [visit.charge(fact.item, 2).refund()], "已全部退费")
    else:
        line = stage.charge(visit, stage.ordinary("outpatient"), UNIT, early={"item": items().index[fact.item]})
        stage.near_miss(fact.rule, [line], "后到的更正改为另一项目")


def visit_in(stage: Stage, fact: Fact, setting: Setting, **more) -> Visit:
    """A visit of a person of its own in that setting, with the diagnosis other rules ask of the item."""
    person = stage.person(
        sex=fact.also_sex if setting.sex is None else setting.sex, birth=setting.birth, insurance=None
    )
    if setting.care == PHARMACY_VISIT:
        provider = stage.provider(pharmacy=True)
    else:
        provider = stage.provider(*((3,) if setting.care == INTERNET else setting.levels))
    if fact.lawful_diagnosis and "more" not in more and "diagnosis" not in more:
        more["more"] = (fact.lawful_diagnosis,)
    end = setting.day + 5 if setting.care == INPATIENT else None
    return stage.visit(person, setting.care, provider, setting.day, end=end, insurance=setting.insurance,
                       department=setting.department, **more)  # fmt: skip


def _setting(stage: Stage, fact: Fact, turn: int, *, lawful: bool) -> Setting:
    """A setting that breaks the restriction, or one that keeps it by the smallest margin there is."""
    day = stage.day(fact.first, fact.last - 8)
    setting = Setting(day, (OUTPATIENT, INPATIENT)[turn % 4 == 3], (2, 3), sex=fact.also_sex)
    if fact.sex:
        setting.sex = fact.sex if lawful else 3 - fact.sex
    if fact.insurance:
        own = INSURANCES.index(fact.insurance[0])
        setting.insurance = own if lawful else turn % 2
    if fact.care:
        outside = [care for care in (OUTPATIENT, INTERNET) if care not in fact.care]
        setting.care = fact.care[turn % len(fact.care)] if lawful else outside[0]
        if setting.care == PHARMACY_VISIT:
            setting.care = next(care for care in fact.care if care != PHARMACY_VISIT)
    if fact.level_min:
        setting.levels = (fact.level_min,) if lawful else (fact.level_min - 1,)
    if fact.specialties and lawful:
        setting.department = fact.specialties[0]
    if fact.age_max is not None:
        _age(stage, fact, turn, setting, lawful)
    elif fact.age_min:
        setting.birth = birthday(setting.day if lawful else setting.day + 1 + turn % 2 * 200, fact.age_min)
    if fact.days:  # the oldest age in days; a guilty child is not yet one year old, or rules for children would mind
        older = 1 if turn % 4 == 0 else 1 + stage.random.randint(1, 300)
        setting.birth = setting.day - fact.days - (0 if lawful else older)
    return setting


def _age(stage: Stage, fact: Fact, turn: int, setting: Setting, lawful: bool) -> None:
    """Births around the boundary: the birthday completes the year; 29 February completes on 1 March."""
    above = (fact.age_max or 0) + 1
    leap = (2026 - above) % 4 == 0 and fact.first < _LEAP - 1 and fact.last > _LEAP
    if leap and turn % 8 == (6 if not lawful else 1):
        setting.birth = day_of(f"{2026 - above}-02-29")
        setting.day = _LEAP - 1 if lawful else _LEAP
    elif lawful:
        youngest = bool(fact.age_min) and turn % 2 == 0
        setting.birth = birthday(setting.day, fact.age_min or 0) if youngest else birthday(setting.day + 1, above)
    elif fact.age_min and turn % 4 == 1:
        setting.birth = birthday(setting.day + 1, fact.age_min)
    elif turn % 4 == 0:
        setting.birth = birthday(setting.day, above)
    else:
        setting.birth = setting.day - round((above + stage.random.uniform(3, 50)) * 365.2425)


def _why(fact: Fact) -> str:
    if fact.days:
        return "服务日的日龄恰好在限定之内"
    if fact.age_max is not None or fact.age_min:
        return "服务日年龄仍在限定之内（生日为界）"
    if fact.sex:
        return "性别相符"
    if fact.insurance:
        return "险种相符"
    if fact.specialties:
        return "就在限定的科室"
    return "就医方式相符" if fact.care else "机构级别恰好达到限定"


def _other_diagnosis(fact: Fact, turn: int) -> str:
    group = diagnoses().groups["internal"]
    for step in range(len(group)):
        code = str(diagnoses().code[group[(turn + step) % len(group)]])
        if not code.startswith(fact.diagnoses):
            return code
    raise ValueError(f"every ordinary diagnosis is lawful for {fact.item}")
