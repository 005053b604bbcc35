"""Samples are reproducible, of the size that was asked for, and what they say of all holds as often as it claims."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mingcha.procedure.sampling import Unit, _t, allocate, draw, share, size, total, total_by_size
from mingcha.terms.errors import UsageError


def _city(n: int, seed: int, rate: float = 0.15) -> tuple[list[Unit], dict[str, float]]:
    """Visits of three levels, faults likelier and dearer at some of them; the improper fen by key."""
    dice = random.Random(seed)
    units, wrong = list[Unit](), dict[str, float]()
    for number in range(n):
        level = dice.choice("123")
        fen = int(dice.lognormvariate(10, 0.8)) * int(level)
        units.append(Unit(f"V{number}", level, fen))
        wrong[f"V{number}"] = fen * dice.uniform(0.05, 0.6) if dice.random() < rate * int(level) / 2 else 0.0
    return units, wrong


def test_sizes_are_the_textbooks() -> None:
    assert size(10**9, 95, 0.05, 0.5) == 385
    assert size(1000, 95, 0.05, 0.5) == 278
    assert size(10**9, 99, 0.03, 0.5) == 1844
    assert size(10**9, 95, 0.02, 0.1) == 865
    assert (size(0, 95, 0.05, 0.5), size(3, 95, 0.05, 0.5)) == (0, 3)
    for wrong in ((94, 0.05, 0.5), (95, 0, 0.5), (95, 1, 0.5), (95, 0.05, 0), (95, 0.05, 1)):
        with pytest.raises(UsageError):
            size(1000, *wrong)


def test_quantiles_are_students() -> None:
    """Tables of Student's distribution, two-sided."""
    for freedom, confidence, table in ((5, 95, 2.571), (10, 95, 2.228), (30, 95, 2.042), (10, 99, 3.169), (5, 90, 2.015),
                                       (100, 99, 2.626)):  # fmt: skip
        assert _t(freedom, confidence) == pytest.approx(table, rel=0.01)


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 500), min_size=1), st.integers(0, 900))
def test_strata_share_what_there_is(sizes: dict[str, int], wanted: int) -> None:
    given_out = allocate(sizes, wanted)
    assert set(given_out) == set(sizes)
    assert all(min(2, sizes[name]) <= count <= sizes[name] for name, count in given_out.items())
    least = sum(min(2, count) for count in sizes.values())
    assert sum(given_out.values()) == min(max(wanted, least), sum(sizes.values()))
    for name, count in given_out.items():
        fair = sum(given_out.values()) * sizes[name] / sum(sizes.values())
        assert count >= min(2, sizes[name]) and (count <= fair + 1 or count == min(2, sizes[name]))


@pytest.mark.parametrize("method", ["simple", "stratified", "risk"])
def test_the_same_seed_draws_the_same_whatever_the_order(method: str) -> None:
    units, _ = _city(2000, 1)
    once = draw(units, method, 200, "2026-11")
    shuffled = random.Random(5).sample(units, len(units))
    assert draw(shuffled, method, 200, "2026-11") == once and len(once) == 200
    other = {one.key for one in draw(units, method, 200, "2026-12")}
    assert len(other & {one.key for one in once}) < 100
    if method != "risk":
        assert len({one.key for one in once}) == 200


def test_nothing_to_draw_from() -> None:
    with pytest.raises(UsageError, match="放宽"):
        draw([], "simple", 10, "x")


@pytest.mark.slow
@pytest.mark.parametrize("method", ["simple", "stratified", "risk"])
def test_intervals_hold_as_often_as_they_claim(method: str) -> None:
    """Four hundred samples of one city: the truth lies within 95 % intervals of amount and share about that often."""
    units, wrong = _city(4000, 2)
    truth, faults = sum(wrong.values()), sum(value > 0 for value in wrong.values())
    sizes = {"": len(units)}
    if method == "stratified":
        sizes = {level: sum(unit.stratum == level for unit in units) for level in "123"}
    held = [0, 0]
    widths = 0.0
    for n in range(400):
        drawn = draw(units, method, 300, f"seed {n}")
        if method == "risk":
            amount = total_by_size([(wrong[one.key], one.chance) for one in drawn], 95)
            count = total_by_size([(float(wrong[one.key] > 0), one.chance) for one in drawn], 95)
        else:
            by = {name: [one.key for one in drawn if one.stratum == name] for name in sizes}
            amount = total({name: [wrong[key] for key in keys] for name, keys in by.items()}, sizes, 95)
            count = total({name: [float(wrong[key] > 0) for key in keys] for name, keys in by.items()}, sizes, 95)
        part = share(count, len(units), len(drawn), 95)
        held[0] += amount.low <= truth <= amount.high
        held[1] += part.low <= faults / len(units) <= part.high
        widths += (amount.high - amount.low) / truth / 400
    assert 0.90 <= held[0] / 400 <= 0.99, "amount"
    assert 0.91 <= held[1] / 400 <= 0.995, "share"
    assert widths < {"simple": 0.9, "stratified": 0.85, "risk": 0.6}[method], "by risk it is narrower"


@settings(max_examples=50)
@given(st.lists(st.floats(0, 1000), min_size=1, max_size=40), st.sampled_from([90, 95, 99]))
def test_all_looked_at_is_the_truth_itself(answers: list[float], confidence: int) -> None:
    found = total({"": answers}, {"": len(answers)}, confidence)
    assert found.low == pytest.approx(sum(answers)) == pytest.approx(found.high)


def test_bounds_keep_to_what_is_possible() -> None:
    none = total({"": [0.0] * 50}, {"": 1000}, 95)
    assert (none.value, none.low, none.high) == (0, 0, 0)
    part = share(none, 1000, 50, 95)
    assert part.low == 0 and 0.04 < part.high < 0.09, "nothing found among fifty doesn't mean nothing there"
    some = total({"": [500.0] + [0.0] * 49}, {"": 1000}, 95, most=15_000)
    assert some.low >= 500 and some.high == 15_000
    with pytest.raises(ValueError, match="no answers"):
        total({"a": [1.0]}, {"a": 5, "b": 5}, 95)
