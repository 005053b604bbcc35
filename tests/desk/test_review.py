"""Findings on their way from the first review to the money: single and in bulk, by two people at once, and counted."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Thread
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from mingcha.desk.review.actions import KEPT_APART, MOVED_ON, NO_MAJORITY, NOT_YOURS, Chosen, Done, move
from mingcha.desk.review.actors import Actor
from mingcha.desk.review.deadlines import lapse
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.procedure.identity import finding_id
from mingcha.terms.errors import UsageError
from tests.desk.factories import AREA, OTHER_AREA, Audits, flag, line

pytestmark = pytest.mark.slow

ZHOU, MA, HE, SUN = (Actor("zhou", "reviewer"), Actor("ma", "supervisor"), Actor("he", "leader"),
                     Actor("sun", "finance"))  # fmt: skip
HOSPITAL = Actor("wu", "provider")
L1, L2 = (finding_id(AREA, "drug-for-children", "line", f"H1|V1|{number}") for number in ("L1", "L2"))
TWIN = finding_id(AREA, "service-by-sex", "line", "H1|V1|L1")


@pytest.fixture
def act(home: Home) -> Iterator[Callable[..., Done]]:
    """Moves findings by number as the app role with the actor's scope, each in its own transaction."""

    def moved(actor: Actor, name: str, *numbers: str, scope: str = AREA, token: Any = None, **more: Any) -> Done:
        chosen = Chosen.numbers(numbers) if numbers else Chosen("true", {})
        with connect(home, "app") as app, psycopg.ClientCursor(app) as cursor:
            own = "H1" if actor.role == "provider" else ""
            cursor.execute(
                "SELECT set_config('mingcha.scope', %s, true), set_config('mingcha.provider', %s, true)",
                ["" if own else scope, own],
            )
            return move(cursor, actor=actor, name=name, chosen=chosen, token=token or uuid4(), **more)

    yield moved


def _stands(job: psycopg.Connection, number: str) -> tuple[Any, ...]:
    return job.execute(
        "SELECT step, counted_fen, outcome, due IS NOT NULL FROM finding WHERE id = %s", [number]
    ).fetchone() or ()


def _opinions(job: psycopg.Connection, number: str, *verdicts: str) -> None:
    for n, verdict in enumerate(verdicts):
        job.execute(
            "INSERT INTO review_opinion (finding_id, fund_area, care_area, expert, asked_by, verdict, words, given_at)"
            " VALUES (%s, %s, %s, %s, 'ma', %s, '见病程记录', now())",
            [number, AREA, AREA, f"expert{n}", verdict],
        )


def test_the_whole_way_to_the_money(audits: Audits, act: Callable[..., Done], job: psycopg.Connection) -> None:
    audits.record([flag("L1")])
    assert _stands(job, L1) == ("first", 1000, None, True)
    way = (
        (ZHOU, "adopt", "notified", ""), (HOSPITAL, "appeal", "appealed", "附病历，家长代购"),
        (MA, "uphold", "upheld", "病历无记载"), (HOSPITAL, "appeal-again", "panel", "补充处方"),
        (MA, "panel-uphold", "final", "三名专家一致"), (HE, "sign", "signed", ""), (SUN, "deduct", "deducted", ""),
    )  # fmt: skip
    for actor, name, step, reason in way:
        if name == "panel-uphold":
            assert act(actor, name, L1, reason=reason).passed_over == {NO_MAJORITY: 1}
            _opinions(job, L1, "uphold", "revoke", "partly")
            assert act(actor, "panel-revoke", L1, reason=reason).passed_over == {NO_MAJORITY: 1}
        assert act(actor, name, L1, reason=reason).moved == 1, name
        assert _stands(job, L1)[0] == step
    assert _stands(job, L1) == ("deducted", 1000, "confirmed", False)
    told = job.execute("SELECT name, by, reason, counted_fen FROM review_move ORDER BY id").fetchall()
    assert told == [(name, actor.name, reason, 1000) for actor, name, _, reason in way]
    entries = job.execute("SELECT action, by, subject FROM trail WHERE action LIKE 'review.%%'"
                          " AND subject LIKE 'finding:%%' ORDER BY id").fetchall()
    assert entries == [(f"review.{name}", actor.name, f"finding:{L1}") for actor, name, _, _ in way]


def test_nobody_decides_two_levels(audits: Audits, act: Callable[..., Done], job: psycopg.Connection) -> None:
    audits.record([flag("L1")])
    act(MA, "adopt", L1)
    act(HOSPITAL, "appeal", L1, reason="不服")
    assert act(MA, "uphold", L1, reason="维持").passed_over == {KEPT_APART: 1}
    assert _stands(job, L1)[0] == "appealed"
    assert act(ZHOU, "uphold", L1, reason="维持").moved == 1
    assert act(ZHOU, "adopt", L1).passed_over == {MOVED_ON: 1}
    act(HOSPITAL, "accept", L1)
    assert act(SUN, "sign", L1).passed_over == {NOT_YOURS: 1}


def test_an_office_of_two(audits: Audits, act: Callable[..., Done], job: psycopg.Connection) -> None:
    job.execute(
        "INSERT INTO facts.setting (key, area, value) VALUES ('review', '610300', %s)",
        [json.dumps({"staffing": "small", "days": {"first": 0}})],
    )
    try:
        audits.record([flag("L1")])
        assert job.execute("SELECT due = current_date FROM finding").fetchone() == (True,)
        act(ZHOU, "adopt", L1)
        act(HOSPITAL, "appeal", L1, reason="不服")
        assert act(HE, "uphold", L1, reason="维持").moved == 1
        act(HOSPITAL, "accept", L1)
        assert act(HE, "sign", L1).moved == act(HE, "deduct", L1).moved == 1
        audits.record([flag("L1"), flag("L2")])
        act(MA, "adopt", L2)
        act(HOSPITAL, "accept", L2)
        assert act(Actor("ma", "leader"), "sign", L2).passed_over == {KEPT_APART: 1}, "first and final are never one"
    finally:
        job.execute("DELETE FROM facts.setting WHERE key = 'review'")


def test_a_double_click_moves_once(audits: Audits, act: Callable[..., Done], job: psycopg.Connection) -> None:
    audits.record([flag("L1"), flag("L2")])
    token = uuid4()
    once, again = act(ZHOU, "adopt", L1, L2, token=token), act(ZHOU, "adopt", L1, L2, token=token)
    assert once == again and once.moved == 2
    assert job.execute("SELECT count(*) FROM review_move").fetchone() == (2,)


def test_two_people_race_for_one_finding(audits: Audits, home: Home, job: psycopg.Connection) -> None:
    audits.record([flag("L1")])
    results = list[Done]()

    def race(actor: Actor, name: str, wait: float) -> None:
        with connect(home, "app") as app, psycopg.ClientCursor(app) as cursor:
            cursor.execute("SELECT set_config('mingcha.scope', '*', true)")
            results.append(
                move(cursor, actor=actor, name=name, chosen=Chosen.numbers([L1]), token=uuid4(), reason="理由")
            )
            time.sleep(wait)

    both = [Thread(target=race, args=(ZHOU if name == "adopt" else MA, name, 0.3)) for name in ("adopt", "drop")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(done.moved for done in results) == [0, 1]
    assert next(done for done in results if not done.moved).passed_over == {MOVED_ON: 1}
    assert job.execute("SELECT count(*) FROM review_move").fetchone() == (1,)


def test_part_of_the_amount_line_by_line(audits: Audits, act: Callable[..., Done], job: psycopg.Connection) -> None:
    one = flag("L1")
    audits.record([one], [line(one, "L1", 600), line(one, "L2", 400)])
    with pytest.raises(UsageError, match="0 到 6"):
        act(ZHOU, "adopt", L1, lines={("H1", "V1", "L1"): 601})
    with pytest.raises(UsageError, match="逐行"):
        act(ZHOU, "adopt", L1, lines={("H1", "V1", "L9"): 1})
    with pytest.raises(UsageError, match="全部金额"):
        act(ZHOU, "adopt", L1, lines={("H1", "V1", "L1"): 0, ("H1", "V1", "L2"): 0})
    act(ZHOU, "adopt", L1, lines={("H1", "V1", "L2"): 150})
    assert _stands(job, L1) == ("notified", 750, "partly", True)
    act(HOSPITAL, "appeal", L1, reason="不服")
    act(MA, "uphold", L1, reason="酌减", lines={("H1", "V1", "L1"): 0})
    assert _stands(job, L1)[:2] == ("upheld", 150)
    audits.record([one], [line(one, "L1", 600), line(one, "L2", 400)], pack=audits.pack)
    assert _stands(job, L1)[:2] == ("upheld", 150), "an audit doesn't touch what people decided"


def test_what_is_let_go_counts_elsewhere(audits: Audits, act: Callable[..., Done], job: psycopg.Connection) -> None:
    audits.record([flag("L1"), flag("L1", rule="service-by-sex", improper_fen=800)])
    assert [_stands(job, n)[1] for n in (L1, TWIN)] == [1000, 0]
    act(ZHOU, "drop", L1, reason="有处方")
    assert [_stands(job, n)[:3] for n in (L1, TWIN)] == [("dropped", 0, "false_positive"), ("first", 800, None)]
    assert act(MA, "reopen", L1, reason="处方是伪造的").moved == 1
    assert _stands(job, L1)[0] == "first"
    audits.record([flag("L1", message="再次机审"), flag("L1", rule="service-by-sex", improper_fen=800)])
    assert [_stands(job, n)[1] for n in (L1, TWIN)] == [1000, 0]


def test_a_decided_one_takes_over_and_a_signed_one_does_not(
    audits: Audits, act: Callable[..., Done], job: psycopg.Connection
) -> None:
    audits.record([flag("L1"), flag("L1", rule="service-by-sex", improper_fen=800)])
    act(ZHOU, "adopt", L1, TWIN)
    act(HOSPITAL, "appeal", L1, reason="不服")
    act(MA, "grant", L1, reason="申诉成立")
    assert [_stands(job, n)[:2] for n in (L1, TWIN)] == [("revoked", 0), ("notified", 800)]
    under = job.execute("SELECT counted_under FROM finding_line WHERE finding_id = %s", [TWIN]).fetchone()
    assert under == (None,)

    audits.record([flag("L2"), flag("L2", rule="service-by-sex", improper_fen=800)])
    twin = finding_id(AREA, "service-by-sex", "line", "H1|V1|L2")
    act(ZHOU, "adopt", L2, twin)
    for name, actor in (("accept", HOSPITAL), ("sign", HE)):
        act(actor, name, twin)
    act(HOSPITAL, "appeal", L2, reason="不服")
    act(MA, "grant", L2, reason="申诉成立")
    assert _stands(job, twin)[:2] == ("signed", 0)


def test_reasons_are_asked_for(audits: Audits, act: Callable[..., Done]) -> None:
    audits.record([flag("L1"), flag("L2")])
    with pytest.raises(UsageError, match="理由"):
        act(ZHOU, "drop", L1, reason=" ")
    act(ZHOU, "adopt", L1, L2)
    assert act(HOSPITAL, "appeal", L1, L2, reasons={L1: "一", L2: "二"}).moved == 2


def test_a_provider_moves_its_own_alone(audits: Audits, act: Callable[..., Done], job: psycopg.Connection) -> None:
    other = flag("L1", provider="H2", key="H2|V1|L1")
    audits.record([flag("L1"), flag("L2"), other])
    act(ZHOU, "adopt", L1, scope="*")
    act(ZHOU, "adopt", finding_id(AREA, "drug-for-children", "line", "H2|V1|L1"), scope="*")
    done = act(HOSPITAL, "accept")
    assert (done.moved, done.passed_over) == (1, {}), "neither another's nor what it wasn't told of"
    assert _stands(job, L1)[0] == "final"


def test_what_lies_elsewhere_is_not_moved(audits: Audits, act: Callable[..., Done]) -> None:
    audits.record([flag("L1")])
    assert act(ZHOU, "adopt", L1, scope=OTHER_AREA) .moved == 0


def test_the_trail_of_moves_cannot_be_rewritten(audits: Audits, act: Callable[..., Done], home: Home) -> None:
    audits.record([flag("L1")])
    act(ZHOU, "adopt", L1)
    for role in ("app", "job"):
        for statement in ("UPDATE review_move SET by = 'x'", "DELETE FROM review_move", "DELETE FROM review_act",
                          "UPDATE review_act SET by = 'x'"):  # fmt: skip
            with connect(home, role) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())


def test_silence_is_consent(audits: Audits, act: Callable[..., Done], home: Home, job: psycopg.Connection) -> None:
    audits.record([flag("L1"), flag("L2"), flag("L3")])
    act(ZHOU, "adopt", L1, L2)
    act(HOSPITAL, "appeal", L2, reason="不服")
    (due,) = job.execute("SELECT due FROM finding WHERE id = %s", [L1]).fetchone() or (None,)
    assert lapse(home, due) == [], "the last day is still the provider's"
    (done,) = lapse(home, due + timedelta(days=30))
    assert done.moved == 1
    assert [_stands(job, number)[0] for number in (L1, L2)] == ["final", "appealed"]
    assert job.execute("SELECT name, by FROM review_move ORDER BY id DESC LIMIT 1").fetchone() == ("lapse", "clock")
    assert lapse(home, due + timedelta(days=30)) == []


def test_fifty_thousand_at_once(audits: Audits, act: Callable[..., Done], job: psycopg.Connection) -> None:
    """The time itself is measured in benchmarks; here it must be one act, and true to the last fen."""
    many = [flag(f"M{number}", improper_fen=100 + number % 7) for number in range(5_000)]
    audits.record(many)
    done = act(ZHOU, "adopt")
    assert done.moved == len(many) and done.fen == sum(one["improper_fen"] for one in many)
    assert job.execute("SELECT count(*), sum(counted_fen)::bigint FROM review_move").fetchone() == (5_000, done.fen)
