"""Writes of the notices app: what a person has read. Each in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def read(cursor: Any, numbers: Sequence[int] | None) -> int:
    """Mark own notices as read, all of them where none are named; how many were not before.

    That somebody read a notice is no act on anything, so the trail doesn't tell it.
    """
    cursor.execute("SELECT 1 FROM notice_count WHERE account = facts.own_account() FOR UPDATE")
    if cursor.fetchone() is None:
        return 0  # nothing was ever posted; what is being posted now must not be met without the counter's lock
    named, values = ("id = ANY(%s)", [list(numbers)]) if numbers is not None else ("true", [])
    mine = "recipient = facts.own_account() AND read_at IS NULL"
    cursor.execute(f"UPDATE notice SET read_at = now() WHERE {mine} AND {named}", values)
    count: int = cursor.rowcount
    if count:
        cursor.execute("UPDATE notice_count SET unread = unread - %s WHERE account = facts.own_account()", [count])
    return count
