"""Histories: what was written is what is read, another store is noticed, and a difference is found."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from mingcha.engines.facts import CLASSES, KEPT, reader, row
from mingcha.gate.history import Histories, compare, update, write
from mingcha.rules.frames import FRAMES

LINE = ("H1", "V1", "L1", 7, 738000, "XA", 10_000, 500, 500, "330501", "330501", None, 500, None, None, None, None, None, None)


def people(*lines: tuple) -> list[tuple[int, dict[str, list[tuple]]]]:
    return [(7, {"line": list(lines)}), (9, {"line": [("H2", *LINE[1:])]})]


def test_a_quick_reader_makes_what_the_slow_one_makes() -> None:
    for name in KEPT:
        frame = FRAMES[name]
        values = {column: f"{column}" if kind.name == "TEXT" else 738_000 for column, kind in frame.columns.items()}
        quick, slow = reader(name)(tuple(values.values())), row(frame, values)
        assert isinstance(quick, CLASSES[name])
        told = (*frame.columns, *frame.parents, "order", "key", "place")
        assert {n: getattr(quick, n) for n in told} == {n: getattr(slow, n) for n in told}


def test_a_store_is_read_as_written_and_another_takes_its_place(tmp_path: Path) -> None:
    histories = Histories(tmp_path)
    assert histories.values(7) == {}
    assert write(tmp_path, people(LINE), {"watermark": 3}) == 2
    histories.renew()
    assert histories.about == {"watermark": 3, "persons": 2}
    assert [line.item for line in histories.rows(7, set(), set())["line"]] == ["XA"]
    write(tmp_path, people(LINE, (*LINE[:2], "L2", *LINE[3:])), {"watermark": 4})
    histories.renew()
    assert [line.line for line in histories.rows(7, set(), set())["line"]] == ["L1", "L2"]
    assert len(list(tmp_path.glob("store-*"))) == 1


def test_what_a_message_says_itself_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, people(LINE, (*LINE[:2], "L2", *LINE[3:])), {})
    kept = Histories(tmp_path).rows(7, {("H1", "V1")}, {("H1", "V1", "L2")})
    assert [line.line for line in kept["line"]] == ["L1"]


def test_a_difference_is_found(tmp_path: Path) -> None:
    write(tmp_path, people(LINE), {})
    assert compare(tmp_path, people(LINE)) == []
    assert compare(tmp_path, people((*LINE[:7], 501, *LINE[8:]))) == [7]
    assert compare(tmp_path, people(LINE)[:1]) == [-1]


def test_a_store_that_breaks_half_way_leaves_the_one_before(tmp_path: Path) -> None:
    write(tmp_path, people(LINE), {"watermark": 1})

    def broken():
        yield people(LINE)[0]
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        write(tmp_path, broken(), {"watermark": 2})
    assert Histories(tmp_path).about["watermark"] == 1 and len(list(tmp_path.glob("store-*"))) == 1


def test_a_store_is_brought_up_to_date_under_its_readers(tmp_path: Path) -> None:
    write(tmp_path, people(LINE), {"watermark": 3})
    histories = Histories(tmp_path)
    view = histories._env.begin() if histories._env else None  # a reader at work: it goes on seeing what it saw
    more = [(7, {"line": [LINE, (*LINE[:2], "L2", *LINE[3:])]}), (8, {"line": [LINE]})]
    with multiprocessing.get_context("spawn").Pool(1) as other:
        assert other.apply(update, (tmp_path, more, [7, 8, 9], {"watermark": 4})) == 2
    assert view is not None and view.get((9).to_bytes(8, "big")) is not None
    view.abort()
    histories.renew()
    assert histories.about == {"watermark": 4, "persons": 2} and histories.values(9) == {}
    assert [len(histories.values(person)["line"]) for person in (7, 8)] == [2, 1]


def test_an_update_that_breaks_half_way_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, people(LINE), {"watermark": 3})

    def broken():
        yield 7, {"line": []}
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        update(tmp_path, broken(), [7], {"watermark": 4})
    assert Histories(tmp_path).about["watermark"] == 3 and compare(tmp_path, people(LINE)) == []
