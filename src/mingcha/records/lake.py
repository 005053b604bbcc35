"""The lake: facts as Parquet under DuckLake, its catalogue in the home's PostgreSQL; one connection to read or write.

Settings are DECISIONS 11: no inlined rows, partitions by year, month and person bucket, append-only. Readers use the
views in schema `facts`, which show what was in force as of a batch; the tables `lake.*` hold every version.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType

import duckdb

from mingcha.home.database import connect, parameters
from mingcha.home.directory import Home
from mingcha.records import fence, views
from mingcha.records.contract import SYSTEM, Table
from mingcha.records.locks import hold
from mingcha.records.tables import TABLES
from mingcha.terms.errors import PlatformError

PARTITION = "(year(day), month(day), person_bucket)"
BOOKS = {
    "supersession": "table_name VARCHAR, row_key BIGINT, row_content BIGINT, old_batch BIGINT, by_batch BIGINT",
    "quarantine": "batch_seq BIGINT, source_file VARCHAR, table_name VARCHAR, source_row BIGINT, column_name VARCHAR, "
    "reason_zh VARCHAR, reason_en VARCHAR, raw VARCHAR, money_fen BIGINT",
    "batch": 'batch_seq BIGINT, source_hash VARCHAR, mapping_hash VARCHAR, "by" VARCHAR, files VARCHAR, totals VARCHAR',
}
"""The lake's own tables: which row replaced which, what was refused, and which batches are truly in (DECISIONS 12)."""


class Lake:
    """An open lake. Use `Lake.open` as a context manager; `con` is the DuckDB connection, not for several threads."""

    def __init__(self, home: Home, con: duckdb.DuckDBPyConnection) -> None:
        self.home = home
        self.con = con

    @classmethod
    def open(cls, home: Home, read_only: bool = False, *, role: str = "job", threads: int | None = None) -> Lake:
        """Attach the home's lake as `lake`, made or widened to the contract first where needed; views as of now.

        `role` is the database role for the catalogue: `job`, or `app` for the desk, which may only read.
        """
        with connect(home, role) as pg:  # starts the server where needed
            new = pg.execute("SELECT to_regclass('ducklake.ducklake_snapshot') IS NULL").fetchone() == (True,)
        if new:
            _create(home)
        con = _session(threads, home)
        try:
            _attach(con, home, role, read_only)
            if not read_only:
                _complete(con, home)
            elif _missing(con):  # a home that an earlier release made; who reads may not write
                _create(home)
            lake = cls(home, con)
            lake.as_of()
        except BaseException:
            con.close()
            raise
        return lake

    def watermark(self) -> int:
        """The highest batch that is in; 0 while the lake is empty."""
        return self._one("SELECT coalesce(max(batch_seq), 0) FROM lake.batch")

    def snapshot(self) -> int:
        """DuckLake's snapshot id; informative only, for it doesn't survive expiry: replay goes by the watermark."""
        return self._one("SELECT id FROM ducklake_current_snapshot('lake')")

    def as_of(self, n: int | None = None) -> int:
        """Point the views `facts.*` at batches up to `n` (now, when None); returns that watermark."""
        self.con.execute("BEGIN")  # one snapshot for all views, and one look at the catalogue
        mark = self.watermark() if n is None else n
        views.create(self.con, mark)
        self.con.execute("COMMIT")
        return mark

    def close(self) -> None:
        self.con.close()

    def __enter__(self) -> Lake:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _one(self, query: str) -> int:
        row = self.con.execute(query).fetchone()
        return row[0] if row else 0


def columns(table: Table) -> list[tuple[str, str]]:
    """Name and DuckDB type of every column the lake keeps for the table, in order."""
    return [(column.name, column.type.duckdb) for column in (*table.stored, *SYSTEM)]


def extension(name: str) -> Path:
    """The DuckDB extension file that its wheel brought; nothing is ever downloaded."""
    spec = find_spec(f"duckdb_extension_{name}")
    folder = Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else None
    file = next(folder.rglob("*.duckdb_extension"), None) if folder else None
    if file is None:
        raise PlatformError(
            f"没有安装 duckdb-extension-{name.replace('_', '-')}。请重新执行 make setup。",
            f"duckdb-extension-{name.replace('_', '-')} isn't installed. Run `make setup` again.",
        )
    return file


def _session(threads: int | None, home: Home) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"})
    for name in ("postgres_scanner", "ducklake"):
        con.execute(f"LOAD '{extension(name)}'")
    con.execute("SET TimeZone = 'Asia/Shanghai'")
    con.execute(f"SET threads = {threads or os.cpu_count() or 2}")
    con.execute("SET partitioned_write_max_open_files = 4096")  # fewer would cut a partition of one batch into pieces
    con.execute("SET enable_progress_bar = false")
    con.execute(f"SET temp_directory = {_quoted(str(home.spool / f'duckdb-{os.getpid()}'))}")
    con.execute("CREATE SCHEMA facts")
    return con


def _attach(con: duckdb.DuckDBPyConnection, home: Home, role: str, read_only: bool) -> None:
    server = parameters(home, role)
    named = {"HOST": "host", "PORT": "port", "DATABASE": "dbname", "USER": "user", "PASSWORD": "password"}
    known = ", ".join(f"{name} {_quoted(server[key])}" for name, key in named.items() if server.get(key))
    con.execute(f"CREATE SECRET catalogue (TYPE postgres, {known})")  # a secret, so that no message shows the password
    options = f"DATA_PATH {_quoted(f'{home.facts}/')}, OVERRIDE_DATA_PATH true, METADATA_SCHEMA 'ducklake', "
    options += "DATA_INLINING_ROW_LIMIT 0, META_SECRET 'catalogue'" + (", READ_ONLY" if read_only else "")
    con.execute(f"ATTACH 'ducklake:postgres:' AS lake ({options})")


def _quoted(text: str) -> str:
    return "'" + str(text).replace("'", "''") + "'"


def _create(home: Home) -> None:
    """The catalogue and its tables, in a session of their own; two makers at once wait for each other."""
    with connect(home, autocommit=True) as pg, hold(pg, "mingcha lake catalogue"):
        con = _session(1, home)
        try:
            _attach(con, home, "job", read_only=False)
            _complete(con, home)
        finally:
            con.close()


def _complete(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Make what is missing of the contract's tables and columns, and the fence. One maker at a time."""
    with connect(home) as pg:
        if not _missing(con) and fence.stands(pg):
            return
        pg.execute("SELECT pg_advisory_xact_lock(hashtext('mingcha lake tables'))")
        con.execute("BEGIN")
        for statement in _missing(con):
            con.execute(statement)
        con.execute("COMMIT")
        fence.build(pg)


def _missing(con: duckdb.DuckDBPyConnection) -> list[str]:
    known: dict[str, set[str]] = {}
    query = "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'lake'"
    for table, column in con.execute(query).fetchall():
        known.setdefault(table, set()).add(column)
    wanted = []
    for table in TABLES.values():
        if table.name not in known:
            wanted.append(f"CREATE TABLE lake.{table.name} ({', '.join(f'{n} {t}' for n, t in columns(table))})")
            if table.day:
                wanted.append(f"ALTER TABLE lake.{table.name} SET PARTITIONED BY {PARTITION}")
            continue
        added = [(n, t) for n, t in columns(table) if n not in known[table.name]]
        wanted += [f"ALTER TABLE lake.{table.name} ADD COLUMN {n} {t}" for n, t in added]
    wanted += [f"CREATE TABLE lake.{name} ({body})" for name, body in BOOKS.items() if name not in known]
    return wanted
