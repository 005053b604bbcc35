"""Writes of the review app: moving findings, alone or by the ten thousand, in one transaction with its actor."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, LiteralString, cast
from uuid import UUID

from mingcha.desk.audit.terms import deadlines, terms_of
from mingcha.desk.notices.telling import tell, tell_each, tell_moved
from mingcha.desk.review.actors import Actor
from mingcha.desk.trail.actions import enter
from mingcha.procedure.review import CLOCKS, GONE, GROWING, LEVELS, MOVES, PANEL, STEPS, apart
from mingcha.terms.calendar import today
from mingcha.terms.errors import UsageError

MOVED_ON, KEPT_APART, NOT_YOURS, NO_MAJORITY = "moved_on", "kept_apart", "not_yours", "no_majority"
RECUSED, CLOCK = "recused", "clock"
PASSED_OVER = {
    MOVED_ON: ("已不在这一步，别人可能刚刚办理过", "no longer at this step"),
    KEPT_APART: ("您已办理过它的另一级审核，须由另一个人办理", "you decided it at a level kept apart from this one"),
    NOT_YOURS: ("您的岗位不能办理这一步", "not a move of your post"),
    NO_MAJORITY: ("专家意见不足法定人数、不是单数，或多数不支持这个结论", "the experts' majority doesn't say so"),
    CLOCK: ("期限已过、已延长过一次，或计时已中止", "its term is over, was extended before, or its clock stands"),
    RECUSED: ("您已登记回避这家机构", "you declared to keep away from this provider"),
}
"""Why findings that were chosen stay as they are; a bulk move says how many, a single one refuses."""


@dataclass(frozen=True)
class Chosen:
    """Which findings: a condition on `finding f` with its values, as the worklist's filter or a list of numbers."""

    condition: str
    values: Mapping[str, Any]

    @classmethod
    def numbers(cls, numbers: Sequence[str]) -> Chosen:
        """The findings of these numbers."""
        return cls("f.id = ANY(%(numbers)s)", {"numbers": list(numbers)})


@dataclass(frozen=True)
class Done:
    """What a move did: its act, how many findings and fen it moved, how many it passed over and why."""

    act: int
    moved: int
    fen: int
    passed_over: dict[str, int]

    @property
    def words(self) -> str:
        """For the person who pressed the button."""
        told = f"已办理 {self.moved:,} 条。" if self.moved else "没有办理任何疑点。"
        return told + "".join(f"另有 {n:,} 条未办理：{PASSED_OVER[why][0]}。" for why, n in self.passed_over.items())


def move(
    cursor: Any, *, actor: Actor, name: str, chosen: Chosen, token: UUID, reason: str = "",
    reasons: Mapping[str, str] | None = None, lines: Mapping[tuple[str, str, str], int] | None = None,
) -> Done:  # fmt: skip
    """Move the chosen findings that stand where the move begins; call it inside a transaction.

    `reasons` are reasons by finding, where they differ. `lines` lowers the amounts, in fen by (provider, visit, line),
    of one finding. The same token again does nothing and tells what it did. Two people at once: whoever comes second
    finds the finding moved on. UsageError for a missing reason or an amount that isn't a lower one.
    """
    kind = MOVES[name]
    if kind.reason and not (reason.strip() or (reasons and all(text.strip() for text in reasons.values()))):
        raise UsageError(f"请写明{kind.zh}的理由。", f"Please give the reason to {kind.en}.")
    act = begin(cursor, actor.name, name, token)
    if act is None:
        return done_before(cursor, token)
    lock(cursor, chosen)
    actor = in_post(cursor, actor, kind.whose)
    passed = _choose(cursor, actor, name, reasons or {})
    if lines:
        _lower(cursor, lines)
    values = {
        "act": act, "name": name, "level": kind.whose, "by": actor.name, "acting_for": actor.acting_for,
        "reason": reason.strip(), "after": kind.after,
        "outcome": "partly" if lines and kind.outcome != "false_positive" else kind.outcome,
        "due": _deadlines(cursor, kind.after), "over": list(GONE),
        "gone": kind.after in GONE, "growing": list(GROWING),
    }  # fmt: skip
    if "deducted" in kind.before:
        _refuse_elsewhere(cursor)
        _run(cursor, "money", "reverse", values | {"today": today()})
    _run(cursor, "review", "step", values)
    if kind.after in GONE:
        _run(cursor, "review", "release")
    if kind.after in GONE or lines:
        for room, step in (("review", "recount"), ("audit", "book"), ("audit", "shift")):
            _run(cursor, room, step, values)
    _run(cursor, "review", "history", values)
    tell_moved(cursor, by=actor.name, name=name)
    done = finish(cursor, act, passed)
    note(cursor, actor, name, done, reason, to=kind.after)
    return done


def begin(cursor: Any, by: str, name: str, token: UUID) -> int | None:
    """Open an act; None when the form's token was used before."""
    cursor.execute(
        "INSERT INTO review_act (token, name, by, passed_over) VALUES (%s, %s, %s, '{}') ON CONFLICT (token) DO NOTHING"
        " RETURNING id",
        [str(token), name, by],
    )
    row = cursor.fetchone()
    return row and row[0]


def done_before(cursor: Any, token: UUID) -> Done:
    """What the act of that token did."""
    cursor.execute("SELECT id, moved, fen, passed_over FROM review_act WHERE token = %s", [str(token)])
    act, moved, fen, passed = cursor.fetchone()
    return Done(act, moved, fen, json.loads(passed) if isinstance(passed, str) else passed)


def lock(cursor: Any, chosen: Chosen) -> None:
    """The chosen findings, locked in the order of their numbers, in the temporary table `chosen`."""
    cursor.execute("DROP TABLE IF EXISTS chosen")
    cursor.execute(
        "CREATE TEMP TABLE chosen ON COMMIT DROP AS SELECT f.id AS finding, f.step, f.fund_area, f.provider,"
        f" NULL::text AS reason FROM finding f WHERE {chosen.condition} ORDER BY f.id FOR UPDATE OF f",
        chosen.values,
    )


def in_post(cursor: Any, actor: Actor, whose: str) -> Actor:
    """The actor in the post that may do it to the chosen findings. The trail learns whose lent post that is."""
    cursor.execute("SELECT DISTINCT fund_area FROM chosen")
    staffing = {terms_of(cursor, area).staffing for (area,) in cursor.fetchall()}
    actor = actor.at(whose, sorted(staffing))
    if actor.acting_for:
        cursor.execute("SELECT set_config('mingcha.for', %s, true)", [actor.acting_for])
    return actor


def _choose(cursor: Any, actor: Actor, name: str, reasons: Mapping[str, str]) -> dict[str, int]:
    """Leave in `chosen` what may be moved; how many are passed over, and why."""
    passed = {MOVED_ON: pass_over(cursor, "step <> ALL(%(before)s)", {"before": list(MOVES[name].before)})}
    passed[RECUSED] = pass_over(cursor, RECUSAL, {"by": actor.hands, "today": today().isoformat()})
    cursor.execute("SELECT DISTINCT fund_area FROM chosen")
    for area in [area for (area,) in cursor.fetchall()]:
        terms, here = terms_of(cursor, area), {"area": area, "by": actor.hands}
        if MOVES[name].whose not in actor.levels(terms.staffing):
            _count(passed, NOT_YOURS, pass_over(cursor, "fund_area = %(area)s", here))
        here["apart"] = list(apart(MOVES[name].whose, terms.staffing)) if MOVES[name].whose in LEVELS else []
        held = "EXISTS (SELECT FROM review_move m WHERE m.finding_id = finding AND m.level = ANY(%(apart)s)"
        mine = "(m.by = ANY(%(by)s) OR m.acting_for = ANY(%(by)s))"
        _count(passed, KEPT_APART, pass_over(cursor, f"fund_area = %(area)s AND {held} AND {mine})", here))
        if MOVES[name].whose == PANEL:
            here |= {"size": terms.panel, "sides": list(_SIDES[name])}
            _count(passed, NO_MAJORITY, pass_over(cursor, f"fund_area = %(area)s AND NOT EXISTS ({_MAJORITY})", here))
    if reasons:
        told = json.dumps(dict(reasons), ensure_ascii=False)
        cursor.execute("UPDATE chosen SET reason = nullif(trim(%s::jsonb ->> finding), '')", [told])
    cursor.execute("ANALYZE chosen")
    return {why: n for why, n in passed.items() if n}


_SIDES = {"panel-uphold": ("uphold", "partly"), "panel-revoke": ("revoke",)}
_MAJORITY = """
    SELECT FROM review_opinion o WHERE o.finding_id = finding
    HAVING count(o.verdict) >= %(size)s AND mod(count(o.verdict), 2) = 1
       AND 2 * count(*) FILTER (WHERE o.verdict = ANY(%(sides)s)) > count(o.verdict)"""
RECUSAL = """provider IN (SELECT r.provider FROM recusal r WHERE r.account = ANY(%(by)s)
    AND %(today)s::date BETWEEN r.since AND coalesce(r.until, 'infinity'))"""
"""Findings of `chosen` whose provider one of the hands `by` keeps away from `today`."""


def _count(passed: dict[str, int], why: str, n: int) -> None:
    passed[why] = passed.get(why, 0) + n


def pass_over(cursor: Any, condition: str, values: Mapping[str, Any]) -> int:
    """Leave findings of `chosen` as they are; how many."""
    cursor.execute(f"DELETE FROM chosen WHERE {condition}", values)
    return cursor.rowcount


def _lower(cursor: Any, lines: Mapping[tuple[str, str, str], int]) -> None:
    """Write the lower amounts of the one chosen finding's lines. What others made of them before is not raised."""
    cursor.execute(
        "SELECT l.provider, l.visit, l.line, coalesce(l.decided_fen, l.improper_fen) FROM finding_line l"
        " JOIN chosen c ON c.finding = l.finding_id"
    )
    claimed = {(provider, visit, line): fen for provider, visit, line, fen in cursor.fetchall()}
    cursor.execute("SELECT count(*) FROM chosen")
    if cursor.fetchone() != (1,) or not set(lines) <= set(claimed):
        raise UsageError(
            "金额只能在一条疑点里逐行调整。这条疑点可能刚刚被别人办理，请刷新页面。",
            "Amounts are lowered line by line in one finding. Somebody may have moved it; reload the page.",
        )
    for key, fen in lines.items():
        if not 0 <= fen <= claimed[key]:
            raise UsageError(
                f"第 {key[2]} 号明细的认定金额须在 0 到 {claimed[key] / 100:.2f} 元之间。",
                f"The amount of line {key[2]} must lie between 0 and {claimed[key] / 100:.2f} yuan.",
            )
    if not any(claimed.values()) or sum(claimed.values()) == sum(claimed[key] - fen for key, fen in lines.items()):
        raise UsageError("全部金额都减为 0，请改用不采信或撤销。", "Nothing would be left; don't adopt it instead.")
    cursor.executemany(
        "UPDATE finding_line l SET decided_fen = %s FROM chosen c WHERE l.finding_id = c.finding AND l.provider = %s"
        " AND l.visit = %s AND l.line = %s",
        [(fen, *key) for key, fen in lines.items()],
    )


def _deadlines(cursor: Any, step: str) -> str:
    cursor.execute("SELECT DISTINCT fund_area FROM chosen")
    return deadlines(cursor, [area for (area,) in cursor.fetchall()], step, today())


def finish(cursor: Any, act: int, passed: dict[str, int]) -> Done:
    """Close an act: what it did is counted from the history it left."""
    cursor.execute("SELECT count(*), coalesce(sum(counted_fen), 0)::bigint FROM review_move WHERE act_id = %s", [act])
    moved, fen = cursor.fetchone()
    cursor.execute(
        "UPDATE review_act SET moved = %s, fen = %s, passed_over = %s::jsonb WHERE id = %s",
        [moved, fen, json.dumps(passed), act],
    )
    return Done(act, moved, fen, passed)


def note(cursor: Any, actor: Actor, name: str, done: Done, reason: str, **more: Any) -> None:
    """One entry of the trail, with a digest over the findings it moved (DECISIONS 27)."""
    cursor.execute(
        "SELECT min(finding), encode(sha256(convert_to(coalesce(string_agg(finding || ' ' || step, E'\\n'"
        " ORDER BY finding), ''), 'UTF8')), 'hex') FROM chosen"
    )
    first, digest = cursor.fetchone()
    subject = f"finding:{first}" if done.moved == 1 else f"review-act:{done.act}"
    detail = {"moved": done.moved, "fen": done.fen, "passed_over": done.passed_over, **more}
    if reason.strip():
        detail["reason"] = reason.strip()
    enter(cursor, by=actor.name, action=f"review.{name}", subject=subject, detail=detail, items_digest=digest)


def put(
    cursor: Any, *, by: str, found: Mapping[str, Any], name: str, kind: str, size: int, sha256: str
) -> None:  # fmt: skip
    """Put a kept file to a finding; the same file again changes nothing."""
    cursor.execute(
        "INSERT INTO review_paper (finding_id, fund_area, care_area, provider, name, type, size, sha256, by)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (finding_id, sha256) DO NOTHING RETURNING id",
        [found["id"], found["fund_area"], found["care_area"], found["provider"], name, kind, size, sha256, by],
    )
    if cursor.fetchone():
        detail = {"size": size, "type": kind, "sha256": sha256}
        enter(cursor, by=by, action="review.paper", subject=f"finding:{found['id']}", detail=detail)


def ask(cursor: Any, *, by: Actor, found: Mapping[str, Any], experts: Sequence[str], question: str) -> int:
    """Ask experts about a finding that waits for the panel; how many were asked now.

    UsageError when it doesn't wait there, or for somebody who isn't an expert or works for the provider.
    """
    if found["step"] != "panel":
        raise UsageError("这条疑点不在合议中，不能请专家评审。", "The finding isn't with the panel.")
    cursor.execute(
        "SELECT count(*) FROM account a LEFT JOIN provider_directory p ON p.provider = %s WHERE a.username = ANY(%s)"
        " AND a.role = 'expert' AND a.is_active AND a.organisation IS DISTINCT FROM p.name",
        [found["provider"], list(experts)],
    )
    if not experts or cursor.fetchone() != (len(set(experts)),):
        raise UsageError(
            "请选择评审专家；在被审机构任职的专家须回避。", "Choose experts; those who work for the provider may not."
        )
    cursor.execute(
        "INSERT INTO review_opinion (finding_id, fund_area, care_area, expert, question, asked_by, due)"
        " SELECT %s, %s, %s, expert, %s, %s, %s FROM unnest(%s::text[]) AS expert ON CONFLICT DO NOTHING"
        " RETURNING expert",
        [found["id"], found["fund_area"], found["care_area"], question.strip(), by.name, found["due"], list(experts)],
    )
    new = [expert for (expert,) in cursor.fetchall()]
    asked = len(new)
    tell_each(cursor, "opinion-asked", by=by.name, given=dict.fromkeys(new, 1))
    detail = {"experts": sorted(set(experts)), "asked": asked}
    enter(cursor, by=by.name, action="review.ask", subject=f"finding:{found['id']}", detail=detail)
    return asked


def give(cursor: Any, *, by: str, number: str, verdict: str, words: str) -> None:
    """An expert's signed opinion, once. UsageError without words, when it was given before, or when nobody asked."""
    if not words.strip():
        raise UsageError("请写明意见和理由。", "Please give your opinion in words.")
    cursor.execute(
        "UPDATE review_opinion SET verdict = %s, words = %s, given_at = now()"
        " WHERE finding_id = %s AND expert = %s AND verdict IS NULL RETURNING asked_by",
        [verdict, words.strip(), number, by],
    )
    row = cursor.fetchone()
    if row is None:
        raise UsageError("这条意见已经提交过，不能再改。", "The opinion was given before and can't be changed.")
    tell(cursor, "opinion-given", by=by, account=row[0])
    enter(cursor, by=by, action="review.opinion", subject=f"finding:{number}", detail={"verdict": verdict})


def _refuse_elsewhere(cursor: Any) -> None:
    """Deducted money is the fund area's: from the place of care its books aren't seen, so nothing is taken back."""
    cursor.execute(
        "SELECT min(finding) FROM chosen WHERE step = 'deducted' AND NOT facts.in_scope(fund_area, fund_area)"
    )
    (first,) = cursor.fetchone()
    if first:
        raise UsageError(
            f"{first} 已经扣款，钱归基金所在统筹区，须由那里撤销。",
            f"{first} was deducted for a fund of another area; it has to be reversed there.",
        )


def _run(cursor: Any, app: str, step: str, values: Mapping[str, Any] | None = None) -> None:
    text = (files(f"mingcha.desk.{app}") / "sql" / f"{step}.sql").read_text("utf-8")
    cursor.execute(cast("LiteralString", text), values)


def refuse_unless_moved(done: Done, name: str, step: str) -> None:
    """For a single finding: UsageError saying why it was passed over."""
    if done.moved:
        return
    why = next(iter(done.passed_over), MOVED_ON)
    zh, en = PASSED_OVER[why]
    at = STEPS[step]
    words = MOVES[name].zh if name in MOVES else CLOCKS[name][0]
    raise UsageError(
        f"没有办理“{words}”：{zh}。现在是“{at[0]}”。", f"Not moved: {en}. The finding is {at[1]} now."
    )
