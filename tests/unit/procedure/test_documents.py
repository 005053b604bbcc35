"""The life of a document: nothing that needs two people leaves with one, and what was signed never changes."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingcha.procedure.documents import KINDS, MOVES, NUMBERED, STATES, VISIBLE, after, allowed, number
from mingcha.terms.errors import UsageError

STEPS = st.lists(st.tuples(st.sampled_from(sorted(MOVES)), st.sampled_from(("author", "leader"))), max_size=40)


def walk(kind: str, steps: list[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """The moves that were let through, each with who made it and the state it led to."""
    state, done = "draft", []
    for name, by in steps:
        try:
            state = after(name, kind, state, by=by, author="author", reason="有理由")
        except UsageError:
            continue
        done.append((name, by, state))
    return done


@given(st.sampled_from(sorted(KINDS)), STEPS)
def test_nothing_leaves_without_its_second_signature(kind: str, steps: list[tuple[str, str]]) -> None:
    done = walk(kind, steps)
    first = next((place for place, (_, _, state) in enumerate(done) if state in VISIBLE), None)
    if first is None:
        return
    name, by, _ = done[first]
    assert (name, by) == ("sign", "leader") or (name == "issue" and not KINDS[kind].second)
    assert all(state in NUMBERED for _, _, state in done[first:])  # signed once, and never a draft again
    assert [step for step, _, _ in done].count("sign") + [step for step, _, _ in done].count("issue") == 1


def test_the_ordinary_ways_are_open() -> None:
    way = [("edit", "author"), ("submit", "author"), ("return", "leader"), ("submit", "author"), ("sign", "leader"),
           ("deliver", "author"), ("void", "leader")]  # fmt: skip
    assert [state for _, _, state in walk("decision", way)] == [
        "draft", "submitted", "draft", "submitted", "signed", "delivered", "voided",
    ]  # fmt: skip
    assert [state for _, _, state in walk("feedback", [("issue", "author"), ("deliver", "leader")])] == [
        "signed", "delivered",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "state", "by", "reason", "said"),
    [
        ("sign", "submitted", "author", "", "起草人不能签发"),
        ("void", "signed", "author", "写错", "起草人不能作废"),
        ("void", "signed", "leader", " ", "请写明作废的理由"),
        ("issue", "draft", "author", "", "须由另一人签发"),
        ("edit", "draft", "leader", "", "只有起草人"),
        ("edit", "signed", "author", "", "现在是“已签发”"),
    ],
)
def test_a_refusal_says_why(name: str, state: str, by: str, reason: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        after(name, "statement", state, by=by, author="author", reason=reason)
    assert said in refused.value.zh
    assert refused.value.en


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_a_person_is_offered_is_what_is_let_through(kind: str) -> None:
    for state in STATES:
        for by in ("author", "leader"):
            offered = allowed(kind, state, is_author=by == "author", may_sign=by == "leader")
            through = {name for name in MOVES if walk_one(name, kind, state, by)}
            assert set(offered) == through


def walk_one(name: str, kind: str, state: str, by: str) -> bool:
    """Whether a move is let through."""
    try:
        after(name, kind, state, by=by, author="author", reason="有理由")
    except UsageError:
        return False
    return True


def test_a_number_is_written_as_the_standard_says() -> None:
    assert number("宝医保稽", date(2026, 12, 31), 1) == "宝医保稽〔2026〕1号"
    assert number("宝医保稽", date(2027, 1, 1), 120) == "宝医保稽〔2027〕120号"
    with pytest.raises(ValueError, match="begins with 1"):
        number("宝医保稽", date(2026, 1, 1), 0)


@pytest.mark.parametrize(
    "organ", ["", "宝", "宝医保 稽", "宝医保〔稽〕", "宝医保2", "../医保", "宝" * 13, "宝医保稽\n"]
)
def test_an_organs_word_is_chinese_characters_only(organ: str) -> None:
    with pytest.raises(UsageError) as refused:
        number(organ, date(2026, 1, 1), 1)
    assert "2 至 12 个汉字" in refused.value.zh
