"""Makes the frames out of the lake's views: `frame_*`, with the readings of code lists that rules ask for.

Fee lines are cut down once to the items some rule knows: every kind then works on a small table, and the lake is
scanned one time for all of them (reference: performance §2, semi-joins first).
"""

from __future__ import annotations

import duckdb

from mingcha.engines.expression import text
from mingcha.records.views import net_lines
from mingcha.terms.codes import CARE_OF_VISIT_TYPE, INTERNET_CHANNEL, LEVEL_OF_GRADE

_LINE_COLUMNS = """
  provider, visit, line, person, day, service_second::BIGINT AS second, fund_area, care_area, item, quantity,
  unit_price, amount, COALESCE(in_scope, amount) AS in_scope, days_supply::BIGINT AS days_supply, prescription,
  settlement"""


def _care() -> str:
    cases = " ".join(f"WHEN {text(prefix)} THEN {text(care)}" for prefix, care in CARE_OF_VISIT_TYPE.items())
    return f"CASE WHEN channel = {text(INTERNET_CHANNEL)} THEN 'N' ELSE CASE LEFT(visit_type, 2) {cases} END END"


def _level() -> str:
    cases = " ".join(f"WHEN {text(grade)} THEN {level}" for grade, level in LEVEL_OF_GRADE.items())
    return f"CASE level {cases} END"


def sales(where: str) -> str:
    """The query for any net fee lines of the lake that meet a condition, as `engines.duckdb.run` asks for them.

    An item without a national code goes by its name, so that a rule may ask what else was charged.
    """
    item = "COALESCE(item, '名称:' || item_name, '') AS item,"
    return net_lines(_LINE_COLUMNS.replace(" item,", f" {item}"), f"person IS NOT NULL AND {where}")


def make_frames(con: duckdb.DuckDBPyConnection, person: int | None = None) -> None:
    """Create `frame_*` over schema `facts`; `known_item` must be loaded. `person` narrows people's rows to one person.

    A person's rows suffice for kinds over people; trace codes pass from person to person and are never narrowed.
    "Not stated" is no sex: codes other than 1 and 2 are missing.
    """
    mine = " AND person IS NOT NULL"
    if person is not None:
        mine = f" AND person = {int(person)} AND person_bucket = {int(person) & 7}"
    # Some items have no national code: the official lists name them, and so does the pack, as "名称:…".
    known = "item IN (SELECT item FROM known_item)"
    named = f"item_name IN (SELECT name FROM known_name) AND ({known}) IS NOT TRUE"
    by_name = _LINE_COLUMNS.replace(" item,", " '名称:' || item_name AS item,")
    con.execute("CREATE OR REPLACE TEMP TABLE frame_line AS " + net_lines(_LINE_COLUMNS, f"{known}{mine}"))
    con.execute("INSERT INTO frame_line " + net_lines(by_name, f"{named}{mine}"))
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE frame_visit AS
        SELECT provider, visit, person, start_day, start_second::BIGINT AS start_second, end_day,
               end_second::BIGINT AS end_second, fund_area, care_area, visit_type, {_care()} AS care, insurance,
               CASE WHEN sex IN ('1', '2') THEN sex END AS sex,
               birth_date, main_diagnosis, planned_readmission, discharge_way
        FROM facts.visit WHERE TRUE{mine}""")
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE frame_provider AS
        SELECT provider, {_level()}::BIGINT AS level, ({_level()})::VARCHAR AS level_text, type, area,
               since AS valid_from,
               LEAST(COALESCE(LEAD(since) OVER (PARTITION BY provider ORDER BY since), DATE '9999-12-31'),
                     COALESCE(valid_to + 1, DATE '9999-12-31'))::DATE AS valid_until
        FROM (SELECT *, COALESCE(valid_from, DATE '0001-01-01') AS since FROM facts.provider)""")
    con.execute("""
        CREATE OR REPLACE TEMP TABLE frame_diagnosis AS
        SELECT provider, visit, code, source, day, person, fund_area, care_area FROM facts.diagnosis""")
    con.execute("""
        CREATE OR REPLACE TEMP VIEW frame_operation AS
        SELECT provider, visit, sequence, code, day, start_second::BIGINT AS second, person, is_main,
               fund_area, care_area
        FROM facts.operation""")
    con.execute("""
        CREATE OR REPLACE TEMP VIEW frame_trace AS
        SELECT provider, code, kind, event, day, moved_second::BIGINT AS second, person, visit, line, is_split,
               fund_area, care_area
        FROM facts.trace""")
    # One scan for all who ask for lines of whatever item; more of them than asked for do no harm.
    visits = "SELECT visit FROM frame_trace UNION ALL SELECT visit FROM frame_line SEMI JOIN basket_item USING (item)"
    persons = "SELECT person FROM frame_line SEMI JOIN history_item USING (item)"
    lines = sales(f"(visit IN ({visits}) OR person IN ({persons}))")
    con.execute(f"CREATE OR REPLACE TEMP TABLE frame_sale AS {lines}")
    for frame in ("basket", "history"):
        con.execute(f"CREATE OR REPLACE TEMP VIEW frame_{frame} AS SELECT * FROM frame_sale")
