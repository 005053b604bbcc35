"""Money of the sample city: integers only, rounded half up, the same for one value and for arrays of them."""

from __future__ import annotations

from typing import Any

UNIT = 10_000
"""Ten-thousandths: the scale of prices (yuan) and quantities (units)."""

SELF_PAY_PERCENT = (0, 10, 100)
"""What the person pays first, by item class 甲 0, 乙 1, 丙 2; 丙 is wholly at own expense."""


def half_up(numerator: Any, denominator: Any) -> Any:
    """The quotient of two non-negative integers (or integer arrays), rounded half up."""
    return (2 * numerator + denominator) // (2 * denominator)


def amount_of(price: Any, quantity: Any) -> Any:
    """Fen for a price in 1/10000 yuan and a quantity in 1/10000 unit."""
    return half_up(price * quantity, UNIT * UNIT // 100)


def first_selfpay(amount: Any, item_class: Any) -> Any:
    """Fen the person pays first on an item of class 乙 (1); nothing on 甲 (0) and 丙 (2)."""
    return half_up(amount * 10, 100) * (item_class == 1)


def own_expense(amount: Any, item_class: Any) -> Any:
    """Fen wholly at the person's expense: all of a 丙 item."""
    return amount * (item_class == 2)


def in_scope(amount: Any, item_class: Any) -> Any:
    """Fen within policy scope: what neither the first self-pay nor own expense takes."""
    return amount - first_selfpay(amount, item_class) - own_expense(amount, item_class)
