"""Terms extended, stopped and let run on; and posts that were lent, which count for both hands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from mingcha.desk.review.actions import CLOCK, KEPT_APART, NOT_YOURS, RECUSED, Chosen, Done, move
from mingcha.desk.review.actors import Actor
from mingcha.desk.review.clock import change
from mingcha.desk.review.deadlines import lapse
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.procedure.identity import finding_id
from mingcha.procedure.review import CLOCKS
from mingcha.terms.calendar import after_working_days, today
from mingcha.terms.errors import UsageError
from tests.desk.factories import AREA, OTHER_AREA, Audits, flag

pytestmark = pytest.mark.slow

ZHOU, MA, HE, SUN = (Actor("zhou", "reviewer"), Actor("ma", "supervisor"), Actor("he", "leader"),
                     Actor("sun", "finance"))  # fmt: skip
HOSPITAL = Actor("wu", "provider")
L1, L2, L3 = (finding_id(AREA, "drug-for-children", "line", f"H1|V1|{number}") for number in ("L1", "L2", "L3"))


@pytest.fixture
def act(home: Home) -> Iterator[Callable[..., Done]]:
    """Moves findings, or changes their terms, as the app role with the actor's scope, each in a transaction."""

    def done(actor: Actor, name: str, *numbers: str, scope: str = AREA, token: Any = None, reason: str = "理由") -> Done:
        own = "H1" if actor.role == "provider" else ""
        with connect(home, "app") as app, psycopg.ClientCursor(app) as cursor:
            cursor.execute(
                "SELECT set_config('mingcha.scope', %s, true), set_config('mingcha.provider', %s, true)",
                ["" if own else scope, own],
            )
            how: Any = change if name in CLOCKS else move
            chosen = Chosen.numbers(numbers)
            return how(cursor, actor=actor, name=name, chosen=chosen, token=token or uuid4(), reason=reason)

    yield done


def _term(job: psycopg.Connection, number: str = L1) -> Any:
    return job.execute("SELECT due, paused_left, extended FROM finding WHERE id = %s", [number]).fetchone()


def test_a_term_is_extended_once(audits: Audits, act: Callable[..., Done], job: psycopg.Connection) -> None:
    audits.record([flag("L1"), flag("L2"), flag("L3")])
    assert act(MA, "extend", L1).passed_over == {CLOCK: 1}, "what nobody was told of has no term to extend"
    act(ZHOU, "adopt", L1, L2)
    first = after_working_days(today(), 10)
    assert _term(job) == (first, None, False)
    done = act(MA, "extend", L1, L2, L3, reason="机构补充病历")
    assert (done.moved, done.passed_over) == (2, {CLOCK: 1})
    assert _term(job) == _term(job, L2) == (after_working_days(first, 10), None, True)
    assert act(MA, "extend", L1).passed_over == {CLOCK: 1}, "once"
    told = job.execute("SELECT name, level, before, after, by, reason FROM review_move ORDER BY id DESC LIMIT 1")
    due = after_working_days(first, 10)
    assert told.fetchone() == ("extend", "office", "notified", "notified", "ma", f"机构补充病历（期限至 {due}）")
    assert job.execute("SELECT count(*) FROM trail WHERE action = 'review.extend'").fetchone() == (3,)
    act(HOSPITAL, "appeal", L1)
    assert _term(job)[2] is False, "each step has its own extension"
    with pytest.raises(UsageError, match="请写明延长期限的理由"):
        act(MA, "extend", L1, reason=" ")


def test_while_the_clock_stands_nothing_lapses(
    audits: Audits, act: Callable[..., Done], home: Home, job: psycopg.Connection
) -> None:
    audits.record([flag("L1"), flag("L2")])
    act(ZHOU, "adopt", L1, L2)
    token = uuid4()
    assert act(MA, "pause", L1, token=token) == act(MA, "pause", L1, token=token)
    assert _term(job) == (None, 10, False)
    assert act(MA, "pause", L1).passed_over == {CLOCK: 1}
    (done,) = lapse(home, today() + timedelta(days=90))
    assert done.moved == 1
    assert job.execute("SELECT id FROM finding WHERE step = 'final'").fetchall() == [(L2,)]
    assert act(HE, "resume", L1).moved == 1
    assert _term(job) == (after_working_days(today(), 10), None, False)
    act(MA, "pause", L1)
    act(HOSPITAL, "appeal", L1)
    assert _term(job)[1] is None, "a move starts the next step's own clock"


def test_clocks_are_the_offices(audits: Audits, act: Callable[..., Done], job: psycopg.Connection) -> None:
    audits.record([flag("L1")])
    act(ZHOU, "adopt", L1)
    for actor in (SUN, HOSPITAL, Actor("qin", "knowledge")):
        assert act(actor, "extend", L1).passed_over == {NOT_YOURS: 1}
    assert act(MA, "extend", L1, scope=OTHER_AREA).moved == 0
    assert act(ZHOU, "extend", L1).moved == 1, "an extension is no decision: nobody is kept apart by it"
    act(HOSPITAL, "appeal", L1)
    assert act(MA, "uphold", L1).moved == 1


def test_a_lent_post_counts_for_both_hands(audits: Audits, act: Callable[..., Done], job: psycopg.Connection) -> None:
    audits.record([flag("L1"), flag("L2"), flag("L3")])
    zhou_for_he = Actor("zhou", "reviewer", lent=(("he", "leader"),))
    act(ZHOU, "adopt", L1)
    act(MA, "adopt", L2, L3)
    act(HOSPITAL, "accept", L1, L2, L3)
    done = act(zhou_for_he, "sign", L1, L2)
    assert (done.moved, done.passed_over) == (1, {KEPT_APART: 1}), "who reviewed first can't sign for the leader either"
    signed = job.execute("SELECT finding_id, by, acting_for FROM review_move WHERE name = 'sign'").fetchall()
    assert signed == [(L2, "zhou", "he")]
    told = job.execute("SELECT by, detail ->> 'for' FROM trail WHERE action = 'review.sign'").fetchone()
    assert told == ("zhou", "he")
    assert act(Actor("he", "supervisor"), "reopen", L2).moved == 0
    act(HE, "send-back", L3)
    assert act(Actor("ling", "reviewer", lent=(("ma", "supervisor"),)), "uphold", L3).moved == 1, "with the own post"
    assert act(Actor("bo", "finance", lent=(("ma", "supervisor"),)), "make-lead", L3).moved == 0


def test_who_lent_the_post_keeps_away_too(audits: Audits, act: Callable[..., Done], home: Home) -> None:
    audits.record([flag("L1")])
    act(MA, "adopt", L1)
    act(HOSPITAL, "accept", L1)
    with connect(home, "owner") as owner:
        owner.execute("INSERT INTO recusal (account, provider, reason, since, until) VALUES ('he', 'H1', '亲属', %s, %s)",
                      [today(), today()])  # fmt: skip
    assert act(Actor("bo", "knowledge", lent=(("he", "leader"),)), "sign", L1).passed_over == {RECUSED: 1}
    with connect(home, "owner") as owner:
        owner.execute("DELETE FROM recusal")
    assert act(Actor("bo", "knowledge", lent=(("he", "leader"),)), "sign", L1).moved == 1
