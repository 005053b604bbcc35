"""How an area reviews: who may hold two levels, how long each step may take, which days its offices keep.

A dated setting `review` of the area, else of the nearest area above it, else of the platform, else the defaults:
{"staffing": "full" or "small", "days": {step: working days}, "panel": opinions wanted,
"calendar": {"2027-01-04": false}}.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from mingcha.procedure.review import DAYS, PANEL_SIZE, STAFFING
from mingcha.terms.calendar import after_working_days


@dataclass(frozen=True)
class Terms:
    """What holds in one area on one day."""

    staffing: str = "full"
    days: dict[str, int] = field(default_factory=lambda: dict(DAYS))
    panel: int = PANEL_SIZE
    calendar: dict[date, bool] = field(default_factory=dict)

    def due(self, step: str, since: date) -> date | None:
        """The last day of a step that begins on `since`; None for steps without a term."""
        return after_working_days(since, self.days[step], self.calendar) if step in self.days else None


def terms_of(cursor: Any, area: str) -> Terms:
    """What holds in the area today. A setting that can't be read counts as not given."""
    cursor.execute("SELECT facts.setting_at('review', %s)", [area])
    told = cursor.fetchone()[0] or {}
    told = json.loads(told) if isinstance(told, str) else told
    staffing = told.get("staffing")
    return Terms(
        staffing=staffing if staffing in STAFFING else "full",
        days=DAYS | {step: int(days) for step, days in told.get("days", {}).items() if step in DAYS},
        panel=int(told.get("panel", PANEL_SIZE)),
        calendar={date.fromisoformat(day): bool(works) for day, works in told.get("calendar", {}).items()},
    )


def deadlines(cursor: Any, areas: Iterable[str], step: str, today: date) -> str:
    """The last day of a step that begins today, by area, as a JSON object for a statement."""
    last = {area: terms_of(cursor, area).due(step, today) for area in set(areas)}
    return json.dumps({area: day.isoformat() for area, day in last.items() if day})
