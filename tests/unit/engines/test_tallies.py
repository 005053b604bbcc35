"""What a provider's month adds up to, and that it adds up the same from any parts of the persons."""

from __future__ import annotations

import duckdb
import pytest

from mingcha.engines.tallies import make_partials, merge_partials

LINES = """
H1 | 2026-03-02 | 1 | 09   | XA01           | 1000 |   |  10000
H1 | 2026-03-31 | 2 | 11   | ZA01           |  500 |   |  10000
H1 | 2026-03-05 | 1 | 0301 | 00210300004000 |  300 |   |  10000
H1 | 2026-03-05 | 9 | 04   | 00250101000000 |  200 |   |  10000
H1 | 2026-03-05 | 9 | 08   |                |   50 |   |  10000
H1 | 2026-03-06 | 9 |      | 00210200003000 |   70 |   |  10000
H1 | 2026-04-01 | 1 | 09   | XA01           | -400 | 1 | -10000
H1 | 2026-03-09 | 1 | 05   | 00310000000000 | -999 |   | -10000
H2 | 2026-03-09 | 2 | 05   | 00310000000000 |  800 |   |  10000
"""
"""provider, day, person, charge category, item, fen, refund of, quantity"""

VISITS = """
H1 | a | 1 | I | 2026-01-20 | 2026-02-10 |
H1 | b | 1 | I | 2026-03-13 | 2026-03-13 |
H1 | c | 2 | I | 2026-02-01 | 2026-02-05 |
H1 | d | 2 | I | 2026-03-09 | 2026-03-12 |
H1 | e | 9 | I | 2026-03-20 | 2026-03-22 |
H1 | f | 9 | I | 2026-03-25 | 2026-03-27 | true
H1 | g | 9 | O | 2026-03-28 | 2026-03-28 |
H2 | h | 9 | I | 2026-03-30 |            |
"""
"""provider, visit, person, care, start, end, planned: b returns on day 31, d on day 32, f as planned."""


def _facts(persons: str) -> duckdb.DuckDBPyConnection:
    """The facts of the persons for whom a condition holds."""
    con = duckdb.connect()
    con.execute("CREATE SCHEMA facts")
    con.execute("""CREATE TABLE facts.fee_line (provider VARCHAR, service_day DATE, person BIGINT, charge_type VARCHAR,
                   item VARCHAR, amount BIGINT, refund_of VARCHAR, quantity BIGINT)""")
    con.execute("""CREATE TABLE frame_visit (provider VARCHAR, visit VARCHAR, person BIGINT, care VARCHAR,
                   start_day DATE, end_day DATE, planned_readmission BOOLEAN, care_area VARCHAR)""")
    con.execute("CREATE TABLE frame_diagnosis AS SELECT 'H1' AS provider, 'e' AS visit, 'Y95.x00' AS code")
    for table, drawn, width in (("facts.fee_line", LINES, 8), ("frame_visit", VISITS, 7)):
        for line in drawn.strip().splitlines():
            cells = [cell.strip() or None for cell in line.split("|")]
            row = cells + ["330500"] * (table == "frame_visit")
            assert len(cells) == width
            con.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
        con.execute(f"DELETE FROM {table} WHERE NOT ({persons})")
    make_partials(con)
    return con


def _months(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], dict]:
    merge_partials(con)
    rows = con.execute("FROM frame_provider_month ORDER BY provider, month").to_arrow_table().to_pylist()
    return {(row.pop("provider"), str(row.pop("month"))): row for row in rows}


def test_a_month_holds_what_was_charged_by_category_and_the_stays_that_began():
    months = _months(_facts("TRUE"))
    march = months["H1", "2026-03-01"]
    assert march["charges"] == 2120  # a negative line that takes nothing back is a matter of quality, not of money
    assert {n: march[n] for n in ("drug", "exam", "consumable", "treatment", "ct", "mri", "unsorted", "uncoded")} == {
        "drug": 1500, "exam": 500, "consumable": 50, "treatment": 0, "ct": 300, "mri": 70, "unsorted": 70, "uncoded": 50,
    }  # fmt: skip
    assert (march["stays"], march["readmissions"], march["infections"], march["bed_days"]) == (4, 1, 1, 8)
    assert months["H1", "2026-04-01"]["drug"] == -400  # a refund counts where it was booked
    assert months["H2", "2026-03-01"]["care_area"] == "330500"


@pytest.mark.parametrize("parts", [("person = 1", "person <> 1"), ("person = 9", "person = 2", "person = 1")])
def test_parts_of_the_persons_add_up_to_the_whole(parts):
    whole = _months(_facts("TRUE"))
    first, *others = map(_facts, parts)
    for other in others:
        for table in ("partial_charge", "partial_stay"):
            rows = other.execute(f"FROM {table}").to_arrow_table()
            first.register("arriving", rows)
            first.execute(f"INSERT INTO {table} BY NAME FROM arriving")
    assert _months(first) == whole
