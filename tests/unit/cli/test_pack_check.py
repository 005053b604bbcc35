"""`mingcha pack check` in a process of its own: exit codes, the JSON line, and what it says."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mingcha.knowledge.shipped import shipped_pack

pytestmark = pytest.mark.slow
RULE = "dialysis-weekly-cap"


def check(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mingcha.cli", "pack", "check", *arguments]
    environ = {"PATH": "/usr/bin:/bin", "MINGCHA_LANG": "en", "PYTHONUTF8": "1"}
    return subprocess.run(command, capture_output=True, text=True, env=environ, check=False)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A pack of one rule."""
    pack = tmp_path / "pack"
    shutil.copytree(shipped_pack() / "rules" / RULE, pack / "rules" / RULE)
    shutil.copy(shipped_pack() / "pack.yaml", pack / "pack.yaml")
    return pack


def test_a_good_pack_ends_with_nought(small: Path) -> None:
    done = check(str(small), "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["rules"], told["kinds"], told["templates_covered"], told["errors"]) == (1, 1, 1, [])
    assert told["official_rows_by_batch"] == {}
    assert done.stdout.count("\n") == 1, "one line for programs, no table"


def test_people_read_a_table_and_a_sum(small: Path) -> None:
    done = check(str(small))
    assert done.returncode == 0, done.stderr
    assert RULE in done.stdout
    assert "1 rules (0 of them wait for an area's rows)" in done.stdout


def test_a_failing_case_ends_with_one(small: Path) -> None:
    cases = small / "rules" / RULE / "cases.yaml"
    cases.write_text(cases.read_text("utf-8").replace("amount_fen: 40000}\n\n", "amount_fen: 1}\n\n", 1), "utf-8")
    done = check(str(small))
    assert done.returncode == 1
    assert "expected line=L4 amount_fen=1, got provider=H1 visit=V1 line=L4 amount_fen=40000" in done.stderr


def test_a_wrong_pack_ends_with_three(small: Path) -> None:
    table = small / "rules" / RULE / "knowledge.csv"
    table.write_text(table.read_text("utf-8").replace("30000", "thirty", 1), "utf-8")
    done = check(str(small), "--json")
    assert done.returncode == 3
    assert f"rules/{RULE}/knowledge.csv:2:limit: 'thirty' is not a whole number" in done.stderr
    assert "Traceback" not in done.stderr
