"""Who works on which finding: given out by hand or evenly, or taken. It is a hint for the lists and binds nobody."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mingcha.desk.notices.telling import tell_each
from mingcha.desk.review.actions import lock
from mingcha.desk.trail.actions import enter
from mingcha.procedure.review import FIRST, PANEL, POSTS, SECOND
from mingcha.terms.calendar import today
from mingcha.terms.errors import UsageError

if TYPE_CHECKING:
    from mingcha.desk.review.actions import Chosen
    from mingcha.desk.review.actors import Actor

STEPS = ("first", "appealed", "panel")
"""Steps whose work is given out: those that need reading."""

_READING = {FIRST, SECOND, PANEL}
WORKERS = tuple(sorted({role for posts in POSTS.values() for role, held in posts.items() if held & _READING}))
"""Posts that read findings, in some staffing."""
GIVERS = frozenset({"supervisor", "leader"})
"""Who gives work to others; everybody else takes it for themselves."""


def colleagues(cursor: Any) -> list[dict[str, Any]]:
    """Who may be given work within the session's areas: login name, name, scope, and how much waits for each."""
    cursor.execute(
        "SELECT a.username, a.display_name, a.scope, (SELECT count(*) FROM finding f WHERE f.assignee = a.username)"
        " FROM account a WHERE a.is_active AND a.role = ANY(%s) AND (a.scope = '*'"
        " OR (SELECT facts.sees_all()) OR string_to_array(a.scope, ',') && (SELECT facts.scope_areas())) ORDER BY 4, 2",
        [list(WORKERS)],
    )
    return [dict(zip(("username", "display_name", "scope", "waiting"), row, strict=True)) for row in cursor.fetchall()]


def assign(cursor: Any, *, actor: Actor, chosen: Chosen, to: Sequence[str]) -> dict[str, int]:
    """Give the chosen findings to one colleague, or evenly to several; to nobody: take them back. How many each got.

    Dealt by amount, largest first, there and back, so that number and money come out even. Who doesn't see an area or
    keeps away from a provider gets none of it; what nobody may get stays as it is. Call it inside a transaction.
    UsageError for giving work to others without the post to, and for somebody who doesn't review.
    """
    if actor.role not in GIVERS and set(to) != {actor.name}:
        raise UsageError("您可以领取疑点，分派给别人由监管岗或分管领导办理。", "You may take findings, not give them.")
    known = {one["username"]: one for one in colleagues(cursor)}
    if not set(to) <= set(known):
        raise UsageError("只能分派给在岗的审核人员，请从名单中选择。", "Choose among those who review.")
    lock(cursor, chosen)
    cursor.execute("DELETE FROM chosen WHERE step <> ALL(%s)", [list(STEPS)])
    if to:
        hands = json.dumps(_hands(cursor, {name: known[name]["scope"] for name in dict.fromkeys(to)}))
        cursor.execute(_DEAL, {"hands": hands})
    else:
        cursor.execute("UPDATE finding f SET assignee = NULL FROM chosen c WHERE f.id = c.finding")
    cursor.execute(
        "SELECT coalesce(f.assignee, ''), count(*) FROM finding f JOIN chosen c ON c.finding = f.id"
        " WHERE coalesce(f.assignee, '') = ANY(%s) GROUP BY 1 ORDER BY 1",
        [list(to) or [""]],
    )
    given = dict(cursor.fetchall())
    others = {name: n for name, n in given.items() if name not in ("", actor.name)}
    tell_each(cursor, "assigned", by=actor.name, given=others)
    _note(cursor, actor, given)
    return given


def _hands(cursor: Any, scopes: Mapping[str, str]) -> list[dict[str, Any]]:
    """For each area and provider among the chosen, who may get its findings, in the order they were named."""
    cursor.execute("SELECT code, parent FROM (SELECT DISTINCT ON (code) code, parent FROM facts.area"
                   " WHERE valid_from <= current_date ORDER BY code, valid_from DESC) latest")  # fmt: skip
    parents = dict(cursor.fetchall())
    cursor.execute(
        "SELECT account, provider FROM recusal WHERE account = ANY(%s)"
        " AND %s::date BETWEEN since AND coalesce(until, 'infinity')",
        [list(scopes), today().isoformat()],
    )
    away = set(cursor.fetchall())
    cursor.execute("SELECT DISTINCT fund_area, provider FROM chosen")
    return [
        {"area": area, "provider": provider, "names": names}
        for area, provider in cursor.fetchall()
        if (names := [name for name, scope in scopes.items()
                      if (name, provider) not in away and _sees(scope, area, parents)])
    ]  # fmt: skip


def _sees(scope: str, area: str, parents: Mapping[str, str | None]) -> bool:
    codes, at, far = set(scope.split(",")), area, 0
    while at and far < 20:
        if at in codes:
            return True
        at, far = parents.get(at) or "", far + 1
    return "*" in codes


_DEAL = """
WITH dealt AS (
    SELECT c.finding, h.names, row_number() OVER (PARTITION BY h.names ORDER BY f.counted_fen DESC, f.id) - 1 AS n
    FROM chosen c JOIN finding f ON f.id = c.finding
    JOIN jsonb_to_recordset(%(hands)s::jsonb) AS h(area text, provider text, names jsonb)
      ON h.area = c.fund_area AND h.provider = c.provider)
UPDATE finding f SET assignee = names ->> (CASE WHEN n %% (2 * jsonb_array_length(names)) < jsonb_array_length(names)
    THEN n %% jsonb_array_length(names) ELSE jsonb_array_length(names) - 1 - n %% jsonb_array_length(names) END)::int
FROM dealt d WHERE f.id = d.finding"""


def _note(cursor: Any, actor: Actor, given: Mapping[str, int]) -> None:
    """One entry of the trail, with a digest over the findings and who has them now (DECISIONS 27)."""
    cursor.execute(
        "SELECT count(*), encode(sha256(convert_to(coalesce(string_agg(f.id || ' ' || coalesce(f.assignee, '-'), E'\\n'"
        " ORDER BY f.id), ''), 'UTF8')), 'hex') FROM finding f JOIN chosen c ON c.finding = f.id"
    )
    count, digest = cursor.fetchone()
    enter(cursor, by=actor.name, action="review.assign", subject=f"findings:{count}",
          detail={"given": dict(given)}, items_digest=digest)  # fmt: skip
