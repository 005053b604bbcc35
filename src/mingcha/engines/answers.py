"""What a run found, as Arrow tables to be recorded: flags with messages, their lines with the settlement, unknowns."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from mingcha.engines.effective import Effective
from mingcha.engines.message import Messages

BATCH = 50_000


@dataclass(frozen=True)
class Lacking:
    """A rule that could not be asked of some providers, and what they never sent: a frame or a column of one."""

    rule: str
    missing: str
    providers: int


def flags(con: duckdb.DuckDBPyConnection, pack: Effective) -> Iterator[pa.Table]:
    """One row a finding: rule … message, as the record of an audit takes them. Streams; `run` must have ended."""
    con.execute("SELECT * FROM flag WHERE verdict = 'flagged' ORDER BY rule, frame, key")
    reader = con.to_arrow_reader(BATCH)
    messages = Messages(pack)
    for batch in reader:
        if batch.num_rows:
            yield _flags(pa.Table.from_batches([batch]), pack, messages)


def _flags(found: pa.Table, pack: Effective, messages: Messages) -> pa.Table:
    numbers = found.column("rule").to_pylist()
    rules = [pack.rules[n] for n in numbers]
    why = found.column("why").to_pylist()
    ids = [
        [row.id for k in sorted(krows) if (row := pack.known[k].row) is not None]
        for krows in found.column("krows").to_pylist()
    ]
    said = [
        messages.message(n, k, json.loads(w))
        for n, k, w in zip(numbers, found.column("krow").to_pylist(), why, strict=True)
    ]
    witnesses = [json.dumps(w or [], ensure_ascii=False) for w in found.column("witnesses").to_pylist()]
    kept = ("frame", "key", "fund_area", "care_area", "provider", "person", "visit", "line", "day", "quantity")
    return pa.table(
        {
            "rule": pa.array([r.id for r in rules], pa.string()),
            "rule_version": pa.array([r.version for r in rules], pa.int64()),
            "certainty": pa.array([r.certainty for r in rules], pa.string()),
            **{name: found.column(name) for name in kept},
            "improper_fen": found.column("amount"),
            "knowledge_ids": pa.array([json.dumps(i, ensure_ascii=False) for i in ids], pa.string()),
            "witnesses": pa.array(witnesses, pa.string()),
            "why": pa.array(why, pa.string()),
            "message": pa.array(said, pa.string()),
            "pack_hash": pa.array(_packs(found, pack), pa.string()),
        }
    )


def _packs(found: pa.Table, pack: Effective) -> list[str]:
    """Of each flag the hash of the pack as it holds for the row: what recomputes it."""
    held = {places: pack.pack_of(*places).hash for places in set(_places(found))}
    return [held[places] for places in _places(found)]


def _places(found: pa.Table) -> list[tuple[str, str]]:
    return list(zip(found.column("fund_area").to_pylist(), found.column("provider").to_pylist(), strict=True))


def flag_lines(con: duckdb.DuckDBPyConnection, pack: Effective) -> Iterator[pa.Table]:
    """One row a line of a finding, with what the fund paid on its settlement where there is one."""
    con.execute("""
        SELECT l.rule, l.frame, l.key, f.fund_area, l.provider, l.visit, l.line, l.amount AS amount_fen,
               l.in_scope AS in_scope_fen, s.fund_total AS settled_fund_fen, s.in_scope AS settled_in_scope_fen
        FROM flag_line AS l JOIN flag AS f USING (rule, frame, key)
        LEFT JOIN facts.settlement AS s
          ON s.provider = l.provider AND s.settlement = l.settlement AND s.original_settlement IS NULL
        ORDER BY l.rule, l.frame, l.key, l.line""")
    ids = pa.array([rule.id for rule in pack.rules], pa.string())
    for batch in con.to_arrow_reader(BATCH):
        if batch.num_rows:
            table = pa.Table.from_batches([batch])
            yield table.set_column(0, "rule", ids.take(table.column("rule").combine_chunks()))


def unknowns(con: duckdb.DuckDBPyConnection, pack: Effective) -> pa.Table:
    """Rows no rule could judge, counted by rule, provider and what was missing."""
    counted: Counter[tuple[str, str, str]] = Counter()
    query = "SELECT rule, provider, missing, COUNT(*) FROM unknown GROUP BY ALL ORDER BY ALL"
    for number, at, what, count in con.execute(query).fetchall():
        counted[pack.rules[number].id, at, what] += count
    rule, provider, missing = zip(*counted, strict=True) if counted else ((), (), ())
    return pa.table(
        {
            "rule": pa.array(rule, pa.string()),
            "provider": pa.array(provider, pa.string()),
            "missing": pa.array(missing, pa.string()),
            "count": pa.array(list(counted.values()), pa.int64()),
        }
    )


def lacking(con: duckdb.DuckDBPyConnection, pack: Effective) -> tuple[Lacking, ...]:
    """The rules that some providers can't be judged by, for want of a whole table or column."""
    found: Counter[tuple[str, str]] = Counter()
    query = "SELECT rule, missing, COUNT(*) FROM unknown WHERE frame = 'provider' GROUP BY ALL ORDER BY ALL"
    for rule, missing, count in con.execute(query).fetchall():
        found[pack.rules[rule].id, missing] += count
    return tuple(Lacking(*named, count) for named, count in found.items())
