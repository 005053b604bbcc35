"""What readers see: the rows in force as of a batch, and fee lines net of refunds.

Corrections and refunds are few, so each view is the plain scan minus, or joined to, a small side set. A window over
everything would cost a sort of the whole lake at each read.
"""

from __future__ import annotations

import duckdb

from mingcha.records import digest
from mingcha.records.tables import TABLES


def create(con: duckdb.DuckDBPyConnection, mark: int) -> None:
    """(Re)create `facts.<table>` and `facts.net_fee_line` as of batch `mark`."""
    con.execute(
        "CREATE OR REPLACE TEMP TABLE superseded AS "
        f"SELECT table_name, row_key, row_content, old_batch FROM lake.supersession WHERE by_batch <= {int(mark)}"
    )
    corrected = {name for (name,) in con.execute("SELECT DISTINCT table_name FROM superseded").fetchall()}
    for name in TABLES:
        known = f"(SELECT * FROM lake.{name} WHERE batch_seq <= {int(mark)}) AS t"
        gone = _SUPERSEDED.format(name=name) if name in corrected else ""
        con.execute(f"CREATE OR REPLACE VIEW facts.{name} AS SELECT t.* FROM {known}{gone}")
    con.execute(f"SET VARIABLE watermark = {int(mark)}")
    con.execute("DROP TABLE IF EXISTS temp.refund")
    refunded = con.execute("SELECT 1 FROM facts.fee_line WHERE refund_of IS NOT NULL LIMIT 1").fetchone()
    con.execute(f"CREATE OR REPLACE VIEW facts.net_fee_line AS {_NET if refunded else _PLAIN}")


_SUPERSEDED = """
ANTI JOIN (SELECT * FROM temp.superseded WHERE table_name = '{name}') AS s
    ON s.row_key = t.row_key AND s.old_batch = t.batch_seq AND s.row_content = t.row_content"""
"""Spelt as a join: NOT EXISTS beside a filter makes DuckDB group the whole table first (three times the work)."""

_PLAIN = "SELECT * FROM facts.fee_line WHERE quantity > 0 AND amount >= 0"
"""Without any refund: negative lines that name nothing are a matter of data quality, not of money."""

_REFUND = f"""
SELECT {digest.of(("provider", "visit", "refund_of"))} AS row_key, provider, visit, refund_of,
       sum(quantity)::BIGINT AS quantity, sum(amount)::BIGINT AS amount,
       sum(coalesce(in_scope, amount))::BIGINT AS in_scope
FROM facts.fee_line WHERE refund_of IS NOT NULL GROUP BY ALL
"""

_NETTED = """
SELECT f.* REPLACE (
    f.quantity + coalesce(r.quantity, 0) AS quantity, f.amount + coalesce(r.amount, 0) AS amount,
    f.in_scope + coalesce(r.in_scope, 0) AS in_scope)
FROM {source} AS f
LEFT JOIN {refund} AS r
    ON r.row_key = f.row_key AND r.provider = f.provider AND r.visit = f.visit AND r.refund_of = f.line
WHERE f.refund_of IS NULL AND f.amount >= 0 AND f.quantity + coalesce(r.quantity, 0) > 0
"""

_NET = f"WITH refund AS ({_REFUND}) {_NETTED.format(source='facts.fee_line', refund='refund')}"


def gather_refunds(con: duckdb.DuckDBPyConnection) -> None:
    """Put what was refunded of each line into the temporary table `refund`, once for all queries of `net_lines`."""
    con.execute(f"CREATE TEMP TABLE IF NOT EXISTS refund AS {_REFUND}")


def net_lines(columns: str, where: str) -> str:
    """A query for `columns` of the net fee lines that `where`, a condition on the row as stored, lets through.

    The same rows as `SELECT columns FROM facts.net_fee_line WHERE where`, several times cheaper when few pass: versions
    and refunds are looked up for those alone. `columns` may read any column of a fee line but system ones. It reads
    what `gather_refunds` found.
    """
    stored = ", ".join(column.name for column in TABLES["fee_line"].stored)
    kept = f"""
SELECT t.* FROM (
    SELECT {stored}, fund_area, care_area, day, person_bucket, row_key, row_content, batch_seq FROM lake.fee_line
    WHERE batch_seq <= getvariable('watermark') AND refund_of IS NULL AND amount >= 0 AND ({where})
) AS t{_SUPERSEDED.format(name="fee_line")}"""
    return f"SELECT {columns} FROM ({_NETTED.format(source=f'({kept})', refund='temp.refund')})"
