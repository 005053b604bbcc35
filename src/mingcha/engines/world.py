"""A world: a handful of rows drawn in a test or a rule's case, run on either engine to the same kind of answer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from mingcha.engines.duckdb import ARROW, load_knowledge, run
from mingcha.engines.effective import ALWAYS, Effective
from mingcha.engines.memory import Memory
from mingcha.engines.registers import make_senders
from mingcha.rules.finding import Result, Share
from mingcha.rules.frames import FRAMES, Frame

World = Mapping[str, Iterable[Mapping[str, Any]]]
"""Rows by frame name, in the frames' columns; a column left out is missing. A provider's `level` may stand alone."""

ENGINES = ("memory", "duckdb")


class Runner:
    """An engine with a pack loaded once, for many small worlds."""

    def __init__(self, engine: str, pack: Effective) -> None:
        if engine not in ENGINES:
            raise ValueError(f"no engine {engine}; there are {', '.join(ENGINES)}")
        self.pack = pack
        self.memory = Memory(pack) if engine == "memory" else None
        self.con = duckdb.connect() if engine == "duckdb" else None
        if self.con is not None:
            self.con.execute("SET threads = 1")  # worlds are small: threads would only wait for each other
            load_knowledge(self.con, pack)

    def evaluate(self, world: World) -> list[Result]:
        """Every answer that is not clear, sorted by rule, frame and key."""
        if self.memory is not None:
            found = self.memory.audit(world)
        else:
            assert self.con is not None
            load_frames(self.con, world)
            make_senders(self.con, self.pack, "frame_{}".format)
            run(self.con, self.pack)
            found = read_results(self.con, self.pack)
        return sorted(found, key=lambda r: (r.rule, r.frame, r.key))


def evaluate(engine: str, pack: Effective, world: World) -> list[Result]:
    """One world on one engine."""
    return Runner(engine, pack).evaluate(world)


def load_frames(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """The world's rows as relations `frame_*`."""
    for frame in FRAMES.values():
        rows = (row for row in world.get(frame.drawn_from, ()) if all(row.get(n) == v for n, v in frame.only.items()))
        con.register("arriving", arrow(frame, rows))
        con.execute(f"CREATE OR REPLACE TEMP TABLE frame_{frame.name} AS SELECT * FROM arriving")
        con.unregister("arriving")


def arrow(frame: Frame, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows as a table with every column of the frame; providers get the period in which they are valid."""
    rows = [dict(row) for row in rows]
    kinds = dict(frame.columns)
    if frame.name == "provider":
        for row in rows:
            row["valid_from"] = row.get("valid_from") or date(1, 1, 1)
            row["valid_until"] = row.get("valid_until") or ALWAYS
            row["level_text"] = None if row.get("level") is None else str(row["level"])
    columns = {name: pa.array([row.get(name) for row in rows], ARROW[kind]) for name, kind in kinds.items()}
    return pa.table(columns)


def read_results(con: duckdb.DuckDBPyConnection, pack: Effective) -> list[Result]:
    """The tables a run leaves, as results: small worlds only."""
    shares: dict[tuple, list[Share]] = {}
    for rule, frame, key, *share in con.execute(
        "SELECT rule, frame, key, provider, visit, line, amount, in_scope FROM flag_line ORDER BY ALL"
    ).fetchall():
        shares.setdefault((rule, frame, key), []).append(Share(*share))
    found = []
    for rule, frame, key, krows, day, person, verdict, amount, quantity, why, witnesses in con.execute(
        "SELECT rule, frame, key, krows, day, person, verdict, amount, quantity, why, witnesses FROM flag"
    ).fetchall():
        rows = tuple(row.id for k in sorted(krows) if (row := pack.known[k].row))
        found.append(
            Result(
                pack.rules[rule].id,
                frame,
                key,
                verdict,
                person,
                day,
                rows,
                amount,
                quantity,
                tuple(witnesses or ()),
                json.loads(why),
                None,
                tuple(shares.get((rule, frame, key), ())),
            )
        )
    for rule, frame, key, day, person, missing in con.execute(
        "SELECT rule, frame, key, day, person, missing FROM unknown"
    ).fetchall():
        found.append(Result(pack.rules[rule].id, frame, key, "cannot_tell", person, day, missing=missing))
    return found
