"""What an incremental audit goes on from, and what it has to look at again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from mingcha.engines.effective import Effective
from mingcha.engines.reach import EVERYBODY, NEWS, Reach, find_news, in_news, whole
from mingcha.engines.registers import of_everybody, sent
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.records.views import create
from mingcha.terms.errors import UsageError


@dataclass(frozen=True)
class Base:
    """A finished audit of everything: its number, its watermark, and the content hash of each rule it ran."""

    audit: int
    watermark: int
    rules: Mapping[str, str]


@dataclass(frozen=True)
class Reached:
    """What an incremental audit judged: persons, visits, trace rows by key; of the rules in `whole`, everything."""

    since: int
    persons: pa.Table
    visits: pa.Table
    keys: pa.Table
    whole: Sequence[str]


def find_base(home: Home, since: int | None, mark: int) -> Base:
    """The newest audit of everything as of batch `since` (the newest there is, when None), not beyond `mark`.

    An incremental audit is one too: it ends where an audit of everything would. Raises UsageError when there is none.
    """
    with connect(home, "job") as pg:
        row = pg.execute(
            "SELECT id, watermark, rules FROM audit WHERE status = 'done' AND scope - 'after' = '{}'"
            " AND rules IS NOT NULL AND watermark <= %s AND (%s::bigint IS NULL OR watermark = %s)"
            " ORDER BY watermark DESC, id DESC LIMIT 1",
            [mark, since, since],
        ).fetchone()
    if row is None:
        asked = "" if since is None else f"第 {since} 批的"
        asked_en = "" if since is None else f" as of batch {since}"
        raise UsageError(
            f"没有{asked}全量机审可以接着做。请先不带 --since 运行一次 mingcha audit；历次水位见工作台“机审记录”。",
            f"There is no audit of everything{asked_en} to go on from. Run `mingcha audit` once without --since; "
            "the desk's list of audits shows their watermarks.",
        )
    return Base(*row)


def plan_passes(
    con: duckdb.DuckDBPyConnection, plan: Effective, base: Base, rules: Mapping[str, str], mark: int
) -> tuple[list[tuple[Effective, Reach]], list[str]]:
    """The parts to run, and the rules that run over everything: changed ones, and those that compare across persons."""
    changed = find_news(con, base.watermark, mark)
    begun = _begun(con, plan, base.watermark, mark)
    everything = {rule.id for rule in plan.rules if base.rules.get(rule.id) != rules[rule.id]}
    for part in plan.plans:
        if whole(part, changed) or begun.intersection(part.kind.needed(part.choice)):
            everything |= {plan.rules[known.rule].id for known in part.known}
    rest = {rule.id for rule in plan.rules} - everything
    parts = [(plan.only(everything), EVERYBODY)] if everything else []
    return [*parts, (plan.only(rest), NEWS)], sorted(everything)


def _begun(con: duckdb.DuckDBPyConnection, plan: Effective, since: int, mark: int) -> set[str]:
    """What some providers sent for the first time after batch `since`: with it, what lay long ago can be judged."""
    asked = (part for part in plan.plans if in_news(part.kind, part.choice))
    needs = {need for part in asked for need in part.kind.needed(part.choice)}
    senders = []
    for at in (since, mark):
        create(con, at)
        senders.append({need: con.execute(f"{sent(need, of_everybody)} ORDER BY ALL").fetchall() for need in needs})
    return {need for need in needs if senders[0][need] != senders[1][need]}


def reached(con: duckdb.DuckDBPyConnection, base: Base, mark: int, everything: Sequence[str]) -> Reached:
    """What was judged, for withdrawing within it; asked after the part of NEWS ran, whose frames stand."""
    keys = (
        "SELECT DISTINCT concat_ws('|', provider, code, kind, event) AS key FROM lake.trace"
        f" WHERE batch_seq <= {mark} AND code IN (FROM reach_code UNION SELECT code FROM frame_trace)"
    )
    visits = "SELECT provider, visit FROM frame_visit UNION SELECT provider, visit FROM reach_visit"
    persons = "SELECT DISTINCT person FROM reach_person"
    tables = [con.execute(query).to_arrow_table() for query in (persons, visits, keys)]
    return Reached(base.watermark, tables[0], tables[1], tables[2], everything)
