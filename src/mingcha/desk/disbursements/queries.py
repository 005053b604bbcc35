"""Reads of the disbursements app: batches with their three sums, rows, and claims that wait to be paid."""

from __future__ import annotations

from mingcha.desk.audit.queries import Row, named, rows
from mingcha.procedure.disbursements import RESULTS, STEPS

SHOWN = 500
"""Batches a page holds, and claims that are offered at once."""

TABS = (*STEPS, "all")

_SUMS = """
SELECT d.*, coalesce(a.display_name, d.entered_by) AS who, s.rows, s.approved_fen, s.fen, s.paid, s.paid_fen, s.failed,
       s.failed_fen, s.waiting, s.waiting_fen
FROM disbursement d LEFT JOIN account a ON a.username = d.entered_by
CROSS JOIN LATERAL (
    SELECT count(*) AS rows, coalesce(sum(r.fen), 0)::bigint AS fen,
           coalesce(sum(CASE WHEN r.result = 'failed' THEN r.fen ELSE b.approved_fen END), 0)::bigint AS approved_fen,
           count(*) FILTER (WHERE r.result = 'paid') AS paid,
           coalesce(sum(r.fen) FILTER (WHERE r.result = 'paid'), 0)::bigint AS paid_fen,
           count(*) FILTER (WHERE r.result = 'failed') AS failed,
           coalesce(sum(r.fen) FILTER (WHERE r.result = 'failed'), 0)::bigint AS failed_fen,
           count(*) FILTER (WHERE r.result = 'waiting') AS waiting,
           coalesce(sum(r.fen) FILTER (WHERE r.result = 'waiting'), 0)::bigint AS waiting_fen
    FROM disbursement_row r JOIN benefit_item b ON b.id = r.item_id
    WHERE r.disbursement_id = d.id AND r.result <> 'out'
) s"""


def batches(tab: str) -> list[Row]:
    """The newest batches at a step, each with its sums."""
    condition, values = ("true", []) if tab == "all" else ("d.step = %s", [tab])
    return [_summed(row) for row in rows(f"{_SUMS} WHERE {condition} ORDER BY d.id DESC LIMIT {SHOWN}", values)]


def batch(number: int) -> Row | None:
    """One batch within the scope; None when there is none."""
    found = rows(f"{_SUMS} WHERE d.id = %s", [number])
    return _summed(found[0]) if found else None


def _summed(row: Row) -> Row:
    """The row with the sum sent and every difference between the three sums, named."""
    sent = row["sent_fen"]
    told = list[tuple[str, int]]()
    if sent is not None:
        told = [("报送与核定不等", sent - row["approved_fen"]), ("回盘失败", row["failed_fen"]),
                ("还没有回盘", row["waiting_fen"])]  # fmt: skip
        rest = sent - row["paid_fen"] - row["failed_fen"] - row["waiting_fen"]
        told.append(("报送之后行有变", rest))
    return row | {"differences": [(words, fen) for words, fen in told if fen]}


def counts() -> dict[str, int]:
    """How many batches stand at each step."""
    found = {row["step"]: row["n"] for row in rows("SELECT step, count(*) AS n FROM disbursement GROUP BY 1")}
    return found | {"all": sum(found.values())}


def totals() -> Row:
    """Over all batches that were sent: approved, sent, paid, failed, waiting; and what is signed and in no batch."""
    return rows(
        "SELECT coalesce(sum(t.approved_fen), 0)::bigint AS approved_fen,"
        " coalesce(sum(t.sent_fen), 0)::bigint AS sent_fen,"
        " coalesce(sum(t.paid_fen), 0)::bigint AS paid_fen, coalesce(sum(t.failed_fen), 0)::bigint AS failed_fen,"
        f" coalesce(sum(t.waiting_fen), 0)::bigint AS waiting_fen FROM ({_SUMS} WHERE d.sent_at IS NOT NULL) t"
    )[0]


_FREE = """FROM benefit_item b LEFT JOIN provider_directory p ON p.provider = b.provider
WHERE b.step = 'signed' AND b.fund_area = %s AND NOT EXISTS (
    SELECT FROM disbursement_row r WHERE r.item_id = b.id AND r.result IN ('waiting', 'paid'))"""


def free(area: str) -> list[Row]:
    """Signed claims of an area that are in no batch, the oldest first; `failed` says that a payment of it failed."""
    return named(rows(
        "SELECT b.id, b.number, b.kind, b.slip, b.person, b.approved_fen, b.received, b.due,"
        " coalesce(nullif(b.provider_name, ''), p.name) AS provider_name,"
        " (SELECT max(r.why) FROM disbursement_row r WHERE r.item_id = b.id AND r.result = 'failed') AS failed"
        f" {_FREE} ORDER BY b.received, b.id LIMIT {SHOWN}",
        [area],
    ))  # fmt: skip


def waiting_areas() -> list[Row]:
    """Areas with signed claims that are in no batch."""
    return rows(
        "SELECT b.fund_area, count(*) AS n, sum(b.approved_fen)::bigint AS fen FROM benefit_item b"
        " WHERE b.step = 'signed' AND NOT EXISTS"
        " (SELECT FROM disbursement_row r WHERE r.item_id = b.id AND r.result IN ('waiting', 'paid'))"
        " GROUP BY 1 ORDER BY 1"
    )


def rows_of(number: int) -> list[Row]:
    """The rows of a batch with what became of them."""
    found = named(rows(
        "SELECT r.*, b.number, b.kind, b.slip, b.person, coalesce(nullif(b.provider_name, ''), p.name) AS provider_name"
        " FROM disbursement_row r JOIN benefit_item b ON b.id = r.item_id"
        " LEFT JOIN provider_directory p ON p.provider = b.provider WHERE r.disbursement_id = %s ORDER BY r.n",
        [number],
    ))  # fmt: skip
    return [row | {"words": RESULTS[row["result"]][0]} for row in found]


def history(number: int) -> list[Row]:
    """What was done to a batch, in order, with the names of the people."""
    return rows(
        "SELECT m.*, coalesce(a.display_name, m.by) AS who, coalesce(f.display_name, m.acting_for) AS instead_of"
        " FROM disbursement_move m LEFT JOIN account a ON a.username = m.by LEFT JOIN account f"
        " ON f.username = m.acting_for WHERE m.disbursement_id = %s ORDER BY m.id",
        [number],
    )


def files(number: int) -> list[Row]:
    """The return files that were booked for a batch."""
    return rows("SELECT name, rows, told, at FROM disbursement_file WHERE disbursement_id = %s ORDER BY id", [number])
