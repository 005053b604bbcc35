"""Writes of the disbursements app: batches put together, moved from level to level, sent; in the caller's transaction.

A batch's row is locked first, then its claims in the order of their numbers: two people at one batch wait for each
other, and whoever comes second finds it moved on.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mingcha.desk.benefits.standing import refuse_unless_within, speak
from mingcha.desk.benefits.terms import terms_of
from mingcha.desk.notices.telling import tell
from mingcha.desk.review.actors import Actor
from mingcha.desk.trail.actions import enter
from mingcha.procedure.disbursements import (
    APPROVE,
    CHECK,
    ENTRY,
    LEADER,
    LEVELS,
    LIVE,
    POSTS,
    STEPS,
    Batch,
    after,
    refuse_held,
    route,
)
from mingcha.terms.errors import UsageError

if TYPE_CHECKING:
    from uuid import UUID

MOST = 2_000
"""Claims of one batch at most."""

_TELLS = {CHECK: "disbursement-check", APPROVE: "disbursement-approve", LEADER: "disbursement-leader",
          "signed": "disbursement-signed"}  # fmt: skip
_NONE = UsageError("没有这批拨付，请回到列表再看。", "There is no such batch; go back to the list.")


@dataclass(frozen=True)
class Held:
    """A batch as it stands, locked until the transaction ends; `fen` is the sum of the rows that aren't out."""

    id: int
    number: str
    fund_area: str
    step: str
    route: tuple[str, ...]
    rows: int
    fen: int

    @property
    def batch(self) -> Batch:
        """What the procedure sees of it."""
        return Batch(self.step, self.route, self.rows)


def make(cursor: Any, *, actor: Actor, area: str, name: str, items: Sequence[int], token: UUID) -> int:
    """Put signed claims together; the batch. The same form makes one. UsageError for claims that can't be paid now."""
    refuse_unless_within(cursor, area)
    staffing = terms_of(cursor, area).staffing
    actor = in_post(cursor, actor, ENTRY, staffing)
    cursor.execute("SELECT id FROM disbursement WHERE token = %s", [str(token)])
    if row := cursor.fetchone():
        return row[0]
    wanted = sorted(set(items))
    if not name.strip():
        raise UsageError("请给这批拨付起个名称。", "Please name the batch.")
    if not 0 < len(wanted) <= MOST:
        raise UsageError(f"请选择 1 至 {MOST:,} 件已审签的待遇。", f"Choose 1 to {MOST:,} signed claims.")
    cursor.execute("SELECT FROM benefit_item WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [wanted])
    cursor.execute(  # a statement of its own: it sees what others wrote while this one waited for the locks
        "SELECT b.id, b.number, b.approved_fen, b.step = 'signed' AND b.fund_area = %s AND NOT EXISTS ("
        " SELECT FROM disbursement_row r WHERE r.item_id = b.id AND r.result = ANY(%s))"
        " FROM benefit_item b WHERE b.id = ANY(%s) ORDER BY b.id",
        [area, list(LIVE), wanted],
    )
    found = cursor.fetchall()
    if wrong := [number for _, number, _, fits in found if not fits]:
        raise UsageError(
            f"{'、'.join(wrong[:5])}{' 等' if len(wrong) > 5 else ''}不能拨付：没有审签，或已在另一批里。请重选。",
            "Some of the claims aren't signed, or are in another batch by now.",
        )
    if len(found) != len(wanted):
        raise UsageError("有的待遇不在您的辖区，请刷新后重选。", "Some of the claims aren't within your areas.")
    cursor.execute(
        "INSERT INTO disbursement (token, fund_area, name, entered_by) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (token) DO NOTHING RETURNING id",
        [str(token), area, name.strip()[:60], actor.name],
    )
    row = cursor.fetchone()
    if row is None:
        raise UsageError("这批拨付刚刚已经录入，请回到列表。", "It was entered a moment ago; see the list.")
    cursor.executemany(
        "INSERT INTO disbursement_row (disbursement_id, n, fund_area, item_id, fen) VALUES (%s, %s, %s, %s, %s)",
        [(row[0], n, area, item, fen) for n, (item, _, fen, _) in enumerate(found, 1)],
    )
    held = lock(cursor, row[0])
    _history(cursor, actor, "enter", held, ENTRY, ENTRY, str(token), "")
    _note(cursor, actor, "enter", held, {"rows": held.rows, "fen": held.fen, "area": area})
    return row[0]


def take_out(cursor: Any, *, actor: Actor, number: int, n: int, reason: str, token: UUID) -> None:
    """Take one claim out of a batch that is being put together; it may go into another. UsageError at a later step."""
    held = lock(cursor, number)
    if _done_before(cursor, held, token):
        return
    actor = in_post(cursor, actor, ENTRY, terms_of(cursor, held.fund_area).staffing)
    if held.step != ENTRY:
        raise UsageError("已经提交，不能移出。请先退回录入。", "It was submitted; send it back first.")
    refuse_held(ENTRY, actor.hands, held_by(cursor, number))
    if not reason.strip():
        raise UsageError("请写明移出的理由。", "Please say why it is taken out.")
    cursor.execute(
        "UPDATE disbursement_row SET result = 'out', why = %s"
        " WHERE disbursement_id = %s AND n = %s AND result = 'waiting'",
        [reason.strip(), number, n],
    )
    if not cursor.rowcount:
        raise UsageError("这一行已经移出。", "It was taken out before.")
    held = lock(cursor, number)
    _history(cursor, actor, "take-out", held, ENTRY, ENTRY, str(token), f"第 {n} 行：{reason.strip()}")
    _note(cursor, actor, "take-out", held, {"row": n, "reason": reason.strip()})


def move(cursor: Any, *, actor: Actor, number: int, name: str, seen: str, token: UUID, reason: str = "") -> str:
    """Move a batch from the step at which it was seen; where it stands then. The same token again does nothing.

    UsageError for whoever may not, and for a batch that has moved on.
    """
    held = lock(cursor, number)
    if _done_before(cursor, held, token):
        return held.step
    if held.step != seen:
        zh, en = STEPS[held.step]
        raise UsageError(
            f"这批拨付现在是“{zh}”，别人刚刚办理过。请刷新页面看最新状态。", f"It is {en} by now; reload the page."
        )
    terms = terms_of(cursor, held.fund_area)
    staffing = terms.staffing
    if held.step == ENTRY:
        held = replace(held, route=route(held.fen, terms.fourth_fen, staffing))
    acting = at(actor, held.batch.level, staffing)
    step = after(
        name, held.batch, hands=acting.hands, levels=levels_of(acting, staffing), held=held_by(cursor, number),
        first=first_reviewers(cursor, number), reason=reason,
    )  # fmt: skip
    speak(cursor, acting)
    cursor.execute(
        "UPDATE disbursement SET step = %s, route = %s, sent_at = CASE WHEN %s = 'sent' THEN now() END,"
        " sent_fen = CASE WHEN %s = 'sent' THEN %s::bigint END WHERE id = %s",
        [step, list(held.route), step, step, held.fen, number],
    )
    if step == "discarded":
        cursor.execute(
            "UPDATE disbursement_row SET result = 'out', why = %s WHERE disbursement_id = %s AND result = 'waiting'",
            [reason.strip(), number],
        )
    _history(cursor, acting, name, held, held.batch.level, step, str(token), reason.strip())
    if event := "disbursement-back" if name == "return" else _TELLS.get(step):
        tell(cursor, event, by=acting.name, area=held.fund_area, subject=held.number, number=held.number, batch=held.id)
    _note(cursor, acting, name, held, {"to": step, "rows": held.rows, "fen": held.fen, "reason": reason.strip()})
    return step


def lock(cursor: Any, number: int) -> Held:
    """The batch, held until the transaction ends. UsageError when the session doesn't see it."""
    cursor.execute("SELECT id, number, fund_area, step, route FROM disbursement WHERE id = %s FOR UPDATE", [number])
    row = cursor.fetchone()
    if row is None:
        raise _NONE
    cursor.execute(
        "SELECT count(*), coalesce(sum(fen), 0)::bigint FROM disbursement_row WHERE disbursement_id = %s"
        " AND result <> 'out'",
        [number],
    )
    rows, fen = cursor.fetchone()
    return Held(row[0], row[1], row[2], row[3], tuple(row[4]), rows, fen)


def levels_of(actor: Actor, staffing: str) -> frozenset[str]:
    """The levels the actor's own role holds in an office so staffed."""
    return frozenset(POSTS.get(staffing, POSTS["full"]).get(actor.role, ()))


def at(actor: Actor, level: str, staffing: str) -> Actor:
    """The actor in a post that holds the level: the own first, then a lent one; the own where none does."""
    posts = [actor, *(replace(actor, role=role, acting_for=name) for name, role in actor.lent)]
    return next((one for one in posts if level in levels_of(one, staffing)), actor)


def in_post(cursor: Any, actor: Actor, level: str, staffing: str) -> Actor:
    """The same for an act; the trail learns whose lent post it is. UsageError where no post holds the level."""
    acting = at(actor, level, staffing)
    if level not in levels_of(acting, staffing):
        zh, en = LEVELS[level]
        raise UsageError(f"您的岗位不能办理拨付{zh}。", f"Your post doesn't act at {en}.")
    speak(cursor, acting)
    return acting


def held_by(cursor: Any, number: int) -> dict[str, set[str]]:
    """Who has acted at each level of the batch, the lenders of posts among them."""
    cursor.execute("SELECT level, by, acting_for FROM disbursement_move WHERE disbursement_id = %s", [number])
    found: dict[str, set[str]] = {}
    for level, by, instead in cursor.fetchall():
        found.setdefault(level, set()).update({by, instead} - {""})
    return found


def first_reviewers(cursor: Any, number: int) -> Collection[str]:
    """Who acted at the first level of a claim in the batch: they sign nothing out of it."""
    cursor.execute(
        "SELECT DISTINCT hand FROM benefit_move m CROSS JOIN LATERAL (VALUES (m.by), (m.acting_for)) AS h (hand)"
        " WHERE m.level = 'first' AND hand <> '' AND m.item_id IN (SELECT item_id FROM disbursement_row"
        " WHERE disbursement_id = %s AND result <> 'out')",
        [number],
    )
    return {hand for (hand,) in cursor.fetchall()}


def _done_before(cursor: Any, held: Held, token: UUID) -> bool:
    cursor.execute("SELECT FROM disbursement_move WHERE (token, disbursement_id) = (%s, %s)", [str(token), held.id])
    return cursor.fetchone() is not None


def _history(
    cursor: Any, actor: Actor, name: str, held: Held, level: str, step: str, token: str, reason: str
) -> None:  # fmt: skip
    cursor.execute(
        "INSERT INTO disbursement_move (token, disbursement_id, fund_area, name, level, before, after, by, acting_for,"
        " reason, rows, fen) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [token, held.id, held.fund_area, name, level, held.step, step, actor.name, actor.acting_for, reason, held.rows,
         held.fen],
    )  # fmt: skip


def _note(cursor: Any, actor: Actor, action: str, held: Held, detail: dict[str, Any]) -> None:
    enter(cursor, by=actor.name, action=f"disbursements.{action}", subject=f"disbursement:{held.id}", detail=detail)
