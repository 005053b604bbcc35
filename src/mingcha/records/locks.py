"""Who may touch the lake: one writer at a time, and no cleaning up while a backup copies.

Advisory locks of PostgreSQL: they fall with the session that holds them, so a killed process never leaves one behind.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from mingcha.home.database import connect
from mingcha.home.directory import Home

WRITER = "mingcha lake writer"
FILES = "mingcha lake files"


@contextmanager
def hold(pg: psycopg.Connection, name: str) -> Iterator[None]:
    """Wait for the lock and hold it; `pg` must be in autocommit mode."""
    pg.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [name])
    try:
        yield
    finally:
        if not pg.closed:
            pg.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])


@contextmanager
def claim(home: Home, source_hash: str) -> Iterator[None]:
    """Only one process reads the same source at a time; ask `commit.earlier` inside."""
    with connect(home, autocommit=True) as pg, hold(pg, f"source {source_hash}"):
        yield
