"""Writes of the audit app. An audit is recorded set-based, in one transaction, as the job role."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import TYPE_CHECKING, Any, LiteralString, TypedDict, cast

import psycopg
from psycopg.types.json import Jsonb

from mingcha.desk.audit import handover, lists
from mingcha.desk.audit.terms import deadlines
from mingcha.desk.migrate import ready
from mingcha.desk.trail.actions import enter
from mingcha.home.database import connect
from mingcha.procedure.review import GONE, GROWING
from mingcha.terms.calendar import today
from mingcha.terms.errors import PlatformError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mingcha.desk.audit.since import Reached
    from mingcha.home.directory import Home
    from mingcha.knowledge.library import Library
    from mingcha.knowledge.pack import Pack
    from mingcha.records.lake import Lake

_LOCK_WAIT = "10min"
_ONE_AUDIT = 0x6D696E67  # any fixed number: one audit records at a time


class Scope(TypedDict, total=False):
    """The filter an audit ran with; a missing or None part means everything. It never withdraws what lies outside.

    `after` is the watermark an incremental audit went on from: no filter, for it ends where one of everything would.
    """

    areas: list[str] | None
    providers: list[str] | None
    rules: list[str] | None
    since: date | None
    until: date | None
    after: int | None


@dataclass(frozen=True)
class Recorded:
    """What an audit left: its number, what it flagged now, and how that differs from before. Money in fen."""

    audit: int
    findings: int
    lines: int
    amount_fen: int
    added: int
    again: int
    changed: int
    same: int
    withdrawn: int
    observations: int
    cannot_tell: int


def record_audit(
    *, by: str, home: Home, watermark: int, snapshot: int, pack: Pack | Library, scope: Scope, flags: handover.Tables,
    flag_lines: handover.Tables, unknown: handover.Tables = (), lake: Lake | None = None,
    rules: Mapping[str, str] | None = None, reached: Reached | None = None,
) -> Recorded:  # fmt: skip
    """Record one audit: findings, observations, amounts counted once, withdrawals, totals and the trail entry.

    `flags`, `flag_lines` and `unknown` are Arrow tables or streams of them (handover.FLAG, LINE, UNKNOWN) and may be
    lazy: the audit is marked running before the first is read. With `lake`, the lists get names of providers and the
    visit's kind, department and practitioner from it. Killed at any moment, it leaves findings as they were; the same
    command does it again. The same facts and pack again add no finding and no observation. `rules` are the content
    hashes a later incremental audit compares with; `reached` is what this one, being incremental, judged.
    """
    ready(home)
    with connect(home, role="job", autocommit=True) as connection, _one_at_a_time(connection):
        audit = _begin(connection, by=by, watermark=watermark, snapshot=snapshot, pack=pack, scope=scope, rules=rules)
        try:
            with connection.transaction(), psycopg.ClientCursor(connection) as cursor:
                cursor.execute("SET LOCAL work_mem = '128MB'")
                _run(cursor, "stage")
                handover.copy_flags(cursor, flags)
                handover.copy_lines(cursor, flag_lines)
                handover.copy_unknown(cursor, unknown)
                handover.copy_reached(cursor, reached)
                lists.refresh(cursor, pack=pack, lake=lake)
                values = _values(cursor, audit, pack=pack, scope=scope, watermark=watermark, reached=reached)
                recorded = _merge(cursor, audit, values, lake)
                _finish(cursor, recorded, by=by, pack=pack)
        except BaseException:
            _abandon(connection, audit)
            raise
        connection.execute("ANALYZE finding, finding_line, observation")
    return recorded


@contextmanager
def _one_at_a_time(connection: psycopg.Connection) -> Iterator[None]:
    """Wait for another audit to end; a killed one lets go as soon as the server notices."""
    connection.execute(f"SET lock_timeout = '{_LOCK_WAIT}'")
    try:
        connection.execute("SELECT pg_advisory_lock(%s)", [_ONE_AUDIT])
    except psycopg.errors.LockNotAvailable as error:
        raise PlatformError(
            "另一次机审正在写入结果，等了十分钟仍未结束。请稍后再运行。",
            "Another audit is still recording after ten minutes. Please run this one later.",
        ) from error
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("SELECT pg_advisory_unlock(%s)", [_ONE_AUDIT])


def _begin(
    connection: psycopg.Connection, *, by: str, watermark: int, snapshot: int, pack: Pack | Library, scope: Scope,
    rules: Mapping[str, str] | None,
) -> int:  # fmt: skip
    """A running audit. Others still marked running were killed: we hold the lock."""
    told = {name: value.isoformat() if isinstance(value, date) else value for name, value in scope.items() if value}
    with connection.transaction():
        connection.execute("UPDATE audit SET status = 'failed', finished_at = now() WHERE status = 'running'")
        row = connection.execute(
            "INSERT INTO audit (by, started_at, status, watermark, snapshot, pack_hash, pack_version, scope, rules)"
            " VALUES (%s, now(), 'running', %s, %s, %s, %s, %s, %s) RETURNING id",
            [by, watermark, snapshot, pack.hash, str(pack.version), Jsonb(told), rules and Jsonb(dict(rules))],
        ).fetchone()
        assert row
        detail = {"watermark": watermark, "pack": pack.hash, "scope": told}
        enter(connection.cursor(), by=by, action="audit.begin", subject=f"audit:{row[0]}", detail=detail)
    return row[0]


def _abandon(connection: psycopg.Connection, audit: int) -> None:
    if not connection.closed:
        connection.execute("UPDATE audit SET status = 'failed', finished_at = now() WHERE id = %s", [audit])


def _values(
    cursor: psycopg.Cursor, audit: int, *, pack: Pack | Library, scope: Scope, watermark: int, reached: Reached | None
) -> dict[str, Any]:
    """What the files of SQL ask for by name."""
    return {
        "audit": audit, "pack": pack.hash, "watermark": watermark,
        "known_rules": [rule.id for rule in pack.rules], "areas": _subtrees(cursor, scope.get("areas")),
        "providers": scope.get("providers") or None, "rules": scope.get("rules") or None,
        "asked": list(scope.get("rules") or pack.audited),
        "since": scope.get("since"), "until": scope.get("until"),
        "over": list(GONE), "growing": list(GROWING), "incremental": reached is not None,
        "whole": list(reached.whole) if reached else [],
    }  # fmt: skip


def _merge(cursor: psycopg.Cursor, audit: int, values: Mapping[str, Any], lake: Lake | None) -> Recorded:
    """From the staged flags to findings; each step is one file of SQL."""
    for step in ("spread", "compare", "book", "write", "shift", "withdraw", "count"):
        _run(cursor, step, values)
        if step == "compare":
            lists.describe(cursor, lake=lake)
            cursor.execute("SELECT DISTINCT fund_area FROM staged")
            areas = [area for (area,) in cursor.fetchall()]
            values = {**values, "due": deadlines(cursor, areas, "first", today())}
    cursor.execute(
        "SELECT t.*, count(*) FILTER (WHERE how = 'added'), count(*) FILTER (WHERE how = 'again'),"
        " count(*) FILTER (WHERE how = 'changed'), count(*) FILTER (WHERE how = 'same'),"
        " (SELECT count(*) FROM gone), (SELECT count(*) FROM observation WHERE audit_id = %s),"
        " (SELECT coalesce(sum(count), 0) FROM staged_unknown)"
        " FROM (SELECT coalesce(sum(findings), 0), coalesce(sum(lines), 0), coalesce(sum(counted_fen), 0)"
        "  FROM audit_count WHERE audit_id = %s) t LEFT JOIN staged ON true GROUP BY 1, 2, 3",
        [audit, audit],
    )
    return Recorded(audit, *map(int, cursor.fetchone() or ()))


def _subtrees(cursor: psycopg.Cursor, roots: list[str] | None) -> list[str] | None:
    """All areas below the roots; None for no filter."""
    if not roots:
        return None
    cursor.execute("SELECT set_config('mingcha.scope', %s, true)", [",".join(roots)])
    cursor.execute("SELECT facts.scope_areas()")
    areas = (cursor.fetchone() or [[]])[0]
    cursor.execute("SELECT set_config('mingcha.scope', '*', true)")
    return areas


def _finish(cursor: psycopg.Cursor, recorded: Recorded, *, by: str, pack: Pack | Library) -> None:
    """Mark the audit done; one trail entry, with a digest over the findings it touched."""
    cursor.execute("UPDATE audit SET status = 'done', finished_at = clock_timestamp() WHERE id = %s", [recorded.audit])
    cursor.execute("SELECT finding, how FROM staged WHERE how <> 'same' UNION ALL SELECT finding, 'gone' FROM gone")
    items = hashlib.sha256("\n".join(sorted(f"{finding} {how}" for finding, how in cursor.fetchall())).encode())
    enter(
        cursor, by=by, action="audit.record", subject=f"audit:{recorded.audit}",
        detail={"pack": pack.hash, **{name: value for name, value in vars(recorded).items() if name != "audit"}},
        items_digest=items.hexdigest(),
    )  # fmt: skip


def _run(cursor: psycopg.Cursor, step: str, values: Mapping[str, Any] | None = None) -> None:
    text = (files("mingcha.desk.audit") / "sql" / f"{step}.sql").read_text("utf-8")
    cursor.execute(cast("LiteralString", text), values)


def note_export(*, by: str, rows: int, query: str) -> None:
    """Write into the trail that findings left the house: who, how many, under which filter."""
    from django.db import connection as desk

    with desk.cursor() as cursor:
        enter(cursor, by=by, action="findings.export", subject="findings", detail={"rows": rows, "filter": query})


def note_report(*, by: str, audit: int) -> None:
    """Write into the trail that the printable report of an audit left the house."""
    from django.db import connection as desk

    with desk.cursor() as cursor:
        enter(cursor, by=by, action="audit.report", subject=f"audit:{audit}")
