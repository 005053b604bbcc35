"""Plans what goes beyond the desk, in the transaction that posts: one delivery a notice and channel, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from mingcha.desk.accounts.policy import home_area
from mingcha.desk.notices.area_settings import AreaSettings, settings_of
from mingcha.desk.notices.events import EVENTS
from mingcha.desk.notices.own import EMAIL, SMS, wanted_by_default
from mingcha.desk.notices.quiet import next_round, release
from mingcha.desk.notices.webhook import WEBHOOK

_REACHED = """
SELECT n.id, r.recipient, r.event, r.ends, p.email IS NOT NULL, p.sms IS NOT NULL, p.rhythm, p.quiet_since,
       p.quiet_until, a.scope
FROM reached r JOIN notice_person p ON p.account = r.recipient JOIN account a ON a.username = r.recipient
JOIN notice n ON (n.recipient, n.event, n.subject, n.slot) = (r.recipient, r.event, r.subject, r.slot)
WHERE p.email IS NOT NULL OR p.sms IS NOT NULL"""
PLAN = """
INSERT INTO notice_delivery (notice_id, recipient, channel, next_at) VALUES (%s, %s, %s, %s)
ON CONFLICT (notice_id, channel) DO NOTHING"""
"""A notice that waits for its message grows until its window is over, and never after."""
_ENDPOINTS = """
SELECT n.id, r.recipient, r.event, r.ends, o.kind, o.area
FROM reached r JOIN notice_endpoint o ON r.recipient = 'endpoint:' || o.id
JOIN notice n ON (n.recipient, n.event, n.subject, n.slot) = (r.recipient, r.event, r.subject, r.slot)"""


def plan(cursor: Any, now: datetime) -> int:
    """Plan the deliveries of what was `reached`, to persons and to endpoints; how many."""
    areas = dict[str, AreaSettings]()
    planned = [*_persons(cursor, now, areas), *_endpoints(cursor, now, areas)]
    cursor.executemany(PLAN, planned)
    return len(planned)


def _endpoints(cursor: Any, now: datetime, areas: dict[str, AreaSettings]) -> list[tuple[Any, ...]]:
    """A system hears at any hour; a group of people in its quiet hours doesn't."""
    cursor.execute(_ENDPOINTS)
    planned = []
    for number, recipient, event, ends, kind, area in cursor.fetchall():
        at = max(ends, now)
        if kind != WEBHOOK and not EVENTS[event].urgent:
            at = release(at, _here(cursor, area, areas).quiet)
        planned.append((number, recipient, "endpoint", at))
    return planned


def _here(cursor: Any, area: str, areas: dict[str, AreaSettings]) -> AreaSettings:
    if area not in areas:
        areas[area] = settings_of(cursor, area)
    return areas[area]


def _persons(cursor: Any, now: datetime, areas: dict[str, AreaSettings]) -> list[tuple[Any, ...]]:
    cursor.execute(_REACHED)
    found = cursor.fetchall()
    chosen, planned = _choices(cursor, {row[1] for row in found}), list[Any]()
    for number, recipient, event, ends, email, sms, rhythm, since, until, scope in found:
        here = _here(cursor, home_area(scope), areas)
        quiet = here.quiet if since is None else replace(here.quiet, since=since, until=until)
        known = EVENTS[event]
        for channel, given in ((EMAIL, email), (SMS, sms)):
            wish = chosen.get((recipient, event, channel), wanted_by_default(event, channel, here.defaults))
            if given and wish and known.outside and channel in here.channels:
                at = max(ends, now)
                if not known.urgent:
                    at = release(next_round(at, quiet.until) if rhythm == "daily" else at, quiet)
                planned.append((number, recipient, channel, at))
    return planned


def _choices(cursor: Any, recipients: set[str]) -> dict[tuple[str, str, str], bool]:
    if not recipients:
        return {}
    cursor.execute("SELECT account, event, channel, wanted FROM notice_choice WHERE account = ANY(%s)",
                   [sorted(recipients)])  # fmt: skip
    return {(account, event, channel): wanted for account, event, channel, wanted in cursor.fetchall()}
