"""A small city, written once for all tests that only read it."""

from pathlib import Path

import pytest

from mingcha.sample.writing import plan, write


@pytest.fixture(scope="session")
def small_city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten thousand lines of seed 5."""
    directory = tmp_path_factory.mktemp("city")
    write(directory, plan(10_000, 5), 5, processes=1)
    return directory
