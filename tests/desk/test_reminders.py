"""What was told and what became of it: statistics, lists, the newest, verdicts, the export; each in its own area."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from python_calamine import CalamineWorkbook

from mingcha.desk.reminders.delivering import deliver
from mingcha.home.directory import Home
from tests.desk.factories import AREA, OTHER_AREA
from tests.desk.journals import HOSPITAL, at, call, feedback, reminder, write

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow

Visit = Callable[[str | None], "Client"]
OTHER = "H41110200001"


@pytest.fixture(autouse=True)
def told(home: Home) -> Iterator[None]:
    """Two practitioners of one hospital, one of another area, and a test call."""
    shutil.rmtree(home.spool / "gate", ignore_errors=True)
    write(home, [
        call(reminder("A", amount=10_000), reminder("B", "drug-by-sex", 200), orders=10, doctor="D1"), feedback("A"),
        call(reminder("C"), orders=100, doctor="D2"), feedback("C", reason="外地长期居住"),
        call(reminder("D", amount=700), at=at(48), orders=5, doctor="D1"),
        call(reminder("E"), area=OTHER_AREA, provider=OTHER, whole=False), feedback("E", provider=OTHER),
        call(reminder("T"), environment="test"), feedback("T"),
    ])  # fmt: skip
    deliver(home)
    yield
    shutil.rmtree(home.spool / "gate", ignore_errors=True)


def page(client: Client, at: str, status: int = 200) -> str:
    answer = client.get(at)
    assert answer.status_code == status, at
    return answer.content.decode()


def tiles(client: Client, query: str = "") -> list[str]:
    """The five numbers on top: told, followed, insisted, ignored, avoided."""
    return re.findall(r'class="disc [\s\S]*?<b>([^<]*)</b>', page(client, f"/reminders?{query}"))


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        # A changed, B waits, C insisted, D ignored: of the three that are settled one was followed
        ("", ["4", "33.3%", "1", "1", "0.01"]),
        ("environment=test", ["1", "100.0%", "0", "0", "0.00"]),
        ("environment=all", ["5", "50.0%", "1", "1", "0.01"]),
        (f"provider={HOSPITAL}", ["4", "33.3%", "1", "1", "0.01"]),
        ("provider=nobody", ["0", "—", "0", "0", "0.00"]),
        ("rule=drug-by-sex", ["1", "—", "0", "0", "0.00"]),
        ("practitioner=D1", ["3", "50.0%", "0", "1", "0.01"]),
        ("department=内科&practitioner=D2", ["1", "0.0%", "1", "0", "0.00"]),
        ("q=别处", ["0", "—", "0", "0", "0.00"]),
        ("q=性别与项目", ["4", "33.3%", "1", "1", "0.01"]),
        ("q=%25", ["0", "—", "0", "0", "0.00"]),
        ("since=2020-01-01&until=2020-12-31", ["0", "—", "0", "0", "0.00"]),
        ("since=soon&until=&tab=none&page=-1&environment=space&by=moon", ["4", "33.3%", "1", "1", "0.01"]),
    ],
)
def test_the_numbers_of_a_filter(visit_as: Visit, query: str, numbers: list[str]) -> None:
    assert tiles(visit_as("county"), query) == numbers


def test_each_area_counts_its_own(visit_as: Visit, job: psycopg.Connection) -> None:
    assert tiles(visit_as("supervisor"))[0] == "5"
    assert tiles(visit_as("elsewhere")) == ["1", "100.0%", "0", "0", "0.00"]
    ids = dict(job.execute("SELECT number, id FROM reminder").fetchall())
    assert page(visit_as("county"), f"/reminders/{ids['A']}").count("返回修改") == 1
    page(visit_as("elsewhere"), f"/reminders/{ids['A']}", 404)
    assert HOSPITAL not in page(visit_as("elsewhere"), "/reminders/calls")
    assert OTHER not in page(visit_as("county"), "/reminders/calls?environment=all")
    assert visit_as("elsewhere").post(f"/reminders/{ids['C']}/judge", {"verdict": "right", "reason": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("by", "first", "rows"),
    [("rule", "性别", 2), ("department", "内科", 1), ("practitioner", "D1", 2), ("provider", HOSPITAL, 1), ("day", "20", 2)],
)
def test_groups(visit_as: Visit, by: str, first: str, rows: int) -> None:
    text = page(visit_as("county"), f"/reminders?by={by}")
    table = text[text.index("误报 / 复核") :]
    found = re.findall(r'<tr><td class="clip">([\s\S]*?)</tr>', table[: table.index("</table>")])
    assert len(found) == rows and first in found[0]


def test_who_is_told_too_often_is_marked(visit_as: Visit) -> None:
    text = page(visit_as("county"), "/reminders?by=practitioner")
    assert text.count("过多") == 1  # D1 was told 3 of 15 orders, D2 1 of 100
    assert "20.0</td>" in text and "1.0</td>" in text


def test_lists_and_tabs(visit_as: Visit) -> None:
    client = visit_as("county")

    def listed(query: str) -> int:
        return page(client, f"/reminders/list?{query}").count('<tr data-href="/reminders/')

    wanted = {"": 4, "tab=changed": 1, "tab=insisted": 1, "tab=ignored": 1, "tab=waiting": 1, "environment=all": 5,
              "visit=V2": 0, "page=2": 0}  # fmt: skip
    assert {query: listed(query) for query in wanted} == wanted
    calls = {"": 3, "hits=on": 3, "partial=on": 0, "environment=test": 1, "practitioner=D2": 1, "infno=3102": 0}
    found = {query: page(client, f"/reminders/calls?{query}").count('<tr><td class="code">') for query in calls}
    assert found == calls
    assert "1 次没有审完" in page(visit_as("elsewhere"), "/reminders/calls")


def test_the_newest_come_by_themselves(visit_as: Visit, home: Home) -> None:
    client = visit_as("county")
    at_now = re.findall(r"/reminders/newest\?after=(\d+)", page(client, "/reminders"))[0]
    assert client.get(f"/reminders/newest?after={at_now}").status_code == 204
    write(home, [call(reminder("F", "drug-by-sex"), at=at(0))])
    deliver(home)
    answer = client.get(f"/reminders/newest?after={at_now}")
    text = answer.content.decode()
    assert answer.status_code == 200 and text.count('class="fresh"') == 1 and "Cache-Control" in answer.headers
    after = re.findall(r"after=(\d+)", text)[0]
    assert client.get(f"/reminders/newest?after={after}").status_code == 204
    assert visit_as("elsewhere").get(f"/reminders/newest?after={at_now}").status_code == 204, "another area's is nobody's news"
    assert client.get("/reminders/newest?after=x").status_code == 200


def test_a_reviewer_marks_false_alarms(visit_as: Visit, job: psycopg.Connection) -> None:
    ids = dict(job.execute("SELECT number, id FROM reminder").fetchall())
    reviewer = visit_as("reviewer")

    def judged(number: str, status: int, **values: str) -> str:
        answer = reviewer.post(f"/reminders/{ids[number]}/judge", values)
        assert answer.status_code == status
        return answer.content.decode()

    assert "没有坚持" in judged("A", 409, verdict="false_alarm", reason="x")
    judged("C", 409, verdict="false_alarm", reason=" ")
    judged("C", 409, verdict="perhaps", reason="x")
    judged("C", 302, verdict="right", reason="看过病历")
    judged("C", 302, verdict="false_alarm", reason="备案早于处方")
    assert "复核：误报" in page(reviewer, f"/reminders/{ids['C']}")
    assert "复核 1，误报 1" in page(reviewer, "/reminders")
    noted = job.execute("SELECT detail->>'verdict' FROM trail WHERE action = 'reminders.judge' ORDER BY id").fetchall()
    assert noted == [("right",), ("false_alarm",)]
    assert visit_as("knowledge").post(f"/reminders/{ids['C']}/judge").status_code == 403


def test_the_export_holds_the_scope_and_stands_in_the_trail(visit_as: Visit, job: psycopg.Connection) -> None:
    answer: Any = visit_as("county").get("/reminders/export?environment=all")
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer.streaming_content)))
    answer.close()
    assert book.sheet_names == ["按规则", "按科室", "按医师", "按机构", "按日期", "提醒", "说明"]
    rows = book.get_sheet_by_name("提醒").to_python()
    assert {row[0] for row in rows[1:]} == {"A", "B", "C", "D", "T"}
    by_rule = {row[0]: row[2:] for row in book.get_sheet_by_name("按规则").to_python()[1:]}
    assert sum(row[0] for row in by_rule.values()) == 5
    assert job.execute("SELECT detail->>'rows' FROM trail WHERE action = 'reminders.export'").fetchall() == [("5",)]


def test_the_board_tells_calls_and_reminders(visit_as: Visit) -> None:
    county = visit_as("county")
    county.post("/onboarding/register", {"provider": HOSPITAL, "name": "麟游县医院", "area": AREA})
    board = page(county, "/onboarding")
    assert re.search(r"<b>4</b><span>累计提醒", board)
    assert "测试调用 / 提醒" in page(county, f"/onboarding/providers/{HOSPITAL}")
    assert f'<a href="/onboarding/providers/{HOSPITAL}">麟游县医院</a>' in page(
        county, re.findall(r'data-href="(/reminders/\d+)"', page(county, "/reminders/list"))[0]
    )
