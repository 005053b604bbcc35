"""Reads of the notices app: the own ones. Row security leaves administrators those of their endpoints, too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.urls import NoReverseMatch, reverse

from mingcha.desk.audit.queries import Row, rows
from mingcha.desk.notices.events import EVENTS, sentence

PAGE = 50


@dataclass(frozen=True)
class Page:
    """Notices of a page, the newest first, and where its neighbours begin (None at the ends)."""

    rows: list[Row]
    before: int | None
    after: int | None


def unread() -> int:
    """How many notices the person hasn't read, as counted."""
    found = rows("SELECT unread FROM notice_count WHERE account = facts.own_account()")
    return found[0]["unread"] if found else 0


def page(tab: str, group: str, after: int | None, before: int | None) -> Page:
    """Own notices: those of a tab (`unread` or `all`) and group, older than one or newer than another."""
    codes = [code for code, event in EVENTS.items() if not group or event.group == group]
    condition = "recipient = facts.own_account()" + (" AND read_at IS NULL" if tab == "unread" else "")
    condition += " AND event = ANY(%(codes)s)" if group else ""
    place, order = ("id > %(at)s", "id") if before else ("id < %(at)s" if after else "true", "id DESC")
    found = rows(
        f"SELECT id, event, subject, n, detail, first_at, at, read_at FROM notice WHERE {condition} AND {place}"
        f" ORDER BY {order} LIMIT {PAGE + 1}",
        {"codes": codes, "at": before or after},
    )
    more, found = len(found) > PAGE, found[:PAGE]
    if before:
        found.reverse()
    newer, older = (more, True) if before else (bool(after), more)
    return Page(
        [_told(one) for one in found],
        found[0]["id"] if found and newer else None,
        found[-1]["id"] if found and older else None,
    )


def one(number: int) -> Row | None:
    """One own notice; None where there is none of this number."""
    found = rows("SELECT id, event, n, detail, read_at FROM notice WHERE id = %s"
                 " AND recipient = facts.own_account()", [number])  # fmt: skip
    return found[0] if found else None


def _told(row: Row) -> Row:
    event = EVENTS.get(row["event"])
    return row | {"words": sentence(row["event"], row["n"], row["detail"]), "group": event.group if event else "",
                  "urgent": bool(event and event.urgent)}  # fmt: skip


def link(event: str, detail: dict[str, Any]) -> str:
    """The page a notice leads to; the notices themselves where that page is gone."""
    known = EVENTS.get(event)
    if known is None:
        return reverse("notices")
    try:
        at = reverse(known.view, args=[detail.get(known.field, "")] if known.field else [])
    except NoReverseMatch:
        return reverse("notices")
    return f"{at}?{quote(known.query, safe='=&')}" if known.query else at
