"""Makes the frames out of the lake's views: `frame_*`, with the readings of code lists that rules ask for.

Fee lines are cut down once to the items some rule knows: every kind then works on a small table, and the lake is
scanned one time for all of them (reference: performance §2, semi-joins first).
"""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import replace

import duckdb

from mingcha.engines.any_lines import ANY_ITEM, CATALOGUED, LINE_COLUMNS, make_any_lines, sales
from mingcha.engines.effective import Effective
from mingcha.engines.expression import text
from mingcha.engines.reach import EVERYBODY, Reach
from mingcha.engines.registers import make_registers
from mingcha.records.views import gather_refunds, net_lines
from mingcha.rules.frames import FRAMES
from mingcha.terms.codes import CARE_OF_VISIT_TYPE, INTERNET_CHANNEL, LEVEL_OF_GRADE

_WARD = "COALESCE(executing_department, department) AS ward"
_WARDLESS = "executing_department IS NULL AND department IS NULL"
_KNOWN = "item IN (SELECT item FROM known_item)"
_OF_RULES = f"({_KNOWN} OR item_name IN (SELECT name FROM known_name))"
_CODE = f"CASE WHEN {_KNOWN} THEN item ELSE '名称:' || item_name END"
"""Some items have no national code: the official lists name them, and so does the pack, as "名称:…"."""


def _care() -> str:
    cases = " ".join(f"WHEN {text(prefix)} THEN {text(care)}" for prefix, care in CARE_OF_VISIT_TYPE.items())
    return f"CASE WHEN channel = {text(INTERNET_CHANNEL)} THEN 'N' ELSE CASE LEFT(visit_type, 2) {cases} END END"


def _level() -> str:
    cases = " ".join(f"WHEN {text(grade)} THEN {level}" for grade, level in LEVEL_OF_GRADE.items())
    return f"CASE level {cases} END"


def make_frames(con: duckdb.DuckDBPyConnection, plan: Effective, reach: Reach = EVERYBODY) -> Callable[[str], str]:
    """Create `frame_*` over schema `facts` for the rows in reach; `known_item` must be loaded.

    Frames that only audits read are made when a rule of the plan does.
    Fee lines and trace codes, the dearest to read, are left empty where no rule asks for them.
    Returns what `engines.duckdb.run` asks for further fee lines with. "Not stated" is no sex: codes other than 1 and 2
    are missing.
    """
    asked = {name for each in plan.plans for name in each.kind.frames}
    gather_refunds(con)
    _visits(con, reach)
    make_providers(con)
    _of_visits(con, "diagnosis", "provider, visit, code, source, day, person, fund_area, care_area", reach)
    _of_visits(
        con,
        "operation",
        "provider, visit, sequence, code, day, start_second::BIGINT AS second, person, is_main, fund_area, care_area",
        reach,
    )
    traced = any(FRAMES[name].drawn_from == "trace" for name in asked)  # packs too are sold on a line
    _traces(con, reach if traced else replace(reach, codes="FALSE"))
    more = _lines(con, asked) if reach == EVERYBODY else _own_lines(con, reach)
    make_registers(con, plan, reach)
    make_any_lines(con, asked, reach)
    return more


def _visits(con: duckdb.DuckDBPyConnection, reach: Reach) -> None:
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE frame_visit AS
        SELECT provider, visit, person, start_day, start_second::BIGINT AS start_second, end_day,
               end_second::BIGINT AS end_second, fund_area, care_area, visit_type, {_care()} AS care, insurance,
               CASE WHEN sex IN ('1', '2') THEN sex END AS sex,
               birth_date, main_diagnosis, planned_readmission, admission_way, discharge_way,
               disease_program AS program, department, practitioner,
               ventilator_minutes::BIGINT AS ventilator_minutes, icu_minutes::BIGINT AS icu_minutes,
               special_nursing_days::BIGINT AS special_nursing_days, first_nursing_days::BIGINT AS first_nursing_days,
               second_nursing_days::BIGINT AS second_nursing_days, third_nursing_days::BIGINT AS third_nursing_days
        FROM facts.visit WHERE {reach.persons}""")


def make_providers(con: duckdb.DuckDBPyConnection) -> None:
    """`frame_provider`: every version of every provider, with the time it holds."""
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE frame_provider AS
        SELECT provider, {_level()}::BIGINT AS level, ({_level()})::VARCHAR AS level_text, type, area, contract_status,
               since AS valid_from,
               LEAST(COALESCE(LEAD(since) OVER (PARTITION BY provider ORDER BY since), DATE '9999-12-31'),
                     COALESCE(valid_to + 1, DATE '9999-12-31'))::DATE AS valid_until
        FROM (SELECT *, COALESCE(valid_from, DATE '0001-01-01') AS since FROM facts.provider)""")


def _of_visits(con: duckdb.DuckDBPyConnection, name: str, columns: str, reach: Reach) -> None:
    """A table whose rows belong to visits and need not name the person."""
    query = f"SELECT {columns} FROM facts.{name}"
    if reach != EVERYBODY:
        unnamed = f"{query} SEMI JOIN ({reach.visits}) USING (provider, visit) WHERE person IS NULL"
        query += f" WHERE {reach.persons} UNION ALL {unnamed}"
    con.execute(f"CREATE OR REPLACE TEMP TABLE frame_{name} AS {query}")


def _traces(con: duckdb.DuckDBPyConnection, reach: Reach) -> None:
    query = f"""
        SELECT provider, code, kind, event, day, moved_second::BIGINT AS second, person, visit, line, is_split,
               fund_area, care_area
        FROM facts.trace WHERE {reach.codes}"""
    if reach != EVERYBODY:
        con.execute(f"CREATE OR REPLACE TEMP TABLE own_trace AS {query}")
        query = "FROM own_trace"
    con.execute(f"CREATE OR REPLACE TEMP VIEW frame_trace AS {query}")


def _lines(con: duckdb.DuckDBPyConnection, asked: Set[str]) -> Callable[[str], str]:
    """`frame_line` of everybody: the one scan that reads many whole rows, unless all that is asked is what was done."""
    mine = "person IS NOT NULL" if asked & {"line", "prescribed", "routine"} else "FALSE"
    if not any(FRAMES[name].drawn_from == "line" for name in asked):
        columns = f"provider, visit, line, person, {_CODE} AS item, in_scope, settlement"
        done = net_lines(columns, f"{_OF_RULES} AND {mine}")
        con.execute(f"CREATE OR REPLACE TEMP TABLE frame_line AS {done}")
        return sales
    columns = LINE_COLUMNS.replace(" item,", f" {_CODE} AS item,")
    charged = net_lines(f"{columns}, {_WARD}", f"{_OF_RULES} AND {mine}")
    con.execute(_SPECIALTY.format(charged=charged, wardless=f"lake.fee_line WHERE {_WARDLESS} AND {_OF_RULES}"))
    return sales


def _own_lines(con: duckdb.DuckDBPyConnection, reach: Reach) -> Callable[[str], str]:
    """The same of a part of the persons, whose lines are fetched once, all of them."""
    con.execute("""
        CREATE OR REPLACE TEMP TABLE buyer AS
        SELECT person FROM frame_trace WHERE person IS NOT NULL
        UNION SELECT person FROM facts.visit
        SEMI JOIN (FROM frame_trace WHERE person IS NULL) USING (provider, visit) WHERE person IS NOT NULL""")
    fetched = net_lines(f"{LINE_COLUMNS}, {_WARD}, item_name, person_bucket, {CATALOGUED}", reach.lines)
    con.execute(f"CREATE OR REPLACE TEMP TABLE own_line AS {fetched}")
    own = "* EXCLUDE (item_name, person_bucket, code, list_type, stated)"
    charged = f"SELECT {own} REPLACE ({_CODE} AS item) FROM own_line WHERE {reach.persons} AND {_OF_RULES}"
    con.execute(_SPECIALTY.format(charged=charged, wardless="own_line WHERE ward IS NULL"))
    return f"SELECT {own} REPLACE ({ANY_ITEM} AS item) FROM own_line WHERE {{}}".format


# Where a line names no department it was done in the department of the visit; the specialty is that of the day.
_SPECIALTY = """
CREATE OR REPLACE TEMP TABLE frame_line AS
WITH wards AS (
  SELECT provider, department, specialty, since AS valid_from,
         LEAST(COALESCE(LEAD(since) OVER (PARTITION BY provider, department ORDER BY since), DATE '9999-12-31'),
               COALESCE(valid_to + 1, DATE '9999-12-31'))::DATE AS valid_until
  FROM (SELECT *, COALESCE(valid_from, DATE '0001-01-01') AS since FROM facts.department)
), wardless AS (
  SELECT provider, visit, department FROM frame_visit
  SEMI JOIN (SELECT provider, visit FROM {wardless}) USING (provider, visit)
)
SELECT c.* EXCLUDE (ward), w.specialty
FROM ({charged}) AS c
LEFT JOIN wardless AS v ON v.provider = c.provider AND v.visit = c.visit
LEFT JOIN wards AS w
  ON w.provider = c.provider AND w.department = COALESCE(c.ward, v.department)
  AND c.day >= w.valid_from AND c.day < w.valid_until
"""
