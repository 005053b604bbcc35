"""Totals by day: kept by the transactions that write reminders, and the same as counting them one by one."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from mingcha.desk.reminders.delivering import deliver
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.terms.calendar import today
from tests.desk.factories import AREA, OTHER_AREA
from tests.desk.journals import HOSPITAL, at, call, feedback, reminder, write

if TYPE_CHECKING:
    from django.test import Client

    from mingcha.desk.reminders.forms import Filter

pytestmark = pytest.mark.slow

Visit = Callable[[str | None], "Client"]


@pytest.fixture(autouse=True)
def spool(home: Home) -> Iterator[None]:
    shutil.rmtree(home.spool / "gate", ignore_errors=True)
    yield
    shutil.rmtree(home.spool / "gate", ignore_errors=True)


def invented(seed: int) -> list[dict[str, Any]]:
    """Calls, repeated ones and reactions among them, in no order, of several days, doctors and areas."""
    dice = random.Random(seed)
    made: list[dict[str, Any]] = []
    for _ in range(120):
        number, hours = f"R{dice.randrange(40)}", dice.choice((1, 5, 20, 30, 60, 100))
        where = {"provider": dice.choice((HOSPITAL, "H2")), "area": dice.choice((AREA, OTHER_AREA))}
        told = reminder(number, amount=dice.randrange(1, 9) * 100, snoozed=dice.random() < 0.2)
        doctor = dice.choice(("D1", "D2", None))
        environment = dice.choice(("production", "production", "test"))
        made.append(call(told, at=at(hours), doctor=doctor, environment=environment, **where))  # type: ignore[arg-type]
        if dice.random() < 0.5:
            made.append(feedback(number, reason=dice.choice((None, "病情需要")), provider=where["provider"], at=at(hours - 0.5)))
    return made


def numbers(chosen: Filter) -> list[Any]:
    from mingcha.desk.reminders import queries
    from mingcha.desk.reminders.forms import DIMENSIONS

    return [queries.days(chosen), *(queries.groups(replace(chosen, by=by)) for by in DIMENSIONS)]


@pytest.mark.parametrize("seed", [1, 2])
def test_totals_kept_are_those_that_counting_gives(
    seed: int, home: Home, visit_as: Visit, job: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = invented(seed)
    for start in range(0, len(entries), 30):
        write(home, entries[start : start + 30])
        deliver(home)
    deliver(home, again=True)
    leader = visit_as("leader")
    insisted = [number for (number,) in job.execute("SELECT id FROM reminder WHERE outcome = 'insisted' LIMIT 3").fetchall()]
    for number in insisted:
        told = {"verdict": random.Random(number).choice(("false_alarm", "right")), "reason": "复核"}
        assert leader.post(f"/reminders/{number}/judge", told).status_code == 302
    from django.db import connection, transaction

    from mingcha.desk.reminders import queries
    from mingcha.desk.reminders.forms import Filter

    days = {"since": today() - timedelta(days=9), "until": today()}
    filters = [Filter(**days), Filter(**days, environment="all"), Filter(**days, practitioner="D1"),
               Filter(**days, provider="H2", department="内科", environment="test"),
               Filter(since=today(), until=today(), environment="all")]  # fmt: skip
    for scope in ("*", AREA):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('mingcha.scope', %s, true)", [scope])
            fast = [numbers(chosen) for chosen in filters]
            with monkeypatch.context() as patched:
                patched.setattr(queries, "_kept", lambda chosen: False)
                slow = [numbers(chosen) for chosen in filters]
        assert fast[1][0], "there is something to count"
        for chosen, quick, counted in zip(filters, fast, slow, strict=True):
            for one, other in zip(quick, counted, strict=True):
                told = set(one[0] if one else ()) & set(other[0] if other else ())
                assert sorted(_plain(row, told) for row in one) == sorted(_plain(row, told) for row in other), (scope, chosen)


def _plain(row: dict[str, Any], told: set[str]) -> str:
    kept = ("key", "name", "day", "provider", "n", "snoozed", "times", "changed", "insisted", "ignored", "waiting",
            "avoided_fen", "judged", "false_alarms", "fatigue")  # fmt: skip
    return str([(name, row[name]) for name in kept if name in told])


def test_a_home_that_has_reminders_already_gets_its_totals(home: Home, desk_home: Home, job: psycopg.Connection) -> None:
    write(home, invented(3))
    deliver(home)
    columns = "day, provider, environment, fund_area, care_area, department, practitioner, n, snoozed, open, times, changed," \
              " insisted, avoided_fen, judged, false_alarms, orders, told"  # fmt: skip
    kept = f"SELECT {columns} FROM reminder_day ORDER BY 1, 2, 3, 4, 5, 6, 7".encode()
    before = job.execute(kept).fetchall()
    from mingcha.desk.reminders.migrations import __file__ as place

    script = Path(place).with_name("0007_day.sql").read_text()
    backfill = script.partition("SELECT set_config('mingcha.scope'")[2].partition(";")[2]
    with connect(home, "owner") as owner:
        owner.execute("SELECT set_config('mingcha.scope', '*', true)")
        owner.execute("DELETE FROM reminder_day")
        owner.execute(backfill.encode())
    assert len(before) > 5 and job.execute(kept).fetchall() == before
