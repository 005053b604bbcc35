"""The lake: partitions, versions, refunds, as-of views, and a file list that others can read."""

import subprocess
import sys
from pathlib import Path

import pytest
from staged import bring, lines, stage

from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.home.postgres import stop
from mingcha.records.commit import commit_batch
from mingcha.records.compaction import compact
from mingcha.records.contract import SYSTEM
from mingcha.records.lake import Lake
from mingcha.records.tables import TABLES

pytestmark = pytest.mark.slow


def in_force(lake: Lake) -> list[tuple]:
    return lake.con.execute("SELECT line, amount FROM facts.fee_line ORDER BY line").fetchall()


def net(lake: Lake) -> list[tuple]:
    return lake.con.execute("SELECT line, quantity, amount, in_scope FROM facts.net_fee_line ORDER BY line").fetchall()


def test_every_table_has_its_contract_and_system_columns(lake: Lake) -> None:
    for table in TABLES.values():
        have = [row[0] for row in lake.con.execute(f"DESCRIBE facts.{table.name}").fetchall()]
        assert have == [column.name for column in (*table.stored, *SYSTEM)]


def test_personal_columns_never_reach_the_lake(lake: Lake) -> None:
    have = {row[0] for row in lake.con.execute("DESCRIBE lake.person").fetchall()}
    assert not have & {column.name for column in TABLES["person"].columns if column.secret}


def test_a_column_added_to_the_contract_is_added_to_the_lake(home: Home) -> None:
    with Lake.open(home) as lake:
        lake.con.execute("ALTER TABLE lake.visit DROP COLUMN discharge_way")
    with Lake.open(home) as lake:
        assert "discharge_way" in {row[0] for row in lake.con.execute("DESCRIBE lake.visit").fetchall()}


def test_who_only_reads_an_older_lake_finds_it_widened_too(home: Home) -> None:
    with Lake.open(home) as lake:
        lake.con.execute("ALTER TABLE lake.fee_line DROP COLUMN takehome")
        lake.con.execute("DROP TABLE lake.movement")
    with Lake.open(home, read_only=True, role="app") as lake:
        lake.con.execute("SELECT takehome FROM facts.fee_line")
        lake.con.execute("FROM facts.movement")


def test_the_same_bytes_again_change_nothing(lake: Lake) -> None:
    rows = lines({"line": "1"}, {"line": "2"})
    first, again = bring(lake, rows, "a"), bring(lake, rows, "a")
    assert (first.accepted, first.money_accepted_fen, first.duplicates) == (2, 2000, 0)
    assert (again.accepted, again.duplicates, again.money_duplicate_fen) == (0, 2, 2000)
    assert again.batch_seq == first.batch_seq == lake.watermark()


def test_equal_rows_in_other_bytes_are_duplicates(lake: Lake) -> None:
    bring(lake, lines({"line": "1"}, {"line": "2"}), "a")
    result = bring(lake, lines({"line": "2"}, {"line": "3"}), "b")
    assert (result.accepted, result.duplicates, result.superseded) == (1, 1, 0)
    assert in_force(lake) == [("1", 1000), ("2", 1000), ("3", 1000)]


def test_other_content_is_a_new_version_and_the_old_one_can_be_seen_again(lake: Lake) -> None:
    first = bring(lake, lines({"line": "1"}, {"line": "2"}), "a")
    result = bring(lake, lines({"line": "2", "amount": 1500}), "b")
    assert (result.accepted, result.superseded) == (1, 1)
    assert in_force(lake) == [("1", 1000), ("2", 1500)]
    lake.as_of(first.batch_seq)
    assert in_force(lake) == [("1", 1000), ("2", 1000)]
    lake.as_of()
    assert in_force(lake) == [("1", 1000), ("2", 1500)]


def test_a_correction_may_move_the_day_and_come_back(lake: Lake) -> None:
    from datetime import date

    bring(lake, lines({"line": "1"}), "a")
    bring(lake, lines({"line": "1", "service_day": date(2025, 4, 2), "amount": 7}), "b")
    third = bring(lake, lines({"line": "1"}), "c")
    assert (third.accepted, third.superseded, in_force(lake)) == (1, 1, [("1", 1000)])


def test_within_one_file_the_last_content_of_a_key_stays(lake: Lake) -> None:
    rows = lines({"line": "1", "amount": 1}, {"line": "1", "amount": 2}, {"line": "1", "amount": 1}, {"line": "2"})
    result = bring(lake, rows, "a")
    assert (result.accepted, result.duplicates, result.superseded) == (3, 1, 1)
    assert in_force(lake) == [("1", 1), ("2", 1000)]


def test_a_file_that_repeats_what_is_in_force_last_keeps_it(lake: Lake) -> None:
    bring(lake, lines({"line": "1", "amount": 1}), "a")
    result = bring(lake, lines({"line": "1", "amount": 2}, {"line": "1", "amount": 1}), "b")
    assert (result.accepted, result.duplicates, result.superseded) == (1, 1, 1)
    assert in_force(lake) == [("1", 1)]


def test_two_keys_with_one_digest_stay_two_rows(lake: Lake) -> None:
    stage(lake, "fee_line", lines({"line": "1"}))
    _same_digest(lake)
    commit_batch(lake, source_hash="a", mapping_hash="none", by="test", files=["a"])
    stage(lake, "fee_line", lines({"line": "2"}))
    _same_digest(lake)
    result = commit_batch(lake, source_hash="b", mapping_hash="none", by="test", files=["b"])
    assert (result.accepted, result.superseded, len(in_force(lake))) == (1, 0, 2)


def _same_digest(lake: Lake) -> None:
    lake.con.execute(
        "CREATE OR REPLACE TEMP TABLE staged_fee_line AS "
        "SELECT *, 5::BIGINT AS row_key, 0 AS person_bucket FROM staged_fee_line"
    )


def test_two_keys_with_one_digest_in_one_batch_are_corrected_one_by_one(lake: Lake) -> None:
    stage(lake, "fee_line", lines({"line": "1"}, {"line": "2"}))
    _same_digest(lake)
    commit_batch(lake, source_hash="a", mapping_hash="none", by="test", files=["a"])
    stage(lake, "fee_line", lines({"line": "2", "amount": 1500}))
    _same_digest(lake)
    result = commit_batch(lake, source_hash="b", mapping_hash="none", by="test", files=["b"])
    assert (result.accepted, result.superseded, in_force(lake)) == (1, 1, [("1", 1000), ("2", 1500)])


def test_replacing_a_provider_month_takes_the_unnamed_rows_out(lake: Lake) -> None:
    from datetime import date

    april = {"line": "3", "service_day": date(2025, 4, 1)}
    bring(lake, lines({"line": "1"}, {"line": "2"}, april), "a")
    result = bring(lake, lines({"line": "1"}, {"line": "4"}), "b", replaces="provider-month")
    assert (result.accepted, result.duplicates, result.superseded) == (1, 1, 1)
    assert [line for line, _ in in_force(lake)] == ["1", "3", "4"]


def test_refunds_are_netted_and_lines_that_net_to_nothing_are_gone(lake: Lake) -> None:
    part = {"line": "R1", "refund_of": "1", "quantity": -4000, "amount": -400, "in_scope": -360}
    whole = {"line": "R2", "refund_of": "2", "quantity": -10000, "amount": -1000, "in_scope": None}
    stray = {"line": "N", "quantity": -10000, "amount": -1000}
    elsewhere = {"line": "R3", "refund_of": "3", "visit": "V2", "quantity": -10000, "amount": -1000}
    bring(lake, lines({"line": "1"}, {"line": "2"}, {"line": "3"}, part, whole, stray, elsewhere), "a")
    assert net(lake) == [("1", 6000, 600, 540), ("3", 10000, 1000, 900)]


def test_a_later_refund_counts_from_its_batch_on(lake: Lake) -> None:
    first = bring(lake, lines({"line": "1"}), "a")
    bring(lake, lines({"line": "R", "refund_of": "1", "quantity": -10000, "amount": -1000, "in_scope": -900}), "b")
    assert net(lake) == []
    lake.as_of(first.batch_seq)
    assert net(lake) == [("1", 10000, 1000, 900)]


def test_one_batch_leaves_one_file_a_partition(lake: Lake) -> None:
    from datetime import date, timedelta

    days = [date(2024, 12, 1) + timedelta(days=n) for n in range(70)]
    bring(lake, lines(*({"line": str(n), "person": n, "service_day": d} for n, d in enumerate(days))), "a")
    partitions = {(d.year, d.month, n & 7) for n, d in enumerate(days)}
    assert len(files(lake)) == len(partitions)


def test_the_file_list_read_as_plain_parquet_equals_the_lake(lake: Lake) -> None:
    """After a one-row import, a correction and a compaction: no inlined rows, no deletes (DECISIONS 11)."""
    bring(lake, lines({"line": "1"}), "a")
    assert plain(lake) == through_lake(lake)
    bring(lake, lines({"line": "1", "amount": 3}, {"line": "2"}), "b")
    assert plain(lake) == through_lake(lake)
    before = in_force(lake)
    assert compact(lake).removed and len(files(lake)) == 1
    assert plain(lake) == through_lake(lake)
    assert in_force(lake) == before
    lake.as_of(1)
    assert in_force(lake) == [("1", 1000)]


def files(lake: Lake) -> list[str]:
    found = lake.con.execute("SELECT data_file FROM ducklake_list_files('lake', 'fee_line')")
    return [row[0] for row in found.fetchall()]


_SUMS = "SELECT count(*), sum(amount), sum(row_key), list(line ORDER BY line, batch_seq) FROM "


def plain(lake: Lake) -> tuple | None:
    return lake.con.execute(f"{_SUMS} read_parquet($1, union_by_name => true)", [files(lake)]).fetchone()


def through_lake(lake: Lake) -> tuple | None:
    return lake.con.execute(f"{_SUMS} lake.fee_line").fetchone()


def test_the_desk_reads_with_its_own_role_and_can_not_write(home: Home) -> None:
    with Lake.open(home) as lake:
        bring(lake, lines({"line": "1"}), "a")
    with Lake.open(home, read_only=True, role="app") as lake:
        assert in_force(lake) == [("1", 1000)]
        with pytest.raises(Exception, match="read-only"):
            lake.con.execute("INSERT INTO lake.batch (batch_seq) VALUES (9)")


def test_a_loading_batch_that_is_not_in_the_lake_is_dropped(lake: Lake) -> None:
    with connect(lake.home) as pg:
        pg.execute(
            'INSERT INTO facts.import_batch (source_hash, mapping_hash, "by", files) VALUES (%s, %s, %s, %s)',
            ["a", "none", "test", ["a.csv"]],
        )
    assert bring(lake, lines({"line": "1"}), "a").accepted == 1
    with connect(lake.home) as pg:
        states = pg.execute("SELECT state FROM facts.import_batch ORDER BY batch_seq").fetchall()
    assert states == [("dropped",), ("done",)]


def test_a_batch_given_up_may_not_enter_late(lake: Lake) -> None:
    """A killed writer's last COMMIT arrives after the next writer cleaned up: the fence refuses it."""
    lake.con.execute("BEGIN")
    lake.con.execute("INSERT INTO lake.batch (batch_seq) VALUES (99)")
    lake.con.execute("CALL lake.set_commit_message('test', 'batch 99', extra_info => '{}')")
    with pytest.raises(Exception, match="was given up"):
        lake.con.execute("COMMIT")
    assert lake.watermark() == 0


def test_three_processes_make_one_new_lake_at_once(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from mingcha.home.directory import Home;"
        "from mingcha.records.lake import Lake; print(Lake.open(Home.open(Path(sys.argv[1]), environ={})).watermark())"
    )
    command = [sys.executable, "-c", script, tmp_path / "home"]
    several = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)]
    told = [process.communicate(timeout=200) for process in several]
    stop(Home.open(tmp_path / "home", environ={}))
    assert [out for out, _ in told] == [b"0\n"] * 3, told
