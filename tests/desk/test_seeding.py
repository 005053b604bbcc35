"""The home that the desk is measured over: the same seed gives the same findings, and its books and counts are sound."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from benchmarks import findings
from benchmarks.city import mingcha, sample
from mingcha.desk.money.books import differences
from mingcha.home import postgres
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.terms.errors import UsageError

pytestmark = pytest.mark.slow

WISH = findings.Wish(3_000, 7, date(2026, 11, 2))


@pytest.fixture
def cities(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Home]]:
    """Two homes with one small city below MINGCHA_BENCH, and one beside it."""
    monkeypatch.setenv("MINGCHA_BENCH", str(tmp_path / "bench"))
    places = [tmp_path / "bench" / "one", tmp_path / "bench" / "two"]
    for place in places:
        mingcha(place, "import", str(sample(10_000)), "--json")
    made = [Home.open(place, environ={}) for place in (*places, tmp_path / "own")]
    yield made
    for home in made:
        postgres.stop(home)


def test_the_same_seed_writes_the_same_sound_home_and_no_other(cities: list[Home]) -> None:
    told = []
    for home in cities[:2]:
        findings.seed_home(home, WISH)
        with connect(home, "job") as job, job.cursor() as cursor:
            rows = "SELECT id, rule, provider, line, day, step, due, counted_fen, outcome FROM finding ORDER BY id"
            told.append(cursor.execute(rows.encode()).fetchall())
            assert cursor.execute("SELECT * FROM facts.recount()").fetchall() == []
            assert differences(cursor) == []
            assert cursor.execute("SELECT count(*) FROM observation").fetchone() == (3_000,)
            steps = dict(cursor.execute("SELECT step, count(*) FROM finding GROUP BY 1").fetchall())
            moved = "SELECT count(*) FROM finding f WHERE step NOT IN ('first', 'withdrawn') AND NOT EXISTS (SELECT"
            assert cursor.execute(f"{moved} FROM review_move WHERE finding_id = f.id)".encode()).fetchone() == (0,)
            names = "SELECT count(*) FROM pg_indexes WHERE tablename = 'finding'"
            assert (cursor.execute(names.encode()).fetchone() or (0,))[0] > 15, "indexes are there again"
    assert told[0] == told[1]
    assert steps["first"] == 120
    assert set(steps) == set(findings.SHARES)

    with pytest.raises(UsageError, match="own"):
        findings.seed_home(cities[2], WISH)
    with pytest.raises(UsageError, match="已有疑点"):
        findings.seed_home(cities[0], WISH)
