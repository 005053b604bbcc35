"""Makes the frames that only audits read: registers, events, and what is counted together from other tables."""

from __future__ import annotations

from collections.abc import Callable

import duckdb

from mingcha.engines.effective import Effective
from mingcha.engines.expression import text
from mingcha.engines.reach import EVERYBODY, Reach
from mingcha.engines.sql import by_provider, senders
from mingcha.engines.tallies import CATEGORIES
from mingcha.records.views import net_lines
from mingcha.rules.frames import FRAMES, Frame

_SINCE = "DATE '0001-01-01'"
_BRIEF = """
  SELECT provider, visit FROM frame_visit ANTI JOIN frame_operation USING (provider, visit)
  WHERE care = 'I' AND end_day - start_day BETWEEN 0 AND 7"""
_BRIEFLY = net_lines(
    "provider, visit, item, LEFT(charge_type, 2) AS charge_group, amount",
    f"person IS NOT NULL AND visit IN (SELECT visit FROM ({_BRIEF}))",
)
_OF_BUYERS = net_lines(
    "provider, item, quantity, day, list_type, person, visit, care_area, unit_price",
    "item IS NOT NULL AND provider IN (SELECT provider FROM bought)",
)
_AMONG = {name: f"FILTER (WHERE charge_group IN ({', '.join(map(text, codes))}))" for name, codes in CATEGORIES.items()}
_SUM = "COALESCE(SUM(amount) {}, 0)::BIGINT AS {}".format
_BY_CATEGORY = ", ".join(_SUM(_AMONG[name], name) for name in ("drug", "exam", "treatment"))
REGISTERS = {
    "enrolment": """
        SELECT person, insurance, start_day, end_day, fund_area
        FROM facts.enrolment WHERE person IS NOT NULL""",
    "person": f"""
        SELECT person, {_SINCE} AS since, CASE WHEN sex IN ('1', '2') THEN sex END AS sex, birth_date, death_date
        FROM facts.person WHERE person IS NOT NULL""",
    "event": """
        SELECT provider, event, kind, event_day AS day, event_second::BIGINT AS second, visit, result, terminal, person,
               fund_area, care_area
        FROM facts.event""",
    "order": "SELECT provider, visit, order_no, day, item, quantity FROM facts.order_line",
    "report": """
        SELECT provider, report, CONCAT_WS('/', item, indicator) AS part, kind, COALESCE(performed_day, day) AS day,
               performed_second::BIGINT AS second, item, indicator, indicator_name, visit, person, result, unit,
               images::BIGINT AS images, study, is_positive, conclusion, fund_area, care_area
        FROM facts.report WHERE is_valid IS DISTINCT FROM FALSE""",
    "device": f"""
        SELECT provider, device, device_class, COALESCE(valid_from, {_SINCE}) AS valid_from,
               COALESCE(valid_to + 1, DATE '9999-12-31')::DATE AS valid_until
        FROM facts.device""",
    "settlement": """
        SELECT provider, settlement, visit, person, settled_day AS day, settled_second::BIGINT AS second, total,
               own_expense, invoice, in_scope - deductible_paid AS payable, pooled_pay, fund_area, care_area
        FROM facts.settlement AS s
        ANTI JOIN (SELECT provider, original_settlement AS settlement FROM facts.settlement
                   WHERE original_settlement IS NOT NULL) AS undone USING (provider, settlement)
        WHERE original_settlement IS NULL AND person IS NOT NULL""",
    "visit": "SELECT * FROM frame_visit",
    "operation": """
        SELECT provider, visit, sequence, code, day, start_second::BIGINT AS second, end_second::BIGINT AS end_second,
               person, is_main, practitioner, fund_area, care_area
        FROM facts.operation""",
    "practitioner": f"""
        SELECT practitioner, provider, COALESCE(valid_from, {_SINCE}) AS valid_from,
               COALESCE(valid_to + 1, DATE '9999-12-31')::DATE AS valid_until, title
        FROM facts.practitioner""",
    "catalogue_item": f"""
        SELECT item, area, COALESCE(valid_from, {_SINCE}) AS valid_from,
               COALESCE(valid_to + 1, DATE '9999-12-31')::DATE AS valid_until, item_class
        FROM facts.catalogue_item WHERE item IS NOT NULL""",
    "trace": """
        SELECT provider, code, kind, event, day, moved_second::BIGINT AS second, person, visit, line, is_split, item,
               REGEXP_FULL_MATCH(code, '8[0-9]{19}') AS well_formed, fund_area, care_area
        FROM facts.trace""",
    "balance": f"""
        WITH bought AS (
          SELECT provider, item, MAX(unit_price) AS price,
                 SUM(CASE WHEN kind = 'purchase_return' THEN -quantity ELSE quantity END)::BIGINT AS bought
          FROM facts.movement WHERE kind IN ('purchase', 'purchase_return', 'stocktake') AND item IS NOT NULL
          GROUP BY provider, item
        ), charged AS (
          SELECT provider, item, SUM(quantity)::BIGINT AS charged, MAX(day) AS day, MIN(list_type) AS list_type,
                 ARG_MAX({{'p': person, 'v': visit, 'a': care_area}}, (day, visit)) AS last,
                 MAX(unit_price) AS charged_price
          FROM ({_OF_BUYERS}) GROUP BY provider, item
        )
        SELECT provider, item, day, charged, COALESCE(bought, 0) AS bought, list_type,
               COALESCE(price, charged_price) AS price, charged_price AS sold_at,
               last.p AS person, last.v AS visit, last.a AS fund_area,
               last.a AS care_area
        FROM charged LEFT JOIN bought USING (provider, item)""",
    "census": """
        WITH nights AS (
          SELECT provider, UNNEST(RANGE(start_day, end_day, INTERVAL 1 DAY))::DATE AS day, person, visit, care_area,
                 start_day
          FROM frame_visit WHERE care = 'I' AND end_day > start_day
        ), full_nights AS (
          SELECT provider, day, COUNT(*) AS patients, MIN(care_area) AS ward_area,
                 ARG_MAX({'p': person, 'v': visit}, (start_day, visit)) AS last
          FROM nights GROUP BY provider, day
        )
        SELECT n.provider, n.day, patients, p.beds::BIGINT AS beds, last.p AS person, last.v AS visit,
               ward_area AS fund_area, ward_area AS care_area
        FROM full_nights AS n
        LEFT JOIN facts.provider AS p ON p.provider = n.provider AND n.day >= COALESCE(p.valid_from, DATE '0001-01-01')
          AND n.day <= COALESCE(p.valid_to, DATE '9999-12-31')
        QUALIFY ROW_NUMBER() OVER (PARTITION BY n.provider, n.day ORDER BY p.valid_from DESC) = 1""",
    "routine": """
        WITH stay AS (
          SELECT provider, visit, DATE_TRUNC('month', start_day)::DATE AS month, care_area AS area,
                 COUNT(*) OVER (PARTITION BY provider, DATE_TRUNC('month', start_day)) AS stays
          FROM frame_visit WHERE care = 'I'
        )
        SELECT provider, month, item, COUNT(DISTINCT visit) AS done, ANY_VALUE(stays) AS stays,
               MIN(area) AS fund_area, MIN(area) AS care_area
        FROM frame_line JOIN stay USING (provider, visit) GROUP BY provider, month, item""",
    "pen": """
        WITH written AS (
          SELECT provider, DATE_TRUNC('month', v.start_day)::DATE AS month, f.practitioner, COUNT(*) AS written,
                 MIN(v.care_area) AS area
          FROM frame_visit AS v JOIN facts.visit AS f USING (provider, visit)
          WHERE v.care = 'P' AND f.practitioner IS NOT NULL GROUP BY ALL
        )
        SELECT provider, month, practitioner, written,
               SUM(written) OVER (PARTITION BY provider, month)::BIGINT AS prescriptions, area AS fund_area,
               area AS care_area
        FROM written""",
    "brief": f"""
        WITH charged AS (
          SELECT provider, visit, SUM(amount)::BIGINT AS charges, {_BY_CATEGORY},
                 {_SUM("FILTER (WHERE charge_group IS NULL)", "unsorted")},
                 COUNT(DISTINCT item) {_AMONG["exam"]} AS exams
          FROM ({_BRIEFLY}) GROUP BY provider, visit
        )
        SELECT provider, visit, person, start_day AS day, (end_day - start_day)::BIGINT AS nights, fund_area, care_area,
               c.* EXCLUDE (provider, visit)
        FROM frame_visit JOIN charged AS c USING (provider, visit) SEMI JOIN ({_BRIEF}) USING (provider, visit)""",
}
"""What they are made of, by the name of their rows."""


def make_registers(con: duckdb.DuckDBPyConnection, plan: Effective, reach: Reach) -> None:
    """Create `frame_*` over schema `facts` for those frames that a rule of the plan reads, and `sent_*` for its needs.

    Each register is read from the lake once, however many frames show it and however often a rule asks it. Rows of a
    person or a visit are those in reach; who ever sent something is asked of everybody.
    """
    wanted = {name for each in plan.plans for name in each.kind.frames}
    asked = [FRAMES[name] for name in sorted(wanted) if not (FRAMES[name].at_hand or FRAMES[name].wide)]
    for frame in {frame.drawn_from: frame for frame in asked if frame.drawn_from != "line"}.values():
        if frame.drawn_from == "visit":  # at hand
            con.execute("CREATE OR REPLACE TEMP VIEW register_visit AS FROM frame_visit")
            continue
        rows = f"FROM ({REGISTERS[frame.drawn_from]}) WHERE {_in_reach(frame, reach)}"
        con.execute(f"CREATE OR REPLACE TEMP TABLE register_{frame.drawn_from} AS {rows}")
    for frame in asked:
        if frame.drawn_from != "line":
            rows = f"FROM register_{frame.drawn_from} WHERE {_only(frame)}"
            con.execute(f"CREATE OR REPLACE TEMP VIEW frame_{frame.name} AS {rows}")
    if "prescribed" in wanted:
        con.execute("CREATE OR REPLACE TEMP VIEW frame_prescribed AS FROM frame_line")
    make_senders(con, plan, _all_of if reach == EVERYBODY else of_everybody)


def make_senders(con: duckdb.DuckDBPyConnection, plan: Effective, place: Callable[[str], str]) -> None:
    """Create `sent_*`: who ever sent what a rule of the plan needs. `place` names the rows of a frame, all of them."""
    for need in sorted({need for each in plan.plans for need in each.kind.needed(each.choice)}):
        con.execute(f"CREATE OR REPLACE TEMP TABLE {senders(need)} AS {sent(need, place)}")


def sent(need: str, place: Callable[[str], str]) -> str:
    """The query for the providers that sent what is needed, or for one row if somebody sent a register of persons."""
    frame, _, column = need.partition(".")
    given = f" WHERE {column} IS NOT NULL" if column else ""
    told = "SELECT DISTINCT provider" if by_provider(need) else "SELECT DISTINCT TRUE AS some"
    return f"{told} FROM {place(frame)}{given}"


def _all_of(name: str) -> str:
    """Where all rows of a frame stand in a run over everybody: of fee lines, only some are at hand."""
    return of_everybody(name) if name == "line" else f"frame_{name}"


def of_everybody(name: str) -> str:
    """The rows of a register's frame, or all fee lines or visits, as the views over the lake show them."""
    frame = FRAMES[name]
    if name == "line":
        return "(FROM facts.fee_line WHERE person IS NOT NULL)"
    if frame.drawn_from == "visit":
        return "(FROM facts.visit WHERE person IS NOT NULL)"
    return f"(FROM ({REGISTERS[frame.drawn_from]}) WHERE {_only(frame)})"


def _only(frame: Frame) -> str:
    return " AND ".join(f"{column} = {text(value)}" for column, value in frame.only.items()) or "TRUE"


def _in_reach(frame: Frame, reach: Reach) -> str:
    """Rows of nobody and of no visit, as of practitioners, are always in reach."""
    if reach == EVERYBODY:
        return "TRUE"
    if frame.drawn_from == "trace":
        return reach.codes
    mine = [reach.persons] if "person" in frame.columns else []
    mine += [f"(provider, visit) IN ({reach.visits})"] if "visit" in frame.columns else []
    return " OR ".join(mine) or "TRUE"
