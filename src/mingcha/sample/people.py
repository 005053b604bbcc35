"""The ordinary people of a block: ages, sexes, insurance and home county, drawn at real shares."""

from __future__ import annotations

import numpy as np

from mingcha.sample.chances import draw, table
from mingcha.sample.city import COUNTIES, COUNTY_WEIGHTS, FIRST_DAY
from mingcha.sample.draft import EMPLOYEE, NONE, RESIDENT, Columns

_AGE_SHARES = ((0, 6, 0.07), (7, 17, 0.11), (18, 39, 0.24), (40, 59, 0.29), (60, 74, 0.20), (75, 95, 0.09))
_AGES = table(
    np.arange(96),
    np.array([share / (high - low + 1) for low, high, share in _AGE_SHARES for _ in range(low, high + 1)]),
)
_COUNTIES = table(np.arange(len(COUNTIES)), np.array(COUNTY_WEIGHTS))
AWAY_SHARE = 0.015
"""Share of persons insured in the neighbouring city and treated here."""


def people(random: np.random.Generator, number: int) -> Columns:
    """`number` persons; `birth` in days since 1970, `serial` left for the block to give."""
    age = draw(random, _AGES, number)
    birth = FIRST_DAY - (age * 365.2425).astype(np.int64) - random.integers(1, 365, number)
    employee = (age >= 18) & (random.random(number) < np.where(age >= 60, 0.45, 0.6))
    return {
        "serial": np.zeros(number, dtype=np.int64),
        "sex": 1 + (random.random(number) < 0.505 + 0.06 * (age > 70)).astype(np.int64),
        "birth": birth - (birth == NONE),  # nobody is born on the one day that stands for a missing date
        "insurance": np.where(employee, EMPLOYEE, RESIDENT).astype(np.int64),
        "county": draw(random, _COUNTIES, number),
        "away": (random.random(number) < AWAY_SHARE).astype(np.int64),
    }
