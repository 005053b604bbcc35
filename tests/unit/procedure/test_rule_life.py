"""The life of a change to a rule: no order of moves skips the check, the trial or the second person."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingcha.procedure.rule_life import MOVES, REVISE, STATES, WITHDRAW, after, allowed
from mingcha.terms.errors import UsageError

PEOPLE = ("author", "leader")


def walk(intent: str, steps: list[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """The moves that were let through, each with who made it and the state it led to."""
    state, done = "draft", []
    for name, by in steps:
        try:
            state = after(name, state, intent, by=by, author="author", reason="有理由")
        except UsageError:
            continue
        done.append((name, by, state))
    return done


@given(
    st.sampled_from((REVISE, WITHDRAW)),
    st.lists(st.tuples(st.sampled_from(sorted(MOVES)), st.sampled_from(PEOPLE)), max_size=40),
)
def test_nothing_is_signed_unseen(intent: str, steps: list[tuple[str, str]]) -> None:
    done = walk(intent, steps)
    for place, (name, by, state) in enumerate(done):
        assert state in STATES
        if name != "sign":
            continue
        assert by != "author"
        since_edit = [step for step, _, _ in done[: place + 1]]
        for back in ("edit", "return"):
            if back in since_edit:
                since_edit = since_edit[len(since_edit) - since_edit[::-1].index(back) :]
        if intent == REVISE:
            assert {"check", "try", "submit"} <= set(since_edit)
        assert place == len(done) - 1  # nothing comes after the signature


def test_the_ordinary_way_is_open() -> None:
    way = [("edit", "author"), ("check", "author"), ("try", "machine"), ("shadow", "author"), ("submit", "author"),
           ("sign", "leader")]  # fmt: skip
    assert [state for _, _, state in walk(REVISE, way)][-1] == "signed"
    assert [s for _, _, s in walk(WITHDRAW, [("submit-withdrawal", "author"), ("sign", "leader")])] == [
        "submitted", "signed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "state", "by", "reason", "said"),
    [
        ("sign", "submitted", "author", "", "起草人不能签署"),
        ("edit", "draft", "leader", "", "只有起草人"),
        ("return", "submitted", "leader", " ", "请写明退回的理由"),
        ("submit", "draft", "author", "", "现在是“起草”"),
    ],
)
def test_a_refusal_says_why(name: str, state: str, by: str, reason: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        after(name, state, REVISE, by=by, author="author", reason=reason)
    assert said in refused.value.zh
    assert refused.value.en


def test_what_a_person_is_offered_is_what_is_let_through() -> None:
    for state in STATES:
        for intent in (REVISE, WITHDRAW):
            for is_author, by in ((True, "author"), (False, "leader")):
                for name in allowed(state, intent, is_author=is_author, may_sign=not is_author):
                    after(name, state, intent, by=by, author="author", reason="有理由")
