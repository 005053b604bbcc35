"""A provider's acceptance page: virtual records as they came out, and what its own messages lack."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from mingcha.desk.reminders.delivering import deliver
from mingcha.engines.virtual import message, virtual
from mingcha.gate.service import Gate
from mingcha.home.directory import Home
from mingcha.knowledge.bundle import publish
from mingcha.knowledge.library import Library
from mingcha.knowledge.pack import load
from mingcha.knowledge.shipped import shipped_pack
from tests.desk.factories import AREA
from tests.desk.journals import HOSPITAL, at, call, write

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow

Visit = Callable[[str | None], "Client"]
AT = f"/onboarding/providers/{HOSPITAL}/acceptance"


@pytest.fixture
def county(visit_as: Visit, home: Home) -> Iterator[Client]:
    """Someone who let the hospital in."""
    shutil.rmtree(home.spool / "gate", ignore_errors=True)
    client = visit_as("county")
    client.post("/onboarding/register", {"provider": HOSPITAL, "name": "麟游县医院", "area": AREA})
    yield client
    shutil.rmtree(home.spool / "gate", ignore_errors=True)


def states(text: str) -> tuple[int, int, int, int]:
    """How many virtual visits came out well, silent, wrongly reminded, unsent."""
    return tuple(text.count(f">{words}</span>") for words in ("已提醒", "没有提醒", "误提醒", "没有发送"))  # type: ignore[return-value]


def test_what_came_of_each_virtual_record(county: Client, home: Home) -> None:
    pack = load(shipped_pack())
    publish(home, Library.of(pack), "2026-01-01T00:00:00+08:00", (), {})
    home.gate.mkdir(exist_ok=True)
    before = county.get(AT).content.decode()
    assert "还没有收到虚拟病历" in before and states(before)[0] == 0
    file: Any = county.get(AT.replace("acceptance", "virtual.json")).json()
    records = virtual(pack).records
    hits = sum(record.hit for record in records)
    assert len(file) == len(records) and {one["message"]["fixmedins_code"] for one in file} == {HOSPITAL}
    gate = Gate(home, limit=30)

    def send(told: dict[str, Any]) -> None:
        body = json.dumps(told, ensure_ascii=False).encode()
        answer = asyncio.run(gate.transaction(told["infno"], body, {}, True, time.perf_counter()))
        assert json.loads(answer)["infcode"] == 0

    by_sex = next(r for r in records if r.rule.id == "service-by-sex" and r.hit)
    for one in file:
        if one["message"]["msgid"].endswith(by_sex.number):
            one["message"]["input"]["data"]["patient_dtos"][0]["gend"] = ""
        if one["rule_id"] != "drug-for-children":
            send(one["message"])
    gate.journal.flush()
    deliver(home)
    text = county.get(AT).content.decode()
    assert states(text) == (hits - 2, 1, 0, 2)
    assert "1 条应提醒而没有" in text
    send(message(by_sex, HOSPITAL, AREA, number="again"))
    gate.journal.flush()
    deliver(home)
    assert states(county.get(AT).content.decode()) == (hits - 1, 0, 0, 2), "the last call about a visit counts"
    gate.close()
    assert re.findall(r"<b>(\d+)</b><span>触发提醒", county.get("/reminders").content.decode()) == ["0"], "none is production"
    assert "还没有自有调用" in text


def test_what_its_own_messages_lack(county: Client, home: Home) -> None:
    one = call()["asked"][0]
    bad = [one | {"blank": ["gend", "rxno"], "unknown": ["med_type=99"], "lacking": [["service-by-sex", "sex"]]}]
    virtual_one = [one | {"visit": "XN0123456789ABH", "blank": ["brdy"]}]
    write(home, [call(asked=bad), call(asked=bad, at=at(0.1)), call(), call(asked=virtual_one)])
    deliver(home)
    assert deliver(home, again=True).calls == 0
    text = county.get(AT).content.decode()
    assert "2 个字段有空缺" in text and "出生日期</td>" not in text
    assert re.search(r'<td class="code">gend</td><td>性别</td><td class="n">2</td><td class="n">66.7%', text)
    assert '<td class="code">99</td>' in text and "1 处让规则无法判断" in text
    assert "自有调用 3 次" in text


def test_of_another_area_there_is_none(county: Client, visit_as: Visit) -> None:
    for at_page in (AT, AT.replace("acceptance", "virtual.json")):
        assert visit_as("elsewhere").get(at_page).status_code == 404
