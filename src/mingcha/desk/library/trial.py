"""Tries a change on history: the rule in force and the changed one over the same facts, side by side.

Runs in a process of its own (`python -m mingcha.desk.library.trial ID`), because a trial of a year takes longer than
a page may. It says how far it is at every step; one that was killed falls silent, which the page shows.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from psycopg.types.json import Jsonb

from mingcha.desk.audit.handover import FLAG
from mingcha.desk.library.local_packs import library
from mingcha.desk.library.shelf import in_force
from mingcha.engines.answers import flags
from mingcha.engines.duckdb import Scope
from mingcha.engines.effective import effective
from mingcha.engines.passes import run_passes
from mingcha.engines.reach import EVERYBODY
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.knowledge.archive import rule_from
from mingcha.knowledge.library import Library
from mingcha.knowledge.pack import Pack, Rule
from mingcha.records.lake import Lake
from mingcha.terms.errors import MingchaError, PlatformError

if TYPE_CHECKING:
    import duckdb

SHOWN = 200
"""Rows to look at, kept on each side; drawn by the hash of the key, so a second trial shows the same."""

_ONE_TRIAL = 0x7472696C  # any fixed number: one trial at a time, the next one waits
_SIDES = """
    SELECT coalesce(n.key, o.key) AS key, o.key IS NOT NULL AS was, n.key IS NOT NULL AS is,
           coalesce(n.fund_area, o.fund_area) AS fund_area, coalesce(n.care_area, o.care_area) AS care_area,
           coalesce(n.provider, o.provider) AS provider, coalesce(n.person, o.person) AS person,
           coalesce(n.visit, o.visit) AS visit, coalesce(n.line, o.line) AS line, coalesce(n.day, o.day) AS day,
           coalesce(n.knowledge_ids, o.knowledge_ids) AS ids, coalesce(n.message, o.message) AS message,
           o.improper_fen AS old_fen, n.improper_fen AS new_fen,
           CASE WHEN o.key IS NULL THEN 'added' WHEN n.key IS NULL THEN 'gone'
                WHEN o.improper_fen <> n.improper_fen THEN 'changed' ELSE 'same' END AS side
    FROM trial_old o FULL JOIN trial_new n ON o.fund_area = n.fund_area AND o.frame = n.frame AND o.key = n.key"""


def start(home: Home, trial: int) -> None:
    """Begin a queued trial in a process that outlives the request."""
    log = home.logs / "trials.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        subprocess.Popen(
            [sys.executable, "-m", "mingcha.desk.library.trial", str(trial)],
            env=os.environ | {"MINGCHA_HOME": str(home.path)},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )  # fmt: skip


def run_trial(home: Home, trial: int) -> None:
    """Run a queued trial to its end. What goes wrong is written down for the page; nothing else is changed."""
    with connect(home, "job", autocommit=True) as pg:
        pg.execute("SELECT pg_advisory_lock(%s)", [_ONE_TRIAL])
        row = pg.execute(
            "SELECT t.draft_id, t.revision, t.since, t.until, d.rule, d.content::text FROM rule_trial t"
            " JOIN rule_draft d ON d.id = t.draft_id WHERE t.id = %s AND t.state = 'queued'",
            [trial],
        ).fetchone()
        if row is None:
            return
        draft, revision, since, until, rule, content = row
        step = _steps(pg, trial)
        try:
            new = rule_from(json.loads(content))
            report, hits, mark = compare(home, in_force(home), rule, new, since, until, step)
        except MingchaError as error:
            _fail(pg, trial, str(error))
            return
        except Exception as error:
            _fail(pg, trial, f"{type(error).__name__}: {error}")
            raise
        with pg.transaction():
            _keep(pg, trial, report, hits, mark)
            _moved_on(pg, draft, revision)


def _steps(pg: Any, trial: int) -> Callable[[str], None]:
    pg.execute("UPDATE rule_trial SET state = 'running', beat_at = now(), total = 8 WHERE id = %s", [trial])

    def step(name: str) -> None:
        pg.execute(
            "UPDATE rule_trial SET step = %s, done = least(done + 1, total), beat_at = now() WHERE id = %s",
            [name, trial],
        )

    return step


def _fail(pg: Any, trial: int, words: str) -> None:
    pg.execute(
        "UPDATE rule_trial SET state = 'failed', error = %s, finished_at = now() WHERE id = %s", [words[:2000], trial]
    )


def _keep(pg: Any, trial: int, report: dict[str, Any], hits: list[tuple[Any, ...]], mark: int) -> None:
    pg.execute(
        "UPDATE rule_trial SET state = 'done', report = %s, watermark = %s, finished_at = now(), beat_at = now(),"
        " done = total WHERE id = %s",
        [Jsonb(report), mark, trial],
    )
    with pg.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO rule_trial_hit (trial_id, side, fund_area, care_area, provider, visit, line, day, item,"
            " old_fen, new_fen, message) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [(trial, *hit) for hit in hits],
        )


def _moved_on(pg: Any, draft: int, revision: int) -> None:
    """The draft is tried, unless it was edited meanwhile: then the trial speaks of what it no longer is."""
    pg.execute(
        "UPDATE rule_draft SET state = 'trialled', changed_at = now()"
        " WHERE id = %s AND revision = %s AND state IN ('checked', 'trialled')",
        [draft, revision],
    )


def compare(
    home: Home, pack: Pack, rule: str, new: Rule, since: date | None, until: date | None, step: Callable[[str], None],
    watermark: int | None = None,
) -> tuple[dict[str, Any], list[tuple[Any, ...]], int]:  # fmt: skip
    """What the change finds beside the rule in force: report, rows to look at, and the watermark of the facts.

    `since` and `until` are service dates, both included. Amounts are fen before lines are counted once among rules.
    """
    old = next((one for one in pack.rules if one.id == rule), None)
    rest = tuple(one for one in pack.rules if one.id != rule)
    changed = replace(pack, rules=tuple(sorted((*rest, new), key=lambda one: one.id)))
    libraries = {"old": library(home, pack), "new": library(home, changed)}
    with Lake.open(home, read_only=True) as lake:
        mark = lake.as_of(watermark)
        for name, packs in libraries.items():
            step(name)
            found = _flagged(lake, packs, rule, Scope(since=since, until=until))
            lake.con.register("found", found)
            lake.con.execute(f"CREATE OR REPLACE TEMP TABLE trial_{name} AS SELECT * FROM found")
            lake.con.unregister("found")
            step(name)
        lake.con.execute(f"CREATE OR REPLACE TEMP TABLE trial AS {_SIDES}")
        step("report")
        items = {row.id: (row.item, row.name) for one in (old, new) if one for row in one.knowledge}
        return _report(lake.con, items), _hits(lake.con, items), mark


def _flagged(lake: Lake, packs: Library, rule: str, scope: Scope) -> pa.Table:
    """What one rule flags, wherever it holds in whatever way; nothing where no pack has it."""
    if rule not in {one.id for one in packs.rules}:
        return pa.table({name: pa.array([], kind) for name, kind in FLAG.items()})
    plan = effective(packs, [rule])
    run_passes(lake.con, [(plan, EVERYBODY)], scope)
    tables = list(flags(lake.con, plan))
    return pa.concat_tables(tables) if tables else pa.table({n: pa.array([], kind) for n, kind in FLAG.items()})


_COUNTS = """count(*) FILTER (WHERE was), count(*) FILTER (WHERE "is"), coalesce(sum(old_fen), 0)::BIGINT,
    coalesce(sum(new_fen), 0)::BIGINT"""
_NAMES = ("old_n", "new_n", "old_fen", "new_fen")


def _report(con: duckdb.DuckDBPyConnection, items: dict[str, tuple[str, str]]) -> dict[str, Any]:
    """Totals, and the same by provider, by knowledge row and by month; the largest differences first."""
    told: dict[str, Any] = {}
    for side, number, fen in con.execute(
        "SELECT side, count(*), coalesce(sum(coalesce(new_fen, 0) - coalesce(old_fen, 0)), 0)::BIGINT"
        " FROM trial GROUP BY 1"
    ).fetchall():
        told[side] = {"n": number, "fen": fen}
    whole = con.execute(
        f'SELECT {_COUNTS}, count(DISTINCT provider) FILTER (WHERE was), count(DISTINCT provider) FILTER (WHERE "is"),'
        ' count(DISTINCT person) FILTER (WHERE was), count(DISTINCT person) FILTER (WHERE "is") FROM trial'
    ).fetchone()
    names = (*_NAMES, "old_providers", "new_providers", "old_persons", "new_persons")
    told["total"] = dict(zip(names, whole or (), strict=True))
    groups = {"providers": "provider", "months": "strftime(day, '%Y-%m')", "rows": "json_extract_string(ids, '$[0]')"}
    for name, column in groups.items():
        order = (
            "1"
            if name == "months"
            else 'abs(count(*) FILTER (WHERE "is") - count(*) FILTER (WHERE was)) DESC, 3 DESC, 1'
        )
        found = con.execute(f"SELECT {column}, {_COUNTS} FROM trial GROUP BY 1 ORDER BY {order} LIMIT 60").fetchall()
        told[name] = [dict(zip(("key", *_NAMES), row, strict=True)) for row in found]
    for row in told["rows"]:
        row["item"], row["name"] = items.get(row["key"] or "", (None, None))
    return told


def _hits(con: duckdb.DuckDBPyConnection, items: dict[str, tuple[str, str]]) -> list[tuple[Any, ...]]:
    rows = con.execute(
        "SELECT side, fund_area, care_area, provider, visit, line, day, ids, old_fen, new_fen, message FROM trial"
        f" WHERE side <> 'same' QUALIFY row_number() OVER (PARTITION BY side ORDER BY md5(key), key) <= {SHOWN}"
        " ORDER BY side, md5(key), key"
    ).fetchall()
    return [(*row[:7], items.get((json.loads(row[7]) or [""])[0], (None, None))[1], *row[8:]) for row in rows]


def shadows(home: Home, by: str, watermark: int) -> list[tuple[str, dict[str, Any]]]:
    """Run every change in shadow beside the audit that has just ended, over the same facts: rule and report."""
    pack = in_force(home)
    told = []
    with connect(home, "job", autocommit=True) as pg:
        if pg.execute("SELECT to_regclass('public.rule_draft') IS NULL").fetchone() == (True,):
            return []
        waiting = pg.execute(
            "SELECT id, revision, rule, content::text FROM rule_draft WHERE state = 'shadow' ORDER BY id"
        ).fetchall()
        for draft, revision, rule, content in waiting:
            new = rule_from(json.loads(content))
            report, hits, mark = compare(home, pack, rule, new, None, None, lambda name: None, watermark)
            with pg.transaction():
                row = pg.execute(
                    "INSERT INTO rule_trial (draft_id, revision, shadow, state, by, step, done, total, error)"
                    " VALUES (%s, %s, true, 'running', %s, '', 1, 1, '') RETURNING id",
                    [draft, revision, by],
                ).fetchone()
                assert row
                _keep(pg, row[0], report, hits, mark)
            told.append((rule, report))
    return told


def main() -> None:
    """Run the trial whose number is given."""
    run_trial(Home.open(), int(sys.argv[1]))


if __name__ == "__main__":
    try:
        main()
    except PlatformError as error:
        sys.exit(str(error))
