"""How an area reviews, set at the desk: staffing, working days of each step, size of a panel, its own calendar."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from mingcha.desk.trail import settings
from mingcha.desk.trail.settings import Change
from mingcha.procedure.review import DAYS, STAFFING, STEPS
from mingcha.terms.calendar import today
from mingcha.terms.errors import UsageError

if TYPE_CHECKING:
    from django.http import QueryDict

KEY = "review"
LONGEST, PANELS = 120, (3, 5, 7, 9)
"""The longest term of a step, in working days; the panels there may be (W1: an odd number)."""


def read(form: QueryDict) -> Change:
    """The form of the page of terms. UsageError naming the field that can't be read."""
    staffing, panel = form.get("staffing", ""), form.get("panel", "")
    if staffing not in STAFFING or panel not in map(str, PANELS):
        raise UsageError("请选择人员配置和合议人数。", "Choose the staffing and the size of a panel.")
    days = {step: _days(step, form.get(f"days-{step}", "")) for step in DAYS}
    calendar = {day: works for name, works in (("off", False), ("on", True)) for day in _dates(form.get(name, ""))}
    since = _date(form.get("since", ""))
    if since < today():
        raise UsageError("生效日期不能早于今天。", "It can't hold before today.")
    if not (reason := form.get("reason", "").strip()[:2000]):
        raise UsageError("请写明理由。", "Please give the reason.")
    value = {"staffing": staffing, "panel": int(panel), "days": days, "calendar": calendar}
    return Change(form.get("area", ""), since, value, reason)


def put(cursor: Any, *, by: str, change: Change) -> None:
    """Keep it; terms that run already keep their last days. UsageError as settings.put."""
    settings.put(cursor, by=by, key=KEY, action="review.terms", change=change)


def _days(step: str, text: str) -> int:
    if text.strip().isdecimal() and int(text) <= LONGEST:
        return int(text)
    zh, en = STEPS[step]
    raise UsageError(
        f"“{zh}”的期限应为 0 至 {LONGEST} 的整数（工作日）。", f"The term “{en}” takes whole days up to {LONGEST}."
    )


def _dates(text: str) -> list[str]:
    return [_date(word).isoformat() for word in re.split(r"[\s,，、;；]+", text.strip()) if word]


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(f"日期写成 2026-11-22 这样，“{text}”不是。", "Write a day like 2026-11-22.") from error
