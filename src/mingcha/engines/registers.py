"""Makes the frames that only audits read: registers, events and what is counted together from other tables."""

from __future__ import annotations

import duckdb

from mingcha.engines.effective import Effective
from mingcha.engines.expression import text
from mingcha.rules.frames import FRAMES

_SINCE = "DATE '0001-01-01'"
REGISTERS = {
    "enrolment": """
        SELECT person, insurance, start_day, end_day, fund_area
        FROM facts.enrolment WHERE person IS NOT NULL""",
    "person": f"""
        SELECT person, {_SINCE} AS since, CASE WHEN sex IN ('1', '2') THEN sex END AS sex, birth_date, death_date
        FROM facts.person WHERE person IS NOT NULL""",
    "event": """
        SELECT provider, event, kind, event_day AS day, event_second::BIGINT AS second, visit, result, terminal, person
        FROM facts.event""",
}
"""What they are made of, by the name of their rows."""


def make_registers(con: duckdb.DuckDBPyConnection, plan: Effective) -> None:
    """Create `frame_*` over schema `facts` for those frames that a rule of the plan reads, of everybody."""
    wanted = {name for each in plan.plans for name in each.kind.frames}
    for frame in (FRAMES[name] for name in sorted(wanted) if not FRAMES[name].at_hand):
        only = "".join(f" AND {column} = {text(value)}" for column, value in frame.only.items())
        query = REGISTERS[frame.drawn_from]
        con.execute(f"CREATE OR REPLACE TEMP VIEW frame_{frame.name} AS SELECT * FROM ({query}) WHERE TRUE{only}")
