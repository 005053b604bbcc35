"""How an area reviews, set at the desk: staffing, working days of each step, size of a panel, its own calendar."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from mingcha.desk.trail.actions import enter
from mingcha.procedure.review import DAYS, STAFFING, STEPS
from mingcha.terms.calendar import today
from mingcha.terms.errors import UsageError

if TYPE_CHECKING:
    from django.http import QueryDict

KEY = "review"
LONGEST, PANELS = 120, (3, 5, 7, 9)
"""The longest term of a step, in working days; the panels there may be (W1: an odd number)."""


@dataclass(frozen=True)
class Change:
    """What is to hold at an area from a day on, as facts.setting keeps it, and why."""

    area: str
    since: date
    value: dict[str, Any]
    reason: str


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
    """Keep it; what holds before that day stays, and terms that run already keep their last days.

    UsageError for an area that is not one of the session's scope.
    """
    cursor.execute(
        "SELECT facts.setting_at(%s, %s)::text, CASE WHEN %s = '*' THEN facts.sees_all()"
        " ELSE facts.in_scope(NULL, %s) AND EXISTS (SELECT FROM facts.area WHERE code = %s) END",
        [KEY, *[change.area] * 4],
    )
    old, within = cursor.fetchone()
    if not within:
        raise UsageError("请选择自己辖区之内的区划。", "Choose an area within your own.")
    cursor.execute(
        "INSERT INTO facts.setting (key, area, valid_from, value) VALUES (%s, %s, %s, %s::jsonb)"
        " ON CONFLICT (key, area, valid_from) DO UPDATE SET value = excluded.value",
        [KEY, change.area, change.since.isoformat(), json.dumps(change.value)],
    )
    enter(cursor, by=by, action="review.terms", subject=f"setting:{KEY}@{change.area}", detail={
        "old": old and json.loads(old), "new": change.value, "since": str(change.since), "reason": change.reason,
    })  # fmt: skip


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
