"""How an area reviews is set at the desk, from a day on, within the own areas, and what runs keeps its last day."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from mingcha.desk.audit.terms import Terms, terms_of
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.procedure.review import DAYS
from mingcha.terms.calendar import after_working_days, today
from tests.desk.factories import AREA, OTHER_AREA, Audits, flag

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow

FORM: dict[str, Any] = {f"days-{step}": days for step, days in DAYS.items()} | {
    "area": AREA, "staffing": "small", "panel": 5, "off": "", "on": "", "since": str(today()), "reason": "两人办公",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _afterwards(desk_home: Home) -> Iterator[None]:
    yield
    with connect(desk_home, "owner") as owner:
        owner.execute("SELECT set_config('mingcha.scope', '*', true)")
        owner.execute("DELETE FROM facts.setting WHERE key = 'review'")


def test_what_is_set_holds_from_its_day_on(
    audits: Audits, visit_as: Callable[[str | None], Client], job: psycopg.Connection
) -> None:
    audits.record([flag("L1")])
    client, before = visit_as("county"), today() + timedelta(days=40)
    off = [after_working_days(today(), n).isoformat() for n in (1, 2)]
    told = FORM | {"days-first": 3, "off": "、".join(off), "on": f"{before}"}
    assert client.post(f"/review/terms?area={AREA}", told).status_code == 302
    held = _held(job, AREA)
    assert (held.staffing, held.panel, held.days["first"], held.days["final"]) == ("small", 5, 3, DAYS["final"])
    assert {str(day): works for day, works in held.calendar.items()} == {**dict.fromkeys(off, False), str(before): True}
    audits.record([flag("L1"), flag("L2")])
    dues = job.execute("SELECT line, due FROM finding ORDER BY line").fetchall()
    assert dues == [("L1", after_working_days(today(), 5)), ("L2", after_working_days(today(), 5))], "3 days, 2 of them off"
    assert _held(job, OTHER_AREA).staffing == "full"

    later = FORM | {"days-first": 9, "since": str(today() + timedelta(days=1))}
    client.post(f"/review/terms?area={AREA}", later)
    assert _held(job, AREA).days["first"] == 3, "not before its day"
    page = client.get(f"/review/terms?area={AREA}").content.decode()
    assert "设定过 2 次" in page and 'name="days-first" value="3"' in page
    entries = job.execute("SELECT by, detail FROM trail WHERE action = 'review.terms' ORDER BY id").fetchall()
    assert [by for by, _ in entries] == ["county", "county"]
    assert entries[0][1]["old"] is None and entries[1][1]["old"]["days"]["first"] == 3
    assert entries[0][1]["reason"] == "两人办公" and json.loads(json.dumps(entries[0][1]["new"]))["panel"] == 5


def _held(job: psycopg.Connection, area: str) -> Terms:
    with job.cursor() as cursor:
        return terms_of(cursor, area)


@pytest.mark.parametrize(("wrong", "words"), [
    ({"days-first": "1.5"}, "待初审”的期限"), ({"days-panel": "999"}, "待合议”的期限"), ({"panel": "4"}, "合议人数"),
    ({"staffing": "none"}, "人员配置"), ({"off": "1月4日"}, "“1月4日”不是"), ({"since": "2020-01-01"}, "不能早于今天"),
    ({"reason": " "}, "请写明理由"), ({"area": OTHER_AREA}, "自己辖区"), ({"area": "*"}, "自己辖区"),
    ({"area": "610399"}, "自己辖区"),
])  # fmt: skip
def test_what_cannot_be_set_says_why(
    wrong: dict[str, str], words: str, home: Home, visit_as: Callable[[str | None], Client], job: psycopg.Connection
) -> None:
    answer = visit_as("county").post("/review/terms", FORM | wrong)
    assert answer.status_code == 409 and words in answer.content.decode()
    assert job.execute("SELECT count(*) FROM facts.setting WHERE key = 'review'").fetchone() == (0,)
