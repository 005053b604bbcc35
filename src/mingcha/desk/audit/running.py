"""Runs an audit: the pack over the lake as of a watermark, and its answers into the record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from mingcha.desk.audit.actions import Recorded, record_audit
from mingcha.desk.migrate import migrate
from mingcha.engines.answers import flag_lines, flags, unknowns
from mingcha.engines.duckdb import Scope, load_knowledge, run
from mingcha.engines.effective import effective
from mingcha.engines.frames import make_frames, sales
from mingcha.home import disk
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.knowledge.archive import keep
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
class Outcome:
    """A finished audit: what it looked at and what it recorded."""

    home: Home
    pack: Pack
    watermark: int
    snapshot: int
    recorded: Recorded


def run_audit(
    home: Home,
    pack: Pack,
    *,
    by: str,
    narrowed: Filter = Filter(),
    watermark: int | None = None,
    step: Callable[[str], None] = lambda name: None,
) -> Outcome:
    """Audit the facts up to `watermark` (now, when None). Whole or not at all: killed, the same call does it again.

    Raises UsageError for a watermark that no import has reached and for areas that don't exist.
    """
    disk.require(home)
    keep(pack, home.packs)
    _prepare(home)
    with Lake.open(home, read_only=True) as lake:
        mark = _as_of(lake, watermark)
        plan = effective(pack, narrowed.rules or pack.audited)
        step("frames")
        load_knowledge(lake.con, plan)
        make_frames(lake.con)
        scope = Scope(narrowed.providers, _areas(home, lake, narrowed.areas), None, narrowed.since, narrowed.until)
        run(lake.con, plan, scope, step, sales)
        step("record")
        recorded = record_audit(
            by=by,
            home=home,
            watermark=mark,
            snapshot=lake.snapshot(),
            pack=pack,
            scope={
                "areas": list(narrowed.areas) or None,
                "providers": list(narrowed.providers) or None,
                "rules": list(narrowed.rules) or None,
                "since": narrowed.since,
                "until": narrowed.until,
            },
            flags=flags(lake.con, plan),
            flag_lines=flag_lines(lake.con, plan),
            unknown=unknowns(lake.con, plan),
            lake=lake,
        )
        return Outcome(home, pack, mark, lake.snapshot(), recorded)


def _prepare(home: Home) -> None:
    """Make the tables in a home where nothing has been audited and no desk started."""
    with connect(home, "job") as pg:
        new = pg.execute("SELECT to_regclass('public.audit') IS NULL").fetchone() == (True,)
    if new:
        migrate(home)


def steps(pack: Pack, rules: tuple[str, ...] = ()) -> int:
    """How many times `run_audit` calls `step`."""
    return len(effective(pack, rules or pack.audited).plans) + 4


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
