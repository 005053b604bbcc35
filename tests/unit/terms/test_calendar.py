"""Working days around the holidays of 2026, and what is said of a year whose notice isn't out."""

from datetime import date

import pytest

from mingcha.terms.calendar import after_working_days, known, working_days, works


@pytest.mark.parametrize(
    ("day", "office"),
    [
        (date(2026, 2, 14), True),  # a Saturday worked before the Spring Festival
        (date(2026, 2, 17), False),  # its first day
        (date(2026, 10, 1), False),
        (date(2026, 11, 23), True),
        (date(2026, 11, 22), False),
        (date(2031, 10, 1), True),  # unknown yet: a Wednesday
        (date(2031, 10, 4), False),
    ],
)
def test_a_day(day: date, office: bool) -> None:
    assert works(day) is office
    assert known(day) is (day.year == 2026)


def test_the_area_has_the_last_word() -> None:
    flood = {date(2026, 11, 23): False}
    assert not works(date(2026, 11, 23), flood)
    assert after_working_days(date(2026, 11, 20), 1, flood) == date(2026, 11, 24)


def test_a_term_begins_on_the_next_day_and_skips_the_holidays() -> None:
    assert after_working_days(date(2026, 9, 24), 5) == date(2026, 10, 9)
    assert after_working_days(date(2026, 11, 23), 0) == date(2026, 11, 23)
    assert working_days(date(2026, 9, 24), date(2026, 10, 9)) == 5
    assert working_days(date(2026, 10, 9), date(2026, 9, 24)) == -5
    with pytest.raises(ValueError, match="negative"):
        after_working_days(date(2026, 1, 1), -1)
