"""Manual claims from the form or a file through five levels to the signature, each level another person's."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable
from datetime import date, datetime
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.terms.calendar import after_working_days, today
from tests.desk.factories import AREA, OTHER_AREA

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow

Visit = Callable[[str | None], "Client"]
FORM = {"area": AREA, "kind": "manual", "slip": "FP-1", "number": "610329198001015312", "name": "王小燕", "provider": "",
        "provider_name": "西安市红会医院", "place": "", "day": "2026-10-08", "received": "2026-10-12",
        "total_fen": "5,000.00", "claimed_fen": "3200.50"}  # fmt: skip
HEAD = "类别,单据号,参保人编号,姓名,机构名称,就医地,就医日期,受理日期,费用总额,申请金额,外伤"
FIVE = ("anna", "ben", "cora", "dan", "eve")


@pytest.fixture
def office(home: Home, people: Callable[..., Any], visit_as: Visit) -> Visit:
    """Three reviewers, two supervisors, and two leaders of the county, and a reviewer of another one."""
    for name, role in (("anna", "reviewer"), ("ben", "reviewer"), ("cora", "reviewer"), ("dan", "supervisor"),
                       ("dora", "supervisor"), ("eve", "leader"), ("emil", "leader"), ("fin", "finance")):  # fmt: skip
        people(name, role)
    people("away", "reviewer", OTHER_AREA)
    return visit_as


def enter(client: Client, **more: str) -> int:
    """Enter a claim; its number."""
    answer = client.post("/benefits/new", FORM | {"token": str(uuid4())} | more)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    return int(answer["Location"].rsplit("/", 1)[1])


def act(client: Client, number: int, move: str = "pass", **more: str) -> int:
    """One move of one item where it stands now; the status of the answer."""
    step = more.pop("step", "") or step_of(number)
    told = {"move": move, "token": str(uuid4()), "reason": "已核对", "step": step} | more
    return client.post(f"/benefits/{number}/move", told).status_code


def step_of(number: int) -> str:
    """Where the item stands."""
    with everywhere() as owner:
        found = owner.execute("SELECT step FROM benefit_item WHERE id = %s", [number]).fetchone()
    return found[0] if found else ""


def everywhere() -> psycopg.Connection:
    """A connection of the owner that sees every area."""
    owner = connect(Home.open(Path(os.environ["MINGCHA_HOME"])), "owner")
    owner.execute("SELECT set_config('mingcha.scope', '*', false)")
    return owner


def send(client: Client, text: str | bytes, name: str = "一批.csv") -> Any:
    """Upload a file of applications."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    content = text if isinstance(text, bytes) else text.encode()
    return client.post("/benefits/file", {"area": AREA, "file": SimpleUploadedFile(name, content)})


def steps(job: psycopg.Connection) -> list[str]:
    return [step for (step,) in job.execute("SELECT step FROM benefit_item ORDER BY id").fetchall()]


def test_through_five_levels_by_five_people(office: Visit, job: psycopg.Connection) -> None:
    number = enter(office("anna"))
    for at, name in enumerate(FIVE):
        for other in FIVE[:at]:
            assert act(office(other), number) == 409, f"{other} has held another level"
        assert act(office(name), number) == 302, name
    assert steps(job) == ["signed"]
    way = job.execute("SELECT name, level, by, after FROM benefit_move ORDER BY id").fetchall()
    assert way[0] == ("enter", "first", "anna", "first")
    assert [row[1:] for row in way[1:]] == [("first", "anna", "check"), ("check", "ben", "focus"),
                                            ("focus", "cora", "site"), ("site", "dan", "sign"), ("sign", "eve", "signed")]  # fmt: skip
    noted = job.execute(
        "SELECT action, by, detail->>'to' FROM trail WHERE action LIKE 'benefits.%' ORDER BY id"
    ).fetchall()
    assert noted == [("benefits.enter", "anna", None)] + [
        ("benefits.pass", name, to) for name, to in zip(FIVE, ("check", "focus", "site", "sign", "signed"), strict=True)
    ]
    told = job.execute("SELECT event FROM notice_told ORDER BY id").fetchall()
    assert [event for (event,) in told] == ["benefits-came", "benefits-review", "benefits-review", "benefits-site",
                                            "benefits-sign", "benefits-signed"]  # fmt: skip
    page = office("fin").get(f"/benefits/{number}").content.decode()
    assert "已审签，等待拨付" in page and "王*燕" in page and "王小燕" not in page
    assert act(office("fin"), number, "return", to="first") == 403


def test_every_level_sends_back_and_all_after_it_decide_again(office: Visit, job: psycopg.Connection) -> None:
    number = enter(office("anna"))
    for name in FIVE[:4]:
        assert act(office(name), number) == 302
    assert act(office("eve"), number, "return", to="check", reason="") == 409
    assert act(office("eve"), number, "return", to="signed") == 409
    assert act(office("eve"), number, "return", to="check", reason="少一张清单") == 302
    assert steps(job) == ["check"]
    assert act(office("cora"), number) == 409, "cora holds the focus review"
    for name in FIVE[1:]:
        assert act(office(name), number) == 302
    assert steps(job) == ["signed"]
    assert act(office("emil"), number, "return", to="first", reason="发现重复") == 302, "a signed item may come back"
    assert steps(job) == ["first"]
    assert [row[0] for row in job.execute("SELECT event FROM notice_told WHERE event = 'benefits-back'").fetchall()] == [
        "benefits-back", "benefits-back"]  # fmt: skip


def test_a_lent_post_counts_for_its_lender(office: Visit, job: psycopg.Connection) -> None:
    from mingcha.desk.accounts.delegations import lend
    from mingcha.desk.accounts.models import Account

    number = enter(office("anna"))
    assert act(office("anna"), number) == 302
    lend(by="anna", account=Account.objects.get(username="anna"), to="dan", since=today(), until=today(), reason="休假")
    assert act(office("dan"), number) == 409, "for anna, who holds the first level"
    lend(by="ben", account=Account.objects.get(username="ben"), to="dora", since=today(), until=today(), reason="休假")
    assert act(office("dora"), number) == 302
    assert job.execute("SELECT by, acting_for, level FROM benefit_move ORDER BY id DESC LIMIT 1").fetchone() == (
        "dora", "ben", "check")  # fmt: skip
    assert act(office("ben"), number) == 409 and act(office("dora"), number) == 409
    with pytest.raises(psycopg.errors.CheckViolation), everywhere() as owner:
        owner.execute("INSERT INTO benefit_move (token, item_id, fund_area, name, level, before, after, by, fen)"
                      " SELECT gen_random_uuid(), id, fund_area, 'pass', 'focus', 'focus', 'site', 'ben', 1 FROM benefit_item")  # fmt: skip


def test_what_another_area_claims_does_not_exist(office: Visit) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    anna, away = office("anna"), office("away")
    number = enter(anna)
    put = anna.post(f"/benefits/{number}/papers", {"papers": SimpleUploadedFile("发票.pdf", b"%PDF-1.7 x")})
    assert put.status_code == 302
    paper: Any = anna.get("/benefits/papers/1")
    assert paper.status_code == 200 and b"".join(paper.streaming_content).startswith(b"%PDF")
    paper.close()
    assert away.get(f"/benefits/{number}").status_code == 404 == away.get("/benefits/papers/1").status_code
    for what in ("move", "amend", "papers"):
        assert away.post(f"/benefits/{number}/{what}", {"move": "pass", "token": str(uuid4())}).status_code == 404
    assert "DY0000" not in away.get("/benefits?tab=all").content.decode()
    answer = away.post("/benefits/new", FORM | {"token": str(uuid4()), "slip": "FP-2"})
    assert answer.status_code == 409 and "自己辖区" in answer.content.decode()
    picked = away.post(
        "/benefits/move", {"move": "pass", "number": [f"{number}-first"], "sure": "1", "token": str(uuid4())}
    )
    assert picked.status_code == 409
    assert act(anna, number) == 302, "nothing was moved"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"received": "2026-09-01"}, "早于就医日期"), ({"claimed_fen": "6000"}, "大于费用总额"), ({"name": " "}, "没有填写"),
        ({"number": "王小燕"}, "人员编号或身份证号"), ({"place": "西安"}, "六位区划代码"), ({"kind": "x"}, "应为手工报销"),
        ({"day": "昨天"}, "日期要写成"), ({"total_fen": "五千"}, "金额要写成"), ({"area": OTHER_AREA}, "自己辖区"),
        ({"received": "2999-01-01"}, "不能晚于今天"),
    ],
)  # fmt: skip
def test_what_cannot_be_entered_is_told(
    office: Visit, job: psycopg.Connection, more: dict[str, str], said: str
) -> None:  # fmt: skip
    answer = office("anna").post("/benefits/new", FORM | {"token": str(uuid4())} | more)
    assert answer.status_code == 409 and said in answer.content.decode()
    assert steps(job) == []


def test_a_form_sent_twice_and_a_slip_claimed_twice(office: Visit, job: psycopg.Connection) -> None:
    token, anna = str(uuid4()), office("anna")
    number = enter(anna, token=token)
    assert enter(anna, token=token) == number
    again = anna.post("/benefits/new", FORM | {"token": str(uuid4())})
    assert again.status_code == 409 and "已经录入过" in again.content.decode()
    assert act(anna, number, "withdraw", reason="本人撤回") == 302
    assert enter(anna) != number, "a slip taken back may come again"
    assert sorted(steps(job)) == ["closed", "first"]
    wrong = anna.post("/benefits/new", FORM | {"token": str(uuid4()), "slip": "FP-9", "name": "李四"})
    assert wrong.status_code == 409 and "登记的姓名不一致" in wrong.content.decode()


def test_a_file_is_taken_whole_or_told_row_by_row(office: Visit, job: psycopg.Connection) -> None:
    anna = office("anna")
    good = f"{HEAD}\n手工报销,A1,P1001,王小燕,甲医院,,2026-10-08,2026-10-12,100,80.10,否\n"
    good += "生育津贴,A2,P1002,李明月,乙医院,,2026/10/09,20261012,20000,20000,\n"
    bad = (
        good
        + "零星报销,A3,P1003,赵六,丙医院,999,2026-10-08,2026-10-12,100,200,也许\n手工报销,A1,P1001,王小燕,,,,2026-10-12,1,1,\n"
    )
    answer = send(anna, bad)
    page = answer.content.decode()
    assert answer.status_code == 409 and steps(job) == []
    assert "“一批.csv”有 3 处问题" in page
    for cell in (
        '<td class="n">4</td><td>就医地</td>',
        '<td class="n">4</td><td>外伤</td>',
        '<td class="n">5</td><td>就医日期</td>',
    ):
        assert cell in page
    assert send(anna, good).status_code == 302 and steps(job) == ["first", "first"]
    assert "known=2" in send(anna, good)["Location"] and steps(job) == ["first", "first"]
    more = good.replace("甲医院", "甲医院").encode(
        "gb18030"
    ) + "手工报销,A4,P1001,王小燕,,,2026-10-08,2026-10-12,9,9,\n".encode("gb18030")
    assert "added=1&known=2" in send(anna, more)["Location"], "other bytes, two rows known"
    other = send(anna, good.replace("80.10", "80.11"))
    assert other.status_code == 409 and "以前录入过，内容不同" in other.content.decode()
    assert len(steps(job)) == 3
    files = job.execute("SELECT rows, added, fen FROM benefit_file ORDER BY id").fetchall()
    assert files == [(2, 2, 2_008_010), (3, 1, 900)]
    for wrong, said in (
        (b"\xff\xfe\x00\x01", "不是 CSV"),
        (b"PK\x03\x04x", "打不开"),
        ("编号,姓名\n1,2\n", "缺少这些列"),
        (f"{HEAD}\n", "没有数据行"),
    ):
        refused = send(anna, wrong)
        assert refused.status_code == 409 and said in refused.content.decode()


def test_an_excel_file(office: Visit, job: psycopg.Connection) -> None:
    file = BytesIO()
    with xlsxwriter.Workbook(file) as book:
        day, sheet = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_worksheet()
        sheet.write_row(0, 0, HEAD.split(","))
        sheet.write_row(1, 0, ["手工报销", 20261001, 610329001, "周一鸣", "甲医院", ""])
        sheet.write_datetime(1, 6, datetime(2026, 10, 8), day)
        sheet.write_datetime(1, 7, datetime(2026, 10, 12), day)
        sheet.write_row(1, 8, [12_000.5, 10_000, "是"])
    assert send(office("anna"), file.getvalue(), "一批.xlsx").status_code == 302
    found = job.execute("SELECT slip, day::text, total_fen, claimed_fen, points, due FROM benefit_item").fetchone()
    assert found == ("20261001", "2026-10-08", 1_200_050, 1_000_000, ["amount", "injury"],
                     after_working_days(date(2026, 10, 12), 30))  # fmt: skip


def test_points_terms_and_routes_of_the_area(
    office: Visit, job: psycopg.Connection, settings_of: Callable[..., None]
) -> None:  # fmt: skip
    settings_of("session-single", "0")
    settings_of("benefits", '{"focus_fen": 300000, "days": {"manual": 12}, "short_fen": 50000,'
                            ' "short_levels": ["first", "check", "sign"]}', AREA)  # fmt: skip
    anna = office("anna")
    heavy, light, far = (
        enter(anna),
        enter(anna, slip="F2", claimed_fen="200"),
        enter(anna, slip="F3", claimed_fen="100", place="310101"),
    )
    near = enter(anna, slip="F4", claimed_fen="600", place="610300")
    found = job.execute("SELECT points, array_length(route, 1), due FROM benefit_item ORDER BY id").fetchall()
    due = after_working_days(date(2026, 10, 12), 12)
    assert found == [(["amount"], 5, due), ([], 3, due), (["elsewhere"], 5, due), ([], 5, due)]
    assert all(number for number in (heavy, light, near))
    for name in ("anna", "ben", "eve"):
        assert act(office(name), light) == 302
    assert "不经复审、稽核" in anna.get(f"/benefits/{light}").content.decode()
    assert act(office("anna"), far) == act(office("ben"), far) == 302
    assert act(office("cora"), far, reason="") == 409, "a point to look at wants words"
    assert act(office("cora"), far) == act(office("dan"), far) == 302
    assert act(office("eve"), far, confirmed="1") == 409, "the fees of the place of treatment aren't confirmed"
    assert act(office("eve"), far, "return", to="site", reason="请核实") == 302
    assert act(office("dan"), far, confirmed="1") == act(office("eve"), far) == 302
    assert steps(job) == ["first", "signed", "signed", "first"]


def test_amounts_are_lowered_with_a_reason_and_nothing_left_is_refused(office: Visit, job: psycopg.Connection) -> None:
    number = enter(office("anna"))
    assert act(office("anna"), number) == 302
    assert act(office("ben"), number, yuan="4000") == 409, "more than was claimed"
    assert act(office("ben"), number, yuan="3000", reason="") == 409
    assert act(office("ben"), number, yuan="3000", reason="超限价") == 302
    assert act(office("cora"), number, yuan="0", reason="第三人负担") == 302
    assert "零报" in office("dan").get(f"/benefits/{number}").content.decode()
    assert act(office("dan"), number) == act(office("eve"), number) == 302
    assert job.execute("SELECT step, approved_fen FROM benefit_item").fetchone() == ("refused", 0)
    amounts = job.execute("SELECT fen FROM benefit_move ORDER BY id").fetchall()
    assert [fen for (fen,) in amounts] == [320_050, 320_050, 300_000, 0, 0, 0]


def test_many_at_once_are_shown_first_and_moved_once(office: Visit, job: psycopg.Connection) -> None:
    anna, ben = office("anna"), office("ben")
    numbers = [enter(anna if n % 2 else ben, slip=f"S{n}", claimed_fen="10") for n in range(6)]
    for at, number in enumerate(numbers):
        assert act(anna if at % 2 else ben, number) == 302
    picked = {
        "move": "pass",
        "number": [f"{number}-check" for number in numbers],
        "query": "tab=mine",
        "reason": "合规",
    }
    shown = ben.post("/benefits/move", picked)
    page = shown.content.decode()
    assert shown.status_code == 200 and "将通过 3 件" in page and "您已办理过这件待遇的初审" in page
    assert steps(job) == ["check"] * 6, "shown, not done"
    token = str(uuid4())
    done = ben.post("/benefits/move", picked | {"sure": "1", "token": token})
    assert done.status_code == 302 == ben.post("/benefits/move", picked | {"sure": "1", "token": token}).status_code
    assert sorted(steps(job)) == ["check"] * 3 + ["focus"] * 3
    assert "已办理 3 件，核定 30.00 元" in ben.get(done["Location"]).content.decode()
    everything = office("cora").post("/benefits/move", {"move": "return", "all": "1", "query": "tab=focus", "to": "check",
                                                        "reason": "重看", "sure": "1", "token": str(uuid4())})  # fmt: skip
    assert everything.status_code == 302 and steps(job) == ["check"] * 6
    for wrong in ({"move": "withdraw"}, {"move": "pass"}, {"move": "pass", "number": ["x"]}):
        assert ben.post("/benefits/move", wrong | {"sure": "1", "token": str(uuid4())}).status_code == 409


def test_of_two_people_at_one_item_one_is_told(office: Visit, job: psycopg.Connection) -> None:
    from django.db import connections

    number = enter(office("anna"))
    assert act(office("anna"), number) == 302
    clients, answers = [office("ben"), office("cora")], list[int]()

    def race(client: Client) -> None:
        try:
            answers.append(act(client, number, step="check"))
        finally:
            connections.close_all()  # a thread's own

    both = [threading.Thread(target=race, args=(client,)) for client in clients]
    for one in both:
        one.start()
    for one in both:
        one.join(60)
    assert sorted(answers) == [302, 409]
    assert job.execute("SELECT count(*) FROM benefit_move WHERE level = 'check'").fetchone() == (1,)


def test_the_clock_stands_runs_on_and_is_extended_once(office: Visit, job: psycopg.Connection) -> None:
    anna = office("anna")
    number = enter(anna, received=today().isoformat())
    first = after_working_days(today(), 30)
    assert act(anna, number, "pause", reason="") == 409
    assert act(anna, number, "pause", reason="等补发票") == 302
    assert job.execute("SELECT due, paused_left FROM benefit_item").fetchone() == (None, 30)
    assert "计时已中止，剩 30 个工作日" in anna.get(f"/benefits/{number}").content.decode()
    assert act(anna, number, "resume", reason="已补") == 302
    assert act(anna, number, "extend", reason="外调") == 302 and act(anna, number, "extend", reason="再来") == 409
    assert job.execute("SELECT due, extended FROM benefit_item").fetchone() == (after_working_days(first, 30), True)
    assert act(office("dan"), number, "pause", reason="x") == 409, "not a level of that post"


def test_the_first_level_corrects_what_was_entered(office: Visit, job: psycopg.Connection) -> None:
    anna = office("anna")
    number = enter(anna)
    told = {name: FORM[name] for name in ("kind", "provider", "provider_name", "place", "day", "total_fen")}
    told |= {"claimed_fen": "12000", "total_fen": "15000", "injury": "1", "reason": "少录一张", "token": str(uuid4())}
    assert anna.post(f"/benefits/{number}/amend", told | {"reason": ""}).status_code == 409
    assert anna.post(f"/benefits/{number}/amend", told | {"claimed_fen": "x"}).status_code == 409
    assert anna.post(f"/benefits/{number}/amend", told).status_code == 302
    assert anna.post(f"/benefits/{number}/amend", told).status_code == 302, "the same form again does nothing"
    assert job.execute("SELECT claimed_fen, approved_fen, points, slip FROM benefit_item").fetchone() == (
        1_200_000, 1_200_000, ["amount", "injury"], "FP-1")  # fmt: skip
    assert job.execute("SELECT count(*) FROM benefit_move WHERE name = 'amend'").fetchone() == (1,)
    assert act(anna, number) == 302
    assert anna.post(f"/benefits/{number}/amend", told | {"token": str(uuid4())}).status_code == 409


def test_the_worklist_pages_filters_and_counts(office: Visit) -> None:
    anna = office("anna")
    text = HEAD + "".join(
        f"\n{'生育津贴' if n % 3 else '手工报销'},L{n:03},P{n:04},姓名{n},甲医院,,2026-10-0{1 + n % 7},2026-10-1{n % 8},900,{n + 1},"
        for n in range(120)
    )
    assert send(anna, text).status_code == 302
    seen, at = list[str](), "/benefits?tab=mine"
    while at:
        page = anna.get(at).content.decode()
        seen += slips(page)
        found = re.search(r"href=\"(\?[^\"]*after=[^\"]*)\"", page)
        at = "/benefits" + unescape(found[1]) if found else ""
    assert len(seen) == len(set(seen)) == 120
    manual = anna.get("/benefits?tab=first&kind=manual").content.decode()
    assert len(slips(manual)) == 40 and "待初审<small>40</small>" in manual
    second = anna.get("/benefits?tab=mine&before=2026-10-12~1").content.decode()
    assert len(slips(second)) == 30, (
        "those received on the tenth and the eleventh; the first of the twelfth is number 3"
    )
    assert anna.get("/benefits?tab=x&since=y&after=z&kind=w&late=1").status_code == 200
    assert slips(anna.get("/benefits?tab=all&q=L007").content.decode()) == ["L007"]
    assert "待我办理<small>120</small>" in office("ben").get("/benefits").content.decode()
    assert "全部<small>120</small>" in office("fin").get("/benefits").content.decode()


def test_the_export_holds_what_the_filter_holds(office: Visit, job: psycopg.Connection) -> None:
    anna = office("anna")
    enter(anna)
    enter(anna, slip="FP-2", kind="maternity", injury="1")
    answer: Any = anna.get("/benefits/export?tab=all&kind=maternity")
    content = b"".join(answer.streaming_content)
    answer.close()
    sheet = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    assert sheet[1][1:5] == ["生育津贴", "王*燕", "西安市红会医院", "FP-2"] and sheet[1][8] == "外伤"
    assert sheet[1][10] == 3200.5 and "FP-1" not in str(sheet)
    noted = job.execute("SELECT by, detail->>'rows' FROM trail WHERE action = 'benefits.export'").fetchall()
    assert noted == [("anna", "1")]
    other: Any = office("away").get("/benefits/export?tab=all")
    there = CalamineWorkbook.from_filelike(BytesIO(b"".join(other.streaming_content))).get_sheet_by_index(0).to_python()
    other.close()
    assert "FP-" not in str(there)


def test_claims_that_end_soon_are_told_once_a_day(office: Visit, home: Home, job: psycopg.Connection) -> None:
    from mingcha.desk.notices.deadlines import look_ahead

    enter(office("anna"), day="2026-09-01", received="2026-09-01")  # thirty working days later it is 2026-10-19
    for day, n in ((date(2026, 10, 14), 0), (date(2026, 10, 20), 1), (date(2026, 10, 20), 0), (date(2026, 11, 2), 1)):
        assert look_ahead(home, day) == n, day
    told = job.execute("SELECT area, n, detail->>'due' FROM notice_told WHERE event = 'benefits-due' ORDER BY id")
    assert told.fetchall() == [(AREA, 1, "2026-10-22"), (AREA, 1, "2026-11-04")]


def slips(page: str) -> list[str]:
    """The slips of the rows of a list, in order."""
    return re.findall(r"<td class=\"code clip\" title=\"(\w+)\">", page)


TERMS = {"area": AREA, "focus": "3,000.00", "fourth": "200000", "short": "500", "days-manual": "20", "days-maternity": "10",
         "days-sporadic": "30", "level-first": "1", "level-check": "1", "level-site": "1", "level-sign": "1",
         "short-first": "1", "short-sign": "1", "since": "", "reason": "人少"}  # fmt: skip


def test_a_leader_sets_the_terms_of_an_area(office: Visit, job: psycopg.Connection, home: Home) -> None:
    eve, told = office("eve"), TERMS | {"since": today().isoformat()}
    for wrong, said in (({"level-sign": ""}, "至少要有初审和领导审签"), ({"focus": "很多"}, "大额的标准"), ({"reason": " "}, "请写明理由"),
                        ({"days-manual": "0"}, "手工报销的期限"), ({"since": "2020-01-01"}, "不能早于今天"),
                        ({"area": OTHER_AREA}, "自己辖区"), ({"short-first": ""}, "至少要有初审和领导审签")):  # fmt: skip
        answer = eve.post("/benefits/terms", told | wrong)
        assert answer.status_code == 409 and said in answer.content.decode(), wrong
    try:
        assert eve.post("/benefits/terms", told).status_code == 302
        page = eve.get(f"/benefits/terms?area={AREA}").content.decode()
        assert "初审 → 审核 → 稽核 → 领导审签" in page and "200,000.00" in page and "500.00" in page
        enter(office("anna"), claimed_fen="499")
        enter(office("anna"), slip="F2")
        found = job.execute("SELECT array_to_string(route, ' '), points FROM benefit_item ORDER BY id").fetchall()
        assert found == [("first sign", []), ("first check site sign", ["amount"])]
        noted = job.execute(
            "SELECT by, subject, detail->'new'->>'fourth_fen' FROM trail WHERE action = 'benefits.terms'"
        )
        assert noted.fetchall() == [("eve", f"setting:benefits@{AREA}", "20000000")]
    finally:
        with connect(home, "owner") as owner:
            owner.execute("SELECT set_config('mingcha.scope', '*', true)")
            owner.execute("DELETE FROM facts.setting WHERE key = 'benefits'")
