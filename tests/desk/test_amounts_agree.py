"""The arithmetic of procedure.amounts and its set-based twin in SQL give the same on drawn claims."""

from __future__ import annotations

from importlib.resources import files

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mingcha.procedure.amounts import CERTAINTIES, Claim, book, own_amount, spread

pytestmark = pytest.mark.slow

_money = st.one_of(st.sampled_from([0, 1, 100]), st.integers(0, 10**6))
_claims = st.lists(
    st.tuples(st.sampled_from(["r1", "r2", "r10"]), st.sampled_from(CERTAINTIES), _money, st.one_of(st.none(), _money), st.booleans()),
    max_size=6,
)
_steps = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _sql(name: str) -> str:
    return (files("mingcha.desk.audit") / "sql" / f"{name}.sql").read_text("utf-8")


def _run(cursor: psycopg.Cursor, name: str) -> None:
    cursor.execute(_sql(name).encode())


@_steps
@given(st.lists(_claims, min_size=1, max_size=30))
def test_booking(job: psycopg.Connection, lines: list[list[tuple]]) -> None:
    claims = {
        str(number): [Claim(f"F{number}-{i}", rule, sure, money, frozen and min(frozen, money), frozen is not None and grows)
                      for i, (rule, sure, money, frozen, grows) in enumerate(drawn)]
        for number, drawn in enumerate(lines)
    }  # fmt: skip
    with job.transaction(force_rollback=True), psycopg.ClientCursor(job) as cursor:
        _run(cursor, "stage")
        cursor.executemany(
            "INSERT INTO claim VALUES ('H', 'V', %s, %s, %s, %s, %s, %s, %s)",
            [(at, c.finding, c.rule, c.certainty, c.amount, c.frozen, c.grows)
             for at, many in claims.items() for c in many],
        )
        _run(cursor, "book")
        cursor.execute("SELECT finding, counted_fen, counted_under FROM booked")
        found = {finding: (counted, under) for finding, counted, under in cursor.fetchall()}
    expected = {f: (b.counted, b.under) for many in claims.values() for f, b in book(many).items()}
    assert found == expected


@_steps
@given(st.lists(st.tuples(_money, st.lists(_money, min_size=1, max_size=8)), min_size=1, max_size=20))
def test_spreading(job: psycopg.Connection, visits: list[tuple[int, list[int]]]) -> None:
    with job.transaction(force_rollback=True), psycopg.ClientCursor(job) as cursor:
        _run(cursor, "stage")
        for number, (amount, weights) in enumerate(visits):
            cursor.execute(
                "INSERT INTO staged_flag VALUES (%s, 'r', 1, 'definite', 'visit', 'k', '', '', 'H', NULL, 'V', NULL,"
                " '2026-01-01', %s, NULL, '[]', '[]', '{}', '')",
                [str(number), amount],
            )
            cursor.executemany(
                "INSERT INTO staged_line VALUES (%s, 'H', 'V', %s, NULL, %s)",
                [(str(number), f"{at:02}", weight) for at, weight in enumerate(weights)],
            )
        _run(cursor, "spread")
        cursor.execute("SELECT finding, array_agg(own_fen ORDER BY line) FROM staged_claim GROUP BY finding")
        found = dict(cursor.fetchall())
    assert found == {str(number): spread(amount, weights) for number, (amount, weights) in enumerate(visits)}


@_steps
@given(st.lists(st.tuples(_money, st.one_of(st.none(), st.integers(-100, 10**6))), min_size=1, max_size=30))
def test_own_amounts(job: psycopg.Connection, lines: list[tuple[int, int | None]]) -> None:
    with job.transaction(force_rollback=True), psycopg.ClientCursor(job) as cursor:
        _run(cursor, "stage")
        cursor.execute(
            "INSERT INTO staged_flag VALUES ('f', 'r', 1, 'definite', 'visit', 'k', '', '', 'H', NULL, 'V', NULL,"
            " '2026-01-01', 0, NULL, '[]', '[]', '{}', '')"
        )
        cursor.executemany(
            "INSERT INTO staged_line VALUES ('f', 'H', 'V', %s, %s, %s)",
            [(f"{at:02}", amount, in_scope) for at, (amount, in_scope) in enumerate(lines)],
        )
        _run(cursor, "spread")
        cursor.execute("SELECT array_agg(own_fen ORDER BY line) FROM staged_claim")
        row = cursor.fetchone()
    assert row and row[0] == [own_amount(amount, in_scope) for amount, in_scope in lines]
