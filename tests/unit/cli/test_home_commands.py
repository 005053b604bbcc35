"""`up`, `doctor`, `backup`, `restore`, `compact` and `down` as they are typed, and what they say when something is wrong."""

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.home.postgres import stop
from mingcha.home.server import SILENT, state

pytestmark = pytest.mark.slow


def run(place: Path, *words: str | Path, code: int = 0, **environ: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "mingcha.cli", *map(str, words)],
        env=os.environ | {"MINGCHA_HOME": str(place), "MINGCHA_LANG": "en", "DATABASE_URL": ""} | environ,
        capture_output=True, text=True, timeout=250,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def last(done: subprocess.CompletedProcess[str]) -> dict:
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def place(tmp_path: Path):
    """Where a home will be; whatever was started there is stopped."""
    yield tmp_path / "home"
    for home in (tmp_path / "home", tmp_path / "second"):
        if (home / "home.json").exists():
            stop(Home.open(home, environ={}))


def test_a_home_is_started_examined_kept_restored_and_stopped(place: Path, tmp_path: Path) -> None:
    assert last(run(place, "up", "--no-desk", "--no-gate", "--json")) == {
        "home": str(place), "desk": None, "gate": None, "upgraded": False,
    }  # fmt: skip
    told = last(run(place, "doctor", "--json"))
    assert told["ok"] and len(told["checks"]) >= 8
    (tmp_path / "areas.csv").write_text("code,parent,name,level\n610300,,宝鸡市,city\n", "utf-8")
    run(place, "areas", tmp_path / "areas.csv")
    (tmp_path / "visit.csv").write_text("mdtrt_id,fixmedins_code,psn_no,med_type,begntime,mdtrtarea_admvs\n"
                                        "V1,H1,P1,11,2026-01-01,610300\nV2,H1,P1,11,no day,610300\n", "utf-8")  # fmt: skip
    assert last(run(place, "import", tmp_path / "visit.csv", "--by", "li", "--json"))["accepted"] == 1
    assert last(run(place, "compact", "--json"))["files_after"] >= 1
    kept = last(run(place, "backup", tmp_path / "stick", "--secrets", tmp_path / "keys", "--json"))
    with connect(Home.open(place, environ={})) as pg:
        noted = pg.execute("SELECT action, detail ->> 'file' FROM trail ORDER BY id").fetchall()
        (taken,) = pg.execute("SELECT detail FROM trail WHERE action = 'records.import'").fetchone() or ({},)
    assert noted == [("records.areas", "areas.csv"), ("records.import", "visit.csv"), ("records.compact", None),
                     ("backup.write", "stick"), ("backup.keys", None)]  # fmt: skip
    assert (taken["rows"], taken["accepted"], taken["quarantined"], taken["account"]) == (2, 1, 1, "li")
    assert kept["files"] >= 1 and stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o600
    restored = last(run(tmp_path / "second", "restore", tmp_path / "stick", "--secrets", tmp_path / "keys", "--json"))
    assert restored["replayed"] == 0 and restored["rows"] > 0 and restored["trail"]["intact"]
    assert last(run(tmp_path / "second", "doctor", "--json"))["ok"]
    run(place, "down")
    assert state(Home.open(place, environ={})) == SILENT
    assert "Nothing" in run(place, "down").stdout


def test_doctor_names_what_is_wrong_and_ends_in_one(place: Path) -> None:
    run(place, "up", "--no-desk", "--no-gate")
    (place / "secrets" / "keys.json").chmod(0o644)
    told = last(run(place, "doctor", "--json", code=1))
    assert [check["check"] for check in told["checks"] if check["result"] == "fail"] == ["secrets"]
    assert "chmod" in next(check["message"] for check in told["checks"] if check["result"] == "fail")


def test_mistakes_end_in_sentences(place: Path, tmp_path: Path) -> None:
    assert "no backup" in run(place, "restore", tmp_path / "nowhere", code=2).stderr
    run(place, "restore", code=2)
    (tmp_path / "stick").mkdir()
    assert "exists" in run(place, "backup", tmp_path / "stick", code=2).stderr
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.doc").touch()
    assert "a.doc" in run(tmp_path / "letters", "up", "--no-desk", "--no-gate", code=4).stderr


def test_an_unreachable_database_url_is_said_without_its_password(place: Path) -> None:
    said = run(place, "doctor", "--json", code=1, DATABASE_URL="postgresql://u:s3cret@/x?host=/nowhere").stdout
    assert "DATABASE_URL" in said and "s3cret" not in said


def test_root_or_not_the_home_may_lie_where_others_can_not_go(place: Path, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    try:
        run(closed / "home", "up", "--no-desk", "--no-gate")
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    finally:
        run(closed / "home", "down")
        shutil.rmtree(closed)
