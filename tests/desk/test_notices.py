"""Notices at the desk: who is told of what, folded into one, counted, read, and nobody else's."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from html import unescape
from threading import Thread
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest

from mingcha.desk.notices.deadlines import look_ahead
from mingcha.desk.notices.events import EVENTS, GROUPS, MOVED, OFFICE, sentence
from mingcha.desk.notices.posting import post, recount, tidy
from mingcha.desk.notices.telling import tell, tell_each
from mingcha.desk.review.actions import Chosen, move
from mingcha.desk.review.actors import Actor
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.procedure.review import MOVES
from mingcha.terms.calendar import today
from tests.desk.factories import AREA, OTHER_AREA, Audits, flag

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow

Visit = Callable[[str | None], "Client"]
SHOWN = re.compile(r'title="扣款单 KK(\d+) 已签发"')
REVIEWER, HOSPITAL = Actor("reviewer", "reviewer"), Actor("provider", "provider")


@pytest.fixture
def ten(audits: Audits) -> Audits:
    """Ten findings before the first review: seven of H1, three of H2 in another area."""
    here, there = {"provider": "H1"}, {"provider": "H2", "fund_area": OTHER_AREA, "care_area": OTHER_AREA}
    audits.record([flag(f"L{n}", key=f"V{n}", **(here if n < 7 else there)) for n in range(10)])
    return audits


def moved(home: Home, name: str, actor: Actor, condition: str = "true") -> int:
    """Move all findings of a condition as the desk's role would."""
    with connect(home, "app") as app, psycopg.ClientCursor(app) as cursor:
        scope = {"provider": ""}.get(actor.role, "*")
        cursor.execute("SELECT set_config('mingcha.scope', %s, true), set_config('mingcha.provider', %s, true)",
                       [scope, "H1" if actor.role == "provider" else ""])  # fmt: skip
        return move(cursor, actor=actor, name=name, chosen=Chosen(condition, {}), token=uuid4(), reason="理由").moved


def told(job: psycopg.Connection) -> list[tuple[Any, ...]]:
    """Recipient, event and number of every notice."""
    return job.execute("SELECT recipient, event, n FROM notice ORDER BY 1, 2, 3").fetchall()


def counted(job: psycopg.Connection) -> dict[str, int]:
    """What the kept counters say, those above zero."""
    return dict(job.execute("SELECT account, unread FROM notice_count WHERE unread > 0").fetchall())


def recounted(job: psycopg.Connection) -> dict[str, int]:
    """The same, counted anew."""
    return dict(job.execute("SELECT recipient, count(*) FROM notice WHERE read_at IS NULL GROUP BY 1").fetchall())


@pytest.mark.usefixtures("django_desk", "ten")
def test_many_findings_are_one_notice(home: Home, job: psycopg.Connection) -> None:
    assert moved(home, "adopt", REVIEWER) == 10
    assert job.execute("SELECT event, provider, n FROM notice_told ORDER BY n").fetchall() == [
        ("findings-waiting", "H2", 3), ("findings-waiting", "H1", 7),
    ]  # fmt: skip
    assert post(home) == 2
    assert told(job) == [("provider", "findings-waiting", 7)], "H2 has no account"
    assert counted(job) == {"provider": 1}
    assert post(home) == 0


@pytest.mark.usefixtures("django_desk", "ten")
def test_what_follows_within_the_window_is_folded(home: Home, job: psycopg.Connection) -> None:
    for number in ("L1", "L2", "L3"):
        moved(home, "adopt", REVIEWER, f"f.line = '{number}'")
        post(home)
    found = job.execute("SELECT n, count(*) OVER (), at >= first_at FROM notice WHERE recipient = 'provider'").fetchall()
    # The clock may pass from one half hour into the next: then it is two notices, and the sum is the same.
    assert sum(n for n, _, _ in found) == 3
    assert len(found) <= 2
    assert all(later for _, _, later in found)
    assert counted(job) == recounted(job)


@pytest.mark.usefixtures("django_desk", "ten")
def test_an_act_that_fails_tells_nobody(home: Home, job: psycopg.Connection) -> None:
    with connect(home, "app") as app, psycopg.ClientCursor(app) as cursor:
        cursor.execute("SELECT set_config('mingcha.scope', '*', true)")
        move(cursor, actor=REVIEWER, name="adopt", chosen=Chosen("true", {}), token=uuid4())
        app.rollback()
    token = uuid4()
    for _ in range(2):  # pressed twice: the same form
        with connect(home, "app") as app, psycopg.ClientCursor(app) as cursor:
            cursor.execute("SELECT set_config('mingcha.scope', '*', true)")
            move(cursor, actor=REVIEWER, name="adopt", chosen=Chosen("f.provider = 'H1'", {}), token=token)
    post(home)
    assert told(job) == [("provider", "findings-waiting", 7)]


@pytest.mark.usefixtures("django_desk", "ten")
def test_an_appeal_reaches_the_posts_of_its_area(home: Home, job: psycopg.Connection) -> None:
    moved(home, "adopt", REVIEWER, "f.provider = 'H1'")
    moved(home, "appeal", HOSPITAL)
    post(home)
    reached = {who for who, event, _ in told(job) if event == "appeals-came"}
    assert reached == {"supervisor", "reviewer", "county", "city"}, "neither another area nor another post"


@pytest.mark.usefixtures("django_desk", "ten")
def test_who_stands_in_is_told_too(people: Callable[..., Any], home: Home, job: psycopg.Connection) -> None:
    lender, delegate = people("lin", "leader"), people("song", "knowledge")
    with connect(home, "owner") as owner:
        owner.execute("INSERT INTO delegation (lender_id, delegate_id, since, until, reason) VALUES (%s, %s, %s, %s, 'x')",
                      [lender.pk, delegate.pk, today(), today()])  # fmt: skip
    with connect(home, "app") as app:
        tell(app.cursor(), "final-waits", by="x", area=AREA)
    post(home)
    assert {who for who, _, _ in told(job)} == {"leader", "lin", "song"}


@pytest.mark.usefixtures("django_desk")
def test_nobody_is_told_of_the_own_act(home: Home, job: psycopg.Connection) -> None:
    with connect(home, "app") as app:
        tell(app.cursor(), "connection-problem", by="admin", area=AREA, subject="H1", code="H1", name="麟游县医院")
        tell_each(app.cursor(), "assigned", by="leader", given={"reviewer": 3, "supervisor": 0})
    post(home)
    assert {(who, event) for who, event, _ in told(job)} == {
        ("supervisor", "connection-problem"), ("county", "connection-problem"), ("city", "connection-problem"),
        ("reviewer", "assigned"),
    }  # fmt: skip


@pytest.mark.usefixtures("django_desk")
def test_read_and_told_again_it_begins_anew(home: Home, job: psycopg.Connection, visit_as: Visit) -> None:
    client = visit_as("reviewer")
    for n in (12, 3):
        with connect(home, "app") as app:
            tell_each(app.cursor(), "assigned", by="leader", given={"reviewer": n})
        # Both within one window, whatever the clock says.
        job.execute("UPDATE notice_told SET at = date_bin('30 min', now(), timestamptz '2020-01-01 00:00+08')")
        post(home)
        assert job.execute("SELECT n FROM notice WHERE read_at IS NULL").fetchall() == [(n,)]
        assert 'aria-label="通知，1 条未读"' in client.get("/notices").content.decode()
        client.post("/notices/read", {"all": "1"})
        assert counted(job) == recounted(job) == {}
    assert job.execute("SELECT count(*) FROM notice").fetchone() == (1,)


def test_opening_leads_there_and_counts_as_read(home: Home, job: psycopg.Connection, visit_as: Visit) -> None:
    client = visit_as("provider")
    with connect(home, "app") as app:
        tell(app.cursor(), "findings-waiting", by="reviewer", area=AREA, provider="H1", n=12)
    post(home)
    page = client.get("/notices").content.decode()
    assert "12 条疑点待反馈" in page
    (number,) = job.execute("SELECT id FROM notice").fetchone() or (0,)
    for name in ("supervisor", "reviewer"):
        assert visit_as(name).post(f"/notices/{number}/open").status_code == 404
        visit_as(name).post("/notices/read", {"number": number})
        visit_as(name).post("/notices/read", {"all": "1"})
    assert counted(job) == {"provider": 1}
    answer = client.post(f"/notices/{number}/open")
    assert answer.headers["Location"] == "/portal?tab=notified"
    assert client.post(f"/notices/{number}/open").status_code == 302, "a second press harms nothing"
    assert counted(job) == {}
    assert "没有未读的通知" in client.get("/notices").content.decode()
    assert "12 条疑点待反馈" in client.get("/notices?tab=all").content.decode()


def test_bad_addresses_are_pages_all_the_same(visit_as: Visit) -> None:
    client = visit_as("reviewer")
    for query in ("?tab=x&group=y", "?after=x", "?after=999999999999999999999999", "?before=0"):
        assert client.get(f"/notices{query}").status_code == 200
    answer = client.post("/notices/read", {"number": ["x", "-1", "99999999999999999999"], "back": "https://evil.example/"})
    assert answer.headers["Location"] == "/notices"


def test_pages_go_back_and_forth(home: Home, job: psycopg.Connection, visit_as: Visit) -> None:
    job.execute(
        "INSERT INTO notice (recipient, event, subject, slot, n, detail, first_at, at)"
        " SELECT 'provider', 'statement-issued', 's' || i, now(), 1, jsonb_build_object('number', 'KK' || (10000 + i)),"
        " now(), now() FROM generate_series(1, 120) i"
    )
    client, seen, query = visit_as("provider"), list[str](), ["?tab=all"]
    while query:
        page = client.get(f"/notices{query[0]}").content.decode()
        seen += SHOWN.findall(page)
        query = [unescape(one) for one in re.findall(r'href="([^"]*after=\d+)"', page)]
    assert seen == [str(10000 + n) for n in range(120, 0, -1)]
    (back,) = re.findall(r'href="([^"]*before=\d+)"', page)
    assert SHOWN.findall(client.get(f"/notices{unescape(back)}").content.decode()) == seen[50:100]
    assert "没有这样的通知" in client.get("/notices?group=本人").content.decode()


@pytest.mark.usefixtures("django_desk")
def test_counters_hold_whatever_happens_at_once(home: Home, job: psycopg.Connection) -> None:
    draw = random.Random(11)
    names = ["reviewer", "supervisor", "leader", "county"]

    def tells() -> None:
        with connect(home, "app", autocommit=True) as app:
            for _ in range(15):
                given = {name: draw.randint(1, 9) for name in draw.sample(names, 3)}
                tell_each(app.cursor(), draw.choice(["assigned", "cases-given"]), by="x", given=given)

    def reads(name: str) -> None:
        from mingcha.desk.notices.actions import read

        with connect(home, "app", autocommit=True) as app:
            for _ in range(15):
                with app.transaction():
                    app.execute("SELECT set_config('mingcha.account', %s, true)", [name])
                    read(app.cursor(), None)

    def posts() -> None:
        for _ in range(15):
            post(home)

    threads = [Thread(target=posts), Thread(target=posts), Thread(target=tells), Thread(target=tells),
               *(Thread(target=reads, args=[name]) for name in names)]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    post(home)
    assert counted(job) == recounted(job)
    assert job.execute("SELECT count(*) FROM notice_told WHERE posted_at IS NULL").fetchone() == (0,)


@pytest.mark.usefixtures("django_desk")
def test_killed_while_posting_nothing_is_lost_and_nothing_is_twice(home: Home, job: psycopg.Connection) -> None:
    draw, rows = random.Random(5), 3_000
    with connect(home, "app") as app:
        for _ in range(rows // 300):
            for account in ("reviewer", "supervisor", "leader"):
                app.execute("INSERT INTO notice_told (event, account, subject, by) SELECT 'assigned', %s, 's' || i %% 40, 'x'"
                            " FROM generate_series(1, 100) i", [account])  # fmt: skip
    environment = os.environ | {"MINGCHA_HOME": str(home.path), "MINGCHA_DESK_ROLE": "app"}
    for _ in range(6):
        process = subprocess.Popen([sys.executable, "-m", "mingcha.desk.notices.sending"], env=environment)
        with suppress(subprocess.TimeoutExpired):
            process.wait(draw.uniform(0.8, 2.5))
        process.kill()
        process.wait()
    post(home)
    sums = dict(job.execute("SELECT recipient, sum(n)::int FROM notice GROUP BY 1").fetchall())
    assert sums == dict.fromkeys(("reviewer", "supervisor", "leader"), rows // 3)
    assert counted(job) == recounted(job)


def test_a_person_sees_and_changes_only_the_own(home: Home, job: psycopg.Connection) -> None:
    job.execute("INSERT INTO notice (recipient, event, slot, n, first_at, at) VALUES ('reviewer', 'assigned', now(), 1,"
                " now(), now())")  # fmt: skip
    with connect(home, "app") as app:
        app.execute("SELECT set_config('mingcha.scope', '*', true), set_config('mingcha.account', 'leader', true)")
        assert app.execute("SELECT count(*) FROM notice").fetchone() == (0,)
        assert app.execute("UPDATE notice SET read_at = now()").rowcount == 0
        for statement in ("SELECT * FROM notice_told", "DELETE FROM notice", "UPDATE notice SET n = 9",
                          "INSERT INTO notice_told (event, area, by, once) VALUES ('x', '*', 'x', 'x')"):  # fmt: skip
            with pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
                app.execute(statement.encode())


def test_a_list_of_many_is_read_from_an_index(visit_as: Visit, home: Home, job: psycopg.Connection) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    job.execute("INSERT INTO notice (recipient, event, slot, n, first_at, at) SELECT 'p' || i % 500, 'assigned', s, 1, s, s"
                " FROM (SELECT i, now() - make_interval(mins => i) AS s FROM generate_series(1, 30000) i) x")  # fmt: skip
    job.execute("INSERT INTO notice_delivery (notice_id, recipient, channel, next_at) SELECT id, recipient, 'email', at"
                " FROM notice")  # fmt: skip
    with connect(home, "owner") as owner:
        owner.execute("ANALYZE notice; ANALYZE notice_delivery")
    client, asked = visit_as("reviewer"), list[str]()
    for address in ("/notices", "/notices?tab=all", "/notices?group=疑点&after=20000"):
        with CaptureQueriesContext(connection) as seen:
            client.get(address)
        asked += [one["sql"] for one in seen if " FROM notice " in one["sql"]]
    assert len(asked) == 3
    with connect(home, "app") as app:
        app.execute("SELECT set_config('mingcha.scope', '*', true), set_config('mingcha.account', 'reviewer', true)")
        for query in (*asked, "UPDATE notice SET read_at = now() WHERE recipient = facts.own_account() AND read_at IS NULL"):
            plan = "\n".join(row for (row,) in app.execute(f"EXPLAIN {query}".encode()).fetchall())
            assert "Seq Scan on notice " not in plan, plan
    due = "SELECT recipient FROM notice_delivery WHERE state IN ('waiting', 'sending') AND next_at <= now() - interval '1 year'"
    assert "Seq Scan" not in str(job.execute(f"EXPLAIN {due}".encode()).fetchall())


def test_old_notices_go_and_the_counters_follow(home: Home, job: psycopg.Connection) -> None:
    for days in (1, 400):
        job.execute("INSERT INTO notice (recipient, event, slot, n, first_at, at) SELECT 'reviewer', 'assigned', d, 1, d, d"
                    " FROM (SELECT now() - make_interval(days => %s) AS d) x", [days])  # fmt: skip
    job.execute("INSERT INTO notice_count VALUES ('reviewer', 2)")
    assert tidy(home, today()) == 1
    assert counted(job) == recounted(job) == {"reviewer": 1}


@pytest.mark.usefixtures("django_desk", "ten")
def test_terms_that_end_soon_are_told_once_a_day(home: Home, job: psycopg.Connection) -> None:
    moved(home, "adopt", REVIEWER, "f.provider = 'H1'")
    job.execute("DELETE FROM notice_told")
    with connect(home, "owner") as owner:
        owner.execute("SELECT set_config('mingcha.scope', '*', true)")
        owner.execute("UPDATE finding SET due = %s WHERE provider = 'H1'", [date(2026, 3, 9)])
        owner.execute("UPDATE finding SET due = %s, assignee = 'reviewer' WHERE provider = 'H2'", [date(2026, 3, 4)])
    days = [date(2026, 3, 4), date(2026, 3, 5), date(2026, 3, 5), date(2026, 3, 6), date(2026, 3, 7), date(2026, 3, 10)]
    assert [look_ahead(home, day) for day in days] == [1, 2, 0, 1, 0, 1], "a Saturday is quiet; lateness is told weekly"
    post(home)
    found = job.execute("SELECT recipient, event, n, detail->>'due' FROM notice ORDER BY id").fetchall()
    assert sorted(set(found)) == [
        ("provider", "findings-due", 7, "2026-03-09"), ("reviewer", "assigned-due", 3, "2026-03-04"),
        ("reviewer", "assigned-late", 3, None),
    ]  # fmt: skip


def test_a_lent_post_that_ends_is_told_to_both_once(django_desk: Home, job: psycopg.Connection) -> None:
    with connect(django_desk, "owner") as owner:
        owner.execute(
            "INSERT INTO delegation (lender_id, delegate_id, since, until, reason) SELECT l.id, d.id, %s, %s, '出差'"
            " FROM account l, account d WHERE l.username = 'leader' AND d.username = 'supervisor'",
            [date(2027, 3, 1), date(2027, 3, 9)],
        )
    try:
        told_now = [look_ahead(django_desk, day) for day in (date(2027, 3, 4), date(2027, 3, 8), date(2027, 3, 9))]
        assert told_now == [0, 2, 0]
        post(django_desk)
        found = job.execute("SELECT recipient, detail->>'until' FROM notice WHERE event = 'post-ends' ORDER BY 1").fetchall()
        assert found == [("leader", "2027-03-09"), ("supervisor", "2027-03-09")]
    finally:
        with connect(django_desk, "owner") as owner:
            owner.execute("DELETE FROM delegation WHERE since = '2027-03-01'")


def test_a_wrong_number_on_the_bell_is_put_right(
    ten: Audits, django_desk: Home, home: Home, job: psycopg.Connection
) -> None:
    moved(home, "adopt", REVIEWER)
    post(home)
    right = job.execute("SELECT account, unread FROM notice_count ORDER BY 1").fetchall()
    assert right and recount(home) == 0
    job.execute("UPDATE notice_count SET unread = unread + 7")
    job.execute("INSERT INTO notice_count VALUES ('nobody', 3)")
    assert recount(home) == len(right) + 1
    assert [row for row in job.execute("SELECT account, unread FROM notice_count ORDER BY 1") if row[1]] == right


def test_the_registry_is_whole() -> None:
    assert set(MOVED) <= set(MOVES)
    assert {event for events in MOVED.values() for event in events} <= set(EVENTS)
    for code, event in EVENTS.items():
        assert event.group in GROUPS, code
        assert event.roles or event.to != OFFICE, code
        assert not (event.roles and event.to == "provider"), code
        assert sentence(code, 1234567, {}).count("1,234,567") == event.zh.count("{n}"), code
        assert "{" not in sentence(code, 1, {}) + sentence(code, 1, {}, "en")


def test_every_notice_leads_to_a_page_its_readers_may_open(django_desk: Home) -> None:
    from mingcha.desk.accounts.models import Role
    from mingcha.desk.notices.queries import link
    from mingcha.desk.shell.permissions import may

    fields = {"statement": 1, "batch": 1, "document": 1, "code": "H1", "rule": "drug-for-children"}
    for code, event in EVENTS.items():
        at = link(code, fields)
        assert at != "/notices", code
        readers = event.roles or ({"provider": (Role.PROVIDER.value,)}.get(event.to, ()))
        assert [role for role in readers if not may(role, event.view)] == [], code
    assert link("gone", {}) == "/notices"
