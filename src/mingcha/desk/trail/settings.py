"""Dated settings of areas, as facts.setting keeps them: set from a day on, with the reason, and on record."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from mingcha.desk.trail.actions import enter
from mingcha.terms.errors import UsageError


@dataclass(frozen=True)
class Change:
    """What is to hold at an area (`*`: everywhere) from a day on, and why. The trail tells no `secret` of it."""

    area: str
    since: date
    value: Mapping[str, Any]
    reason: str = ""
    secret: str = ""


def put(cursor: Any, *, by: str, key: str, action: str, change: Change) -> None:
    """Keep it; what holds before that day stays. The trail tells old and new, of a secret only that there is one.

    UsageError for an area that is not one of the session's scope.
    """
    cursor.execute(
        "SELECT facts.setting_at(%s, %s)::text, CASE WHEN %s = '*' THEN facts.sees_all()"
        " ELSE facts.in_scope(NULL, %s) AND EXISTS (SELECT FROM facts.area WHERE code = %s) END",
        [key, *[change.area] * 4],
    )
    old, within = cursor.fetchone()
    if not within:
        raise UsageError("请选择自己辖区之内的区划。", "Choose an area within your own.")
    cursor.execute(
        "INSERT INTO facts.setting (key, area, valid_from, value) VALUES (%s, %s, %s, %s::jsonb)"
        " ON CONFLICT (key, area, valid_from) DO UPDATE SET value = excluded.value",
        [key, change.area, change.since.isoformat(), json.dumps(dict(change.value), ensure_ascii=False)],
    )
    told = {name: value and _open(value, change.secret) for name, value in
            (("old", old and json.loads(old)), ("new", change.value))}  # fmt: skip
    why = {"reason": change.reason} if change.reason else {}
    enter(cursor, by=by, action=action, subject=f"setting:{key}@{change.area}",
          detail=told | {"since": str(change.since)} | why)  # fmt: skip


def _open(value: Mapping[str, Any], secret: str) -> dict[str, Any]:
    return {name: "***" if name == secret else said for name, said in value.items()}
