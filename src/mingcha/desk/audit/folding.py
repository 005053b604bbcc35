"""Keeps the counts of findings small and true: what moves added is put together, and doctor recounts.

As the job role, without the desk's framework; migrations/0006_counts.sql has the functions that do it.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from mingcha.home.database import connect

if TYPE_CHECKING:
    from mingcha.home.directory import Home

PAUSE = 60.0
"""Seconds between two foldings; meanwhile each move leaves a few rows to sum."""
_log = logging.getLogger("mingcha.desk")


def settle(home: Home) -> int:
    """Recount everything and put right what differs; how many counts did: none in a sound home. Reads every finding."""
    with connect(home, "job") as job:
        job.execute("SELECT pg_advisory_xact_lock(hashtext('finding counts'))")
        return (job.execute("SELECT facts.settle_counts()").fetchone() or (0,))[0]


def fold(home: Home) -> int:
    """Put together what was counted since the last time; how many rows went into it."""
    with connect(home, "job") as job:
        if job.execute("SELECT pg_try_advisory_xact_lock(hashtext('finding counts'))").fetchone() != (True,):
            return 0
        return (job.execute("SELECT facts.fold_counts()").fetchone() or (0,))[0]


def keep_folding(home: Home) -> None:
    """For a thread of the desk: fold as long as the process lives. It never raises."""
    while True:
        try:
            fold(home)
        except Exception as error:  # a database that is down comes back
            _log.warning("counts were not folded: %s", type(error).__name__)
        time.sleep(PAUSE)
