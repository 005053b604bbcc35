"""The lake without its catalogue: the Parquet files of a snapshot by path, and the same views made over them.

Whoever knows the paths reads what DuckDB reads through the catalogue (DECISIONS 11): corrections, refunds and the
watermark are columns and rows of the files themselves.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import psutil

from mingcha.records import views
from mingcha.records.lake import BOOKS, Lake, columns
from mingcha.records.tables import TABLES

Files = Mapping[str, Sequence[str]]
"""Paths by table name."""

_SHARE = 0.6  # of a machine's memory; the rest is Spark's and the system's
_BUCKET = re.compile(r"/person_bucket=(\d+)/")


def list_files(lake: Lake) -> dict[str, list[str]]:
    """Every table's files as of the current snapshot. A lake never deletes rows, so there are no delete files."""
    snapshot = lake.snapshot()
    query = "SELECT data_file FROM ducklake_list_files('lake', ?, snapshot_version => ?) ORDER BY 1"
    return {name: [path for (path,) in lake.con.execute(query.replace("?", f"'{name}'", 1).replace("?", str(snapshot)))
                   .fetchall()] for name in (*TABLES, "supersession")}  # fmt: skip


def of_bucket(files: Files, bucket: int, all_of: Sequence[str] = ()) -> dict[str, list[str]]:
    """The files that may hold rows of a person bucket; of the tables in `all_of`, and of registers, every file."""

    def may(name: str, path: str) -> bool:
        found = _BUCKET.search(path)
        return found is None or name in all_of or int(found[1]) == bucket

    return {name: [path for path in paths if may(name, path)] for name, paths in files.items()}


def open_files(files: Files, mark: int) -> duckdb.DuckDBPyConnection:
    """A connection that shows the files as `lake.*` and what was in force as of batch `mark` as `facts.*`.

    One thread and one core's share of the memory: as many as there are cores may run side by side.
    """
    con = duckdb.connect()
    con.execute("SET TimeZone = 'Asia/Shanghai'")
    con.execute("SET threads = 1")
    con.execute(f"SET memory_limit = '{_SHARE * psutil.virtual_memory().total / (psutil.cpu_count() or 1):.0f}B'")
    con.execute(f"SET temp_directory = '{Path(tempfile.gettempdir()) / f'mingcha-{os.getpid()}'}'")
    con.execute("SET enable_progress_bar = false")
    con.execute("CREATE SCHEMA facts")
    con.execute("ATTACH ':memory:' AS lake")
    con.execute(f"CREATE TABLE lake.supersession ({BOOKS['supersession']})")
    if files.get("supersession"):
        con.execute(f"INSERT INTO lake.supersession BY NAME FROM {_read(files['supersession'])}")
    for table in TABLES.values():
        con.execute(f"CREATE VIEW lake.{table.name} AS {_shown(con, columns(table), files.get(table.name, ()))}")
    views.create(con, mark)
    return con


def _shown(con: duckdb.DuckDBPyConnection, wanted: list[tuple[str, str]], paths: Sequence[str]) -> str:
    """The wanted columns; those that no file has yet are null, as the catalogue has it."""
    if not paths:
        return f"SELECT {', '.join(f'NULL::{kind} AS {name}' for name, kind in wanted)} WHERE false"
    there = {name for name, *_ in con.execute(f"DESCRIBE FROM {_read(paths)}").fetchall()}
    shown = (name if name in there else f"NULL::{kind} AS {name}" for name, kind in wanted)
    return f"SELECT {', '.join(shown)} FROM {_read(paths)}"


def _read(paths: Sequence[str]) -> str:
    quoted = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    return f"read_parquet([{quoted}], union_by_name = true, hive_partitioning = false)"
