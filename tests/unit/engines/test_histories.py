"""Histories brought up to date hold what histories made anew hold."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from mingcha.engines.effective import effective
from mingcha.engines.histories import prepare, renewed, stream
from mingcha.gate.history import compare, update, write
from mingcha.home.directory import Home
from mingcha.knowledge.library import Library
from mingcha.knowledge.pack import load
from mingcha.knowledge.shipped import shipped_pack
from mingcha.records.importing import Import
from mingcha.records.lake import Lake
from mingcha.sample.writing import plan
from mingcha.sample.writing import write as write_city

pytestmark = pytest.mark.slow


def test_a_later_import_brings_only_those_of_whom_it_tells(home: Home, tmp_path: Path) -> None:
    city, later, store = tmp_path / "city", tmp_path / "later", tmp_path / "store"
    write_city(city, plan(8_000, 3), 3)
    for table in ("visit", "fee_line"):
        _divide(city / table / "part-00000.parquet", later / table / "part-00000.parquet")
    for correction in (city / "fee_line").glob("update-*"):
        correction.rename(later / "fee_line" / correction.name)
    rules = effective(Library.of(load(shipped_pack())))
    with Lake.open(home) as lake:
        Import(lake).run([city])
        first = lake.as_of()
        prepare(lake.con, rules)
        everybody = write(store, stream(lake.con), {"watermark": first})
        Import(lake).run([later])
        prepare(lake.con, rules, first, lake.as_of())
        told = update(store, stream(lake.con), renewed(lake.con), {"watermark": lake.as_of()})
        assert 100 < told < everybody / 2
        prepare(lake.con, rules)
        assert compare(store, stream(lake.con)) == []


def _divide(whole: Path, part: Path) -> None:
    """Move one visit in eight into a file of its own."""
    part.parent.mkdir(parents=True, exist_ok=True)
    rest = part.with_name("rest.parquet")
    with duckdb.connect() as con:
        for target, condition in ((part, "="), (rest, "<>")):
            con.execute(f"COPY (FROM '{whole}' WHERE hash(visit) % 8 {condition} 0) TO '{target}'")
    rest.replace(whole)
