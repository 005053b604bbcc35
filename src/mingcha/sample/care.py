"""Ordinary visits: who goes where, when and for what. Innocent by construction: no visit lies within a stay, stays of
one person are at least sixty days apart, one visit a day, and no item that an official list names is ever drawn
except the daily ones of a ward, once a day."""

from __future__ import annotations

from functools import cache

import numpy as np

from mingcha.sample.chances import CELLS, draw_from, table
from mingcha.sample.city import CLINIC, COUNTIES, DAYS, FIRST_DAY, PHARMACY, PRIMARY, SECONDARY, TERTIARY, City
from mingcha.sample.dictionaries import departments, diagnoses
from mingcha.sample.draft import (
    EMERGENCY,
    INPATIENT,
    INTERNET,
    NONE,
    OUTPATIENT,
    PHARMACY_VISIT,
    SPECIAL,
    VISITS,
    Columns,
    joined,
    taken,
)

STAYS_PER_PERSON = 0.18
VISITS_PER_PERSON = 6.2
PURCHASES_PER_PERSON = 2.6
_GAP = 60
_READMITTED = 0.12
_REVERSED = 0.003
BRIEF = 5
"""Nights up to which an ordinary stay begins as an emergency: nobody asks why it was short."""
_WOMEN, _CHILDREN, _EMERGENCY_ROOM, _GENERAL = "A05", "A07", "A20", "A02"
_STAY_DEPARTMENTS = ("A03", "A04", "A11", "A13", "A21", "A50")

_WHERE = {  # care: shares of tertiary, secondary, primary, clinic, pharmacy
    OUTPATIENT: (0.27, 0.28, 0.29, 0.16, 0.0),
    EMERGENCY: (0.55, 0.45, 0.0, 0.0, 0.0),
    SPECIAL: (0.4, 0.4, 0.2, 0.0, 0.0),
    INPATIENT: (0.55, 0.40, 0.05, 0.0, 0.0),
    PHARMACY_VISIT: (0.0, 0.0, 0.0, 0.0, 1.0),
    INTERNET: (1.0, 0.0, 0.0, 0.0, 0.0),
}


def visits(random: np.random.Generator, persons: Columns, city: City) -> Columns:
    """All ordinary visits of the persons, stays first within a person's year; `number` is left for the block."""
    stays = _stays(random, persons)
    short = _short(random, persons)
    short = taken(short, ~_inside(short, stays))
    found = joined(("person", "care", "start", "end"), stays, short)
    found = taken(found, np.lexsort((found["start"], found["person"])))
    person = found["person"]
    count = len(person)
    found["provider"] = draw_from(random, _places(city), found["care"] * len(COUNTIES) + persons["county"][person])
    found["department"] = _department(random, found, persons, city)
    found["practitioner"] = _practitioner(random, found, city)
    found["diagnosis"] = draw_from(random, _diagnosis_tables(), _diagnosis_group(found))
    for name in ("insurance", "sex", "birth"):
        found[name] = persons[name][person]
    clock = city.clock[found["provider"]]
    found["start_second"] = np.where(clock, _seconds(random, count, found["care"] == EMERGENCY), NONE)
    leaves = np.where(found["care"] == INPATIENT, random.integers(8 * 3600, 17 * 3600, count), 0)
    found["end_second"] = np.where(
        clock, np.maximum(leaves, found["start_second"] * (found["care"] != INPATIENT)), NONE
    )
    found["planned"] = np.where(found["care"] == INPATIENT, 0, NONE)
    found["died"] = np.zeros(count, dtype=np.int64)
    found["program"] = np.full(count, NONE)
    brief = found["end"] - found["start"] <= BRIEF
    found["urgent"] = ((found["care"] == INPATIENT) & brief).astype(np.int64)
    found["reversed"] = ((random.random(count) < _REVERSED) & (found["care"] == OUTPATIENT)).astype(np.int64)
    found["number"] = np.zeros(count, dtype=np.int64)
    found["version"] = np.zeros(count, dtype=np.int64)
    return {name: found[name] for name in VISITS}


def lengths(random: np.random.Generator, number: int) -> np.ndarray:
    """Lengths of stay in days: median 7, mean about 9, at most 45; stratified, so that totals hardly vary."""
    rank = (random.permutation(number) + 0.5) / max(number, 1)
    spread = np.log(rank / (1 - rank)) * 0.42  # logistic in the logarithm, close to the real tail
    return np.clip(np.rint(7 * np.exp(spread)), 1, 45).astype(np.int64)


def _stays(random: np.random.Generator, persons: Columns) -> Columns:
    number = len(persons["birth"])
    age = (FIRST_DAY - persons["birth"]) / 365.25
    weight = 0.4 + age / 40
    count = round(number * STAYS_PER_PERSON / (1 + _READMITTED))
    person = np.sort(random.choice(number, count, replace=False, p=weight / weight.sum()))
    length = lengths(random, count)
    start = FIRST_DAY + (random.random(count) * (DAYS - 1 - length)).astype(np.int64)
    again = random.random(count) < _READMITTED / 0.6  # six in ten second stays still fit into the year
    second = lengths(random, count)
    later = start + length + _GAP + random.integers(0, 120, count)
    again &= later + second < FIRST_DAY + DAYS
    return {
        "person": np.concatenate([person, person[again]]),
        "care": np.full(count + int(again.sum()), INPATIENT),
        "start": np.concatenate([start, later[again]]),
        "end": np.concatenate([start + length, (later + second)[again]]),
    }


def _short(random: np.random.Generator, persons: Columns) -> Columns:
    """Outpatient, emergency, special-disease and internet visits and purchases, at most one a person and day."""
    age = (FIRST_DAY - persons["birth"]) / 365.25
    rate = VISITS_PER_PERSON * (0.55 + age / 100)
    person = np.repeat(np.arange(len(age)), random.poisson(rate))
    care = np.array([OUTPATIENT, EMERGENCY, INTERNET])[np.searchsorted((0.92, 0.98), random.random(len(person)))]
    care[(care == OUTPATIENT) & (age[person] > 50) & (random.random(len(person)) < 0.25)] = SPECIAL
    buyer = np.repeat(np.arange(len(age)), random.poisson(PURCHASES_PER_PERSON, len(age)))
    person = np.concatenate([person, buyer])
    care = np.concatenate([care, np.full(len(buyer), PHARMACY_VISIT)])
    day = FIRST_DAY + random.integers(0, DAYS, len(person))
    weekend = ((day + 3) % 7 >= 5) & (random.random(len(person)) < 0.6) & (care < INPATIENT) & (care != EMERGENCY)
    day = np.maximum(day - 2 * weekend, FIRST_DAY)
    _, first = np.unique(person * 100_000 + day, return_index=True)
    return {"person": person[first], "care": care[first], "start": day[first], "end": day[first]}


def _inside(short: Columns, stays: Columns) -> np.ndarray:
    """Whether a short visit lies strictly within a stay of the same person; days that touch may stay."""
    inside = np.zeros(len(short["person"]), dtype=bool)
    order = np.lexsort((stays["start"], stays["person"]))
    key = stays["person"][order] * 100_000 + stays["start"][order]
    place = np.searchsorted(key, short["person"] * 100_000 + short["start"]) - 1  # the last stay begun before the day
    known = place >= 0
    stay = order[np.maximum(place, 0)] if len(order) else place
    if len(order):
        same = known & (stays["person"][stay] == short["person"])
        inside = same & (stays["start"][stay] < short["start"]) & (short["start"] < stays["end"][stay])
    return inside


@cache
@cache
def _places(city: City) -> np.ndarray:
    """One table of providers for each (care, county): nine in ten stay in their county, the rest go anywhere."""
    return np.stack([_place(city, care, county) for care in range(len(_WHERE)) for county in range(len(COUNTIES))])


def _place(city: City, care: int, county: int) -> np.ndarray:
    values, weights = [], []
    for kind, share in zip((TERTIARY, SECONDARY, PRIMARY, CLINIC, PHARMACY), _WHERE[care], strict=True):
        places = city.of_kind(kind)
        near = city.county[places] == county
        home = 0.9 if near.any() else 0.0
        weight = np.where(near, home / max(near.sum(), 1), (1 - home) / max((~near).sum(), 1))
        values.append(places)
        weights.append(share * weight)
    cells = table(np.concatenate(values), np.concatenate(weights))
    return cells[np.random.default_rng(care * 10 + county).permutation(CELLS)]


def _department(random: np.random.Generator, found: Columns, persons: Columns, city: City) -> np.ndarray:
    codes = [department.code for department in departments()]
    age = (found["start"] - persons["birth"][found["person"]]) / 365.25
    sex = persons["sex"][found["person"]]
    count = len(age)
    chosen = np.array([codes.index(code) for code in _STAY_DEPARTMENTS])[random.integers(0, 6, count)]
    other = random.random(count) < 0.35
    chosen[other] = 0
    women = (sex == 2) & (age > 16) & (age < 60) & (random.random(count) < 0.15)
    chosen[women] = codes.index(_WOMEN)
    chosen[(found["care"] == OUTPATIENT) & (random.random(count) < 0.06)] = codes.index("A10")
    chosen[(age < 14) & (random.random(count) < 0.8)] = codes.index(_CHILDREN)
    chosen[found["care"] == EMERGENCY] = codes.index(_EMERGENCY_ROOM)
    chosen[found["care"] == SPECIAL] = 0
    general = codes.index(_GENERAL)
    chosen = np.where(city.has[found["provider"], chosen] == 1, chosen, general)
    inside = city.has[found["provider"], chosen] == 1
    return np.where(inside, chosen, np.where(found["care"] == PHARMACY_VISIT, NONE, 0))


def _practitioner(random: np.random.Generator, found: Columns, city: City) -> np.ndarray:
    department = np.maximum(found["department"], 0)
    first, count = city.staff_first[found["provider"], department], city.staff_count[found["provider"], department]
    chosen = first + (random.random(len(first)) * count).astype(np.int64)
    return np.where((found["department"] == NONE) | (count == 0), NONE, chosen)


@cache
def _diagnosis_tables() -> np.ndarray:
    groups = diagnoses().groups
    names = [department.group for department in departments()] + ["chronic"]
    return np.stack([table(groups[name], 1.0 / np.arange(1, len(groups[name]) + 1)) for name in names])


def _diagnosis_group(found: Columns) -> np.ndarray:
    chronic = len(departments())
    purchase = (found["department"] == NONE) | (found["care"] == SPECIAL)
    return np.where(purchase, chronic, found["department"])


def _seconds(random: np.random.Generator, number: int, night: np.ndarray) -> np.ndarray:
    """Clock times: a hump in the morning, a smaller one after noon; emergencies round the clock."""
    morning = random.random(number) < 0.64
    hour = np.where(morning, random.normal(9.6, 0.9, number), random.normal(14.9, 1.0, number))
    hour = np.where(night, random.random(number) * 24, np.clip(hour, 7.2, 17.8))
    return (hour * 3600).astype(np.int64)
