"""Reads of the money app: statements with their balances, the totals by provider, and every difference there is.

Each takes a cursor of whoever asks: the desk's, in the person's scope, or the job's, for `mingcha doctor`.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from mingcha.desk.money.actions import sql

Row = dict[str, Any]

STANDS = {
    "draft": ("待审批", "for approval"),
    "late": ("分期逾期", "late"),
    "unpaid": ("待到账", "unpaid"),
    "partly": ("部分到账", "partly paid"),
    "settled": ("已结清", "settled"),
    "reversed": ("已撤销", "reversed"),
    "discarded": ("已作废", "discarded"),
}
"""Where a statement stands, in the order it goes."""

DIFFERENCES = {
    "unbalanced": "凭证借贷不平",
    "not_booked": "疑点已扣款，账上没有",
    "not_deducted": "账上有扣款，疑点未在已扣款",
    "other_amount": "账上金额与扣款单不同",
    "changed_since": "疑点金额在扣款后有变",
    "over_paid": "到账多于扣款",
}
"""What can be wrong between finding, statement and ledger; sound books have none of it."""


def rows(cursor: Any, query: str, values: Any = None) -> list[Row]:
    """What the query finds, each row by column name."""
    cursor.execute(query, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def statement(cursor: Any, *, number: int) -> Row | None:
    """One statement with its sums; None where the session sees none."""
    found = rows(cursor, f"{sql('balances')} WHERE s.id = %s", [number])
    return found[0] if found else None


def differences(cursor: Any, limit: int = 1000) -> list[Row]:
    """Every place where finding, statement and ledger differ; at most `limit`."""
    return rows(cursor, f"{sql('differences')} LIMIT %s", [limit])


def totals(cursor: Any) -> list[Row]:
    """What is waiting, deducted, reversed, received and open, by provider; `adds_up` to the fen."""
    return rows(cursor, sql("totals"))


SHOWN = 500
"""Statements a page holds at most; the export has all."""
PAGE = 100
"""Lines of a statement on a page."""


def counts(cursor: Any) -> dict[str, int]:
    """How many statements stand where."""
    cursor.execute(f"SELECT stands, count(*) FROM ({sql('balances')}) b GROUP BY 1")
    return dict(cursor.fetchall())


def statements(cursor: Any, stands: str) -> list[Row]:
    """The newest statements that stand there."""
    found = f"SELECT * FROM ({sql('balances')}) b WHERE stands = %s ORDER BY id DESC LIMIT %s"
    return rows(cursor, found, [stands, SHOWN])


def approved(cursor: Any) -> list[Row]:
    """Every approved statement, in the order of their numbers."""
    return rows(cursor, f"{sql('balances')} WHERE s.status = 'approved' ORDER BY s.id")


def waiting(cursor: Any) -> list[Row]:
    """Providers with signed findings that no statement holds, by money."""
    return rows(
        cursor,
        "SELECT f.fund_area, f.provider, coalesce(d.name, f.provider) AS provider_name, count(*) AS findings,"
        " sum(f.counted_fen)::bigint AS counted_fen, sum(f.fund_loss_fen)::bigint AS fund_loss_fen FROM finding f"
        " LEFT JOIN provider_directory d USING (provider) WHERE f.step = 'signed' AND facts.in_scope(f.fund_area,"
        " f.fund_area) AND NOT EXISTS (SELECT FROM money_statement s WHERE (s.fund_area, s.provider, s.status) ="
        " (f.fund_area, f.provider, 'draft')) GROUP BY 1, 2, 3 ORDER BY counted_fen DESC LIMIT %s",
        [SHOWN],
    )


def plans(cursor: Any, number: int) -> list[Row]:
    """The plans of a statement, the newest first, each with its instalments and what of them came in.

    What came in or was reversed since a plan was granted covers its instalments from the first on.
    """
    found = rows(
        cursor,
        "SELECT p.*, (p.fen - o.open)::bigint AS paid_fen FROM money_plan p CROSS JOIN LATERAL (SELECT"
        " coalesce(sum(fen), 0) AS open FROM money_entry WHERE statement_id = p.statement_id"
        " AND account = 'receivable') o WHERE p.statement_id = %s ORDER BY p.id DESC",
        [number],
    )
    for plan in found:
        plan["instalments"] = rows(
            cursor,
            "SELECT number, due, fen, least(fen, greatest(0, %s - (sum(fen) OVER (ORDER BY number) - fen)))::bigint AS"
            " paid_fen, due < current_date AS past FROM money_instalment WHERE plan_id = %s ORDER BY number",
            [plan["paid_fen"] if plan["status"] == "granted" else 0, plan["id"]],
        )
    return found


class Lines(NamedTuple):
    """A page of a statement's lines, how many it has in all, and the cursors of the neighbours (None at the ends)."""

    rows: list[Row]
    total: int
    before: str | None
    after: str | None


def lines(cursor: Any, number: int, after: str = "", before: str = "") -> Lines:
    """A page of a statement's lines with their findings, the largest first. A wrong cursor means the first page."""
    position = _position(before or after)
    back = bool(before) and position is not None
    beyond = ""
    if position is not None:
        sign, tie = (">=", "<") if back else ("<=", ">")
        beyond = (f" AND l.fen {sign} %(fen)s AND (l.fen {sign[0]} %(fen)s"
                  f" OR (l.finding_id, l.visit, l.line) {tie} (%(finding)s, %(visit)s, %(line)s))")  # fmt: skip
    ways = ("", " DESC") if back else (" DESC", "")
    found = rows(
        cursor,
        "SELECT l.*, f.day, f.item_name, f.rule, coalesce(r.name, f.rule) AS rule_name FROM money_statement_line l"
        " JOIN finding f ON f.id = l.finding_id LEFT JOIN rule_directory r ON r.rule = f.rule"
        f" WHERE l.statement_id = %(number)s{beyond} ORDER BY l.fen{ways[0]}, l.finding_id{ways[1]}, l.visit{ways[1]},"
        f" l.line{ways[1]} LIMIT {PAGE + 1}",
        (position or {}) | {"number": number},
    )
    cursor.execute("SELECT count(*) FROM money_statement_line WHERE statement_id = %s", [number])
    (total,) = cursor.fetchone()
    more, found = len(found) > PAGE, found[:PAGE]
    if back:
        found.reverse()
    first = bool(found) and (more if back else position is not None)
    last = bool(found) and (back or more)
    return Lines(found, total, _cursor(found[0]) if first else None, _cursor(found[-1]) if last else None)


def _cursor(row: Row) -> str:
    return json.dumps([row["fen"], row["finding_id"], row["visit"], row["line"]], ensure_ascii=False)


def _position(text: str) -> dict[str, Any] | None:
    try:
        fen, finding, visit, line = json.loads(text)
        return {"fen": int(fen), "finding": str(finding), "visit": str(visit), "line": str(line)}
    except (ValueError, TypeError):
        return None


def postings(cursor: Any, number: int) -> list[Row]:
    """What the books hold of a statement: each posting with what it did to what the provider owes."""
    return rows(
        cursor,
        "SELECT p.*, sum(e.fen)::bigint AS fen FROM money_posting p JOIN money_entry e ON e.posting_id = p.id"
        " AND e.account = 'receivable' WHERE p.statement_id = %s GROUP BY p.id ORDER BY p.id",
        [number],
    )
