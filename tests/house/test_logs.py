"""Logs hold no personal data, even when what came in was broken and the database refused it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.home.postgres import stop

pytestmark = pytest.mark.slow

NAME, NUMBER, PHONE = "欧阳不存在", "110101190001019990", "13900009999"
HEADERS = "定点医药机构编号,就诊ID,费用明细流水号,人员编号,人员姓名,证件号码,电话,费用发生时间,数量,明细项目费用总额"
ROWS = (
    f"H11010100001,V1,L1,{NUMBER},{NAME},{NUMBER},{PHONE},2026-01-05,1,12.00",
    f"H11010100001,V1,L2,{NUMBER},{NAME},{NUMBER},{PHONE},2026-02-31,1,12.00",
    f"H11010100001,V1,L3,{NUMBER},{NAME},{NUMBER},{PHONE},2026-01-06,{NAME},{NUMBER}{NUMBER}",
)


def mingcha(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "MINGCHA_HOME": str(home)}
    command = [sys.executable, "-m", "mingcha.cli", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, cwd=home.parent)


def provoke(home: Path) -> None:
    """An error of the database whose detail would show the row's values."""
    with connect(Home.open(home), "owner", autocommit=True) as owner:
        owner.execute("CREATE TABLE public.logged (name text PRIMARY KEY)")
        owner.execute("INSERT INTO public.logged VALUES (%s)", [NAME + NUMBER])
        with pytest.raises(psycopg.errors.UniqueViolation):
            owner.execute("INSERT INTO public.logged VALUES (%s)", [NAME + NUMBER])


def test_no_log_names_anybody(tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "lines.csv"
    file.write_text("\n".join([HEADERS, *ROWS]) + "\n", encoding="gb18030")
    try:
        told = mingcha(home, "import", str(file), "--json")
        assert told.returncode == 0, told.stderr
        assert '"accepted": 1' in told.stdout
        assert '"quarantined": 2' in told.stdout
        assert "Traceback" not in told.stderr
        mingcha(home, "audit", "--json")
        provoke(home)
        logs = [path for path in (home / "logs").rglob("*") if path.is_file()]
        assert logs
        for secret in (NAME, NUMBER, PHONE):
            assert not [path for path in logs if secret.encode() in path.read_bytes()]
            assert secret not in told.stderr
    finally:
        stop(Home.open(home))
