"""How an area reviews and disburses benefits, set at the desk from a day on: levels, amounts, working days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mingcha.desk.audit.queries import Row, rows
from mingcha.desk.benefits.terms import KEY
from mingcha.desk.money.forms import read_day, read_fen
from mingcha.desk.trail import settings
from mingcha.desk.trail.settings import Change
from mingcha.procedure.benefits import DAYS, KINDS, LEVELS, route
from mingcha.terms.calendar import today
from mingcha.terms.errors import UsageError

if TYPE_CHECKING:
    from django.http import QueryDict

LONGEST = 120
"""The longest term in working days."""


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
    """Keep it; items and batches under way keep the levels and last days they have. UsageError as settings.put."""
    settings.put(cursor, by=by, key=KEY, action="benefits.terms", change=change)


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
