"""kill -9 at random moments of a real import: the same command afterwards, the same totals (DECISIONS 36)."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.home.server import processes
from mingcha.records.compaction import compact
from mingcha.records.health import FAIL, examine
from mingcha.records.lake import Lake

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3000)]

KILLS = 30
ROWS = 20_000


def write(folder: Path, number: int) -> Path:
    """A month's fee lines of one provider in the contract's layout; no two files share a key."""
    file = folder / f"{number}.parquet"
    duckdb.sql(f"""
        COPY (SELECT 'H3301000{number:04}' AS provider, 'V' || (i // 10) AS visit, 'L' || i AS line,
                     'P' || (i // 10 % 500) AS person, DATE '2025-01-01' + (i // 10 % 90)::INTEGER AS service_day,
                     'XA01' AS item, '药' AS item_name, 10000 AS quantity, 100 + i % 7 AS amount, 100 AS in_scope,
                     '330100' AS fund_area_source, '330100' AS care_area_source
              FROM range({ROWS}) r(i)) TO '{file}'""")
    return file


def importing(home: Home, file: Path) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "mingcha.cli", "import", file, "--json"],
        env=os.environ | {"MINGCHA_HOME": str(home.path), "MINGCHA_LANG": "en"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def whole(home: Home, file: Path) -> dict:
    """The command run to its end; its totals."""
    process = importing(home, file)
    out, err = process.communicate(timeout=600)
    assert process.returncode == 0, err
    return json.loads(out.splitlines()[-1])


def kill_importer(process: subprocess.Popen, home: Home) -> None:
    process.kill()


def kill_postmaster(process: subprocess.Popen, home: Home) -> None:
    if alive := processes(home):
        os.kill(alive[0], signal.SIGKILL)


@pytest.mark.parametrize("kill", [kill_importer, kill_postmaster])
def test_killed_imports_lose_and_double_nothing(home: Home, tmp_path: Path, kill) -> None:
    chance, number, kills = random.Random(36), 0, 0
    whole(home, write(tmp_path, 0))  # the first run also fills caches; the second one is measured
    started = time.monotonic()
    totals = whole(home, write(tmp_path, number := 1))
    duration = time.monotonic() - started
    while kills < KILLS:
        file = write(tmp_path, number := number + 1)
        process = importing(home, file)
        time.sleep(chance.uniform(0, duration))
        kills += process.poll() is None
        kill(process, home)
        _, err = process.communicate(timeout=600)
        assert "Traceback" not in err, err
        again = whole(home, file)
        assert again["rows_in"] == ROWS == again["accepted"] + again["duplicates"]
        assert again["money_in_fen"] == totals["money_in_fen"]
    check(home, number + 1, totals["money_in_fen"])


def check(home: Home, files: int, money: int) -> None:
    """Every row is in once, every file is one done batch, nothing is pending, and what was left behind goes."""
    with Lake.open(home) as lake, connect(home) as pg:
        one = (
            "SELECT count(*), count(DISTINCT (provider, visit, line)), sum(amount)::BIGINT, count(DISTINCT batch_seq) "
        )
        assert lake.con.execute(f"{one} FROM facts.fee_line").fetchone() == (
            files * ROWS, files * ROWS, files * money, files,
        )  # fmt: skip
        assert lake.con.execute("SELECT count(*) FROM lake.batch").fetchone() == (files,)
        states = dict(pg.execute("SELECT state, count(*) FROM facts.import_batch GROUP BY 1").fetchall())
        assert states["done"] == files and "loading" not in states
        compact(lake)
        assert lake.con.execute(f"{one} FROM facts.fee_line").fetchone() == (
            files * ROWS, files * ROWS, files * money, files,
        )  # fmt: skip
        named = lake.con.execute("SELECT sum(file_count) FROM ducklake_table_info('lake')").fetchone()
        assert named == (sum(1 for _ in home.facts.rglob("*.parquet")),)
    assert [finding for finding in examine(home) if finding.result == FAIL] == []


def test_the_same_file_imported_twice_at_once_comes_in_once(home: Home, tmp_path: Path) -> None:
    file = write(tmp_path, 0)
    several = [importing(home, file) for _ in range(3)]
    told = [json.loads(process.communicate(timeout=600)[0].splitlines()[-1]) for process in several]
    assert sorted(one["accepted"] for one in told) == [0, 0, ROWS]
    assert sorted(one["duplicates"] for one in told) == [0, ROWS, ROWS]
