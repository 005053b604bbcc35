"""A withdrawn rule's open findings go with it: an audit of that rule alone, which the library no longer has.

Runs in a process of its own (`python -m mingcha.desk.library.takedown RULE BY`), because recording is the job role's.
Decided findings keep their amounts; if the process is killed, the next audit does the same.
"""

from __future__ import annotations

import os
import subprocess
import sys

from mingcha.desk.audit.actions import Recorded, record_audit
from mingcha.desk.library.local_packs import opened
from mingcha.home.directory import Home
from mingcha.knowledge.archive import keep_library
from mingcha.records.lake import Lake


def start(home: Home, rule: str, by: str) -> None:
    """Begin it in a process that outlives the request."""
    log = home.logs / "trials.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        subprocess.Popen(
            [sys.executable, "-m", "mingcha.desk.library.takedown", rule, by],
            env=os.environ | {"MINGCHA_HOME": str(home.path)}, stdout=out, stderr=out, stdin=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip


def take_back(home: Home, rule: str, by: str) -> Recorded:
    """Withdraw every open finding of a rule that is no longer in force, and count their lines anew."""
    packs = opened(home)
    keep_library(packs, home.packs)
    with Lake.open(home, read_only=True) as lake:
        return record_audit(
            by=by, home=home, watermark=lake.watermark(), snapshot=lake.snapshot(), pack=packs, scope={"rules": [rule]},
            flags=(), flag_lines=(),
        )  # fmt: skip


if __name__ == "__main__":
    take_back(Home.open(), sys.argv[1], sys.argv[2])
