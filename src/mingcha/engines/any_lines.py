"""Lines of whatever item, known to a rule or not: those of the few visits and persons that rules ask for.

Which visits, a first look at the columns in question finds: more than needed do no harm, and refunds stand with what
they take back. One scan reads the whole rows, for all frames that show them.
"""

from __future__ import annotations

from collections.abc import Set

import duckdb

from mingcha.engines.reach import EVERYBODY, Reach
from mingcha.records.views import net_lines
from mingcha.rules.frames import FRAMES

LINE_COLUMNS = """
  provider, visit, line, person, day, service_second::BIGINT AS second, fund_area, care_area, item, quantity,
  unit_price, amount, COALESCE(in_scope, amount) AS in_scope, days_supply::BIGINT AS days_supply, prescription,
  settlement, takehome, practitioner"""
ANY_ITEM = "COALESCE(item, '名称:' || item_name, '')"
"""An item without a national code goes by its name."""
CATALOGUED = "item AS code, list_type, in_scope AS stated"
"""What is asked of a line that is looked up in the catalogue."""
_NAMED = LINE_COLUMNS.replace(" item,", f" {ANY_ITEM} AS item,")
_ASKED = {"trace", "sale", "basket", "history"}
_VISITS = """
SELECT visit FROM frame_trace
UNION ALL SELECT visit FROM frame_line SEMI JOIN basket_item USING (item)
UNION ALL SELECT visit FROM frame_diagnosis WHERE code IN (SELECT item FROM basket_item)"""
_PERSONS = "SELECT person FROM frame_line SEMI JOIN history_item USING (item)"
_SUSPECT = {
    "miscounted": """
        SELECT visit FROM lake.fee_line
        WHERE refund_of IS NULL AND ABS(quantity::HUGEINT * unit_price - amount::HUGEINT * 1000000) > 1000000""",
    "stray": """
        SELECT l.visit FROM lake.fee_line AS l JOIN frame_visit AS v ON v.provider = l.provider AND v.visit = l.visit
        WHERE v.care = 'I' AND (l.day < v.start_day OR l.day > v.end_day)""",
    "signed": """
        WITH signing AS (
          SELECT provider, practitioner, MIN(day) AS first, MAX(day) AS last
          FROM lake.fee_line WHERE practitioner IS NOT NULL GROUP BY provider, practitioner
        ), dubious AS (
          SELECT provider, practitioner FROM signing AS s ANTI JOIN frame_practitioner AS p
          ON p.provider = s.provider AND p.practitioner = s.practitioner
          AND p.valid_from <= s.first AND p.valid_until > s.last
        )
        SELECT visit FROM lake.fee_line SEMI JOIN dubious USING (provider, practitioner)""",
    "dispensed": """
        WITH drug AS MATERIALIZED (
          SELECT person, day, visit FROM lake.fee_line
          SEMI JOIN (FROM frame_visit WHERE care IS DISTINCT FROM 'I' AND care IS DISTINCT FROM 'P') USING (visit)
          WHERE refund_of IS NULL AND (item LIKE 'X%' OR item LIKE 'Z%')
        )
        SELECT visit FROM drug
        SEMI JOIN (SELECT person, day FROM drug GROUP BY person, day HAVING COUNT(*) > 3) USING (person, day)""",
    "unlisted": """
        WITH payable AS (
          SELECT item FROM frame_catalogue_item, (SELECT MIN(day) AS first, MAX(day) AS last FROM lake.fee_line)
          WHERE item_class <> '03' AND valid_from <= first AND valid_until > last
        )
        SELECT visit FROM lake.fee_line ANTI JOIN payable USING (item)
        WHERE refund_of IS NULL AND (in_scope IS NULL OR in_scope > 0) AND EXISTS (FROM frame_catalogue_item)""",
}
_DOSE = "item LIKE 'XJ01%' AND visit IN (SELECT visit FROM frame_operation)"


def sales(where: str) -> str:
    """The query for any net fee lines of the lake that meet a condition, as `engines.duckdb.run` asks for them.

    An item without a national code goes by its name, so that a rule may ask what else was charged.
    """
    return net_lines(_NAMED, f"person IS NOT NULL AND {where}")


def asked_for(asked: Set[str]) -> str:
    """The condition of those net fee lines that the frames of any line are asked for, beside the suspects'."""
    return f"(visit IN ({_VISITS}) OR person IN ({_PERSONS}))" if asked & _ASKED else "FALSE"


def make_any_lines(con: duckdb.DuckDBPyConnection, asked: Set[str], reach: Reach) -> None:
    """Create `frame_sale` and the other frames of any line that are asked for; registers must be made.

    Of a part of the persons every line is at hand, in `own_line`.
    """
    suspects = [n for n in sorted(asked) if FRAMES[n].drawn_from == "line" and not FRAMES[n].at_hand]
    suspects = [name for name in suspects if name != "prescribed"]
    if reach == EVERYBODY:
        _of_everybody(con, asked, suspects)
    else:
        own = f"SELECT * EXCLUDE (item_name, person_bucket) REPLACE ({ANY_ITEM} AS item) FROM own_line"
        con.execute(f"CREATE OR REPLACE TEMP TABLE any_line AS {own}")
        con.execute(f"CREATE OR REPLACE TEMP TABLE suspect_line AS {own} WHERE {reach.persons}")
    for frame in ("sale", "basket", "history"):
        con.execute(f"CREATE OR REPLACE TEMP VIEW frame_{frame} AS FROM any_line")
    for frame in suspects:
        con.execute(f"CREATE OR REPLACE TEMP VIEW frame_{frame} AS FROM suspect_line")


def _of_everybody(con: duckdb.DuckDBPyConnection, asked: Set[str], suspects: list[str]) -> None:
    looks = [f"({_SUSPECT[frame]})" for frame in suspects if frame in _SUSPECT]
    visits = " UNION ALL ".join(looks) or "SELECT visit FROM frame_visit WHERE FALSE"
    con.execute(f"CREATE OR REPLACE TEMP TABLE suspect AS SELECT DISTINCT visit FROM ({visits})")
    wanted = ["SELECT visit FROM suspect", *([_VISITS] if asked & _ASKED else [])]
    who = [f"visit IN ({' UNION ALL '.join(wanted)})"]
    who += [f"person IN ({_PERSONS})"] if asked & _ASKED else []
    who += [f"({_DOSE})"] if "dose" in suspects else []
    lines = net_lines(f"{_NAMED}, {CATALOGUED}", f"person IS NOT NULL AND ({' OR '.join(who)})")
    con.execute(f"CREATE OR REPLACE TEMP TABLE any_line AS {lines}")
    mine = "visit IN (SELECT visit FROM suspect)" + (f" OR ({_DOSE})" if "dose" in suspects else "")
    con.execute(f"CREATE OR REPLACE TEMP TABLE suspect_line AS FROM any_line WHERE {mine}")
