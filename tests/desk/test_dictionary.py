"""Codes that no list knows: noted with who sent them, told of by an area, and read so by running gates."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from mingcha.desk.onboarding.publication import aliases_spelt_out
from mingcha.desk.reminders.delivering import deliver
from mingcha.gate.service import Gate
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.knowledge import bundle
from mingcha.knowledge.bundle import Alias
from mingcha.knowledge.pack import load
from mingcha.knowledge.shipped import shipped_pack
from tests.desk.factories import AREA, OTHER_AREA
from tests.desk.journals import HOSPITAL
from tests.gate import ask, message, order, published

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow

Visit = Callable[[str | None], "Client"]
AT, SAY = "/onboarding/dictionary", "/onboarding/dictionary/say"


@pytest.fixture
def gate(home: Home) -> Iterator[Gate]:
    for folder in (home.spool / "gate", home.spool / "intake", home.gate):
        shutil.rmtree(folder, ignore_errors=True)
    published(home.path, load(shipped_pack()))
    made = Gate(home, limit=30)
    yield made
    made.close()
    for folder in (home.spool / "gate", home.spool / "intake", home.gate):
        shutil.rmtree(folder, ignore_errors=True)


def asked(number: str, *orders: dict[str, Any], gend: Any = "2", **visit: Any) -> dict[str, Any]:
    told = message(number=number, orders=list(orders), medins_admdvs=AREA, medins_id=HOSPITAL, **visit)
    told |= {"fixmedins_code": HOSPITAL, "mdtrtarea_admvs": AREA, "insuplc_admdvs": AREA}
    told["input"]["data"]["patient_dtos"][0] |= {"poolarea": AREA, "gend": gend}
    return told


def say(client: Client, status: int = 302, **change: str) -> str:
    told = {"area": AREA, "field": "gend", "code": "F", "national": "2", "reason": "本地代码表", **change}
    answer = client.post(SAY, told)
    assert answer.status_code == status, answer.content.decode()
    return answer.content.decode()


def test_an_unknown_code_is_noted_told_of_and_understood(
    gate: Gate, home: Home, visit_as: Visit, job: psycopg.Connection
) -> None:
    county = visit_as("county")
    rule = next(one for one in load(shipped_pack()).rules if one.id == "service-by-sex")
    item = next(row.item for row in rule.knowledge if row.values["sex"] == "1" and row.valid_to is None)
    silent = ask(gate, "3101", asked("M1", order("R1", item, hilist_lv="甲"), gend="F"))["output"]
    assert silent["result"] == [] and silent["exp_content"]["unchecked"], "nobody knows what F stands for"
    time.sleep(0.002)  # the journal tells milliseconds, and an answer takes less than one
    ask(gate, "3101", asked("M2", order("R1", item), gend="F", med_type="51", insutype=310))
    gate.journal.flush()
    deliver(home)
    gaps = job.execute("SELECT name, calls, first_at < last_at, call IS NOT NULL FROM reminder_gap"
                       " WHERE kind = 'unknown' ORDER BY name").fetchall()  # fmt: skip
    assert gaps == [("gend=F", 2, True, True), ("hilist_lv=甲", 1, False, True)]
    page = county.get(AT).content.decode()
    assert "2 处代码" in page and "性别" in page and "M2" in page and HOSPITAL in page
    assert "2 处代码" not in visit_as("elsewhere").get(AT).content.decode()
    say(county)
    gate.renew()
    (told,) = ask(gate, "3101", asked("M3", order("R1", item), gend="F"))["output"]["result"]
    assert told["rule_id"] == "service-by-sex", "the gate reads F as a woman now"
    gate.journal.flush()
    deliver(home)
    assert job.execute("SELECT calls FROM reminder_gap WHERE name = 'gend=F'").fetchone() == (2,), "no gap any longer"
    assert county.get(AT).content.decode().count('<span class="state done">已对照') == 1
    assert "本地代码表" in county.get(f"{AT}?tab=told").content.decode()


def test_what_is_taken_in_is_looked_through_too(gate: Gate, home: Home, job: psycopg.Connection) -> None:
    sale = {"fixmedins_code": HOSPITAL, "med_list_codg": "XA1", "medListCodg": "", "rx_flag": "7", "inv_chg_type": 108}
    told = {"infno": "3505", "msgid": "S1", "fixmedins_code": HOSPITAL, "mdtrtarea_admvs": AREA, "input": {"selinfo": sale}}
    assert ask(gate, "3505", told)["infcode"] == 0
    gate.journal.flush()
    deliver(home)
    assert job.execute("SELECT name, care_area FROM reminder_gap").fetchall() == [("rx_flag=7", AREA)]
    assert job.execute("SELECT infno, msgid FROM reminder_call").fetchall() == [("3505", "S1")]
    assert job.execute("SELECT coalesce(sum(calls), 0) FROM reminder_total").fetchone() == (0,), "it asked nothing"


def test_an_entry_is_checked_replaced_and_taken_back(gate: Gate, home: Home, visit_as: Visit) -> None:
    county = visit_as("county")
    assert "不在“性别”的代码表里" in say(county, 409, national="8")
    assert "请选择字段" in say(county, 409, field="hilist_code")
    assert "请选择字段" in say(county, 409, code=" ")
    assert "理由" in say(county, 409, reason=" ")
    assert "辖区" in say(county, 409, area=OTHER_AREA)
    assert "辖区" in say(county, 409, area="*")
    assert bundle.current(home).aliases == ()
    say(county)
    say(county, national="1")
    say(county, code="9999", field="med_type", national="")
    assert set(bundle.current(home).aliases) == {Alias("gend", AREA, "F", "1"), Alias("med_type", AREA, "9999", "")}
    with connect(home, "job") as pg:
        ended, held, _ = [number for (number,) in pg.execute("SELECT id FROM code_alias ORDER BY id")]
    assert visit_as("elsewhere").post(f"{AT}/{held}/unsay", {"reason": "x"}).status_code == 404
    assert county.post(f"{AT}/{ended}/unsay", {"reason": "x"}).status_code == 409
    assert county.post(f"{AT}/{held}/unsay", {"reason": "写错了"}).status_code == 302
    assert bundle.current(home).aliases == (Alias("med_type", AREA, "9999", ""),)


def test_what_an_area_says_holds_below_until_one_says_otherwise() -> None:
    parents = {"610000": None, "610300": "610000", "610329": "610300", "620000": None}
    told = [("gend", "F", "610000", "2"), ("gend", "F", "610329", "1"), ("reim_flag", "Y", "*", "1")]
    found = aliases_spelt_out(told, parents)
    assert {one.area: one.national for one in found if one.field == "gend"} == {"610000": "2", "610300": "2", "610329": "1"}
    assert {one.area for one in found if one.field == "reim_flag"} == set(parents)
