"""Does one job in a process of its own (`python -m mingcha.desk.jobs.running NUMBER`), kindly, so that pages go first.

It reads as the desk's role in the scope of whoever asked, and holds an advisory lock as long as it lives: a job that is
under way without one was killed, and says so. The file lies in the home, where no web server looks, for a day.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from mingcha.desk.notices.telling import tell
from mingcha.home.database import connect
from mingcha.home.directory import Home

if TYPE_CHECKING:
    import psycopg

LOCK = 7_084_117
"""First half of the advisory locks of jobs; the second is the job's number."""
AT_ONCE = 2
"""Jobs of all people at a time; the others wait."""
STEP = 1_000
"""Rows between two notes of how far it is."""
HOURS = 24
"""How long a file is kept."""
LIMIT = 1_000_000
"""Rows an Excel sheet has room for, about."""


class CancelledError(Exception):
    """Its owner took the job back."""


def start(home: Home, number: int) -> None:
    """Begin it in a process that outlives the request."""
    log = home.logs / "jobs.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "mingcha.desk.jobs.running", str(number)],
            env=os.environ | {"MINGCHA_HOME": str(home.path), "MINGCHA_DESK_ROLE": "app"},
            stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    Thread(target=process.wait, daemon=True).start()  # or what ended would stay in the table of processes


def place_of(home: Home, number: int, token: str) -> Path:
    """Where the file of a job lies."""
    return home.path / "exports" / f"{number}-{token}.xlsx"


def run(home: Home, number: int) -> None:
    """Do the job to its end; nothing where it was cancelled or another process does it."""
    with connect(home, "job", autocommit=True) as control:
        control.execute("SELECT pg_advisory_lock(%s, %s)", [LOCK, number])  # waits for a page that tries it
        _wait(control, number)
        told = control.execute(
            "UPDATE desk_job SET state = 'running' WHERE id = %s AND state = 'waiting'"
            " RETURNING kind, by, scope, query, token::text",
            [number],
        ).fetchone()
        if told is None:
            return
        kind, by, scope, query, token = told
        place = place_of(home, number, token)
        try:
            result = _done(control, number, kind, by, scope, query, place)
            _finish(control, number, kind, by, query, result)
        except CancelledError:
            place.unlink(missing_ok=True)
        except BaseException:
            place.unlink(missing_ok=True)
            _fail(control, number, kind, by)
            raise


def _wait(control: psycopg.Connection, number: int) -> None:
    """Until fewer than AT_ONCE are under way; a cancelled one waits no longer."""
    alive = "SELECT state = 'waiting' FROM desk_job WHERE id = %s"
    while control.execute(alive, [number]).fetchone() == (True,):
        for slot in range(AT_ONCE):
            if control.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK + 1, slot]).fetchone() == (True,):
                return
        time.sleep(0.5)


def _done(
    control: psycopg.Connection, number: int, kind: str, by: str, scope: str, query: str, place: Path
) -> dict[str, int]:
    """Count or write, as the person who asked would see it."""
    from django.db import connection, transaction
    from django.http import QueryDict

    from mingcha.desk.accounts.models import Account
    from mingcha.desk.audit.forms import read_filter
    from mingcha.desk.audit.queries import every, rows, where

    if kind == "selfcheck":
        from mingcha.desk.selfcheck.running import do

        return do(by, int(query), lambda done: _note(control, number, done))
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('mingcha.scope', %s, true), set_config('mingcha.account', %s, true)",
                           [scope, by])  # fmt: skip
        chosen = read_filter(QueryDict(query))
        condition, values = where(chosen)
        counted = rows(f"SELECT count(*) AS n, coalesce(sum(f.counted_fen), 0)::bigint AS fen FROM finding f"
                       f" WHERE {condition}", values)[0]  # fmt: skip
        if kind == "count":
            return {"done": counted["n"], "total": counted["n"], "fen": counted["fen"]}
        control.execute("UPDATE desk_job SET total = %s WHERE id = %s", [min(counted["n"], LIMIT), number])
        written = _write(place, _noted(control, number, every(chosen, LIMIT)), Account.objects.get(username=by))
    return {"done": written, "total": written, "fen": counted["fen"], "bytes": place.stat().st_size}


def _write(place: Path, found: Iterable[dict[str, Any]], account: Any) -> int:
    from mingcha.desk.audit import export
    from mingcha.desk.shell import watermark

    place.parent.mkdir(mode=0o700, exist_ok=True)
    with os.fdopen(os.open(place, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
        return export.write(file, found, watermark.line(account))


def _noted(control: psycopg.Connection, number: int, found: Iterable[Any]) -> Iterator[Any]:
    """The rows as they come; every STEP of them is told, and a job that was taken back ends."""
    for n, row in enumerate(found):
        if n % STEP == 0:
            _note(control, number, n)
        yield row


def _note(control: psycopg.Connection, number: int, done: int) -> None:
    """How far it is. CancelledError when the job was taken back."""
    told = control.execute("UPDATE desk_job SET done = %s WHERE id = %s AND state = 'running'", [done, number])
    if not told.rowcount:
        raise CancelledError


def _finish(control: psycopg.Connection, number: int, kind: str, by: str, query: str, result: dict[str, int]) -> None:
    """Done, and on the trail, at once. CancelledError when its owner was quicker."""
    from mingcha.desk.trail.actions import enter

    with control.transaction():
        over = control.execute(
            "UPDATE desk_job SET state = 'done', finished_at = now(), done = %s, total = %s, fen = %s, bytes = %s,"
            " expires_at = now() + make_interval(hours => %s) WHERE id = %s AND state = 'running'",
            [result["done"], result["total"], result["fen"], result.get("bytes"), HOURS, number],
        )
        if not over.rowcount:
            raise CancelledError
        if kind == "export":
            detail = {"rows": result["done"], "filter": query, "job": number}
            enter(control.cursor(), by=by, action="findings.export", subject="findings", detail=detail)
            tell(control.cursor(), "job-done", by=by, account=by, subject=f"job:{number}", n=max(1, result["done"]))


def _fail(control: psycopg.Connection, number: int, kind: str, by: str) -> None:
    """Not done; who asked is told, unless it was only counted."""
    with control.transaction():
        over = control.execute("UPDATE desk_job SET state = 'failed', finished_at = now()"
                               " WHERE id = %s AND state = 'running'", [number])  # fmt: skip
        if over.rowcount and kind == "export":
            tell(control.cursor(), "job-failed", by=by, account=by, subject=f"job:{number}")


def tidy(home: Home, now: date) -> int:
    """Remove files that have expired, and what killed processes left; how many."""
    del now
    with connect(home, "job") as job:
        kept = {place_of(home, number, token).name for number, token in job.execute(
            "SELECT id, token::text FROM desk_job WHERE state = 'running' OR (state = 'done' AND expires_at > now())"
        )}  # fmt: skip
    folder, removed = home.path / "exports", 0
    for file in folder.glob("*.xlsx") if folder.is_dir() else ():
        if file.name not in kept:
            with suppress(FileNotFoundError):  # two desks tidy at once
                file.unlink()
                removed += 1
    return removed


def main() -> None:
    """Do the job of the number given."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mingcha.desk.settings")
    os.nice(10)
    import django

    django.setup()
    run(Home.open(), int(sys.argv[1]))


if __name__ == "__main__":
    main()
