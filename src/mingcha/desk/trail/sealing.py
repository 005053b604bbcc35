"""The sealer: chains entries once they are committed, within seconds, whoever else writes (DECISIONS 27).

Entries are written without a lock, so a number may be committed after a higher one; it is sealed when it appears. A
pass is one transaction: killed at any moment it leaves the chain as it was. Several desks take turns.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from mingcha.desk.trail.chain import CONTENT, START, TIME, link, sm3
from mingcha.home.database import connect

if TYPE_CHECKING:
    import psycopg

    from mingcha.home.directory import Home

PAUSE = 2.0
"""Seconds between two looks of a desk."""
BLOCK = 10_000
"""Entries held in memory at a time."""
_LOCK = "mingcha trail"
_log = logging.getLogger("mingcha.desk")


class Pass(NamedTuple):
    """How many entries a pass sealed, and the number up to which no entry can appear any more."""

    sealed: int
    settled: int


def seal(pg: psycopg.Connection, settled: int = 0) -> Pass:
    """One pass: seals all that is committed, under one time. `settled` is the last pass's, or 0 to look at everything.

    Of a later pass an entry can only be if it wasn't committed when this one began: a walk relies on that.
    """
    with pg.transaction():
        pg.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [_LOCK])
        newest = _one(pg, "SELECT coalesce(max(id), 0) FROM trail")
        # Whoever writes an entry holds this lock from before its number is drawn until it is committed or gone. If
        # nobody does now, no entry up to the newest number can still be on its way.
        quiet = not _one(pg, _WRITING)
        n, previous = pg.execute("SELECT n, hash FROM trail_seal ORDER BY n DESC LIMIT 1").fetchone() or (0, START)
        at, sealed, last = _one(pg, f"SELECT {TIME.format('clock_timestamp()')}"), 0, settled
        while waiting := pg.execute(_WAITING, [last, BLOCK]).fetchall():
            with pg.cursor().copy("COPY trail_seal (n, entry, at, digest, hash) FROM STDIN") as rows:
                for entry, content in waiting:
                    n, digest = n + 1, sm3(content.encode())
                    previous = link(previous, digest, at)
                    rows.write_row((n, entry, f"{at}+00", digest, previous))
            sealed, last = sealed + len(waiting), waiting[-1][0]
    return Pass(sealed, newest if quiet else settled)


_WRITING = """
SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'trail'::regclass AND mode = 'RowExclusiveLock'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
"""
_WAITING = f"""
SELECT t.id, {CONTENT} FROM trail t WHERE t.id > %s AND NOT EXISTS (SELECT FROM trail_seal s WHERE s.entry = t.id)
ORDER BY t.id LIMIT %s
""".encode()


def seal_waiting(home: Home) -> int:
    """Seal all that is committed; how many entries that were. The desk's tables must be there (desk.migrate.ready)."""
    with connect(home, "job", autocommit=True) as pg:
        return seal(pg).sealed


def keep_sealing(home: Home) -> None:
    """For a thread of the desk: seal as long as the process lives. It never raises."""
    settled = 0
    while True:
        try:
            with connect(home, "job", autocommit=True) as pg:
                while True:
                    settled = seal(pg, settled).settled
                    time.sleep(PAUSE)
        except Exception as error:  # a database that is down comes back
            _log.warning("the trail was not sealed: %s", type(error).__name__)
            time.sleep(5 * PAUSE)


def _one(pg: psycopg.Connection, query: str) -> Any:
    row = pg.execute(query.encode()).fetchone()
    assert row
    return row[0]
