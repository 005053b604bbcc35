"""How a batch enters the lake: wholly or not at all, and never twice (DECISIONS 12, 13).

Under one writer's lock: `import_batch` loading → one lake transaction with facts, quarantine, supersession and a
`batch` row → done. The catalogue's fence (fence.py) marks the batch done inside the lake's own commit and refuses the
commit of a batch that was given up meanwhile, so a writer that was killed with its commit under way can't slip in late.

Hand-over: for each target a temp table `staged_<table>` with the contract's stored columns, fund_area, care_area, day,
source_row, source_file, ext and ext_money (fen that totals count); row_key and person_bucket too where the reader
computed them (digest.columns). `staged_quarantine` as in lake.BOOKS, without batch_seq.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field

import duckdb
import psycopg

from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.records import versions
from mingcha.records.lake import BOOKS, Lake, columns
from mingcha.records.locks import WRITER, hold
from mingcha.records.tables import TABLES
from mingcha.records.versions import TableTotals


@dataclass(frozen=True)
class BatchResult:
    """What became of a batch's rows and money: rows in = accepted + quarantined + duplicates, and so in fen."""

    batch_seq: int
    accepted: int = 0
    quarantined: int = 0
    duplicates: int = 0
    superseded: int = 0
    money_accepted_fen: int = 0
    money_quarantined_fen: int = 0
    money_duplicate_fen: int = 0
    tables: dict[str, TableTotals] = field(default_factory=dict)


def earlier(home: Home, source_hash: str, mapping_hash: str) -> BatchResult | None:
    """The batch that brought these bytes through this mapping, if it is in."""
    with connect(home) as pg:
        return _earlier(pg, source_hash, mapping_hash)


def commit_batch(lake: Lake, *, source_hash: str, mapping_hash: str, by: str, files: Sequence[str],
                 area: str = "*", replaces: str | None = None) -> BatchResult:  # fmt: skip
    """Bring the staged rows into the lake as one batch and drop the staged tables.

    `replaces="provider-month"`: rows in force of the same provider and month that the batch doesn't name go out of
    force. The same bytes through the same mapping again: nothing is written, every row counts as a duplicate.
    """
    with connect(lake.home, autocommit=True) as pg, hold(pg, WRITER):
        settle(lake, pg)
        if (known := _earlier(pg, source_hash, mapping_hash)) is not None:
            _discard(lake)
            return again(known)
        row = pg.execute(
            'INSERT INTO facts.import_batch (source_hash, mapping_hash, "by", area, files) '
            "VALUES (%s, %s, %s, %s, %s) RETURNING batch_seq",
            [source_hash, mapping_hash, by, area, list(files)],
        ).fetchone()
        assert row
        try:
            result = _write(lake, row[0], source_hash, mapping_hash, by, files, replaces)
        except BaseException:
            settle(lake, pg)
            raise
        _discard(lake)
    lake.as_of()
    return result


def again(known: BatchResult) -> BatchResult:
    """The result of bringing a batch's bytes once more: all of it duplicates."""
    return BatchResult(
        batch_seq=known.batch_seq,
        duplicates=known.accepted + known.quarantined + known.duplicates,
        money_duplicate_fen=known.money_accepted_fen + known.money_quarantined_fen + known.money_duplicate_fen,
    )


def settle(lake: Lake, pg: psycopg.Connection) -> None:
    """Batches left `loading` by a killed writer: those in the lake are done, the others dropped. Needs the lock."""
    loading = [seq for (seq,) in pg.execute("SELECT batch_seq FROM facts.import_batch WHERE state = 'loading'")]
    if not loading:
        return
    there = lake.con.execute("SELECT batch_seq FROM lake.batch WHERE batch_seq IN (SELECT unnest($1))", [loading])
    present = {seq for (seq,) in there.fetchall()}
    for seq in loading:
        pg.execute(
            "UPDATE facts.import_batch SET state = %s, finished_at = now() WHERE batch_seq = %s AND state = 'loading'",
            ["done" if seq in present else "dropped", seq],
        )


def recover(lake: Lake) -> None:
    """`settle` for those who don't write: waits for a writer at work."""
    with connect(lake.home, autocommit=True) as pg, hold(pg, WRITER):
        settle(lake, pg)


def _earlier(pg: psycopg.Connection, source_hash: str, mapping_hash: str) -> BatchResult | None:
    row = pg.execute(
        "SELECT batch_seq, totals FROM facts.import_batch "
        "WHERE source_hash = %s AND mapping_hash = %s AND state = 'done'",
        [source_hash, mapping_hash],
    ).fetchone()
    if row is None:
        return None
    told = {name: TableTotals(**totals) for name, totals in row[1].pop("tables", {}).items()}
    return BatchResult(**{**row[1], "batch_seq": row[0], "tables": told})


def _staged(lake: Lake) -> list[str]:
    query = "SELECT table_name FROM duckdb_tables() WHERE temporary AND starts_with(table_name, 'staged_')"
    return sorted(name.removeprefix("staged_") for (name,) in lake.con.execute(query).fetchall())


def _discard(lake: Lake) -> None:
    for name in _staged(lake):
        lake.con.execute(f"DROP TABLE temp.staged_{name}")


def _write(lake: Lake, seq: int, source_hash: str, mapping_hash: str, by: str, files: Sequence[str],
           replaces: str | None) -> BatchResult:  # fmt: skip
    """The judgement of every row, then the one lake transaction."""
    names = _staged(lake)
    tables = {n: versions.judge(lake.con, TABLES[n], replaces) for n in names if n in TABLES}
    refused = ("quarantine" in names) and lake.con.execute(
        "SELECT count(*), coalesce(sum(money_fen), 0)::BIGINT FROM temp.staged_quarantine"
    ).fetchone()
    quarantined, money_quarantined = refused or (0, 0)
    result = BatchResult(
        batch_seq=seq, quarantined=quarantined, money_quarantined_fen=money_quarantined, tables=tables,
        accepted=sum(t.accepted for t in tables.values()),
        duplicates=sum(t.duplicates for t in tables.values()),
        superseded=sum(t.superseded for t in tables.values()),
        money_accepted_fen=sum(t.money_accepted_fen for t in tables.values()),
        money_duplicate_fen=sum(t.money_duplicate_fen for t in tables.values()),
    )  # fmt: skip
    totals = json.dumps(asdict(result))
    lake.con.execute("BEGIN")
    try:
        for name in tables:
            _insert(lake, name, seq)
        if quarantined:
            kept = ", ".join(part.split()[0] for part in BOOKS["quarantine"].split(", ")[1:])
            lake.con.execute(f"INSERT INTO lake.quarantine SELECT {seq}, {kept} FROM temp.staged_quarantine")
        book = [seq, source_hash, mapping_hash, by, json.dumps(list(files), ensure_ascii=False), totals]
        lake.con.execute("INSERT INTO lake.batch VALUES ($1, $2, $3, $4, $5, $6)", book)
        lake.con.execute("CALL lake.set_commit_message($1, $2, extra_info => $3)", [by, f"batch {seq}", totals])
        lake.con.execute("COMMIT")
    except BaseException:
        with suppress(duckdb.TransactionException):  # a COMMIT that was refused has ended the transaction
            lake.con.execute("ROLLBACK")
        raise
    return result


def _insert(lake: Lake, name: str, seq: int) -> None:
    """Rows go in partition by partition: one file each, and half the work of scattering them."""
    kept = [column for column, _ in columns(TABLES[name])]
    told_apart = lake.con.execute(f"SELECT 1 FROM {versions.contents(name)} LIMIT 1").fetchone()
    own = {"batch_seq": str(seq), "row_content": "coalesce(c.row_content, 0)" if told_apart else "0"}
    query = f"SELECT {', '.join(own.get(column, column) for column in kept)} FROM temp.staged_{name} AS s"
    if told_apart:
        query += f" LEFT JOIN {versions.contents(name)} AS c ON c.r = s.rowid"
    if lake.con.execute(f"SELECT 1 FROM {versions.skipped(name)} LIMIT 1").fetchone():
        query += f" WHERE s.rowid NOT IN (SELECT r FROM {versions.skipped(name)})"
    if TABLES[name].day:
        query += " ORDER BY (year(s.day) * 12 + month(s.day)) * 8 + s.person_bucket"
    lake.con.execute(f"INSERT INTO lake.{name} ({', '.join(kept)}) {query}")
    lake.con.execute(
        f"INSERT INTO lake.supersession SELECT '{name}', row_key, row_content, coalesce(old_batch, {seq}), {seq} "
        f"FROM {versions.replaced(name)}"
    )
