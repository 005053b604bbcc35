"""The chain's arithmetic, and what a walk says of every kind of damage."""

from __future__ import annotations

from typing import Any

import pytest

from mingcha.desk.trail.chain import START, link, sm3
from mingcha.desk.trail.verifying import LATE, Report, _walk

Row = tuple[int, int, str, float, bytes, bytes, str | None, float]


def chain(count: int, entered: dict[int, float] | None = None) -> list[Row]:
    """Seals 1…count over entries 11…, one a second, as the query of a walk gives them."""
    rows, previous = [], START
    for n in range(1, count + 1):
        content, at = f"[{10 + n}]", f"2026-11-23 00:00:{n:02}"
        digest = sm3(content.encode())
        previous = link(previous, digest, at)
        rows.append((n, 10 + n, at, float(n), digest, previous, content, (entered or {}).get(n, float(n))))
    return rows


def altered(row: Row, **columns: Any) -> Row:
    names = ("n", "entry", "at", "at_second", "digest", "stored", "content", "entered")
    return tuple(columns.get(name, value) for name, value in zip(names, row, strict=True))  # type: ignore[return-value]


def found(rows: list[Row]) -> list[tuple[str, int]]:
    report = Report()
    _walk(rows, report)
    return [(fault.what, fault.seal) for fault in report.faults]


def test_sm3_is_the_standards() -> None:
    """GB/T 32905-2016, A.1."""
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert sm3(b"a", b"bc") == sm3(b"abc")


def test_a_whole_chain_is_whole() -> None:
    report = Report(heads={chain(9)[4][5].hex(): None, "00" * 32: None})
    _walk(chain(9), report)
    assert (report.sealed, report.fault_count, report.head) == (9, 0, chain(9)[-1][5].hex())
    assert list(report.heads.values()) == [5, None]
    assert not report.intact, "a noted head is not in it"
    empty = Report()
    _walk([], empty)
    assert (empty.sealed, empty.head, empty.intact) == (0, START.hex(), True)


def test_each_damage_is_told_once_and_named() -> None:
    good = chain(9)

    def changed(n: int, **columns: Any) -> list[Row]:
        return [altered(row, **columns) if row[0] == n else row for row in good]

    assert found(changed(4, content="[14 ]")) == [("changed", 4)]
    assert found(changed(4, content=None)) == [("deleted", 4)]
    assert found(changed(4, digest=sm3(b"other"))) == [("seal", 4)]
    assert found(changed(4, at="2026-11-23 00:00:05")) == [("seal", 4)]
    assert found(changed(4, stored=sm3(b"other"))) == [("seal", 4), ("seal", 5)], "what follows no longer fits"
    assert found([row for row in good if row[0] != 4]) == [("missing", 4)]
    assert found([row for row in good if row[0] not in (4, 5, 6)]) == [("missing", 4)]
    assert found(good[1:]) == [("missing", 1)]
    swapped = [*good[:3], altered(good[4], n=4), altered(good[3], n=5), *good[5:]]
    assert ("seal", 4) in found(swapped)
    assert ("seal", 5) in found(swapped)
    rewritten = [*good[:3], *(altered(row, n=row[0] - 1) for row in good[4:])]
    assert found(rewritten) == [("seal", 4)], "a seal taken out and the rest numbered anew"


@pytest.mark.parametrize(("second", "told"), [(-LATE, []), (-LATE - 2, [("backdated", 5)])])
def test_an_entry_that_appears_long_after_its_time_is_dated_back(second: float, told: list[tuple[str, int]]) -> None:
    assert found(chain(9, {5: 4.0 + second})) == told


def test_the_first_pass_knows_no_time_before_it() -> None:
    assert found(chain(3, {1: -1e9})) == [], "what was written before anybody sealed is not late"
