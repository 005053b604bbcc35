"""Writes of the jobs app: asking for one, and taking it back."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import connection, transaction

from mingcha.desk.jobs.running import start
from mingcha.desk.trail.actions import enter


def ask(*, by: str, scope: str, kind: str, query: str) -> int:
    """Ask for an export or a count of what a filter holds; its number. While the same one is under way, that one's."""
    row: Any
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO desk_job (token, kind, by, scope, query) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT (by, kind, query) WHERE state IN ('waiting', 'running') DO NOTHING RETURNING id",
            [str(uuid4()), kind, by, scope, query],
        )
        row = cursor.fetchone()
        if row is None:
            cursor.execute(
                "SELECT id FROM desk_job WHERE (by, kind, query) = (%s, %s, %s) AND state IN ('waiting', 'running')",
                [by, kind, query],
            )
            row = cursor.fetchone()
            return row[0]
        enter(cursor, by=by, action="job.ask", subject=f"job:{row[0]}", detail={"kind": kind, "filter": query})
    transaction.on_commit(lambda: start(settings.HOME, row[0]))
    return row[0]


def cancel(*, by: str, number: int) -> bool:
    """Take an own job back; False when it was over before. Its process notices at the next rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE desk_job SET state = 'cancelled', finished_at = now()"
            " WHERE id = %s AND by = %s AND state IN ('waiting', 'running')",
            [number, by],
        )
        if not cursor.rowcount:
            return False
        enter(cursor, by=by, action="job.cancel", subject=f"job:{number}")
    return True


def note_download(*, by: str, number: int) -> None:
    """That the file of a job left the house."""
    with connection.cursor() as cursor:
        enter(cursor, by=by, action="job.download", subject=f"job:{number}")
