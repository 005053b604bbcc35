"""A withdrawn rule's findings go with it: the open ones by an audit of that rule alone, the decided ones by a move.

Runs in a process of its own (`python -m mingcha.desk.library.takedown RULE BY`), because recording is the job role's.
What was deducted is posted back with the move, in its transaction. If the process is killed, the same command does
what is left; the next audit withdraws the open ones too.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg

from mingcha.desk.audit.actions import Recorded, record_audit
from mingcha.desk.library.local_packs import opened
from mingcha.desk.library.shelf import signed
from mingcha.desk.review.actions import Chosen, Done, move
from mingcha.desk.review.actors import Actor
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.knowledge.archive import keep_library
from mingcha.procedure.review import MACHINE, MOVES
from mingcha.procedure.rule_life import WITHDRAW
from mingcha.records.lake import Lake

if TYPE_CHECKING:
    from datetime import date


def start(home: Home, rule: str, by: str) -> None:
    """Begin it in a process that outlives the request."""
    log = home.logs / "trials.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        subprocess.Popen(
            [sys.executable, "-m", "mingcha.desk.library.takedown", rule, by],
            env=os.environ | {"MINGCHA_HOME": str(home.path)}, stdout=out, stderr=out, stdin=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip


def take_back(home: Home, rule: str, by: str) -> Recorded:
    """Withdraw every open finding of a rule that is no longer in force, and revoke the decided ones.

    Where a local pack still has the rule, only what the audit no longer finds in force goes; decisions stand.
    """
    packs = opened(home)
    keep_library(packs, home.packs)
    with Lake.open(home, read_only=True) as lake:
        recorded = record_audit(
            by=by, home=home, watermark=lake.watermark(), snapshot=lake.snapshot(), pack=packs, scope={"rules": [rule]},
            flags=(), flag_lines=(),
        )  # fmt: skip
    if rule not in {one.id for one in packs.rules}:
        revoke(home, rule, by)
    return recorded


def catch_up(home: Home, day: date) -> list[Recorded]:
    """Take back what rules found that are withdrawn by the day: on their day, or when the process was killed before.

    A rule that a local pack still has is left to it, but for findings that nobody has decided.
    """
    with connect(home, "job") as job, job.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('rules withdrawn'))")
        if cursor.fetchone() != (True,):
            return []
        last = {one.rule: one for one in signed(cursor) if one.valid_from <= day}
        gone = {rule: one for rule, one in last.items() if one.intent == WITHDRAW}
        cursor.execute(
            "SELECT rule, bool_or(step = 'first') FROM finding WHERE rule = ANY(%s) AND step = ANY(%s) GROUP BY rule",
            [list(gone), ["first", *MOVES["rule-gone"].before]],
        )
        live = cursor.fetchall()
        kept = {rule.id for rule in opened(home).rules} if live else set[str]()
        return [take_back(home, rule, "clock") for rule, fresh in live if fresh or rule not in kept]


def revoke(home: Home, rule: str, by: str) -> Done:
    """Revoke the decided findings of a rule that is gone, in one act; what was deducted of them goes back in the books.

    A second time finds none left.
    """
    with connect(home, "job") as connection, psycopg.ClientCursor(connection) as cursor:
        cursor.execute("SET LOCAL work_mem = '128MB'")
        return move(
            cursor, actor=Actor(by, MACHINE), name="rule-gone", chosen=Chosen("f.rule = %(rule)s", {"rule": rule}),
            token=uuid4(), reason="规则已停用",
        )  # fmt: skip


if __name__ == "__main__":
    take_back(Home.open(), sys.argv[1], sys.argv[2])
