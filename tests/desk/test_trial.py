"""A trial over real facts: the same engine over the same lake, nothing recorded, a killed one mended by another."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from mingcha.desk.library.shelf import shipped
from mingcha.desk.library.takedown import catch_up
from mingcha.desk.library.trial import compare, run_trial, shadows
from mingcha.home import postgres
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.knowledge.hashing import canonical_json
from mingcha.knowledge.pack import Rule
from mingcha.knowledge.revision import with_parameter

pytestmark = pytest.mark.slow

RULE = "split-admission"


def mingcha(home: Path, *words: str) -> str:
    """What a command of the product prints."""
    env = os.environ | {"MINGCHA_HOME": str(home), "MINGCHA_LANG": "zh"}
    run = subprocess.run([sys.executable, "-m", "mingcha.cli", *words], env=env, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A small city, imported and audited."""
    folder = tmp_path_factory.mktemp("trial")
    mingcha(folder / "home", "sample", str(folder / "city"), "--lines", "12000", "--seed", "7")
    mingcha(folder / "home", "import", str(folder / "city"))
    mingcha(folder / "home", "audit")
    home = Home.open(folder / "home")
    yield home
    postgres.stop(home)


@pytest.fixture
def job(city: Home) -> Iterator[psycopg.Connection]:
    with connect(city, "job", autocommit=True) as connection:
        yield connection


def tightened() -> Rule:
    """No stay follows another too soon any more: the rule flags nothing."""
    return with_parameter(shipped().rule(RULE), "days", date(2000, 1, 1), "0")


def changed_days(days: int) -> Rule:
    rule = shipped().rule(RULE)
    first = rule.parameters["days"][0].valid_from
    return with_parameter(rule, "days", first, str(days))


def queue(home: Home, rule: Rule, state: str = "checked") -> tuple[int, int]:
    """A draft and its queued trial, as the desk leaves them."""
    with connect(home, "owner") as owner:
        owner.execute("TRUNCATE rule_trial_hit, rule_trial, rule_version, rule_draft RESTART IDENTITY")
        draft = owner.execute(
            "INSERT INTO rule_draft (rule, intent, state, author, reason, content, base_version, valid_from, revision,"
            " remarks) VALUES (%s, 'revise', %s, 'a', 'why', %s, 1, current_date, 1, '[]') RETURNING id",
            [rule.id, state, canonical_json(rule)],
        ).fetchone()
        assert draft
        trial = owner.execute(
            "INSERT INTO rule_trial (draft_id, revision, shadow, state, by, step, done, total, error)"
            " VALUES (%s, 1, false, 'queued', 'a', '', 0, 0, '') RETURNING id",
            [draft[0]],
        ).fetchone()
        assert trial
    return draft[0], trial[0]


def recorded(job: psycopg.Connection) -> Any:
    return job.execute(
        "SELECT (SELECT count(*) FROM finding), (SELECT count(*) FROM observation), (SELECT count(*) FROM audit),"
        " (SELECT md5(string_agg(f::text, ',' ORDER BY id)) FROM finding f)"
    ).fetchone()


def test_the_same_rule_differs_in_nothing(city: Home, job: psycopg.Connection) -> None:
    rule = shipped().rule(RULE)
    steps: list[str] = []
    report, hits, mark = compare(city, shipped(), RULE, rule, None, None, steps.append)
    found = job.execute("SELECT count(*), sum(improper_fen) FROM finding WHERE rule = %s", [RULE]).fetchone()
    assert found and found[0] > 0
    total = report["total"]
    assert (total["old_n"], total["old_fen"]) == (total["new_n"], total["new_fen"]) == tuple(found)
    assert (hits, mark, set(report) & {"added", "gone", "changed"}) == ([], 1, set())
    assert len(steps) == 5


def test_a_trial_says_who_is_added_and_who_is_gone(city: Home, job: psycopg.Connection) -> None:
    before = recorded(job)
    draft, trial = queue(city, changed_days(0))
    run_trial(city, trial)
    state, report, error = job.execute("SELECT state, report, error FROM rule_trial WHERE id = %s", [trial]).fetchone()  # type: ignore[misc]
    assert (state, error) == ("done", "")
    found = job.execute("SELECT count(*), sum(improper_fen) FROM finding WHERE rule = %s", [RULE]).fetchone()
    assert found
    assert report["total"]["new_n"] < report["total"]["old_n"] == found[0]
    gone = report["gone"]["n"]
    assert gone == report["total"]["old_n"] - report["total"]["new_n"] > 0
    assert sum(row["old_n"] for row in report["providers"]) == found[0] == sum(row["old_n"] for row in report["months"])
    shown = job.execute("SELECT side, old_fen, new_fen FROM rule_trial_hit WHERE trial_id = %s", [trial]).fetchall()
    assert len(shown) == gone
    assert all(side == "gone" and old is not None and new is None for side, old, new in shown)
    assert job.execute("SELECT state FROM rule_draft WHERE id = %s", [draft]).fetchone() == ("trialled",)
    assert recorded(job) == before  # a trial records no finding
    with connect(city, "app") as app:  # and its rows are seen by area only
        assert app.execute("SELECT count(*) FROM rule_trial_hit").fetchone() == (0,)


def test_a_longer_gap_adds(city: Home, job: psycopg.Connection) -> None:
    _, trial = queue(city, changed_days(90))
    run_trial(city, trial)
    [report] = job.execute("SELECT report FROM rule_trial WHERE id = %s", [trial]).fetchone() or [None]
    assert "gone" not in report and report["total"]["new_n"] >= report["total"]["old_n"]


def test_a_trial_of_what_was_edited_meanwhile_moves_nothing(city: Home, job: psycopg.Connection) -> None:
    draft, trial = queue(city, tightened())
    with connect(city, "owner") as owner:
        owner.execute("UPDATE rule_draft SET state = 'draft', revision = 2")
    run_trial(city, trial)
    assert job.execute("SELECT state FROM rule_draft WHERE id = %s", [draft]).fetchone() == ("draft",)


def test_what_cannot_run_is_told(city: Home, job: psycopg.Connection) -> None:
    rule = shipped().rule(RULE)
    _, trial = queue(city, rule)
    with connect(city, "owner") as owner:
        broken = json.loads(canonical_json(replace(rule, kind="no_such_kind")))
        owner.execute("UPDATE rule_draft SET content = %s", [json.dumps(broken)])
    with pytest.raises(KeyError):
        run_trial(city, trial)
    state, error = job.execute("SELECT state, error FROM rule_trial WHERE id = %s", [trial]).fetchone()  # type: ignore[misc]
    assert state == "failed" and "no_such_kind" in error


def test_a_killed_trial_leaves_the_next_one_free(city: Home, job: psycopg.Connection) -> None:
    before = recorded(job)
    draft, trial = queue(city, changed_days(0))
    env = os.environ | {"MINGCHA_HOME": str(city.path)}
    run = subprocess.Popen([sys.executable, "-m", "mingcha.desk.library.trial", str(trial)], env=env)
    for _ in range(600):
        if job.execute("SELECT state FROM rule_trial WHERE id = %s", [trial]).fetchone() == ("running",):
            break
        time.sleep(0.05)
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert job.execute("SELECT state, report FROM rule_trial WHERE id = %s", [trial]).fetchone() == ("running", None)
    again = job.execute(
        "INSERT INTO rule_trial (draft_id, revision, shadow, state, by, step, done, total, error)"
        " VALUES (%s, 1, false, 'queued', 'a', '', 0, 0, '') RETURNING id",
        [draft],
    ).fetchone()
    assert again
    run_trial(city, again[0])
    assert job.execute("SELECT state FROM rule_trial WHERE id = %s", [again[0]]).fetchone() == ("done",)
    assert recorded(job) == before


def test_an_audit_runs_the_shadow_beside_it(city: Home, job: psycopg.Connection) -> None:
    queue(city, changed_days(0), "shadow")
    before = recorded(job)
    [(rule, report)] = shadows(city, "test", 1)
    assert rule == RULE and report["gone"]["n"] > 0
    assert recorded(job) == before
    assert "影子运行" in _stderr(city, "audit")


def _stderr(home: Home, *words: str) -> str:
    env = os.environ | {"MINGCHA_HOME": str(home.path), "MINGCHA_LANG": "zh"}
    return subprocess.run([sys.executable, "-m", "mingcha.cli", *words], env=env, capture_output=True, text=True).stderr


def test_a_signed_change_is_what_the_next_audit_runs_and_a_withdrawal_takes_back(
    city: Home, job: psycopg.Connection
) -> None:
    draft, _ = queue(city, changed_days(0))
    kept = job.execute("SELECT count(*) FROM finding WHERE rule = %s AND state = 'open'", [RULE]).fetchone()
    assert kept and kept[0] > 0
    _sign(city, draft, "revise", canonical_json(changed_days(0)))
    mingcha(city.path, "audit")
    left = job.execute("SELECT count(*) FROM finding WHERE rule = %s AND state = 'open'", [RULE]).fetchone()
    assert left and left[0] < kept[0]
    queue(city, changed_days(0))
    mingcha(city.path, "audit")  # without the version all is as before
    assert job.execute("SELECT count(*) FROM finding WHERE rule = %s AND state = 'open'", [RULE]).fetchone() == kept
    draft, _ = queue(city, changed_days(0))
    _sign(city, draft, "withdraw", None)
    others = job.execute("SELECT count(*) FROM finding WHERE rule <> %s AND state = 'open'", [RULE]).fetchone()
    assert catch_up(city, date(2025, 12, 31)) == [], "its day hasn't come"
    (told,) = catch_up(city, date(2026, 1, 1))
    assert told.withdrawn == kept[0]
    assert catch_up(city, date(2026, 1, 2)) == []
    reasons = job.execute("SELECT DISTINCT state, withdrawn_reason FROM finding WHERE rule = %s", [RULE]).fetchall()
    assert reasons == [("withdrawn", "rule_gone")]
    assert job.execute("SELECT count(*) FROM finding WHERE rule <> %s AND state = 'open'", [RULE]).fetchone() == others
    unbooked = "SELECT count(*) FROM finding_line l JOIN finding f ON f.id = l.finding_id WHERE f.rule = %s AND l.counted_fen > 0"
    assert job.execute(unbooked.encode(), [RULE]).fetchone() == (0,)


def _sign(home: Home, draft: int, intent: str, content: str | None) -> None:
    with connect(home, "owner") as owner:
        owner.execute(
            "INSERT INTO rule_version (rule, number, intent, content, valid_from, draft_id, author, signer, reason)"
            " VALUES (%s, 2, %s, %s, '2026-01-01', %s, 'a', 'b', 'why')",
            [RULE, intent, content, draft],
        )
