"""Sends what was planned: claimed, sent, recorded. Killed in between, the same message goes once more, with its number.

A claim is a transaction of its own, made before anything is sent: it fixes which notices a message holds and under
which number (`batch`) it goes. Who claimed is trusted for LEASE; after it, another desk tries the same message again.
"""

from __future__ import annotations

import logging
import os
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg

from mingcha.home.database import connect

if TYPE_CHECKING:
    from mingcha.home.directory import Home

PAUSE = 2.0
"""Seconds between two looks."""
LEASE = timedelta(minutes=5)
"""How long a claim holds; no channel takes a tenth of it."""
AT_ONCE = 50
"""Messages begun between two looks."""
WAITS = (30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 43_200, 86_400)
"""Seconds after each failed attempt, a fifth more or less; twelve attempts over some three days."""
MOST = {"sms": 6}
"""Attempts of channels that give up earlier: what is urgent is no use after two hours."""
_log = logging.getLogger("mingcha.desk")


@dataclass(frozen=True)
class Told:
    """One notice of a message."""

    event: str
    n: int
    detail: Mapping[str, Any]
    at: Any


@dataclass(frozen=True)
class Message:
    """What goes at once to one recipient by one channel; `batch` stays the same on every attempt."""

    batch: UUID
    recipient: str
    channel: str
    attempts: int
    notices: tuple[Told, ...]


class Failure(Exception):
    """It wasn't delivered: in a few words without an address. `final`: it never will be."""

    def __init__(self, words: str, final: bool = False) -> None:
        super().__init__(words)
        self.final = final


Send = Callable[["Home", Any, Message], None]
"""Delivers a message, or raises Failure. The cursor reads settings and addresses as the job role."""


def channels() -> dict[str, Send]:
    """How each channel sends."""
    from mingcha.desk.notices import mail, sms, webhook

    return {"email": mail.send, "sms": sms.send, "endpoint": webhook.send}


def send_due(home: Home, pg: psycopg.Connection, names: tuple[str, ...] = ()) -> int:
    """Send what is due by these channels (none named: by all); how many messages were attempted.

    `pg` is a connection of the job role that commits by itself.
    """
    ways, sent = channels(), 0
    for recipient, channel, batch in _due(pg, names or tuple(ways)):
        message = _claim(pg, recipient, channel, batch)
        if message:
            _attempt(home, pg, ways[channel], message)
            sent += 1
    return sent


def keep_sending(home: Home, names: tuple[str, ...] = ()) -> None:
    """For a thread of the desk: send as long as the process lives. It never raises."""
    while True:
        try:
            with connect(home, "job", autocommit=True) as pg:
                while True:
                    if not send_due(home, pg, names):
                        time.sleep(PAUSE)
        except Exception as error:  # a database that is down comes back
            _log.warning("notices were not sent: %s", type(error).__name__)
            time.sleep(5 * PAUSE)


def _due(pg: psycopg.Connection, names: tuple[str, ...]) -> list[tuple[str, str, UUID | None]]:
    return pg.execute(
        "SELECT recipient, channel, batch FROM notice_delivery WHERE state IN ('waiting', 'sending')"
        " AND next_at <= now() AND channel = ANY(%s) GROUP BY 1, 2, 3 ORDER BY min(next_at) LIMIT %s",
        [list(names), AT_ONCE],
    ).fetchall()


def _claim(pg: psycopg.Connection, recipient: str, channel: str, batch: UUID | None) -> Message | None:
    """Take the message: what it holds is fixed from here on. None when another desk was quicker, or nothing is left."""
    with pg.transaction():
        # One recipient's waiting notices become one message, not one for each desk that looks at the same moment.
        group = f"notice {channel} {recipient}"
        if pg.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [group]).fetchone() != (True,):
            return None
        rows = pg.execute(
            "SELECT d.id, d.attempts, n.event, n.n, n.detail, n.at, n.read_at IS NOT NULL FROM notice_delivery d"
            " JOIN notice n ON n.id = d.notice_id WHERE d.recipient = %s AND d.channel = %s"
            " AND d.batch IS NOT DISTINCT FROM %s AND d.state IN ('waiting', 'sending') AND d.next_at <= now()"
            " ORDER BY d.id LIMIT %s FOR UPDATE OF d SKIP LOCKED",
            [recipient, channel, batch, 1 if channel == "endpoint" else 200],
        ).fetchall()
        if batch is None and channel != "endpoint":  # read at the desk meanwhile: nobody needs to be written to
            read = [row[0] for row in rows if row[6]]
            pg.execute("UPDATE notice_delivery SET state = 'dropped', ended_at = now() WHERE id = ANY(%s)", [read])
            rows = [row for row in rows if not row[6]]
        if not rows:
            return None
        batch = batch or uuid4()
        pg.execute(
            "UPDATE notice_delivery SET state = 'sending', batch = %s, attempts = attempts + 1, next_at = now() + %s"
            " WHERE id = ANY(%s)",
            [batch, LEASE, [row[0] for row in rows]],
        )
    return Message(batch, recipient, channel, rows[0][1] + 1, tuple(Told(*row[2:6]) for row in rows))


def _attempt(home: Home, pg: psycopg.Connection, send: Send, message: Message) -> None:
    try:
        send(home, pg.cursor(), message)
    except Failure as failure:
        over = failure.final or message.attempts >= MOST.get(message.channel, len(WAITS) + 1)
        pg.execute(_OVER if over else _LATER, {"batch": message.batch, "error": str(failure)[:300], "state": "given_up",
                                               "wait": _wait(message.attempts)})  # fmt: skip
    except Exception as error:  # what we didn't think of is told by its kind alone: its words may hold an address
        pg.execute(_LATER, {"batch": message.batch, "error": type(error).__name__, "wait": _wait(message.attempts)})
        _log.warning("a notice was not sent: %s", type(error).__name__)
    else:
        pg.execute(_OVER, {"batch": message.batch, "error": "", "state": "sent"})


_OVER = """UPDATE notice_delivery SET state = %(state)s, ended_at = now(), error = %(error)s
WHERE batch = %(batch)s AND state = 'sending'"""
_LATER = """UPDATE notice_delivery SET state = 'waiting', next_at = now() + %(wait)s, error = %(error)s
WHERE batch = %(batch)s AND state = 'sending'"""


def _wait(attempts: int) -> timedelta:
    seconds = WAITS[min(attempts, len(WAITS)) - 1]
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))


def main() -> None:
    """Post what was told and send what is due, once, for the home of the environment."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mingcha.desk.settings")
    import django

    django.setup()
    from django.conf import settings

    from mingcha.desk.notices.posting import post_waiting

    home = settings.HOME
    with connect(home, "job", autocommit=True) as pg:
        post_waiting(pg)
        while send_due(home, pg):
            pass


if __name__ == "__main__":
    main()
