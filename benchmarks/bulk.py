"""Fifty thousand findings moved by one press of a button, step after step, in the desk's own statements."""

from __future__ import annotations

import time
from uuid import uuid4

import psycopg

from benchmarks import findings
from mingcha.desk.review.actions import Chosen, move
from mingcha.desk.review.actors import Actor
from mingcha.desk.review.clock import change
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.procedure.review import CLOCKS

MANY, BAR = 50_000, 10.0
"""Findings of one act, and the seconds it may take."""
REVIEWER, SECOND, LEADER, HOSPITAL = (
    Actor("bulk-reviewer", "reviewer"), Actor("bulk-second", "supervisor"), Actor("bulk-leader", "leader"),
    Actor("bulk-hospital", "provider"),
)  # fmt: skip
WAYS = (
    (("adopt", REVIEWER), ("extend", SECOND), ("appeal", HOSPITAL), ("grant", SECOND)),
    (("adopt", REVIEWER), ("accept", HOSPITAL), ("sign", LEADER)),
    (("drop", REVIEWER),),
)
"""Each way begins anew from the first review; `drop` and `grant` let lines go, which are counted again elsewhere."""


def report(count: int) -> list[str]:
    """The section of RESULTS.md, over a home with so many findings. Nothing stays: every way is rolled back."""
    home = Home.open(findings.home(count), environ={})
    told = [
        f"## {MANY:,} findings moved at once, of {count:,}", "",
        "Each move in one transaction with its deferred checks, the commit left out.", "",
        "| move | findings | s |", "|---|---|---|",
    ]  # fmt: skip
    for way in WAYS:
        with connect(home, "app", autocommit=True) as app, app.transaction(force_rollback=True):
            told += [f"| {name} | {n:,} | {seconds:.1f} (bar {BAR:.0f}) |" for name, n, seconds in _walk(app, way)]
    return [*told, ""]


def _walk(app: psycopg.Connection, way: tuple[tuple[str, Actor], ...]) -> list[tuple[str, int, float]]:
    cursor = psycopg.ClientCursor(app)
    cursor.execute("SELECT set_config('mingcha.scope', '*', true)")
    cursor.execute("CREATE TEMP TABLE picked ON COMMIT DROP AS SELECT id FROM finding WHERE step = 'first'"
                   " ORDER BY id LIMIT %s", [MANY])  # fmt: skip
    cursor.execute("ANALYZE picked")
    chosen, taken = Chosen("f.id IN (SELECT id FROM picked)", {}), []
    for name, actor in way:
        how, begun = change if name in CLOCKS else move, time.perf_counter()
        done = how(cursor, actor=actor, name=name, chosen=chosen, token=uuid4(), reason="批量测算")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        taken.append((name, done.moved, time.perf_counter() - begun))
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return taken
