"""Reads what people send to draft, edit and deliver; what can't be read is told in words."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from mingcha.desk.documents.actions import EDITED, LISTS, Delivery
from mingcha.desk.documents.rendering import plain
from mingcha.terms.errors import UsageError

if TYPE_CHECKING:
    from django.http import QueryDict


def read_content(form: QueryDict) -> dict[str, Any]:
    """The texts of a draft; every line of a list's field is a paragraph of its own."""
    told: dict[str, Any] = {name: plain(form.get(name, "")).strip() for name in EDITED}
    return told | {
        name: [line.strip() for line in plain(form.get(name, "")).splitlines() if line.strip()] for name in LISTS
    }


def read_delivery(form: QueryDict) -> Delivery:
    """How it arrived. UsageError for what is no day, and for the portal, which records itself."""
    how = form.get("how", "")
    if how == "portal":
        raise UsageError("门户送达由机构打开时自动登记。", "Opening in the portal records itself.")
    return Delivery(how, read_day(form.get("day", "")), plain(form.get("received_by", "")))


def read_day(text: str) -> date:
    """A day. UsageError when it isn't one."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(f"日期写成 2026-11-22 这样，“{text[:20]}”不是。", "Write a day like 2026-11-22.") from error
