"""The message of a call and its answer: sealed at rest, people masked, shown whole with a reason that stays."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from mingcha.desk.reminders.delivering import deliver
from mingcha.gate.service import Gate
from mingcha.home.directory import Home
from mingcha.knowledge.pack import load
from mingcha.knowledge.shipped import shipped_pack
from mingcha.records import exchanges
from mingcha.records.exchanges import Exchange, Exchanges
from tests.desk.factories import AREA, OTHER_AREA
from tests.desk.journals import HOSPITAL
from tests.gate import ask, message, published

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow

Visit = Callable[[str | None], "Client"]
NAME, NUMBER, PHONE = "欧阳明月", "610329198001019990", "13900008888"


def asked(number: str, area: str = AREA) -> dict[str, object]:
    told = message(number=number) | {"fixmedins_code": HOSPITAL, "mdtrtarea_admvs": AREA, "insuplc_admdvs": area}
    told["opter_name"] = f"电话{PHONE}"
    person = told["input"]["data"]["patient_dtos"][0]
    person |= {"patn_id": NUMBER, "patn_name": NAME, "poolarea": area}
    person["fsi_encounter_dtos"][0] |= {"medins_admdvs": AREA, "medins_id": HOSPITAL}
    return told



@pytest.fixture
def gate(home: Home) -> Iterator[Gate]:
    """A gate of the desk's own home that has answered four messages, two of them of people of other places."""
    exchanges._reader.cache_clear()
    for folder in (home.spool / "gate", home.gate):
        shutil.rmtree(folder, ignore_errors=True)
    published(home.path, load(shipped_pack()))
    gate = Gate(home, limit=30)
    assert ask(gate, "3101", asked("M1"))["infcode"] == 0
    assert ask(gate, "3101", asked("M2", OTHER_AREA))["infcode"] == 0
    broken = asked("M3")
    broken["input"]["data"]["patient_dtos"][0]["fsi_encounter_dtos"][0]["adm_date"] = "昨天"  # type: ignore[index]
    assert "adm_date" in ask(gate, "3101", broken)["err_msg"]
    stranger = message(number="M4") | {"fixmedins_code": "H99999999999"}
    assert ask(gate, "3101", stranger, local=False)["infcode"] == -1
    gate.close()
    deliver(home)
    yield gate
    exchanges._reader.cache_clear()
    for folder in (home.spool / "gate", home.gate):
        shutil.rmtree(folder, ignore_errors=True)


def at(job: psycopg.Connection, msgid: str) -> str:
    row = job.execute("SELECT id FROM reminder_call WHERE msgid = %s", [msgid]).fetchone()
    assert row is not None
    return f"/reminders/calls/{row[0]}"


def test_a_message_is_masked_until_somebody_says_why(gate: Gate, home: Home, visit_as: Visit, job: psycopg.Connection) -> None:
    client, page = visit_as("county"), at(job, "M1")
    masked = client.get(page).content.decode()
    assert "欧**月" in masked and "curr_mdtrt_id" in masked and "inf_refmsgid" in masked
    assert not any(word in masked for word in (NAME, NUMBER, PHONE, "1986-03-01"))
    assert client.post(f"{page}/unmask", {"reason": " "}).status_code == 409
    shown = client.post(f"{page}/unmask", {"reason": "核对接口问题"}).content.decode()
    assert all(word in shown for word in (NAME, NUMBER, PHONE, "1986-03-01"))
    assert NAME not in client.get(page).content.decode(), "the next view is masked again"
    (entry,) = job.execute("SELECT by, detail::text FROM trail WHERE action = 'reminders.unmask'").fetchall()
    assert entry[0] == "county" and json.loads(entry[1])["reason"] == "核对接口问题"
    kept = b"".join(file.read_bytes() for file in (home.gate / "exchanges").iterdir())
    assert len(kept) > 1000 and not any(word.encode() in kept for word in (NAME, NUMBER, "patn_name"))


def test_who_is_insured_elsewhere_stays_masked_and_other_areas_see_nothing(
    gate: Gate, visit_as: Visit, job: psycopg.Connection
) -> None:
    page = at(job, "M2")
    refused = visit_as("county").post(f"{page}/unmask", {"reason": "核实"})
    assert refused.status_code == 409 and NAME not in refused.content.decode()
    assert visit_as("elsewhere").get(at(job, "M1")).status_code == 404
    assert visit_as("elsewhere").post(f"{at(job, 'M1')}/unmask", {"reason": "核实"}).status_code == 404
    assert visit_as("county").get("/reminders/calls/999999").status_code == 404


def test_what_was_sent_back_is_in_the_log_with_the_reason(gate: Gate, visit_as: Visit, job: psycopg.Connection) -> None:
    client = visit_as("county")
    page = client.get(at(job, "M3")).content.decode()
    assert "已退回" in page and "adm_date 缺失或不是日期" in page and "昨天" in page
    listed = client.get("/reminders/calls?environment=all&refused=on").content.decode()
    assert "1 次被退回" in listed and at(job, "M3") in listed and at(job, "M1") not in listed
    assert job.execute("SELECT count(*) FROM reminder_call WHERE msgid = 'M4'").fetchone() == (0,), "strangers leave no trace"
    assert job.execute("SELECT sum(calls) FROM reminder_total").fetchone() == (2,)


def test_a_call_whose_message_is_gone_says_so(gate: Gate, home: Home, visit_as: Visit, job: psycopg.Connection) -> None:
    kept = job.execute("SELECT gate, number FROM reminder_call WHERE msgid = 'M1'").fetchone()
    assert kept is not None
    name = kept[0].rpartition("-")[0]
    assert exchanges.find(home, name, kept[1], HOSPITAL, "M1") is not None
    assert exchanges.find(home, name, kept[1], HOSPITAL, "M9") is None, "another message had this number before"
    shutil.rmtree(home.gate / "exchanges")
    exchanges._reader.cache_clear()
    assert "没有保存" in visit_as("county").get(at(job, "M2")).content.decode()


def one(number: int, size: int = 10) -> Exchange:
    import os

    return Exchange("g", number, "H1", f"M{number}", os.urandom(size), b"{}")


def test_the_store_is_bounded_in_bytes_days_and_haste(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "home", environ={})
    kept = Exchanges(home, days=7, megabytes=1)
    for number in range(60):
        kept.add(one(number, 50_000))
        kept.flush()
    there = [number for number in range(60) if exchanges_find(kept, number)]
    assert there == list(range(there[0], 60)) and 18 <= len(there) <= 21, "the oldest went"
    for number in range(100, 400):
        kept.add(one(number))
    kept.flush()
    most = 100 + exchanges._AT_ONCE
    assert exchanges_find(kept, most - 1) and not exchanges_find(kept, most), "in a crowd the log yields"
    kept._kept = -10.0  # everything is older than that
    kept.forget()
    assert not any(exchanges_find(kept, number) for number in range(400))
    kept.close()
    none = Exchanges(home, days=0)
    none.add(one(1))
    none.flush()
    assert not exchanges_find(none, 1)
    none.close()


def exchanges_find(kept: Exchanges, number: int) -> bool:
    """Whether it is there, asked of the open store: LMDB opens one place only once a process."""
    with kept._env.begin() as view:
        return view.get(exchanges._name("g", number), db=kept._messages) is not None
