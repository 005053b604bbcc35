"""Samples of settled visits: drawn once and again the same, given to experts, answered, and said of all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest
from python_calamine import CalamineWorkbook

from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.records.importing import Import
from mingcha.records.lake import Lake
from mingcha.records.mapping import NONE
from mingcha.terms.calendar import today
from tests.desk.factories import AREA, OTHER_AREA

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow

Visit = Callable[[str | None], "Client"]
HOSPITALS = ("H61032900801", "H61032900802", "H61032900803")
FORM = {"name": "三季度抽查", "area": AREA, "provider": "", "since": "2024-07-01", "until": "2024-09-30",
        "method": "stratified", "strata": "provider", "confidence": "95", "margin": "10", "expected": "20",
        "count": "", "seed": "掷骰子 4-2-6"}  # fmt: skip


@pytest.fixture(scope="module")
def settled(desk_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """300 visits settled in AREA and 50 elsewhere, one of them reversed; they stay in the session's lake."""
    rows = ["setl_id,fixmedins_code,mdtrt_id,psn_no,med_type,setl_time,medfee_sumamt,insuplc_admdvs,mdtrtarea_admvs"]
    for n in range(350):
        area = AREA if n < 300 else OTHER_AREA
        rows.append(f"S{n},{HOSPITALS[n % 3]},SV{n},P{n},{(11, 21)[n % 2]},2024-0{7 + n % 3}-10,{100 + n}.00,{area},{area}")
    rows.append(f"S0-,{HOSPITALS[0]},SV0,P0,11,2024-07-11,-100.00,{AREA},{AREA}")
    file: Path = tmp_path_factory.mktemp("settled") / "settlement.csv"
    file.write_text("\n".join(rows), "utf-8")
    with Lake.open(desk_home) as lake:
        assert Import(lake, NONE, by="test").run([file]).totals.accepted == 351
    return desk_home


@pytest.fixture
def office(settled: Home, home: Home, visit_as: Visit, people: Callable[..., Any]) -> Iterator[Visit]:
    """A supervisor of AREA and two experts, one of whom works for a hospital."""
    with connect(home, "owner") as owner:
        owner.execute("SELECT set_config('mingcha.scope', '*', true)")
        for n, code in enumerate(HOSPITALS):
            owner.execute("INSERT INTO provider_directory (provider, name, type, level, area) VALUES (%s, %s, '1', '05', %s)"
                          " ON CONFLICT DO NOTHING", [code, f"第{n}人民医院", AREA])  # fmt: skip
    people("free", "expert", AREA)
    people("bound", "expert", AREA)
    with connect(home, "owner") as owner:
        owner.execute("UPDATE account SET organisation = '第0人民医院' WHERE username = 'bound'")
    yield visit_as
    from mingcha.desk.audit import facts

    facts.forget()


def _draw(client: Client, **more: str) -> int:
    answer = client.post("/sampling/new", FORM | {"token": str(uuid4())} | more)
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    return int(answer["Location"].rsplit("/", 1)[1])


def test_drawn_once_and_again_the_same(office: Visit, home: Home, job: psycopg.Connection) -> None:
    client, token = office("county"), str(uuid4())
    look = client.get("/sampling/new", FORM | {"look": "1"}).content.decode()
    assert "总体 <b>299</b> 次就诊" in look and "将抽取 <b>52</b> 份" in look, "one was reversed, fifty lie elsewhere"
    first = _draw(client, token=token)
    assert _draw(client, token=token) == first, "a form sent twice draws once"
    _draw(client)
    drawn = job.execute("SELECT plan_id, array_agg(visit ORDER BY n), count(*) FROM sampling_case GROUP BY 1 ORDER BY 1")
    (_, one, n), (_, other, _) = drawn.fetchall()
    assert one == other and n == 52 and "SV0" not in one
    assert client.post(f"/sampling/{first}/again")["Location"].endswith("?again=same")
    assert "完全相同" in client.get(f"/sampling/{first}?again=same").content.decode()
    third = _draw(client, seed="另一颗")
    (different,) = job.execute("SELECT array_agg(visit ORDER BY n) FROM sampling_case WHERE plan_id = %s", [third]).fetchone() or ()
    assert different != one
    strata = job.execute("SELECT sizes FROM sampling_plan WHERE id = %s", [first]).fetchone()
    assert strata == ({HOSPITALS[0]: 99, HOSPITALS[1]: 100, HOSPITALS[2]: 100},)
    with connect(home, "owner") as owner:
        owner.execute("SELECT set_config('mingcha.scope', '*', true)")
        owner.execute("UPDATE sampling_plan SET seed = 'x' WHERE id = %s", [first])
    assert client.post(f"/sampling/{first}/again")["Location"].endswith("?again=other"), "what was altered shows"


def test_to_the_estimate(office: Visit, job: psycopg.Connection) -> None:
    client = office("county")
    number = _draw(client, count="30")
    assert client.post(f"/sampling/{number}/give", {"expert": ["free", "bound"]}).status_code == 302
    given = job.execute("SELECT expert, count(*), bool_or(provider = %s) FROM sampling_case GROUP BY 1 ORDER BY 1",
                        [HOSPITALS[0]]).fetchall()  # fmt: skip
    assert [row[:2] for row in given] == [("bound", 15), ("free", 15)]
    assert given[0][2] is False, "none of the hospital one works for"
    told = job.execute("SELECT event, account, n FROM notice_told ORDER BY account").fetchall()
    assert told == [("cases-given", "bound", 15), ("cases-given", "free", 15)]
    mine, other = office("free"), office("bound")
    (n,) = job.execute("SELECT min(n) FROM sampling_case WHERE expert = 'free'").fetchone() or (0,)
    assert f"/sampling/{number}/cases/{n}" in mine.get("/opinions").content.decode()
    page = mine.get(f"/sampling/{number}/cases/{n}").content.decode()
    assert "署名提交" in page and "没有收到这次就诊的费用明细" in page
    assert other.get(f"/sampling/{number}/cases/{n}").status_code == 404, "another expert's"
    assert other.get(f"/sampling/{number}").status_code == 403
    for wrong in ({"verdict": "fault", "yuan": "1000000", "words": "多收"}, {"verdict": "fault", "yuan": "10", "words": " "},
                  {"verdict": "fault", "yuan": "abc", "words": "多收"}):  # fmt: skip
        assert mine.post(f"/sampling/{number}/cases/{n}", wrong).status_code == 409
    assert "推算到全部：" not in client.get(f"/sampling/{number}").content.decode()

    people = {"free": mine, "bound": other}
    for n, expert, visit in job.execute("SELECT n, expert, visit FROM sampling_case ORDER BY n").fetchall():
        fault = int(visit[2:]) % 5 == 0
        told = {"verdict": "fault", "yuan": "20.00", "words": "重复收费"} if fault else {"verdict": "clean"}
        answer = people[expert].post(f"/sampling/{number}/cases/{n}", told)
        assert answer.status_code == 302
    assert answer["Location"] == "/opinions"
    assert mine.post(f"/sampling/{number}/cases/1", {"verdict": "clean"}).status_code in (404, 409), "once"
    page = client.get(f"/sampling/{number}").content.decode()
    assert "推算到全部：不合规约" in page
    found, n = job.execute("SELECT sum(improper_fen)::bigint, count(*) FROM sampling_case").fetchone() or (0, 0)
    assert n == 30 and f"{found / 100:,.2f}" in page
    sheet = CalamineWorkbook.from_filelike(
        BytesIO(b"".join(client.get(f"/sampling/{number}/export").streaming_content))  # type: ignore[attr-defined]
    ).get_sheet_by_name("抽查").to_python()  # fmt: skip
    assert len([row for row in sheet if str(row[3]).startswith("SV")]) == 30
    actions = [a for (a,) in job.execute("SELECT action FROM trail WHERE action LIKE 'sampling.%%' ORDER BY id").fetchall()]
    assert actions == ["sampling.draw", "sampling.give", *["sampling.answer"] * 30, "sampling.export"]


def test_by_risk_the_dear_ones(office: Visit, job: psycopg.Connection) -> None:
    number = _draw(office("county"), method="risk", count="200")
    times, cases = job.execute("SELECT sum(times)::int, count(*) FROM sampling_case").fetchone() or (0, 0)
    assert times == 200 > cases, "a dear one may be met again, and counts so often"
    assert office("county").post(f"/sampling/{number}/again")["Location"].endswith("same")


def test_other_areas_and_keeping_away(office: Visit, home: Home, job: psycopg.Connection) -> None:
    number = _draw(office("county"), count="5")
    elsewhere = office("elsewhere")
    for address in (f"/sampling/{number}", f"/sampling/{number}/export", f"/sampling/{number}/cases/1"):
        assert elsewhere.get(address).status_code == 404
        answer = office("city").get(address)
        assert answer.status_code == 200, "the city sees its county"
        answer.close()
    for address in (f"/sampling/{number}/give", f"/sampling/{number}/again", f"/sampling/{number}/cases/1"):
        assert elsewhere.post(address, {"verdict": "clean"}).status_code == 404
    refused = elsewhere.post("/sampling/new", FORM | {"token": str(uuid4())})
    assert refused.status_code == 409 and "自己辖区" in refused.content.decode()
    (provider,) = job.execute("SELECT provider FROM sampling_case WHERE n = 1").fetchone() or ("",)
    with connect(home, "owner") as owner:
        owner.execute("INSERT INTO recusal (account, provider, reason, since) VALUES ('county', %s, '亲属', %s)",
                      [provider, today()])  # fmt: skip
    try:
        assert office("county").post(f"/sampling/{number}/cases/1", {"verdict": "clean"}).status_code == 409
    finally:
        with connect(home, "owner") as owner:
            owner.execute("DELETE FROM recusal")


@pytest.mark.parametrize(("wrong", "words"), [
    ({"margin": "0"}, "允许误差"), ({"expected": "100"}, "预期问题率"), ({"since": "x"}, "起始日期"), ({"name": " "}, "名称"),
    ({"until": "2024-01-01"}, "早于"), ({"count": "-1"}, "份数"), ({"method": "x"}, "抽样方法"), ({"seed": ""}, "种子"),
    ({"since": "1990-01-01", "until": "1990-12-31"}, "一条也没有"), ({"area": "*"}, "自己辖区"), ({"token": "x"}, "表单"),
])  # fmt: skip
def test_what_cannot_be_drawn_says_why(office: Visit, job: psycopg.Connection, wrong: dict[str, str], words: str) -> None:
    answer = office("county").post("/sampling/new", FORM | {"token": str(uuid4())} | wrong)
    assert answer.status_code == 409 and words in answer.content.decode()
    assert job.execute("SELECT count(*) FROM sampling_plan").fetchone() == (0,)
