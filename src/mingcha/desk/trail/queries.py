"""Reads of the trail's pages. Who doesn't see every area sees what people of their own areas did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from mingcha.desk.audit.queries import Row, rows
from mingcha.desk.onboarding.queries import sees_all
from mingcha.desk.trail.forms import Filter
from mingcha.desk.trail.verifying import VERIFYING
from mingcha.desk.trail.words import ACTIONS, GROUPS, group_of

PAGE = 50
COUNTED = 10_000
"""Entries counted at most."""
_LISTED = """SELECT t.id, t.at, t.by, coalesce(a.display_name, t.by) AS name, t.action, t.subject, t.detail,
    t.items_digest, s.n AS seal FROM trail t
    LEFT JOIN account a ON a.username = t.by LEFT JOIN trail_seal s ON s.entry = t.id"""
# Spelt out as times with a zone: against a plain date no index is used.
_BETWEEN = "t.at >= %(since)s::date::timestamptz AND t.at < (%(until)s::date + 1)::timestamptz"
_KEYWORD = """(t.subject ILIKE %(like)s OR t.detail::text ILIKE %(like)s OR t.action = ANY (%(meant)s)
    OR t.by IN (SELECT username FROM account WHERE username ILIKE %(like)s OR display_name ILIKE %(like)s))"""


@dataclass(frozen=True)
class Page:
    """One page of entries, the newest first, how many there are, and the cursors of its neighbours."""

    rows: list[Row]
    total: int
    before: str | None
    after: str | None

    @property
    def counted(self) -> str:
        """How many there are, as far as they were counted."""
        return f"{COUNTED:,}+" if self.total > COUNTED else f"{self.total:,}"


def where(chosen: Filter) -> tuple[str, dict[str, Any]]:
    """The condition of a filter on `trail t` within the person's areas, and its values."""
    parts, values = [_BETWEEN], dict[str, Any](vars(chosen))
    for name in ("by", "subject"):
        if values[name]:
            parts.append(f"t.{name} = %({name})s")
    if chosen.action:
        values["actions"] = [code for code in ACTIONS if chosen.action in (code, group_of(code))]
        parts.append("t.action = ANY (%(actions)s)")
    if chosen.q:
        plain = chosen.q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        values |= {"like": f"%{plain}%", "meant": [code for code, words in ACTIONS.items() if chosen.q in words]}
        parts.append(_KEYWORD)
    if not sees_all():
        parts.append("t.by = ANY (%(people)s)")
        values["people"] = [person["username"] for person in people()]
    return " AND ".join(parts), values


def people() -> list[Row]:
    """Accounts whose entries this person sees: those whose areas all lie within the own ones."""
    return rows(
        "SELECT username, display_name FROM account WHERE facts.sees_all()"
        " OR string_to_array(scope, ',') <@ facts.scope_areas() ORDER BY display_name, username"
    )


def page(chosen: Filter, after: str = "", before: str = "") -> Page:
    """A page of entries; `after` and `before` are cursors of another page. A wrong cursor means the first page."""
    condition, values = where(chosen)
    counted = f"SELECT count(*) AS n FROM (SELECT FROM trail t WHERE {condition} LIMIT {COUNTED + 1}) counted"
    position = _position(before or after)
    backwards = bool(before) and position is not None
    if position is not None:
        condition += f" AND (t.at, t.id) {'>' if backwards else '<'} (%(at)s, %(number)s)"
        values |= position
    order = "t.at, t.id" if backwards else "t.at DESC, t.id DESC"
    found = rows(f"{_LISTED} WHERE {condition} ORDER BY {order} LIMIT {PAGE + 1}", values)
    more, found = len(found) > PAGE, found[:PAGE]
    whole = not more and position is None  # a rare word is looked for once, not twice
    total = len(found) if whole else rows(counted, values)[0]["n"]
    if backwards:
        found.reverse()
    first = bool(found) and (more if backwards else position is not None)
    last = bool(found) and (True if backwards else more)
    return Page(found, total, _cursor(found[0]) if first else None, _cursor(found[-1]) if last else None)


def _cursor(row: Row) -> str:
    return f"{row['at'].isoformat()}~{row['id']}"


def _position(cursor: str) -> dict[str, Any] | None:
    at, _, number = cursor.partition("~")
    try:
        return {"at": datetime.fromisoformat(at), "number": int(number)}
    except ValueError:
        return None


def entry(number: int) -> Row | None:
    """One entry with its seal; None where there is none that this person may see."""
    seen = "" if sees_all() else "AND t.by = ANY (%(people)s)"
    values = {"number": number, "people": [person["username"] for person in people()]}
    sealed = "s.at AS sealed_at, encode(s.digest, 'hex') AS digest, encode(s.hash, 'hex') AS hash, s.n AS seal FROM"
    found = rows(f"{_LISTED.replace('s.n AS seal FROM', sealed)} WHERE t.id = %(number)s {seen}", values)
    return found[0] if found else None


def every(chosen: Filter, limit: int) -> Iterator[Row]:
    """All entries under the filter, the newest first; for the export."""
    condition, values = where(chosen)
    with connection.cursor() as cursor:
        cursor.execute(f"{_LISTED.replace('t.detail', 't.detail::text AS detail', 1)} WHERE {condition}"
                       f" ORDER BY t.at DESC, t.id DESC LIMIT {int(limit)}", values)  # fmt: skip
        names = [column[0] for column in cursor.description or ()]
        while some := cursor.fetchmany(2000):
            yield from (dict(zip(names, row, strict=True)) for row in some)


def chain() -> Row:
    """How far the chain reaches, what waits, and when it was last walked: `head`, `waiting`, `verified`, `running`."""
    head = rows("SELECT n, encode(hash, 'hex') AS hash, at FROM trail_seal ORDER BY n DESC LIMIT 1")
    waiting = rows(
        "SELECT count(*) AS n, coalesce(min(t.at) < now() - interval '2 minutes', false) AS stuck"
        " FROM (SELECT id, at FROM trail ORDER BY id DESC LIMIT 2000) t"
        " WHERE NOT EXISTS (SELECT FROM trail_seal s WHERE s.entry = t.id)"
    )[0]
    verified = rows(
        "SELECT t.at, coalesce(a.display_name, t.by) AS name, t.detail FROM trail t"
        " LEFT JOIN account a ON a.username = t.by WHERE t.action = 'trail.verify'"
        " ORDER BY t.at DESC, t.id DESC LIMIT 1"
    )
    running = rows("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objid = 0"
                   " AND objsubid = 2) AS it", [VERIFYING])[0]["it"]  # fmt: skip
    return {"head": head[0] if head else None, "waiting": waiting, "running": running,
            "verified": verified[0] if verified else None}  # fmt: skip


def actions() -> list[tuple[str, list[tuple[str, str]]]]:
    """Groups of actions with their codes and words, for the filter bar."""
    return [(name, [(code, words) for code, words in ACTIONS.items() if group_of(code) == name]) for name in GROUPS]
