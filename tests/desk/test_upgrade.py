"""Tables of an older version, with rows in them, become those of this one: row security must not hide them from it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mingcha.desk.migrate import ready
from mingcha.home import postgres
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.terms.errors import PlatformError

pytestmark = pytest.mark.slow

_OLD = """
    INSERT INTO audit (by, started_at, finished_at, status, watermark, snapshot, pack_hash, pack_version, scope)
    VALUES ('a', now(), now(), 'done', 1, 1, 'x', '1', '{}');
    INSERT INTO finding (id, fund_area, care_area, rule, frame, key, rule_version, certainty, provider, day, state,
                         improper_fen, counted_fen, lines, first_audit_id, withdrawn_reason)
    SELECT 'YD' || state, '610329', '610329', 'r', 'line', state, 1, 'definite', 'H1', '2026-01-01', state, 5, 5, 1, 1,
           CASE WHEN state = 'withdrawn' THEN 'not_flagged' END
    FROM unnest(ARRAY['open', 'decided', 'withdrawn']) AS state
"""


def test_findings_of_a_version_without_steps_get_theirs(tmp_path: Path) -> None:
    home = Home.open(tmp_path / "home", environ={})
    try:
        with connect(home, "owner"):
            pass
        environment = os.environ | {"MINGCHA_HOME": str(home.path), "MINGCHA_DESK_ROLE": "owner",
                                    "DJANGO_SETTINGS_MODULE": "mingcha.desk.settings"}  # fmt: skip
        subprocess.run([sys.executable, "-m", "django", "migrate", "audit", "0003", "-v", "0"], env=environment, check=True)
        with connect(home, "owner") as owner:
            owner.execute("SELECT set_config('mingcha.scope', '*', true)")
            owner.execute(_OLD.encode())
        with pytest.raises(PlatformError, match="mingcha up"):
            ready(home)
        ready(home, upgrade=True)
        with connect(home, "job") as job:
            found = job.execute("SELECT key, step, state FROM finding ORDER BY key").fetchall()
            sums = "SELECT step, n, fen FROM finding_count WHERE provider = '' AND rule = ''"
            counted = job.execute(sums).fetchall()
            assert sorted(counted) == [("first", 1, 5), ("notified", 1, 5), ("withdrawn", 1, 5)]
            assert job.execute("SELECT count(*) FROM facts.recount()").fetchone() == (0,)
        assert found == [("decided", "notified", "decided"), ("open", "first", "open"),
                         ("withdrawn", "withdrawn", "withdrawn")]  # fmt: skip
    finally:
        postgres.stop(home)
