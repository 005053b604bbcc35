"""A whole small lake on the memory engine: slow, and the reference for what the others say about the same facts."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import duckdb
import pyarrow as pa

from mingcha.engines.any_lines import sales
from mingcha.engines.duckdb import Scope, load_knowledge, run
from mingcha.engines.effective import Effective
from mingcha.engines.frames import make_frames
from mingcha.engines.memory import Memory
from mingcha.engines.registers import REGISTERS
from mingcha.engines.tallies import make_tallies
from mingcha.rules.finding import CANNOT_TELL, FLAGGED, Result
from mingcha.rules.frames import FRAMES
from mingcha.rules.kind import WholeVisit
from mingcha.terms.errors import UsageError

MOST_LINES = 200_000


def run_in_memory(con: duckdb.DuckDBPyConnection, pack: Effective, scope: Scope) -> None:
    """Run the pack over the lake's rows as Python objects; the answers stand as `engines.duckdb.run` leaves them.

    Raises UsageError for a lake of more than MOST_LINES fee lines.
    """
    _refuse_large(con)
    load_knowledge(con, pack)
    more = make_frames(con, pack)
    make_tallies(con, pack)
    run(con, pack.only(()), scope, sales=more)  # empty tables for the answers
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE every_line AS
        SELECT e.*, f.item AS code, f.list_type, n.stated FROM (
            SELECT * FROM frame_line UNION ALL BY NAME
            FROM ({sales("TRUE")}) AS s ANTI JOIN frame_line USING (provider, visit, line)) AS e
        LEFT JOIN facts.fee_line AS f USING (provider, visit, line)
        LEFT JOIN (SELECT provider, visit, line, in_scope AS stated FROM facts.net_fee_line) AS n
            USING (provider, visit, line)""")
    world = {name: _rows(con, relation) for name, relation in _relations(con).items()}
    _write(con, pack, Memory(pack).audit(world), scope)


def _relations(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Where the rows are that a world consists of, by their name."""
    made = {name for (name,) in con.execute("SELECT table_name FROM information_schema.tables").fetchall()}
    names = {frame.drawn_from for frame in FRAMES.values()} - {"line"}
    places = {name: f"({REGISTERS[name]})" if name in REGISTERS else f"frame_{name}" for name in names}
    return {"line": "every_line"} | {n: place for n, place in places.items() if n in REGISTERS or place in made}


def _refuse_large(con: duckdb.DuckDBPyConnection) -> None:
    (lines,) = con.execute("SELECT count(*) FROM facts.fee_line").fetchone() or (0,)
    if lines > MOST_LINES:
        raise UsageError(
            f"内存引擎只用于小数据核对，最多 {MOST_LINES:,} 行费用明细；这里有 {lines:,} 行。请改用 --engine duckdb。",
            f"The memory engine checks small lakes, up to {MOST_LINES:,} fee lines; there are {lines:,} here. "
            "Use --engine duckdb.",
        )


def _rows(con: duckdb.DuckDBPyConnection, relation: str) -> list[dict[str, Any]]:
    return con.execute(f"FROM {relation}").to_arrow_table().to_pylist()


def _write(con: duckdb.DuckDBPyConnection, pack: Effective, found: Iterable[Result], scope: Scope) -> None:
    """The results as rows of `flag`, `flag_line` and `unknown`, with what stands on the judged row itself."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE judged_row AS {_judged(pack)}")
    numbers = {(k.rule, k.row.id): k.number for k in pack.known if k.row}
    whole = {pack.rules[k.rule].id for plan in pack.plans for k in plan.known
             if isinstance(plan.kind.checks[plan.choice].amount, WholeVisit)}  # fmt: skip
    results = list(found)
    flags, lines = [], []
    for told in (r for r in results if r.verdict != CANNOT_TELL):
        rule = _number(pack, told)
        krows = [numbers[rule, name] for name in told.rows] or [told.shown]
        flags.append((rule, told.frame, told.key, told.shown, krows, told.verdict, told.amount, told.quantity,
                      told.rule in whole, json.dumps(told.why, ensure_ascii=False, separators=(",", ":")),
                      list(told.witnesses)))  # fmt: skip
        if told.verdict == FLAGGED:
            lines += [(rule, told.frame, told.key, s.provider, s.visit, s.line, s.amount) for s in told.lines]
    untold = [r for r in results if r.verdict == CANNOT_TELL]
    unknown = [(_number(pack, r), r.frame, r.key, r.missing, r.day, r.person) for r in untold]
    _insert(con, _FLAG, flags, f"INSERT INTO flag BY NAME SELECT a.*, {_OWN} FROM {_FROM} WHERE {scope.sql()}")
    _insert(con, _UNKNOWN, unknown, f"""
        WITH known AS (SELECT * FROM judged_row WHERE {scope.sql()})
        INSERT INTO unknown BY NAME
        SELECT a.*, j.provider FROM arriving AS a JOIN known AS j USING (frame, key)
        UNION ALL SELECT *, key FROM arriving WHERE frame = 'provider' AND key IN (SELECT provider FROM known)""")
    _insert(con, _LINE, lines, """
        INSERT INTO flag_line BY NAME SELECT a.*, l.in_scope, l.settlement
        FROM arriving AS a SEMI JOIN flag USING (rule, frame, key)
        JOIN every_line AS l USING (provider, visit, line)""")


def _number(pack: Effective, told: Result) -> int:
    """The number of the rule. One id may stand there in several ways, each for some areas; a row tells which."""
    if told.shown is None:
        return next(number for number, rule in enumerate(pack.rules) if rule.id == told.rule)
    return pack.known[told.shown].rule


def _judged(pack: Effective) -> str:
    """Every row that may be judged, by frame and key."""
    parts = []
    for frame in {plan.kind.frame.name: plan.kind.frame for plan in pack.plans}.values():
        names = ("fund_area", "care_area", "provider", "person", "visit", "line")
        own = ", ".join(name if name in frame.columns else f"NULL AS {name}" for name in names)
        key = f"concat_ws('|', {', '.join(frame.key)}) AS key"
        parts.append(f"SELECT '{frame.name}' AS frame, {key}, {frame.day} AS \"at.day\", {own} FROM frame_{frame.name}")
    every = " UNION ALL ".join(parts)
    return f"SELECT frame, key, any_value(COLUMNS(* EXCLUDE (frame, key))) FROM ({every}) GROUP BY frame, key"


_FROM = "arriving AS a JOIN judged_row AS j USING (frame, key)"
_OWN = 'j."at.day" AS day, j.fund_area, j.care_area, j.person, j.provider, j.visit, j.line'
_FLAG = pa.schema({
    "rule": pa.int32(), "frame": pa.string(), "key": pa.string(), "krow": pa.int32(), "krows": pa.list_(pa.int32()),
    "verdict": pa.string(), "amount": pa.int64(), "quantity": pa.int64(), "whole_visit": pa.bool_(),
    "why": pa.string(), "witnesses": pa.list_(pa.string()),
})  # fmt: skip
_LINE = pa.schema({
    "rule": pa.int32(), "frame": pa.string(), "key": pa.string(), "provider": pa.string(), "visit": pa.string(),
    "line": pa.string(), "amount": pa.int64(),
})  # fmt: skip
_UNKNOWN = pa.schema({
    "rule": pa.int32(), "frame": pa.string(), "key": pa.string(), "missing": pa.string(), "day": pa.date32(),
    "person": pa.int64(),
})  # fmt: skip


def _insert(con: duckdb.DuckDBPyConnection, schema: pa.Schema, rows: list[tuple], statement: str) -> None:
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in schema]
    arrays = [pa.array(column, kind) for column, kind in zip(columns, schema.types, strict=True)]
    con.register("arriving", pa.Table.from_arrays(arrays, schema=schema))
    con.execute(statement)
    con.unregister("arriving")
