"""Replay: compute a finding again from the facts and the pack it was made with, and say whether it is the same."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from psycopg.rows import dict_row

from mingcha.engines.answers import flags
from mingcha.engines.duckdb import Scope
from mingcha.engines.effective import effective
from mingcha.engines.passes import run_passes
from mingcha.engines.reach import EVERYBODY, one, spread
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.knowledge.archive import fetch
from mingcha.records.lake import Lake
from mingcha.terms.errors import UsageError

COMPARED = ("improper_fen", "quantity", "knowledge_ids", "witnesses", "why", "message", "certainty", "rule_version")


@dataclass(frozen=True)
class Replay:
    """What is on record and what came out again; `differing` names what is not the same."""

    finding: str
    watermark: int
    pack: str
    recorded: dict[str, Any]
    recomputed: dict[str, Any] | None
    differing: tuple[str, ...]

    @property
    def identical(self) -> bool:
        return not self.differing


def observation(home: Home, finding: str) -> dict[str, Any]:
    """The finding with its newest observation that flagged it. UsageError when there is no such finding."""
    with connect(home, "job") as pg, pg.cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            "SELECT f.id AS finding, f.fund_area, f.care_area, f.rule, f.frame, f.key, f.provider, f.person, f.visit,"
            " f.line, f.day, f.state, f.counted_fen, f.fund_loss_fen, p.name AS provider_name, o.rule_version,"
            " o.pack_hash, o.watermark, o.certainty, o.improper_fen, o.quantity, o.knowledge_ids, o.witnesses, o.why,"
            " o.message FROM finding f JOIN LATERAL (SELECT * FROM observation WHERE finding_id = f.id"
            "  AND verdict = 'flagged' ORDER BY id DESC LIMIT 1) o ON true"
            " LEFT JOIN provider_directory p ON p.provider = f.provider WHERE f.id = %s",
            [finding.strip().upper()],
        )
        found = cursor.fetchone()
    if found is None:
        raise UsageError(
            f"没有编号为 {finding} 的疑点。编号形如 YD 加 16 个字母数字，可从工作台或导出文件复制。",
            f"There is no finding {finding}. Numbers are YD and 16 letters or digits; copy one from the desk.",
        )
    return found


def replay(home: Home, finding: str) -> Replay:
    """Compute the finding again as of its watermark with its pack, from that person's facts alone."""
    told = observation(home, finding)
    with Lake.open(home, read_only=True) as lake:
        return _again(home, lake, told)


def replay_some(home: Home, count: int = 10) -> list[Replay]:
    """Replay some findings, spread over rules: what a restored home proves itself with."""
    with connect(home, "job") as pg:
        ids = pg.execute(
            "SELECT id FROM (SELECT id, rule, row_number() OVER (PARTITION BY rule ORDER BY id) AS place FROM finding"
            " WHERE state <> 'withdrawn') f ORDER BY place, rule LIMIT %s",
            [count],
        ).fetchall()
    with Lake.open(home, read_only=True) as lake:
        return [_again(home, lake, observation(home, finding)) for (finding,) in ids]


def _again(home: Home, lake: Lake, told: dict[str, Any]) -> Replay:
    pack = fetch(told["pack_hash"], home.packs)
    lake.as_of(told["watermark"])
    plan = effective(pack, [told["rule"]])
    personal = all(spread(part.kind, part.choice) == "person" for part in plan.plans)
    reach = one(told["person"]) if personal and told["person"] is not None else EVERYBODY
    run_passes(lake.con, [(plan, reach)], Scope(providers=(told["provider"],)))
    found = [row for table in flags(lake.con, plan) for row in _rows(table) if row["key"] == told["key"]]
    recorded = {name: told[name] for name in COMPARED}
    recomputed = {name: found[0][name] for name in COMPARED} if found else None
    differing = tuple(n for n in COMPARED if recorded[n] != recomputed[n]) if recomputed else COMPARED
    return Replay(told["finding"], told["watermark"], told["pack_hash"], recorded, recomputed, differing)


def _rows(table: pa.Table) -> list[dict[str, Any]]:
    rows = table.to_pylist()
    for row in rows:
        for name in ("knowledge_ids", "witnesses", "why"):
            row[name] = json.loads(row[name])
    return rows
