"""A published batch, built like the annexes: titles over merged cells, a class a sheet, footnotes; twice and again."""

from __future__ import annotations

import csv
import shutil
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from mingcha.knowledge.batch_classes import CLASSES
from mingcha.knowledge.batch_import import Diff, compare, write
from mingcha.knowledge.batch_table import read_batch
from mingcha.knowledge.pack import load
from mingcha.knowledge.shipped import shipped_pack
from mingcha.terms.errors import InputError

pytestmark = pytest.mark.slow  # every writing reads the whole national pack again
DOCUMENT, DAY = "第18批", date(2026, 8, 3)
TITLE = "智能监管规则库、知识库（第十八批）  2026年8月3日"

SEX = [
    ["序号", "药品编码", "药品名称", "性别", "逻辑依据\n（说明书）"],
    [1, "XG04BDA999A001010100001", "某某胶囊", "男", "用于良性前列腺增生。"],
    ["", "XG04BDA999A001010200001", "", "", ""],
    [2, "ZD01AAQ0048010100962", "七制香附丸", "女", "本品用于痛经。"],
    ["注：编码为国家医保药品编码。"],
]
LEVEL = [
    ["序号", "项目", "药品代码", "药品名称", "限定支付范围"],
    [1, "", "ZA12CAD0073010100142", "丹参注射液", "限三级医疗机构。"],
    [2, "", "XA01AAA999B001010100001", "甲注射液", "限二级及以上医疗机构。"],
    [3, "", "XA01AAA999B001010100001", "甲注射液", "限三级医疗机构。"],
    [4, "", "XA01AAA999B001010100002", "乙注射液", "限有明确诊断证据的患者，二级及以上医疗机构。"],
]
DISEASE = [
    ["药品编码", "药品名称", "限定支付范围"],
    ["XL01EXZ999E001010100001", "丙胶囊", "限某种罕见病的成人患者。"],
]


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A copy of the national pack, to be written into."""
    return Path(shutil.copytree(shipped_pack(), tmp_path / "pack"))


def workbook(file: Path, **sheets: list[list]) -> Path:
    with xlsxwriter.Workbook(str(file)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.merge_range(0, 0, 0, 4, TITLE)
            for at, row in enumerate(rows, 2):  # an empty row under the title
                for column, cell in enumerate(row):
                    sheet.write(at, column, cell)
    return file


@pytest.fixture
def annex(tmp_path: Path) -> Path:
    return workbook(tmp_path / "annex.xlsx", 药品区分性别使用=SEX, 药品限医疗机构级别=LEVEL, 药品限适应症=DISEASE)


def diff(file: Path, pack: Path, batch: int = 18) -> Diff:
    return compare(pack, read_batch(file, tuple(CLASSES), batch).rows, batch)


def rows(pack: Path, rule: str, item: str) -> list[dict[str, str]]:
    with (pack / "rules" / rule / "knowledge.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["item"] == item]


def test_a_batch_is_read_compared_written_and_then_known(annex: Path, pack: Path) -> None:
    read = read_batch(annex, tuple(CLASSES), 18)
    assert read.published == "2026-08-03"
    first = diff(annex, pack)
    assert first.counts == {"new": 4, "changed": 0, "superseded": 2, "unchanged": 0, "contradictions": 1}
    assert [p.item for p in first.contradictions] == ["XA01AAA999B001010100001"]
    before = {rule.id: len(rule.knowledge) for rule in load(pack).rules}
    write(pack, first, DOCUMENT, DAY)
    after = {rule.id: len(rule.knowledge) for rule in load(pack).rules}
    assert {r: after[r] - before[r] for r in after if after[r] != before[r]} == {
        "drug-by-sex": 3, "drug-by-provider-level": 2, "drug-limit-to-check": 1,
    }  # fmt: skip
    again = diff(annex, pack)
    assert again.counts == {"new": 0, "changed": 0, "superseded": 0, "unchanged": 6, "contradictions": 1}


def test_the_older_row_ends_and_stays(annex: Path, pack: Path) -> None:
    write(pack, diff(annex, pack), DOCUMENT, DAY)
    old, new = rows(pack, "drug-by-provider-level", "ZA12CAD0073010100142")
    assert (old["level_min"], old["batch"], old["valid_to"]) == ("2", "5", "2026-08-02")
    assert (new["level_min"], new["batch"], new["valid_from"], new["valid_to"]) == ("3", "18", "2026-08-03", "")
    assert new["basis"] == "第18批：限三级医疗机构"
    carried = rows(
        pack, "drug-by-sex", "XG04BDA999A001010200001"
    )  # name, sex and wording are merged with the row above
    assert [(r["name"], r["sex"]) for r in carried] == [("某某胶囊", "1")]


def test_a_correction_in_the_same_batch_is_a_change(annex: Path, pack: Path, tmp_path: Path) -> None:
    write(pack, diff(annex, pack), DOCUMENT, DAY)
    corrected = [LEVEL[0], [1, "", "ZA12CAD0073010100142", "丹参注射液", "限二级及以上医疗机构的患者。"]]
    file = workbook(tmp_path / "b.xlsx", 药品限医疗机构级别=corrected)
    second = diff(file, pack)
    assert second.counts["changed"] == 1
    write(pack, second, DOCUMENT, DAY)
    held = rows(pack, "drug-by-provider-level", "ZA12CAD0073010100142")
    assert [(r["level_min"], r["valid_from"]) for r in held] == [("2", "2025-01-01"), ("2", "2026-08-03")]
    assert diff(file, pack).counts["unchanged"] == 1


def test_bad_cells_are_named_and_nothing_is_written(
    tmp_path: Path, pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINGCHA_LANG", "en")
    wrong = [SEX[0], [1, "三号", "某某胶囊", "男", "x"], [2, "XG04BDA999A001010100009", "无性别丸", "", "理气。"]]
    with pytest.raises(InputError) as told:
        diff(workbook(tmp_path / "w.xlsx", 药品区分性别使用=wrong), pack)
    assert "药品区分性别使用 第 4 行「药品编码」: no item code" in str(told.value)
    assert "第 5 行「性别」: it doesn't say what the limit is" in str(told.value)
    with pytest.raises(InputError, match="no known class"):
        diff(workbook(tmp_path / "v.xlsx", 某某=DISEASE), pack)
    with pytest.raises(InputError, match="holds no points"):
        diff(workbook(tmp_path / "u.xlsx", 某某=[["甲", "乙"], [1, 2]]), pack)


def test_writing_what_the_pack_refuses_leaves_it_as_it_was(annex: Path, pack: Path) -> None:
    found = diff(annex, pack)
    found.new[0].cells["sex"] = "3"
    file = pack / "rules" / "drug-by-sex" / "knowledge.csv"
    before = file.read_bytes()
    with pytest.raises(InputError, match="sex"):
        write(pack, found, DOCUMENT, DAY)
    assert file.read_bytes() == before


@pytest.mark.shared
@pytest.mark.parametrize("batch", range(1, 18))
def test_every_published_batch_is_all_known(batch: int, shared: Path) -> None:
    """The transcription of the annexes, against the pack that was made of them."""
    found = diff(shared / "data" / "knowledge" / "points_by_template.csv", shipped_pack(), batch)
    assert found.counts["unchanged"] > 0
    assert {word: n for word, n in found.counts.items() if n and word != "unchanged"} == {}
