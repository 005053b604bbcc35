"""Plans what goes beyond the desk, in the transaction that posts: one delivery a notice and channel, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from mingcha.desk.accounts.policy import home_area
from mingcha.desk.notices.area_settings import AreaSettings, settings_of
from mingcha.desk.notices.events import EVENTS
from mingcha.desk.notices.own import EMAIL, SMS, wanted_by_default
from mingcha.desk.notices.quiet import next_round, release

_REACHED = """
SELECT n.id, r.recipient, r.event, r.slot, p.email IS NOT NULL, p.sms IS NOT NULL, p.rhythm, p.quiet_since,
       p.quiet_until, a.scope
FROM reached r JOIN notice_person p ON p.account = r.recipient JOIN account a ON a.username = r.recipient
JOIN notice n ON (n.recipient, n.event, n.subject, n.slot) = (r.recipient, r.event, r.subject, r.slot)
WHERE p.email IS NOT NULL OR p.sms IS NOT NULL"""
PLAN = """
INSERT INTO notice_delivery AS kept (notice_id, recipient, channel, next_at) VALUES (%s, %s, %s, %s)
ON CONFLICT (notice_id, channel) DO UPDATE
SET state = 'waiting', next_at = excluded.next_at, batch = NULL, attempts = 0, error = '', ended_at = NULL
WHERE kept.state IN ('sent', 'given_up', 'dropped')"""
"""A notice that grew after its message went is told of again, in another message; one that waits only grows."""


def plan(cursor: Any, now: datetime) -> int:
    """Plan the deliveries to persons of what was `reached`; how many."""
    cursor.execute(_REACHED)
    found = cursor.fetchall()
    chosen, areas, planned = _choices(cursor, {row[1] for row in found}), dict[str, AreaSettings](), list[Any]()
    for number, recipient, event, slot, email, sms, rhythm, since, until, scope in found:
        area = home_area(scope)
        here = areas.get(area) or areas.setdefault(area, settings_of(cursor, area))
        quiet = here.quiet if since is None else replace(here.quiet, since=since, until=until)
        known = EVENTS[event]
        for channel, given in ((EMAIL, email), (SMS, sms)):
            wish = chosen.get((recipient, event, channel), wanted_by_default(event, channel))
            if given and wish and known.outside and channel in here.channels:
                at = max(slot + timedelta(minutes=known.minutes), now)
                if not known.urgent:
                    at = release(next_round(at, quiet.until) if rhythm == "daily" else at, quiet)
                planned.append((number, recipient, channel, at))
    cursor.executemany(PLAN, planned)
    return len(planned)


def _choices(cursor: Any, recipients: set[str]) -> dict[tuple[str, str, str], bool]:
    if not recipients:
        return {}
    cursor.execute("SELECT account, event, channel, wanted FROM notice_choice WHERE account = ANY(%s)",
                   [sorted(recipients)])  # fmt: skip
    return {(account, event, channel): wanted for account, event, channel, wanted in cursor.fetchall()}
