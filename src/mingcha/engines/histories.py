"""What each person had, as the memory engine reads it: streamed from the lake person by person, for a gate to keep."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

import duckdb

from mingcha.engines.any_lines import asked_for
from mingcha.engines.duckdb import load_knowledge
from mingcha.engines.effective import Effective
from mingcha.engines.facts import KEPT, Values
from mingcha.engines.frames import make_frames
from mingcha.engines.reach import NEWS, find_news
from mingcha.rules.algebra import Kind
from mingcha.rules.frames import FRAMES

_BATCH = 20_000


def prepare(con: duckdb.DuckDBPyConnection, plan: Effective, since: int | None = None, mark: int = 0) -> int:
    """Make the tables that `stream` reads, from the lake's views; the number of persons in them.

    With `since`, only persons of whom batches after it up to `mark` tell something new; `memory.main.renewed` holds
    them all, also those of whom nothing is left.
    """
    load_knowledge(con, plan)
    if since is None:
        make_frames(con, plan)
    else:
        find_news(con, since, mark)
        make_frames(con, plan, NEWS)
        con.execute("CREATE OR REPLACE TABLE memory.main.renewed AS SELECT DISTINCT person FROM reach_person")
    asked = {name for each in plan.plans for name in each.kind.frames}
    rest = f"SELECT * FROM frame_sale ANTI JOIN frame_line USING (provider, visit, line) WHERE {asked_for(asked)}"
    whose = "person IS NOT NULL" if since is None else "person IN (FROM reach_person)"
    for name in KEPT:
        source = f"(FROM frame_line UNION ALL BY NAME {rest})" if name == "line" else f"frame_{name}"
        columns = ", ".join(FRAMES[name].columns)
        # Tables of the connection's own would be hidden from the cursors that read side by side.
        con.execute(f"CREATE OR REPLACE TABLE memory.main.kept_{name} AS"
                    f" SELECT person AS whose, {columns} FROM {source} WHERE {whose}")  # fmt: skip
    persons = " UNION ".join(f"SELECT whose FROM memory.main.kept_{name}" for name in KEPT)
    return con.execute(f"SELECT COUNT(*) FROM ({persons})").fetchall()[0][0]


def stream(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[int, Values]]:
    """Every person with their rows, by ascending person."""
    readers = [_rows(con.cursor(), name) for name in KEPT]
    waiting = [next(reader, None) for reader in readers]
    while any(waiting):
        person = min(head[0] for head in waiting if head)
        told: Values = {}
        for place, name in enumerate(KEPT):
            head = waiting[place]
            if head and head[0] == person:
                told[name] = head[1]
                waiting[place] = next(readers[place], None)
        yield person, told


def renewed(con: duckdb.DuckDBPyConnection) -> list[int]:
    """The persons whose histories `prepare` made again, ascending."""
    return [person for (person,) in con.execute("FROM memory.main.renewed ORDER BY person").fetchall()]


def _rows(con: duckdb.DuckDBPyConnection, name: str) -> Iterator[tuple[int, list[tuple[Any, ...]]]]:
    frame = FRAMES[name]
    days = [place for place, kind in enumerate(frame.columns.values()) if kind is Kind.DATE]
    con.execute(f"FROM memory.main.kept_{name} ORDER BY whose, {', '.join(frame.key)}")
    for person, rows in groupby(_fetched(con), key=itemgetter(0)):
        yield person, [_ordinals(row[1:], days) for row in rows]


def _fetched(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := con.fetchmany(_BATCH):
        yield from rows


def _ordinals(values: tuple[Any, ...], days: list[int]) -> tuple[Any, ...]:
    told = list(values)
    for place in days:
        if isinstance(told[place], date):
            told[place] = told[place].toordinal()
    return tuple(told)
