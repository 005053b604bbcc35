"""The files of a city: the contract's columns, money that adds up, the same bytes for the same seed, bounded memory."""

import hashlib
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from audited import told

from mingcha.records.tables import TABLES
from mingcha.sample.render.arrow import schema
from mingcha.sample.size import Size
from mingcha.sample.writing import write

THREE_BLOCKS = Size(lines=0, persons=240, blocks=3, plants=4)


def query(tables: duckdb.DuckDBPyConnection, sql: str) -> list[tuple]:
    return tables.execute(sql).fetchall()


def digests(directory: Path) -> dict[str, str]:
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    return {str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_table_comes_in_the_contracts_columns(small_city, name):
    files = [*small_city.glob(f"{name}.parquet"), *small_city.glob(f"{name}/*.parquet")]
    assert files
    for file in files:
        found = pq.read_schema(file)
        assert found.names == list(TABLES[name].names)
        assert found == schema(name)
        required = [column.name for column in TABLES[name].columns if column.required]
        assert all(column.null_count == 0 for column in pq.read_table(file, columns=required).columns)


@pytest.mark.slow
def test_keys_are_unique_but_for_copies_and_corrections(small_city):
    for table in TABLES.values():
        files = [*small_city.glob(f"{table.name}.parquet"), *small_city.glob(f"{table.name}/part-*.parquet")]
        key = ", ".join(table.key)
        doubled = duckdb.execute(
            f"SELECT count(*) FROM (SELECT DISTINCT * FROM read_parquet({[str(f) for f in files]})) "
            f"GROUP BY {key} HAVING count(*) > 1"
        ).fetchall()
        assert doubled == [], table.name


def test_settlements_equal_their_lines_to_the_fen(tables):
    wrong = query(
        tables,
        """
        WITH line AS (
            SELECT provider, settlement, sum(amount) AS total, sum(first_selfpay) AS first, sum(own_expense) AS own,
                   sum(in_scope) AS scope
            FROM fee_line GROUP BY ALL)
        SELECT * FROM settlement AS s FULL JOIN line AS l USING (provider, settlement)
        WHERE s.total IS DISTINCT FROM l.total OR s.first_selfpay <> l.first OR s.own_expense <> l.own
           OR s.in_scope <> l.scope""",
    )
    assert wrong == []


def test_what_is_paid_is_what_was_charged(tables):
    wrong = query(
        tables,
        """
        SELECT * FROM settlement
        WHERE total <> fund_total + person_total + hospital_pay
           OR fund_total <> pooled_pay + civil_pay + catastrophic_pay + large_amount_pay + assistance_pay + other_pay
           OR person_total <> account_pay + family_pay + cash_pay
           OR in_scope <> total - own_expense - over_ceiling - first_selfpay
           OR sign(total) * fund_total < 0 OR sign(total) * cash_pay < 0""",
    )
    assert wrong == []


def test_first_deliveries_add_up_before_their_corrections(small_city):
    wrong = duckdb.execute(f"""
        WITH line AS (
            SELECT provider, settlement, sum(amount) AS total
            FROM (SELECT DISTINCT * FROM read_parquet('{small_city}/fee_line/part-*.parquet')) GROUP BY ALL)
        SELECT * FROM read_parquet('{small_city}/settlement/part-*.parquet') AS s
        JOIN line AS l USING (provider, settlement) WHERE s.total <> l.total""").fetchall()
    assert wrong == []


def test_refunds_name_their_line_and_take_no_more_than_it_had(tables):
    wrong = query(
        tables,
        """
        WITH back AS (
            SELECT provider, visit, refund_of AS line, sum(quantity) AS quantity, sum(amount) AS amount
            FROM fee_line WHERE refund_of IS NOT NULL GROUP BY ALL)
        SELECT * FROM back AS b LEFT JOIN fee_line AS f USING (provider, visit, line)
        WHERE f.line IS NULL OR f.quantity + b.quantity < 0 OR f.amount + b.amount < 0""",
    )
    assert wrong == []
    assert query(tables, "SELECT count(*) > 20 FROM fee_line WHERE refund_of IS NOT NULL") == [(True,)]


def test_amounts_are_price_times_quantity(tables, small_city):
    """All but those that are planted because they are not, and those that differ by too little to count."""
    wrong = query(
        tables,
        "SELECT provider, visit, line FROM fee_line"
        " WHERE refund_of IS NULL AND amount <> (unit_price * quantity + 500000) // 1000000",
    )
    meant = {key for file in ("key.csv", "near_misses.csv") for key in told(small_city / file)}
    assert set(wrong) <= {key[1:] for key in meant if key[0] == "line-amount-not-product"}
    assert wrong


def test_rows_refer_to_rows_that_exist(tables):
    for child in ("diagnosis", "operation", "order_line", "fee_line", "settlement", "trace"):
        lost = f"SELECT count(*) FROM {child} ANTI JOIN visit USING (provider, visit, person)"
        assert tables.execute(lost).fetchone() == (0,), child
    for child, key in (("visit", "person"), ("visit", "provider"), ("enrolment", "person"), ("fee_line", "item")):
        parent = {"person": "person", "provider": "provider", "item": "catalogue_item"}[key]
        assert tables.execute(f"SELECT count(*) FROM {child} ANTI JOIN {parent} USING ({key})").fetchone() == (0,)


def test_people_cannot_be_anybody(tables):
    rows = query(tables, "SELECT id_number, phone FROM person")
    assert all(number.startswith("999999") and phone.startswith("000") for number, phone in rows)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        write(tmp_path / name, THREE_BLOCKS, 7, blocks_per_file=1, processes=1 + (name == "two"))
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


@pytest.mark.slow
def test_another_chunking_gives_the_same_rows(tmp_path):
    write(tmp_path / "single", THREE_BLOCKS, 7, blocks_per_file=1, processes=1)
    write(tmp_path / "whole", THREE_BLOCKS, 7, blocks_per_file=3, processes=1)
    for name in ("key.csv", "near_misses.csv", "plants.csv", "provider.parquet"):
        assert (tmp_path / "single" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    for name in ("fee_line", "visit", "settlement", "trace", "person"):
        single, whole = (rows(tmp_path / place / name) for place in ("single", "whole"))
        assert single.equals(whole), name


def rows(directory: Path) -> pa.Table:
    return pa.concat_tables(pq.read_table(file) for file in sorted(directory.iterdir())).combine_chunks()


@pytest.mark.slow
def test_another_seed_gives_another_city(tmp_path, small_city):
    write(tmp_path / "other", Size(lines=0, persons=60, blocks=1, plants=4), 8, processes=1)
    assert (tmp_path / "other" / "key.csv").read_bytes() != (small_city / "key.csv").read_bytes()


PEAK = """
import resource, sys
from pathlib import Path
from mingcha.sample.size import Size
from mingcha.sample.writing import write
write(Path(sys.argv[1]), Size(lines=0, persons=1024 * int(sys.argv[2]), blocks=int(sys.argv[2]), plants=8), 1,
      blocks_per_file=1, processes=1)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_city(tmp_path):
    peaks = []
    for blocks in (2, 8):
        call = [sys.executable, "-c", PEAK, str(tmp_path / str(blocks)), str(blocks)]
        peaks.append(int(subprocess.run(call, check=True, capture_output=True, text=True).stdout))
    assert peaks[1] < peaks[0] * 1.35
