"""Compaction: many small files become few, what killed writers left is cleared; no row and no replay changes.

Merging rewrites files, never rows: batch_seq stays with each row, and views as of a batch read the same (DECISIONS 10).
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass

import psutil

from mingcha.home.database import connect
from mingcha.records.commit import settle
from mingcha.records.lake import Lake
from mingcha.records.locks import FILES, WRITER, hold


@dataclass(frozen=True)
class Compaction:
    """Files of the lake before and after, and how many no longer needed ones were removed from disk."""

    files_before: int
    files_after: int
    removed: int


def compact(lake: Lake, *, keep_hours: int = 0) -> Compaction:
    """Merge each partition's small files and remove what nobody needs.

    `keep_hours`: how long replaced files stay for readers that began before; nightly maintenance passes 24. Waits for
    a writer or a backup at work.
    """
    age = f"older_than => now() - INTERVAL {int(keep_hours)} HOUR"
    with connect(lake.home, autocommit=True) as pg, hold(pg, FILES), hold(pg, WRITER):
        settle(lake, pg)
        before = _files(lake)
        lake.con.execute("CALL ducklake_merge_adjacent_files('lake')")
        lake.con.execute(f"CALL ducklake_expire_snapshots('lake', {age})")
        removed = lake.con.execute(f"CALL ducklake_cleanup_old_files('lake', {age})").fetchall()
        removed += lake.con.execute(f"CALL ducklake_delete_orphaned_files('lake', {age})").fetchall()
        after = _files(lake)
    _clear_spill(lake)
    lake.as_of()
    return Compaction(before, after, len(removed))


def _files(lake: Lake) -> int:
    query = "SELECT coalesce(sum(file_count), 0)::BIGINT FROM ducklake_table_info('lake')"
    row = lake.con.execute(query).fetchone()
    return row[0] if row else 0


def _clear_spill(lake: Lake) -> None:
    """What DuckDB had put on disk for want of memory when its process was killed."""
    for place in lake.home.spool.glob("duckdb-*"):
        if not psutil.pid_exists(int(place.name.removeprefix("duckdb-"))):
            shutil.rmtree(place, ignore_errors=True)
