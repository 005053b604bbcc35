"""Reads what people type into the onboarding forms; what can't be read is told in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from mingcha.desk.onboarding.queries import ABSENT, Chosen
from mingcha.procedure.onboarding import STATES
from mingcha.terms.errors import UsageError


def read_chosen(query: Mapping[str, str]) -> Chosen:
    """The board's filter; a value that isn't in a list counts as none."""
    tab, page = query.get("tab", ""), query.get("page", "")
    return Chosen(
        tab=tab if tab in STATES or tab == ABSENT else "", q=query.get("q", "").strip()[:60],
        area=query.get("area", "").strip()[:12], page=int(page) if page.isdecimal() and 0 < len(page) < 6 else 1,
    )  # fmt: skip


def read_last_day(text: str) -> date | None:
    """A day as 2026-11-22, or None for nothing. UsageError for anything else."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"日期要写成 2026-11-22 这样，“{text}”不是。", f"{text!r} isn't a date like 2026-11-22."
        ) from error
