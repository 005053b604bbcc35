"""Self-checks: real files by the real reader and rules, seen by their provider alone, deleted at will, swept in time."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import psycopg
import pytest
from python_calamine import CalamineWorkbook

from mingcha.desk.jobs import running
from mingcha.home import postgres
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.sample.size import LEAST_LINES
from mingcha.sample.writing import plan, write
from mingcha.terms.calendar import today
from tests.desk.factories import AREA
from tests.desk.test_jobs import over

if TYPE_CHECKING:
    from django.test import Client

    Visit = Callable[[str | None], Client]

pytestmark = pytest.mark.slow
AT = "/portal/selfcheck"
SENT_BACK = "不是本机构的数据"


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Processes aren't started; the numbers of the jobs they would do."""
    from mingcha.desk.jobs import actions

    asked: list[int] = []
    monkeypatch.setattr(actions, "start", lambda home, number: asked.append(number))
    return asked


@pytest.fixture(autouse=True)
def emptied(home: Home) -> None:
    """No files of an earlier test."""
    import shutil

    shutil.rmtree(home.selfcheck, ignore_errors=True)


def sent(client: Client, *files: tuple[str, bytes]) -> Any:
    """The answer to an upload."""
    named = []
    for name, content in files:
        file = io.BytesIO(content)
        file.name = name
        named.append(file)
    return client.post(f"{AT}/begin", {"file": named})


def zipped(files: dict[str, bytes]) -> bytes:
    """An archive of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def folders(home: Home) -> list[Path]:
    """What lies on disk, by run."""
    return sorted(home.selfcheck.iterdir()) if home.selfcheck.exists() else []


@pytest.mark.timeout(900)  # a job lets everything else go first: on a crowded machine that takes minutes
def test_files_of_a_city_are_checked_for_one_hospital(
    visit_as: Visit, people: Callable[..., Any], home: Home, job: psycopg.Connection, tmp_path: Path
) -> None:
    write(tmp_path / "city", plan(LEAST_LINES, 3, False), 3)
    files = sorted((tmp_path / "city").rglob("*.parquet"))
    lines = str(tmp_path / "city" / "fee_line" / "*.parquet")
    with (tmp_path / "city" / "key.csv").open(encoding="utf-8") as key:
        planted = [row["provider"] for row in csv.DictReader(key)]
    own = max(set(planted), key=planted.count)
    people("hospital", "provider", AREA, provider=own)
    client = visit_as("hospital")
    batches = job.execute("SELECT count(*) FROM facts.import_batch").fetchone()
    names = {f"{file.parent.name}/{file.parent.name}-{file.name}": file.read_bytes() for file in files}
    assert sent(client, ("数据.zip", zipped(names))).headers["Location"] == f"{AT}/1"
    assert over(job, 1, 800) == "done"
    assert job.execute("SELECT done, total FROM desk_job").fetchone() == (100, 100)

    found = _own(home, own, "SELECT trouble, totals, findings, improper_fen FROM selfcheck_run")[0]
    assert found[0] is None
    assert found[1]["rows_in"] == found[1]["accepted"] + found[1]["quarantined"] + found[1]["duplicates"]
    others = duckdb.execute(f"SELECT count(*) FROM '{lines}' WHERE provider <> '{own}'").fetchone()
    assert others
    assert found[1]["quarantined"] >= others[0] > 0, "other providers' rows are sent back"
    assert found[2] > 0 and found[3] > 0, "planted faults are found"
    kept = _own(home, own, "SELECT visit, line, improper_fen, article, message FROM selfcheck_finding ORDER BY n")
    mine = set(duckdb.execute(f"SELECT visit FROM '{lines}' WHERE provider = '{own}'").fetchall())
    assert len(kept) == found[2] and {(row[0],) for row in kept if row[0] and row[1]} <= mine
    assert all(row[3] and row[4] for row in kept)
    page = client.get(f"{AT}/1").content.decode()
    assert SENT_BACK in page and kept[0][4] in page

    after = job.execute("SELECT count(*) FROM facts.import_batch").fetchone()
    assert after == batches, "not into the fund's lake"
    (place,) = folders(home)
    assert [file.name for file in place.iterdir()] == ["refused.xlsx"], "the files and the lake are gone"
    answer = client.get(f"{AT}/1/refused")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer))).get_sheet_by_index(0).to_python()
    assert any(SENT_BACK in str(row[3]) for row in sheet)
    assert client.post(f"{AT}/1/delete").status_code == 302
    assert folders(home) == [] and _own(home, own, "SELECT 1 FROM selfcheck_finding") == []


def _own(home: Home, provider: str, query: str, scope: str = "") -> list[tuple[Any, ...]]:
    """What the desk's role reads when it speaks for a provider."""
    with connect(home, "app") as app:
        app.execute("SELECT set_config('mingcha.provider', %s, true), set_config('mingcha.scope', %s, true)",
                    [provider, scope])  # fmt: skip
        return app.execute(query.encode()).fetchall()


@pytest.fixture
def done(visit_as: Visit, home: Home, held: list[int]) -> Home:
    """A finished check of H1 with one finding and its list of refused rows."""
    from mingcha.desk.selfcheck.uploads import place_of

    assert sent(visit_as("provider"), ("a.csv", "就诊ID,金额\n1,2\n".encode())).status_code == 302
    with connect(home, "owner") as owner:
        owner.execute("ALTER TABLE selfcheck_run NO FORCE ROW LEVEL SECURITY")
        owner.execute("ALTER TABLE selfcheck_finding NO FORCE ROW LEVEL SECURITY")
        totals = {"rows_in": 2, "accepted": 1, "quarantined": 1, "duplicates": 0, "money_in_fen": 5,
                  "money_accepted_fen": 5, "money_quarantined_fen": 0, "money_duplicate_fen": 0, "skipped": [],
                  "reasons": [["日期读不出", 1]]}  # fmt: skip
        (token,) = owner.execute(
            "UPDATE selfcheck_run SET finished_at = now(), totals = %s, lacking = '[]', findings = 1,"
            " improper_fen = 1234, pack = 'x' RETURNING token::text", [json.dumps(totals)]).fetchone() or ("",)  # fmt: skip
        owner.execute(
            "INSERT INTO selfcheck_finding (run_id, n, provider, rule, rule_name, certainty, article, person, visit,"
            " day, improper_fen, message, why) VALUES (1, 1, 'H1', 'r', '儿童专用药', 'definite', '目录第一条', 7, 'V1',"
            " '2025-01-01', 1234, '这是一句说明', '{}')"
        )
        owner.execute("ALTER TABLE selfcheck_run FORCE ROW LEVEL SECURITY")
        owner.execute("ALTER TABLE selfcheck_finding FORCE ROW LEVEL SECURITY")
    (place_of(home, token) / "refused.xlsx").write_bytes(b"x")
    return home


def test_nobody_else_sees_a_check(done: Home, visit_as: Visit, people: Callable[..., Any]) -> None:
    people("neighbour", "provider", AREA, provider="H2")
    page = visit_as("provider").get(f"{AT}/1").content.decode()
    assert "这是一句说明" in page and "日期读不出" in page
    for view in ("", "/state", "/refused"):
        assert visit_as("neighbour").get(f"{AT}/1{view}").status_code == 404
        for role in ("supervisor", "leader", "admin", "finance", "expert"):
            assert visit_as(role).get(f"{AT}/1{view}").status_code == 403
    assert visit_as("neighbour").post(f"{AT}/1/delete").status_code == 404
    assert "这是一句说明" not in visit_as("neighbour").get(AT).content.decode()
    for table in ("selfcheck_run", "selfcheck_finding"):
        asked = f"SELECT count(*) FROM {table}"
        assert _own(done, "H1", asked) == [(1,)]
        assert _own(done, "H2", asked, "*") == _own(done, "", asked, "*") == [(0,)], "no scope opens it"
    for column in ("totals", "provider", "files"):
        with connect(done, "job") as job, pytest.raises(psycopg.errors.InsufficientPrivilege):
            job.execute(f"SELECT {column} FROM selfcheck_run".encode())
    with connect(done, "job") as job, pytest.raises(psycopg.errors.InsufficientPrivilege):
        job.execute("SELECT 1 FROM selfcheck_finding")
    with connect(done, "job") as job:
        told = job.execute("SELECT action, detail FROM trail WHERE action ~ '^selfcheck' ORDER BY id").fetchall()
    assert told == [("selfcheck.begin", {})], "the trail holds that it was asked for, and no result"


def test_nobody_writes_in_another_providers_name(done: Home) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        _own(done, "H2", "INSERT INTO selfcheck_run (token, provider, by, files, expires_at)"
                         " VALUES (gen_random_uuid(), 'H1', 'x', '[]', now()) RETURNING id", "*")  # fmt: skip
    assert _own(done, "H2", "DELETE FROM selfcheck_run RETURNING id", "*") == []


def test_its_provider_deletes_it_and_time_sweeps_it(done: Home, visit_as: Visit, job: psycopg.Connection) -> None:
    from mingcha.desk.selfcheck.actions import sweep

    assert sweep(done, today()) == 0 and len(folders(done)) == 1, "not before its day"
    assert _own(done, "H1", "SELECT expires_at::date - asked_at::date FROM selfcheck_run") == [(90,)]
    with connect(done, "owner") as owner:
        owner.execute("ALTER TABLE selfcheck_run NO FORCE ROW LEVEL SECURITY")
        owner.execute("UPDATE selfcheck_run SET expires_at = now()")
        owner.execute("ALTER TABLE selfcheck_run FORCE ROW LEVEL SECURITY")
    orphan, fresh = done.selfcheck / "orphan", done.selfcheck / "fresh"
    for folder in (orphan, fresh):
        folder.mkdir()
    os.utime(orphan, (1, 1))
    assert sweep(done, today()) == 2
    assert folders(done) == [fresh], "a folder whose run isn't committed yet stays"
    assert _own(done, "H1", "SELECT 1 FROM selfcheck_run") == _own(done, "H1", "SELECT 1 FROM selfcheck_finding") == []
    assert visit_as("provider").get(f"{AT}/1").status_code == 404
    assert job.execute("SELECT detail FROM trail WHERE action = 'selfcheck.sweep'").fetchall() == [({"runs": 1},)]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.exe", b"MZ", "不是可以自查的文件"),
        ("a.csv", b"", "是空文件"),
        ("a.csv", b"a\0b", "内容与它的扩展名不符"),
        ("a.xlsx", b"a,b", "内容与它的扩展名不符"),
        ("a.xlsx", zipped({"xl/workbook.xml": b"x", "xl/vbaProject.bin": b"x"}), "含有宏"),
        ("a.zip", b"PK", "打不开"),
        ("a.zip", zipped({"b/c.pdf": b"%PDF"}), "不是可以自查的文件"),
        ("a.zip", zipped({}), "请选择要自查的文件"),
    ],
)
def test_what_cannot_be_taken_leaves_nothing(
    visit_as: Visit, home: Home, held: list[int], name: str, content: bytes, words: str
) -> None:
    answer = sent(visit_as("provider"), (name, content))
    words = words if content else "空文件"
    assert answer.status_code == 409 and words in answer.content.decode()
    assert folders(home) == [] and held == []


def test_an_archive_writes_nowhere_else(visit_as: Visit, home: Home, held: list[int]) -> None:
    inside = zipped({"../../../out.csv": b"a,b\n", "/tmp/absolute.csv": b"a,b\n", "__MACOSX/x.csv": b"\0"})
    assert sent(visit_as("provider"), ("a.zip", inside)).status_code == 302
    (place,) = folders(home)
    files = sorted(str(file.relative_to(place)) for file in place.rglob("*") if file.is_file())
    assert files == ["files/000/out.csv", "files/001/absolute.csv"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in place.rglob("*.csv")} == {0o600}
    assert len(held) == 1


def test_too_much_is_refused(visit_as: Visit, home: Home, held: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    from mingcha.desk.selfcheck import uploads

    monkeypatch.setattr(uploads, "UNPACKED", 10)
    assert "展开后超过" in sent(visit_as("provider"), ("a.zip", zipped({"a.csv": b"1" * 11}))).content.decode()
    monkeypatch.setattr(uploads, "LARGEST", 5)
    assert "合计超过" in sent(visit_as("provider"), ("a.csv", b"1" * 6)).content.decode()
    assert folders(home) == [] and held == []


def test_one_at_a_time_until_its_process_is_gone(visit_as: Visit, home: Home, held: list[int]) -> None:
    client = visit_as("provider")
    assert sent(client, ("a.csv", b"a,b\n1,2\n")).status_code == 302
    assert "正在进行" in sent(client, ("a.csv", b"a,b\n1,2\n")).content.decode(), "a double click"
    assert client.get(f"{AT}/1/state").status_code == 200 and held == [1]
    with connect(home, "owner") as owner:
        owner.execute("ALTER TABLE selfcheck_run NO FORCE ROW LEVEL SECURITY")
        owner.execute("UPDATE selfcheck_run SET asked_at = now() - interval '2 minutes'")
        owner.execute("ALTER TABLE selfcheck_run FORCE ROW LEVEL SECURITY")
    assert client.get(f"{AT}/1/state").headers["HX-Refresh"] == "true"
    assert "进程中断" in client.get(f"{AT}/1").content.decode()
    assert sent(client, ("a.csv", b"a,b\n1,2\n")).status_code == 302


@pytest.mark.parametrize("how", ["killed", "deleted"])
def test_the_database_of_a_run_ends_with_it(visit_as: Visit, home: Home, held: list[int], how: str) -> None:
    client = visit_as("provider")
    assert sent(client, ("a.csv", b"a,b\n1,2\n")).status_code == 302 and held == [1]
    (place,) = folders(home)
    own = Home.open(place / "home", {})
    connect(own, "owner").close()
    assert postgres.processes(own)
    if how == "deleted":
        assert client.post(f"{AT}/1/delete").status_code == 302
        assert folders(home) == []
    else:
        with connect(home, "owner") as owner:
            owner.execute("ALTER TABLE selfcheck_run NO FORCE ROW LEVEL SECURITY")
            owner.execute("UPDATE selfcheck_run SET asked_at = now() - interval '2 minutes'")
            owner.execute("ALTER TABLE selfcheck_run FORCE ROW LEVEL SECURITY")
        assert "进程中断" in client.get(f"{AT}/1").content.decode()
        assert list(place.iterdir()) == []
    assert not postgres.processes(own)


def test_files_that_cannot_be_read_are_told_on_the_page(visit_as: Visit, home: Home, held: list[int]) -> None:
    client = visit_as("provider")
    sent(client, ("a.csv", "甲,乙\n1,2\n".encode()))
    running.run(home, held[0])
    assert "没有结果" in client.get(f"{AT}/1").content.decode()
    (trouble,) = _own(home, "H1", "SELECT trouble FROM selfcheck_run")[0]
    assert "没有可导入的文件" in trouble and "a.csv" in trouble
    (place,) = folders(home)
    assert list(place.iterdir()) == [], "the file is gone all the same"


def test_a_check_deleted_under_way_leaves_nothing(visit_as: Visit, home: Home, held: list[int]) -> None:
    client = visit_as("provider")
    sent(client, ("a.csv", b"a,b\n1,2\n"))
    assert client.post(f"{AT}/1/delete").status_code == 302
    assert client.post(f"{AT}/1/delete").status_code == 404
    running.run(home, held[0])
    assert folders(home) == [] and _own(home, "H1", "SELECT 1 FROM selfcheck_run") == []
