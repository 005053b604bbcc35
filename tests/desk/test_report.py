"""The report of an audit: ranking, workbook and page tell the same numbers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from mingcha.desk.audit import report
from mingcha.terms.errors import UsageError
from tests.desk.factories import Audits, flag

pytestmark = pytest.mark.slow


def test_ranking_workbook_and_page_agree(audits: Audits, tmp_path: Path) -> None:
    told = audits.record([flag("L1"), flag("L2", rule="service-by-sex", improper_fen=2500, message="=1+1")])
    rules, providers = report.ranked(audits.home, told.audit)
    assert [(r.code, r.findings, r.counted_fen) for r in rules] == [
        ("service-by-sex", 1, 2500), ("drug-for-children", 1, 1000),
    ]  # fmt: skip
    assert [(p.code, p.counted_fen) for p in providers] == [("H1", 3500)]
    report.write_excel(audits.home, told.audit, tmp_path / "r.xlsx")
    book = CalamineWorkbook.from_path(str(tmp_path / "r.xlsx"))
    assert book.sheet_names == ["概况", "规则排名", "机构排名", "疑点明细"]
    listed = book.get_sheet_by_name("疑点明细").to_python()
    assert [(row[1], row[11], row[12]) for row in listed[1:]] == [
        ("service-by-sex", 25.0, "=1+1"), ("drug-for-children", 10.0, "年龄超过限定"),
    ]  # fmt: skip
    report.write_html(audits.home, told.audit, tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text("utf-8")
    assert "35.00" in page and "<script" not in page
    assert re.findall(r"(?:src|href)=|url\(", page) == [], "self-contained"


def test_an_audit_that_is_not_there_is_said(audits: Audits, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        report.write_html(audits.home, 99, tmp_path / "r.html")


def test_an_earlier_audit_lists_what_it_saw(audits: Audits, tmp_path: Path) -> None:
    first = audits.record([flag("L1"), flag("L2")])
    audits.record([flag("L1")])
    report.write_excel(audits.home, first.audit, tmp_path / "r.xlsx")
    listed = CalamineWorkbook.from_path(str(tmp_path / "r.xlsx")).get_sheet_by_name("疑点明细").to_python()
    assert sorted(row[7] for row in listed[1:]) == ["L1", "L2"]
