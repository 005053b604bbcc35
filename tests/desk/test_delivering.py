"""Journals reach the desk: each entry once, in whatever order, whatever is killed, and only the provider's own count."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from mingcha.desk.reminders import delivering
from mingcha.desk.reminders.delivering import Delivered, deliver, waiting
from mingcha.home.database import connect
from mingcha.home.directory import Home
from tests.desk.factories import AREA, OTHER_AREA
from tests.desk.journals import HOSPITAL, at, call, feedback, reminder, write

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def spool(home: Home) -> Iterator[None]:
    shutil.rmtree(home.spool / "gate", ignore_errors=True)
    yield
    shutil.rmtree(home.spool / "gate", ignore_errors=True)


def told(job: psycopg.Connection) -> list[tuple[Any, ...]]:
    return job.execute("SELECT number, outcome, reason, times, amount_fen FROM reminder ORDER BY number").fetchall()


def total(job: psycopg.Connection) -> list[tuple[Any, ...]]:
    return job.execute("SELECT provider, environment, care_area, calls, orders, reminders FROM reminder_total"
                       " ORDER BY 1, 2, 3").fetchall()  # fmt: skip


def test_the_command_delivers_and_says_how_much(home: Home) -> None:
    write(home, [call(reminder("A")), feedback("A")])
    for arguments, entries, reactions in (([], 2, 1), ([], 0, 0), (["--again"], 2, 0)):
        command = [sys.executable, "-m", "mingcha.cli", "gate", "deliver", *arguments, "--json"]
        done = subprocess.run(command, env=os.environ | {"MINGCHA_HOME": str(home.path)}, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout.splitlines()[-1])
        assert (told["entries"], told["reactions"]) == (entries, reactions)


def test_calls_reminders_and_reactions_arrive_once(home: Home, job: psycopg.Connection) -> None:
    write(home, [
        call(reminder("A"), reminder("B", "drug-by-sex")), call(), feedback("A"),
        call(reminder("B", "drug-by-sex", 3000)), feedback("B", reason="外地长期居住"),
        call(reminder("B", "drug-by-sex", 7000)), {"kind": "reused", "at": at(), "provider": HOSPITAL},
    ])  # fmt: skip
    assert deliver(home) == Delivered(7, 4, 2, 2)
    # B's amount is that of the last call before delivery, for the reaction came in the same stretch
    assert told(job) == [("A", "changed", None, 1, 1000), ("B", "insisted", "外地长期居住", 3, 7000)]
    assert total(job) == [(HOSPITAL, "production", AREA, 4, 16, 2)]
    assert deliver(home) == Delivered(0, 0, 0, 0) and waiting(home) == 0
    before = told(job), total(job)
    assert deliver(home, again=True) == Delivered(7, 0, 0, 0)
    job.execute("UPDATE reminder_mark SET place = 0, number = 0")
    assert deliver(home) == Delivered(7, 0, 0, 0)
    assert (told(job), total(job)) == before


def test_after_a_reaction_words_and_amount_stay(home: Home, job: psycopg.Connection) -> None:
    write(home, [call(reminder("A")), feedback("A")])
    deliver(home)
    write(home, [call(reminder("A", amount=9000, strength="block"), at=at(0.1))])
    deliver(home)
    assert told(job) == [("A", "changed", None, 2, 1000)]
    write(home, [feedback("A", reason="仍然需要", at=at(0.05))])
    deliver(home)
    assert told(job) == [("A", "insisted", "仍然需要", 2, 1000)]


def test_a_reaction_may_come_before_its_call(home: Home, job: psycopg.Connection) -> None:
    write(home, [feedback("A")], "gate-0")
    assert deliver(home) == Delivered(1, 0, 0, 1)
    write(home, [call(reminder("A"))], "gate-1")
    deliver(home)
    assert told(job) == [("A", "changed", None, 1, 1000)]


def test_who_reacts_to_anothers_reminder_changes_nothing(home: Home, job: psycopg.Connection) -> None:
    write(home, [call(reminder("A")), feedback("A", provider="H61032900002"), feedback("nothing")])
    deliver(home)
    assert told(job) == [("A", None, None, 1, 1000)]
    assert job.execute("SELECT count(*) FROM reaction").fetchone() == (2,)


def test_what_was_torn_off_is_read_when_it_is_whole(home: Home, job: psycopg.Connection) -> None:
    write(home, [call(reminder("A")), call(reminder("B"))])
    (path,) = (home.spool / "gate").iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    assert deliver(home).entries == 1
    path.write_bytes(whole)
    assert deliver(home).entries == 1
    path.unlink()
    write(home, [call(reminder("C"), at=at(0.2))])  # another journal under the old name, numbered from one again
    assert deliver(home) == Delivered(1, 1, 1, 0)
    assert [row[0] for row in told(job)] == ["A", "B", "C"]


def test_old_entries_and_strange_texts_are_taken(home: Home, job: psycopg.Connection) -> None:
    job.execute("INSERT INTO provider_directory (provider, name, area) VALUES (%s, '某院', %s)", [HOSPITAL, AREA])
    old = call(reminder("A", visit="V1"), doctor="D")
    for name in ("key", "environment"):
        del old[name]
    for name in ("care_area", "fund_area", "orders"):
        del old["asked"][0][name]
    del old["reminders"][0]["message"], old["reminders"][0]["asked"]
    write(home, [old | {"asked": [old["asked"][0] | {"doctor": "D\0"}]}])
    deliver(home)
    assert job.execute("SELECT environment, care_area, practitioner FROM reminder").fetchall() == [("test", AREA, "D")]
    assert delivering._plain("\ud800x") == "?x"


def test_each_sees_its_own_area(home: Home) -> None:
    write(home, [call(reminder("A")), call(reminder("B"), area=OTHER_AREA), feedback("A")])
    deliver(home)
    for scope, seen in ((AREA, ("A",)), (OTHER_AREA, ("B",)), ("", ()), ("*", ("A", "B"))):
        with connect(home, "app") as app:
            app.execute("SELECT set_config('mingcha.scope', %s, true)", [scope])
            assert [r[0] for r in app.execute("SELECT number FROM reminder ORDER BY 1")] == list(seen)
            for table in ("reminder_call", "reminder_total"):
                assert app.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() == (len(seen),)
    with connect(home, "app") as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("UPDATE reminder SET outcome = 'changed'")


_RUN = """
from mingcha.desk.reminders import delivering
from mingcha.home.directory import Home
delivering.STRETCH = 50
print("begin", flush=True)
print(delivering.deliver(Home.open()), flush=True)
"""


def test_killed_at_any_moment_it_ends_the_same(home: Home, job: psycopg.Connection) -> None:
    draw = random.Random(3)
    for gate in range(2):
        entries = [entry for n in range(400) for entry in (
            call(reminder(f"{gate}-{n}"), reminder(f"{gate}-{n % 7}-again", "drug-by-sex")), feedback(f"{gate}-{n}"))]  # fmt: skip
        write(home, entries, f"gate-{gate}")
    killed = 0
    for _ in range(8):
        with subprocess.Popen([sys.executable, "-c", _RUN], env=os.environ | {"MINGCHA_HOME": str(home.path)},
                              stdout=subprocess.PIPE) as process:  # fmt: skip
            assert process.stdout is not None and process.stdout.readline() == b"begin\n"
            time.sleep(draw.uniform(0.0, 0.5))
            process.send_signal(signal.SIGKILL)
        killed += process.returncode != 0
    assert killed
    others = [subprocess.Popen([sys.executable, "-c", _RUN], env=os.environ | {"MINGCHA_HOME": str(home.path)},
                               stdout=subprocess.DEVNULL) for _ in range(2)]  # fmt: skip
    assert [other.wait() for other in others] == [0, 0], "two at once take turns"
    assert waiting(home) == 0
    assert total(job) == [(HOSPITAL, "production", AREA, 800, 3200, 814)]
    counts = job.execute("SELECT count(*), sum(times), count(*) FILTER (WHERE outcome = 'changed') FROM reminder").fetchone()
    assert counts == (814, 1600, 800)
