"""A running desk brings what gates took in into the lake, whoever else tries."""

from __future__ import annotations

import fcntl

import pytest

from mingcha.desk.collecting import collect_waiting
from mingcha.home.directory import Home
from mingcha.records.lake import Lake
from mingcha.records.spool import Growing
from mingcha.records.taken import CLOSED, Taken, folder, sealer
from tests.contract.test_messages import LINES

pytestmark = pytest.mark.slow


def test_what_a_gate_closed_comes_into_the_lake(home: Home) -> None:
    import json

    import msgspec

    assert not collect_waiting(home), "nothing has come"
    place, sender = folder(home), LINES["fixmedins_code"]
    place.mkdir(parents=True, exist_ok=True)
    sealed = sealer(home).seal(json.dumps(LINES).encode(), sender.encode())
    file = Growing(place / f"1-1{CLOSED}")
    file.add(msgspec.json.encode(Taken("2204", sender, LINES["msgid"], sealed)))
    file.close()
    with (place / "desk.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert not collect_waiting(home), "another process of the desk sees to it"
    assert collect_waiting(home)
    with Lake.open(home, read_only=True) as lake:
        assert lake.con.execute("SELECT count(*) FROM facts.fee_line").fetchone() == (2,)
    assert not collect_waiting(home)
