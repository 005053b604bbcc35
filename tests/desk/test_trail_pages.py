"""The trail's pages: who came in, who did what, in words; found again, taken away, and the state of the chain."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import TYPE_CHECKING

import psycopg
import pytest
from python_calamine import CalamineWorkbook

from mingcha.desk.trail.actions import enter
from mingcha.desk.trail.sealing import seal_waiting
from mingcha.home.database import connect
from mingcha.home.directory import Home
from tests.desk.conftest import PASSWORD
from tests.desk.factories import Audits, flag

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow
Visit = Callable[[str | None], "Client"]


def write(job: psycopg.Connection, by: str, action: str, subject: str, **detail: object) -> None:
    enter(job.cursor(), by=by, action=action, subject=subject, detail=detail)


def page(client: Client, query: str = "") -> str:
    return client.get(f"/trail{query}").content.decode()


def test_the_door_is_in_the_trail(visit_as: Visit, job: psycopg.Connection) -> None:
    client = visit_as(None)
    from django.conf import settings

    for name, password in (("county", "wrong"), ("s3cret-typed-here", "x"), ("county", PASSWORD)):
        client.post("/login", {"username": name, "password": password})
    client.post("/logout")
    noted = job.execute("SELECT action, by, subject, detail->>'address' FROM trail ORDER BY id").fetchall()
    assert noted == [
        ("session.failed", "county", "account:county", "127.0.0.1"),
        ("session.failed", "?", "account:?", "127.0.0.1"),
        ("session.login", "county", "account:county", "127.0.0.1"),
        ("session.logout", "county", "account:county", "127.0.0.1"),
    ]
    for _ in range(settings.AXES_FAILURE_LIMIT + 1):
        client.post("/login", {"username": "county", "password": "wrong"})
    actions = [row[0] for row in job.execute("SELECT action FROM trail ORDER BY id OFFSET 4")]
    assert actions[0] == "session.failed"
    assert actions[-2:] == ["session.locked"] * 2
    assert actions.count("session.failed") + actions.count("session.locked") <= settings.AXES_FAILURE_LIMIT + 2
    from axes.utils import reset

    reset()


def test_entries_are_read_in_words_with_the_old_value_beside_the_new(visit_as: Visit, job: psycopg.Connection) -> None:
    leader = visit_as("leader")
    write(job, "supervisor", "review.drop", "finding:F1", reason="与实际不符", fen=123456, to="dropped")
    write(job, "admin", "account.open", "account:lin", old={"role": "reviewer", "scope": "*"},
          new={"role": "leader", "scope": "*"})  # fmt: skip
    shown = page(leader)
    assert "疑点不采信" in shown
    assert "理由 与实际不符；金额（元） 1,234.56；去向 不采信" in shown
    assert "岗位 审核岗 → 分管领导" in shown
    (number,) = job.execute("SELECT id FROM trail WHERE action = 'account.open'").fetchone() or (0,)
    one = leader.get(f"/trail/{number}").content.decode()
    assert "待封存" in one
    assert "<td class=\"soft\">审核岗</td><td>分管领导</td>" in one
    seal_waiting(Home.open())
    assert "号封印" in leader.get(f"/trail/{number}").content.decode()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"A", "B", "C"}), ("?by=supervisor", {"A", "B"}), ("?action=review.drop", {"B", "C"}),
        ("?action=机审与疑点", {"A", "B", "C"}), ("?action=规则", set()), ("?subject=finding:B", {"B"}), ("?q=50%25", {"C"}),
        ("?q=不采信", {"B", "C"}), ("?since=2099-01-01&until=2099-02-01", set()), ("?q=nothing&by=", set()),
        ("?since=wrong&action=wrong", {"A", "B", "C"}),
    ],
)  # fmt: skip
def test_entries_are_found(visit_as: Visit, job: psycopg.Connection, query: str, expected: set[str]) -> None:
    leader = visit_as("leader")
    write(job, "supervisor", "findings.export", "finding:A", rows=3)
    write(job, "supervisor", "review.drop", "finding:B", reason="x")
    write(job, "reviewer", "review.drop", "finding:C", reason="低 50% 以上")
    shown = page(leader, query)
    assert {name for name in "ABC" if f"疑点 {name}<" in shown} == expected
    if not expected:
        assert "没有" in shown


def test_pages_go_back_to_the_first_entry_and_return(visit_as: Visit, job: psycopg.Connection) -> None:
    leader = visit_as("leader")
    job.execute("INSERT INTO trail (by, action, subject, detail) SELECT 'x', 'findings.export', 'finding:E' || n, '{}'"
                " FROM generate_series(1, 120) n")  # fmt: skip
    seen, links, shown = list[str](), list[str](), page(leader, "?by=x")
    import re

    while True:
        seen += re.findall(r"疑点 (E\d+)<", shown)
        link = re.search(r'href="(\?[^"]*after=[^"]*)"', shown)
        if link is None:
            break
        links.append(link[1].replace("&amp;", "&"))
        shown = page(leader, links[-1])
    assert seen == [f"E{n}" for n in range(120, 0, -1)]
    back = re.search(r'href="(\?[^"]*before=[^"]*)"', shown)
    assert back
    assert re.findall(r"疑点 (E\d+)<", page(leader, back[1].replace("&amp;", "&"))) == [f"E{n}" for n in range(70, 20, -1)]


def test_who_has_some_areas_sees_what_their_people_did(visit_as: Visit, job: psycopg.Connection) -> None:
    from mingcha.desk.accounts.models import Account

    Account.objects.filter(username="city").update(role="leader")
    try:
        city = visit_as("city")
        for name in ("county", "city", "elsewhere", "supervisor", "cli:root"):
            write(job, name, "findings.export", f"finding:by-{name}")
        shown = page(city)
        assert [name for name in ("county", "city", "elsewhere", "supervisor", "cli:root") if f"by-{name}<" in shown] == [
            "county", "city",
        ]  # fmt: skip
        numbers = dict(job.execute("SELECT by, id FROM trail WHERE action = 'findings.export'").fetchall())
        assert [city.get(f"/trail/{numbers[name]}").status_code for name in ("county", "supervisor")] == [200, 404]
    finally:
        Account.objects.filter(username="city").update(role="supervisor")


def test_an_export_is_an_entry_and_no_formula(visit_as: Visit, job: psycopg.Connection) -> None:
    leader = visit_as("leader")
    write(job, "=cmd()", "review.drop", "finding:B", reason="x")
    answer = leader.get("/trail/export?kind=csv&action=review.drop")
    lines = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    answer.close()
    assert [line[2:7] for line in lines[1:]] == [["'=cmd()", "'=cmd()", "疑点不采信", "疑点 B", "理由 x"]]
    book = leader.get("/trail/export?action=review.drop")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(book.streaming_content))).get_sheet_by_index(0)
    book.close()
    assert [row[4:7] for row in sheet.to_python()[1:]] == [["疑点不采信", "疑点 B", "理由 x"]]
    noted = job.execute("SELECT by, detail->>'kind', detail->>'rows' FROM trail WHERE action = 'trail.export' ORDER BY id")
    assert noted.fetchall() == [("leader", "csv", "1"), ("leader", "xlsx", "1")]


def test_the_button_walks_the_chain(visit_as: Visit, job: psycopg.Connection, home: Home) -> None:
    leader = visit_as("leader")
    assert "从未核验" in page(leader)
    write(job, "supervisor", "findings.export", "finding:A", rows=3)
    leader.post("/trail/verify")
    shown = page(leader)
    while "正在核验" in shown:
        shown = leader.get("/trail/state").content.decode()
    assert "条与封存时一致" in shown
    assert 'id="head"' in shown
    with connect(home, "owner", autocommit=True) as owner:
        owner.execute("UPDATE trail SET by = 'reviewer' WHERE subject = 'finding:A'")
    leader.post("/trail/verify")
    assert "1 处不一致" in page(leader)


def test_no_list_of_the_trail_reads_all_of_it(django_desk: Home, job: psycopg.Connection) -> None:
    """Each filter has its index: with many entries nothing is read from one end to the other."""
    job.execute("INSERT INTO trail (by, action, subject, detail) SELECT 'p' || n % 50, 'review.drop', 'finding:' || n, '{}'"
                " FROM generate_series(1, 20000) n")  # fmt: skip
    with connect(django_desk, "owner", autocommit=True) as owner:
        owner.execute("ANALYZE trail")
        for condition in ("true", "by = 'p1'", "action = ANY ('{trail.verify}')", "subject = 'finding:77'"):
            query = f"EXPLAIN SELECT id FROM trail WHERE at >= '2020-01-01' AND {condition} ORDER BY at DESC, id DESC LIMIT 51"
            plan = "\n".join(row[0] for row in owner.execute(query.encode()))
            assert "Seq Scan" not in plan, plan


def test_whatever_leaves_the_house_is_in_the_trail(
    audits: Audits, visit_as: Visit, job: psycopg.Connection
) -> None:
    audits.record([flag("L1")])
    client = visit_as("supervisor")
    for address in ("/findings/export?tab=definite", "/audits/1/report", "/reminders/export",
                    "/library/rules/drug-for-children/rows.csv"):  # fmt: skip
        answer = client.get(address)
        answer.close()
        assert answer.status_code == 200, address
    noted = job.execute("SELECT action, subject FROM trail WHERE by = 'supervisor' AND action NOT LIKE 'session.%'"
                        " ORDER BY id").fetchall()  # fmt: skip
    assert noted == [("findings.export", "findings"), ("audit.report", "audit:1"), ("reminders.export", "reminders"),
                     ("library.export", "rule:drug-for-children")]  # fmt: skip
    assert "标签 明确违规" in page(visit_as("leader"), "?action=findings.export")
