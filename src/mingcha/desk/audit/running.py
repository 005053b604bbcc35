"""Runs an audit: the pack over the lake as of a watermark, and its answers into the record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from mingcha.desk.audit.actions import Recorded, record_audit
from mingcha.desk.audit.since import Base, find_base, plan_passes, reached
from mingcha.desk.migrate import ready
from mingcha.engines.answers import Lacking, flag_lines, flags, lacking, unknowns
from mingcha.engines.duckdb import Scope
from mingcha.engines.effective import Effective, effective
from mingcha.engines.passes import run_passes
from mingcha.engines.reach import EVERYBODY
from mingcha.home import disk
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.knowledge.archive import keep_library
from mingcha.knowledge.library import Library
from mingcha.knowledge.pack import Pack
from mingcha.records.lake import Lake
from mingcha.terms.errors import UsageError


@dataclass(frozen=True)
class Filter:
    """What an audit is narrowed to; empty means everything. Areas reach down to all below them."""

    areas: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Engine:
    """What runs the rules: the embedded engine, a Spark cluster (`master` is its address), or Python objects."""

    name: Literal["duckdb", "spark", "memory"] = "duckdb"
    master: str | None = None


EMBEDDED = Engine()


@dataclass(frozen=True)
class Outcome:
    """A finished audit: what it looked at and what it recorded. `base` and `persons` are of an incremental one."""

    home: Home
    library: Library
    watermark: int
    snapshot: int
    recorded: Recorded
    lacking: tuple[Lacking, ...]
    base: Base | None = None
    persons: int | None = None


def run_audit(
    home: Home,
    packs: Pack | Library,
    *,
    by: str,
    narrowed: Filter = Filter(),
    watermark: int | None = None,
    since: int | Literal["last"] | None = None,
    engine: Engine = EMBEDDED,
    step: Callable[[str], None] = lambda name: None,
) -> Outcome:
    """Audit the facts up to `watermark` (now, when None). Whole or not at all: killed, the same call does it again.

    `since` makes it incremental: it goes on from the audit of everything as of that batch (or the last there is),
    judges again only those of whom something new is known, and ends with the same findings as an audit of everything.
    Raises UsageError for a watermark that no import has reached, a `since` that no audit had, and unknown areas;
    PlatformError when a cluster doesn't do it.
    """
    disk.require(home)
    library = packs if isinstance(packs, Library) else Library.of(packs)
    keep_library(library, home.packs)
    ready(home)
    if since is not None:
        _alone(narrowed, engine)
    with Lake.open(home, read_only=True) as lake:
        mark = _as_of(lake, watermark)
        base = None if since is None else find_base(home, None if since == "last" else since, mark)
        plan, hashes = effective(library, narrowed.rules or library.audited), library.rule_hashes
        passes, everything = [(plan, EVERYBODY)], []
        if base:
            passes, everything = plan_passes(lake.con, plan, base, hashes, mark)
        scope = Scope(narrowed.providers, _areas(home, lake, narrowed.areas), None, narrowed.since, narrowed.until)
        if engine.name == "duckdb":
            run_passes(lake.con, passes, scope, step)
        else:
            step(engine.name)
            _elsewhere(lake, library, plan, scope, engine)
        judged = reached(lake.con, base, mark, everything) if base else None
        step("record")
        recorded = record_audit(
            by=by,
            home=home,
            watermark=mark,
            snapshot=lake.snapshot(),
            pack=library,
            scope={
                "areas": list(narrowed.areas) or None,
                "providers": list(narrowed.providers) or None,
                "rules": list(narrowed.rules) or None,
                "since": narrowed.since,
                "until": narrowed.until,
                "after": base.watermark if base else None,
            },
            flags=flags(lake.con, plan),
            flag_lines=flag_lines(lake.con, plan),
            unknown=unknowns(lake.con, plan),
            lake=lake,
            rules=hashes,
            reached=judged,
        )
        told = lacking(lake.con, plan)
        return Outcome(home, library, mark, lake.snapshot(), recorded, told, base, judged and judged.persons.num_rows)


def _alone(narrowed: Filter, engine: Engine) -> None:
    """UsageError when an incremental audit is asked for together with what it can't have."""
    if narrowed != Filter():
        raise UsageError(
            "增量机审不能再加筛选：它的结果等同于一次全量机审。请去掉 --since，或去掉区划、机构、规则和日期。",
            "An incremental audit takes no filter: it ends where an audit of everything would. "
            "Leave out --since or the filter.",
        )
    if engine.name != "duckdb":
        raise UsageError(
            f"增量机审只读一小部分人，用内嵌引擎最快，不能与 --engine {engine.name} 同用。请去掉其中一个。",
            f"An incremental audit reads few persons and runs embedded. Leave out --since or --engine {engine.name}.",
        )


def _elsewhere(lake: Lake, library: Library, plan: Effective, scope: Scope, engine: Engine) -> None:
    """The same answers from another engine, in the lake's session."""
    if engine.name == "spark":
        from mingcha.engines.spark import LOCAL, run_on_spark

        run_on_spark(lake, library, plan, scope, engine.master or LOCAL)
    else:
        from mingcha.engines.in_memory import run_in_memory

        run_in_memory(lake.con, plan, scope)


def steps(library: Library, rules: tuple[str, ...] = ()) -> int:
    """How many times `run_audit` calls `step`."""
    return len(effective(library, rules or library.audited).plans) + 4


def _as_of(lake: Lake, watermark: int | None) -> int:
    newest = lake.watermark()
    if watermark is not None and not 0 < watermark <= newest:
        raise UsageError(
            f"没有第 {watermark} 批导入；目前最新一批是 {newest}。",
            f"There is no import batch {watermark}; the newest is {newest}.",
        )
    return lake.as_of(watermark)


def _areas(home: Home, lake: Lake, roots: tuple[str, ...]) -> tuple[str, ...]:
    """The areas and everything below them. UsageError for one that neither the tree nor any visit knows."""
    if not roots:
        return ()
    with connect(home, "job") as pg:
        known = {code for (code,) in pg.execute("SELECT code FROM facts.area WHERE code = ANY(%s)", [list(roots)])}
        pg.execute("SELECT set_config('mingcha.scope', %s, true)", [",".join(roots)])
        found = (pg.execute("SELECT facts.scope_areas()").fetchone() or [[]])[0]
    for code in set(roots) - known:
        seen = "SELECT 1 FROM facts.visit WHERE fund_area = ? OR care_area = ? LIMIT 1"
        if lake.con.execute(seen, [code, code]).fetchone() is None:
            raise UsageError(
                f"没有区划 {code}，费用里也没有出现过。请核对六位区划代码。",
                f"There is no area {code}, neither in the tree nor in the facts. Check the six digits.",
            )
    return tuple({*found, *roots})
