"""How an area reviews benefits: a dated setting `benefits` of it, else of the nearest area above, else the defaults.

{"focus_fen": 1000000, "days": {"manual": 30}, "levels": ["first", …], "short_fen": 50000, "short_levels": [...],
"fourth_fen": 50000000}: items below `short_fen` without a point to look at take the shorter route; a batch of payments
from `fourth_fen` on needs a fourth signature.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from mingcha.desk.audit.terms import terms_of as review_terms
from mingcha.procedure.benefits import DAYS, FOCUS_FEN, OPEN, route
from mingcha.procedure.disbursements import FOURTH_FEN
from mingcha.terms.calendar import after_working_days
from mingcha.terms.errors import UsageError

KEY = "benefits"


@dataclass(frozen=True)
class Terms:
    """What holds in one area today; amounts in fen, days are working days."""

    staffing: str = "full"
    focus_fen: int = FOCUS_FEN
    days: dict[str, int] = field(default_factory=lambda: dict(DAYS))
    levels: tuple[str, ...] = OPEN
    short_fen: int = 0
    short_levels: tuple[str, ...] = OPEN
    fourth_fen: int = FOURTH_FEN
    calendar: dict[date, bool] = field(default_factory=dict)

    def due(self, kind: str, received: date) -> date:
        """The last day on which a claim received then should be signed."""
        return after_working_days(received, self.days[kind], self.calendar)

    def route(self, fen: int, points: Collection[str]) -> tuple[str, ...]:
        """The levels of an item of that amount; one with a point to look at never takes the shorter way."""
        return self.short_levels if fen < self.short_fen and not points else self.levels


def terms_of(cursor: Any, area: str) -> Terms:
    """What holds in the area today. Of a setting that can't be read the defaults hold."""
    held = review_terms(cursor, area)
    cursor.execute("SELECT facts.setting_at(%s, %s)::text", [KEY, area])
    told = json.loads(cursor.fetchone()[0] or "{}")
    levels = _route(told.get("levels"), OPEN)
    return Terms(
        staffing=held.staffing, calendar=held.calendar, levels=levels, focus_fen=int(told.get("focus_fen", FOCUS_FEN)),
        days=DAYS | {kind: int(days) for kind, days in told.get("days", {}).items() if kind in DAYS},
        fourth_fen=int(told.get("fourth_fen", FOURTH_FEN)),
        short_fen=int(told.get("short_fen", 0)), short_levels=_route(told.get("short_levels"), levels),
    )  # fmt: skip


def _route(told: Any, default: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return route(told) if told else default
    except UsageError:
        return default
