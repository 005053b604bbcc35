"""Writes of the self-check app. The trail learns that a check was asked for or deleted, never what came of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from functools import partial
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.conf import settings
from django.db import connection, transaction

from mingcha.desk.jobs import actions as jobs
from mingcha.desk.jobs.running import LOCK, CancelledError
from mingcha.desk.selfcheck import uploads
from mingcha.desk.trail.actions import enter
from mingcha.home import disk
from mingcha.home.database import connect
from mingcha.terms.errors import UsageError

if TYPE_CHECKING:
    from mingcha.desk.selfcheck.checking import Checked
    from mingcha.desk.selfcheck.uploads import Upload
    from mingcha.home.directory import Home

ORPHAN = 3_600
"""Seconds after which a folder that no run knows of is swept: an upload that never became a run."""
_KILLED = "自查的进程中断，没有留下结果。请重新上传；如果再次中断，请减少一次上传的数据量。"


def begin(*, by: str, provider: str, scope: str, files: Iterable[Upload]) -> int:
    """Keep the files and ask for the run; its number. UsageError for what can't be taken, and while another is under
    way: two at once would only wait for each other."""
    disk.require(settings.HOME)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('selfcheck ' || %s))", [provider])
        settle()
        cursor.execute("SELECT 1 FROM selfcheck_run WHERE finished_at IS NULL")
        if cursor.fetchone():
            raise UsageError(
                "本机构还有一次自查正在进行。请等它完成，或先删除它。", "A self-check is under way already."
            )
        token = str(uuid4())
        names = uploads.keep(settings.HOME, token, files)
        try:
            with transaction.atomic():
                return _ask(cursor, by, provider, scope, token, names)
        except BaseException:
            uploads.remove(settings.HOME, token)
            raise


def _ask(cursor: Any, by: str, provider: str, scope: str, token: str, names: list[str]) -> int:
    cursor.execute(
        "INSERT INTO selfcheck_run (token, provider, by, files, expires_at)"
        " VALUES (%s, %s, %s, %s::jsonb, now() + make_interval(days => %s)) RETURNING id",
        [token, provider, by, json.dumps(names, ensure_ascii=False), settings.SELFCHECK_DAYS],
    )
    (number,) = cursor.fetchone()
    job = jobs.ask(by=by, scope=scope, kind="selfcheck", query=str(number))
    cursor.execute("UPDATE selfcheck_run SET job = %s WHERE id = %s", [job, number])
    enter(cursor, by=by, action="selfcheck.begin", subject=f"selfcheck:{number}")
    return number


def settle() -> None:
    """A run whose process was killed has ended, and so has what it worked with: a living one holds its job's lock."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT id, job, token::text FROM selfcheck_run WHERE finished_at IS NULL"
                       " AND asked_at < now() - interval '1 minute'")  # fmt: skip
        for number, job, token in cursor.fetchall():
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK, job])
            if cursor.fetchone() == (True,):
                fail(number=number, why=_KILLED)
                transaction.on_commit(partial(uploads.end, settings.HOME, token))


def record(*, number: int, provider: str, checked: Checked) -> None:
    """Put down what came of a run. CancelledError when it was deleted meanwhile."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE selfcheck_run SET finished_at = now(), totals = %s::jsonb, lacking = %s::jsonb, findings = %s,"
            " improper_fen = %s, pack = %s WHERE id = %s AND finished_at IS NULL",
            [json.dumps(checked.totals, ensure_ascii=False), json.dumps(checked.lacking), checked.findings,
             checked.improper_fen, checked.pack, number],
        )  # fmt: skip
        if not cursor.rowcount:
            raise CancelledError
        cursor.executemany(
            "INSERT INTO selfcheck_finding (run_id, n, provider, rule, rule_name, certainty, article, person, visit,"
            " line, item, item_name, day, improper_fen, message, why)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb)",
            [
                (number, n, provider, *(row[name] for name in ("rule", "rule_name", "certainty", "article", "person",
                 "visit", "line", "item", "item_name", "day", "improper_fen", "message")),
                 json.dumps(row["why"], ensure_ascii=False))
                for n, row in enumerate(checked.found, 1)
            ],
        )  # fmt: skip


def fail(*, number: int, why: str) -> None:
    """Nothing came of a run, and why; nothing where it has ended or is gone."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE selfcheck_run SET finished_at = now(), trouble = %s WHERE id = %s"
                       " AND finished_at IS NULL", [why, number])  # fmt: skip


def delete(*, by: str, number: int) -> bool:
    """Delete a run with its findings and files, under way or not; False when there is none of this number."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM selfcheck_run WHERE id = %s RETURNING token::text, job", [number])
        gone = cursor.fetchone()
        if gone is None:
            return False
        jobs.cancel(by=by, number=gone[1])
        enter(cursor, by=by, action="selfcheck.delete", subject=f"selfcheck:{number}")
    transaction.on_commit(lambda: uploads.remove(settings.HOME, gone[0]))
    return True


def note_download(*, by: str, number: int) -> None:
    """That the list of refused rows left the house."""
    with connection.cursor() as cursor:
        enter(cursor, by=by, action="selfcheck.download", subject=f"selfcheck:{number}")


def sweep(home: Home, now: date) -> int:
    """Delete runs that have expired, and folders that belong to none; how many folders."""
    del now
    with connect(home, "job") as job:
        gone = {str(token) for (token,) in job.execute(
            "DELETE FROM selfcheck_run WHERE expires_at <= now() RETURNING token")}  # fmt: skip
        kept = {str(token) for (token,) in job.execute("SELECT token FROM selfcheck_run")}
        if gone:
            enter(job.cursor(), by="system", action="selfcheck.sweep", subject="selfchecks", detail={"runs": len(gone)})
    found = list(home.selfcheck.iterdir()) if home.selfcheck.is_dir() else []
    left = [folder for folder in found if folder.name in gone or (folder.name not in kept and _old(folder))]
    for folder in left:
        uploads.remove(home, folder.name)
    return len(left)


def _old(folder: Path) -> bool:
    """Whether it can't be an upload whose run isn't committed yet."""
    try:
        return time() - folder.stat().st_mtime > ORPHAN
    except FileNotFoundError:
        return False
