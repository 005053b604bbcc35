"""Integer money: half up, by class, for one value and for arrays."""

import numpy as np
import pytest

from mingcha.sample.money import UNIT, amount_of, first_selfpay, half_up, in_scope, own_expense


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"), [(0, 3, 0), (1, 2, 1), (3, 2, 2), (4, 3, 1), (5, 3, 2)]
)
def test_halves_go_up(numerator, denominator, rounded):
    assert half_up(numerator, denominator) == rounded


def test_a_price_and_a_quantity_make_fen():
    assert amount_of(12_3456, 2 * UNIT) == 2469  # 12.3456 yuan twice: 24.6912
    assert amount_of(10_0050, UNIT) == 1001  # 10.005 yuan: half a fen goes up


@pytest.mark.parametrize(("item_class", "expected"), [(0, 1005), (1, 904), (2, 0)])
def test_what_is_in_scope_depends_on_the_class(item_class, expected):
    assert in_scope(1005, item_class) == expected


def test_arrays_are_summed_up_as_single_values_are():
    amounts, classes = np.array([5, 15, 1005, 99]), np.array([1, 1, 0, 2])
    assert in_scope(amounts, classes).tolist() == [
        in_scope(a, c) for a, c in zip(amounts.tolist(), classes.tolist(), strict=True)
    ]
    assert (
        in_scope(amounts, classes) + first_selfpay(amounts, classes) + own_expense(amounts, classes) == amounts
    ).all()
