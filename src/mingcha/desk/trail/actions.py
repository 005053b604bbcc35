"""Writing the trail. Called inside the transaction of the action it records; nothing else writes here."""

from __future__ import annotations

import json
from getpass import getuser
from typing import TYPE_CHECKING, Any, Protocol

from mingcha.home.database import connect

if TYPE_CHECKING:
    from mingcha.desk.trail.verifying import Report
    from mingcha.home.directory import Home


class Executes(Protocol):
    """A cursor of psycopg or of Django."""

    def execute(self, query: Any, params: Any = None, /) -> Any: ...


def enter(
    cursor: Executes, *, by: str, action: str, subject: str, detail: dict[str, Any] | None = None,
    items_digest: str | None = None,
) -> None:  # fmt: skip
    """Add one entry. `detail` holds codes and counts, never names or numbers of insured persons.

    The action needs words in words.ACTIONS. Where something was replaced, `detail` holds what was under `old` and what
    is under `new`, two values or two objects of fields; words.said tells them beside each other.
    """
    cursor.execute(
        "INSERT INTO trail (by, action, subject, detail, items_digest) VALUES (%s, %s, %s, %s::jsonb, %s)",
        (by, action, subject, json.dumps(detail or {}, ensure_ascii=False), items_digest),
    )


def note_verification(home: Home, *, by: str, report: Report) -> None:
    """That somebody walked the chain, and what came out; the trail's page tells the last one."""
    detail = {"sealed": report.sealed, "head": report.head, "intact": report.intact}
    if report.fault_count:
        wrong = sorted({fault.entry for fault in report.faults if fault.entry})
        detail |= {"faults": report.fault_count, "wrong": wrong[:20]}
    with connect(home, "job") as pg:
        enter(pg.cursor(), by=by, action="trail.verify", subject="trail", detail=detail)


def note_command(home: Home, *, action: str, subject: str, detail: dict[str, Any]) -> None:
    """That a command of the terminal did something, by whom; nothing where no desk was ever made.

    What it did is committed by then: killed in between, it has its own record (batches, areas), but no entry here.
    """
    _note(home, (action, subject, detail))


def note_backup(home: Home, *, target: str, rows: int, keys: bool) -> None:
    """That everything, and with `keys` what opens personal details, was copied."""
    whole = ("backup.write", "backup", {"file": target, "rows": rows})
    _note(home, whole, *([("backup.keys", "backup", {})] if keys else []))


def _note(home: Home, *entries: tuple[str, str, dict[str, Any]]) -> None:
    with connect(home, "job") as pg:
        if pg.execute("SELECT to_regclass('trail')").fetchone() == (None,):
            return
        for action, subject, detail in entries:
            enter(pg.cursor(), by=f"cli:{getuser()}", action=action, subject=subject, detail=detail)
