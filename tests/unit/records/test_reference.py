"""What is generated from the contract: the reference page is fresh, the template's headers are read back as they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from mingcha.records.headers import detect, read
from mingcha.records.reference import arrow_schema, tables_page
from mingcha.records.tables import TABLES
from mingcha.records.template import columns, write_template
from mingcha.terms.errors import UsageError


def test_the_reference_page_is_fresh() -> None:
    page = Path(__file__).parents[3] / "docs" / "reference" / "tables.md"
    assert page.read_text(encoding="utf-8") == tables_page(), "run: make docs"


@pytest.mark.parametrize("name", list(TABLES))
def test_the_templates_headers_feed_every_column(name: str) -> None:
    table = TABLES[name]
    found = read(table, columns(table))
    known = {*found.columns, *found.personal}
    assert known >= {column.name for column in table.columns if not column.time_of}
    assert detect(columns(table), table.zh).table is table  # type: ignore[union-attr]


def test_the_template_has_one_sheet_a_table(tmp_path: Path) -> None:
    write_template(tmp_path / "t.xlsx")
    sheets = CalamineWorkbook.from_path(str(tmp_path / "t.xlsx")).sheet_names
    assert sheets[1:] == [table.zh for table in TABLES.values()]
    with pytest.raises(UsageError):
        write_template(tmp_path / "nowhere" / "t.xlsx")


def test_schemas_hold_no_floats_and_no_times_of_a_zone() -> None:
    for table in TABLES.values():
        for field in arrow_schema(table):
            assert str(field.type) in ("string", "int64", "int32", "bool", "date32[day]")
