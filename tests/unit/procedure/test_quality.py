"""Second looks are drawn alike from the same seed, never by who decided first, and kappa is the textbook's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingcha.procedure.quality import STEPS, VERDICTS, after, agreement, drawn, may_look, way_back
from mingcha.procedure.review import MOVES
from mingcha.procedure.review import STEPS as REVIEW_STEPS
from mingcha.terms.errors import UsageError

NUMBERS = [f"YD{n:04}" for n in range(1000)]
PEOPLE = st.sets(st.sampled_from(["zhou", "wang", "li", "chen"]), min_size=1, max_size=2)
PAIRS = st.lists(st.tuples(st.sampled_from(list(VERDICTS)), st.sampled_from(list(VERDICTS))), max_size=60)


def test_a_share_is_drawn_and_can_be_drawn_again() -> None:
    once = drawn(NUMBERS, 5, "610329 2026-W47")
    assert len(once) == len(set(once)) == 50 and set(once) < set(NUMBERS)
    assert once == drawn(list(reversed(NUMBERS)), 5, "610329 2026-W47"), "in whatever order they come"
    assert once != drawn(NUMBERS, 5, "610329 2026-W48")
    assert len(drawn(NUMBERS[:3], 5, "few")) == 1, "some of few is one, not none"
    assert drawn(NUMBERS, 0, "none") == drawn([], 5, "nothing") == []
    assert sorted(drawn(NUMBERS, 100, "all")) == NUMBERS
    for wrong in (-1, 101):
        with pytest.raises(UsageError):
            drawn(NUMBERS, wrong, "wrong")


@given(PEOPLE, PEOPLE)
def test_nobody_looks_at_what_counts_for_them(first: set[str], second: set[str]) -> None:
    assert may_look(second, first) == may_look(first, second) == first.isdisjoint(second)
    assert not may_look(first, first), "nor whoever lent or borrowed the post"


def test_verdicts_are_moves_of_first_review() -> None:
    assert all(MOVES[verdict].before == ("first",) for verdict in VERDICTS)
    assert {after(one, other) for one in VERDICTS for other in VERDICTS} == {"agreed", "disputed"} < set(STEPS)
    with pytest.raises(UsageError):
        after("adopt", "make-lead")


@pytest.mark.parametrize("step", REVIEW_STEPS)
def test_only_what_may_still_move_goes_back(step: str) -> None:
    assert way_back(step, "drop", "drop") is None, "the first decision stands"
    back = way_back(step, "drop", "adopt")
    assert back == ("reopen" if step in ("dropped", "lead") else None), "notified is notified: it is only recorded"


def test_kappa_is_the_textbooks() -> None:
    """Twenty, five, ten, fifteen: agreement 0.7, by chance 0.5, kappa 0.4."""
    pairs = [("adopt", "adopt")] * 20 + [("adopt", "drop")] * 5 + [("drop", "adopt")] * 10 + [("drop", "drop")] * 15
    found = agreement(pairs)
    assert (found.pairs, found.agreed, found.rate) == (50, 35, 0.7) and found.kappa == pytest.approx(0.4)
    assert agreement([]).rate is agreement([]).kappa is None
    assert agreement([("adopt", "adopt")] * 9).kappa is None, "two who always adopt agree by habit"
    assert agreement([("adopt", "drop"), ("drop", "adopt")]).kappa == -1


@given(PAIRS)
def test_kappa_is_of_the_two_and_no_more_than_one(pairs: list[tuple[str, str]]) -> None:
    found, turned = agreement(pairs), agreement([(other, one) for one, other in pairs])
    assert found == turned
    if found.kappa is not None:
        assert -1 <= found.kappa <= 1 and (found.kappa == 1) == (found.agreed == found.pairs)
