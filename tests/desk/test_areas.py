"""The tree of areas at the desk: added, renamed, moved, closed, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.terms.calendar import today
from tests.desk.factories import AREA, OTHER_AREA

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow

Visit = Callable[[str | None], "Client"]


@pytest.fixture(autouse=True)
def grown(home: Home) -> Iterator[None]:
    """The tree is as it was after the test."""
    with connect(home, "owner") as owner:
        before = owner.execute("SELECT * FROM facts.area").fetchall()
    yield
    with connect(home, "owner") as owner:
        owner.execute("DELETE FROM facts.area")
        owner.cursor().executemany("INSERT INTO facts.area VALUES (%s, %s, %s, %s, %s, %s)", before)


def post(client: Client, at: str, status: int = 302, **told: Any) -> None:
    answer = client.post(at, {"since": str(today()), "reason": "民政部批复"} | told)
    assert answer.status_code == status, answer.content.decode()


def test_a_county_below_a_city_is_seen_by_the_city(visit_as: Visit, people: Any, job: psycopg.Connection) -> None:
    people("cityadmin", "admin", "610300")
    client = visit_as("cityadmin")
    assert "源汇区" not in client.get("/areas").content.decode(), "another city's"
    post(client, "/areas/add", parent="610300", code="610399", name="新设县")
    page = client.get("/areas").content.decode()
    assert "新设县" in page and "deep-1" in page
    assert job.execute("SELECT parent, level, valid_from FROM facts.area WHERE code = '610399'").fetchone() == (
        "610300", 3, today()
    )  # fmt: skip
    assert client.get("/areas/of/610399").status_code == 200
    for wrong in (
        {"code": "610399"},
        {"code": "61 03"},
        {"code": "610398", "name": " "},
        {"code": "610398", "since": "x"},
    ):
        post(client, "/areas/add", 409, **({"parent": "610300", "code": "610397", "name": "某县"} | wrong))
    post(client, "/areas/add", 409, parent="", code="990000", name="某省")
    post(client, "/areas/add", 404, parent="nowhere", code="990000", name="某省")


def test_what_lies_elsewhere_does_not_exist(visit_as: Visit, people: Any) -> None:
    people("countyadmin", "admin", AREA)
    client = visit_as("countyadmin")
    for code in (OTHER_AREA, "610300", "nowhere"):
        assert client.get(f"/areas/of/{code}").status_code == 404
        post(client, f"/areas/of/{code}/change", 404, name="改名")
        post(client, f"/areas/of/{code}/close", 404, until=str(today()))
        post(client, "/areas/add", 404, parent=code, code="610399", name="某镇")
    post(client, f"/areas/of/{AREA}/change", 404, name="麟游县", parent=OTHER_AREA)


def test_a_change_is_a_later_row(visit_as: Visit, job: psycopg.Connection) -> None:
    client, at = visit_as("admin"), f"/areas/of/{AREA}"
    post(client, f"{at}/change", name="麟游区")
    rows = job.execute("SELECT name FROM facts.area WHERE code = %s ORDER BY valid_from", [AREA]).fetchall()
    assert rows == [("麟游县",), ("麟游区",)]
    assert "麟游区" in client.get(at).content.decode() and "麟游县" in client.get(at).content.decode()
    post(client, f"{at}/change", 409, name="麟游市")  # not on the same day once more
    later = str(today() + timedelta(days=1))
    post(client, f"{at}/change", 409, name="麟游区", since=later)
    post(client, f"{at}/change", 409, name="麟游市", since=later, reason="")
    noted = job.execute("SELECT detail->'old'->>'name', detail->'new'->>'name' FROM trail WHERE action = 'area.change'")
    assert noted.fetchall() == [("麟游县", "麟游区")]


def test_moves_make_no_circle_and_keep_levels(visit_as: Visit) -> None:
    client = visit_as("admin")
    post(client, "/areas/add", parent=AREA, code="610329100", name="九成宫镇")
    told = {"name": "麟游县", "parent": "610329100", "since": str(today()), "reason": "试"}
    assert "自己的下级" in client.post(f"/areas/of/{AREA}/change", told).content.decode()
    post(client, f"/areas/of/{AREA}/change", 409, name="麟游县", parent=AREA)
    post(client, f"/areas/of/{AREA}/change", 409, name="麟游县", parent="610300x")
    post(client, "/areas/add", parent="", code="610000", name="陕西省")
    post(client, "/areas/add", parent="", code="620400", name="白银市", level="2")
    post(client, "/areas/add", parent="620400", code="620422", name="会宁县")
    post(client, "/areas/add", parent="610000", code="610400", name="咸阳市")
    post(client, f"/areas/of/{AREA}/change", name="麟游县", parent="610400")
    assert "麟游县" in client.get("/areas/of/610400").content.decode()
    assert "麟游县" not in client.get("/areas/of/610300").content.decode()


def test_of_two_changes_at_once_the_second_is_told(visit_as: Visit) -> None:
    from django.db import connections

    clients, ready, answers = {"新名甲": visit_as("admin"), "新名乙": visit_as("admin")}, Barrier(2), []

    def rename(name: str) -> None:
        ready.wait()
        told = {"name": name, "since": str(today()), "reason": "同时"}
        answers.append(clients[name].post(f"/areas/of/{AREA}/change", told).status_code)
        connections.close_all()

    threads = [Thread(target=rename, args=(name,)) for name in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [302, 409], "the second finds the first's row of that day"


def test_an_area_is_closed_after_those_below_it(visit_as: Visit, job: psycopg.Connection) -> None:
    client = visit_as("admin")
    post(client, "/areas/of/610300/close", 409, until=str(today()))
    post(client, "/areas/of/610300x/close", 409, until=str(today() - timedelta(days=1)))
    post(client, "/areas/of/610300x/close", until=str(today()))
    post(client, "/areas/of/610300x/close", 409, until=str(today()))
    post(client, f"/areas/of/{AREA}/close", until=str(today()))
    post(client, "/areas/of/610300/close", until=str(today()))
    post(client, "/areas/add", 409, parent="610300", code="610398", name="某县")
    assert job.execute("SELECT count(*) FROM facts.area WHERE valid_to = %s", [today()]).fetchone() == (3,)
