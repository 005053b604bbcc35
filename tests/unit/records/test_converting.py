"""From text to values: dates, money, quantities, flags and codes in every spelling seen; sums that always add up."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plain import HEADER, line, refused, staged, staging, table, token

from mingcha.records.casts import prepare
from mingcha.records.mapping import load
from mingcha.records.reference import arrow_schema
from mingcha.records.sources import find
from mingcha.records.tables import TABLES
from mingcha.terms.errors import InputError


@pytest.fixture(scope="module")
def con() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("SET TimeZone = 'Asia/Shanghai'")
    prepare(con)
    return con


@pytest.mark.parametrize(
    ("text", "day", "second"),
    [
        ("2018-01-31", "2018-01-31", None),
        ("2018/1/31", "2018-01-31", None),
        ("20180131", "2018-01-31", None),
        ("2018.01.31", "2018-01-31", None),
        ("2018年1月31日", "2018-01-31", None),
        ("2018-01-31 星期三", "2018-01-31", None),
        ("２０１８－０１－３１", "2018-01-31", None),
        ("43131", "2018-01-31", None),
        ("2018-01-31 00:00:00", "2018-01-31", None),  # midnight without meaning
        ("2018-01-31 08:30:15", "2018-01-31", 30615),
        ("2018/1/31 8:30", "2018-01-31", 30600),
        ("20180131083015", "2018-01-31", 30615),
        ("20180131083015297", "2018-01-31", 30615),
        ("2018年01月31日 08时30分15秒", "2018-01-31", 30615),
        ("43131.5", "2018-01-31", 43200),
        ("1517358615", "2018-01-31", 30615),
        ("1517358615123", "2018-01-31", 30615),
        ("2018-01-31T08:30:15.000+08:00", "2018-01-31", 30615),
        ("2018-01-31T00:30:15Z", "2018-01-31", 30615),
        ("2018-01-31 08:30:15.0000000", "2018-01-31", 30615),
        ("2018-02-29", None, None),
        ("2018-13-01", None, None),
        ("20180230", None, None),
        ("2018-01-31 25:00:00", None, None),
        ("昨天", None, None),
        ("2018-01", None, None),
    ],
)
def test_days_and_times(con: duckdb.DuckDBPyConnection, text: str, day: str | None, second: int | None) -> None:
    found = con.execute("SELECT mc_moment($1)::DATE::VARCHAR, mc_second(mc_moment($1))", [text]).fetchone()
    assert found == (day, second)


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("12.50", 1250), ("1,234.56", 123456), ("１２．５０", 1250), ("¥12.5", 1250), ("12.5元", 1250), (" 7 ", 700),
        ("-3", -300), ("－３", -300), ("+2", 200), (".5", 50), ("1.005", 101), ("-1.005", -101), ("1e3", 100000),
        ("0.1", 10), ("5.1200", 512), ("12,50", None), ("1,23,456", None), ("1_000", None), ("十元", None), ("12 345", 1234500),
    ],
)  # fmt: skip
def test_money(con: duckdb.DuckDBPyConnection, text: str, fen: int | None) -> None:
    assert con.execute("SELECT mc_fen($1)", [text]).fetchone() == (fen,)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.decimals(min_value=Decimal("-9999999.999"), max_value=Decimal("9999999.999"), places=3))
def test_money_rounds_half_up_to_the_fen(con: duckdb.DuckDBPyConnection, yuan: Decimal) -> None:
    found = con.execute("SELECT mc_fen($1)", [str(yuan)]).fetchone()
    assert found == (int((yuan * 100).to_integral_value("ROUND_HALF_UP")),)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("1/13/24", 2244), ("0/0/5", 5), ("１／０／０", 1440), (" 90 ", 90), ("1/13", None), ("两天", None)],
)
def test_lengths_of_time(con: duckdb.DuckDBPyConnection, text: str, minutes: int | None) -> None:
    assert con.execute("SELECT mc_minutes($1)", [text]).fetchone() == (minutes,)


def test_long_texts_become_digests_that_blanks_do_not_change(con: duckdb.DuckDBPyConnection) -> None:
    text = "右肺上叶见一大小约12毫米的磨玻璃结节，边界清楚。"
    one, other, again, short = (
        con.execute("SELECT mc_digest($1)", [said]).fetchone() for said in (text, text[:9] + " \n" + text[9:], None, "未见异常")
    )
    assert one == other and one and len(one[0]) == 32
    assert con.execute("SELECT mc_digest($1)", [one[0]]).fetchone() == one
    assert again == short == (None,)


@pytest.mark.parametrize("nothing", ["", "null", "NULL", "\\N", "-", "—", "  "])
def test_texts_that_mean_nothing(tmp_path: Path, nothing: str) -> None:
    (tmp_path / "a.csv").write_text(table(line(price=nothing), line(2, item=nothing)), encoding="utf-8")
    room, _ = staged(tmp_path / "a.csv")
    assert room.con.execute("SELECT unit_price, item FROM staged_fee_line ORDER BY line").fetchall() == [
        (None, "XA01"),
        (15000, None),
    ]


def test_blanks_and_full_width_codes_are_tidied_alike_wherever_they_stand(tmp_path: Path) -> None:
    rows = [line(1), line(2, item=" XA01 "), line(3, item="ＸＡ０１"), line(4, name=" 阿司匹林\u3000")]
    (tmp_path / "a.csv").write_text(table(*rows), encoding="utf-8")
    room, _ = staged(tmp_path / "a.csv")
    assert room.con.execute("SELECT DISTINCT item FROM staged_fee_line").fetchall() == [("XA01",)]
    assert room.con.execute("SELECT DISTINCT trim(item_name, ' \u3000') FROM staged_fee_line").fetchall() == [
        ("阿司匹林",)
    ]


def test_codes_in_words_become_national_codes(tmp_path: Path) -> None:
    text = (
        "就诊ID,机构编号,人员编号,医疗类别,性别,险种类型,开始时间\nV1,H11010500001,P1,普通住院,女,职工医保,2025-01-01\n"
    )
    (tmp_path / "就诊.csv").write_text(text, encoding="utf-8")
    room, _ = staged(tmp_path / "就诊.csv")
    assert room.con.execute("SELECT visit_type, sex, insurance FROM staged_visit").fetchone() == ("21", "2", "310")


def test_every_fault_of_a_row_is_told_with_its_column(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(table(line(day="2025-02-30", quantity="两", amount="", visit="")), encoding="utf-8")
    room, _ = staged(tmp_path / "a.csv")
    ((number, columns, reason),) = refused(room)
    assert number == 2
    assert set(columns.split(";")) == {"费用发生时间", "数量", "金额", "就诊ID"}
    assert "费用发生时间 “2025-02-30” 不是日历上有的日期" in reason and "就诊ID 缺失，此列必填" in reason


def test_the_lake_never_sees_who_a_refused_row_is_about(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"{HEADER},姓名\n{line(day='x')},张三\n", encoding="utf-8")
    room, _ = staged(tmp_path / "a.csv")
    kept = room.con.execute("SELECT raw FROM staged_quarantine").fetchone()
    told = room.con.execute("SELECT original FROM mc_refused").fetchone()
    assert kept and "张三" not in kept[0] and "110105001" not in kept[0] and "XA01" in kept[0]
    assert told and "张三" in told[0] and "110105001" in told[0]


def test_areas_come_from_the_row_else_the_providers_code(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"{HEADER},insu_admdvs\n{line()},130100\n{line(2)},\n", encoding="utf-8")
    room, _ = staged(tmp_path / "a.csv")
    found = room.con.execute("SELECT fund_area, care_area FROM staged_fee_line ORDER BY line").fetchall()
    assert found == [("130100", "110105"), ("110105", "110105")]


def test_identical_rows_of_a_layout_without_key_all_count(tmp_path: Path) -> None:
    header, *cells = [",".join(row.split(",")[1:]) for row in (HEADER, line(), line(), line(quantity="3"))]
    (tmp_path / "费用明细.csv").write_text("\n".join([header, *cells]) + "\n", encoding="utf-8")
    room, _ = staged(tmp_path / "费用明细.csv")
    first = [key for (key,) in room.con.execute("SELECT line FROM staged_fee_line ORDER BY source_row").fetchall()]
    assert len(set(first)) == 3 and first[1] == f"{first[0]}-2"
    again, _ = staged(tmp_path / "费用明细.csv")
    assert first == [
        key for (key,) in again.con.execute("SELECT line FROM staged_fee_line ORDER BY source_row").fetchall()
    ]


def test_parquet_in_the_contracts_layout_goes_straight_through(tmp_path: Path) -> None:
    schema = arrow_schema(TABLES["fee_line"])
    row = {"line": "L1", "provider": "H11010500001", "visit": "V1", "person": "110105001", "quantity": 20000, "amount": 301,
           "service_day": __import__("datetime").date(2025, 3, 1), "service_second": 0}  # fmt: skip
    import pyarrow as pa

    rows = [{field.name: row.get(field.name) for field in schema} for _ in range(2)]
    rows[1]["line"], rows[1]["person"] = "L2", None
    nullable = pa.schema([field.with_nullable(True) for field in schema])
    pq.write_table(pa.Table.from_pylist(rows, nullable), tmp_path / "fee_line.parquet")
    room, count = staged(tmp_path / "fee_line.parquet")
    assert count == 2
    found = room.con.execute("SELECT amount, quantity, service_second, person FROM staged_fee_line").fetchall()
    assert found == [(301, 20000, 0, token("110105001"))]
    assert [number for number, _, _ in refused(room)] == [2]


def test_parquet_of_others_is_read_as_text(tmp_path: Path) -> None:
    con = duckdb.connect()
    con.execute(
        "COPY (SELECT 'L1' feedetl_sn, 'H11010500001' fixmedins_code, 'V1' mdtrt_id, 'P1' psn_no, 12.34::DOUBLE det_item_fee_sumamt, "
        f"TIMESTAMP '2025-03-01 08:00:00' fee_ocur_time, 2::DECIMAL(16,4) cnt) TO '{tmp_path / 'x.parquet'}'"
    )
    room, _ = staged(tmp_path / "x.parquet")
    found = room.con.execute(
        "SELECT amount, quantity, service_day::VARCHAR, service_second FROM staged_fee_line"
    ).fetchone()
    assert found == (1234, 20000, "2025-03-01", 28800)


_CELL = st.sampled_from(
    [
        "",
        "1",
        "2.50",
        "-3",
        "1,000.00",
        "abc",
        "2025-01-02",
        "2025-02-30",
        "20250103",
        "L1",
        "L2",
        "V1",
        "null",
        "１２",
        '"',
        "a,b",
        "两\n行",
    ]
)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(_CELL, min_size=8, max_size=12), min_size=1, max_size=30), st.booleans())
def test_rows_and_money_always_add_up(tmp_path: Path, rows: list[list[str]], quoted: bool) -> None:
    if quoted:
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        body, expected = text.getvalue(), sum(any(row) for row in rows)
    else:
        body = "\n".join(",".join(row) for row in rows)
        expected = None  # stray quotes and line breaks make other lines of it
    (tmp_path / "费用明细.csv").write_text(f"{HEADER}\n{body}\n", encoding="utf-8")
    room, count = staged(tmp_path / "费用明细.csv")
    kept = (
        room.con.execute("SELECT count(*), coalesce(sum(ext_money), 0) FROM staged_fee_line").fetchone()
        if room.staged
        else (0, 0)
    )
    gone = room.con.execute("SELECT count(*), coalesce(sum(money_fen), 0) FROM staged_quarantine").fetchone()
    assert kept and gone and count == kept[0] + gone[0] == kept[0] + room.refused
    if expected is not None:
        assert count >= expected
    assert all(reason for _, _, reason in refused(room))


@pytest.mark.parametrize("tree", ["files: 3", "files: [{tables: [{table: nothing}]}]", "files: [{tables: [{table: visit, columns: {x: y}}]}]",
                                  "files: [{tables: [{table: visit}], colour: red}]", "files: [{tables: [{table: visit}], dates: {from: soon}}]", "a: [unclosed"])  # fmt: skip
def test_a_wrong_mapping_is_refused_with_its_place(tmp_path: Path, tree: str) -> None:
    (tmp_path / "m.yaml").write_text(tree, encoding="utf-8")
    with pytest.raises(InputError, match=r"m\.yaml"):
        load(str(tmp_path / "m.yaml"))


def test_a_mapping_says_which_columns_it_misses(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"")
    (tmp_path / "m.yaml").write_text(
        "files: [{tables: [{table: visit, columns: {visit: 甲, provider: {sum: [a]}}}]}]", encoding="utf-8"
    )
    (tmp_path / "a.csv").write_text("甲,乙\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="sum"):
        find([tmp_path / "a.csv"], load(str(tmp_path / "m.yaml")))
    assert staging().refused == 0
