"""Reads of the review app: what a person may do with a finding, what was done with it, what was put to it."""

from __future__ import annotations

from typing import Any

from django.db import connection

from mingcha.desk.audit.forms import CERTAIN, STEPS_OF
from mingcha.desk.audit.queries import Row, rows
from mingcha.desk.audit.terms import terms_of
from mingcha.desk.review.actors import Actor
from mingcha.desk.review.forms import BY_MONEY
from mingcha.procedure.review import (
    CLOCKS,
    GONE,
    LEVELS,
    MOVES,
    OFFICE,
    PANEL,
    POSTS,
    PROVIDER,
    SECOND,
    Term,
    allowed,
    apart,
    clock_acts,
)  # fmt: skip
from mingcha.terms.calendar import today

WHOSE = frozenset({*LEVELS, PROVIDER})
"""Whose moves people make."""


def moves_of(actor: Actor, found: Row) -> list[tuple[str, Any]]:
    """The moves this person may make of the finding now, in the own post or a lent one, with what each asks for."""
    with connection.cursor() as cursor:
        terms = terms_of(cursor, found["fund_area"])
    names, held = list[str](), dict[tuple[str, ...], frozenset[str]]()
    for name in allowed(found["step"], _levels(actor, terms.staffing)):
        whose = MOVES[name].whose
        hands = actor.at(whose, [terms.staffing]).hands
        levels = held.setdefault(tuple(hands), held_levels(hands, found["id"]))
        if name not in BY_MONEY and not (whose in LEVELS and levels & apart(whose, terms.staffing)):
            names.append(name)
    return [(name, MOVES[name]) for name in names]


def _levels(actor: Actor, staffing: str) -> frozenset[str]:
    """What the person may do in any post held today; where the own and a lent one may, the own counts."""
    return frozenset(whose for whose in WHOSE if whose in actor.at(whose, [staffing]).levels(staffing))


def clocks_of(actor: Actor, found: Row) -> list[tuple[str, str]]:
    """What this person may do to the finding's term now, with its words."""
    with connection.cursor() as cursor:
        staffing = terms_of(cursor, found["fund_area"]).staffing
    if found["step"] in (*GONE, "first") or OFFICE not in actor.at(OFFICE, [staffing]).levels(staffing):
        return []
    term = Term(found["due"], found["paused_left"], found["extended"])
    return [(name, CLOCKS[name][0]) for name in clock_acts(term, today())]


def standing_in(actor: Actor, found: Row, moves: list[tuple[str, Any]]) -> str:
    """The colleagues whose posts these moves of the finding would be done with; empty for the own."""
    if not actor.lent:
        return ""
    with connection.cursor() as cursor:
        staffing = [terms_of(cursor, found["fund_area"]).staffing]
    names = {actor.at(move.whose, staffing).acting_for for _, move in moves} - {""}
    told = rows("SELECT display_name FROM account WHERE username = ANY(%s) ORDER BY 1", [sorted(names)])
    return "、".join(row["display_name"] for row in told)


def held_levels(hands: list[str], number: str) -> frozenset[str]:
    """The levels at which one of those hands has decided the finding."""
    found = rows(
        "SELECT DISTINCT level FROM review_move WHERE finding_id = %s AND (by = ANY(%s) OR acting_for = ANY(%s))",
        [number, hands, hands],
    )
    return frozenset(row["level"] for row in found)


def moves_on(actor: Actor, tab: str) -> list[tuple[str, Any]]:
    """The moves a person's posts may make of many findings on a tab of the worklist."""
    steps = STEPS_OF.get("open" if tab in CERTAIN else tab, ())
    levels = frozenset(whose for staffing in POSTS for whose in _levels(actor, staffing))
    names = dict.fromkeys(name for step in steps for name in allowed(step, levels) if name not in BY_MONEY)
    return [(name, MOVES[name]) for name in names]


def history(number: str) -> list[Row]:
    """What was done with the finding, the newest first. A provider's account learns the level, not the name."""
    return rows(
        "SELECT m.name, m.level, m.before, m.after, m.by, m.at, m.reason, m.counted_fen,"
        " coalesce(a.display_name, m.by) AS who, b.display_name AS instead_of FROM review_move m"
        " LEFT JOIN account a ON a.username = m.by LEFT JOIN account b ON b.username = m.acting_for"
        " WHERE m.finding_id = %s ORDER BY m.id DESC",
        [number],
    )


def papers(number: str) -> list[Row]:
    """What was put to the finding, in the order it came."""
    return rows("SELECT * FROM review_paper WHERE finding_id = %s ORDER BY id", [number])


def paper(number: int) -> Row | None:
    """One file by its number, if the finding it belongs to is this person's to see."""
    found = rows("SELECT * FROM review_paper WHERE id = %s", [number])
    return found[0] if found else None


def opinions(number: str) -> list[Row]:
    """The experts asked about the finding, and what they said."""
    return rows(
        "SELECT o.*, coalesce(a.display_name, o.expert) AS who, a.organisation FROM review_opinion o"
        " LEFT JOIN account a ON a.username = o.expert WHERE o.finding_id = %s ORDER BY o.id",
        [number],
    )


def experts(found: Row) -> list[Row]:
    """Whom one may ask about the finding: experts who don't work for the provider and haven't been asked."""
    return rows(
        "SELECT a.username, a.display_name, a.organisation FROM account a"
        " LEFT JOIN provider_directory p ON p.provider = %(provider)s"
        " WHERE a.role = 'expert' AND a.is_active AND a.organisation IS DISTINCT FROM p.name AND NOT EXISTS"
        " (SELECT FROM review_opinion o WHERE o.finding_id = %(id)s AND o.expert = a.username) ORDER BY 2",
        {"id": found["id"], "provider": found["provider"]},
    )


def may_ask(actor: Actor, found: Row) -> bool:
    """Whether this person may ask experts about the finding."""
    levels = {level for staffing in POSTS for level in _levels(actor, staffing)}
    return found["step"] == "panel" and bool(levels & {SECOND, PANEL})


def asked_of(account: str, given: bool) -> list[Row]:
    """What an expert was asked: what waits, the earliest deadline first, or what was answered, the newest first."""
    return rows(
        "SELECT o.*, f.rule, coalesce(r.name, f.rule) AS rule_name, f.counted_fen, f.day, f.visit_type, f.department,"
        " f.item_name FROM review_opinion o JOIN finding f ON f.id = o.finding_id"
        " LEFT JOIN rule_directory r USING (rule) WHERE o.expert = %s AND (o.verdict IS NOT NULL) = %s"
        f" ORDER BY {'o.given_at DESC' if given else 'o.due, o.id'} LIMIT 200",
        [account, given],
    )


def similar(found: Row) -> list[Row]:
    """How findings of the same rule came out, the newest of the same provider first: at most eight."""
    here, elsewhere = "f.provider = %(provider)s", "f.provider <> %(provider)s"
    return [*_decided(found, here, 8), *_decided(found, elsewhere, 8)][:8]


def _decided(found: Row, whose: str, limit: int) -> list[Row]:
    return rows(
        "SELECT f.id, f.step, f.outcome, f.counted_fen, f.improper_fen, f.day, f.provider,"
        " coalesce(p.name, f.provider) AS provider_name FROM finding f LEFT JOIN provider_directory p USING (provider)"
        f" WHERE f.rule = %(rule)s AND {whose} AND f.outcome IS NOT NULL AND f.id <> %(id)s"
        f" ORDER BY f.step_since DESC LIMIT {limit}",
        {"rule": found["rule"], "id": found["id"], "provider": found["provider"]},
    )


def act_done(number: int, by: str) -> Row | None:
    """What one of this person's acts did, to tell after the redirect."""
    found = rows("SELECT id, name, moved, fen, passed_over FROM review_act WHERE id = %s AND by = %s", [number, by])
    return found[0] if found else None


def terms_set(area: str) -> list[Row]:
    """What was set for the area itself, the newest day first."""
    return rows(
        "SELECT valid_from, value FROM facts.setting WHERE key = 'review' AND area = %s ORDER BY 1 DESC",
        [area],
    )


def line_answers(number: str) -> list[Row]:
    """The lines of a finding as its provider answered them last; empty when it didn't answer by line."""
    return rows(
        "SELECT a.* FROM review_line_answer a WHERE a.finding_id = %(id)s AND a.act_id ="
        " (SELECT max(act_id) FROM review_move WHERE finding_id = %(id)s AND level = 'provider')"
        " ORDER BY a.visit, a.line",
        {"id": number},
    )
