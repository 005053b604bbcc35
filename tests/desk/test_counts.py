"""The numbers on tabs and cards are sums that every writing transaction adds to: always those of a recount."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from random import Random
from threading import Thread
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest

from mingcha.desk.audit import folding
from mingcha.desk.review.actions import Actor, Chosen, move
from mingcha.desk.review.deadlines import lapse
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.procedure.review import MACHINE, MOVES
from mingcha.terms.calendar import today
from mingcha.terms.errors import UsageError
from tests.desk.factories import AREA, OTHER_AREA, Audits, flag

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow

Visit = Callable[[str | None], "Client"]
ROLES = {"first": "reviewer", "second": "supervisor", "panel": "supervisor", "final": "leader", "payment": "finance",
         "provider": "provider", "machine": MACHINE}  # fmt: skip


def differing(job: psycopg.Connection) -> list[Any]:
    """What a recount finds wrong."""
    return job.execute("SELECT * FROM facts.recount()").fetchall()


def flags(count: int, chance: Random) -> list[dict[str, Any]]:
    """Findings of two areas, three providers, two rules and months, some of them twice on one line."""
    made = []
    for n in range(count):
        provider = chance.choice(("H1", "H2", "H3"))
        made.append(flag(
            f"L{n}", key=f"{provider}|V1|L{n}", provider=provider, rule=chance.choice(("drug-for-children", "service-by-sex")),
            fund_area=chance.choice((AREA, OTHER_AREA)), certainty=chance.choice(("definite", "suspected", "lead")),
            day=date(2026, chance.randint(1, 3), 4), improper_fen=chance.randint(1, 900),
        ))  # fmt: skip
    return made


def one_move(home: Home, chance: Random, by: str) -> None:
    """Some move of some findings that may or may not stand where it begins."""
    name = chance.choice(sorted(set(MOVES) - {"deduct", "reverse", "rule-gone", "panel-uphold", "panel-revoke"}))
    actor = Actor(f"{by}-{MOVES[name].whose}", ROLES[MOVES[name].whose])
    with connect(home, "job") as job, psycopg.ClientCursor(job) as cursor:
        cursor.execute("SELECT id FROM finding WHERE step = ANY(%s) ORDER BY md5(id || %s) LIMIT %s",
                       [list(MOVES[name].before), by, chance.randint(1, 9)])  # fmt: skip
        numbers = [number for (number,) in cursor.fetchall()]
        with suppress(UsageError):
            move(cursor, actor=actor, name=name, chosen=Chosen.numbers(numbers), token=uuid4(), reason="试")


@pytest.mark.parametrize("seed", range(4))
def test_counts_are_those_of_a_recount_whatever_is_done(
    audits: Audits, home: Home, job: psycopg.Connection, seed: int
) -> None:
    chance = Random(seed)
    known = flags(60, chance)
    for _ in range(6):
        audits.record(chance.sample(known, chance.randint(20, 60)))  # the others are withdrawn, or come again
        for _ in range(8):
            one_move(home, chance, "zhou")
        lapse(home, today() + timedelta(days=chance.choice((0, 40))))
        assert differing(job) == []
        folding.fold(home)
        assert differing(job) == []
    told = dict(job.execute("SELECT step, sum(n)::int FROM finding_count WHERE provider = '' AND rule = '' GROUP BY 1"))
    assert told == dict(job.execute("SELECT step, count(*) FROM finding GROUP BY 1"))
    assert len(told) > 4, "the seed brought findings to several steps"


def test_many_writers_at_once(audits: Audits, home: Home, job: psycopg.Connection) -> None:
    audits.record(flags(200, Random(7)))

    def write(number: int) -> None:
        chance = Random(number)
        for _ in range(10):
            with suppress(psycopg.errors.DeadlockDetected):
                one_move(home, chance, f"w{number}")

    writers = [Thread(target=write, args=(number,)) for number in range(6)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        folding.fold(home)
        assert differing(job) == []
    assert job.execute("SELECT count(*) > 20 FROM review_move").fetchone() == (True,)
    assert differing(job) == []
    assert folding.settle(home) == 0


def test_nobody_waits_for_another_ones_count(audits: Audits, home: Home) -> None:
    audits.record([flag("L1"), flag("L2")])
    with connect(home, "job") as one, connect(home, "job") as other:
        other.execute("SET lock_timeout = '2s'")
        for at, number in ((one, "L1"), (other, "L2")):
            at.execute("UPDATE finding SET step = 'notified' WHERE line = %s", [number])
        other.commit()
        assert folding.fold(home) > 0
        one.commit()
    with connect(home, "job") as job:
        assert differing(job) == []
        told = job.execute("SELECT sum(n) FROM finding_count WHERE step = 'notified' AND provider = 'H1'").fetchone()
        assert told == (2,)


def test_what_somebody_tampered_with_is_put_right(audits: Audits, home: Home) -> None:
    audits.record(flags(30, Random(1)))
    with connect(home, "owner") as owner:
        owner.execute("UPDATE finding_count SET n = n + 1 WHERE provider = 'H1'")
    assert folding.settle(home) > 0
    assert folding.settle(home) == 0


def test_the_desk_may_read_the_counts_and_no_more(audits: Audits, home: Home) -> None:
    audits.record(flags(30, Random(1)))
    for told in ("DELETE FROM finding_count", "UPDATE finding_count SET n = 0", "SELECT facts.fold_counts()",
                 "INSERT INTO finding_count (fund_area, care_area, certainty, step, n, fen) VALUES ('', '', '', '', 1, 1)"):
        with connect(home, "app") as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(told.encode())
    with connect(home, "app") as app:
        counted = "SELECT coalesce(sum(n), 0)::int, count(DISTINCT fund_area) FROM finding_count"
        assert app.execute(counted.encode()).fetchone() == (0, 0), "nobody logged in sees none"


def test_each_sees_counts_of_the_own(audits: Audits, visit_as: Visit, job: psycopg.Connection) -> None:
    audits.record([flag("L1"), flag("L2", care_area=OTHER_AREA), flag("L3", provider="H2", key="H2|V1|L3"),
                   flag("L4", fund_area=OTHER_AREA, care_area=OTHER_AREA)])  # fmt: skip
    assert {name: _tabs(visit_as(name), "/findings")["open"] for name in ("supervisor", "county", "elsewhere")} == {
        "supervisor": "4", "county": "3", "elsewhere": "2"}  # fmt: skip
    job.execute("UPDATE finding SET step = 'notified' WHERE line IN ('L1', 'L3', 'L4')")
    assert _tabs(visit_as("provider"), "/portal") == {"notified": "2", "all": "2"}


def test_beyond_the_limit_a_count_says_so(audits: Audits, visit_as: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    audits.record([flag(f"L{n}", improper_fen=1000 + n) for n in range(7)])
    client = visit_as("supervisor")
    from mingcha.desk.audit import counts

    monkeypatch.setattr(counts, "LIMIT", 5)
    page = client.get("/findings?least=1").content.decode()
    assert "共 5+ 条" in page
    assert "合计" not in page
    assert _tabs(client, "/findings?least=1") == {"open": "5+"}
    exact = client.get("/findings?least=10.05").content.decode()
    assert "共 2 条" in exact
    assert "20.11" in exact


def _tabs(client: Client, address: str) -> dict[str, str]:
    text = client.get(address, headers={"HX-Request": "true"}).content.decode()
    found = re.findall(r"tab=(\w+)[^>]*>[^<]*<small>([\d,+]+)</small>", text)
    return {tab: n for tab, n in found if tab in ("open", "notified", "all") and (n != "0")} if "portal" in address else dict(found)
