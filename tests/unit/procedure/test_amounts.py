"""How money is counted, from a table of small cases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingcha.procedure.amounts import CERTAINTIES, Booking, Claim, book, fund_loss, own_amount, spread
from mingcha.procedure.identity import finding_id


@pytest.mark.parametrize(
    ("claims", "counted"),
    [
        ([], {}),
        ([("a", "r1", "definite", 500)], {"a": (500, None)}),
        ([("a", "r1", "lead", 500), ("b", "r2", "definite", 400)], {"a": (500, None), "b": (0, "a")}),
        ([("a", "r1", "suspected", 500), ("b", "r2", "definite", 500)], {"a": (0, "b"), "b": (500, None)}),
        ([("a", "r2", "definite", 500), ("b", "r1", "definite", 500)], {"a": (0, "b"), "b": (500, None)}),
        ([("a", "r1", "definite", 0), ("b", "r1", "definite", 0)], {"a": (0, None), "b": (0, None)}),
        ([("a", "r1", "definite", 300, 300), ("b", "r2", "definite", 500)], {"a": (300, None), "b": (200, None)}),
        ([("a", "r1", "definite", 500, 500), ("b", "r2", "definite", 300)], {"a": (500, None), "b": (0, "a")}),
        ([("a", "r1", "definite", 500, 0), ("b", "r2", "definite", 300)], {"a": (0, "b"), "b": (300, None)}),
    ],
)
def test_a_line_is_counted_once(claims: list[tuple], counted: dict[str, tuple[int, str | None]]) -> None:
    assert book(Claim(*claim) for claim in claims) == {name: Booking(*value) for name, value in counted.items()}


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        (100, [50, 50, 50], [34, 33, 33]),
        (100, [30, 30, 40], [30, 30, 40]),
        (5, [1, 2, 7], [1, 1, 3]),
        (99, [10, 20], [10, 20]),
        (7, [0, 0], [0, 0]),
        (0, [5], [0]),
        (3, [], []),
    ],
)
def test_a_visit_amount_is_spread_by_largest_remainder(amount: int, weights: list[int], parts: list[int]) -> None:
    assert spread(amount, weights) == parts


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**7), max_size=30))
def test_spread_parts_add_up_and_no_line_carries_more_than_it_has(amount: int, weights: list[int]) -> None:
    parts = spread(amount, weights)
    assert sum(parts) == min(amount, sum(weights))
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))


@pytest.mark.parametrize(
    ("improper", "fund", "in_scope", "loss"),
    [(100, 70, 100, 70), (1, 1, 2, 1), (1, 49, 100, 0), (1001, 7, 14, 501), (5, None, 10, None), (5, 1, 0, None)],
)
def test_fund_loss_is_rounded_half_up_once(improper: int, fund: int | None, in_scope: int, loss: int | None) -> None:
    assert fund_loss(improper, fund, in_scope) == loss


def test_an_amount_never_exceeds_what_is_in_scope() -> None:
    assert [own_amount(500, 300), own_amount(500, None), own_amount(-5, 300)] == [300, 500, 0]


def test_nonsense_is_refused_on_construction() -> None:
    with pytest.raises(ValueError, match="negative"):
        Claim("a", "r", CERTAINTIES[0], -1)
    with pytest.raises(ValueError, match="negative"):
        spread(1, [-1])


def test_the_public_number_is_stable() -> None:
    assert finding_id("610329", "drug-for-children", "line", "H1|V1|L1") == "YDCYG4E3SGREQR5XH7"
