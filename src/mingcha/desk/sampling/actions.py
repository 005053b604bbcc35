"""Writes of the sampling app: plans drawn, cases given to experts, answers. Each in the caller's transaction."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.conf import settings

from mingcha.desk.audit import facts
from mingcha.desk.notices.telling import tell_each
from mingcha.desk.sampling.population import Frame, Visit, areas_of, context, read, units
from mingcha.desk.trail.actions import enter
from mingcha.procedure.sampling import Drawn, draw, size
from mingcha.records.lake import Lake
from mingcha.terms.errors import UsageError

if TYPE_CHECKING:
    from uuid import UUID

MOST = 5_000
"""Cases of one plan."""


@dataclass(frozen=True)
class Wish:
    """What somebody wants drawn: margin and expected share are 0–1; count 0 means as many as these ask for."""

    name: str
    frame: Frame
    confidence: int
    margin: float
    expected: float
    count: int
    seed: str


def wanted(wish: Wish, population: int) -> int:
    """How many visits the wish asks for. UsageError beyond MOST."""
    count = min(wish.count, population) or size(population, wish.confidence, wish.margin, wish.expected)
    if count > MOST:
        raise UsageError(
            f"要抽 {count:,} 份，超过 {MOST:,} 份。请放宽误差或缩小范围。",
            f"{count:,} cases; at most {MOST:,} can be drawn.",
        )
    return count


def make(cursor: Any, *, by: str, wish: Wish, token: UUID) -> int:
    """Draw a sample and keep it with all that is needed to draw it again; its number. The same token draws once."""
    cursor.execute("SELECT id FROM sampling_plan WHERE token = %s", [str(token)])
    if row := cursor.fetchone():
        return row[0]
    areas = areas_of(wish.frame.area)
    with facts.snapshot() as lake:
        watermark, population = lake.watermark(), read(lake, wish.frame, areas)
    told = context(population, wish.frame) | {"areas": areas}
    known = units(population, wish.frame, told)
    drawn = draw(known, wish.frame.method, wanted(wish, len(population)), wish.seed)
    sizes = Counter(unit.stratum for unit in known)
    frame = wish.frame
    cursor.execute(
        "INSERT INTO sampling_plan (token, name, area, provider, since, until, method, strata, confidence, margin,"
        " expected, count, seed, watermark, population, population_fen, sizes, context, digest, drawn_by)"
        " VALUES (%s, %s, %s, nullif(%s, ''), %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s::jsonb, %s,"
        " %s)"
        " ON CONFLICT (token) DO NOTHING RETURNING id",
        [str(token), wish.name, frame.area, frame.provider, frame.since, frame.until, frame.method, frame.strata,
         wish.confidence, round(wish.margin, 4), round(wish.expected, 4), len(drawn), wish.seed, watermark,
         len(population), sum(visit.total_fen for visit in population.values()), json.dumps(sizes), json.dumps(told),
         digest(drawn), by],
    )  # fmt: skip
    row = cursor.fetchone()
    if row is None:
        raise UsageError("这份抽样刚刚已经生成，请回到列表查看。", "It was drawn a moment ago; see the list.")
    _keep(cursor, row[0], drawn, population)
    detail = {"name": wish.name, "rows": len(drawn), "area": frame.area, "provider": frame.provider,
              "since": str(frame.since), "until": str(frame.until), "watermark": watermark}  # fmt: skip
    subject, keys = f"sampling:{row[0]}", digest(drawn)
    enter(cursor, by=by, action="sampling.draw", subject=subject, detail=detail, items_digest=keys)
    return row[0]


def _keep(cursor: Any, plan: int, drawn: Sequence[Drawn], population: dict[str, Visit]) -> None:
    """The cases, in the order drawn; a visit drawn again by risk stands once and counts so often."""
    times, first = Counter(one.key for one in drawn), {one.key: one for one in reversed(drawn)}
    cases = []
    for n, key in enumerate(dict.fromkeys(one.key for one in drawn), 1):
        one, visit = first[key], population[key]
        cases.append((plan, n, visit.area, visit.provider, visit.visit, visit.person, visit.day, visit.visit_type,
                      one.stratum, one.chance, times[key], visit.total_fen))  # fmt: skip
    cursor.executemany(
        "INSERT INTO sampling_case (plan_id, n, area, provider, visit, person, day, visit_type, stratum, chance, times,"
        " total_fen) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        cases,
    )


def digest(drawn: Sequence[Drawn]) -> str:
    """SHA-256 over the keys drawn, in their order."""
    return sha256("\n".join(one.key for one in drawn).encode()).hexdigest()


def draw_again(plan: dict[str, Any]) -> bool:
    """Whether the plan's seed over the lake as it was then gives the same sample, to the last key and in its order."""
    frame = Frame(plan["area"], plan["provider"] or "", plan["since"], plan["until"], plan["method"], plan["strata"])
    with Lake.open(settings.HOME, read_only=True, role="app", threads=2) as lake:
        lake.as_of(plan["watermark"])
        population = read(lake, frame, plan["context"]["areas"])
    known = units(population, frame, plan["context"])
    again = draw(known, frame.method, plan["count"], plan["seed"])
    return len(population) == plan["population"] and digest(again) == plan["digest"]


def give(cursor: Any, *, by: str, plan: int, experts: Sequence[str]) -> int:
    """Deal the plan's unanswered cases evenly to experts, none of them to who works for the provider; how many.

    UsageError for nobody, and for who is no expert.
    """
    cursor.execute(
        "SELECT username, coalesce(organisation, '') FROM account WHERE username = ANY(%s) AND role = 'expert'"
        " AND is_active ORDER BY 1",
        [list(experts)],
    )
    known = cursor.fetchall()
    if not known or len(known) != len(set(experts)):
        raise UsageError("请选择在册的评审专家。", "Choose experts from the list.")
    cursor.execute(
        "SELECT c.n, coalesce(p.name, c.provider) FROM sampling_case c LEFT JOIN provider_directory p USING (provider)"
        " WHERE c.plan_id = %s AND c.verdict IS NULL ORDER BY c.n FOR UPDATE OF c",
        [plan],
    )
    load, given = Counter(dict.fromkeys((name for name, _ in known), 0)), []
    for n, provider in cursor.fetchall():
        fitting = [name for name, organisation in known if organisation != provider]
        if fitting:
            name = min(fitting, key=lambda one: (load[one], one))
            load[name] += 1
            given.append((name, plan, n))
    cursor.executemany("UPDATE sampling_case SET expert = %s WHERE plan_id = %s AND n = %s", given)
    tell_each(cursor, "cases-given", by=by, given=dict(load))
    enter(cursor, by=by, action="sampling.give", subject=f"sampling:{plan}", detail={"given": dict(load)})
    return len(given)


def answer(cursor: Any, *, by: str, case: dict[str, Any], fen: int, words: str) -> None:
    """What was found in one visit, once: the improper amount, 0 for none. UsageError for too much, or without words."""
    if not 0 <= fen <= case["total_fen"]:
        raise UsageError(
            f"不合规金额应在 0 到 {case['total_fen'] / 100:,.2f} 元之间。",
            f"The improper amount lies between 0 and {case['total_fen'] / 100:,.2f} yuan.",
        )
    if fen and not words.strip():
        raise UsageError("有不合规金额，请写明问题和依据。", "Say what is wrong, and why.")
    cursor.execute(
        "UPDATE sampling_case SET verdict = %s, improper_fen = %s, words = %s, given_by = %s, given_at = now()"
        " WHERE plan_id = %s AND n = %s AND verdict IS NULL",
        ["fault" if fen else "clean", fen, words.strip(), by, case["plan_id"], case["n"]],
    )
    if not cursor.rowcount:
        raise UsageError("这份病例已有人提交过结论，不能再改。", "It was answered before and can't be changed.")
    enter(cursor, by=by, action="sampling.answer", subject=f"sampling:{case['plan_id']}",
          detail={"case": case["n"], "fen": fen})  # fmt: skip
