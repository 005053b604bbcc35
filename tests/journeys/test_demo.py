"""The demo: from an empty home to a desk that answers, twice, and never into somebody's own data."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

LINES = "10000"
ONE_LINE = "定点医药机构编号,就诊ID,费用明细流水号,人员编号,费用发生时间,数量,明细项目费用总额\nH1,V1,L1,P1,2026-01-05,1,12.00\n"


def mingcha(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "MINGCHA_HOME": str(home), "MINGCHA_LANG": "en", "COLUMNS": "200"}
    command = [sys.executable, "-m", "mingcha.cli", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=280)


def test_demo_ends_in_a_desk_that_answers_and_adds_nothing_the_second_time(tmp_path: Path) -> None:
    home = tmp_path / "home"
    try:
        first = mingcha(home, "demo", "--lines", LINES, "--detach")
        assert first.returncode == 0, first.stdout + first.stderr
        address = re.search(r"http://\S+", first.stdout)
        assert address
        with urllib.request.urlopen(address[0], timeout=20) as page:
            assert page.status == 200
        for role in ("supervisor", "reviewer", "leader", "admin"):
            assert re.search(rf"{role} +│ +[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}", first.stdout)
        counted = mingcha(home, "audit", "--json").stdout
        again = mingcha(home, "demo", "--lines", LINES, "--detach")
        assert again.returncode == 0, again.stdout + again.stderr
        assert " 0 accepted" in again.stderr
        assert findings(mingcha(home, "audit", "--json").stdout) == findings(counted)
    finally:
        mingcha(home, "down")


def findings(told: str) -> str:
    found = re.search(r'"findings": \d+, "lines": \d+, "amount_fen": \d+', told)
    assert found
    return found[0]


def test_demo_leaves_a_home_with_other_data_alone(tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "lines.csv"
    file.write_text(ONE_LINE, encoding="utf-8")
    try:
        assert mingcha(home, "import", str(file)).returncode == 0
        refused = mingcha(home, "demo", "--lines", LINES, "--detach")
        assert refused.returncode == 2
        assert "Choose another home" in refused.stderr
        assert "Traceback" not in refused.stderr
        assert not (home / "spool" / "demo-city").exists()
    finally:
        mingcha(home, "down")
