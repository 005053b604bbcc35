"""What gates took in comes into the lake by itself while a desk runs: in a process of its own, one at a time.

An import may take all the memory a machine has, and be killed for it; the desk goes on (DECISIONS 26).
"""

from __future__ import annotations

import fcntl
import logging
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from mingcha.records.taken import CLOSED, folder

if TYPE_CHECKING:
    from mingcha.home.directory import Home

PAUSE = 30.0
"""Seconds between two looks; a gate closes its files as often."""
_log = logging.getLogger("mingcha.desk")


def keep_collecting(home: Home) -> None:
    """For a thread of the desk: collect as long as the process lives. It never raises."""
    while True:
        time.sleep(PAUSE)
        try:
            collect_waiting(home)
        except Exception as error:  # a full disk is emptied, a database that is down comes back
            _log.warning("messages were not collected: %s", type(error).__name__)


def collect_waiting(home: Home) -> bool:
    """Run `mingcha gate collect` if a gate has closed a file and no other process of the desk sees to it."""
    place = folder(home)
    if not any(place.glob(f"*{CLOSED}")):
        return False
    with (place / "desk.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        command = [sys.executable, "-m", "mingcha.cli", "gate", "collect"]
        environment = os.environ | {"MINGCHA_HOME": str(home.path)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        _log.warning("messages were not collected: %s", done.stderr.strip()[-300:])
    return done.returncode == 0
