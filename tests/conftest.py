"""What tests share: a running home, its lake, the reference data beside the checkout."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mingcha.home.directory import Home
from mingcha.home.postgres import stop
from mingcha.records.lake import Lake


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """One home with its own PostgreSQL for the whole session; for tests that bring their own names and rows."""
    home = Home.open(tmp_path_factory.mktemp("home"), environ={})
    yield home
    stop(home)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A fresh home of its own; its server starts with the first connection (about a second)."""
    home = Home.open(tmp_path / "home", environ={})
    yield home
    stop(home)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference data; tests that use it carry @pytest.mark.shared."""
    place = Path(os.environ.get("MINGCHA_SHARED") or Path(__file__).parents[2] / "shared")
    if not place.exists():
        pytest.skip(f"reference data not found at {place} (set MINGCHA_SHARED)")
    return place


@pytest.fixture
def lake(home: Home) -> Iterator[Lake]:
    """A fresh lake in a fresh home."""
    with Lake.open(home) as opened:
        yield opened
