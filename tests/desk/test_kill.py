"""kill -9 at any moment of recording leaves the findings as they were, and the same command finishes them."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time

import psycopg
import pytest

from mingcha.home.directory import Home
from tests.desk.factories import Audits, flag

pytestmark = pytest.mark.slow

FLAGS, KILLS = 4000, 8
_RECORDER = """
import sys
from mingcha.home.directory import Home
from tests.desk.factories import Audits
from tests.desk.test_kill import many
print("begin", flush=True)
Audits(Home.open()).record(many())
"""


def many() -> list[dict]:
    """Enough flags that recording takes a moment; two of three share their line with another."""
    return [
        flag(f"L{n // 3}", rule=("drug-for-children", "service-by-sex", "third")[n % 3], improper_fen=100 + n)
        for n in range(FLAGS)
    ]


def test_a_killed_audit_leaves_nothing_and_is_done_by_the_same_command(home: Home, job: psycopg.Connection) -> None:
    draw, spared = random.Random(11), 0
    for _ in range(KILLS):
        spared += _recorded(home, kill_after=draw.uniform(0.0, 1.2))
        (found,) = job.execute("SELECT count(*) FROM finding").fetchone() or (None,)
        assert found in (0, FLAGS), "all of an audit or nothing"
    assert _recorded(home, kill_after=None)
    last = Audits(home).record(many())
    assert (last.added, last.observations, last.findings) == (0, 0, FLAGS)
    states = dict(job.execute("SELECT status, count(*) FROM audit GROUP BY 1").fetchall())
    assert set(states) <= {"done", "failed"}, "none still claims to be running"
    assert states["done"] >= spared + 2  # one may have been killed after its commit
    once = job.execute("SELECT count(*), sum(counted_fen) = sum(counted) FROM finding JOIN (SELECT finding_id,"
                       " sum(counted_fen) AS counted FROM finding_line GROUP BY 1) l ON l.finding_id = id").fetchone()  # fmt: skip
    assert once == (FLAGS, True)


def _recorded(home: Home, kill_after: float | None) -> bool:
    """Record in a process of its own, killed after so many seconds; whether it ended by itself."""
    process = subprocess.Popen(
        [sys.executable, "-c", _RECORDER], env=os.environ | {"MINGCHA_HOME": str(home.path)}, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout and process.stdout.readline() == b"begin\n"
    if kill_after is not None:
        time.sleep(kill_after)
        process.send_signal(signal.SIGKILL)
    code = process.wait(timeout=120)
    process.stdout.close()
    return code == 0
