"""The balance of connections: a process with more than its part lets some go, and no other does."""

from __future__ import annotations

from pathlib import Path

import pytest

from mingcha.gate.balance import BUSY, Balance
from mingcha.gate.counters import Counters


def counted(folder: Path, process: int, monkeypatch: pytest.MonkeyPatch) -> Counters:
    monkeypatch.setattr("mingcha.gate.counters.os.getpid", lambda: process)
    return Counters(folder)


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Counters, Counters]:
    return counted(tmp_path, 1, monkeypatch), counted(tmp_path, 2, monkeypatch)


def served(own: Balance, counters: Counters, connections: int, each: int) -> int:
    """Answer messages of connections; how many were closed."""
    closed = 0
    for _ in range(each):
        for port in range(connections):
            counters.count("requests")
            closed += own.leaves(("127.0.0.1", port))
    return closed


def test_who_has_all_lets_half_go_once(two: tuple[Counters, Counters]) -> None:
    first = Balance(two[0], 2)
    assert served(first, two[0], 16, 10) == 0
    first.look()
    assert served(first, two[0], 16, 10) == 8


def test_with_even_parts_and_with_little_to_do_nobody_goes(two: tuple[Counters, Counters]) -> None:
    first, second = Balance(two[0], 2), Balance(two[1], 2)
    served(first, two[0], 17, 10)
    served(second, two[1], 15, 10)
    first.look()
    second.look()
    assert served(first, two[0], 2, (BUSY - 1) // 2) == served(second, two[1], 1, 1) == 0
    first.look()
    assert served(first, two[0], 2, 1) == 0


def test_the_last_connection_stays_and_one_process_keeps_all(two: tuple[Counters, Counters]) -> None:
    first, alone = Balance(two[0], 2), Balance(two[0], 1)
    served(first, two[0], 1, 100)
    first.look()
    assert served(first, two[0], 1, 100) == 0, "closing it would only move the crowd"
    alone.look()
    served(alone, two[0], 16, 10)
    alone.look()
    assert served(alone, two[0], 16, 10) == 0


def test_what_processes_did_that_ended_is_not_counted_again(two: tuple[Counters, Counters]) -> None:
    two[1].count("requests", 1_000_000)
    first = Balance(two[0], 2)
    assert served(first, two[0], 16, 10) == 0
    first.look()
    assert served(first, two[0], 16, 1) == 8
