"""Writes of the money app: statements drafted, approved, discarded; receipts. Each in the caller's transaction.

Drafting is deciding at the payment level; the approval is the second signature, at the final level: neither may have
decided at a level kept apart from theirs, and they are two people. With the approval the findings are deducted and the
books written, all or nothing. What takes findings back (`reverse`, `rule-gone`) is posted by review.actions.move
itself, which runs money/sql/reverse.sql as it runs audit's book.sql: so no process can forget it, no one has to
register a function, and review imports nothing of this app.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any, LiteralString, cast
from uuid import UUID

from mingcha.desk.audit.terms import terms_of
from mingcha.desk.notices.telling import tell
from mingcha.desk.review.actions import Chosen, move
from mingcha.desk.review.actors import Actor
from mingcha.desk.trail.actions import enter
from mingcha.procedure.amounts import spread
from mingcha.procedure.review import FINAL, PAYMENT, apart
from mingcha.terms.calendar import today
from mingcha.terms.errors import UsageError

SETTING = "deduction"
"""Dated setting of an area: {"without_settlement": true} takes the counted amount where no settlement is known."""

MANNERS = {"transfer": "汇款", "offset": "冲减拨付"}
"""How money comes in: transferred by the provider, or kept back from what the fund pays it next."""

_TAKEN = ("fund_loss", "counted")
_NONE = UsageError("没有这份扣款单，请回到列表再看。", "There is no such statement; go back to the list.")


@dataclass(frozen=True)
class Statement:
    """A statement as it stands, locked until the transaction ends."""

    id: int
    number: str
    fund_area: str
    provider: str
    until: date
    status: str
    drafted_by: str
    drafted_as: str
    act: int | None


def sql(name: str) -> LiteralString:
    """The text of one of this app's statements."""
    return cast("LiteralString", (files("mingcha.desk.money") / "sql" / f"{name}.sql").read_text("utf-8"))


def draft(cursor: Any, *, actor: Actor, area: str, provider: str, until: date, token: UUID) -> int:
    """A statement of all signed findings of a provider up to a day, for approval; its id.

    The same token gives the same statement. UsageError where the post doesn't pay out, where a draft stands already,
    or where nothing can be deducted.
    """
    cursor.execute("SELECT id FROM money_statement WHERE token = %s", [str(token)])
    if row := cursor.fetchone():
        return row[0]
    if PAYMENT not in actor.levels(terms_of(cursor, area).staffing):
        raise UsageError("您的岗位不能拟定扣款单，请由财务拟定。", "Your post doesn't draft statements; finance does.")
    cursor.execute(
        "INSERT INTO money_statement (token, fund_area, provider, until, drafted_by, drafted_as)"
        " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id",
        [str(token), area, provider, until, actor.name, actor.role],
    )
    row = cursor.fetchone()
    if row is None:
        raise UsageError(
            "这家机构已有一份待审批的扣款单，请先审批或作废。",
            "A statement of this provider waits for approval already; approve or discard it first.",
        )
    cursor.execute("SELECT facts.setting_at(%s, %s)", [SETTING, area])
    told = cursor.fetchone()[0] or {}
    told = json.loads(told) if isinstance(told, str) else told
    values = {"statement": row[0], "area": area, "provider": provider, "until": until,
              "without_settlement": told.get("without_settlement") is True}  # fmt: skip
    cursor.execute(sql("lines"), values)
    lines, fen = _sums(cursor, row[0])
    if not lines:
        raise UsageError(
            "这家机构到这一天没有可以扣款的疑点：还没有签发，或者没有结算可据以计算基金损失。",
            "Nothing can be deducted up to that day: nothing is signed, or no settlement tells the fund's loss.",
        )
    refuse_kept_apart(cursor, row[0], area, PAYMENT, actor.name)
    _tell(cursor, actor, "statement-drafted", lock(cursor, row[0]))
    _note(cursor, actor, "money.draft", row[0], {"lines": lines, "fen": fen, "provider": provider})
    return row[0]


def approve(cursor: Any, *, actor: Actor, statement: int, token: UUID) -> bool:
    """Sign the statement: its findings are deducted and the books written; False when this form did it before.

    UsageError for the drafter, for whoever decided its findings at a level kept apart, and when one of its findings
    no longer stands as the draft read it.
    """
    found = lock(cursor, statement)
    if found.act is not None and _same_act(cursor, found.act, token):
        return False
    _refuse_unless_draft(found)
    staffing = terms_of(cursor, found.fund_area).staffing
    if FINAL not in actor.levels(staffing):
        raise UsageError("您的岗位不能审批扣款单，请由领导审批。", "Your post doesn't approve statements.")
    if actor.name == found.drafted_by:
        raise UsageError("扣款单由您拟定，须由另一个人审批。", "You drafted it; somebody else has to approve it.")
    refuse_kept_apart(cursor, statement, found.fund_area, FINAL, actor.name)
    cursor.execute(
        "SELECT array_agg(DISTINCT finding_id) FROM money_statement_line WHERE statement_id = %s AND basis = ANY(%s)",
        [statement, list(_TAKEN)],
    )
    numbers = cursor.fetchone()[0]
    payer = Actor(found.drafted_by, found.drafted_as)
    done = move(cursor, actor=payer, name="deduct", chosen=Chosen.numbers(numbers), token=token)
    if done.moved != len(numbers) or _changed(cursor, statement):
        raise UsageError(
            "拟定之后有疑点被撤销或金额有变，这份扣款单不能再审批。请作废后重新拟定。",
            "A finding was reversed or changed since the draft. Discard the statement and draft it again.",
        )
    cursor.execute(sql("deduct"), {"act": done.act, "today": today(), "by": actor.name, "statement": statement})
    _close(cursor, found, "approved", actor, act=done.act)
    lines, fen = _sums(cursor, statement)
    _tell(cursor, actor, "statement-issued", found)
    _note(cursor, actor, "money.approve", statement, {"lines": lines, "fen": fen, "provider": found.provider})
    return True


def discard(cursor: Any, *, actor: Actor, statement: int, reason: str) -> None:
    """Throw a draft away; its findings stay signed. UsageError without a reason or when it is no draft any more."""
    if not reason.strip():
        raise UsageError("请写明作废的理由。", "Please give the reason to discard it.")
    found = lock(cursor, statement)
    _refuse_unless_draft(found)
    _close(cursor, found, "discarded", actor, reason=reason.strip())
    _note(cursor, actor, "money.discard", statement, {"provider": found.provider, "reason": reason.strip()})


def receive(
    cursor: Any, *, actor: Actor, statement: int, fen: int, day: date, voucher: str, token: UUID,
    manner: str = "transfer",
) -> bool:  # fmt: skip
    """Book money that came in for a statement, spread over its funds by what is open; False when it was booked before.

    `manner` is one of MANNERS. UsageError for more than is open, for a day to come, for a voucher that is booked
    already, and for an offset without one.
    """
    found = lock(cursor, statement)
    cursor.execute("SELECT statement_id FROM money_posting WHERE token = %s", [str(token)])
    if cursor.fetchone():
        return False
    owed = [(fund, total) for fund, total in open_by_fund(cursor, statement) if total > 0]
    _refuse_receipt(cursor, found, fen, sum(total for _, total in owed), day, voucher.strip())
    if manner not in MANNERS or (manner == "offset" and not voucher.strip()):
        raise UsageError("冲减要写凭证号（从哪一笔拨付里冲减）。", "An offset names the payment it is kept back from.")
    cursor.execute(
        "INSERT INTO money_posting (token, kind, statement_id, fund_area, provider, day, voucher, by, manner)"
        " VALUES (%s, 'receipt', %s, %s, %s, %s, %s, %s, %s) RETURNING id",
        [str(token), statement, found.fund_area, found.provider, day, voucher.strip(), actor.name, manner],
    )
    posting = cursor.fetchone()[0]
    parts = zip(owed, spread(fen, [total for _, total in owed]), strict=True)
    _enter(cursor, found, posting, ((fund, part) for (fund, _), part in parts if part))
    told = {"fen": fen, "day": day.isoformat(), "voucher": voucher.strip(), "manner": manner,
            "provider": found.provider}  # fmt: skip
    _note(cursor, actor, "money.receive", statement, told)
    return True


def open_by_fund(cursor: Any, statement: int) -> list[tuple[str, int]]:
    """Fen of a statement that are still owed, by fund; negative where the provider gets something back."""
    cursor.execute(
        "SELECT fund, sum(fen)::bigint FROM money_entry WHERE statement_id = %s AND account = 'receivable'"
        " GROUP BY fund ORDER BY fund",
        [statement],
    )
    return cursor.fetchall()


def _enter(cursor: Any, found: Statement, posting: int, parts: Iterable[tuple[str, int]]) -> None:
    cursor.executemany(
        "INSERT INTO money_entry (posting_id, kind, statement_id, fund_area, provider, account, fund, fen)"
        " VALUES (%s, 'receipt', %s, %s, %s, %s, %s, %s)",
        [
            (posting, found.id, found.fund_area, found.provider, account, fund, sign * part)
            for fund, part in parts for account, sign in (("recovered", 1), ("receivable", -1))
        ],
    )  # fmt: skip


def _refuse_receipt(cursor: Any, found: Statement, fen: int, owed: int, day: date, voucher: str) -> None:
    if found.status != "approved":
        raise UsageError(f"{found.number} 还没有审批，不能登记到账。", f"{found.number} isn't approved.")
    if not 0 < fen <= owed:
        raise UsageError(
            f"{found.number} 还有 {owed / 100:,.2f} 元未收，登记的 {fen / 100:,.2f} 元不在 0 到它之间。请核对金额。",
            f"{owed / 100:,.2f} yuan of {found.number} are open; {fen / 100:,.2f} isn't between 0 and that.",
        )
    if day > today():
        raise UsageError("到账日期不能晚于今天。", "The day it came in can't lie in the future.")
    cursor.execute(
        "SELECT FROM money_posting WHERE statement_id = %s AND voucher = %s AND voucher <> ''", [found.id, voucher]
    )
    if cursor.fetchone() is not None:
        raise UsageError(f"凭证 {voucher} 已经登记过。", f"Voucher {voucher} is booked already.")


def lock(cursor: Any, statement: int) -> Statement:
    """The statement, held until the transaction ends. UsageError when the session doesn't see it."""
    cursor.execute(
        "SELECT id, number, fund_area, provider, until, status, drafted_by, drafted_as, act_id FROM money_statement"
        " WHERE id = %s FOR UPDATE",
        [statement],
    )
    row = cursor.fetchone()
    if row is None:
        raise _NONE
    return Statement(*row)


def _refuse_unless_draft(found: Statement) -> None:
    if found.status != "draft":
        zh, en = {"approved": ("已经审批", "approved"), "discarded": ("已经作废", "discarded")}[found.status]
        raise UsageError(f"{found.number} {zh}，请刷新页面。", f"{found.number} is {en} already; reload the page.")


def refuse_kept_apart(cursor: Any, statement: int, area: str, level: str, by: str) -> None:
    """UsageError for whoever decided findings of the statement at a level that the area's staffing keeps apart."""
    kept = list(apart(level, terms_of(cursor, area).staffing))
    cursor.execute(
        "SELECT min(m.finding_id), count(DISTINCT m.finding_id) FROM review_move m JOIN money_statement_line l"
        " ON l.finding_id = m.finding_id AND l.basis = ANY(%s) WHERE l.statement_id = %s AND m.by = %s"
        " AND m.level = ANY(%s)",
        [list(_TAKEN), statement, by, kept],
    )
    first, many = cursor.fetchone()
    if many:
        raise UsageError(
            f"您办理过其中 {many:,} 条疑点的审核（如 {first}），扣款须由另一个人办理。",
            f"You decided {many:,} of these findings ({first}, for one); somebody else has to deal with the money.",
        )


def _changed(cursor: Any, statement: int) -> bool:
    cursor.execute(
        "SELECT EXISTS (SELECT FROM money_statement_line l JOIN finding_line f ON (f.finding_id, f.visit, f.line,"
        " f.provider) = (l.finding_id, l.visit, l.line, l.provider) WHERE l.statement_id = %s AND l.basis = ANY(%s)"
        " AND (f.counted_fen, f.fund_loss_fen) IS DISTINCT FROM (l.counted_fen, l.fund_loss_fen))",
        [statement, list(_TAKEN)],
    )
    return cursor.fetchone()[0]


def _same_act(cursor: Any, act: int, token: UUID) -> bool:
    cursor.execute("SELECT FROM review_act WHERE id = %s AND token = %s", [act, str(token)])
    return cursor.fetchone() is not None


def _close(
    cursor: Any, found: Statement, status: str, actor: Actor, *, act: int | None = None, reason: str = ""
) -> None:  # fmt: skip
    cursor.execute(
        "UPDATE money_statement SET status = %s, closed_by = %s, closed_at = now(), act_id = %s, reason = %s"
        " WHERE id = %s",
        [status, actor.name, act, reason, found.id],
    )


def _sums(cursor: Any, statement: int) -> tuple[int, int]:
    cursor.execute(
        "SELECT count(*), coalesce(sum(fen), 0)::bigint FROM money_statement_line WHERE statement_id = %s"
        " AND basis = ANY(%s)",
        [statement, list(_TAKEN)],
    )
    return cursor.fetchone()


def _tell(cursor: Any, actor: Actor, event: str, found: Statement) -> None:
    tell(cursor, event, by=actor.name, area=found.fund_area, provider=found.provider, subject=found.number,
         statement=found.id, number=found.number)  # fmt: skip


def _note(cursor: Any, actor: Actor, action: str, statement: int, detail: dict[str, Any]) -> None:
    enter(cursor, by=actor.name, action=action, subject=f"money-statement:{statement}", detail=detail)
