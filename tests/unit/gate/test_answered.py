"""The store of answers: bounded by age and by size."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mingcha.gate.answered import Answered
from mingcha.terms.errors import PlatformError

SMALL = 16 << 20
BODY = b"{}"


def sender(number: int) -> tuple[str, str, str]:
    return "H1", str(number), "3101"


def test_the_same_message_gets_its_answer_and_another_one_none(tmp_path: Path) -> None:
    store = Answered(tmp_path)
    store.keep(sender(1), BODY, b"one")
    assert store.find(sender(1), BODY) == (b"one", False)
    assert store.find(sender(1), b"{ }") == (None, True), "the number was used for another message"
    assert store.find(sender(2), BODY) == (None, False)


def test_when_there_is_no_room_the_oldest_go(tmp_path: Path) -> None:
    store = Answered(tmp_path, size=SMALL)
    answer = os.urandom(3000)
    for number in range(8000):  # twice what there is room for
        store.keep(sender(number), BODY, answer)
        if number % 50 == 0:
            while store.forget():
                pass
    assert store.find(sender(7999), BODY)[0] == answer
    assert store.find(sender(0), BODY) == (None, False)


def test_a_full_store_says_so_and_takes_up_again_once_something_went(tmp_path: Path) -> None:
    store = Answered(tmp_path, size=SMALL)
    answer = os.urandom(3000)
    with pytest.raises(PlatformError):
        for number in range(8000):
            store.keep(sender(number), BODY, answer)
    while store.forget():
        pass
    store.keep(sender(9000), BODY, answer)
    assert store.find(sender(9000), BODY)[0] == answer


def test_what_is_kept_soon_is_known_here_at_once_and_everywhere_after_a_flush(tmp_path: Path) -> None:
    store = Answered(tmp_path)
    store.keep_soon(sender(1), BODY, b"one")
    assert store.find(sender(1), BODY) == (b"one", False)
    assert store.find(sender(1), b"{ }") == (None, True)
    with store._env.begin() as view:  # what another process sees
        assert view.stat(store._answers)["entries"] == 0
    store.flush()
    with store._env.begin() as view:
        assert view.stat(store._answers)["entries"] == 1
    assert store.find(sender(1), BODY) == (b"one", False)
    assert store.find(sender(1), b"{ }") == (None, True)
