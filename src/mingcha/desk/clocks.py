"""What days bring by themselves while a desk runs: deadlines that come and pass, withdrawals of rules that begin.

Each piece of work takes its own lock in the database, so that every desk may look.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from mingcha.desk.jobs.running import tidy
from mingcha.desk.library.takedown import catch_up
from mingcha.desk.notices import posting
from mingcha.desk.notices.deadlines import look_ahead
from mingcha.desk.review.deadlines import lapse
from mingcha.desk.selfcheck.actions import sweep
from mingcha.terms.calendar import today

if TYPE_CHECKING:
    from mingcha.home.directory import Home

PAUSE = 600.0
"""Seconds between two looks; what is looked for changes by the day."""
_log = logging.getLogger("mingcha.desk")


def keep_clocks(home: Home) -> None:
    """For a thread of the desk: look as long as the process lives. It never raises."""
    while True:
        for work in (lapse, catch_up, look_ahead, tidy, posting.tidy, sweep):
            try:
                work(home, today())
            except Exception as error:  # a database that is down comes back
                _log.warning("%s was not done: %s", work.__name__, type(error).__name__)
        time.sleep(PAUSE)
