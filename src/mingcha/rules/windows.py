"""Windows of time: each says when a related row belongs, as an expression, so that no engine knows a window by name.

A row without a time of day has no hour: windows in hours answer unknown for it when the days leave it open.
"""

from __future__ import annotations

from mingcha.rules.algebra import Days, Hour, Literal, Node, every
from mingcha.rules.frames import Frame, other, row

SECONDS_OF_DAY = 86_400


def same_visit(frame: Frame) -> tuple[tuple[tuple[Node, str], ...], Node]:
    """Both belong to one visit."""
    return ((row(frame).visit, "visit"),), Literal(True)


def same_day(frame: Frame) -> tuple[tuple[tuple[Node, str], ...], Node]:
    """Both lie on one calendar day, before or after."""
    return ((row(frame).day, "day"),), Literal(True)


def same_hour(frame: Frame) -> tuple[tuple[tuple[Node, str], ...], Node]:
    """Both lie in one clock hour of one day: 10:00:00 to 10:59:59."""
    return ((row(frame).day, "day"),), Hour(other(frame).second) == Hour(row(frame).second)


def within_hours(frame: Frame, hours: int) -> tuple[tuple[tuple[Node, str], ...], Node]:
    """At most so many hours apart, in either direction, the last second included. `hours` ≤ 24."""
    apart = Days(other(frame).day, row(frame).day)
    seconds = apart * SECONDS_OF_DAY + other(frame).second - row(frame).second
    limit = hours * 3600
    near = every(apart >= -1, apart <= 1)
    return (), every(near, seconds >= -limit, seconds <= limit)


def same_prescription(frame: Frame) -> tuple[tuple[tuple[Node, str], ...], Node]:
    """Both were prescribed together: one visit, one prescription number."""
    return ((row(frame).visit, "visit"),), other(frame).prescription == row(frame).prescription
