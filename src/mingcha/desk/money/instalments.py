"""Writes of payment by instalments: a plan drafted by finance, granted by a leader, ended when another takes its place.

A plan says by which days what is open of a statement comes in; it books nothing. What is late follows from the books:
what the plan wanted by now, less what came in or was reversed since it was granted.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

from mingcha.desk.audit.terms import terms_of
from mingcha.desk.money.actions import Statement, lock, open_by_fund, refuse_kept_apart
from mingcha.desk.notices.telling import tell
from mingcha.desk.review.actors import Actor
from mingcha.desk.trail.actions import enter
from mingcha.procedure.review import FINAL, PAYMENT
from mingcha.terms.calendar import today
from mingcha.terms.errors import UsageError

MOST = 60
"""Instalments a plan has at most: five years of months."""

Schedule = list[tuple[date, int]]
"""Days and the fen due by each."""


class Plan(NamedTuple):
    """A plan as it stands, held until the transaction ends."""

    id: int
    statement: int
    fen: int
    status: str
    drafted_by: str
    decided_by: str | None


def monthly(fen: int, many: int, first: date) -> Schedule:
    """An amount in so many equal months, the odd fen first. A month without the first one's day takes its last."""
    each, rest = divmod(fen, many)
    return [(_months_after(first, at), each + (at < rest)) for at in range(many)]


def _months_after(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))


def propose(
    cursor: Any, *, actor: Actor, statement: int, many: int, first: date, schedule: Schedule, reason: str, token: UUID
) -> int:  # fmt: skip
    """A plan of what is open, for a leader to grant; its id. The same token gives the same plan.

    `schedule`, if any, is taken as it is; otherwise `many` equal months from `first` on. UsageError where nothing is
    open, a draft stands already, days don't follow each other from today on, or the sum isn't what is open.
    """
    cursor.execute("SELECT id FROM money_plan WHERE token = %s", [str(token)])
    if row := cursor.fetchone():
        return row[0]
    found = lock(cursor, statement)
    if PAYMENT not in actor.levels(terms_of(cursor, found.fund_area).staffing):
        raise UsageError("您的岗位不能拟定分期，请由财务拟定。", "Your post doesn't draft instalments; finance does.")
    owed = _open(cursor, statement)
    if found.status != "approved" or owed <= 0:
        raise UsageError(f"{found.number} 没有未收的金额，不用分期。", f"Nothing of {found.number} is open.")
    schedule = schedule or monthly(owed, _count(many, owed), first)
    _refuse_schedule(schedule, owed)
    if not reason.strip():
        raise UsageError("请写明分期的理由。", "Please give the reason for instalments.")
    cursor.execute(
        "INSERT INTO money_plan (token, statement_id, fund_area, provider, fen, reason, drafted_by)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id",
        [str(token), statement, found.fund_area, found.provider, owed, reason.strip(), actor.name],
    )
    row = cursor.fetchone()
    if row is None:
        raise UsageError(
            f"{found.number} 已有一份待审批的分期，请先审批或作废。",
            f"A plan of {found.number} waits already; grant or discard it first.",
        )
    cursor.executemany(
        "INSERT INTO money_instalment (plan_id, number, statement_id, fund_area, provider, due, fen)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        [
            (row[0], at, statement, found.fund_area, found.provider, due, fen)
            for at, (due, fen) in enumerate(schedule, 1)
        ],
    )
    _tell(cursor, actor, "plan-drafted", found)
    told = {"fen": owed, "instalments": len(schedule), "first": str(schedule[0][0]), "last": str(schedule[-1][0]),
            "reason": reason.strip()}  # fmt: skip
    _note(cursor, actor, "money.plan", found, told)
    return row[0]


def grant(cursor: Any, *, actor: Actor, statement: int, plan: int) -> bool:
    """Sign the plan; one in force before it ends. False when this person did it before.

    UsageError for its drafter, for whoever decided the findings at a level kept apart, and when something came in or
    was reversed since the draft.
    """
    found, one = lock(cursor, statement), _plan(cursor, statement, plan)
    if one.status == "granted" and one.decided_by == actor.name:
        return False
    _refuse_unless(one, "draft")
    if FINAL not in actor.levels(terms_of(cursor, found.fund_area).staffing):
        raise UsageError("您的岗位不能审批分期，请由领导审批。", "Your post doesn't grant instalments.")
    if actor.name == one.drafted_by:
        raise UsageError("分期由您拟定，须由另一个人审批。", "You drafted it; somebody else has to grant it.")
    refuse_kept_apart(cursor, statement, found.fund_area, FINAL, actor.name)
    owed = _open(cursor, statement)
    if owed != one.fen:
        raise UsageError(
            f"拟定之后未收金额由 {one.fen / 100:,.2f} 元变为 {owed / 100:,.2f} 元。请作废后重新拟定分期。",
            "What is open changed since the draft. Discard the plan and draft it again.",
        )
    cursor.execute("SELECT id FROM money_plan WHERE statement_id = %s AND status = 'granted'", [statement])
    for (before,) in cursor.fetchall():
        _end(cursor, actor, before, f"由新的分期代替（{plan}）")
    cursor.execute(
        "UPDATE money_plan SET status = 'granted', decided_by = %s, decided_at = now() WHERE id = %s",
        [actor.name, plan],
    )
    _tell(cursor, actor, "plan-granted", found)
    _note(cursor, actor, "money.plan-grant", found, {"plan": plan, "fen": one.fen})
    return True


def discard(cursor: Any, *, actor: Actor, statement: int, plan: int, reason: str) -> None:
    """Throw a draft away, with a reason."""
    found, one = lock(cursor, statement), _plan(cursor, statement, plan)
    _refuse_unless(one, "draft")
    words = _reason(reason)
    cursor.execute(
        "UPDATE money_plan SET status = 'discarded', decided_by = %s, decided_at = now(), words = %s WHERE id = %s",
        [actor.name, words, plan],
    )
    _note(cursor, actor, "money.plan-discard", found, {"plan": plan, "reason": words})


def end(cursor: Any, *, actor: Actor, statement: int, plan: int, reason: str) -> None:
    """Take a granted plan back, with a reason: what is open is owed at once again. UsageError for who grants none."""
    found, one = lock(cursor, statement), _plan(cursor, statement, plan)
    _refuse_unless(one, "granted")
    if FINAL not in actor.levels(terms_of(cursor, found.fund_area).staffing):
        raise UsageError("您的岗位不能终止分期，请由领导终止。", "Your post doesn't end instalments.")
    words = _reason(reason)
    _end(cursor, actor, plan, words)
    _tell(cursor, actor, "plan-ended", found)
    _note(cursor, actor, "money.plan-end", found, {"plan": plan, "reason": words})


def _plan(cursor: Any, statement: int, plan: int) -> Plan:
    cursor.execute(
        "SELECT id, statement_id, fen, status, drafted_by, decided_by FROM money_plan"
        " WHERE id = %s AND statement_id = %s FOR UPDATE",
        [plan, statement],
    )
    row = cursor.fetchone()
    if row is None:
        raise UsageError("没有这份分期，请刷新页面。", "There is no such plan; reload the page.")
    return Plan(*row)


def _refuse_unless(one: Plan, status: str) -> None:
    if one.status != status:
        zh, en = {"draft": ("还没有审批", "not granted"), "granted": ("已经审批", "granted"),
                  "discarded": ("已经作废", "discarded"), "ended": ("已经终止", "ended")}[one.status]  # fmt: skip
        raise UsageError(f"这份分期{zh}，请刷新页面。", f"The plan is {en}; reload the page.")


def _count(many: int, owed: int) -> int:
    if not 2 <= many <= min(MOST, owed):
        raise UsageError(f"期数要在 2 到 {MOST} 之间。", f"A plan has 2 to {MOST} instalments.")
    return many


def _refuse_schedule(schedule: Schedule, owed: int) -> None:
    _count(len(schedule), owed)
    days = [due for due, _ in schedule]
    if days[0] < today() or any(after <= before for before, after in pairwise(days)):
        raise UsageError("各期的日期要从今天起、一期晚于一期。", "The days must follow each other, from today on.")
    total = sum(fen for _, fen in schedule)
    if total != owed:
        raise UsageError(
            f"各期合计 {total / 100:,.2f} 元，未收 {owed / 100:,.2f} 元，相差 {abs(total - owed) / 100:,.2f} 元。",
            f"The instalments sum to {total / 100:,.2f} yuan, but {owed / 100:,.2f} are open.",
        )


def _reason(text: str) -> str:
    if not text.strip():
        raise UsageError("请写明理由。", "Please give the reason.")
    return text.strip()


def _open(cursor: Any, statement: int) -> int:
    return sum(fen for _, fen in open_by_fund(cursor, statement))


def _end(cursor: Any, actor: Actor, plan: int, words: str) -> None:
    cursor.execute(
        "UPDATE money_plan SET status = 'ended', ended_by = %s, ended_at = now(), words = %s WHERE id = %s",
        [actor.name, words, plan],
    )


def _tell(cursor: Any, actor: Actor, event: str, found: Statement) -> None:
    tell(cursor, event, by=actor.name, area=found.fund_area, provider=found.provider, subject=found.number,
         statement=found.id, number=found.number)  # fmt: skip


def _note(cursor: Any, actor: Actor, action: str, found: Statement, detail: dict[str, Any]) -> None:
    detail = {"provider": found.provider, **detail}
    enter(cursor, by=actor.name, action=action, subject=f"money-statement:{found.id}", detail=detail)
