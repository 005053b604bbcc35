"""Deadlines that pass: what a provider doesn't answer in time counts as accepted, by the machine and on the record.

Set-based, as the job role, by whichever desk gets the lock first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg

from mingcha.desk.review.actions import Chosen, Done, move
from mingcha.desk.review.actors import Actor
from mingcha.home.database import connect
from mingcha.procedure.review import MACHINE, MOVES, ON_EXPIRY

if TYPE_CHECKING:
    from datetime import date

    from mingcha.home.directory import Home

CLOCK = Actor("clock", MACHINE)


def lapse(home: Home, now: date) -> list[Done]:
    """Move every finding whose last day is over by `now` and whose step says what then happens; what was done."""
    done = list[Done]()
    with connect(home, "job") as job, psycopg.ClientCursor(job) as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('review clocks'))")
        if cursor.fetchone() != (True,):
            return done
        for name in dict.fromkeys(ON_EXPIRY.values()):
            steps = [step for step in MOVES[name].before if ON_EXPIRY.get(step) == name]
            late = "f.due < %(now)s AND f.step = ANY(%(steps)s)"
            values = {"now": now, "steps": steps}
            cursor.execute(f"SELECT EXISTS (SELECT FROM finding f WHERE {late})", values)
            if cursor.fetchone() == (True,):
                done.append(move(cursor, actor=CLOCK, name=name, chosen=Chosen(late, values), token=uuid4()))
    return done
