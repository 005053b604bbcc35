"""Answers by line: a provider accepts some lines of a finding and disputes others, each with an amount and a reason."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from mingcha.desk.review.actions import Chosen, Done, move
from mingcha.desk.review.actors import Actor
from mingcha.desk.trail.actions import enter
from mingcha.terms.errors import UsageError


@dataclass(frozen=True)
class LineAnswer:
    """One line's claim and what the provider disputes of it, both in fen, with the reason."""

    visit: str
    line: str
    claim_fen: int
    disputed_fen: int
    reason: str = ""

    @property
    def accepted_fen(self) -> int:
        """What the provider accepts: the rest of the claim."""
        return self.claim_fen - self.disputed_fen


Split = Sequence[LineAnswer]


def appeal(
    cursor: Any, *, actor: Actor, name: str, splits: Mapping[str, Split], token: UUID,
    reasons: Mapping[str, str] | None = None,
) -> Done:  # fmt: skip
    """Appeal findings, some of them line by line (`splits`, by finding); call it inside a transaction.

    `reasons` are those of findings disputed as a whole. UsageError when a split's lines aren't the finding's lines as
    they stand now, to the fen, or dispute nothing: then nothing is done. The same token again does nothing.
    """
    told = {number: in_words(split) for number, split in splits.items()} | dict(reasons or {})
    done = move(cursor, actor=actor, name=name, chosen=Chosen.numbers(list(told)), token=token, reasons=told)
    cursor.execute("SELECT EXISTS (SELECT FROM review_line_answer WHERE act_id = %s)", [done.act])
    if not splits or cursor.fetchone() != (False,):
        return done
    cursor.execute("SELECT finding_id FROM review_move WHERE act_id = %s", [done.act])
    moved = {number for (number,) in cursor.fetchall()}
    kept = {number: split for number, split in splits.items() if number in moved}
    claimed = claims(cursor, list(kept))
    for number, split in kept.items():
        _refuse_unless_whole(number, split, claimed.get(number, {}))
    if kept:
        _put(cursor, actor, done.act, kept)
    return done


def claims(cursor: Any, numbers: Sequence[str]) -> dict[str, dict[tuple[str, str], int]]:
    """What findings claim of their own provider's lines now: fen by (visit, line), by finding."""
    cursor.execute(
        "SELECT l.finding_id, l.visit, l.line, coalesce(l.decided_fen, l.improper_fen) FROM finding_line l"
        " JOIN finding f ON f.id = l.finding_id AND f.provider = l.provider WHERE l.finding_id = ANY(%s)"
        " ORDER BY l.finding_id, l.visit, l.line",
        [list(numbers)],
    )
    found: dict[str, dict[tuple[str, str], int]] = {}
    for number, visit, line, fen in cursor.fetchall():
        found.setdefault(number, {})[visit, line] = fen
    return found


def in_words(split: Split) -> str:
    """The appeal's reason, told from its lines."""
    accepted, disputed = (sum(getattr(one, name) for one in split) for name in ("accepted_fen", "disputed_fen"))
    told = [f"{one.line} 申诉 {one.disputed_fen / 100:.2f} 元：{one.reason}" for one in split if one.disputed_fen]
    return f"逐行答复：认可 {accepted / 100:.2f} 元，申诉 {disputed / 100:.2f} 元。\n" + "\n".join(told)


def _refuse_unless_whole(number: str, split: Split, claimed: Mapping[tuple[str, str], int]) -> None:
    if {(one.visit, one.line): one.claim_fen for one in split} != dict(claimed) or len(split) != len(claimed):
        raise UsageError(
            f"{number} 的明细或金额刚刚有变化，认可与申诉之和不再等于疑点金额。请刷新页面或重新下载答复表。",
            f"The lines or amounts of {number} have changed; reload the page and answer again.",
        )
    for one in split:
        if not 0 <= one.disputed_fen <= one.claim_fen or (one.disputed_fen and not one.reason.strip()):
            raise UsageError(
                f"{number} 的第 {one.line} 号明细：申诉金额须在 0 到 {one.claim_fen / 100:.2f} 元之间，并写明理由。",
                f"Line {one.line} of {number}: dispute at most its amount, and say why.",
            )
    if not any(one.disputed_fen for one in split):
        raise UsageError(f"{number} 没有一行申诉，请用“认可”。", f"Nothing of {number} is disputed; accept it.")


def _put(cursor: Any, actor: Actor, act: int, splits: Mapping[str, Split]) -> None:
    flat = [
        asdict(one) | {"finding": number, "accepted_fen": one.accepted_fen}
        for number, split in splits.items()
        for one in split
    ]
    cursor.execute(
        "INSERT INTO review_line_answer (act_id, finding_id, fund_area, care_area, provider, visit, line, claim_fen,"
        " accepted_fen, disputed_fen, reason) SELECT %s, f.id, f.fund_area, f.care_area, f.provider, a.visit, a.line,"
        " a.claim_fen, a.accepted_fen, a.disputed_fen, a.reason FROM jsonb_to_recordset(%s::jsonb) AS a(finding text,"
        " visit text, line text, claim_fen bigint, accepted_fen bigint, disputed_fen bigint, reason text)"
        " JOIN finding f ON f.id = a.finding",
        [act, json.dumps(flat, ensure_ascii=False)],
    )
    detail = {"findings": len(splits), "lines": len(flat)} | {
        name: sum(one[name] for one in flat) for name in ("accepted_fen", "disputed_fen")
    }
    subject = f"finding:{next(iter(splits))}" if len(splits) == 1 else f"review-act:{act}"
    enter(cursor, by=actor.name, action="review.split", subject=subject, detail=detail)
