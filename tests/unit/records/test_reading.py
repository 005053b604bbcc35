"""Files as they really come: encodings, separators, headers, broken lines; every line keeps its number."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter
from plain import HEADER, line, refused, staged, table

from mingcha.records.mapping import NONE, load
from mingcha.records.sources import find
from mingcha.terms.errors import InputError, UsageError

RARE = "𠮷𬌗"  # characters outside the two-byte part of GB18030


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_encoding_reads_the_same(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.csv").write_bytes(table(line(name=RARE)).encode(encoding))
    room, rows = staged(tmp_path / "a.csv")
    assert (rows, room.refused) == (1, 0)
    assert room.con.execute("SELECT item_name, amount, service_second FROM staged_fee_line").fetchone() == (
        RARE,
        300,
        30600,
    )


@pytest.mark.parametrize("separator", ["\t", ",", "|", "\x01", ";"])
def test_every_separator_is_found(tmp_path: Path, separator: str) -> None:
    (tmp_path / "a.txt").write_text(table(line(), line(2)).replace(",", separator), encoding="utf-8")
    room, rows = staged(tmp_path / "a.txt")
    assert (rows, room.staged["fee_line"]) == (2, 2)


@pytest.mark.parametrize(
    "headers",
    [
        "feedetl_sn,fixmedins_code,mdtrt_id,psn_no,fee_ocur_time,med_list_codg,hilist_name,cnt,pric,det_item_fee_sumamt",
        "FEEDETL_SN,FIXMEDINS_CODE,MDTRT_ID,PSN_NO,FEE_OCUR_TIME,MED_LIST_CODG,HILIST_NAME,CNT,PRIC,DET_ITEM_FEE_SUMAMT",
        "feedetlSn,fixmedinsCode,mdtrtId,psnNo,feeOcurTime,medListCodg,hilistName,cnt,pric,detItemFeeSumamt",
        "bkkp_sn,medins_code,mdtrt_id,patn_id,fee_ocur_time,med_list_codg,medins_list_name,cnt,pric,sumamt",
        "line,provider,visit,person,service_day,item,item_name,quantity,unit_price,amount",
        "明细流水号,定点医药机构编号,就诊编号,参保人编号,发生时间,国家编码,药品名称,数量,单价（元）,金额(元)",
        '"费用明细流水号",机构编号 , 就诊ID,人员编号,费用发生时间,医疗目录编码,项目名称,数量,单价,金额',
    ],
)
def test_every_spelling_of_a_header(tmp_path: Path, headers: str) -> None:
    (tmp_path / "a.csv").write_text(f"{headers}\n{line()}\n", encoding="utf-8")
    room, _ = staged(tmp_path / "a.csv")
    found = room.con.execute(
        "SELECT line, provider, visit, item, item_name, quantity, unit_price, amount FROM staged_fee_line"
    )
    assert found.fetchone() == ("L1", "H11010500001", "V1", "XA01", "阿司匹林", 20000, 15000, 300)


def test_unknown_columns_go_to_ext_and_personal_ones_nowhere(tmp_path: Path) -> None:
    text = f"{HEADER},院内备注,联系人电话,患者家属姓名,空列\n{line()},外购,13800000000,李四,\n"
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    room, _ = staged(tmp_path / "a.csv")
    assert room.con.execute("SELECT ext FROM staged_fee_line").fetchone() == ('{"院内备注":"外购"}',)


def test_titles_above_the_header_and_blank_lines(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        f"某医院费用明细\n\n{HEADER}\n{line()}\n\n{line(2, amount='x')}\n", encoding="utf-8"
    )
    room, rows = staged(tmp_path / "a.csv")
    assert rows == 2
    assert refused(room) == [(6, "金额", "金额 “x” 不是金额，按 0 计")]


def test_broken_lines_are_set_aside_with_their_numbers(tmp_path: Path) -> None:
    rows = [
        line(1),
        "L2,H1,V1",
        line(3, name='"引号里有逗号, 和\n换行"'),
        line(4, name='5" 针头'),
        line(5, name='"没有收尾'),
        line(6) + ",多一个",
        line(7, name='"他说""好"""'),
    ]
    (tmp_path / "a.csv").write_text(table(*rows), encoding="utf-8")
    room, count = staged(tmp_path / "a.csv")
    assert count == 7
    assert [number for number, _, _ in refused(room)] == [3, 7, 8]
    names = [
        name for (name,) in room.con.execute("SELECT item_name FROM staged_fee_line ORDER BY source_row").fetchall()
    ]
    assert names == ["阿司匹林", "引号里有逗号, 和\n换行", '5" 针头', '他说"好"']
    assert room.con.execute("SELECT list(source_row ORDER BY source_row) FROM staged_fee_line").fetchone() == (
        [2, 4, 6, 9],
    )


def test_a_line_with_damaged_bytes_is_refused_alone(tmp_path: Path) -> None:
    text = table(line(1), line(2), line(3)).encode()
    (tmp_path / "a.csv").write_bytes(
        text.replace(
            "L2,H11010500001,V1,110105001,2025-03-01 08:30:00,XA01,阿".encode(),
            b"L2,H11010500001,V1,110105001,2025-03-01 08:30:00,XA01,\xe9\xff",
        )
    )
    room, rows = staged(tmp_path / "a.csv")
    assert rows == 3
    assert [number for number, _, _ in refused(room)] == [3]


@pytest.mark.slow
def test_lines_keep_their_numbers_across_blocks(tmp_path: Path) -> None:
    count = 90_000  # more than one block of 8 MB
    rows = [line(n, name=('"两\n行"' if n % 30_000 == 7 else "药" * 12)) for n in range(count)]
    rows[60_000] = "坏行"
    (tmp_path / "a.csv").write_text(table(*rows), encoding="utf-8")
    room, total = staged(tmp_path / "a.csv")
    assert (total, room.staged["fee_line"]) == (count, count - 1)
    assert [number for number, _, _ in refused(room)] == [60_000 + 2 + 2]
    assert room.con.execute("SELECT source_row FROM staged_fee_line WHERE line = 'L89999'").fetchone() == (
        89_999 + 2 + 3,
    )


def test_excel_with_titles_dates_and_an_empty_row(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "费用明细.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["三月费用"])
        sheet.write_row(1, 0, HEADER.split(","))
        sheet.write_row(2, 0, line(1).split(","))
        sheet.write_number(2, 4, 45717.5, book.add_format({"num_format": "yyyy-mm-dd hh:mm"}))
        sheet.write_number(2, 9, 1234.5)
        sheet.write_row(4, 0, line(2, quantity="二").split(","))
    room, rows = staged(tmp_path / "费用明细.xlsx")
    assert rows == 3
    assert [number for number, _, _ in refused(room)] == [4, 5]
    found = room.con.execute("SELECT service_day::VARCHAR, service_second, amount FROM staged_fee_line").fetchone()
    assert found == ("2025-03-01", 43200, 123450)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "是空文件"),
        ("blank.csv", b"\n\n\n", "是空文件"),
        ("prose.txt", "这是一段说明文字。\n没有任何表格。\n".encode(), "不像表格"),
        ("photo.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "不是文本"),
        ("broken.xlsx", b"PK\x03\x04 cut short", "打不开"),
        ("broken.parquet", b"PAR1 cut short", "打不开"),
        ("broken.json", b'{"infno": "2204", ', "不是完整的 JSON"),
        ("other.csv", b"a,b,c\n1,2,3\n", "认不出这是哪张表"),
        ("part.csv", "机构编号,就诊ID,数量,金额,单价,项目名称\nH1,V1,1,2,3,x\n".encode(), "缺少必需的列"),
    ],
)  # fmt: skip
def test_errors_say_what_to_do(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as error:
        find([tmp_path / name], NONE)
    assert said in error.value.zh and name in error.value.zh and name in error.value.en
    assert len(error.value.zh) < 400


def test_missing_paths_and_mappings_are_usage_errors(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        find([tmp_path / "nowhere.csv"], NONE)
    with pytest.raises(UsageError, match="pharmacy-sales"):
        load("no-such-mapping")


def test_a_folder_passes_over_what_is_no_data(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(table(line()), encoding="utf-8")
    (tmp_path / "notes.txt").write_text("说明\n", encoding="utf-8")
    (tmp_path / "key.csv").write_text("rule,provider\n", encoding="utf-8")
    found, skipped = find([tmp_path], NONE)
    assert [one.label for one in found] == ["a.csv"]
    assert [one.label for one in skipped] == ["notes.txt"]
