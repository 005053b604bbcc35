"""Ordinary fee lines: what is charged in a visit, how much of it, when, and what is taken back."""

from __future__ import annotations

from functools import cache

import numpy as np

from mingcha.sample.chances import draw_from, pools
from mingcha.sample.city import City
from mingcha.sample.dictionaries import departments, items
from mingcha.sample.draft import (
    EMERGENCY,
    INPATIENT,
    INTERNET,
    LINES,
    NONE,
    OUTPATIENT,
    PHARMACY_VISIT,
    SPECIAL,
    Columns,
    joined,
    taken,
)
from mingcha.sample.money import UNIT, amount_of, first_selfpay, half_up, own_expense

REFUND_SHARE = 0.012
DUPLICATE_SHARE = 0.0005
_BASKETS = {OUTPATIENT: 5.6, EMERGENCY: 8.0, SPECIAL: 3.4, PHARMACY_VISIT: 2.0, INTERNET: 2.4}
_PER_DAY = (16, 29)
_DAILY = 3
_HERBS = (9, 15)
_MOST_DRUGS = 5
"""A prescription holds no more; so do these visits, of a consultation and drugs or of drugs alone."""
_MOST_LINES = {SPECIAL: _MOST_DRUGS + 1, INTERNET: _MOST_DRUGS}
_DAILY_ITEMS = ("001109000010000", "001102000050000", "001201000040000")
_CONSULTATION = "001102000010000"
_PRICE_BY_LEVEL = np.array([85, 90, 100, 110, 100])  # percent for levels 0, 1, 2, 3 and, last, pharmacies

_DRUG, _HERB, _SERVICE, _CONSUMABLE = range(4)
_QUANTITIES = np.array(
    [
        [1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 1, 1, 2, 1, 4],
        [42, 63, 70, 70, 84, 105, 70, 42, 63, 70, 140, 70, 84, 42, 70, 105],
        [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1],
        [1, 1, 2, 2, 1, 1, 3, 1, 2, 1, 1, 4, 1, 6, 1, 2],
    ]
)
_SUPPLY = np.array([3, 3, 5, 5, 7, 7, 7, 7, 10, 14, 14, 3, 5, 7, 7, 6])
_CHRONIC_SUPPLY = np.array([28, 30, 28, 30, 14, 28, 30, 28, 28, 30, 30, 28, 14, 28, 30, 28])


@cache
def kinds() -> np.ndarray:
    """For each item: drug, herb, service or consumable."""
    by_list_type = {"101": _DRUG, "102": _HERB, "201": _SERVICE, "301": _CONSUMABLE}
    return np.array([by_list_type[value] for value in items().list_type])


def charges(random: np.random.Generator, visits: Columns, city: City) -> Columns:
    """All ordinary fee lines of the visits, refunds after the charges; `visit` is the place in `visits`."""
    count, per_day, herbal = _counts(random, visits)
    visit = np.repeat(np.arange(len(count)), count)
    position = np.arange(len(visit)) - np.repeat(np.cumsum(count) - count, count)
    care = visits["care"][visit]
    within = np.where(care == INPATIENT, position % per_day[visit], position)
    day = visits["start"][visit] + np.where(care == INPATIENT, position // per_day[visit], 0)
    lines = {
        "visit": visit,
        "line": position + 1,
        "refund_of": np.zeros(len(visit), dtype=np.int64),
        "day": day,
        "second": _seconds(random, visits, visit, care, within, day),
        "item": _items(random, visits, visit, care, within, position, herbal),
        "copies": 1 + (random.random(len(visit)) < DUPLICATE_SHARE).astype(np.int64),
        "practitioner": visits["practitioner"][visit],
        "version": np.zeros(len(visit), dtype=np.int64),
    }
    lines |= _quantities(random, lines["item"], care)
    lines["prescription"] = np.where(kinds()[lines["item"]] <= _HERB, 1, NONE)
    lines["price"] = prices(lines["item"], visits["provider"][visit], city)
    lines["amount"] = amount_of(lines["price"], lines["quantity"])
    item_class = items().item_class[lines["item"]]
    lines["first"] = first_selfpay(lines["amount"], item_class)
    lines["own"] = own_expense(lines["amount"], item_class)
    return joined(LINES, lines, _refunds(random, lines, visits, count))


def prices(item: np.ndarray, provider: np.ndarray, city: City) -> np.ndarray:
    """Unit prices: services by the provider's level, goods a little dearer here and there; whole fen."""
    service = kinds()[item] == _SERVICE
    percent = np.where(service, _PRICE_BY_LEVEL[city.level[provider]], 97 + provider % 7)
    return np.maximum(half_up(items().price[item] * percent, UNIT) * 100, 100)


def _counts(random: np.random.Generator, visits: Columns) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    care = visits["care"]
    number = len(care)
    count = np.ones(number, dtype=np.int64)
    for kind, mean in _BASKETS.items():
        more = (care == kind) * random.poisson(mean - 1, number)
        count += np.minimum(more, _MOST_LINES.get(kind, number + 99) - 1)
    codes = [department.code for department in departments()]
    herbal = (care == OUTPATIENT) & (visits["department"] == codes.index("A50")) & (random.random(number) < 0.6)
    count = np.where(herbal, 1 + random.integers(*_HERBS, number), count)
    per_day = random.integers(*_PER_DAY, number)
    days = np.maximum(visits["end"] - visits["start"], 1)
    return np.where(care == INPATIENT, days * per_day, count), per_day, herbal


def _items(random, visits: Columns, visit, care, within, position, herbal) -> np.ndarray:
    cells, starts = pools()
    department = np.maximum(visits["department"][visit], 0)
    pool = np.where(care == INPATIENT, starts["inpatient"], starts["outpatient"]) + department
    pool = np.where(care == PHARMACY_VISIT, starts["pharmacy"], pool)
    pool = np.where(care == INTERNET, starts["internet"], pool)
    pool = np.where(care == SPECIAL, starts["chronic"], pool)
    pool = np.where(herbal[visit], starts["herb"], pool)
    surgical = department == [d.code for d in departments()].index("A04")
    pool = np.where((care == INPATIENT) & surgical & (position == _DAILY), starts["operation"], pool)
    item = draw_from(random, cells, pool)
    daily = np.array([items().index[code] for code in _DAILY_ITEMS])
    item = np.where((care == INPATIENT) & (within < _DAILY), daily[np.minimum(within, _DAILY - 1)], item)
    consulted = (position == 0) & ((care == OUTPATIENT) | (care == EMERGENCY) | (care == SPECIAL))
    item = np.where(consulted, items().index[_CONSULTATION], item)
    clinic = (care == OUTPATIENT) | (care == EMERGENCY)
    while len(many := np.flatnonzero(clinic & _beyond_prescription(item, visit))):
        item[many] = draw_from(random, cells, pool[many])
    return item


def _beyond_prescription(item: np.ndarray, visit: np.ndarray) -> np.ndarray:
    """Drugs after the last that the visit's prescription may hold."""
    drug = kinds()[item] == _DRUG
    so_far = np.cumsum(drug)
    before = (so_far - drug)[np.searchsorted(visit, visit)]
    return drug & (so_far - before > _MOST_DRUGS)


def _seconds(random, visits: Columns, visit, care, within, day) -> np.ndarray:
    start = visits["start_second"][visit]
    first_day = day == visits["start"][visit]
    ward = np.where(within < _DAILY, 8 * 3600, random.integers(7 * 3600, 20 * 3600, len(visit)))
    ward = np.where(first_day, np.maximum(ward, start), ward)
    clinic = start + within * 90 + random.integers(0, 60, len(visit))
    return np.where(start == NONE, NONE, np.where(care == INPATIENT, ward, np.minimum(clinic, 86_399)))


def _quantities(random, item: np.ndarray, care: np.ndarray) -> Columns:
    kind = kinds()[item]
    chance = random.integers(0, 16, len(item))
    quantity = _QUANTITIES[kind, chance]
    listed_daily = np.isin(item, [items().index[code] for code in (*_DAILY_ITEMS, _CONSULTATION)])
    quantity = np.where(listed_daily, 1, quantity)
    supply = np.where(care == SPECIAL, _CHRONIC_SUPPLY[chance], _SUPPLY[chance])
    return {
        "quantity": quantity * UNIT,
        "days_supply": np.where((kind <= _HERB) & (care != INPATIENT), supply, NONE),
    }


def _refunds(random, lines: Columns, visits: Columns, count: np.ndarray) -> Columns:
    """Refund rows: half of them whole, the others one unit; every line of a visit that is reversed."""
    reversed_visit = visits["reversed"][lines["visit"]] == 1
    chosen = np.flatnonzero((random.random(len(lines["visit"])) < REFUND_SHARE) | reversed_visit)
    of = taken(lines, chosen)
    partial = (random.random(len(chosen)) < 0.5) & (of["quantity"] > UNIT) & ~reversed_visit[chosen]
    back = np.where(partial, UNIT, of["quantity"])
    first_in_visit = np.searchsorted(of["visit"], of["visit"])
    refund = dict(of)
    refund["line"] = count[of["visit"]] + 1 + np.arange(len(chosen)) - first_in_visit
    refund["refund_of"] = of["line"]
    refund["copies"] = np.ones(len(chosen), dtype=np.int64)
    for name in ("amount", "first", "own"):
        refund[name] = -half_up(of[name] * back, of["quantity"])
    refund["quantity"] = -back
    return refund
