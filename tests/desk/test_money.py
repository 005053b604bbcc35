"""From the signed finding to the money: statements, the ledger, reversals and receipts, killed and raced."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from threading import Thread
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest

from mingcha.desk.library.takedown import revoke
from mingcha.desk.money import actions, books, returning
from mingcha.desk.money.forms import read_return
from mingcha.desk.review.actions import Chosen, move
from mingcha.desk.review.actors import Actor
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.procedure.identity import finding_id
from mingcha.terms.errors import InputError, UsageError
from tests.desk.factories import AREA, OTHER_AREA, Audits, flag, line

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow

ZHOU, HE, SUN = Actor("zhou", "reviewer"), Actor("he", "leader"), Actor("sun", "finance")
HOSPITAL = Actor("wu", "provider")
UNTIL = date(2026, 3, 31)
DAY = date(2026, 11, 2)


class Office:
    """People of the office at their desks, each act in a transaction of its own as the app role."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def do(self, what: Callable[..., Any], scope: str = AREA, **more: Any) -> Any:
        with connect(self.home, "app") as app, psycopg.ClientCursor(app) as cursor:
            cursor.execute("SELECT set_config('mingcha.scope', %s, true)", [scope])
            return what(cursor, **more)

    def move(self, actor: Actor, name: str, *numbers: str, reason: str = "理由") -> int:
        chosen = Chosen.numbers(numbers) if numbers else Chosen("true", {})
        if actor.role != "provider":
            return self.do(move, actor=actor, name=name, chosen=chosen, token=uuid4(), reason=reason).moved
        with connect(self.home, "app") as app, psycopg.ClientCursor(app) as cursor:
            cursor.execute("SELECT set_config('mingcha.scope', '', true), set_config('mingcha.provider', 'H1', true)")
            return move(cursor, actor=actor, name=name, chosen=chosen, token=uuid4(), reason=reason).moved

    def sign(self, *numbers: str) -> None:
        self.move(ZHOU, "adopt", *numbers)
        self.move(HOSPITAL, "accept", *numbers)
        self.move(HE, "sign", *numbers)

    def draft(self, token: Any = None, until: date = UNTIL, by: Actor = SUN) -> int:
        return self.do(actions.draft, actor=by, area=AREA, provider="H1", until=until, token=token or uuid4())

    def approve(self, statement: int, token: Any = None, by: Actor = HE, scope: str = AREA) -> bool:
        return self.do(actions.approve, scope, actor=by, statement=statement, token=token or uuid4())

    def receive(self, statement: int, fen: int, token: Any = None, voucher: str = "") -> bool:
        return self.do(
            actions.receive, actor=SUN, statement=statement, fen=fen, day=DAY, voucher=voucher, token=token or uuid4()
        )

    def differences(self) -> list[Any]:
        return self.do(books.differences, "*")

    def balance(self, statement: int) -> dict[str, Any]:
        return self.do(books.statement, "*", number=statement)


@pytest.fixture
def office(home: Home) -> Iterator[Office]:
    yield Office(home)


def settled(number: str, amount: int = 1000, **change: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A flag and its line, half of whose settlement the fund paid."""
    one = flag(number, improper_fen=amount, **change)
    return one, line(one, settled_fund_fen=5_000, settled_in_scope_fen=10_000)


def record(audits: Audits, *pairs: tuple[dict[str, Any], dict[str, Any]]) -> list[str]:
    audits.record([one for one, _ in pairs], [two for _, two in pairs])
    return [finding_id(one["fund_area"], one["rule"], one["frame"], one["key"]) for one, _ in pairs]


def test_from_the_signature_to_the_last_fen(audits: Audits, office: Office, job: psycopg.Connection) -> None:
    one, two = record(audits, settled("L1"), settled("L2", 501))
    office.sign(one, two)
    number = office.draft()
    assert office.balance(number)["stands"] == "draft"
    assert office.approve(number)
    assert job.execute("SELECT DISTINCT step FROM finding").fetchall() == [("deducted",)]
    told = office.balance(number)
    assert (told["stands"], told["deducted_fen"], told["open_fen"]) == ("unpaid", 500 + 251, 751)
    assert office.receive(number, 300, voucher="PZ-1")
    assert (office.balance(number)["stands"], office.balance(number)["open_fen"]) == ("partly", 451)
    with pytest.raises(UsageError, match=r"4\.51"):
        office.receive(number, 452)
    with pytest.raises(UsageError, match="PZ-1"):
        office.receive(number, 1, voucher="PZ-1")
    assert office.receive(number, 451)
    assert office.balance(number)["stands"] == "settled"
    assert office.differences() == []
    accounts = job.execute("SELECT account, sum(fen)::bigint FROM money_entry GROUP BY 1 ORDER BY 1").fetchall()
    assert accounts == [("receivable", 0), ("recovered", 751), ("refund", -751)]
    entries = job.execute("SELECT action FROM trail WHERE action LIKE 'money.%%' ORDER BY id").fetchall()
    assert [action for (action,) in entries] == ["money.draft", "money.approve", "money.receive", "money.receive"]
    told = job.execute("SELECT event, provider, detail->>'number' FROM notice_told WHERE event ~ '^statement' ORDER BY id")
    assert told.fetchall() == [("statement-drafted", "H1", "KK00000001"), ("statement-issued", "H1", "KK00000001")]


def test_the_same_form_twice_does_nothing(audits: Audits, office: Office, job: psycopg.Connection) -> None:
    office.sign(*record(audits, settled("L1")))
    tokens = [uuid4() for _ in range(3)]
    number = office.draft(tokens[0])
    assert office.draft(tokens[0]) == number
    with pytest.raises(UsageError, match="已有一份"):
        office.draft()
    assert (office.approve(number, tokens[1]), office.approve(number, tokens[1])) == (True, False)
    with pytest.raises(UsageError, match="已经审批"):
        office.approve(number)
    assert (office.receive(number, 100, tokens[2]), office.receive(number, 100, tokens[2])) == (True, False)
    assert job.execute("SELECT kind, count(*) FROM money_posting GROUP BY 1 ORDER BY 1").fetchall() == [
        ("deduction", 1), ("receipt", 1)]  # fmt: skip


def test_two_people_and_neither_decided_first(audits: Audits, office: Office) -> None:
    (one,) = record(audits, settled("L1"))
    office.sign(one)
    for actor in (ZHOU, HE):
        with pytest.raises(UsageError, match="财务拟定"):
            office.draft(by=actor)
    with pytest.raises(UsageError, match="另一个人"):
        office.draft(by=Actor("zhou", "finance"))
    number = office.draft()
    for actor, words in ((SUN, "岗位"), (Actor("sun", "leader"), "由您拟定"), (Actor("zhou", "leader"), "另一个人")):
        with pytest.raises(UsageError, match=words):
            office.approve(number, by=actor)
    with pytest.raises(UsageError, match="没有这份"):
        office.approve(number, scope=OTHER_AREA)
    assert office.approve(number)


def test_without_a_settlement_it_stays_signed(audits: Audits, office: Office, job: psycopg.Connection) -> None:
    unsettled = flag("L2", improper_fen=700)
    numbers = record(audits, settled("L1"), (unsettled, line(unsettled)))
    office.sign(*numbers)
    number = office.draft()
    told = office.balance(number)
    assert (told["drafted_fen"], told["left_out"]) == (500, 1)
    office.approve(number)
    steps = dict(job.execute("SELECT line, step FROM finding").fetchall())
    assert steps == {"L1": "deducted", "L2": "signed"}
    with pytest.raises(UsageError, match="没有可以扣款"):
        office.draft()
    job.execute("INSERT INTO facts.setting (key, area, value) VALUES ('deduction', '610300', %s)",
                [json.dumps({"without_settlement": True})])  # fmt: skip
    try:
        more = office.draft()
        office.approve(more)
        assert office.balance(more)["deducted_fen"] == 700
    finally:
        job.execute("DELETE FROM facts.setting WHERE key = 'deduction'")
    assert office.differences() == []


def test_two_findings_on_a_line_never_take_more_than_the_fund_paid(
    audits: Audits, office: Office, job: psycopg.Connection
) -> None:
    first, twin = flag("L1", improper_fen=999), flag("L1", rule="service-by-sex", improper_fen=999)
    paid = {"in_scope_fen": 999, "settled_fund_fen": 5_000, "settled_in_scope_fen": 10_000}
    numbers = record(audits, (first, line(first, **paid)), (twin, line(twin, **paid)))
    office.do(move, actor=ZHOU, name="adopt", chosen=Chosen.numbers(numbers[:1]), token=uuid4(),
              lines={("H1", "V1", "L1"): 333})  # fmt: skip
    office.move(ZHOU, "adopt", numbers[1])
    office.move(HOSPITAL, "accept")
    office.move(HE, "sign")
    counted = [n for (n,) in job.execute("SELECT counted_fen FROM finding_line ORDER BY 1").fetchall()]
    number = office.draft()
    office.approve(number)
    assert sum(counted) == 999 and office.balance(number)["deducted_fen"] <= 500
    assert office.differences() == []


def test_a_discarded_draft_leaves_everything(audits: Audits, office: Office, job: psycopg.Connection) -> None:
    office.sign(*record(audits, settled("L1")))
    number = office.draft()
    with pytest.raises(UsageError, match="理由"):
        office.do(actions.discard, actor=SUN, statement=number, reason=" ")
    office.do(actions.discard, actor=SUN, statement=number, reason="月份选错")
    with pytest.raises(UsageError, match="已经作废"):
        office.approve(number)
    assert job.execute("SELECT step FROM finding").fetchone() == ("signed",)
    assert office.approve(office.draft())


def test_a_reversal_takes_back_exactly_what_was_deducted(
    audits: Audits, office: Office, job: psycopg.Connection
) -> None:
    one, two = record(audits, settled("L1"), settled("L2", 501))
    office.sign(one, two)
    number = office.draft()
    office.approve(number)
    office.receive(number, 700)
    assert office.move(Actor("he", "leader"), "reverse", two, reason="新证据") == 1
    told = office.balance(number)
    assert (told["reversed_fen"], told["open_fen"]) == (251, 751 - 700 - 251)  # the provider gets something back
    assert office.differences() == []
    both = job.execute("SELECT kind, sum(fen)::bigint FROM money_entry WHERE finding_id = %s AND account = 'refund'"
                       " GROUP BY 1 ORDER BY 1", [two]).fetchall()  # fmt: skip
    assert both == [("deduction", -251), ("reversal", 251)]


def test_a_draft_whose_finding_was_reversed_is_not_approved(audits: Audits, office: Office) -> None:
    one, two = record(audits, settled("L1"), settled("L2"))
    office.sign(one, two)
    number = office.draft()
    office.move(HE, "reverse", two)
    with pytest.raises(UsageError, match="重新拟定"):
        office.approve(number)
    office.do(actions.discard, actor=SUN, statement=number, reason="有疑点撤销")
    again = office.draft()
    office.approve(again)
    assert office.balance(again)["deducted_fen"] == 500


def test_a_rule_that_goes_takes_its_deductions_along(
    audits: Audits, office: Office, home: Home, job: psycopg.Connection
) -> None:
    numbers = record(audits, settled("L1"), settled("L2", 600, rule="service-by-sex"))
    office.sign(*numbers)
    number = office.draft()
    office.approve(number)
    assert revoke(home, "service-by-sex", "he").moved == 1
    assert revoke(home, "service-by-sex", "he").moved == 0
    told = office.balance(number)
    assert (told["deducted_fen"], told["reversed_fen"], told["open_fen"]) == (800, 300, 500)
    assert job.execute("SELECT step, outcome FROM finding WHERE id = %s", [numbers[1]]).fetchone() == (
        "revoked", "withdrawn")  # fmt: skip
    assert office.differences() == []


def test_the_database_itself_guards_the_books(audits: Audits, office: Office, home: Home) -> None:
    office.sign(*record(audits, settled("L1")))
    number = office.draft()
    office.approve(number)
    posting = ("INSERT INTO money_posting (kind, statement_id, fund_area, provider, day, by) SELECT 'receipt', id,"
               " fund_area, provider, '2026-11-02', 'x' FROM money_statement RETURNING id")  # fmt: skip
    entry = ("INSERT INTO money_entry (posting_id, kind, statement_id, fund_area, provider, account, fund, fen)"
             " SELECT %s, 'receipt', id, fund_area, provider, 'recovered', 'unknown', 5 FROM money_statement")  # fmt: skip
    with connect(home, "app") as app:
        app.execute("SELECT set_config('mingcha.scope', '*', true)")
        app.execute(entry.encode(), app.execute(posting.encode()).fetchone())
        with pytest.raises(psycopg.errors.CheckViolation, match="sum to zero"):
            app.commit()
    office.receive(number, 5)
    with connect(home, "app") as app:
        app.execute("SELECT set_config('mingcha.scope', '*', true)")
        old = app.execute("SELECT id FROM money_posting WHERE kind = 'receipt'").fetchone()
        with pytest.raises(psycopg.errors.CheckViolation, match="complete when it is committed"):
            app.execute(entry.encode(), old)
    for role in ("app", "job"):
        for table in ("money_entry", "money_posting", "money_statement_line"):
            for text in (f"DELETE FROM {table}", f"UPDATE {table} SET provider = 'x'"):
                with connect(home, role) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(text.encode())


def test_two_leaders_approve_at_once(audits: Audits, office: Office, job: psycopg.Connection) -> None:
    office.sign(*record(audits, settled("L1"), settled("L2")))
    number = office.draft()
    told = list[object]()

    def press(name: str) -> None:
        try:
            told.append(office.approve(number, by=Actor(name, "leader")))
        except UsageError as error:
            told.append(error.zh)

    both = [Thread(target=press, args=(name,)) for name in ("he", "luo")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert True in told and any("已经审批" in str(one) for one in told)
    assert job.execute("SELECT count(*) FROM money_posting").fetchone() == (1,)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_people_do_the_books_add_up(
    audits: Audits, office: Office, job: psycopg.Connection, seed: int
) -> None:
    draw = random.Random(seed)
    numbers = record(audits, *(settled(f"L{n // 2}", 101 + n * 37, rule=("drug-for-children", "service-by-sex")[n % 2])
                               for n in range(24)))  # fmt: skip
    statements, done = list[int](), 0
    for _ in range(40):
        some = draw.sample(numbers, 3)
        what = draw.choice(("sign", "draft", "approve", "reverse", "receive", "discard"))
        statement = draw.choice(statements or [1])
        try:
            if what == "sign":
                office.sign(*some)
            elif what == "reverse":
                office.move(HE, "reverse", some[0])
            elif what == "draft":
                statements.append(office.draft())
            elif what == "approve":
                office.approve(statement)
            elif what == "receive":
                office.receive(statement, draw.randint(1, 400))
            else:
                office.do(actions.discard, actor=SUN, statement=statement, reason="重来")
            done += 1
        except UsageError:
            pass
        assert office.differences() == []
    assert done > 10 and all(row["adds_up"] for row in office.do(books.totals, "*"))
    twice = job.execute("SELECT count(*) FROM money_entry WHERE kind = 'deduction' AND account = 'receivable'"
                        " GROUP BY finding_id, visit, line HAVING count(*) > 1").fetchall()  # fmt: skip
    assert twice == []


_APPROVER = """
import sys
from mingcha.home.directory import Home
from tests.desk.test_money import Office
office = Office(Home.open())
print("begin", flush=True)
office.approve(int(sys.argv[1]))
"""


def test_a_killed_approval_deducts_all_or_nothing(audits: Audits, office: Office, job: psycopg.Connection) -> None:
    many = 3_000
    record(audits, *(settled(f"M{n}", 100 + n % 9) for n in range(many)))
    office.sign()
    number, draw = office.draft(), random.Random(5)
    for _ in range(8):
        _approved(office.home, number, draw.uniform(0.0, 0.7))
        seen = job.execute(_STEPS_AND_BOOKED).fetchall()
        assert seen in ([("signed", many, 0)], [("deducted", many, 2 * many)])
    _approved(office.home, number, None)
    assert job.execute("SELECT count(*) FROM money_entry").fetchone() == (2 * many,)
    assert office.differences() == []


_STEPS_AND_BOOKED = "SELECT step, count(*), (SELECT count(*) FROM money_entry) FROM finding GROUP BY 1"
"""In one statement: the database may be about to commit what a killed process had asked of it."""


def _approved(home: Home, number: int, kill_after: float | None) -> None:
    """Approve in a process of its own, killed after so many seconds."""
    process = subprocess.Popen(
        [sys.executable, "-c", _APPROVER, str(number)], env=os.environ | {"MINGCHA_HOME": str(home.path)},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout and process.stdout.readline() == b"begin\n"
    if kill_after is not None:
        time.sleep(kill_after)
        process.send_signal(signal.SIGKILL)
    process.wait(timeout=120)
    process.stdout.close()


def test_a_return_file_is_booked_whole_and_once(audits: Audits, office: Office) -> None:
    office.sign(*record(audits, settled("L1"), settled("L2", 501)))
    number = office.draft()
    office.approve(number)
    name = office.balance(number)["number"]
    text = f"扣款单号,到账金额（元）,到账日期,凭证号\n{name},1.00,2026-11-02,A1\n{name},\"2.50\",2026/11/03,A2\n"
    found = read_return(text.encode("gb18030"))
    assert office.do(returning.book, actor=SUN, found=found) == (2, 0)
    assert office.do(returning.book, actor=SUN, found=found) == (0, 2)
    assert office.balance(number)["received_fen"] == 350
    wrong = f"扣款单号,到账金额,到账日期\n{name},0.50,2026-11-04\n{name},99.00,2026-11-04\n".encode()
    with pytest.raises(InputError, match="第 3 行"):
        office.do(returning.book, actor=SUN, found=read_return(wrong))
    assert office.balance(number)["received_fen"] == 350
    for bad, words in ((b"a,b\n", "第一行"), (f"扣款单号,到账金额,到账日期\n{name},x,2026-11-04\n".encode(), "第 2 行")):
        with pytest.raises(InputError, match=words):
            read_return(bad)


def test_the_pages_lead_from_the_draft_to_the_check(
    audits: Audits, office: Office, visit_as: Callable[[str | None], Client]
) -> None:
    office.sign(*record(audits, settled("L1"), settled("L2", 501)))
    finance, leader = visit_as("finance"), visit_as("leader")
    assert "拟定扣款单" in finance.get("/money").content.decode()
    made = finance.post("/money/draft", {"provider": f"{AREA}|H1", "until": "2026-11-01", "token": str(uuid4())})
    at = made["Location"]
    assert visit_as("provider").get(at).status_code == 404, "not before it is approved"
    assert finance.post(f"{at}/approve", {"token": str(uuid4())}).status_code == 403
    assert leader.post(f"{at}/approve", {"token": str(uuid4())}).status_code == 302
    paid = {"yuan": "7.00", "day": "2026-11-02", "voucher": "PZ-9", "token": str(uuid4())}
    assert finance.post(f"{at}/receive", paid).status_code == 302
    assert "PZ-9" in leader.get(at).content.decode() and visit_as("provider").get(at).status_code == 200
    assert visit_as("elsewhere").get(at).status_code == 404
    refused = finance.post(f"{at}/receive", paid | {"yuan": "9", "token": str(uuid4())})
    assert refused.status_code == 409 and "0.51" in refused.content.decode()
    assert "分毫不差" in visit_as("reviewer").get("/money/check").content.decode()
    assert "KK0000" in finance.get("/money?tab=partly").content.decode()


def test_the_check_finds_what_is_wrong(audits: Audits, office: Office, home: Home) -> None:
    one, two = record(audits, settled("L1"), settled("L2"))
    office.sign(one, two)
    office.approve(office.draft())
    with connect(home, "owner") as owner:
        owner.execute("SELECT set_config('mingcha.scope', '*', true)")
        owner.execute("UPDATE finding SET step = 'signed' WHERE id = %s", [one])
        owner.execute("UPDATE finding_line SET counted_fen = 7 WHERE finding_id = %s", [two])
    assert {(row["what"], row["subject"]) for row in office.differences()} == {
        ("not_deducted", one), ("changed_since", two)}  # fmt: skip


def test_long_statements_are_turned_page_by_page(
    audits: Audits, office: Office, visit_as: Callable[[str | None], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = [settled(f"L{n}", 1000 + 100 * (n // 3)) for n in range(10)]
    office.sign(*record(audits, *pairs))
    office.approve(number := office.draft())
    whole = office.do(books.lines, number=number).rows
    assert len(whole) == 10
    monkeypatch.setattr(books, "PAGE", 4)
    seen, pages, after = list[Any](), list[Any](), ""
    while True:
        page = office.do(books.lines, number=number, after=after)
        pages.append(page)
        seen += page.rows
        if page.after is None:
            break
        after = page.after
    assert seen == whole, "ties in amount neither left out nor told twice"
    assert [len(page.rows) for page in pages] == [4, 4, 2]
    back = office.do(books.lines, number=number, before=pages[2].before)
    assert (back.rows, back.before, back.total) == (pages[1].rows, pages[1].before, 10)
    for wrong in ("x", "[1]", '["a", 2, 3, 4]', "null"):
        assert office.do(books.lines, number=number, after=wrong).rows == whole[:4]
    text = visit_as("leader").get(f"/money/{number}").content.decode()
    assert "共 10 行" in text
    assert "下一页" in text
