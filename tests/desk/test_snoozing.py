"""Advice kept from somebody for a while: published, counted, never shown, over by itself, and nothing stronger hidden."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest

from mingcha.desk.reminders.delivering import deliver
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.knowledge import bundle
from mingcha.knowledge.bundle import Snooze
from mingcha.knowledge.library import Library
from mingcha.knowledge.pack import load
from mingcha.knowledge.shipped import shipped_pack
from mingcha.terms.calendar import today
from tests.desk.factories import AREA
from tests.desk.journals import HOSPITAL, at, call, feedback, reminder, write

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow

Visit = Callable[[str | None], "Client"]
ADVICE, DEFINITE = "exam-repeated-across-providers", "service-by-sex"
SET, LIST = "/onboarding/snoozes/set", "/onboarding/snoozes"


@pytest.fixture(autouse=True)
def gates(home: Home) -> Iterator[Home]:
    bundle.publish(home, Library.of(load(shipped_pack())), "2026-01-01T00:00:00+08:00", (), {})
    shutil.rmtree(home.spool / "gate", ignore_errors=True)
    yield home
    shutil.rmtree(home.spool / "gate", ignore_errors=True)


@pytest.fixture
def county(visit_as: Visit) -> Client:
    client = visit_as("county")
    assert client.post("/onboarding/register", {"provider": HOSPITAL, "name": "麟游县医院", "area": AREA}).status_code == 302
    return client


def snooze(client: Client, status: int = 302, days: int = 7, **change: str) -> str:
    told = {"rule": ADVICE, "provider": HOSPITAL, "practitioner": "D1", "reason": "复查较多",
            "until": (today() + timedelta(days=days)).isoformat(), **change}  # fmt: skip
    answer = client.post(SET, told)
    assert answer.status_code == status, answer.content.decode()
    return answer.content.decode()


def numbers(home: Home) -> list[int]:
    with connect(home, "job") as pg:
        return [number for (number,) in pg.execute("SELECT id FROM reminder_snooze ORDER BY id")]


def test_gates_know_a_snooze_until_it_is_ended(county: Client, visit_as: Visit, gates: Home, job: psycopg.Connection) -> None:
    snooze(county)
    until = (today() + timedelta(days=7)).isoformat()
    assert bundle.current(gates).snoozes == (Snooze(ADVICE, HOSPITAL, until, None, "D1"),)
    snooze(county, days=3)  # in place of the first
    (held,) = bundle.current(gates).snoozes
    assert held.until == (today() + timedelta(days=3)).isoformat()
    page = county.get(LIST).content.decode()
    assert "1 项提示正在暂停" in page and "复查较多" in page and "D1" in page
    first, second = numbers(gates)
    end = f"/onboarding/snoozes/{second}/end"
    assert visit_as("elsewhere").post(end, {"reason": "x"}).status_code == 404
    assert county.post(end, {"reason": " "}).status_code == 409
    assert county.post(end, {"reason": "恢复"}).status_code == 302
    assert bundle.current(gates).snoozes == ()
    assert county.post(end, {"reason": "再点一次"}).status_code == 409
    assert county.post(f"/onboarding/snoozes/{first}/end", {"reason": "x"}).status_code == 409
    assert "恢复" in county.get(f"{LIST}?tab=ended").content.decode()
    told = job.execute("SELECT action FROM trail WHERE action LIKE 'onboarding.snooze%' ORDER BY id").fetchall()
    assert [action for (action,) in told] == ["onboarding.snooze", "onboarding.snooze", "onboarding.snooze-ended"]


def test_what_cannot_be_snoozed_is_said(county: Client, visit_as: Visit, gates: Home) -> None:
    assert "30 天以内" in snooze(county, 409, days=31)
    assert "30 天以内" in snooze(county, 409, days=-1)
    assert "30 天以内" in snooze(county, 409, until="")
    assert "2026-11-22 这样" in snooze(county, 409, until="明天")
    assert "理由" in snooze(county, 409, reason="  ")
    assert "请选择规则" in snooze(county, 409, rule="no-rule")
    assert "须填理由" in snooze(county, 409, rule=DEFINITE)
    assert snooze(visit_as("elsewhere"), 404)
    strong = {"rule": ADVICE, "provider": HOSPITAL, "strength": "block", "reason": "局务会"}
    assert visit_as("knowledge-too").post("/onboarding/strengths/set", strong).status_code == 302
    assert "拦截" in snooze(county, 409)
    assert numbers(gates) == [] and bundle.current(gates).snoozes == ()


def test_snoozed_reminders_are_counted_apart_until_one_is_shown(county: Client, home: Home, job: psycopg.Connection) -> None:
    quiet = reminder("A", ADVICE, strength="advise", certainty="advisory", snoozed=True)
    write(home, [call(quiet, reminder("B")), call(quiet, at=at(0.9)), feedback("B")])
    deliver(home)
    total = "SELECT reminders FROM reminder_total"
    assert job.execute("SELECT number, snoozed, times FROM reminder ORDER BY 1").fetchall() == [("A", True, 2), ("B", False, 1)]
    assert job.execute("SELECT reminders FROM reminder_call ORDER BY id").fetchall() == [(1,), (0,)]
    assert job.execute(total).fetchone() == (1,)
    page = county.get("/reminders").content.decode()
    assert "另暂停 1" in page
    assert "已暂停<small>1</small>" in county.get("/reminders/list").content.decode()
    listed = county.get("/reminders/list").content.decode()
    assert "短期重复检查" not in listed.split("<tbody>")[1]
    assert "短期重复检查" in county.get("/reminders/list?tab=snoozed").content.decode().split("<tbody>")[1]
    assert county.get("/reminders/newest?after=0").content.decode().count("/reminders/") == 2  # itself, and B
    write(home, [call(reminder("A", ADVICE, strength="advise", certainty="advisory"), at=at(0.1))])
    deliver(home)
    assert job.execute("SELECT snoozed, times FROM reminder WHERE number = 'A'").fetchone() == (False, 3)
    assert job.execute(total).fetchone() == (2,)
    deliver(home, again=True)
    assert job.execute(total).fetchone() == (2,)
