"""How an area reviews and disburses benefits, set at the desk from a day on: levels, amounts, working days."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from mingcha.desk.audit.queries import Row, rows
from mingcha.desk.benefits.terms import KEY
from mingcha.desk.money.forms import read_day, read_fen
from mingcha.desk.trail.actions import enter
from mingcha.procedure.benefits import DAYS, KINDS, LEVELS, route
from mingcha.terms.calendar import today
from mingcha.terms.errors import UsageError

if TYPE_CHECKING:
    from django.http import QueryDict

LONGEST = 120
"""The longest term in working days."""


@dataclass(frozen=True)
class Change:
    """What is to hold at an area from a day on, as facts.setting keeps it, and why."""

    area: str
    since: date
    value: dict[str, Any]
    reason: str


def read(form: QueryDict) -> Change:
    """The form of the page of terms. UsageError naming what can't be read."""
    value: dict[str, Any] = {
        "focus_fen": _fen(form.get("focus", ""), "大额的标准"),
        "fourth_fen": _fen(form.get("fourth", ""), "领导另签的标准"),
        "days": {kind: _days(kind, form.get(f"days-{kind}", "")) for kind in DAYS},
        "levels": list(route([level for level in LEVELS if form.get(f"level-{level}")])),
    }  # fmt: skip
    if form.get("short", "").strip() not in ("", "0", "0.00"):
        short = route([level for level in value["levels"] if form.get(f"short-{level}")])
        value |= {"short_fen": _fen(form.get("short", ""), "小额的标准"), "short_levels": list(short)}
    since = read_day(form.get("since", ""))
    if since < today():
        raise UsageError("生效日期不能早于今天。", "It can't hold before today.")
    if not (reason := form.get("reason", "").strip()[:2000]):
        raise UsageError("请写明理由。", "Please give the reason.")
    return Change(form.get("area", ""), since, value, reason)


def put(cursor: Any, *, by: str, change: Change) -> None:
    """Keep it; items and batches under way keep the levels and last days they have.

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
    enter(cursor, by=by, action="benefits.terms", subject=f"setting:{KEY}@{change.area}", detail={
        "old": old and json.loads(old), "new": change.value, "since": str(change.since), "reason": change.reason,
    })  # fmt: skip


def told(area: str) -> list[Row]:
    """What was set for the area itself, the newest day first."""
    return rows("SELECT valid_from, value FROM facts.setting WHERE key = %s AND area = %s ORDER BY 1 DESC", [KEY, area])


def _fen(text: str, words: str) -> int:
    try:
        return read_fen(text)
    except UsageError as error:
        raise UsageError(f"{words}：{error.zh}", error.en) from error


def _days(kind: str, text: str) -> int:
    if text.strip().isdecimal() and 0 < int(text) <= LONGEST:
        return int(text)
    zh, en = KINDS[kind]
    raise UsageError(
        f"{zh}的期限应为 1 至 {LONGEST} 的整数（工作日）。", f"The term of a {en}: whole days up to {LONGEST}."
    )
