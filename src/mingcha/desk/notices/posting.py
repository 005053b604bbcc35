"""Makes notices of what was told: within seconds, each once, whatever is killed in between.

A stretch is one transaction: rows of the outbox are taken, folded into notices and marked. Several desks take
different rows.
"""

from __future__ import annotations

import json
import logging
import time
from datetime import date, datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Any, LiteralString, cast

import psycopg

from mingcha.desk.notices.events import EVENTS
from mingcha.desk.notices.planning import plan
from mingcha.home.database import connect
from mingcha.terms.calendar import SHANGHAI, today

if TYPE_CHECKING:
    from mingcha.home.directory import Home

PAUSE = 1.0
"""Seconds between two looks at the outbox."""
STRETCH = 500
"""Rows of the outbox a transaction takes."""
KEPT_DAYS, TOLD_DAYS = 365, 40
"""How long notices are kept, and rows of the outbox after they were posted."""
_log = logging.getLogger("mingcha.desk")


def post(home: Home) -> int:
    """Make notices of everything told so far; how many rows of the outbox that were."""
    with connect(home, "job", autocommit=True) as pg:
        return post_waiting(pg)


def post_waiting(pg: psycopg.Connection) -> int:
    """The same over a connection of the job role that commits by itself."""
    total = 0
    while taken := _stretch(pg):
        total += taken
    return total


def keep_posting(home: Home) -> None:
    """For a thread of the desk: post as long as the process lives. It never raises."""
    while True:
        try:
            with connect(home, "job", autocommit=True) as pg:
                while True:
                    post_waiting(pg)
                    time.sleep(PAUSE)
        except Exception as error:  # a database that is down comes back
            _log.warning("notices were not posted: %s", type(error).__name__)
            time.sleep(5 * PAUSE)


def tidy(home: Home, now: date) -> int:
    """Remove notices and rows of the outbox that are over; how many notices."""
    with connect(home, "job") as job:
        job.execute("DELETE FROM notice_told WHERE posted_at < %s::date - %s", [now, TOLD_DAYS])
        old = "SELECT recipient FROM notice WHERE at < %s::date - %s AND read_at IS NULL"
        # Counters first, as everywhere: whoever reads at the same time waits.
        job.execute(f"SELECT FROM notice_count WHERE account IN ({old}) ORDER BY account FOR UPDATE", [now, KEPT_DAYS])
        job.execute(
            "WITH gone AS (SELECT recipient, count(*) AS n FROM notice WHERE at < %s::date - %s AND read_at IS NULL"
            " GROUP BY 1) UPDATE notice_count c SET unread = c.unread - g.n FROM gone g WHERE c.account = g.recipient",
            [now, KEPT_DAYS],
        )
        return job.execute("DELETE FROM notice WHERE at < %s::date - %s", [now, KEPT_DAYS]).rowcount


def recount(home: Home) -> int:
    """Count everybody's unread notices again and put right what differs; how many did: none in a sound home."""
    with connect(home, "job") as job:
        job.execute("LOCK TABLE notice_count IN SHARE ROW EXCLUSIVE MODE")  # whoever adds or reads one counts first
        return job.execute(
            "INSERT INTO notice_count (account, unread) SELECT account, coalesce(r.unread, 0) FROM notice_count c"
            " FULL JOIN (SELECT recipient AS account, count(*) AS unread FROM notice WHERE read_at IS NULL"
            " GROUP BY 1) r USING (account) WHERE coalesce(r.unread, 0) <> coalesce(c.unread, 0)"
            " ON CONFLICT (account) DO UPDATE SET unread = excluded.unread"
        ).rowcount


def _stretch(pg: psycopg.Connection) -> int:
    # Looked at first: a temporary table a second would keep the catalogue's vacuum busy for nothing.
    if pg.execute("SELECT EXISTS (SELECT FROM notice_told WHERE posted_at IS NULL)").fetchone() != (True,):
        return 0
    with pg.transaction(), psycopg.ClientCursor(pg) as cursor:
        cursor.execute(
            "CREATE TEMP TABLE taken ON COMMIT DROP AS SELECT * FROM notice_told WHERE posted_at IS NULL"
            " ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED",
            [STRETCH],
        )
        cursor.execute("SELECT count(*) FROM taken")
        (count,) = cursor.fetchone() or (0,)
        if count:
            run(cursor, "reach", {"events": _EVENTS, "today": today()})
            run(cursor, "post")
            plan(cursor, datetime.now(SHANGHAI))
    return count


_EVENTS = json.dumps([
    {"event": code, "whose": event.to, "roles": list(event.roles), "minutes": event.minutes,
     "outside": event.outside}
    for code, event in EVENTS.items()
])  # fmt: skip


def run(cursor: psycopg.Cursor[Any], step: str, values: Any = None) -> None:
    """One of this app's statements."""
    text = (files("mingcha.desk.notices") / "sql" / f"{step}.sql").read_text("utf-8")
    cursor.execute(cast("LiteralString", text), values)
