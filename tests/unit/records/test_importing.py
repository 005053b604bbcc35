"""The whole way into the lake: sums, the same file twice, corrections, folders, the sender's report, the real inputs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from plain import HEADER, line, table
from python_calamine import CalamineWorkbook

from mingcha.home.directory import Home
from mingcha.records.identity import known
from mingcha.records.importing import Import, Outcome
from mingcha.records.lake import Lake
from mingcha.records.mapping import NONE, load
from mingcha.records.report import write_report

pytestmark = pytest.mark.slow


def bring(lake: Lake, *paths: Path, mapping: str | None = None) -> Outcome:
    outcome = Import(lake, load(mapping) if mapping else NONE, by="test").run(list(paths))
    assert outcome.totals.balanced
    return outcome


def write(place: Path, *rows: str) -> Path:
    place.write_text(table(*rows), encoding="utf-8")
    return place


def test_the_same_file_twice_and_the_same_rows_in_another_file(lake: Lake, tmp_path: Path) -> None:
    first = write(tmp_path / "a.csv", line(1), line(2), line(3, amount="x"))
    assert bring(lake, first).totals.accepted == 2
    again = bring(lake, first)
    assert (again.totals.rows_in, again.totals.duplicates, again.unchanged) == (3, 3, ["a.csv"])
    assert again.totals.money_duplicate_fen == again.totals.money_in_fen == 600
    other = bring(lake, write(tmp_path / "b.csv", line(2), line(4)))
    assert (other.totals.accepted, other.totals.duplicates) == (1, 1)
    assert lake.con.execute("SELECT count(*) FROM facts.fee_line").fetchone() == (3,)


def test_a_correction_is_a_new_version(lake: Lake, tmp_path: Path) -> None:
    bring(lake, write(tmp_path / "a.csv", line(1), line(2)))
    corrected = bring(lake, write(tmp_path / "b.csv", line(1, amount="9.99")))
    assert (corrected.totals.accepted, corrected.totals.superseded) == (1, 1)
    found = lake.con.execute("SELECT line, amount FROM facts.fee_line ORDER BY line").fetchall()
    assert found == [("L1", 999), ("L2", 300)]


def test_a_folder_with_names_of_people_and_a_report(lake: Lake, home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "报送"
    (folder / "三月").mkdir(parents=True)
    write(folder / "三月" / "费用明细.csv", line(1), line(2, day="2025-02-30"))
    people = "人员编号,姓名,身份证号,性别,出生日期\n110105001,张三,110105199001011234,男,1990-01-01\n"
    (folder / "参保人.csv").write_bytes(people.encode("gb18030"))
    (folder / "说明.txt").write_text("请查收", encoding="utf-8")
    run = Import(lake, by="test")
    outcome = run.run([folder])
    assert (outcome.totals.rows_in, outcome.totals.quarantined, len(outcome.batches)) == (3, 1, 1)
    assert [one.label for one in outcome.skipped] == ["说明.txt"]
    token = lake.con.execute("SELECT person FROM facts.fee_line").fetchone()
    assert token and known(home, [token[0]])[token[0]]["person_name"] == "张三"
    write_report(lake.con, outcome, tmp_path / "退回.xlsx")
    book = CalamineWorkbook.from_path(str(tmp_path / "退回.xlsx"))
    header, row = book.get_sheet_by_name("退回 refused").to_python()
    told = dict(zip(header, row, strict=True))
    assert told["行号 line"] == 3 and told["费用发生时间"] == "2025-02-30" and "不是日历上有的日期" in told["原因"]
    assert told["人员编号"] == "110105001"
    columns = {row[1]: row for row in book.get_sheet_by_name("列 columns").to_python()[1:]}
    assert columns["金额"][2] == "fee_line.amount" and columns["姓名"][2] == "person.person_name"


def test_diagnoses_take_their_day_from_the_visit(lake: Lake, tmp_path: Path) -> None:
    visits = "就诊ID,机构编号,人员编号,医疗类别,开始时间\nV1,H11010500001,P1,21,2025-01-05 10:00:00\n"
    found = "mdtrt_id,diag_code,diag_name,maindiag_flag\nV1,I10.x00,高血压,1\nV9,I10.x00,高血压,1\n"
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "mdtrt_d.csv").write_text(visits, encoding="utf-8")
    (tmp_path / "files" / "setl_list_diag_d.csv").write_text(found, encoding="utf-8")
    outcome = bring(lake, tmp_path / "files")
    assert (outcome.totals.accepted, outcome.totals.quarantined) == (2, 1)
    row = lake.con.execute("SELECT provider, day_source::VARCHAR, care_area FROM facts.diagnosis").fetchone()
    assert row == ("H11010500001", "2025-01-05", "110105")
    same = "SELECT count(*) FROM facts.diagnosis JOIN facts.visit USING (provider, visit, person)"
    assert lake.con.execute(same).fetchone() == (1,)
    assert lake.con.execute("SELECT reason_zh FROM lake.quarantine").fetchone() == (
        "诊断日期 缺失，而且这次就诊还没有导入，无法补上",
    )


def test_the_command_speaks_json_last_and_ends_in_exit_codes(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mingcha.cli.import_ import command

    monkeypatch.setenv("MINGCHA_HOME", str(home.path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    file = write(tmp_path / "a.csv", line(1), "坏行")
    done = CliRunner().invoke(command, [str(file), "--json", "--report", str(tmp_path / "r.xlsx")])
    told = json.loads(done.stdout.splitlines()[-1])
    assert told.pop("seconds") > 0
    assert told == {
        "rows_in": 2, "accepted": 1, "quarantined": 1, "duplicates": 0, "superseded": 0, "money_in_fen": 300,
        "money_accepted_fen": 300, "money_quarantined_fen": 0, "money_duplicate_fen": 0,
    }  # fmt: skip
    assert "入库" in CliRunner().invoke(command, [str(file)]).stdout
    code = subprocess.run(
        [sys.executable, "-m", "mingcha.cli", "import", str(tmp_path / "no.csv")], capture_output=True, text=True
    )
    assert code.returncode == 2 and "Traceback" not in code.stderr


@pytest.mark.shared
def test_pharmacy_sales_reconcile_to_the_fen(lake: Lake, shared: Path) -> None:
    """304,630.26 yuan received; the catalogue of the data says 304,630.3, which is the same rounded to ten fen."""
    folder = shared / "data" / "pharmacy-sales"
    outcome = bring(lake, folder, mapping="pharmacy-sales")
    totals = outcome.totals
    assert (totals.rows_in, totals.accepted, totals.quarantined, totals.duplicates) == (6578, 6553, 25, 0)
    assert (totals.money_in_fen, totals.money_quarantined_fen) == (30463026, 147920)
    lines = "SELECT count(*), count(*) FILTER (quantity < 0), sum(received) FROM facts.fee_line"
    assert lake.con.execute(lines).fetchone() == (6553, 16, 30463026 - 147920)
    twins = "SELECT count(*) FROM facts.fee_line WHERE line LIKE '%-2'"
    assert lake.con.execute(twins).fetchone() == (4,)
    dates = "SELECT count(*) FROM mc_refused WHERE original LIKE '%2018-02-29%'"
    assert lake.con.execute(dates).fetchone() == (23,)
    again = bring(lake, folder, mapping="pharmacy-sales")
    assert (again.totals.accepted, again.totals.duplicates, again.totals.money_duplicate_fen) == (0, 6578, 30463026)


@pytest.mark.shared
def test_mimic_demo(lake: Lake, shared: Path) -> None:
    outcome = bring(lake, shared / "data" / "mimic-demo", mapping="mimic")
    assert lake.con.execute("SELECT count(*), count(DISTINCT visit) FROM facts.order_line").fetchone() == (10398, 122)
    assert lake.con.execute("SELECT count(*), min(dayofweek(start_day)) FROM facts.visit").fetchone() == (128, 0)
    assert {one.label for one in outcome.skipped} == {"DRGCODES.csv", "ICUSTAYS.csv"}
    assert outcome.totals.quarantined == 11  # diagnoses and procedures of one stay that is not among the admissions


@pytest.mark.shared
def test_fee_sample_and_planted(lake: Lake, shared: Path) -> None:
    fees = bring(lake, shared / "data" / "fee-sample", mapping="fee-sample")
    assert (fees.totals.accepted, fees.totals.quarantined) == (169, 0)
    assert lake.con.execute("SELECT count(*) FROM facts.catalogue_item").fetchone() == (100,)
    planted = bring(lake, shared / "data" / "planted", mapping="planted")
    assert (planted.totals.accepted, planted.totals.money_in_fen) == (1000, 20404000)
    assert lake.con.execute("SELECT count(*) > 16 FROM facts.trace").fetchone() == (True,)
    ages = "SELECT count(*) FROM facts.visit WHERE (sex IS NULL OR birth_date IS NULL)"
    assert lake.con.execute(f"{ages} AND provider = 'H11010500098'").fetchone() == (0,)
    assert HEADER


def test_files_are_known_one_by_one_though_they_share_a_batch(lake: Lake, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(3):
        write(folder / f"费用明细-{number}.csv", line(number), line(number + 10, amount="x"))
    first = bring(lake, folder)
    assert (len(first.batches), first.totals.accepted, first.totals.quarantined) == (1, 3, 3)
    write(folder / "费用明细-9.csv", line(9))
    second = bring(lake, folder)
    assert (second.totals.rows_in, second.totals.accepted, second.totals.duplicates) == (7, 1, 6)
    assert second.totals.money_duplicate_fen == 900 and len(second.unchanged) == 3


def test_a_whole_month_replaces_what_it_no_longer_names(lake: Lake, tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(
        "files: [{replaces: provider-month, tables: [{table: fee_line, columns: {line: 费用明细流水号, provider: 机构编号, "
        "visit: 就诊ID, person: 人员编号, service_day: 费用发生时间, quantity: 数量, amount: 金额}}]}]",
        encoding="utf-8",
    )
    mapping = str(tmp_path / "m.yaml")
    april = line(3, day="2025-04-02")
    bring(lake, write(tmp_path / "a.csv", line(1), line(2), april), mapping=mapping)
    bring(lake, write(tmp_path / "b.csv", line(2)), mapping=mapping)
    found = lake.con.execute("SELECT list(line ORDER BY line) FROM facts.fee_line").fetchone()
    assert found == (["L2", "L3"],)


def test_two_copies_of_a_file_in_one_folder(lake: Lake, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    write(folder / "费用明细.csv", line(1), line(2, amount="x"))
    write(folder / "费用明细 (1).csv", line(1), line(2, amount="x"))
    totals = bring(lake, folder).totals
    assert (totals.rows_in, totals.accepted, totals.quarantined, totals.duplicates) == (4, 1, 1, 2)
