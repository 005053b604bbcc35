"""Signed claims become batches: three signatures, a fourth over the threshold, sent once, answered row by row."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from python_calamine import CalamineWorkbook

from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.terms.calendar import today
from tests.desk.factories import AREA, OTHER_AREA
from tests.desk.test_benefits import act, enter, everywhere

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow

Visit = Callable[[str | None], "Client"]
HEAD = "拨付编号,待遇编号,金额,结果,原因,日期\n"


@pytest.fixture
def office(home: Home, people: Callable[..., Any], visit_as: Visit) -> Visit:
    """Two finance officers, a supervisor and two leaders of the county; one finance officer elsewhere."""
    for name, role in (("anna", "reviewer"), ("fin", "finance"), ("fia", "finance"), ("dan", "supervisor"),
                       ("eve", "leader"), ("emil", "leader")):  # fmt: skip
        people(name, role)
    people("away", "finance", OTHER_AREA)
    return visit_as


@pytest.fixture
def claims(office: Visit) -> Callable[..., list[int]]:
    """Enters claims and signs them at once, as the procedure would."""

    def made(*fen: int, by: str = "anna") -> list[int]:
        numbers = [
            enter(office(by), slip=f"S-{uuid4().hex[:10]}", claimed_fen=f"{one / 100:.2f}", total_fen="900000")
            for one in fen
        ]
        with everywhere() as owner:
            owner.execute("UPDATE benefit_item SET step = 'signed' WHERE id = ANY(%s)", [numbers])
        return numbers

    return made


def make(client: Client, items: Sequence[int], **more: Any) -> Any:
    """Put claims together; the answer."""
    told = {"area": AREA, "name": "十一月第一批", "number": [str(one) for one in items], "token": str(uuid4())} | more
    return client.post("/disbursements/new", told)


def made(client: Client, items: Sequence[int]) -> int:
    """The same; the batch's number."""
    answer = make(client, items)
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    return int(answer["Location"].rsplit("/", 1)[1])


def step_of(number: int) -> str:
    with everywhere() as owner:
        found = owner.execute("SELECT step FROM disbursement WHERE id = %s", [number]).fetchone()
    return found[0] if found else ""


def move(client: Client, number: int, name: str = "pass", **more: str) -> int:
    """One move of a batch where it stands now; the status of the answer."""
    told = {"move": name, "token": str(uuid4()), "step": step_of(number), "reason": "已核对"} | more
    return client.post(f"/disbursements/{number}/move", told).status_code


def sent(office: Visit, items: Sequence[int]) -> int:
    """A batch that went to the bank."""
    number = made(office("fin"), items)
    for name in ("fin", "fia", "eve"):
        assert move(office(name), number) == 302
    assert move(office("fin"), number, "send") == 302
    return number


def give_back(client: Client, number: int, text: str, name: str = "回盘.csv") -> Any:
    """Upload a return file."""
    return client.post(f"/disbursements/{number}/return", {"file": SimpleUploadedFile(name, text.encode())})


def line(batch: int, item: int, yuan: str, result: str = "成功", why: str = "") -> str:
    return f"BF{batch:08},DY{item:08},{yuan},{result},{why},{today()}\n"


def test_three_people_sign_and_no_claim_is_paid_twice(
    office: Visit, claims: Callable[..., list[int]], job: psycopg.Connection
) -> None:  # fmt: skip
    items = claims(10_001, 20_002)
    assert make(office("dan"), items).status_code == 409, "entering is finance's"
    made(office("fin"), items)
    again = make(office("fia"), items)
    assert again.status_code == 409 and "已在另一批里" in again.content.decode()
    assert job.execute("SELECT count(*) FROM disbursement_row").fetchone() == (2,)
    with pytest.raises(psycopg.errors.UniqueViolation), everywhere() as owner:
        owner.execute(
            "WITH other AS (INSERT INTO disbursement (token, fund_area, name, entered_by)"
            " VALUES (gen_random_uuid(), %s, 'x', 'x') RETURNING id) SELECT id FROM other", [AREA]
        )  # fmt: skip
        owner.execute("INSERT INTO disbursement_row (disbursement_id, n, fund_area, item_id, fen)"
                      " SELECT max(id), 1, %s, %s, 10001 FROM disbursement", [AREA, items[0]])  # fmt: skip
    assert act(office("eve"), items[0], "return", to="first", reason="发现重复") == 409, "it is in a batch"


def test_each_level_is_another_persons(
    office: Visit, claims: Callable[..., list[int]], job: psycopg.Connection
) -> None:
    number = made(office("fin"), claims(10_001))
    assert move(office("fin"), number) == 302 and step_of(number) == "check"
    assert move(office("fin"), number) == 409, "who entered doesn't check"
    assert move(office("eve"), number) == 409, "a check is finance's"
    assert move(office("fia"), number) == 302 and step_of(number) == "approve"
    assert move(office("fia"), number) == 409 and move(office("fin"), number) == 409
    assert move(office("dan"), number) == 302 and step_of(number) == "signed"
    assert move(office("fia"), number, "send") == 409, "sending is the entry's"
    assert move(office("fin"), number, "send") == 302 and step_of(number) == "sent"
    noted = job.execute("SELECT action, by FROM trail WHERE action LIKE 'disbursements.%' ORDER BY id").fetchall()
    assert noted == [("disbursements.enter", "fin"), ("disbursements.pass", "fin"), ("disbursements.pass", "fia"),
                     ("disbursements.pass", "dan"), ("disbursements.send", "fin")]  # fmt: skip
    told = job.execute("SELECT event FROM notice_told WHERE event LIKE 'disbursement%' ORDER BY id").fetchall()
    assert [one for (one,) in told] == ["disbursement-check", "disbursement-approve", "disbursement-signed"]
    with pytest.raises(psycopg.errors.CheckViolation), everywhere() as owner:
        owner.execute("INSERT INTO disbursement_move (token, disbursement_id, fund_area, name, level, before, after, by, rows,"
                      " fen) VALUES (gen_random_uuid(), %s, %s, 'pass', 'approve', 'approve', 'signed', 'fia', 1, 1)",
                      [number, AREA])  # fmt: skip


def test_over_the_threshold_a_fourth_signs(
    office: Visit, claims: Callable[..., list[int]], settings_of: Callable[..., None]
) -> None:  # fmt: skip
    settings_of("session-single", "0")
    settings_of("benefits", '{"fourth_fen": 30000}', AREA)
    number = made(office("fin"), claims(10_000, 20_000))
    for name in ("fin", "fia", "eve"):
        assert move(office(name), number) == 302
    assert step_of(number) == "leader"
    assert move(office("eve"), number) == 409 and move(office("dan"), number) == 409
    assert move(office("emil"), number) == 302 and step_of(number) == "signed"
    small = made(office("fin"), claims(29_999))
    for name in ("fin", "fia", "eve"):
        assert move(office(name), small) == 302
    assert step_of(small) == "signed"


def test_who_made_the_first_review_signs_nothing_out(
    office: Visit, claims: Callable[..., list[int]], people: Callable[..., Any]
) -> None:  # fmt: skip
    from mingcha.desk.accounts.delegations import lend
    from mingcha.desk.accounts.models import Account

    lend(by="anna", account=Account.objects.get(username="anna"), to="eve", since=today(), until=today(), reason="休假")
    number = made(office("fin"), claims(10_000, by="eve"))  # in anna's post: both of them were the first level
    assert move(office("fin"), number) == move(office("fia"), number) == 302
    answer = office("eve").post(
        f"/disbursements/{number}/move", {"move": "pass", "step": "approve", "token": str(uuid4())}
    )
    assert answer.status_code == 409 and "您初审过的待遇" in answer.content.decode()
    assert move(office("emil"), number) == 302


def test_sent_back_taken_out_discarded(
    office: Visit, claims: Callable[..., list[int]], job: psycopg.Connection
) -> None:
    items = claims(100, 200, 300)
    number = made(office("fin"), items)
    assert move(office("fin"), number) == 302
    out = {"n": "2", "reason": "账户有误", "token": str(uuid4())}
    assert office("fin").post(f"/disbursements/{number}/out", out).status_code == 409, "it was submitted"
    assert move(office("fia"), number, "return", reason="") == 409
    assert move(office("fia"), number, "return", reason="第二行账户") == 302 and step_of(number) == "entry"
    assert office("fin").post(f"/disbursements/{number}/out", out | {"reason": " "}).status_code == 409
    assert office("fin").post(f"/disbursements/{number}/out", out).status_code == 302
    assert office("fin").post(f"/disbursements/{number}/out", out).status_code == 302, (
        "the same form again does nothing"
    )
    assert office("fin").post(f"/disbursements/{number}/out", out | {"token": str(uuid4())}).status_code == 409
    assert (
        office("fia").post(f"/disbursements/{number}/out", out | {"n": "1", "token": str(uuid4())}).status_code == 409
    )
    other = made(office("fin"), [items[1]])
    assert move(office("fin"), number, "discard", reason="重做") == 302 and step_of(number) == "discarded"
    assert (
        job.execute("SELECT result FROM disbursement_row WHERE disbursement_id = %s", [number]).fetchall()
        == [("out",)] * 3
    )
    assert made(office("fin"), [items[0], items[2]]) > other


def test_the_return_file_pays_and_fails_row_by_row(
    office: Visit, claims: Callable[..., list[int]], job: psycopg.Connection
) -> None:  # fmt: skip
    a, b, c = items = claims(10_050, 20_000, 30_000)
    early = made(office("fin"), items)
    assert "还没有报送" in give_back(office("fin"), early, HEAD + line(early, a, "100.50")).content.decode()
    assert move(office("fin"), early, "discard") == 302
    number, fin = sent(office, items), office("fin")
    bad = (
        HEAD
        + line(number, a, "100.51")
        + line(number, 9, "1")
        + line(number, b, "200", "退票")
        + line(number, c, "300", "失败")
    )
    page = give_back(fin, number, bad)
    text = page.content.decode()
    assert page.status_code == 409 and "应为“成功”或“失败”" in text and "失败的要写明原因" in text
    page = give_back(fin, number, HEAD + line(number, a, "100.51") + line(number, 9, "1") + line(number + 1, b, "200"))
    text = page.content.decode()
    assert page.status_code == 409 and "报送的是 100.50 元，回盘是 100.51 元" in text and "不在这批里" in text
    assert f"不是 BF{number:08}" in text
    results = "SELECT result FROM disbursement_row WHERE disbursement_id = %s ORDER BY n"
    assert job.execute(results, [number]).fetchall() == [("waiting",)] * 3, "nothing of a wrong file is booked"
    first = HEAD + line(number, a, "100.50") + line(number, b, "200", "失败", "账号户名不符")
    assert "paid=1&failed=1&known=0" in give_back(fin, number, first)["Location"]
    assert "paid=0&failed=0&known=2" in give_back(fin, number, first)["Location"], "the same file changes nothing"
    page = fin.get(f"/disbursements/{number}").content.decode()
    assert "回盘失败 200.00 元，还没有回盘 300.00 元" in page and step_of(number) == "sent"
    again = HEAD + line(number, a, "100.50") + line(number, c, "300")
    assert "paid=1&failed=0&known=1" in give_back(fin, number, again)["Location"] and step_of(number) == "returned"
    turned = give_back(fin, number, HEAD + line(number, b, "200"))
    assert turned.status_code == 409 and "以前的回盘是另一个结果" in turned.content.decode()
    sums = job.execute("SELECT d.sent_fen, sum(r.fen) FILTER (WHERE result = 'paid'), sum(r.fen) FILTER (WHERE result ="
                       " 'failed') FROM disbursement d JOIN disbursement_row r ON r.disbursement_id = d.id WHERE d.id = %s"
                       " GROUP BY d.id", [number]).fetchone()  # fmt: skip
    assert sums == (60_050, 40_050, 20_000)
    later = sent(office, [b])
    assert "paid=1" in give_back(fin, later, HEAD + line(later, b, "200"))["Location"]
    assert "三方相等" in fin.get(f"/disbursements/{later}").content.decode()
    for item in items:
        assert make(fin, [item]).status_code == 409, "each is paid once"
    claim = office("anna").get(f"/benefits/{b}").content.decode()
    assert "失败：账号户名不符" in claim and f"BF{later:08}" in claim


def test_of_two_who_put_one_claim_together_one_wins(
    office: Visit, claims: Callable[..., list[int]], job: psycopg.Connection
) -> None:  # fmt: skip
    from django.db import connections

    items, clients, answers = claims(100, 200), [office("fin"), office("fia")], list[int]()

    def race(client: Client) -> None:
        try:
            answers.append(make(client, items).status_code)
        finally:
            connections.close_all()  # a thread's own

    both = [threading.Thread(target=race, args=(client,)) for client in clients]
    for one in both:
        one.start()
    for one in both:
        one.join(60)
    assert sorted(answers) == [302, 409]
    token = str(uuid4())
    (item,) = claims(300)
    first, second = make(clients[0], [item], token=token), make(clients[0], [item], token=token)
    assert first["Location"] == second["Location"], "a double click makes one batch"
    assert job.execute("SELECT count(*) FROM disbursement").fetchone() == (2,)


def test_what_lies_in_another_area_does_not_exist(office: Visit, claims: Callable[..., list[int]]) -> None:
    items = claims(100)
    number, away = made(office("fin"), items), office("away")
    assert (
        away.get(f"/disbursements/{number}").status_code
        == 404
        == away.get(f"/disbursements/{number}/export").status_code
    )
    for what in ("move", "out", "return"):
        assert away.post(f"/disbursements/{number}/{what}", {"token": str(uuid4())}).status_code == 404
    assert "BF0000" not in away.get("/disbursements").content.decode()
    (other,) = claims(200)
    for area in (AREA, OTHER_AREA):
        assert make(away, [other], area=area).status_code == 409, "neither that area nor its claims are away's"


def test_the_export_is_the_return_files_form(office: Visit, claims: Callable[..., list[int]]) -> None:
    from io import BytesIO

    items = claims(100, 205)
    number = sent(office, items)
    answer: Any = office("fin").get(f"/disbursements/{number}/export")
    content = b"".join(answer.streaming_content)
    answer.close()
    sheet = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    assert [row[6] for row in sheet[1:3]] == [1.0, 2.05] and {row[4] for row in sheet[1:3]} == {"王*燕"}
    filled = HEAD + "".join(f"{row[0]},{row[2]},{row[6]},成功,,{today()}\n" for row in sheet[1:3])
    assert "paid=2&failed=0" in give_back(office("fin"), number, filled)["Location"]


def test_a_small_office_of_two(
    office: Visit, claims: Callable[..., list[int]], settings_of: Callable[..., None]
) -> None:
    settings_of("session-single", "0")
    settings_of("review", '{"staffing": "small"}', AREA)
    number = made(office("fin"), claims(100))
    assert move(office("fin"), number) == 302 and step_of(number) == "approve"
    assert move(office("dan"), number) == 409
    assert move(office("eve"), number) == 302 and step_of(number) == "signed"


def test_the_app_cannot_unsay(office: Visit, claims: Callable[..., list[int]], home: Home) -> None:
    made(office("fin"), claims(100))
    for wrong in ("DELETE FROM disbursement_row", "UPDATE disbursement_row SET fen = 1", "UPDATE disbursement_move SET by = 'x'",
                  "DELETE FROM benefit_move", "UPDATE benefit_item SET slip = 'x'"):  # fmt: skip
        with pytest.raises(psycopg.errors.InsufficientPrivilege), connect(home, "app") as app:
            app.execute(wrong.encode())
