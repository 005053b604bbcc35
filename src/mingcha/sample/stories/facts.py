"""What a published row says about an item, read into numbers and days: the knowledge the stories are told from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest

from mingcha.sample.city import DAYS, FIRST_DAY
from mingcha.sample.dictionaries import local_violations, violations
from mingcha.sample.draft import EMERGENCY, INPATIENT, INTERNET, OUTPATIENT, PHARMACY_VISIT, SPECIAL

LETTERS = {"O": OUTPATIENT, "E": EMERGENCY, "S": SPECIAL, "I": INPATIENT, "P": PHARMACY_VISIT, "N": INTERNET}
EPOCH = dt.date(1970, 1, 1)
LAST_DAY = FIRST_DAY + DAYS - 1


def day_of(text: str) -> int:
    """Days since 1970 for an ISO date."""
    return (dt.date.fromisoformat(text) - EPOCH).days


def date_of(day: int) -> dt.date:
    """The calendar date of a day number."""
    return EPOCH + dt.timedelta(days=day)


def birthday(day: int, age: int) -> int:
    """Birth of a person who completes `age` years on `day`."""
    date = date_of(day)
    if (date.month, date.day) == (2, 29):
        date = date.replace(day=28)
    return (date.replace(year=date.year - age) - EPOCH).days


def month_end(day: int) -> int:
    """The last day of the month of `day`."""
    date = date_of(day)
    following = dt.date(date.year + date.month // 12, date.month % 12 + 1, 1)
    return (following - EPOCH).days - 1


@dataclass(frozen=True)
class Fact:
    """One row about one item. Empty texts, empty tuples and None mean that the row doesn't say.

    `also_sex` and `lawful_diagnosis` are what other official rows ask of the item: a story breaks one rule only.
    `specialties`, `programs` and `percent` are asked by rules whose rows are a city's own.
    """

    rule: str
    item: str
    sibling: str
    partner: str
    companion: str
    sex: int | None
    also_sex: int | None
    age_min: int | None
    age_max: int | None
    insurance: tuple[str, ...]
    care: tuple[int, ...]
    level_min: int | None
    diagnoses: tuple[str, ...]
    lawful_diagnosis: str
    ceiling: int
    levels: tuple[int, ...]
    window: str
    limit: int
    days: int
    within: int
    specialties: tuple[str, ...]
    programs: tuple[str, ...]
    percent: int
    first: int
    last: int
    begins: int
    ends: int | None
    home: str = ""


HERE, ELSEWHERE = "here", "elsewhere"
"""Where a fact is told when the city has rules of its own: among its insured persons, or among those of elsewhere."""


@cache
def facts(rule: str, local: bool = False) -> tuple[Fact, ...]:
    """The rows of a rule, in the order of the data file.

    With `local`, of a rule that the city's own pack changes, its rows and the country's take turns: the latter are
    told of persons insured elsewhere.
    """
    nation, own = violations().get(rule, ()), local_violations().get(rule, ()) if local else ()
    if not own:
        return tuple(_fact(record) for record in nation)
    turns = zip_longest((_fact(r, HERE) for r in own), (_fact(r, ELSEWHERE) for r in nation))
    return tuple(fact for pair in turns for fact in pair if fact is not None)


def _fact(record: dict[str, str], home: str = "") -> Fact:
    def number(name: str) -> int | None:
        return int(record[name]) if record.get(name) else None

    def texts(name: str) -> tuple[str, ...]:
        return tuple(filter(None, record.get(name, "").split(";")))

    begins = day_of(record["valid_from"] or "2025-01-01")
    ends = day_of(record["valid_to"]) if record["valid_to"] else None
    return Fact(
        rule=record["rule"],
        item=record["item"],
        sibling=record["sibling"] or record["item"],
        partner=record["partner"],
        companion=record["companions"],
        sex=number("sex"),
        also_sex=number("also_sex"),
        age_min=number("age_min"),
        age_max=number("age_max"),
        insurance=texts("insurance"),
        care=tuple(LETTERS[letter] for letter in texts("care")),
        level_min=number("level_min"),
        diagnoses=texts("diagnoses"),
        lawful_diagnosis=record["lawful_diagnosis"],
        ceiling=number("ceiling") or 0,
        levels=tuple(map(int, texts("levels"))),
        window=record["window"],
        limit=number("limit") or 0,
        days=number("days") or 0,
        within=number("within") or 0,
        specialties=texts("specialties"),
        programs=texts("programs"),
        percent=number("percent") or 0,
        first=max(FIRST_DAY + 5, begins + 1),
        last=min(LAST_DAY - 5, LAST_DAY if ends is None else ends),
        begins=begins,
        ends=ends,
        home=home,
    )
