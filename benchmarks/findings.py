"""A home with millions of invented findings, for measuring the desk: lines of the sample city, invented wrongs.

The same number and seed give the same rows (deadlines lie around the day given). Everything is written by COPY in one
transaction, indexes and keys made afterwards, so five million findings take minutes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any, LiteralString, cast

import psycopg
import pyarrow as pa

from benchmarks.city import folder, forget, mingcha, sample
from mingcha.desk.audit import lists
from mingcha.desk.audit.handover import copy_table
from mingcha.desk.migrate import ready
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.knowledge.archive import keep_library
from mingcha.knowledge.library import Library
from mingcha.knowledge.pack import load
from mingcha.knowledge.shipped import shipped_pack
from mingcha.procedure.identity import finding_id
from mingcha.records.lake import Lake
from mingcha.terms.errors import UsageError

LINES = 1_000_000
"""Fee lines of the city that the findings point at; what goes beyond points at invented visits."""
SLICE = 250_000
SHARES = {
    "first": 0.04, "notified": 0.02, "appealed": 0.004, "upheld": 0.001, "panel": 0.0005, "final": 0.005,
    "signed": 0.01, "lead": 0.01, "revoked": 0.05, "deducted": 0.1, "dropped": 0.42, "withdrawn": 1.0,
}  # fmt: skip
"""Which part of the findings stands at each step; the last takes what is left. Of five million, 200,000 are open."""
WAYS = {
    "notified": ("adopt",), "appealed": ("adopt", "appeal"), "upheld": ("adopt", "appeal", "uphold"),
    "panel": ("adopt", "appeal", "ask-panel"), "final": ("adopt", "accept"), "signed": ("adopt", "accept", "sign"),
    "deducted": ("adopt", "accept", "sign", "deduct"), "dropped": ("drop",), "lead": ("make-lead",),
    "revoked": ("adopt", "appeal", "grant"),
}  # fmt: skip
"""How people brought them there; each row of history is one of these moves."""
TABLES = ("finding", "observation", "finding_line", "review_act", "review_move")


@dataclass(frozen=True)
class Wish:
    """How many findings, from which seed, with deadlines around which day."""

    findings: int
    seed: int
    day: date


def home(findings: int, seed: int = 1, day: date | None = None) -> Path:
    """A kept home with so many findings, made where it isn't there yet."""
    place, done = folder() / f"desk-{findings}", folder() / f"desk-{findings}.complete"
    if not done.is_file():
        forget(place)
        mingcha(place, "import", str(sample(LINES)), "--json")
        seed_home(Home.open(place, environ={}), Wish(findings, seed, day or date.today()))
        done.touch()
    mingcha(place, "up", "--no-desk", "--no-gate")  # a home kept from an older version is upgraded
    return place


def seed_home(place: Home, wish: Wish) -> None:
    """Write the findings into a home that holds the city. UsageError for anybody's own home, and one with findings."""
    if folder().resolve() not in place.path.resolve().parents:
        raise UsageError(
            f"{place.path} 不在 {folder()} 之下，不写入虚构的疑点。",
            f"{place.path} is not below {folder()}: no invented findings are written there.",
        )
    ready(place)
    library = Library.of(load(shipped_pack()))
    keep_library(library, place.packs)
    with (
        Lake.open(place, read_only=True) as lake,
        connect(place, "owner") as owner,
        psycopg.ClientCursor(owner) as cursor,
    ):
        cursor.execute("SELECT set_config('mingcha.scope', '*', true)")
        cursor.execute("SELECT EXISTS (SELECT FROM finding)")
        if cursor.fetchone() == (True,):
            raise UsageError(f"{place.path} 里已有疑点。", f"{place.path} holds findings already.")
        _write(cursor, lake, library, wish)
    with connect(place, "owner", autocommit=True) as owner:
        owner.execute("VACUUM (ANALYZE)")


def _write(cursor: psycopg.Cursor, lake: Lake, library: Library, wish: Wish) -> None:
    cursor.execute("SET LOCAL work_mem = '256MB'; SET LOCAL maintenance_work_mem = '1GB'")
    lists.refresh(cursor, pack=library, lake=lake)
    values = {"pack": library.hash, "version": str(library.version), "watermark": lake.watermark(),
              "snapshot": lake.snapshot(), "day": wish.day, "ways": json.dumps(WAYS),
              "moves": json.dumps(_moves())}  # fmt: skip
    _run(cursor, "audit", values)
    rebuild = _without_indexes(cursor)
    rules = [(rule.id, rule.name, rule.certainty) for rule in library.rules]
    for table in _slices(lake, wish, rules):
        copy_table(cursor, "staged_finding", table)
    for step in ("findings", "history", "money"):
        _run(cursor, step, values)
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # what waits for the end keeps tables from being altered
    for statement in rebuild:
        cursor.execute(statement)
    _run(cursor, "totals", values)


def _moves() -> dict[str, Any]:
    from mingcha.procedure.review import MOVES

    return {name: {"level": kind.whose, "after": kind.after, "reason": "示例理由" if kind.reason else "",
                   "outcome": kind.outcome} for name, kind in MOVES.items()}  # fmt: skip


def _without_indexes(cursor: psycopg.Cursor) -> list[bytes]:
    """Drop what slows the writing; the statements that make it again, keys before what points at them."""
    names = [f"public.{name}" for name in TABLES]
    cursor.execute(
        "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype IN ('p', 'u', 'f') AND (conrelid = ANY(%(names)s::regclass[])"
        " OR (contype = 'f' AND confrelid = ANY(%(names)s::regclass[]))) ORDER BY contype = 'f' DESC, contype",
        {"names": names},
    )
    keys = cursor.fetchall()
    for table, name, _ in keys:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}".encode())
    cursor.execute("SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
                   " WHERE indrelid = ANY(%s::regclass[])", [names])  # fmt: skip
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f"DROP INDEX {name}".encode())
    order = sorted(keys, key=lambda key: ("PUF".find(key[2][0]), key[2]))  # PRIMARY KEY, UNIQUE, FOREIGN KEY
    made = [f"ALTER TABLE {table} ADD CONSTRAINT {name} {text}" for table, name, text in order]
    return [text.encode() for text in ([text for _, text in indexes] + made)]


def _slices(lake: Lake, wish: Wish, rules: list[tuple[str, str, str]]) -> Iterator[pa.Table]:
    """The findings as tables of SLICE rows, drawn in DuckDB: number i is about the i-th line in an order by hash."""
    con, bound, steps = lake.con, 0.0, []
    for step, share in SHARES.items():
        bound = min(1.0, bound + share)
        steps.append((step, int(bound * wish.findings)))
    con.execute("CREATE OR REPLACE TEMP TABLE seed_rule (place INTEGER, rule VARCHAR, name VARCHAR, certainty VARCHAR)")
    con.executemany("INSERT INTO seed_rule VALUES (?, ?, ?, ?)", [(n, *rule) for n, rule in enumerate(rules)])
    con.execute("CREATE OR REPLACE TEMP TABLE seed_step (step VARCHAR, below BIGINT)")
    con.executemany("INSERT INTO seed_step VALUES (?, ?)", steps)
    con.execute(_text("city"), {"seed": wish.seed})
    for since in range(0, wish.findings, SLICE):
        values = {"seed": wish.seed, "since": since, "until": min(since + SLICE, wish.findings), "rules": len(rules),
                  "day": wish.day}  # fmt: skip
        table = con.execute(_text("draw"), values).to_arrow_table()
        identity = (table.column(name).to_pylist() for name in ("fund_area", "rule", "key"))
        numbers = [finding_id(area, rule, "line", key) for area, rule, key in zip(*identity, strict=True)]
        yield table.append_column("id", pa.array(numbers, pa.string()))


def _text(step: str) -> str:
    return (files("benchmarks") / "sql" / f"{step}.sql").read_text("utf-8")


def _run(cursor: psycopg.Cursor, step: str, values: dict[str, Any]) -> None:
    cursor.execute(cast("LiteralString", _text(step)), values)
