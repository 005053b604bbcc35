"""No sequence of moves reaches an illegal step, and nobody decides two levels that are kept apart."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingcha.procedure.review import (
    CLOCKS,
    DAYS,
    FINAL,
    FIRST,
    GONE,
    GROWING,
    LEVELS,
    MACHINE,
    MOVES,
    NEVER_MERGED,
    ON_EXPIRY,
    PAYMENT,
    PORTAL,
    PROVIDER,
    SECOND,
    STAFFING,
    STEPS,
    Term,
    after,
    allowed,
    apart,
    clock,
    clock_acts,
    state_of,
)
from mingcha.terms.calendar import working_days
from mingcha.terms.errors import UsageError

WHOSE = (*LEVELS, PROVIDER, MACHINE)


def test_the_data_holds_together() -> None:
    for name, move in MOVES.items():
        assert set(move.before) <= set(STEPS) and move.after in STEPS, name
        assert move.whose in WHOSE, name
        assert move.after not in move.before, f"{name} leads nowhere"
    assert set(DAYS) | set(GONE) | {"signed", "deducted"} == set(STEPS)
    assert set(GROWING) | set(GONE) | {"first", "signed", "deducted"} == set(STEPS)
    assert set(PORTAL) <= set(STEPS) and "first" not in PORTAL and "dropped" not in PORTAL
    assert all(MOVES[move].whose == MACHINE and step in MOVES[move].before for step, move in ON_EXPIRY.items())


def test_every_step_is_reached_and_left() -> None:
    reached = {"first", "withdrawn"} | {move.after for move in MOVES.values()}
    left = {step for move in MOVES.values() for step in move.before}
    assert reached == set(STEPS)
    assert set(STEPS) - left == {"revoked", "withdrawn"}, "an end that isn't one, or a way out of an end"


def test_the_way_of_a_line_to_the_money() -> None:
    step, decided = "first", defaultdict[str, frozenset[str]](frozenset)
    way = (("adopt", FIRST, "甲"), ("appeal", PROVIDER, "院"), ("uphold", SECOND, "乙"), ("accept", PROVIDER, "院"),
           ("sign", FINAL, "丙"), ("deduct", PAYMENT, "丁"))  # fmt: skip
    for name, whose, by in way:
        step = after(name, step, by=by, whose=[whose], decided=decided, reason="理由")
        decided[whose] |= {by}
    assert step == "deducted"


@given(st.lists(st.tuples(st.sampled_from(sorted(MOVES)), st.sampled_from("甲乙丙丁")), max_size=25),
       st.sampled_from(sorted(STAFFING)))  # fmt: skip
def test_whatever_people_try(tries: list[tuple[str, str]], staffing: str) -> None:
    step, decided, moved = "first", defaultdict[str, frozenset[str]](frozenset), list[tuple[str, str]]()
    for name, by in tries:
        try:
            step = after(name, step, by=by, whose=WHOSE, decided=decided, reason="理由", staffing=staffing)
        except UsageError:
            continue
        decided[MOVES[name].whose] |= {by}
        moved.append((name, by))
        assert step in STEPS and state_of(step) in ("open", "decided", "withdrawn")
    for pair in STAFFING[staffing] | NEVER_MERGED:
        one, other = sorted(pair)
        assert not decided[one] & decided[other], "one person at two levels that are kept apart"
    if step in ("signed", "deducted"):
        names = [name for name, _ in moved]
        assert "adopt" in names and "sign" in names, "money without a decision"
        assert names.index("adopt") < names.index("sign")


@pytest.mark.parametrize("level", LEVELS)
def test_what_is_never_merged_is_apart_in_every_profile(level: str) -> None:
    for pair in NEVER_MERGED:
        if level in pair:
            for staffing in (*STAFFING, "unheard of"):
                assert pair - {level} <= apart(level, staffing)
    assert level not in apart(level)
    assert apart(level) == frozenset(LEVELS) - {level} - ({SECOND, "panel"} if level in (SECOND, "panel") else set())


def test_refusals_say_why() -> None:
    nobody: dict[str, frozenset[str]] = {}
    for name, step, whose, decided, reason, words in (
        ("adopt", "notified", FIRST, nobody, "", "现在是“待机构反馈”"),
        ("sign", "final", FIRST, nobody, "", "您的岗位不能办理"),
        ("sign", "final", FINAL, {FIRST: frozenset({"甲"})}, "", "必须由另一个人办理"),
        ("drop", "first", FIRST, nobody, "  ", "请写明"),
    ):
        with pytest.raises(UsageError, match=words):
            after(name, step, by="甲", whose=[whose], decided=decided, reason=reason)


def test_moves_are_offered_by_step_and_level() -> None:
    assert allowed("first", [FIRST]) == ("adopt", "drop", "make-lead")
    assert allowed("notified", [FIRST, SECOND]) == ()
    assert allowed("notified", [PROVIDER]) == ("accept", "appeal")
    assert allowed("deducted", [FINAL]) == ("reverse",)


@given(st.lists(st.tuples(st.sampled_from(sorted(CLOCKS)), st.integers(0, 5)), max_size=12), st.integers(0, 15))
def test_no_day_of_a_term_is_won_or_lost(tries: list[tuple[str, int]], days: int) -> None:
    """Whatever is done to a clock: the working days that ran while it ran, and those left, are the term's."""
    now = start = date(2026, 9, 28)
    term, ran, since, granted = clock("resume", Term(None, days), now, days), 0, start, days
    for name, pass_days in tries:
        now += timedelta(days=pass_days)
        if name not in clock_acts(term, now):
            with pytest.raises(ValueError, match=name):
                clock(name, term, now, days)
            continue
        was, term = term, clock(name, term, now, days)
        granted += days if name == "extend" else 0
        if name == "pause":
            ran += working_days(since, now)
        since = now if name == "resume" else since
        assert (term.due is None) != (term.left is None) and term.extended == (was.extended or name == "extend")
    left = term.left if term.due is None else working_days(since, term.due)
    assert ran + (left or 0) == granted
    assert granted in (days, 2 * days), "extended once"


def test_a_term_that_is_over_cannot_be_helped() -> None:
    now = date(2026, 11, 23)
    assert clock_acts(Term(now), now) == ("extend", "pause")
    assert clock_acts(Term(now - timedelta(days=1)), now) == clock_acts(Term(), now) == ()
    assert clock_acts(Term(now, None, True), now) == ("pause",)
    assert clock_acts(Term(None, 3, True), now) == ("resume",)
    assert clock("extend", Term(now), now, 10) == Term(date(2026, 12, 7), None, True)
