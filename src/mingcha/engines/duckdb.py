"""The DuckDB engine: every rule of a pack over everything, one statement per kind and window.

It works on relations `frame_*` (engines.frames makes them from the lake, engines.world from drawn tables) and leaves
three temporary tables: `flag`, one row per finding; `flag_line`, its fee lines with amounts; `unknown`, counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa

from mingcha.engines.effective import Effective, Plan, as_codes, related_codes
from mingcha.engines.expression import text
from mingcha.engines.sql import KindStatement, dialect_sql, prefix_columns
from mingcha.knowledge.pack import SCOPES
from mingcha.rules.algebra import Exists
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import FRAMES, Frame
from mingcha.rules.kind import KnowledgeType, WholeVisit

ARROW = {
    ValueKind.INT: pa.int64(),
    ValueKind.TEXT: pa.string(),
    ValueKind.DATE: pa.date32(),
    ValueKind.BOOL: pa.bool_(),
    ValueKind.TEXTS: pa.list_(pa.string()),
}
_KNOWLEDGE = {
    KnowledgeType.ITEM: pa.string(),
    KnowledgeType.TEXT: pa.string(),
    KnowledgeType.INTEGER: pa.int64(),
    KnowledgeType.LIST: pa.list_(pa.string()),
    KnowledgeType.PREFIXES: pa.list_(pa.string()),
}


_SCOPE_TYPES = (pa.string(), pa.string(), pa.int64())

ASKING = ("basket", "history")
"""Frames of any fee line, made for the visits and persons of those items whose rules ask for them."""

NAMED = "名称:"
"""How a pack writes an item that has no national code: by its official name."""


@dataclass(frozen=True)
class Scope:
    """Which rows may be flagged; history and related rows are read beyond it. Days are inclusive, None is open."""

    providers: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    person: int | None = None
    since: date | None = None
    until: date | None = None

    def sql(self) -> str:
        """The scope as a condition on a judged row."""
        parts = []
        if self.providers:
            parts.append(f"provider IN ({', '.join(text(p) for p in self.providers)})")
        if self.areas:
            codes = ", ".join(text(a) for a in self.areas)
            parts.append(f"(fund_area IN ({codes}) OR care_area IN ({codes}))")
        if self.person is not None:
            parts.append(f"person = {int(self.person)}")
        if self.since:
            parts.append(f"\"at.day\" >= CAST('{self.since.isoformat()}' AS DATE)")
        if self.until:
            parts.append(f"\"at.day\" <= CAST('{self.until.isoformat()}' AS DATE)")
        return " AND ".join(parts) or "TRUE"


def load_knowledge(con: duckdb.DuckDBPyConnection, pack: Effective) -> None:
    """Put the pack's rows, codes and parameters into temporary tables `knowledge_*`, `codes_*`, `parameter_*`."""
    for plan in pack.plans:
        suffix = _suffix(plan)
        columns = {
            "rule": pa.array([k.rule for k in plan.known], pa.int32()),
            "krow": pa.array([k.number for k in plan.known], pa.int32()),
            "valid_from": pa.array([k.since for k in plan.known], pa.date32()),
            "valid_until": pa.array([k.until for k in plan.known], pa.date32()),
        }
        for name, knows in plan.kind.knows.items():
            columns[name] = pa.array([_cell(k.values[name]) for k in plan.known], _KNOWLEDGE[knows.type])
        _table(con, f"knowledge_{suffix}", pa.table(columns))
        for name in related_codes(plan):
            pairs = [(k.number, code) for k in plan.known for code in as_codes(k.values[name])]
            krow, code = zip(*pairs, strict=True) if pairs else ((), ())
            codes = {"krow": pa.array(krow, pa.int32()), "code": pa.array(code, pa.string())}
            _table(con, f"codes_{suffix}_{name}", pa.table(codes))
    kinds = {plan.kind.name: plan.kind for plan in pack.plans}
    for name, kind in kinds.items():
        slices = pack.slices[name]
        columns = {
            "rule": pa.array([s.rule for s in slices], pa.int32()),
            "valid_from": pa.array([s.since for s in slices], pa.date32()),
            "valid_until": pa.array([s.until for s in slices], pa.date32()),
        }
        for parameter, declared in kind.parameters.items():
            columns[parameter] = pa.array([_cell(s.values[parameter]) for s in slices], ARROW[declared.type])
        for at, (of, kind_of) in enumerate(zip(SCOPES, _SCOPE_TYPES, strict=True)):
            columns[f"of_{of}"] = pa.array([s.scope[at] for s in slices], kind_of)
            columns[f"not_{of}"] = pa.array([list(s.others[at]) for s in slices], pa.list_(kind_of))
        _table(con, f"parameter_{name}", pa.table(columns))
    for frame in ASKING:
        asked = {k.item for plan in pack.plans if _asks(plan, frame) for k in plan.known}
        _table(con, f"{frame}_item", pa.table({"item": pa.array(sorted(filter(None, asked)), pa.string())}))
    items = sorted(pack.items)
    names = [item.removeprefix(NAMED) for item in items if item.startswith(NAMED)]
    _table(con, "known_item", pa.table({"item": pa.array(items, pa.string())}))
    _table(con, "known_name", pa.table({"name": pa.array(names, pa.string())}))


def _asks(plan: Plan, frame: str) -> bool:
    aggregates = plan.kind.checks[plan.choice].aggregates().values()
    return any(isinstance(a, Exists) and a.frame == frame for a in aggregates)


def _cell(value):
    return list(value) if isinstance(value, tuple | list) else value


def _suffix(plan: Plan) -> str:
    return f"{plan.kind.name}_{plan.choice}".replace("-", "_").rstrip("_")


def _table(con: duckdb.DuckDBPyConnection, name: str, data: pa.Table) -> None:
    con.register("arriving", data)
    con.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS SELECT * FROM arriving')
    con.unregister("arriving")


def statement(plan: Plan, scope: Scope = Scope(), dialect: str = "duckdb", placed: str = "TRUE") -> str:
    """The statement of a plan in a dialect, for running or for reading; `placed` tells where its rules hold."""
    return dialect_sql(_statement(plan, scope, placed).sql(), dialect)


def _statement(plan: Plan, scope: Scope, placed: str) -> KindStatement:
    lengths = {
        f"know.{name}": tuple(sorted({len(p) for k in plan.known for p in as_codes(k.values[name])}))
        for name in prefix_columns(plan.kind)
    }
    return KindStatement(plan.kind, plan.choice, lengths, f"{scope.sql()} AND {placed}", plan.scoped)


def _placed(plan: Plan, pack: Effective) -> str:
    """The condition that a row lies where its rule holds: in a group of fund areas and providers that is the rule's."""
    rules = sorted({k.rule for k in plan.known} & set(pack.places))
    if not rules:
        return "TRUE"
    whens = ""
    for number, group in enumerate(pack.groups[:-1]):
        among = f"fund_area IN ({', '.join(text(area) for area in sorted(group.areas))})"
        provider = f" AND provider = {text(group.provider)}" if group.provider else ""
        whens += f" WHEN {among}{provider} THEN {number}"
    group = f"CASE{whens} ELSE {len(pack.groups) - 1} END"
    held = [f"(rule = {rule} AND {group} IN ({', '.join(map(str, sorted(pack.places[rule])))}))" for rule in rules]
    return f"(rule NOT IN ({', '.join(map(str, rules))}) OR {' OR '.join(held)})"


def run(
    con: duckdb.DuckDBPyConnection,
    pack: Effective,
    scope: Scope = Scope(),
    step: Callable[[str], None] = lambda name: None,
    sales: Callable[[str], str] = "SELECT * FROM frame_sale WHERE {}".format,
) -> None:
    """Run every plan; afterwards `flag`, `flag_line` and `unknown` hold the answers. Knowledge must be loaded.

    `sales` writes the query for any net fee lines that meet a condition: what visits and sales that are flagged carry.
    """
    con.execute(_EMPTY)
    for plan in pack.plans:
        step(_suffix(plan))
        placed = _placed(plan, pack)
        hit = statement(plan, scope, placed=placed)
        whole = isinstance(plan.kind.checks[plan.choice].amount, WholeVisit)
        told = f"'{plan.kind.frame.name}' AS frame, {whole} AS whole_visit"
        con.execute(f"INSERT INTO hit BY NAME SELECT *, {told} FROM ({hit})")
        if plan.kind.needed(plan.choice):
            con.execute(_UNCOVERED.format(uncovered=_statement(plan, scope, placed).uncovered()))
    step("merge")
    con.execute(_MERGE)
    carrying = ", ".join(text(frame.name) for frame in FRAMES.values() if _on_sale(frame))
    flagged = f"SELECT visit FROM flag WHERE verdict = 'flagged' AND (whole_visit OR frame IN ({carrying}))"
    wanted = f"visit IN ({flagged})" if con.execute(f"{flagged} LIMIT 1").fetchone() else "FALSE"
    carried = "provider, visit, line, in_scope, settlement"
    con.execute(f"CREATE OR REPLACE TEMP TABLE flag_sale AS SELECT {carried} FROM ({sales(wanted)})")
    con.execute(_lines())


_EMPTY = """
CREATE OR REPLACE TEMP TABLE hit (
  rule INTEGER, frame VARCHAR, key VARCHAR, krow INTEGER, day DATE, fund_area VARCHAR, care_area VARCHAR,
  person BIGINT, provider VARCHAR, visit VARCHAR, line VARCHAR, verdict VARCHAR, missing VARCHAR, amount BIGINT,
  quantity BIGINT, whole_visit BOOLEAN, why VARCHAR, witnesses STRUCT(d DATE, s BIGINT, k VARCHAR)[]);
"""

_UNCOVERED = """
INSERT INTO hit BY NAME
SELECT rule, provider, provider AS key, 'provider' AS frame, 'cannot_tell' AS verdict, 0 AS krow, day, missing
FROM ({uncovered})
"""

# Several knowledge rows of one rule may hit one row: one finding, explained by the largest amount, naming all of them.
_MERGE = """
CREATE OR REPLACE TEMP TABLE flag AS
SELECT rule, frame, key, krow, krows, day, fund_area, care_area, person, provider, visit, line, verdict, amount,
       quantity, whole_visit, why, [w.k for w in witnesses] AS witnesses
FROM (
  SELECT *, LIST(krow) OVER (PARTITION BY rule, frame, key) AS krows,
         ROW_NUMBER() OVER (
           PARTITION BY rule, frame, key ORDER BY verdict = 'flagged' DESC, COALESCE(amount, 0) DESC, krow) AS place
  FROM hit WHERE verdict <> 'cannot_tell'
) WHERE place = 1;
CREATE OR REPLACE TEMP TABLE unknown AS
SELECT rule, frame, key, ARG_MIN(missing, {'k': krow, 'd': day, 'm': missing}) AS missing, MIN(day) AS day,
       ANY_VALUE(person) AS person, ANY_VALUE(provider) AS provider
FROM hit WHERE verdict = 'cannot_tell'
  AND NOT EXISTS (FROM flag WHERE flag.rule = hit.rule AND flag.frame = hit.frame AND flag.key = hit.key)
GROUP BY rule, frame, key;
"""

# The lines of flagged lines are at hand; only those of visits and of sales are looked up in the lake.
_LINES = """
CREATE OR REPLACE TEMP TABLE flag_line AS
{lines};
UPDATE flag SET amount = s.amount
FROM (SELECT rule, frame, key, SUM(amount)::BIGINT AS amount FROM flag_line GROUP BY ALL) AS s
WHERE flag.rule = s.rule AND flag.frame = s.frame AND flag.key = s.key;
UPDATE flag SET amount = 0 WHERE amount IS NULL AND verdict = 'flagged';
"""
_CARRIED = """
SELECT f.rule, f.frame, f.key, l.provider, l.visit, l.line, {amount} AS amount, l.in_scope, l.settlement
FROM flag AS f JOIN {source} AS l ON l.provider = f.provider AND l.visit = f.visit{same_line}
WHERE f.verdict = 'flagged' AND f.frame = '{frame}'
"""


def _lines() -> str:
    part, whole = "LEAST(COALESCE(f.amount, 0), l.in_scope)", "l.in_scope"
    parts = []
    for frame in FRAMES.values():
        if frame.name == "line" or _on_sale(frame):
            source = "flag_sale" if _on_sale(frame) else "frame_line"
            parts.append((frame.name, source, part, " AND l.line = f.line"))
        elif "visit" in frame.columns:
            parts.append((frame.name, "flag_sale", whole, " AND f.whole_visit"))
    carried = (_CARRIED.format(frame=f, source=s, amount=a, same_line=j) for f, s, a, j in parts)
    return _LINES.format(lines=" UNION ALL ".join(carried))


def _on_sale(frame: Frame) -> bool:
    """Whether a flagged row carries a line that has to be looked up: any but those whose item some rule knows."""
    return frame.drawn_from in ("line", "trace") and frame.name != "line"


def frame_rows(con: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[object] = ()) -> Iterable[dict]:
    """Rows of a query as dictionaries, for small answers."""
    cursor = con.execute(query, list(parameters))
    names = [d[0] for d in cursor.description or []]
    return (dict(zip(names, row, strict=True)) for row in cursor.fetchall())
