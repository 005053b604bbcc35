"""The journal: what was acknowledged is there, whatever was torn off, and numbers go on where they were."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mingcha.gate.journal import Journal, entries


def test_entries_are_numbered_and_read_from_where_one_left_off(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "g")
    assert [journal.add("call", {"n": n}) for n in range(3)] == [1, 2, 3]
    journal.close()
    again = Journal(tmp_path, "g")
    assert again.add("call", {"n": 3}) == 4
    again.close()
    assert [(gate, e["number"], e["n"]) for gate, e in entries(tmp_path, {"g": 2})] == [("g", 3, 2), ("g", 4, 3)]


@pytest.mark.parametrize("cut", [1, 5, 9, 20])
def test_a_torn_end_is_cut_off_and_nothing_else(tmp_path: Path, cut: int) -> None:
    journal = Journal(tmp_path, "g")
    journal.add("call", {"n": 1})
    journal.flush()
    whole = journal.path.stat().st_size
    journal.add("call", {"n": 2, "text": "一行"})
    journal.close()
    size = journal.path.stat().st_size
    with journal.path.open("rb+") as file:
        file.truncate(size - cut)
    again = Journal(tmp_path, "g")
    assert (again.number, again.path.stat().st_size) == (1, whole)
    again.add("call", {"n": 3})
    again.close()
    assert [e["n"] for _, e in entries(tmp_path)] == [1, 3]


def test_many_who_wait_share_one_write(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "g")

    async def all_at_once() -> list[int]:
        return list(await asyncio.gather(*(journal.sure("feedback", {"n": n}) for n in range(50))))

    assert sorted(asyncio.run(all_at_once())) == list(range(1, 51))
    assert len(list(entries(tmp_path))) == 50  # before it was closed
    journal.close()
