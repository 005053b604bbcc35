"""Quiet hours: what isn't urgent waits for the morning of the next working day. Times are Shanghai's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from mingcha.terms.calendar import SHANGHAI, works

MORNING = time(8)
_FAR = 60
"""Days looked ahead at most; no calendar rests so long."""


@dataclass(frozen=True)
class Quiet:
    """From when to when nobody is disturbed (equal: at no hour), and whether on days off.

    The hours may pass midnight. `told` is the area's calendar.
    """

    since: time = time(21)
    until: time = MORNING
    rest_days: bool = True
    told: Mapping[date, bool] = field(default_factory=dict)

    def holds(self, at: time) -> bool:
        """Whether a time of the day lies in the quiet hours; their end doesn't."""
        if self.since <= self.until:
            return self.since <= at < self.until
        return at >= self.since or at < self.until


def release(at: datetime, quiet: Quiet) -> datetime:
    """The first moment, not before `at`, at which people may be disturbed."""
    local = at.astimezone(SHANGHAI)
    for _ in range(2 * _FAR):
        if quiet.rest_days and not works(local.date(), quiet.told):
            local = datetime.combine(local.date() + timedelta(days=1), time(), SHANGHAI)
        elif quiet.holds(local.time()):
            tomorrow = quiet.since > quiet.until and local.time() >= quiet.since
            local = datetime.combine(local.date() + timedelta(days=tomorrow), quiet.until, SHANGHAI)
        else:
            break
    return local


def next_round(at: datetime, hour: time = MORNING) -> datetime:
    """When the next daily message goes: the first such hour not before `at`."""
    local = at.astimezone(SHANGHAI)
    return datetime.combine(local.date() + timedelta(days=local.time() > hour), hour, SHANGHAI)
