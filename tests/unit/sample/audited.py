"""The national pack over a city's files, on an engine fed by hand: no home and no lake, so a city takes seconds."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import duckdb

from mingcha.engines.effective import Effective, effective
from mingcha.engines.world import Runner, World
from mingcha.knowledge.pack import load
from mingcha.knowledge.shipped import shipped_pack
from mingcha.records.tables import TABLES
from mingcha.rules.finding import FLAGGED
from mingcha.rules.frames import FRAMES
from mingcha.sample.render.arrow import schema
from mingcha.terms.codes import care_class, level_of

Key = tuple[str, str, str, str]
"""rule, provider, visit, line"""

_AREAS = "fund_area_source AS fund_area, care_area_source AS care_area"
_PERSON = "(hash(person) >> 1)::BIGINT AS person"
_VISITS = f"""
    SELECT provider, visit, {_PERSON}, start_day, start_second, end_day, end_second, visit_type, channel, insurance,
           sex, birth_date, main_diagnosis, planned_readmission, admission_way, discharge_way,
           disease_program AS program, practitioner, ventilator_minutes, icu_minutes, special_nursing_days,
           first_nursing_days, second_nursing_days, third_nursing_days, {_AREAS}
    FROM visit"""
_LINES = f"""
    WITH refund AS (
        SELECT provider, visit, refund_of AS line, sum(quantity)::BIGINT AS quantity, sum(amount)::BIGINT AS amount,
               sum(coalesce(in_scope, amount))::BIGINT AS in_scope
        FROM fee_line WHERE refund_of IS NOT NULL GROUP BY ALL)
    SELECT f.provider, visit, line, {_PERSON}, service_day AS day, service_second AS second, item, item_name,
           f.quantity + coalesce(r.quantity, 0) AS quantity, f.amount + coalesce(r.amount, 0) AS amount,
           coalesce(f.in_scope, f.amount) + coalesce(r.in_scope, 0) AS in_scope,
           unit_price, days_supply, prescription, settlement, takehome, practitioner, list_type, charge_type, specialty,
           CASE WHEN f.item IS NOT NULL THEN f.item END AS code, f.in_scope + coalesce(r.in_scope, 0) AS stated,
           {_AREAS}
    FROM fee_line AS f LEFT JOIN refund AS r USING (provider, visit, line)
    LEFT JOIN (SELECT DISTINCT provider, department, specialty FROM department) AS d
        ON d.provider = f.provider AND d.department = f.executing_department
    WHERE f.refund_of IS NULL AND f.quantity + coalesce(r.quantity, 0) > 0"""
_PROVIDERS = """
    SELECT provider, level AS grade, type, area, contract_status, valid_from, (valid_to + 1)::DATE AS valid_until
    FROM provider"""
_DIAGNOSES = f"SELECT provider, visit, code, source, day_source AS day, {_PERSON}, {_AREAS} FROM diagnosis"
_OPERATIONS = f"""
    SELECT provider, visit, sequence, code, start_day AS day, start_second AS second, end_second, practitioner, is_main,
           {_PERSON}, {_AREAS}
    FROM operation"""
_TRACES = f"""
    SELECT provider, code, kind, event, moved_day AS day, moved_second AS second, {_PERSON}, visit, line, is_split,
           item, regexp_full_match(code, '8[0-9]{{19}}') AS well_formed, {_AREAS}
    FROM trace"""

_MONTHS = """
    WITH charged AS (
        SELECT provider, date_trunc('month', service_day)::DATE AS month, sum(amount)::BIGINT AS charges,
               coalesce(sum(amount) FILTER (charge_type IN ('09', '10', '11')), 0)::BIGINT AS drug,
               coalesce(sum(amount) FILTER (charge_type IN ('03', '04')), 0)::BIGINT AS exam,
               coalesce(sum(amount) FILTER (charge_type = '08'), 0)::BIGINT AS consumable,
               coalesce(sum(amount) FILTER (charge_type = '05'), 0)::BIGINT AS treatment,
               coalesce(sum(amount) FILTER (item LIKE '002103%'), 0)::BIGINT AS ct,
               coalesce(sum(amount) FILTER (item LIKE '002102%'), 0)::BIGINT AS mri
        FROM fee_line WHERE refund_of IS NOT NULL OR quantity > 0 GROUP BY ALL),
    stay AS (SELECT * FROM visit WHERE visit_type = '21'),
    stayed AS (
        SELECT provider, date_trunc('month', start_day)::DATE AS month, count(*) AS stays,
               count(*) FILTER (NOT coalesce(planned_readmission, false) AND EXISTS (
                   FROM stay AS o WHERE o.person = stay.person AND o.provider = stay.provider
                   AND o.start_day < stay.start_day AND stay.start_day - o.end_day BETWEEN 0 AND 31)) AS readmissions,
               count(*) FILTER (EXISTS (FROM diagnosis AS d WHERE d.provider = stay.provider AND d.visit = stay.visit
                                        AND d.code LIKE 'Y95%')) AS infections
        FROM stay GROUP BY ALL)
    SELECT * REPLACE (coalesce(stays, 0) AS stays, coalesce(readmissions, 0) AS readmissions,
                      coalesce(infections, 0) AS infections),
           0 AS unsorted, 0 AS uncoded, '' AS fund_area, '' AS care_area
    FROM charged LEFT JOIN stayed USING (provider, month)"""

_MEETINGS = f"""
    WITH bought AS (SELECT *, {_PERSON}_code FROM visit WHERE visit_type = '41' AND start_second IS NOT NULL)
    SELECT v.provider, v.visit, o.visit AS earlier, v.person_code AS person, v.start_day AS day,
           least(v.person_code, o.person_code) AS one, greatest(v.person_code, o.person_code) AS other,
           v.start_second AS second, '' AS fund_area, '' AS care_area
    FROM bought AS v JOIN bought AS o ON o.provider = v.provider AND o.start_day = v.start_day AND o.person <> v.person
    WHERE o.start_second BETWEEN v.start_second - 600 AND v.start_second
      AND (o.start_second, o.visit) < (v.start_second, v.visit)"""


_REGISTERS = {
    "enrolment": f"SELECT {_PERSON}, insurance, start_day, end_day, fund_area_source AS fund_area FROM enrolment",
    "person": f"SELECT {_PERSON}, DATE '0001-01-01' AS since, sex, birth_date, death_date FROM person",
    "event": f"""
        SELECT provider, event, kind, event_day AS day, event_second AS second, visit, result, terminal, {_PERSON},
               fund_area_source AS fund_area, care_area_source AS care_area
        FROM event""",
    "order": "SELECT provider, visit, order_no, start_day AS day, item, quantity FROM order_line",
    "report": f"""
        SELECT provider, report, concat_ws('/', item, indicator) AS part, kind, item, indicator, indicator_name, visit,
               coalesce(performed_day, reported_day) AS day, performed_second AS second, {_PERSON}, result, unit, images,
               study, is_positive, conclusion, fund_area_source AS fund_area, care_area_source AS care_area
        FROM report""",
    "device": """
        SELECT provider, device, device_class, valid_from,
               coalesce(valid_to + 1, DATE '9999-12-31')::DATE AS valid_until
        FROM device""",
    "settlement": f"""
        SELECT provider, settlement, visit, {_PERSON}, settled_day AS day, settled_second AS second, total, own_expense,
               invoice, in_scope - deductible_paid AS payable, pooled_pay, {_AREAS}
        FROM settlement AS s WHERE original_settlement IS NULL AND NOT EXISTS (
            FROM settlement AS u WHERE u.provider = s.provider AND u.original_settlement = s.settlement)""",
    "catalogue_item": """
        SELECT item, area, valid_from, coalesce(valid_to + 1, DATE '9999-12-31')::DATE AS valid_until, item_class
        FROM catalogue_item""",
    "practitioner": """
        SELECT practitioner, provider, valid_from, coalesce(valid_to + 1, DATE '9999-12-31')::DATE AS valid_until,
               title
        FROM practitioner""",
    "balance": f"""
        WITH charged AS ({_LINES}), had AS (
            SELECT provider, item, sum(quantity)::BIGINT AS bought, max(unit_price) AS price
            FROM movement WHERE kind = 'purchase' GROUP BY ALL)
        SELECT provider, item, max(day) AS day, sum(quantity)::BIGINT AS charged, any_value(list_type) AS list_type,
               coalesce((SELECT bought FROM had WHERE had.provider = c.provider AND had.item = c.item), 0) AS bought,
               coalesce((SELECT price FROM had WHERE had.provider = c.provider AND had.item = c.item), max(unit_price))
                   AS price,
               max(unit_price) AS sold_at,
               arg_max(person, day) AS person, arg_max(visit, day) AS visit,
               any_value(care_area) AS fund_area, any_value(care_area) AS care_area
        FROM charged AS c WHERE provider IN (SELECT provider FROM had) GROUP BY provider, item""",
    "routine": f"""
        WITH stay AS (
            SELECT provider, visit, date_trunc('month', start_day)::DATE AS month, care_area_source AS area,
                   count(*) OVER (PARTITION BY provider, date_trunc('month', start_day)) AS stays
            FROM visit WHERE visit_type = '21')
        SELECT provider, month, item, count(DISTINCT visit) AS done, any_value(stays) AS stays,
               min(area) AS fund_area, min(area) AS care_area
        FROM ({_LINES}) JOIN stay USING (provider, visit) WHERE item IS NOT NULL GROUP BY provider, month, item""",
    "pen": """
        SELECT provider, date_trunc('month', start_day)::DATE AS month, practitioner, count(*) AS written,
               sum(count(*)) OVER (PARTITION BY provider, date_trunc('month', start_day))::BIGINT AS prescriptions,
               '' AS fund_area, '' AS care_area
        FROM visit WHERE visit_type = '41' AND practitioner IS NOT NULL
        GROUP BY provider, date_trunc('month', start_day), practitioner""",
    "brief": f"""
        WITH charged AS (
            SELECT provider, visit, sum(amount)::BIGINT AS charges,
                   coalesce(sum(amount) FILTER (charge_type IN ('09', '10', '11')), 0)::BIGINT AS drug,
                   coalesce(sum(amount) FILTER (charge_type IN ('03', '04')), 0)::BIGINT AS exam,
                   coalesce(sum(amount) FILTER (charge_type = '05'), 0)::BIGINT AS treatment, 0::BIGINT AS unsorted,
                   count(DISTINCT item) FILTER (charge_type IN ('03', '04')) AS exams
            FROM ({_LINES}) GROUP BY provider, visit)
        SELECT v.provider, v.visit, {_PERSON}, start_day AS day, end_day - start_day AS nights, {_AREAS},
               c.* EXCLUDE (provider, visit)
        FROM visit AS v JOIN charged AS c USING (provider, visit)
        WHERE visit_type = '21' AND end_day - start_day BETWEEN 0 AND 7
          AND NOT EXISTS (FROM operation AS o WHERE o.provider = v.provider AND o.visit = v.visit)""",
    "census": """
        SELECT v.provider, night::DATE AS day, count(*) AS patients, any_value(beds) AS beds,
               arg_max(v.person, start_day) AS person, arg_max(visit, start_day) AS visit,
               any_value(care_area_source) AS fund_area, any_value(care_area_source) AS care_area
        FROM (SELECT * REPLACE ((hash(person) >> 1)::BIGINT AS person),
                     unnest(range(start_day, end_day, INTERVAL 1 DAY)) AS night FROM visit WHERE visit_type = '21') AS v
        JOIN (SELECT provider, max(beds) AS beds FROM provider GROUP BY provider) AS p USING (provider)
        GROUP BY v.provider, night""",
}


def facts(city: Path) -> duckdb.DuckDBPyConnection:
    """The tables of the contract with the later versions in force, as a reader of the files alone understands them."""
    con = duckdb.connect()
    for table in TABLES.values():
        files = sorted(city.glob(f"{table.name}/*.parquet")) or sorted(city.glob(f"{table.name}.parquet"))
        source = f"(SELECT *, '' AS filename FROM no_{table.name})"
        if files:
            source = f"read_parquet({[str(file) for file in files]}, filename = true, union_by_name = true)"
        else:
            con.register(f"no_{table.name}", schema(table.name).empty_table())
        con.execute(
            f"CREATE TABLE {table.name} AS SELECT * EXCLUDE (filename) FROM {source} "
            f"QUALIFY row_number() OVER (PARTITION BY {', '.join(table.key)} ORDER BY filename DESC) = 1"
        )
    return con


def world(city: Path, known: set[str]) -> World:
    """The rows as the engines' frames want them; items without a known code go by their official name."""
    con = facts(city)
    visits, lines = _records(con, _VISITS), _records(con, _LINES)
    for visit in visits:
        visit["care"] = care_class(visit["visit_type"], visit.pop("channel"))
    for line in lines:
        name = f"名称:{line.pop('item_name')}"
        line["item"] = name if name in known and line["item"] not in known else line["item"]
    providers = _records(con, _PROVIDERS)
    for provider in providers:
        provider["level"] = level_of(provider.pop("grade"))
    return {
        "visit": visits,
        "line": lines,
        "diagnosis": _records(con, _DIAGNOSES),
        "operation": _records(con, _OPERATIONS),
        "trace": _records(con, _TRACES),
        "provider": providers,
        **{name: _records(con, query) for name, query in _REGISTERS.items()},
        "provider_month": _records(con, _MONTHS),
        "meeting": _records(con, _MEETINGS),
    }


@cache
def national() -> Effective:
    """The pack that came with the product, ready to run."""
    pack = load(shipped_pack())
    return effective(pack, pack.audited)


def audited(city: Path, engine: str = "duckdb", plan: Effective | None = None) -> dict[Key, int]:
    """Every flagged line of the city with its own improper amount; what is flagged without a line has the line ""."""
    plan = plan or national()
    found: dict[Key, int] = {}
    rows = world(city, plan.items)
    for result in Runner(engine, plan).evaluate(rows):
        if result.verdict == FLAGGED:
            if not result.lines:
                provider, visit = result.key.split("|")[:2]
                visit = "" if "visit" not in FRAMES[result.frame].columns else visit
                visit = _visits_of(city, result.frame).get(result.key, visit)
                found[result.rule, provider, visit, ""] = result.amount or 0
            for share in result.lines:
                key = (result.rule, share.provider, share.visit, share.line)
                found[key] = found.get(key, 0) + share.amount
    return found


@cache
def _visits_of(city: Path, frame: str) -> dict[str, str]:
    """The visit a row without one in its key belongs to, by its key."""
    source, columns = FRAMES[frame].drawn_from, FRAMES[frame].key
    if "visit" in columns or "visit" not in FRAMES[frame].columns or source not in _REGISTERS:
        return {}
    return {"|".join(str(row[c]) for c in columns): row["visit"] for row in _records(facts(city), _REGISTERS[source])}


def told(path: Path) -> dict[Key, dict[str, str]]:
    """Rows of key.csv, near_misses.csv or plants.csv by rule, provider, visit and line."""
    with path.open(encoding="utf-8", newline="") as file:
        return {(r["rule"], r["provider"], r["visit"], r["line"]): r for r in csv.DictReader(file)}


def _records(con: duckdb.DuckDBPyConnection, query: str) -> list[dict]:
    return con.execute(query).to_arrow_table().to_pylist()
