"""Writes of the benefits app: applications entered by hand or by file, corrected by the first level, and their papers.

Each in the caller's transaction. Entering is part of the first level: whoever entered decides at no later one.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.conf import settings

from mingcha.desk.benefits.entries import Entry, Fault
from mingcha.desk.benefits.people import other_names, tokens_of
from mingcha.desk.benefits.sheets import Faulty
from mingcha.desk.benefits.standing import held_by, in_post, refuse_unless_within
from mingcha.desk.benefits.terms import Terms, terms_of
from mingcha.desk.notices.telling import tell
from mingcha.desk.trail.actions import enter as note
from mingcha.procedure.benefits import AMEND, ENTER, FIRST, points, refuse_held
from mingcha.terms.errors import UsageError

if TYPE_CHECKING:
    from uuid import UUID

    from mingcha.desk.review.actors import Actor


@dataclass(frozen=True)
class Taken:
    """What became of a file: rows that were entered, rows known before, and the sum entered in fen."""

    file: int
    added: int
    known: int
    fen: int


def add(cursor: Any, *, actor: Actor, area: str, entry: Entry, token: UUID) -> int:
    """Enter one application; its item. The same form enters once. UsageError for one that can't be or is there."""
    terms, actor = _begin(cursor, actor, area)
    cursor.execute("SELECT id FROM benefit_item WHERE token = %s", [str(token)])
    if row := cursor.fetchone():
        return row[0]
    person, faults = _people(area, [(0, entry)])
    if faults:
        raise UsageError(f"{faults[0].column}：{faults[0].words}", "The number belongs to another name.")
    values = _values(cursor, area, entry, person[entry.number], terms)
    number = _insert(cursor, actor, values | {"token": str(token), "file": None})
    if number is None:
        raise UsageError(
            f"单据号 {entry.slip} 已经录入过，同一张单据只能申请一次。", f"Slip {entry.slip} was entered before."
        )
    _told(cursor, actor, area, 1)
    note(cursor, by=actor.name, action="benefits.enter", subject=f"benefit:{number}",
         detail={"fen": entry.claimed_fen, "area": area, "kind": entry.kind})  # fmt: skip
    return number


def add_file(
    cursor: Any, *, actor: Actor, area: str, name: str, content: bytes, rows: list[tuple[int, Entry]]
) -> Taken:
    """Enter all applications of a file, or none: Faulty with every row that can't be.

    The same bytes again, and rows that came before with the same content, add nothing.
    """
    terms, actor = _begin(cursor, actor, area)
    digest = hashlib.sha256(content).hexdigest()
    cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"benefits {area}"])  # two files of one area queue
    cursor.execute("SELECT id, rows FROM benefit_file WHERE (fund_area, sha256) = (%s, %s)", [area, digest])
    if row := cursor.fetchone():
        return Taken(row[0], 0, row[1], 0)
    people, faults = _people(area, rows)
    before = _slips(cursor, area, [entry.slip for _, entry in rows])
    times = Counter(entry.slip for _, entry in rows)
    new = list[Entry]()
    for at, entry in rows:
        if times[entry.slip] > 1:
            faults.append(Fault("单据号", f"{entry.slip} 在文件里出现了 {times[entry.slip]} 次。", at))
        elif entry.slip not in before:
            new.append(entry)
        elif before[entry.slip] != entry.digest(people[entry.number]):
            faults.append(Fault("单据号", f"{entry.slip} 以前录入过，内容不同。", at))
    if faults:
        raise Faulty(sorted(faults, key=lambda one: one.row))
    fen = sum(entry.claimed_fen for entry in new)
    cursor.execute(
        "INSERT INTO benefit_file (fund_area, sha256, name, rows, added, fen, by) VALUES (%s, %s, %s, %s, %s, %s, %s)"
        " RETURNING id",
        [area, digest, name[:200], len(rows), len(new), fen, actor.name],
    )
    file = cursor.fetchone()[0]
    for entry in new:
        values = _values(cursor, area, entry, people[entry.number], terms)
        if _insert(cursor, actor, values | {"token": None, "file": file}) is None:
            raise UsageError("别人刚刚录入了同一张单据，请重新上传。", "Somebody entered one of the slips meanwhile.")
    _told(cursor, actor, area, len(new))
    note(cursor, by=actor.name, action="benefits.file", subject=f"benefit-file:{file}", items_digest=digest,
         detail={"rows": len(rows), "added": len(new), "fen": fen, "area": area})  # fmt: skip
    return Taken(file, len(new), len(rows) - len(new), fen)


def amend(cursor: Any, *, actor: Actor, item: int, entry: Entry, reason: str, token: UUID) -> None:
    """Correct what was entered, while the item is with the first level; slip and person stay.

    UsageError without a reason, at another level, or for who acted at another one.
    """
    cursor.execute(
        "SELECT fund_area, step, slip, person, claimed_fen, received FROM benefit_item WHERE id = %s FOR UPDATE", [item]
    )
    area, step, slip, person, old, received = cursor.fetchone()
    cursor.execute("SELECT FROM benefit_move WHERE (token, item_id) = (%s, %s)", [str(token), item])
    if cursor.fetchone() is not None:
        return
    terms, actor = _begin(cursor, actor, area)
    if step != FIRST:
        raise UsageError("只有初审时可以更正录入的内容，请先退回初审。", "Send it back to the first level first.")
    if not reason.strip():
        raise UsageError("请写明更正的理由。", "Please give the reason.")
    refuse_held(FIRST, actor.hands, held_by(cursor, [item]).get(item, {}))
    entry = replace(entry, slip=slip, received=received)
    values = _values(cursor, area, entry, person, terms) | {"item": item}
    cursor.execute(_AMEND, values)
    _history(cursor, actor, AMEND, item, area, FIRST, entry.claimed_fen, str(token), reason.strip())
    note(cursor, by=actor.name, action="benefits.amend", subject=f"benefit:{item}",
         detail={"old": old, "new": entry.claimed_fen, "reason": reason.strip()})  # fmt: skip


def put_paper(
    cursor: Any, *, by: str, item: Mapping[str, Any], name: str, kind: str, size: int, sha256: str
) -> None:  # fmt: skip
    """Put a kept file to an item; the same file again changes nothing."""
    cursor.execute(
        "INSERT INTO benefit_paper (item_id, fund_area, name, type, size, sha256, by)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (item_id, sha256) DO NOTHING RETURNING id",
        [item["id"], item["fund_area"], name, kind, size, sha256, by],
    )
    if cursor.fetchone():
        note(cursor, by=by, action="benefits.paper", subject=f"benefit:{item['id']}",
             detail={"size": size, "type": kind, "sha256": sha256})  # fmt: skip


def _begin(cursor: Any, actor: Actor, area: str) -> tuple[Terms, Actor]:
    refuse_unless_within(cursor, area)
    terms = terms_of(cursor, area)
    return terms, in_post(cursor, actor, FIRST, terms.staffing)


def _people(area: str, rows: Sequence[tuple[int, Entry]]) -> tuple[dict[str, int], list[Fault]]:
    """The token of each number, and the rows whose name isn't the one that is known for it."""
    named, faults = dict[str, str](), list[Fault]()
    for at, entry in rows:
        if named.setdefault(entry.number, entry.name) != entry.name:
            faults.append(Fault("姓名", "同一编号在文件里有两个姓名。", at))
    tokens = tokens_of(settings.HOME, area, named)
    wrong = other_names(settings.HOME, {tokens[number]: name for number, name in named.items()})
    faults += [
        Fault("姓名", "与这个编号登记的姓名不一致，请核对。", at) for at, entry in rows if tokens[entry.number] in wrong
    ]
    return tokens, faults


def _slips(cursor: Any, area: str, slips: list[str]) -> dict[str, str]:
    cursor.execute(
        "SELECT slip, digest FROM benefit_item WHERE fund_area = %s AND slip = ANY(%s) AND step <> 'closed'",
        [area, slips],
    )
    return dict(cursor.fetchall())


def _values(cursor: Any, area: str, entry: Entry, person: int, terms: Terms) -> dict[str, Any]:
    elsewhere = bool(entry.place) and _pool(cursor, entry.place) != _pool(cursor, area)
    held = points(fen=entry.claimed_fen, threshold=terms.focus_fen, injury=entry.injury, elsewhere=elsewhere,
                  approved=entry.claimed_fen)  # fmt: skip
    return vars(entry) | {
        "area": area, "person": person, "elsewhere": elsewhere, "points": sorted(held), "digest": entry.digest(person),
        "route": list(terms.route(entry.claimed_fen, held)), "due": terms.due(entry.kind, entry.received),
    }  # fmt: skip


def _pool(cursor: Any, area: str) -> str:
    """The city an area belongs to (risk pools are a city's or more), by the tree; an unknown area is its own."""
    cursor.execute(
        "WITH RECURSIVE up AS (SELECT code, parent, level, 0 AS n FROM facts.area WHERE code = %s UNION ALL"
        " SELECT a.code, a.parent, a.level, up.n + 1 FROM facts.area a JOIN up ON a.code = up.parent"
        " WHERE up.level > 2 AND a.level >= 2) SELECT code FROM up ORDER BY n DESC LIMIT 1",
        [area],
    )
    row = cursor.fetchone()
    return row[0] if row else area


def _insert(cursor: Any, actor: Actor, values: dict[str, Any]) -> int | None:
    """A new item and the first entry of its history; None where its slip is taken."""
    cursor.execute(_ADD, values | {"by": actor.name})
    row = cursor.fetchone()
    if row is None:
        return None
    token = values["token"] or row[1]
    _history(cursor, actor, ENTER, row[0], values["area"], FIRST, values["claimed_fen"], token, "")
    return row[0]


def _history(cursor: Any, actor: Actor, name: str, item: int, area: str, level: str, fen: int, token: str,
             reason: str) -> None:  # fmt: skip
    cursor.execute(
        "INSERT INTO benefit_move (token, item_id, fund_area, name, level, before, after, by, acting_for, reason, fen)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [token, item, area, name, level, FIRST, FIRST, actor.name, actor.acting_for, reason, fen],
    )


def _told(cursor: Any, actor: Actor, area: str, n: int) -> None:
    if n:
        tell(cursor, "benefits-came", by=actor.name, area=area, n=n)


_ADD = """
INSERT INTO benefit_item (token, file_id, fund_area, kind, slip, person, provider, provider_name, place, day, received,
                          total_fen, claimed_fen, approved_fen, injury, elsewhere, digest, route, points, due,
                          entered_by)
VALUES (%(token)s, %(file)s, %(area)s, %(kind)s, %(slip)s, %(person)s, %(provider)s, %(provider_name)s, %(place)s,
        %(day)s, %(received)s, %(total_fen)s, %(claimed_fen)s, %(claimed_fen)s, %(injury)s, %(elsewhere)s, %(digest)s,
        %(route)s, %(points)s, %(due)s, %(by)s)
ON CONFLICT DO NOTHING RETURNING id, gen_random_uuid()::text"""
_AMEND = """
UPDATE benefit_item SET kind = %(kind)s, provider = %(provider)s, provider_name = %(provider_name)s, place = %(place)s,
       day = %(day)s, total_fen = %(total_fen)s, claimed_fen = %(claimed_fen)s, approved_fen = %(claimed_fen)s,
       injury = %(injury)s, elsewhere = %(elsewhere)s, points = %(points)s, route = %(route)s,
       due = CASE WHEN paused_left IS NULL AND NOT extended THEN %(due)s ELSE due END,
       confirmed_by = NULL, confirmed_at = NULL
WHERE id = %(item)s"""
