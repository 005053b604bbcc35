"""No sequence of moves pays without its signatures, and nobody signs twice."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingcha.procedure.disbursements import (
    APPROVE,
    CHECK,
    ENTRY,
    LEADER,
    LEVELS,
    LIVE,
    MOVES,
    OPEN,
    POSTS,
    RESULTS,
    STEPS,
    Batch,
    after,
    allowed,
    route,
)
from mingcha.terms.errors import UsageError

PEOPLE = ("a", "b", "c", "d", "e")
WALKS = st.lists(
    st.tuples(st.sampled_from(sorted(MOVES)), st.sampled_from(PEOPLE), st.sampled_from(("", *PEOPLE))), max_size=60
)


def walk(
    batch: Batch, moves: list[tuple[str, str, str]], first: frozenset[str] = frozenset()
) -> list[tuple[str, str, frozenset[str], str]]:  # fmt: skip
    """The moves that were let through: name, level, hands, step after."""
    held, done = defaultdict[str, set[str]](set), list[tuple[str, str, frozenset[str], str]]()
    for name, by, lender in moves:
        hands, level = frozenset({by, lender} - {""}), batch.level
        try:
            step = after(name, batch, hands=hands, levels=OPEN, held=held, first=first, reason="有理由")
        except UsageError:
            continue
        held[level] |= hands
        done.append((name, level, hands, step))
        batch = Batch(step, batch.route)
    return done


def test_the_data_holds_together() -> None:
    assert set(OPEN) == set(LEVELS) < set(STEPS) and set(LIVE) < set(RESULTS)
    for staffing, posts in POSTS.items():
        assert set(route(2, 1, staffing)) <= set().union(*posts.values())
        assert not any({ENTRY, APPROVE} <= levels for levels in posts.values()), "who enters never signs"


@given(st.sampled_from([route(1, 2), route(2, 2), route(1, 2, "small")]), WALKS, st.sets(st.sampled_from(PEOPLE)))
def test_nothing_is_sent_without_every_signature_of_another_person(
    levels: tuple[str, ...], moves: list[tuple[str, str, str]], first: set[str]
) -> None:
    done = walk(Batch(ENTRY, levels), moves, frozenset(first))
    held = defaultdict[str, set[str]](set)
    for _, level, hands, _ in done:
        for hand in hands:
            held[hand].add(level)
    assert all(len(one) == 1 for one in held.values())
    for place, (_, _, _, step) in enumerate(done):
        if step != "signed":
            continue
        since = max((n for n, one in enumerate(done[:place]) if one[0] == "return"), default=-1)
        assert [one[1] for one in done[since + 1 : place + 1]] == list(levels)
        signed = [one[2] for one in done[: place + 1] if one[1] in (APPROVE, LEADER)]
        assert not set().union(*signed) & first
    assert {step for *_, step in done} <= {*levels, "signed", "sent", "discarded"}


def test_three_people_and_a_fourth_over_the_threshold() -> None:
    assert route(49, 50) == (ENTRY, CHECK, APPROVE) and route(50, 50) == (ENTRY, CHECK, APPROVE, LEADER)
    passing = [("pass", by, "") for by in "abcd"] + [("send", "a", "")]
    assert [step for *_, step in walk(Batch(ENTRY, route(1, 2)), passing)] == [CHECK, APPROVE, "signed", "sent"]
    assert [step for *_, step in walk(Batch(ENTRY, route(2, 2)), passing)] == [CHECK, APPROVE, LEADER, "signed", "sent"]


@pytest.mark.parametrize(
    ("name", "batch", "more", "said"),
    [
        ("pass", Batch("sent"), {}, "现在是“待回盘”"),
        ("pass", Batch(CHECK), {"levels": {ENTRY}}, "不能办理拨付复核"),
        ("pass", Batch(APPROVE), {"held": {ENTRY: {"me"}}}, "已办理过这批拨付的录入"),
        ("pass", Batch(APPROVE), {"first": {"me"}}, "您初审过的待遇"),
        ("return", Batch(CHECK), {}, "请写明退回录入的理由"),
        ("pass", Batch(ENTRY, rows=0), {}, "这批里没有待遇"),
    ],
)
def test_a_refusal_says_why(name: str, batch: Batch, more: dict[str, object], said: str) -> None:
    told = {"hands": ["me"], "levels": set(OPEN), "held": {}} | more
    with pytest.raises(UsageError) as refused:
        after(name, batch, **told)  # pyright: ignore[reportArgumentType]
    assert said in refused.value.zh and refused.value.en


def test_what_is_offered() -> None:
    assert allowed(Batch(ENTRY), {ENTRY}) == ("pass", "discard")
    assert allowed(Batch(CHECK), {CHECK}) == ("pass", "return")
    assert allowed(Batch("signed"), {ENTRY}) == ("send",)
    assert allowed(Batch("signed"), {APPROVE}) == ()
