"""A small city, written once for all tests that only read it."""

from pathlib import Path

import duckdb
import pytest
from audited import facts

from mingcha.sample.writing import plan, write


@pytest.fixture(scope="session")
def small_city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten thousand lines of seed 5."""
    directory = tmp_path_factory.mktemp("city")
    write(directory, plan(10_000, 5), 5, processes=1)
    return directory


@pytest.fixture(scope="session")
def tables(small_city: Path) -> duckdb.DuckDBPyConnection:
    """The small city's tables, later versions in force."""
    return facts(small_city)
