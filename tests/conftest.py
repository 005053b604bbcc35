"""What tests share: a running home, its lake, the reference data beside the checkout."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.home.postgres import stop
from mingcha.home.server import administrator
from mingcha.records.lake import Lake


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stopped home with an empty lake; copies of it start several times faster than a new one."""
    home = Home.open(tmp_path_factory.mktemp("template") / "home", environ={})
    with connect(home), psycopg.connect(**administrator(home), autocommit=True) as admin:
        admin.execute("ALTER SYSTEM SET fsync = off")  # tests kill processes, not the machine
    Lake.open(home).close()
    stop(home)
    return home.path


def copy_of(template: Path, place: Path) -> Home:
    """A home of its own at `place`, as the template left off."""
    subprocess.run(["cp", "-a", template, place], check=True)
    return Home.open(place, environ={})


@pytest.fixture(scope="session")
def running(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """One home for the whole session; for tests that bring their own names and rows."""
    home = copy_of(template, tmp_path_factory.mktemp("running") / "home")
    yield home
    stop(home)


@pytest.fixture
def home(template: Path, tmp_path: Path) -> Iterator[Home]:
    """A home of its own with an empty lake; its server starts with the first connection."""
    home = copy_of(template, tmp_path / "home")
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
    """An empty lake in a home of its own."""
    with Lake.open(home) as opened:
        yield opened


@pytest.fixture(scope="session")
def spark() -> None:
    """Java and pyspark are there; skips, saying what lacks, and fails in CI."""
    missing = [name for name, there in (("java", shutil.which("java")), ("pyspark", find_spec("pyspark"))) if not there]
    if missing and not os.environ.get("CI"):
        pytest.skip(f"no {' nor '.join(missing)}; Debian: openjdk-17-jre-headless; sh deploy/setup.sh spark")
    assert not missing
