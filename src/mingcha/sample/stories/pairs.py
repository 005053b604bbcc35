"""Violations between two lines: an item charged beside the main one that includes it, or without the one it needs."""

from __future__ import annotations

from mingcha.sample.dictionaries import items
from mingcha.sample.draft import INPATIENT, NONE, OUTPATIENT
from mingcha.sample.money import UNIT
from mingcha.sample.stories.facts import Fact, month_end
from mingcha.sample.stories.stage import Line, Stage, Visit

_HOUR = 3600


def exclusive_items(stage: Stage, fact: Fact, turn: int) -> None:
    """The included item beside its main item in the window: day, visit, six hours, same hour, prescription."""
    crossing = turn % 4 == 3 and fact.window in ("visit", "hours-6")
    visit = _stay(stage, fact, fact.window, over_month=crossing)
    main_day, main_second, day, second = _within(stage, fact.window, visit, crossing)
    late = turn % 4 == 2
    main = visit.charge(fact.partner, day=main_day, second=main_second, late=late)
    quantity = 3 if turn % 4 == 1 or (turn % 4 == 3 and not crossing) else 1
    line = visit.charge(fact.item, quantity, day=day, second=second)
    if quantity > 1:
        line.refund(UNIT)
    stage.plant(fact.rule, [(line, line.net)], main)
    (_apart, _main_undone, _elsewhere, _superseded)[turn % 4](stage, fact, turn)


def companion_required(stage: Stage, fact: Fact, turn: int) -> None:
    """An item charged without any of the items it needs; one wholly refunded, or of another provider, does not help."""
    care = INPATIENT if fact.window == "visit" else OUTPATIENT
    visit = _plain(stage, fact, care)
    witnesses: list[Line] = []
    if turn % 4 == 1:
        witnesses = [visit.charge(fact.companion).refund()]
    elif turn % 4 == 2:
        witnesses = [
            stage.charge(visit, stage.ordinary("outpatient"), UNIT, early={"item": items().index[fact.companion]})
        ]
    elif turn % 4 == 3:
        other = stage.provider(2, 3, other=(visit.provider,))
        elsewhere = stage.visit(visit.person, OUTPATIENT, other, visit.start - 1)
        witnesses = [elsewhere.charge(fact.companion)]
    line = visit.charge(fact.item, 1 + turn % 2)
    stage.plant(fact.rule, [(line, line.net)], *witnesses)
    lawful = _plain(stage, fact, care)
    if turn % 4 == 1:
        lawful.charge(fact.companion, 2).refund(UNIT)
        stage.near_miss(fact.rule, [lawful.charge(fact.item)], "必需的项目只退了一部分，仍在")
    elif turn % 4 == 2:
        lawful.charge(fact.companion, late=True)
        stage.near_miss(fact.rule, [lawful.charge(fact.item)], "必需的项目在后到的文件中补记")
    elif turn % 4 == 3:
        stage.near_miss(fact.rule, [lawful.charge(fact.item).refund()], "已全部退费")
    else:
        line = lawful.charge(fact.item)
        lawful.charge(fact.companion, day=lawful.end if fact.window == "visit" else lawful.start)
        stage.near_miss(fact.rule, [line], "同一窗口内有必需的项目")


def _plain(stage: Stage, fact: Fact, care: int) -> Visit:
    day = stage.day(fact.first, fact.last - 8)
    person = stage.person(sex=fact.also_sex)
    more = (fact.lawful_diagnosis,) if fact.lawful_diagnosis else ()
    end = day + 2 if care == INPATIENT else None
    return stage.visit(person, care, stage.provider(2, 3), day, end=end, more=more)


def _stay(stage: Stage, fact: Fact, window: str, *, over_month: bool = False) -> Visit:
    """A visit long enough for the window; with `over_month` the month ends within it."""
    day = stage.day(fact.first, fact.last - 40)
    if over_month:
        day = month_end(day) - 1
    person = stage.person(sex=fact.also_sex, age=(18, 44) if fact.also_sex == 2 else (25, 79))
    more = (fact.lawful_diagnosis,) if fact.lawful_diagnosis else ()
    if window in ("day", "prescription"):
        return stage.visit(person, OUTPATIENT, stage.provider(2, 3), day, more=more)
    return stage.visit(person, INPATIENT, stage.provider(2, 3), day, end=day + 3, more=more)


def _within(stage: Stage, window: str, visit: Visit, crossing: bool) -> tuple[int, int | None, int, int | None]:
    """Day and second of the main item and of the included one, inside the window."""
    day = visit.start + 1
    if window == "hours-6":
        minutes = stage.random.randint(20, 350)
        begin = 23 * _HOUR if crossing else 9 * _HOUR + stage.random.randrange(_HOUR)
        end = begin + minutes * 60
        return day, begin, day + end // 86_400, end % 86_400
    if window == "hour":
        hour = stage.random.randint(9, 15) * _HOUR
        return day, hour + stage.random.randrange(1800), day, hour + 1800 + stage.random.randrange(1799)
    if window == "visit":
        return day, 10 * _HOUR, day + (2 if crossing else 1), 11 * _HOUR
    return visit.start, None, visit.start, None


def _apart(stage: Stage, fact: Fact, turn: int) -> None:
    """Just outside the window."""
    visit = _stay(stage, fact, "visit" if fact.window == "day" else fact.window)
    day = visit.start + 1
    if fact.window == "prescription":
        visit.charge(fact.partner, 70, prescription=1)
        line = visit.charge(fact.item, 70, prescription=2)
        why = "不在同一张处方"
    elif fact.window == "visit":
        visit.charge(fact.partner, day=day)
        again = stage.visit(visit.person, OUTPATIENT, visit.provider, visit.end + 3)
        line, why = again.charge(fact.item), "不是同一次就诊"
    elif fact.window == "day":
        visit.charge(fact.partner, day=day, second=23 * _HOUR + 59 * 60)
        line, why = visit.charge(fact.item, day=day + 1, second=60), "相隔两分钟，但不在同一天"
    elif fact.window == "hour":
        visit.charge(fact.partner, day=day, second=9 * _HOUR + 3599)
        line, why = visit.charge(fact.item, day=day, second=10 * _HOUR), "相隔一秒，但不在同一钟点"
    else:
        visit.charge(fact.partner, day=day, second=9 * _HOUR)
        line = visit.charge(fact.item, day=day, second=15 * _HOUR + 60)
        why = "相隔六小时零一分"
    stage.near_miss(fact.rule, [line], why)


def _main_undone(stage: Stage, fact: Fact, turn: int) -> None:
    visit = _stay(stage, fact, fact.window)
    main_day, main_second, day, second = _within(stage, fact.window, visit, False)
    visit.charge(fact.partner, day=main_day, second=main_second).refund()
    stage.near_miss(fact.rule, [visit.charge(fact.item, day=day, second=second)], "主项目已全部退费")


def _elsewhere(stage: Stage, fact: Fact, turn: int) -> None:
    """The main item at another provider on the same day; for windows in hours, a line without a clock time."""
    visit = _stay(stage, fact, fact.window)
    main_day, main_second, day, second = _within(stage, fact.window, visit, False)
    if fact.window.startswith("hour"):
        visit.charge(fact.partner, day=main_day, second=main_second)
        stage.near_miss(fact.rule, [visit.charge(fact.item, day=day, second=NONE)], "没有钟点，无法判断")
        return
    care = OUTPATIENT if visit.care == INPATIENT else visit.care
    more = (fact.lawful_diagnosis,) if fact.lawful_diagnosis else ()
    other = stage.visit(visit.person, care, stage.provider(2, 3, other=(visit.provider,)), visit.start, more=more)
    other.charge(fact.partner)
    stage.near_miss(fact.rule, [visit.charge(fact.item, day=day, second=second)], "主项目在另一机构")


def _superseded(stage: Stage, fact: Fact, turn: int) -> None:
    visit = _stay(stage, fact, fact.window)
    main_day, main_second, day, second = _within(stage, fact.window, visit, False)
    stage.charge(
        visit,
        stage.ordinary("outpatient"),
        UNIT,
        day=main_day,
        second=main_second,
        early={"item": items().index[fact.partner]},
    )
    stage.near_miss(fact.rule, [visit.charge(fact.item, day=day, second=second)], "主项目后来更正为另一项目")
