"""The tree of areas: read with care, planted without losing what is there, and its gaps told."""

from datetime import date
from pathlib import Path

import pytest
from staged import bring, lines

from mingcha.home.database import connect
from mingcha.records.areas import BEGINNING, Area, plant, read, unplaced
from mingcha.records.lake import Lake
from mingcha.terms.errors import InputError

HEAD = "code,parent,name,level,valid_from,valid_to\n"


def test_a_file_is_read_with_words_numbers_and_dates(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        HEAD + "33,,浙江省,province,,\n3301,33,杭州市,2,2020-01-01,2025-12-31\n", "utf-8-sig"
    )
    assert read(tmp_path / "a.csv") == [
        Area("33", None, "浙江省", 1, BEGINNING, None),
        Area("3301", "33", "杭州市", 2, date(2020, 1, 1), date(2025, 12, 31)),
    ]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("33,,x,planet,,\n", "2"),
        ("33,,x,9,,\n", "2"),
        ("33,,x,-1,,\n", "2"),
        (",,x,1,,\n", "2"),
        ("33,,x,1,first of May,\n", "2"),
        ("33,,x,1,,\n33,,y,1,,\n", "33"),
        ("33,44,x,1,,\n44,33,y,1,,\n", "33"),
    ],
)
def test_what_can_not_be_is_refused_with_its_line(tmp_path: Path, rows: str, says: str) -> None:
    (tmp_path / "a.csv").write_text(HEAD + rows)
    with pytest.raises(InputError, match=says):
        read(tmp_path / "a.csv")


@pytest.mark.slow
def test_planting_renames_moves_and_keeps(lake: Lake) -> None:
    plant(lake.home, [Area("33", None, "甲", 1), Area("330100", "33", "乙", 3)])
    plant(lake.home, [Area("330100", "33", "丙", 3), Area("330100", None, "丙", 3, date(2026, 1, 1))])
    with connect(lake.home) as job:
        rows = job.execute("SELECT code, parent, name FROM facts.area ORDER BY code, valid_from").fetchall()
    assert rows == [("33", None, "甲"), ("330100", "33", "丙"), ("330100", None, "丙")]


@pytest.mark.slow
def test_areas_of_facts_without_a_place_are_told(lake: Lake) -> None:
    bring(lake, lines({"line": "1"}, {"line": "2", "fund_area": "440100"}), "a")
    plant(lake.home, [Area("330100", None, "乙", 3)])
    assert unplaced(lake.home, lake) == ["440100"]
