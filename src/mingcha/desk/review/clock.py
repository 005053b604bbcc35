"""Terms extended, stopped and let run on, for one finding or for thousands, with a reason and in the history."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from mingcha.desk.audit.terms import terms_of
from mingcha.desk.review import actions
from mingcha.procedure.review import CLOCKS, DAYS, OFFICE, Term, clock, clock_acts
from mingcha.terms.calendar import today
from mingcha.terms.errors import UsageError

if TYPE_CHECKING:
    from uuid import UUID

    from mingcha.desk.review.actions import Chosen, Done
    from mingcha.desk.review.actors import Actor

_SAME_TERM = """f.fund_area = t.area AND f.step = t.step AND f.extended = t.extended
    AND (f.due, f.paused_left) IS NOT DISTINCT FROM (t.due, t.left_days)"""


def change(cursor: Any, *, actor: Actor, name: str, chosen: Chosen, token: UUID, reason: str) -> Done:
    """Extend, stop or let run on the terms of the chosen findings; call it inside a transaction.

    Like a move: what the term doesn't allow is passed over, and the same token again does nothing. UsageError
    without a reason.
    """
    zh, en = CLOCKS[name]
    if not reason.strip():
        raise UsageError(f"请写明{zh}的理由。", f"Please give the reason to {en}.")
    act = actions.begin(cursor, actor.name, name, token)
    if act is None:
        return actions.done_before(cursor, token)
    actions.lock(cursor, chosen)
    actor = actions.in_post(cursor, actor, OFFICE)
    passed = {actions.RECUSED: actions.pass_over(cursor, actions.RECUSAL,
                                                 {"by": actor.hands, "today": today().isoformat()})}  # fmt: skip
    passed[actions.NOT_YOURS] = _not_yours(cursor, actor)
    changed = json.dumps(_terms(cursor, name, today()))
    fits = f"EXISTS (SELECT FROM finding f JOIN {_TABLE} ON {_SAME_TERM} WHERE f.id = finding)"
    passed[actions.CLOCK] = actions.pass_over(cursor, f"NOT {fits}", {"to": changed})
    cursor.execute(_CHANGE, {"to": changed})
    cursor.execute(_HISTORY, {
        "act": act, "name": name, "level": OFFICE, "by": actor.name, "acting_for": actor.acting_for,
        "reason": reason.strip(),
    })  # fmt: skip
    done = actions.finish(cursor, act, {why: n for why, n in passed.items() if n})
    actions.note(cursor, actor, name, done, reason)
    return done


def _not_yours(cursor: Any, actor: Actor) -> int:
    cursor.execute("SELECT DISTINCT fund_area FROM chosen")
    areas = [area for (area,) in cursor.fetchall()]
    others = [area for area in areas if OFFICE not in actor.levels(terms_of(cursor, area).staffing)]
    return actions.pass_over(cursor, "fund_area = ANY(%(areas)s)", {"areas": others})


def _terms(cursor: Any, name: str, now: date) -> list[dict[str, Any]]:
    """The terms among the chosen that may be changed so, and what they become: few, however many findings."""
    cursor.execute(
        "SELECT DISTINCT f.fund_area, f.step, f.due, f.paused_left, f.extended FROM finding f"
        " JOIN chosen c ON c.finding = f.id WHERE f.step = ANY(%s)",
        [list(DAYS)],
    )
    changed = []
    for area, step, due, left, extended in cursor.fetchall():
        term = Term(due, left, extended)
        if step == "first" or name not in clock_acts(term, now):
            continue
        told = terms_of(cursor, area)
        after = clock(name, term, now, told.days[step], told.calendar)
        changed.append({
            "area": area, "step": step, "due": due and due.isoformat(), "left_days": left, "extended": extended,
            "new_due": after.due and after.due.isoformat(), "new_left": after.left, "new_extended": after.extended,
        })  # fmt: skip
    return changed


_TABLE = """jsonb_to_recordset(%(to)s::jsonb) AS t(area text, step text, due date, left_days smallint, extended boolean,
    new_due date, new_left smallint, new_extended boolean)"""
_CHANGE = f"""
UPDATE finding f SET due = t.new_due, paused_left = t.new_left, extended = t.new_extended
FROM chosen c, {_TABLE} WHERE f.id = c.finding AND {_SAME_TERM}"""
_HISTORY = """
INSERT INTO review_move (act_id, finding_id, fund_area, care_area, provider, name, level, before, after, by, acting_for,
                         reason, counted_fen)
SELECT %(act)s, f.id, f.fund_area, f.care_area, f.provider, %(name)s, %(level)s, f.step, f.step, %(by)s, %(acting_for)s,
       %(reason)s || coalesce('（期限至 ' || f.due || '）', ''), f.counted_fen
FROM chosen c JOIN finding f ON f.id = c.finding ORDER BY f.id"""
