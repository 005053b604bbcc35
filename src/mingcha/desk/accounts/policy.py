"""Settings on who gets in: dated, of the platform or of an area (facts.setting), with defaults that hold unset."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from django.db import connection


class Limit(NamedTuple):
    """A number an office may set: its default, its bounds (both allowed) and its words."""

    default: int
    least: int
    most: int
    zh: str
    unit: str


LIMITS = {
    "session-idle": Limit(30, 5, 480, "多久不操作就退出登录", "分钟"),
    "session-length": Limit(10, 1, 24, "一次登录最长", "小时"),
    "session-single": Limit(1, 0, 1, "同一账号只能在一处登录", "1 是，0 否"),
    "password-days": Limit(0, 0, 730, "密码多少天后必须更换", "天，0 为不限"),
}
"""Key in facts.setting → what it means. The value is a whole number."""
SECOND_STEP = "second-step-roles"
"""Key of the roles that must log in with a one-time code; its value is a list of roles."""


def limits(scope: str) -> dict[str, int]:
    """The limits in force today for an account of that scope; its first area is the one that counts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key, facts.setting_at(key, %s)::text FROM unnest(%s::text[]) AS key", [home_area(scope), [*LIMITS]]
        )
        told = {key: json.loads(value) for key, value in cursor.fetchall() if value is not None}
    return {key: told.get(key, limit.default) for key, limit in LIMITS.items()}


def second_step_roles(scope: str) -> list[str]:
    """Roles that must log in with a one-time code, for accounts of that scope."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT facts.setting_at(%s, %s)::text", [SECOND_STEP, home_area(scope)])
        row = cursor.fetchone()
    return json.loads(row[0]) if row and row[0] else []


def home_area(scope: str) -> str:
    """The area whose settings count for a scope: the first it names."""
    return scope.split(",")[0].strip()


def told(area: str) -> list[dict[str, Any]]:
    """Each limit as it is in force at an area today, and what was set there for other days."""
    names = [*LIMITS, SECOND_STEP]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key, facts.setting_at(key, %s)::text, (SELECT coalesce(jsonb_agg(jsonb_build_array(s.valid_from,"
            " s.value) ORDER BY s.valid_from), '[]')::text FROM facts.setting s WHERE s.key = k.key AND s.area = %s)"
            " FROM unnest(%s::text[]) WITH ORDINALITY AS k(key, n) ORDER BY n",
            [area, area, names],
        )
        found = cursor.fetchall()
    return [
        {"key": key, "limit": LIMITS.get(key), "set": value is not None, "dated": json.loads(dated),
         "value": json.loads(value) if value is not None else LIMITS[key].default if key in LIMITS else []}
        for key, value, dated in found
    ]  # fmt: skip
