"""Large exports and exact counts: asked for once, done beside the pages, taken back, killed, expired, one's own."""

from __future__ import annotations

import re
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from io import BytesIO
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from python_calamine import CalamineWorkbook

from mingcha.desk.jobs import running
from mingcha.home.directory import Home
from mingcha.terms.calendar import today
from tests.desk.factories import AREA, OTHER_AREA, Audits, flag

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow

Visit = Callable[[str | None], "Client"]


@pytest.fixture
def ten(audits: Audits) -> Audits:
    """Ten findings, of which a county sees seven."""
    audits.record([flag(f"L{n}", improper_fen=100 + n, fund_area=AREA if n < 7 else OTHER_AREA,
                        care_area=AREA if n < 7 else OTHER_AREA) for n in range(10)])  # fmt: skip
    return audits


@pytest.fixture
def small(django_desk: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three rows are many, for a page and for a count."""
    from mingcha.desk.audit import counts, export

    monkeypatch.setattr(export, "AT_ONCE", 3)
    monkeypatch.setattr(counts, "LIMIT", 3)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Processes aren't started; the numbers of the jobs they would do."""
    from mingcha.desk.jobs import actions

    asked: list[int] = []
    monkeypatch.setattr(actions, "start", lambda home, number: asked.append(number))
    return asked


def over(job: psycopg.Connection, number: int, seconds: float = 60) -> str:
    """The state a job ends in."""
    until, state = time.monotonic() + seconds, ""
    while time.monotonic() < until:
        (state,) = job.execute("SELECT state FROM desk_job WHERE id = %s", [number]).fetchone() or ("",)
        if state not in ("waiting", "running"):
            return state
        time.sleep(0.1)
    raise AssertionError(f"job {number} is still {state}")


def cells(answer: Any) -> list[list[Any]]:
    """The rows of the workbook sent."""
    with closing(answer):
        return CalamineWorkbook.from_filelike(BytesIO(b"".join(answer))).get_sheet_by_index(0).to_python()


@pytest.mark.usefixtures("ten", "small")
def test_a_large_export_is_written_beside_and_fetched(visit_as: Visit, home: Home, job: psycopg.Connection) -> None:
    county = visit_as("county")
    assert county.get("/findings/export").headers["Location"] == "/jobs"
    assert over(job, 1) == "done"
    page = county.get("/jobs").content.decode()
    assert 'href="/jobs/1/file"' in page
    assert "/jobs/state" not in page, "nothing is under way, so nothing is asked for again"
    sheet = cells(county.get("/jobs/1/file"))
    assert len(sheet) == 8, "seven of the county, and the heading"
    place = next((home.path / "exports").glob("1-*.xlsx"))
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    told = job.execute("SELECT action, by FROM trail WHERE action ~ '^(job|findings)' ORDER BY id").fetchall()
    assert told == [("job.ask", "county"), ("findings.export", "county"), ("job.download", "county")]
    assert job.execute("SELECT event, account, n FROM notice_told").fetchall() == [("job-done", "county", 7)]
    for name in ("supervisor", "elsewhere"):
        assert visit_as(name).get("/jobs/1/file").status_code == 404
        assert visit_as(name).post("/jobs/1/cancel").status_code == 404
    job.execute("UPDATE desk_job SET expires_at = now() - interval '1 minute'")
    assert county.get("/jobs/1/file").status_code == 404
    assert running.tidy(home, today()) == 1
    assert not place.exists()
    assert "已过期" in county.get("/jobs").content.decode()


@pytest.mark.usefixtures("ten", "small")
def test_a_small_export_comes_at_once(visit_as: Visit, job: psycopg.Connection) -> None:
    assert len(cells(visit_as("supervisor").get("/findings/export?least=1.08"))) == 3
    assert job.execute("SELECT count(*) FROM desk_job").fetchone() == (0,)


@pytest.mark.usefixtures("ten", "small")
def test_asked_twice_it_is_done_once(visit_as: Visit, held: list[int], job: psycopg.Connection) -> None:
    for _ in range(2):
        visit_as("supervisor").get("/findings/export")
    visit_as("county").get("/findings/export")
    assert len(held) == 2
    assert job.execute("SELECT by FROM desk_job ORDER BY id").fetchall() == [("supervisor",), ("county",)]


@pytest.mark.usefixtures("ten", "small")
def test_taken_back_before_and_while_it_is_done(
    visit_as: Visit, held: list[int], home: Home, job: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = visit_as("supervisor")
    client.get("/findings/export")
    assert client.post(f"/jobs/{held[0]}/cancel").status_code == 302
    running.run(home, held[0])
    client.get("/findings/export")
    from mingcha.desk.audit import queries

    every = queries.every

    def slow(*asked: Any) -> Iterator[Any]:
        for n, row in enumerate(every(*asked)):
            if n == 2:
                job.execute("UPDATE desk_job SET state = 'cancelled', finished_at = now() WHERE id = %s", [held[1]])
            yield row

    monkeypatch.setattr(queries, "every", slow)
    monkeypatch.setattr(running, "STEP", 1)
    running.run(home, held[1])
    assert [over(job, number) for number in held] == ["cancelled", "cancelled"]
    assert list((home.path / "exports").glob(f"{held[1]}-*")) == []
    assert job.execute("SELECT count(*) FROM trail WHERE action = 'findings.export'").fetchone() == (0,)


@pytest.mark.usefixtures("ten", "small", "held")
def test_a_killed_one_says_so_and_can_be_asked_again(visit_as: Visit, home: Home, job: psycopg.Connection) -> None:
    client = visit_as("supervisor")
    client.get("/findings/export")
    job.execute("UPDATE desk_job SET state = 'running'")
    job.execute("SELECT pg_advisory_lock(%s, 1)", [running.LOCK])
    assert "hx-trigger" in client.get("/jobs/state").content.decode(), "somebody does it"
    job.execute("SELECT pg_advisory_unlock(%s, 1)", [running.LOCK])
    page = client.get("/jobs/state").content.decode()
    assert "进程中断" in page
    assert ("job-failed",) in job.execute("SELECT event FROM notice_told").fetchall()
    assert "/jobs/state" not in page
    left = running.place_of(home, 1, "left")
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"half")
    assert running.tidy(home, today()) == 1
    client.get("/findings/export")
    assert job.execute("SELECT id, state FROM desk_job ORDER BY id").fetchall() == [(1, "failed"), (2, "waiting")]


@pytest.mark.usefixtures("ten", "small")
def test_counting_exactly(visit_as: Visit, job: psycopg.Connection) -> None:
    client = visit_as("county")
    page = client.get("/findings?least=1").content.decode()
    assert "共 3+ 条" in page
    query = re.search(r'name="query" value="([^"]*)"><button class="btn btn-plain">精确计数', page)
    assert query
    begun = client.post("/findings/count", {"query": query[1]}).content.decode()
    assert "正在精确计数" in begun
    assert 'hx-get="/findings/count/1"' in begun
    assert over(job, 1) == "done"
    assert "精确：7 条，7.21 元" in client.get("/findings/count/1").content.decode()
    assert visit_as("supervisor").get("/findings/count/1").status_code == 404
