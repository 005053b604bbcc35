"""What is open of a statement, paid by instalments or kept back from what the fund pays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from threading import Thread
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingcha.desk.money import actions, books, instalments, returning
from mingcha.desk.money.forms import read_return, read_schedule
from mingcha.desk.notices.deadlines import look_ahead
from mingcha.desk.review.actors import Actor
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.terms.calendar import today, works
from mingcha.terms.errors import InputError, UsageError
from tests.desk.factories import AREA, OTHER_AREA, Audits
from tests.desk.test_money import DAY, HE, SUN, ZHOU, Office, record, settled

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow


@pytest.fixture
def office(home: Home) -> Iterator[Office]:
    yield Office(home)


@pytest.fixture
def statement(audits: Audits, office: Office) -> int:
    """An approved statement over 7.51 yuan."""
    office.sign(*record(audits, settled("L1"), settled("L2", 501)))
    number = office.draft()
    office.approve(number)
    return number


def propose(office: Office, statement: int, many: int = 3, by: Actor = SUN, scope: str = AREA, **change: Any) -> int:
    given = {"schedule": [], "first": today(), "reason": "资金困难", "token": uuid4()} | change
    return office.do(instalments.propose, scope, actor=by, statement=statement, many=many, **given)


def act(office: Office, what: Callable[..., Any], statement: int, plan: int, by: Actor = HE, **more: Any) -> Any:
    return office.do(what, actor=by, statement=statement, plan=plan, **more)


def moved_back(home: Home, plan: int, days: int) -> None:
    """As if the plan had been drafted so many days ago."""
    with connect(home, "owner") as owner:
        owner.execute("SELECT set_config('mingcha.scope', '*', true)")
        owner.execute("UPDATE money_instalment SET due = due - %s WHERE plan_id = %s", [days, plan])


@given(st.integers(2, 10**12), st.integers(2, 60), st.dates(date(2026, 1, 1), date(2060, 1, 1)))
def test_equal_months_sum_to_the_fen(fen: int, many: int, first: date) -> None:
    found = instalments.monthly(fen, many, first)
    assert sum(part for _, part in found) == fen and len(found) == many
    assert max(part for _, part in found) - min(part for _, part in found) <= 1
    months = [due.year * 12 + due.month for due, _ in found]
    assert found[0][0] == first and months == list(range(months[0], months[0] + many))


def test_from_the_draft_to_the_last_instalment(
    office: Office, statement: int, home: Home, job: psycopg.Connection
) -> None:
    plan = propose(office, statement)
    assert act(office, instalments.grant, statement, plan)
    assert not act(office, instalments.grant, statement, plan), "a second click changes nothing"
    assert [one["fen"] for one in office.do(books.plans, number=statement)[0]["instalments"]] == [251, 250, 250]
    assert office.balance(statement)["next_due"] == today()
    moved_back(home, plan, 40)  # the first is 40 days over, the second some ten
    told = office.balance(statement)
    assert (told["stands"], told["late_fen"]) == ("late", 501)
    office.receive(statement, 300)
    paid = [one["paid_fen"] for one in office.do(books.plans, number=statement)[0]["instalments"]]
    assert paid == [251, 49, 0] and office.balance(statement)["late_fen"] == 201
    office.receive(statement, 201)
    assert (office.balance(statement)["stands"], office.balance(statement)["late_fen"]) == ("partly", 0)
    office.receive(statement, 250)
    assert office.balance(statement)["stands"] == "settled" and office.differences() == []
    with pytest.raises(UsageError, match="不用分期"):
        propose(office, statement)
    entries = job.execute("SELECT action FROM trail WHERE action LIKE 'money.plan%%' ORDER BY id").fetchall()
    assert [action for (action,) in entries] == ["money.plan", "money.plan-grant"]
    told_of = job.execute("SELECT event, provider FROM notice_told WHERE event ~ '^plan' ORDER BY id").fetchall()
    assert told_of == [("plan-drafted", "H1"), ("plan-granted", "H1")]


def test_two_people_and_neither_decided_the_findings(office: Office, statement: int) -> None:
    for actor in (ZHOU, HE):
        with pytest.raises(UsageError, match="财务拟定"):
            propose(office, statement, by=actor)
    plan = propose(office, statement)
    for actor, words in ((SUN, "岗位"), (Actor("sun", "leader"), "由您拟定"), (Actor("zhou", "leader"), "另一个人")):
        with pytest.raises(UsageError, match=words):
            act(office, instalments.grant, statement, plan, by=actor)
    with pytest.raises(UsageError, match="没有这份"):
        office.do(instalments.grant, OTHER_AREA, actor=HE, statement=statement, plan=plan)
    with pytest.raises(UsageError, match="没有这份分期"):
        act(office, instalments.grant, statement, plan + 1)
    assert act(office, instalments.grant, statement, plan)
    with pytest.raises(UsageError, match="岗位"):
        act(office, instalments.end, statement, plan, by=SUN, reason="x")


def test_what_is_no_plan_is_refused(office: Office, statement: int) -> None:
    day = today() + timedelta(3)
    for wrong, words in (
        ({"many": 1}, "期数"), ({"many": 61}, "期数"), ({"first": today() - timedelta(1)}, "今天起"),
        ({"reason": " "}, "理由"), ({"schedule": [(day, 300), (day, 451)]}, "一期晚于一期"),
        ({"schedule": [(today(), 300), (day, 450)]}, "相差 0.01"),
    ):  # fmt: skip
        with pytest.raises(UsageError, match=words):
            propose(office, statement, **wrong)
    token = uuid4()
    plan = propose(office, statement, schedule=[(today(), 300), (day, 451)], token=token)
    assert propose(office, statement, token=token) == plan, "a second click makes no second plan"
    with pytest.raises(UsageError, match="已有一份"):
        propose(office, statement)
    assert read_schedule(f"{day}\t3.00\n\n{day:%Y/%m/%d}， 4.51元 ") == [(day, 300), (day, 451)]
    for text, words in (("2026-12-01", "第 1 行"), ("2026-12-01 3\nx 4", "第 2 行")):
        with pytest.raises(UsageError, match=words):
            read_schedule(text)


def test_what_came_in_meanwhile_refuses_the_signature(office: Office, statement: int) -> None:
    plan = propose(office, statement)
    office.receive(statement, 100)
    with pytest.raises(UsageError, match=r"7\.51 元变为 6\.51"):
        act(office, instalments.grant, statement, plan)
    with pytest.raises(UsageError, match="理由"):
        act(office, instalments.discard, statement, plan, by=SUN, reason=" ")
    act(office, instalments.discard, statement, plan, by=SUN, reason="有到账")
    with pytest.raises(UsageError, match="已经作废"):
        act(office, instalments.grant, statement, plan)
    assert act(office, instalments.grant, statement, propose(office, statement))


def test_another_plan_takes_the_place_of_the_first_and_is_taken_back(office: Office, statement: int, home: Home) -> None:
    first = propose(office, statement)
    act(office, instalments.grant, statement, first)
    office.receive(statement, 251)
    second = propose(office, statement, 2)
    act(office, instalments.grant, statement, second)
    found = office.do(books.plans, number=statement)
    assert [(one["id"], one["status"], one["fen"]) for one in found] == [(second, "granted", 500), (first, "ended", 751)]
    moved_back(home, second, 70)
    assert office.balance(statement)["late_fen"] == 500
    act(office, instalments.end, statement, second, reason="两期未缴")
    assert (office.balance(statement)["stands"], office.balance(statement)["late_fen"]) == ("partly", 0)
    with pytest.raises(UsageError, match="已经终止"):
        act(office, instalments.end, statement, second, reason="再")


def test_a_reversal_counts_as_paid(audits: Audits, office: Office, home: Home) -> None:
    one, two = record(audits, settled("L1"), settled("L2", 501))
    office.sign(one, two)
    number = office.draft()
    office.approve(number)
    plan = propose(office, number)
    act(office, instalments.grant, number, plan)
    office.move(HE, "reverse", two, reason="新证据")
    moved_back(home, plan, 400)
    assert office.balance(number)["late_fen"] == 500 == office.balance(number)["open_fen"]
    office.move(HE, "reverse", one, reason="新证据")
    assert (office.balance(number)["late_fen"], office.balance(number)["stands"]) == (0, "reversed")


def test_two_leaders_sign_two_plans_at_once(office: Office, statement: int, job: psycopg.Connection) -> None:
    plan = propose(office, statement)
    told = list[object]()

    def press(name: str) -> None:
        try:
            told.append(act(office, instalments.grant, statement, plan, by=Actor(name, "leader")))
        except UsageError as error:
            told.append(error.zh)

    both = [Thread(target=press, args=(name,)) for name in ("he", "luo")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert True in told and any("已经审批" in str(one) for one in told)
    assert job.execute("SELECT count(*) FROM trail WHERE action = 'money.plan-grant'").fetchone() == (1,)


def test_an_offset_names_what_it_is_kept_back_from(office: Office, statement: int, home: Home) -> None:
    kept = {"actor": SUN, "statement": statement, "fen": 100, "day": DAY, "manner": "offset"}
    with pytest.raises(UsageError, match="冲减要写凭证号"):
        office.do(actions.receive, voucher=" ", token=uuid4(), **kept)
    with pytest.raises(UsageError, match="冲减"):
        office.do(actions.receive, voucher="x", token=uuid4(), **(kept | {"manner": "barter"}))
    assert office.do(actions.receive, voucher="2026-11 月结", token=uuid4(), **kept)
    office.receive(statement, 200)
    (row,) = office.do(books.totals, "*")
    assert (row["received_fen"], row["offset_fen"], row["adds_up"]) == (300, 100, True)
    with connect(home, "app") as app:
        app.execute("SELECT set_config('mingcha.scope', '*', true)")
        with pytest.raises(psycopg.errors.CheckViolation):
            app.execute("INSERT INTO money_posting (kind, statement_id, fund_area, provider, day, by, manner) SELECT"
                        " 'receipt', id, fund_area, provider, '2026-11-02', 'x', 'offset' FROM money_statement")  # fmt: skip


def test_a_return_file_tells_the_manner(office: Office, statement: int, job: psycopg.Connection) -> None:
    name = office.balance(statement)["number"]
    head = "扣款单号,到账金额,到账日期,凭证号,方式\n"
    found = read_return(f"{head}{name},1,2026-11-02,A1,冲减\n{name},2,2026-11-02,A2,\n".encode())
    assert office.do(returning.book, actor=SUN, found=found) == (2, 0)
    again = read_return(f"{head}{name},1,2026-11-02,A1,汇款\n{name},2,2026-11-02,A2,\n".encode())
    assert office.do(returning.book, actor=SUN, found=again) == (0, 2), "the same money, told otherwise"
    assert job.execute("SELECT voucher, manner FROM money_posting WHERE kind = 'receipt' ORDER BY 1").fetchall() == [
        ("A1", "offset"), ("A2", "transfer")]  # fmt: skip
    with pytest.raises(InputError, match="第 2 行：方式"):
        read_return(f"{head}{name},1,2026-11-02,A1,支票\n".encode())


def test_instalments_are_told_before_they_are_due_and_weekly_when_late(
    office: Office, statement: int, home: Home, job: psycopg.Connection
) -> None:
    monday = date(2027, 3, 8)
    assert works(monday)
    schedule = [(date(2027, 3, 10), 300), (date(2027, 3, 11), 151), (date(2027, 6, 1), 300)]
    plan = propose(office, statement, schedule=schedule)
    act(office, instalments.grant, statement, plan)
    assert [look_ahead(home, monday), look_ahead(home, monday)] == [1, 0]
    office.receive(statement, 320)
    look_ahead(home, date(2027, 3, 15))
    found = job.execute("SELECT event, provider, detail FROM notice_told WHERE event ~ '^instalment' ORDER BY id").fetchall()
    assert [(event, provider, told["yuan"], told["due"]) for event, provider, told in found] == [
        ("instalment-due", "H1", "3.00", "2027-03-10"), ("instalment-late", "H1", "1.31", "2027-03-11")]  # fmt: skip


def test_the_pages(office: Office, statement: int, home: Home, visit_as: Callable[[str | None], Client]) -> None:
    finance, leader, hospital = visit_as("finance"), visit_as("leader"), visit_as("provider")
    at = f"/money/{statement}"
    assert "申请分期" in finance.get(at).content.decode()
    form = {"many": "3", "first": str(today()), "schedule": "", "reason": "资金困难", "token": str(uuid4())}
    for wrong, words in (({"many": "x"}, "期数"), ({"schedule": "明天 3"}, "第 1 行"), ({"reason": ""}, "理由")):
        refused = finance.post(f"{at}/plan", form | wrong)
        assert refused.status_code == 409 and words in refused.content.decode()
    assert visit_as("elsewhere").post(f"{at}/plan", form).status_code in (403, 404)
    assert finance.post(f"{at}/plan", form).status_code == 302
    plan = office.do(books.plans, number=statement)[0]["id"]
    assert "应缴日期" not in hospital.get(at).content.decode(), "not before it is granted"
    assert finance.post(f"{at}/plan/{plan}/grant").status_code == 403
    assert leader.post(f"{at}/plan/{plan}/grant").status_code == 302
    assert "应缴日期" in hospital.get(at).content.decode()
    moved_back(home, plan, 40)
    assert "逾期" in finance.get("/money?tab=late").content.decode()
    paid = {"yuan": "3", "day": str(DAY), "voucher": "2026-11 月结", "manner": "offset", "token": str(uuid4())}
    assert finance.post(f"{at}/receive", paid).status_code == 302
    assert "冲减拨付" in leader.get(at).content.decode()
    assert leader.post(f"{at}/plan/{plan}/end", {"reason": ""}).status_code == 409
    assert leader.post(f"{at}/plan/{plan}/end", {"reason": "逾期两期"}).status_code == 302


def test_other_areas_and_other_providers_see_no_plan(office: Office, statement: int, home: Home) -> None:
    plan = propose(office, statement)
    act(office, instalments.grant, statement, plan)
    for scope, provider, seen in ((AREA, "", 3), (OTHER_AREA, "", 0), ("", "H1", 3), ("", "H2", 0)):
        with connect(home, "app") as app:
            app.execute("SELECT set_config('mingcha.scope', %s, true), set_config('mingcha.provider', %s, true)",
                        [scope, provider])  # fmt: skip
            assert app.execute("SELECT count(*) FROM money_instalment").fetchone() == (seen,)
            for wish in ("DELETE FROM money_plan", "UPDATE money_plan SET fen = 1", "DELETE FROM money_instalment"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege), app.transaction():
                    app.execute(wish.encode())
    assert office.do(books.plans, OTHER_AREA, number=statement) == []
