"""Writes of the benefits app: items moved from level to level, alone or many at once, and their clocks.

Each in the caller's transaction. The rows are locked in the order of their numbers; two people at one item wait for
each other, and whoever comes second finds it moved on.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mingcha.desk.benefits.standing import at, held_by, levels_of, speak
from mingcha.desk.benefits.terms import Terms, terms_of
from mingcha.desk.notices.telling import tell
from mingcha.desk.review.actors import Actor
from mingcha.desk.trail.actions import enter
from mingcha.procedure.benefits import CHECK, FIRST, FOCUS, MOVES, SIGN, SITE, STEPS, Item, after, refuse_held
from mingcha.procedure.review import CLOCKS, Term, clock, clock_acts
from mingcha.terms.calendar import today
from mingcha.terms.errors import UsageError

if TYPE_CHECKING:
    from uuid import UUID

TELLS = {CHECK: "benefits-review", FOCUS: "benefits-review", SITE: "benefits-site", SIGN: "benefits-sign",
         "signed": "benefits-signed"}  # fmt: skip
"""Whom a step tells when items reach it by passing; what comes back tells `benefits-back`."""

_CONFIRMS = (CHECK, FOCUS, SITE)
_RECUSED = UsageError("您已登记回避这家机构，不能办理。", "You declared to keep away from this provider.")
_NONE = UsageError("没有这件待遇，请回到列表再看。", "There is no such claim; go back to the list.")


@dataclass(frozen=True)
class Wish:
    """What somebody wants done: one of MOVES or CLOCKS, the opinion, for a return the level, for one item more.

    `fen`: another approved amount; `confirmed`: the fees of the place of treatment were confirmed.
    """

    name: str
    reason: str = ""
    to: str = ""
    fen: int | None = None
    confirmed: bool = False


Picked = Mapping[int, str]
"""Items by number, each with the step at which the person saw it: one that has moved on since stays as it is."""


@dataclass(frozen=True)
class Step:
    """What would become of one item: the row it was, who acts in which post, and where it goes."""

    row: Mapping[str, Any]
    actor: Actor
    level: str
    after: str
    fen: int


@dataclass(frozen=True)
class Done:
    """What a move did or would do: items and their fen, and why others stay as they are."""

    moved: int
    fen: int
    passed_over: dict[str, int] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """For the person who pressed the button."""
        told = f"已办理 {self.moved:,} 件。" if self.moved else "没有办理任何一件。"
        return told + "".join(f"另有 {n:,} 件未办理：{why}" for why, n in self.passed_over.items())


def move(cursor: Any, *, actor: Actor, wish: Wish, items: Picked, token: UUID) -> Done:
    """Do to each of the items what the procedure lets this actor do; the others are passed over, with the reason.

    The same token again does nothing and tells what it did. UsageError when a single item can't be moved.
    """
    rows = _rows(cursor, items, lock=True)
    if before := _done_before(cursor, token):
        return before
    if not rows:
        raise _NONE
    steps, passed = _plan(cursor, actor, wish, rows, items)
    if len(rows) == 1 and not steps:
        (zh, en) = next(iter(passed))
        raise UsageError(zh, en)
    for step in steps:
        _write(cursor, wish, step, token)
    done = Done(len(steps), sum(step.fen for step in steps), {zh: n for (zh, _), n in passed.items()})
    if steps:
        _tell(cursor, actor.name, wish, steps)
        _note(cursor, wish, steps, done)
    return done


def preview(cursor: Any, *, actor: Actor, wish: Wish, items: Picked) -> Done:
    """What `move` would do now; nothing is written."""
    steps, passed = _plan(cursor, actor, wish, _rows(cursor, items, lock=False), items)
    return Done(len(steps), sum(step.fen for step in steps), {zh: n for (zh, _), n in passed.items()})


def refuse_moved_on(name: str, step: str, seen: str) -> None:
    """UsageError for an item that isn't any more where the person saw it: the next level might be theirs as well."""
    if step != seen:
        (zh, en), words = STEPS[step], MOVES[name].zh if name in MOVES else CLOCKS[name][0]
        raise UsageError(
            f"这件待遇现在是“{zh}”，没有{words}。别人刚刚办理过，请刷新页面看最新状态。",
            f"The claim is {en} by now; somebody moved it a moment ago. Reload the page.",
        )


def as_item(row: Mapping[str, Any]) -> Item:
    """What the procedure sees of a row."""
    points = frozenset(row["points"]) | ({"zero"} if not row["approved_fen"] else frozenset())
    return Item(
        row["step"], tuple(row["route"]), frozenset(points), row["approved_fen"], row["confirmed_by"] is not None
    )


def _rows(cursor: Any, items: Picked, *, lock: bool) -> list[dict[str, Any]]:
    if lock:
        cursor.execute("SELECT FROM benefit_item WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [list(items)])
    cursor.execute(  # a statement of its own: it sees what others wrote while this one waited for the locks
        "SELECT id, fund_area, kind, provider, received, claimed_fen, approved_fen, route, points, step, due,"
        " paused_left, extended, confirmed_by, EXISTS (SELECT FROM disbursement_row r WHERE r.item_id = b.id"
        " AND r.result IN ('waiting', 'paid')) AS in_batch FROM benefit_item b WHERE id = ANY(%s) ORDER BY id",
        [list(items)],
    )
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _plan(
    cursor: Any, actor: Actor, wish: Wish, rows: Sequence[Mapping[str, Any]], seen: Picked
) -> tuple[list[Step], Counter[Any]]:
    """Each item asked on its own: what would become of it, or why it stays."""
    held, passed, steps = held_by(cursor, [row["id"] for row in rows]), Counter[tuple[str, str]](), list[Step]()
    cursor.execute(
        "SELECT account, provider FROM recusal WHERE account = ANY(%s) AND %s::date BETWEEN since AND"
        " coalesce(until, 'infinity')",
        [[actor.name, *(name for name, _ in actor.lent)], today()],
    )
    recused = set(cursor.fetchall())
    terms = {area: terms_of(cursor, area) for area in {row["fund_area"] for row in rows}}
    for row in rows:
        try:
            refuse_moved_on(wish.name, row["step"], seen[row["id"]])
            steps.append(_step(row, actor, wish, terms[row["fund_area"]], held.get(row["id"], {}), recused))
        except UsageError as error:
            passed[error.zh, error.en] += 1
    return steps, passed


def _step(row: Mapping[str, Any], actor: Actor, wish: Wish, terms: Terms, held: Mapping[str, set[str]],
          recused: set[tuple[str, str]]) -> Step:  # fmt: skip
    fen = row["approved_fen"] if wish.fen is None else wish.fen
    if not 0 <= fen <= row["claimed_fen"]:
        raise UsageError(
            f"核定金额应在 0 到 {row['claimed_fen'] / 100:,.2f} 元之间。", "The amount lies between 0 and the claim."
        )
    if fen != row["approved_fen"] and not wish.reason.strip():
        raise UsageError("调整了核定金额，请写明理由。", "The amount was changed; please say why.")
    item = as_item(dict(row) | {"approved_fen": fen})
    acting = at(actor, item.level, terms.staffing)
    if any((hand, row["provider"]) in recused for hand in acting.hands):
        raise _RECUSED
    levels = levels_of(acting, terms.staffing)
    if wish.name in CLOCKS:
        _refuse_clock(row, item, wish, levels, acting, held)
        return Step(row, acting, item.level, row["step"], row["approved_fen"])
    if row["in_batch"]:
        raise UsageError(
            "这件已在拨付批次里，不能退回。请先从批次移出。", "It is in a batch of payments; take it out first."
        )
    told = after(wish.name, item, hands=acting.hands, levels=levels, held=held, to=wish.to, reason=wish.reason)
    return Step(row, acting, item.level, told, fen if wish.name == "pass" else row["approved_fen"])


def _refuse_clock(row: Mapping[str, Any], item: Item, wish: Wish, levels: frozenset[str], actor: Actor,
                  held: Mapping[str, set[str]]) -> None:  # fmt: skip
    term = Term(row["due"], row["paused_left"], row["extended"])
    if item.level not in levels:
        raise UsageError("您的岗位不能办理这一级的期限。", "Your post doesn't act at this level.")
    refuse_held(item.level, actor.hands, held)
    if not wish.reason.strip():
        raise UsageError(f"请写明{CLOCKS[wish.name][0]}的理由。", f"Please give the reason to {CLOCKS[wish.name][1]}.")
    if item.step != item.level or wish.name not in clock_acts(term, today()):
        raise UsageError(
            "期限已过、已延长过一次、已办结，或计时已中止。", "Its term is over, was extended, or its clock stands."
        )


def _write(cursor: Any, wish: Wish, step: Step, token: UUID) -> None:
    row, confirms = step.row, wish.confirmed and step.level in _CONFIRMS and wish.name == "pass"
    term = Term(row["due"], row["paused_left"], row["extended"])
    if wish.name in CLOCKS:
        terms = terms_of(cursor, row["fund_area"])
        term = clock(wish.name, term, today(), terms.days[row["kind"]], terms.calendar)
    cursor.execute(
        "UPDATE benefit_item SET step = %s, approved_fen = %s, due = %s, paused_left = %s, extended = %s,"
        " confirmed_by = CASE WHEN %s THEN %s ELSE confirmed_by END,"
        " confirmed_at = CASE WHEN %s THEN now() ELSE confirmed_at END WHERE id = %s",
        [step.after, step.fen, term.due, term.left, term.extended, confirms, step.actor.name, confirms, row["id"]],
    )
    said = f"（就医地费用信息已核实）{wish.reason.strip()}" if confirms else wish.reason.strip()
    cursor.execute(
        "INSERT INTO benefit_move (token, item_id, fund_area, name, level, before, after, by, acting_for, reason, fen)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [str(token), row["id"], row["fund_area"], wish.name, step.level, row["step"], step.after, step.actor.name,
         step.actor.acting_for, said, step.fen],
    )  # fmt: skip


def _done_before(cursor: Any, token: UUID) -> Done | None:
    cursor.execute("SELECT count(*), coalesce(sum(fen), 0)::bigint FROM benefit_move WHERE token = %s", [str(token)])
    moved, fen = cursor.fetchone()
    return Done(moved, fen) if moved else None


def _tell(cursor: Any, by: str, wish: Wish, steps: Sequence[Step]) -> None:
    reached = Counter((step.row["fund_area"], step.after) for step in steps)
    for (area, step), n in sorted(reached.items()):
        event = "benefits-back" if wish.name == "return" else TELLS.get(step) if wish.name == "pass" else None
        if event:
            tell(cursor, event, by=by, area=area, n=n)


def _note(cursor: Any, wish: Wish, steps: Sequence[Step], done: Done) -> None:
    """One entry of the trail for all of them, with a digest over what moved where (DECISIONS 27)."""
    speak(cursor, next((step.actor for step in steps if step.actor.acting_for), steps[0].actor))
    keys = "\n".join(f"{step.row['id']} {step.row['step']} {step.after} {step.fen}" for step in steps)
    detail: dict[str, Any] = {"moved": done.moved, "fen": done.fen, "reason": wish.reason.strip()}
    if done.passed_over:
        detail["passed_over"] = sum(done.passed_over.values())
    if len(steps) == 1:
        detail["to"] = steps[0].after
        if steps[0].fen != steps[0].row["approved_fen"]:
            detail |= {"old": steps[0].row["approved_fen"], "new": steps[0].fen}
    subject = f"benefit:{steps[0].row['id']}" if len(steps) == 1 else "benefits"
    enter(cursor, by=steps[0].actor.name, action=f"benefits.{wish.name}", subject=subject, detail=detail,
          items_digest=hashlib.sha256(keys.encode()).hexdigest())  # fmt: skip


def read_name(text: str) -> str:
    """The name of a move or of what is done to a term. UsageError for anything else."""
    if text not in (*MOVES, *CLOCKS):
        raise UsageError("没有这样的办理方式，请刷新页面再试。", "There is no such move; reload the page.")
    return text


def read_level(text: str) -> str:
    """A level by its code, or nothing."""
    return text if text in (FIRST, CHECK, FOCUS, SITE, SIGN) else ""
