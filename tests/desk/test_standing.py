"""Lending the post, recusal, and asking for another post."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest

from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.terms.calendar import today
from tests.desk.conftest import PASSWORD
from tests.desk.factories import AREA, OTHER_AREA, Audits, flag

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow

Visit = Callable[[str | None], "Client"]


def lend(client: Client, to: str, since: date, until: date, status: int = 302) -> None:
    told = {"to": to, "since": str(since), "until": str(until), "reason": "休假"}
    assert client.post("/me/lend", told).status_code == status


def move_days(home: Home, days: int) -> None:
    """As if the newest delegation had been made for other days."""
    with connect(home, "owner") as owner:
        owner.execute("UPDATE delegation SET since = since + %s, until = until + %s", [days, days])


def test_a_lent_post_opens_its_pages_and_says_for_whom(
    people: Any, audits: Audits, visit_as: Visit, home: Home, job: psycopg.Connection
) -> None:
    audits.record([flag("L1")])
    people("away", "supervisor")
    people("helper", "knowledge")
    away, helper = visit_as("away"), visit_as("helper")
    assert helper.get("/findings/export").status_code == 403
    lend(away, "helper", today(), today() + timedelta(days=3))
    answer = helper.get("/findings/export")
    assert answer.status_code == 200
    answer.close()
    away.get("/findings/export").close()
    assert helper.get("/library").status_code == 200
    told = job.execute("SELECT by, detail->>'for' FROM trail WHERE action = 'findings.export' ORDER BY id").fetchall()
    assert told == [("helper", "away"), ("away", None)]
    for days in (1, -9):
        move_days(home, days)
        assert helper.get("/findings/export").status_code == 403, "not the days it was lent for"
    assert "代 <b>新人</b>" in helper.get("/me").content.decode()


@pytest.mark.parametrize("change", ["is_active = false", f"scope = '{OTHER_AREA}'", "role = 'knowledge'"])
def test_a_lent_post_ends_with_what_it_rests_on(people: Any, visit_as: Visit, home: Home, change: str) -> None:
    people("away", "supervisor")
    people("helper", "knowledge")
    lend(visit_as("away"), "helper", today(), today())
    helper = visit_as("helper")
    assert helper.get("/recusals").status_code == 200
    with connect(home, "owner") as owner:
        owner.execute(f"UPDATE account SET {change} WHERE username = 'away'".encode())
    assert helper.get("/recusals").status_code == 403


def test_taken_back_it_ends_at_once_and_only_by_its_lender(
    people: Any, visit_as: Visit, job: psycopg.Connection
) -> None:
    people("away", "supervisor")
    people("helper", "knowledge")
    away, helper = visit_as("away"), visit_as("helper")
    lend(away, "helper", today(), today())
    (number,) = job.execute("SELECT id FROM delegation").fetchone() or (0,)
    assert helper.post(f"/me/lend/{number}/end").status_code == 404
    assert away.post(f"/me/lend/{number}/end").status_code == 302
    assert helper.get("/recusals").status_code == 403
    assert away.post(f"/me/lend/{number}/end").status_code == 409
    lend(away, "helper", today(), today())
    told = job.execute("SELECT event, account, detail->>'who' FROM notice_told ORDER BY id").fetchall()
    assert told == [(event, "helper", "新人") for event in ("post-lent", "post-returned", "post-lent")]


def test_what_cannot_be_lent(people: Any, visit_as: Visit, job: psycopg.Connection) -> None:
    people("away", "supervisor")
    people("helper", "knowledge")
    people("outsider", "expert")
    people("stranger", "knowledge", OTHER_AREA)
    away, now = visit_as("away"), today()
    for to in ("stranger", "outsider", "away", "admin", ""):
        lend(away, to, now, now, 409)
    lend(away, "helper", now, now + timedelta(days=60), 409)
    lend(away, "helper", now - timedelta(days=1), now, 409)
    lend(away, "helper", now + timedelta(days=1), now, 409)
    lend(away, "helper", now, now + timedelta(days=59))
    lend(away, "helper", now + timedelta(days=59), now + timedelta(days=61), 409)
    assert visit_as("outsider").post("/me/lend", {"to": "helper"}).status_code == 403
    assert job.execute("SELECT count(*) FROM trail WHERE action = 'delegation.lend'").fetchone() == (1,)


def test_a_post_is_lent_to_one_of_two_at_once(people: Any, visit_as: Visit, job: psycopg.Connection) -> None:
    from django.db import connections

    people("away", "supervisor")
    for name in ("one", "two"):
        people(name, "knowledge")
    clients, ready, answers = {name: visit_as("away") for name in ("one", "two")}, Barrier(2), []

    def try_it(to: str) -> None:
        ready.wait()
        told = {"to": to, "since": str(today()), "until": str(today()), "reason": "休假"}
        answers.append(clients[to].post("/me/lend", told).status_code)
        connections.close_all()

    threads = [Thread(target=try_it, args=(name,)) for name in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [302, 409]
    assert job.execute("SELECT count(*) FROM delegation").fetchone() == (1,)


def test_a_lent_post_is_not_lent_on(people: Any, visit_as: Visit) -> None:
    from mingcha.desk.accounts.delegations import lenders

    away, helper, third = people("away", "leader"), people("helper", "reviewer"), people("third", "supervisor")
    lend(visit_as("away"), "helper", today(), today())
    lend(visit_as("helper"), "third", today(), today())
    assert (lenders(helper), lenders(third), lenders(away)) == ([away], [helper], [])


def test_recusal_holds_for_its_days_and_leaders_see_it(
    people: Any, visit_as: Visit, home: Home, job: psycopg.Connection
) -> None:
    from mingcha.desk.accounts.recusals import recused

    job.execute("INSERT INTO provider_directory (provider, name, area) VALUES ('H1', '麟游县医院', %s)", [AREA])
    account = people("lijing")
    people("other")
    client = visit_as("lijing")
    told = {"provider": "H1", "since": str(today()), "until": "", "reason": "配偶在该院任职"}
    assert client.post("/me/recusals", told).status_code == 302
    for wrong in ({"provider": "H999"}, {"reason": ""}, {"since": "soon"}, {"until": "2020-01-01"}):
        assert client.post("/me/recusals", told | wrong).status_code == 409
    assert recused(account, "H1") and not recused(account, "H2")
    assert "配偶在该院任职" in visit_as("county").get("/recusals").content.decode()
    assert "配偶在该院任职" not in visit_as("elsewhere").get("/recusals").content.decode()
    (number,) = job.execute("SELECT id FROM recusal").fetchone() or (0,)
    assert visit_as("other").post(f"/me/recusals/{number}/end", {"until": str(today())}).status_code == 404
    yesterday = {"until": str(today() - timedelta(days=1))}
    assert client.post(f"/me/recusals/{number}/end", yesterday).status_code == 409
    assert client.post(f"/me/recusals/{number}/end", {"until": str(today())}).status_code == 302
    assert recused(account, "H1"), "its last day"
    with connect(home, "owner") as owner:
        owner.execute("UPDATE recusal SET since = since - 9, until = until - 1")
    assert not recused(account, "H1")
    done = job.execute("SELECT action FROM trail WHERE action LIKE 'recusal%' ORDER BY id").fetchall()
    assert done == [("recusal.declare",), ("recusal.end",)]


def test_who_keeps_away_from_a_provider_is_passed_over_in_review(
    people: Any, audits: Audits, visit_as: Visit, home: Home, job: psycopg.Connection
) -> None:
    people("lijing")
    audits.record([flag("L1"), flag("L2", provider="H2", key="H2|V1|L2")])
    job.execute("INSERT INTO provider_directory (provider, name, area) VALUES ('H1', '麟游县医院', %s)", [AREA])
    client, numbers = visit_as("lijing"), [one for (one,) in job.execute("SELECT id FROM finding").fetchall()]
    (kept,) = job.execute("SELECT id FROM finding WHERE provider = 'H1'").fetchone() or ("",)
    declared = {"provider": "H1", "since": str(today()), "until": "", "reason": "近亲属"}
    assert client.post("/me/recusals", declared).status_code == 302
    refused = client.post(f"/findings/{kept}/move", {"move": "adopt", "token": str(uuid4())})
    assert refused.status_code == 409 and "您已登记回避这家机构" in refused.content.decode()
    told = {"move": "adopt", "token": str(uuid4()), "number": numbers, "query": ""}
    assert client.post("/findings/move", told).status_code == 302
    steps = job.execute("SELECT provider, step FROM finding ORDER BY provider").fetchall()
    assert steps == [("H1", "first"), ("H2", "notified")]
    with connect(home, "owner") as owner:
        owner.execute("UPDATE recusal SET since = since - 9, until = since - 1")
    assert client.post(f"/findings/{kept}/move", {"move": "adopt", "token": str(uuid4())}).status_code == 302


def test_asked_on_the_forbidden_page_and_approved(people: Any, visit_as: Visit, job: psycopg.Connection) -> None:
    people("lijing", "knowledge")
    client, admin = visit_as("lijing"), visit_as("admin")
    page = client.get("/findings/export").content.decode()
    assert "监管岗、审核岗、分管领导" in page and 'action="/me/ask"' in page
    told = {"role": "reviewer", "scope": AREA, "reason": "顶岗审核"}
    assert client.post("/me/ask", told).status_code == 302
    assert client.post("/me/ask", told).status_code == 409, "one waits already"
    (number,) = job.execute("SELECT id FROM access_request").fetchone() or (0,)
    assert "顶岗审核" in admin.get("/accounts/requests").content.decode()
    assert admin.post(f"/accounts/requests/{number}", {"decision": "approve"}).status_code == 302
    assert "已同意" in client.get("/me").content.decode()
    told = job.execute("SELECT event, area, account, detail->>'answer' FROM notice_told ORDER BY id").fetchall()
    assert told == [("access-asked", AREA, None, None), ("access-decided", None, "lijing", "已同意")]
    answer = client.get("/findings/export")
    answer.close()
    assert answer.status_code == 200
    assert admin.post(f"/accounts/requests/{number}", {"decision": "decline", "answer": "不"}).status_code == 409
    ((detail,),) = job.execute("SELECT detail::text FROM trail WHERE action = 'account.change'").fetchall()
    assert json.loads(detail) == {
        "old": {"role": "knowledge"}, "new": {"role": "reviewer"}, "reason": "申请：顶岗审核"
    }  # fmt: skip


def test_declined_with_a_reason_and_decided_by_those_in_charge(
    people: Any, visit_as: Visit, job: psycopg.Connection
) -> None:
    people("lijing")
    people("countyadmin", "admin", AREA)
    people("faradmin", "admin", OTHER_AREA)
    client, county, far = visit_as("lijing"), visit_as("countyadmin"), visit_as("faradmin")
    for wrong in ({"role": "king"}, {"role": "provider"}, {"role": "reviewer"}, {"reason": ""}, {"scope": "nowhere"}):
        told = {"role": "leader", "scope": AREA, "reason": "晋升"} | wrong
        assert client.post("/me/ask", told).status_code == 409, wrong
    assert client.post("/me/ask", {"role": "leader", "scope": "610300", "reason": "晋升"}).status_code == 302
    (number,) = job.execute("SELECT id FROM access_request").fetchone() or (0,)
    at = f"/accounts/requests/{number}"
    assert "晋升" not in far.get("/accounts/requests").content.decode()
    assert far.post(at, {"decision": "approve"}).status_code == 404
    assert county.post(at, {"decision": "approve"}).status_code == 409, "wider than the administrator's own areas"
    assert county.post(at, {"decision": "decline", "answer": " "}).status_code == 409
    assert county.post(at, {"decision": "decline", "answer": "请向市局申请"}).status_code == 302
    assert "请向市局申请" in client.get("/me").content.decode()
    assert county.post("/me/ask", {"role": "leader", "scope": AREA, "reason": "想要"}).status_code == 302
    (own,) = job.execute("SELECT max(id) FROM access_request").fetchone() or (0,)
    for decision in ("approve", "decline"):
        answer = county.post(f"/accounts/requests/{own}", {"decision": decision, "answer": "好"})
        assert answer.status_code == 409, "nobody decides on the own request"
    assert PASSWORD not in client.get("/me").content.decode()
