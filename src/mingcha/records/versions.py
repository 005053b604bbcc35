"""Which staged rows are new, which are duplicates, and which rows they replace (DECISIONS 13); set-based.

Look-ups go by digests, and the business key has the last word. The lake is asked for one column first (row_key); more
is read only for keys that are there already, so a batch that overlaps nothing pays for one narrow scan.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from mingcha.records import digest
from mingcha.records.contract import Table


@dataclass(frozen=True)
class TableTotals:
    """Rows and money of one table in a batch."""

    accepted: int
    duplicates: int
    superseded: int
    money_accepted_fen: int
    money_duplicate_fen: int


def skipped(name: str) -> str:
    """Temp table of staged rows not to insert: column r, the staged rowid."""
    return f"temp.mc_skipped_{name}"


def replaced(name: str) -> str:
    """Temp table of rows that go out of force: row_key, row_content, old_batch (null: within this batch)."""
    return f"temp.mc_replaced_{name}"


def contents(name: str) -> str:
    """Temp table of staged rows whose key comes more than once: column r, the staged rowid, and row_content."""
    return f"temp.mc_contents_{name}"


def judge(con: duckdb.DuckDBPyConnection, table: Table, replaces: str | None = None) -> TableTotals:
    """Fill `skipped`, `replaced` and `contents` for `staged_<table>`; return the totals. The lake stays as it is."""
    name = table.name
    _digest(con, table)
    con.execute(f"CREATE OR REPLACE TEMP TABLE mc_contents_{name} (r BIGINT, row_content BIGINT)")
    con.execute(f"CREATE OR REPLACE TEMP TABLE mc_skipped_{name} (r BIGINT)")
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE mc_replaced_{name} (row_key BIGINT, row_content BIGINT, old_batch BIGINT)"
    )
    repeats = _repeats(con, table)
    overlaps = _overlaps(con, table)
    if overlaps:
        _against_lake(con, table, repeats)
    if repeats:
        _within_batch(con, table)
    if replaces:
        _absent(con, table)
    return _totals(con, name)


def _digest(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    staged = f"staged_{table.name}"
    known = con.execute("SELECT 1 FROM duckdb_columns() WHERE table_name = $1 AND column_name = 'row_key'", [staged])
    if known.fetchone() is None:
        con.execute(f"CREATE OR REPLACE TEMP TABLE {staged} AS SELECT *, {digest.columns(table)} FROM temp.{staged}")


def _keys(table: Table) -> str:
    return ", ".join(table.key)


def _same_key(table: Table, left: str, right: str) -> str:
    return " AND ".join(f"{left}.{key} IS NOT DISTINCT FROM {right}.{key}" for key in table.key)


def _repeats(con: duckdb.DuckDBPyConnection, table: Table) -> bool:
    """Rows whose key comes more than once in this batch, with what is last of its content and last of its key."""
    staged = f"temp.staged_{table.name}"
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE mc_repeated AS
        SELECT row_key FROM {staged} GROUP BY row_key HAVING count(*) > 1""")
    if con.execute("SELECT 1 FROM mc_repeated LIMIT 1").fetchone() is None:
        return False
    con.execute(f"""
        INSERT INTO {contents(table.name)}
        SELECT rowid, {digest.row_content(table)} FROM {staged} WHERE row_key IN (FROM mc_repeated)""")
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE mc_turns AS
        SELECT r, row_key, row_content,
               r = max(r) OVER (PARTITION BY {_keys(table)}, row_content) AS last_of_content,
               r = max(r) OVER (PARTITION BY {_keys(table)}) AS last_of_key
        FROM {contents(table.name)} AS c JOIN {staged} AS s ON s.rowid = c.r""")
    con.execute(f"INSERT INTO {skipped(table.name)} SELECT r FROM mc_turns WHERE NOT last_of_content")
    return True


def _overlaps(con: duckdb.DuckDBPyConnection, table: Table) -> bool:
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE mc_met AS
        SELECT DISTINCT l.row_key FROM lake.{table.name} AS l
        SEMI JOIN temp.staged_{table.name} AS s ON l.row_key = s.row_key""")
    return con.execute("SELECT 1 FROM mc_met LIMIT 1").fetchone() is not None


def _against_lake(con: duckdb.DuckDBPyConnection, table: Table, repeats: bool) -> None:
    """Staged rows equal to the version in force are duplicates; the last other one of a key replaces it."""
    name = table.name
    last = "coalesce(t.last_of_key, true)" if repeats else "true"
    turns = "LEFT JOIN mc_turns AS t ON t.r = s.rowid" if repeats else ""
    content = digest.content(table)
    same = " AND ".join(f"s.{column} IS NOT DISTINCT FROM f.{column}" for column in content)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE mc_inforce AS
        SELECT {", ".join(content)}, row_key, row_content, batch_seq FROM lake.{name} AS l
        WHERE row_key IN (FROM mc_met) AND NOT EXISTS (
            SELECT 1 FROM lake.supersession AS gone
            WHERE gone.table_name = '{name}' AND gone.row_key = l.row_key AND gone.old_batch = l.batch_seq
              AND gone.row_content = l.row_content)""")
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE mc_pairs AS
        SELECT s.rowid AS r, f.row_key, f.row_content, f.batch_seq, {same} AS same,
               {last} AS last_of_key
        FROM temp.staged_{name} AS s JOIN mc_inforce AS f
            ON s.row_key = f.row_key AND {_same_key(table, "s", "f")} {turns}""")
    con.execute(f"""
        INSERT INTO {skipped(name)}
        SELECT r FROM mc_pairs WHERE same AND r NOT IN (SELECT r FROM {skipped(name)})""")
    con.execute(f"""
        INSERT INTO {replaced(name)}
        SELECT row_key, row_content, batch_seq FROM mc_pairs WHERE last_of_key AND NOT same""")


def _within_batch(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Of several contents of a key in one batch the last stays in force; the earlier ones enter replaced."""
    con.execute(f"""
        INSERT INTO {replaced(table.name)}
        SELECT row_key, row_content, NULL FROM mc_turns
        WHERE last_of_content AND NOT last_of_key AND r NOT IN (SELECT r FROM {skipped(table.name)})""")


def _absent(con: duckdb.DuckDBPyConnection, table: Table) -> None:
    """`replaces: provider-month`: what the batch doesn't name of a provider's month goes out of force."""
    name = table.name
    if "provider" not in table.names or not table.day:
        return
    con.execute(f"""
        INSERT INTO {replaced(name)}
        SELECT l.row_key, l.row_content, l.batch_seq FROM lake.{name} AS l
        SEMI JOIN (SELECT DISTINCT provider, date_trunc('month', day) AS month FROM temp.staged_{name}) AS m
            ON l.provider = m.provider AND date_trunc('month', l.day) = m.month
        ANTI JOIN temp.staged_{name} AS s ON l.row_key = s.row_key
        ANTI JOIN (FROM lake.supersession WHERE table_name = '{name}') AS gone
            ON gone.row_key = l.row_key AND gone.old_batch = l.batch_seq AND gone.row_content = l.row_content""")


def _totals(con: duckdb.DuckDBPyConnection, name: str) -> TableTotals:
    whole = con.execute(f"SELECT count(*), coalesce(sum(ext_money), 0)::BIGINT FROM temp.staged_{name}").fetchone()
    twice = con.execute(
        f"SELECT count(*), coalesce(sum(ext_money), 0)::BIGINT FROM temp.staged_{name} "
        f"WHERE rowid IN (SELECT r FROM {skipped(name)})"
    ).fetchone()
    gone = con.execute(f"SELECT count(*) FROM {replaced(name)}").fetchone()
    assert whole and twice and gone
    return TableTotals(whole[0] - twice[0], twice[0], gone[0], whole[1] - twice[1], twice[1])
