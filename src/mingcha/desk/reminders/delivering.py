"""Brings what the gates noted into the desk's tables, each entry once, whatever is killed in between.

A stretch of a journal is one transaction with the mark of how far it went. What is read a second time, because a mark
was lost or somebody asked for it, meets its own rows and changes nothing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString, NamedTuple, cast

import psycopg

from mingcha.engines.virtual import is_virtual
from mingcha.home.database import connect
from mingcha.records.journal import Entry, journals, read

if TYPE_CHECKING:
    from mingcha.home.directory import Home

STRETCH = 2_000
"""Entries a transaction takes: some megabytes, some tenths of a second."""
PAUSE = 1.0
"""Seconds between two looks of the desk at the journals."""
_OUTCOME = {"1": "insisted", "2": "changed"}
_CALL = (
    "gate, number, asked, at, infno, provider, environment, key, msgid, bundle, microseconds, whole, person, visit,"
    " practitioner, department, orders, reminders, fund_area, care_area, refused"
)
_REMINDER = (
    "gate, number, asked, reminder, rule, rule_version, strength, certainty, amount_fen, message, instead, snoozed"
)
_REACTION = "gate, number, place, at, provider, reminder, stage, outcome, reason"
_GAP = "gate, number, asked, kind, name, rule"
_log = logging.getLogger("mingcha.desk")


class Delivered(NamedTuple):
    """What a delivery read and what of it was new."""

    entries: int
    calls: int
    reminders: int
    reactions: int


def deliver(home: Home, again: bool = False, step: Callable[[int], object] = lambda _: None) -> Delivered:
    """Bring everything that isn't there yet; `again` reads all journals from the beginning. `step` hears of bytes.

    One delivery runs at a time, the next one waits. The desk's tables must be there (desk.migrate.ready).
    """
    total = Delivered(0, 0, 0, 0)
    with connect(home, "job", autocommit=True) as pg:
        for name, path in journals(home.spool / "gate"):
            gate = _identity(name, path)
            start = 0 if again else None
            while gate:
                done, start = _stretch(pg, gate, path, start, step)
                total = Delivered(*(a + b for a, b in zip(total, done, strict=True)))
                if done.entries < STRETCH:
                    break
    return total


def waiting(home: Home, again: bool = False) -> int:
    """Bytes of the journals that no delivery has read."""
    with connect(home, "job") as pg:
        marks = dict(pg.execute("SELECT gate, place FROM reminder_mark").fetchall())
    sizes = {_identity(name, path): path.stat().st_size for name, path in journals(home.spool / "gate")}
    return sum(max(0, size - (0 if again else marks.get(gate, 0))) for gate, size in sizes.items())


def keep_delivering(home: Home) -> None:
    """For a thread of the desk: deliver within a second or two, as long as the process lives. It never raises."""
    seen: dict[Path, int] = {}
    while True:
        try:
            sizes = {path: path.stat().st_size for _, path in journals(home.spool / "gate")}
            if sizes != seen:
                deliver(home)
                seen = sizes
        except Exception as error:  # a database that is down comes back
            _log.warning("journals were not delivered: %s", type(error).__name__)
            time.sleep(10 * PAUSE)
        time.sleep(PAUSE)


def _identity(name: str, path: Path) -> str:
    """The journal's name with the checksum of its first entry: a new file of an old name is another journal.

    Empty before there is a first entry.
    """
    with path.open("rb") as file:
        head = file.readline()
    return f"{name}-{head[:8].decode('ascii', 'replace')}" if head.endswith(b"\n") else ""


def _stretch(
    pg: psycopg.Connection, gate: str, path: Path, start: int | None, step: Callable[[int], object]
) -> tuple[Delivered, int]:
    """One transaction's worth of a journal from `start`, else from its mark; where it ends."""
    with pg.transaction(), psycopg.ClientCursor(pg) as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('mingcha deliver'))")
        mark = cursor.execute("SELECT place FROM reminder_mark WHERE gate = %s", [gate]).fetchone()
        begin = start if start is not None else mark[0] if mark else 0
        with closing(read(path, begin)) as entries:
            found = list(islice(entries, STRETCH))
        if not found:
            return Delivered(0, 0, 0, 0), begin
        _run(cursor, "stage")
        _copy(cursor, gate, found)
        _run(cursor, "deliver")
        new = cursor.execute(
            "SELECT (SELECT count(*) FROM new_call), (SELECT count(*) FROM added_reminder),"
            " (SELECT count(*) FROM new_reaction)"
        ).fetchone()
        assert new is not None
        end = found[-1].end
        cursor.execute(
            "INSERT INTO reminder_mark AS kept (gate, number, place) VALUES (%s, %s, %s) ON CONFLICT (gate) DO UPDATE"
            " SET number = excluded.number, place = excluded.place, delivered_at = now()"
            " WHERE kept.place < excluded.place",
            [gate, found[-1].told["number"], end],
        )
    step(end - begin)
    return Delivered(len(found), *new), end


def _copy(cursor: psycopg.Cursor, gate: str, found: list[Entry]) -> None:
    """The entries into the tables of stage.sql; what is neither call nor feedback is of no interest here."""
    calls = [entry.told for entry in found if entry.told["kind"] == "call"]
    refused = [entry.told for entry in found if entry.told["kind"] == "refused"]
    feedback = [entry.told for entry in found if entry.told["kind"] == "feedback"]
    for table, columns, rows in (
        ("told_call", _CALL, (row for told in calls for row in _calls(gate, told))),
        ("told_call", _CALL, (_refusal(gate, told) for told in refused)),
        ("told_reminder", _REMINDER, (row for told in calls for row in _reminders(gate, told))),
        ("told_gap", _GAP, (row for told in calls for row in _gaps(gate, told))),
        ("told_reaction", _REACTION, (row for told in feedback for row in _reactions(gate, told))),
    ):
        statement = f"COPY {table} ({columns}) FROM STDIN"
        with cursor.copy(cast("LiteralString", statement)) as out:
            for row in rows:
                out.write_row(row)


def _calls(gate: str, told: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    counted = [reminder.get("asked", 0) for reminder in told["reminders"] if not reminder.get("snoozed")]
    for place, one in enumerate(told["asked"]):
        yield (
            gate, told["number"], place, told["at"], told["infno"], _plain(told["provider"]),
            "test" if is_virtual(one["visit"]) else told.get("environment", "test"), told.get("key"),
            _plain(told["msgid"]), told["bundle"], told["microseconds"], told["whole"], one["person"],
            _plain(one["visit"]), _plain(one["doctor"]), _plain(one["department"]), one.get("orders", 0),
            counted.count(place), _plain(one.get("fund_area", "")), _plain(one.get("care_area", "")), "",
        )  # fmt: skip


def _refusal(gate: str, told: dict[str, Any]) -> tuple[Any, ...]:
    """A message that was sent back: a call about nobody."""
    return (
        gate, told["number"], 0, told["at"], _plain(told["infno"][:8]), _plain(told["provider"]), told["environment"],
        told["key"], _plain(told["msgid"]), told["bundle"], 0, False, None, None, None, None, 0, 0,
        _plain(told["fund_area"] or told["care_area"]), _plain(told["care_area"]),
        _plain(told["why"]),
    )  # fmt: skip


def _reminders(gate: str, told: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    for one in told["reminders"]:
        yield (
            gate, told["number"], one.get("asked", 0), one["id"], one["rule"], one["version"], one["strength"],
            one["certainty"], one["amount_fen"] or 0, _plain(one.get("message", "")), _plain(one.get("instead", "")),
            one.get("snoozed", False),
        )  # fmt: skip


def _gaps(gate: str, told: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    for place, one in enumerate(told["asked"]):
        if is_virtual(one["visit"]):
            continue  # what our own example leaves out is nobody's gap
        for kind in ("blank", "unknown"):
            for name in one.get(kind, ()):
                yield gate, told["number"], place, kind, _plain(name), ""
        for rule, missing in one.get("lacking", ()):
            yield gate, told["number"], place, "lacking", missing, rule


def _reactions(gate: str, told: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    for place, one in enumerate(told["reactions"]):
        yield (
            gate, told["number"], place, told["at"], _plain(told["provider"]), _plain(one["reminder"]), one["stage"],
            _OUTCOME[one["way"]], _plain(one["reason"]),
        )  # fmt: skip


def _plain(text: str | None) -> str | None:
    """The text as PostgreSQL takes it: what hospitals send may hold zero bytes and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode() if text else text


def _run(cursor: psycopg.Cursor, step: str) -> None:
    text = (files("mingcha.desk.reminders") / "sql" / f"{step}.sql").read_text("utf-8")
    cursor.execute(cast("LiteralString", text))
