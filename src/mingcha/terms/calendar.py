"""What day it is where the fund is, and which days offices work: deadlines keep Shanghai time (DECISIONS 9, 31)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def today() -> date:
    """The day in Shanghai, wherever the machine's clock thinks it is."""
    return datetime.now(SHANGHAI).date()


def works(day: date, told: Mapping[date, bool] | None = None) -> bool:
    """Whether offices work on the day: as `told` by the area, else by the State Council's yearly notice.

    Of a year whose notice isn't out yet only the weekends are known (`known`).
    """
    if told and day in told:
        return told[day]
    import chinese_calendar

    return chinese_calendar.is_workday(day) if known(day) else day.weekday() < 5


def known(day: date) -> bool:
    """Whether the holidays of the day's year have been published in the calendar we ship."""
    from chinese_calendar.constants import holidays

    return min(holidays).year <= day.year <= max(holidays).year


def after_working_days(start: date, days: int, told: Mapping[date, bool] | None = None) -> date:
    """The last day of a term of `days` working days that begins on the day after `start` (民法典 art. 201).

    Zero days end on `start` itself. ValueError for a negative term.
    """
    if days < 0:
        raise ValueError("a term cannot be negative")
    day = start
    while days:
        day += timedelta(days=1)
        days -= works(day, told)
    return day


def working_days(start: date, end: date, told: Mapping[date, bool] | None = None) -> int:
    """How many working days lie after `start` up to `end`; negative when `end` is before `start`."""
    if end < start:
        return -working_days(end, start, told)
    return sum(works(start + timedelta(days=n), told) for n in range(1, (end - start).days + 1))
