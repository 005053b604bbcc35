"""Several runs over different parts of the lake, gathered into one set of answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import duckdb

from mingcha.engines.duckdb import Scope, load_knowledge, run
from mingcha.engines.effective import Effective
from mingcha.engines.frames import make_frames
from mingcha.engines.reach import Reach
from mingcha.engines.tallies import make_tallies

EVERYWHERE = Scope()
ANSWERS = ("flag", "flag_line", "unknown")


def run_passes(
    con: duckdb.DuckDBPyConnection,
    passes: Sequence[tuple[Effective, Reach]],
    scope: Scope = EVERYWHERE,
    step: Callable[[str], None] = lambda name: None,
) -> None:
    """Run each part of the pack within its reach; the answers of all of them stand in `flag`, `flag_line`, `unknown`.

    The parts must be of one pack (`Effective.only`), so that numbers mean the same, and share no rule.
    """
    for place, (pack, reach) in enumerate(passes):
        step("frames")
        load_knowledge(con, pack)
        sales = make_frames(con, pack, reach)
        make_tallies(con, pack)  # whatever compares providers is run over everybody
        run(con, pack, scope, step, sales)
        if len(passes) > 1:
            for name in ANSWERS:
                con.execute(f"INSERT INTO all_{name} FROM {name}" if place else
                            f"CREATE OR REPLACE TEMP TABLE all_{name} AS FROM {name}")  # fmt: skip
    if len(passes) > 1:
        for name in ANSWERS:
            con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM all_{name}")
            con.execute(f"DROP TABLE all_{name}")
