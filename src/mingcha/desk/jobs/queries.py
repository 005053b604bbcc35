"""Reads of the jobs app; row security leaves everybody the own ones."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import connection

from mingcha.desk.audit.queries import Row, rows
from mingcha.desk.jobs.running import LOCK, place_of
from mingcha.desk.notices.telling import tell

LISTED = 50


def jobs(kind: str) -> list[Row]:
    """The newest own jobs of a kind; those whose process was killed are over by now."""
    _settle()
    return rows("SELECT *, expires_at < now() AS expired FROM desk_job WHERE kind = %s ORDER BY id DESC LIMIT %s",
                [kind, LISTED])  # fmt: skip


def job(number: int) -> Row | None:
    """One own job; None where there is none of this number."""
    _settle()
    found = rows("SELECT *, expires_at < now() AS expired FROM desk_job WHERE id = %s", [number])
    return found[0] if found else None


def file_of(one: Row) -> Path | None:
    """The file of a finished export; None when it has expired or was none."""
    if one["kind"] != "export" or one["state"] != "done" or one["expired"]:
        return None
    place = place_of(settings.HOME, one["id"], str(one["token"]))
    return place if place.exists() else None


def _settle() -> None:
    """A job that nobody does any more has failed: its process holds a lock as long as it lives."""
    under_way = rows("SELECT id FROM desk_job WHERE state = 'running'"
                     " OR (state = 'waiting' AND asked_at < now() - interval '1 minute')")  # fmt: skip
    for one in under_way:
        if rows("SELECT pg_try_advisory_xact_lock(%s, %s) AS it", [LOCK, one["id"]])[0]["it"]:
            with connection.cursor() as cursor:
                cursor.execute("UPDATE desk_job SET state = 'failed', finished_at = now() WHERE id = %s"
                               " AND state IN ('waiting', 'running') RETURNING kind, by", [one["id"]])  # fmt: skip
                kind, by = cursor.fetchone() or ("", "")
                if kind == "export":
                    tell(cursor, "job-failed", by=by, account=by, subject=f"job:{one['id']}")
