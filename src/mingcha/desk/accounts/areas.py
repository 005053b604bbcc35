"""The tree of areas at the desk: who lies below whom, from a day on. A change is a later row; none is overwritten.

The tree decides who sees what (DECISIONS 8), so an administrator changes it within the own areas only, and one after
the other: a lock keeps two moves from making a circle together.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.db import connection, transaction

from mingcha.desk.audit.queries import Row, rows
from mingcha.desk.trail.actions import enter
from mingcha.terms.calendar import today
from mingcha.terms.errors import UsageError

LEVELS = ("国家", "省", "市", "县", "乡镇", "村")
_CODE = re.compile(r"[0-9A-Za-z]{2,12}")
_LATEST = """latest AS (
    SELECT DISTINCT ON (code) code, parent, name, level, valid_from, valid_to FROM facts.area
    WHERE valid_from <= %(today)s ORDER BY code, valid_from DESC)"""


class Missing(Exception):
    """There is no such area within the administrator's own."""


def tree(top: str = "", depth: int = 2) -> list[Row]:
    """The areas below `top` (empty: below nothing visible) with it, `depth` levels down, in the order of a tree.

    Each row: code, parent, name, level, dates, `deep` (0 for the top), `below` (children, those not shown too).
    """
    return rows(
        f"""WITH RECURSIVE {_LATEST}, seen AS (
                SELECT * FROM latest
                WHERE (SELECT facts.sees_all()) OR code = ANY ((SELECT facts.scope_areas())::text[])
            ), down AS (
                SELECT s.*, 0 AS deep, ARRAY[s.code] AS path FROM seen s
                WHERE CASE WHEN %(top)s = '' THEN s.parent IS NULL OR s.parent NOT IN (SELECT code FROM seen)
                           ELSE s.code = %(top)s END
                UNION ALL
                SELECT s.*, d.deep + 1, d.path || s.code FROM seen s JOIN down d ON s.parent = d.code
                WHERE d.deep < %(depth)s AND s.code <> ALL (d.path)
            )
            SELECT d.code, d.parent, d.name, d.level, d.valid_from, d.valid_to, d.deep,
                   (SELECT count(*) FROM seen c WHERE c.parent = d.code) AS below
            FROM down d ORDER BY d.path LIMIT 3000""",
        {"today": today(), "top": top, "depth": depth},
    )


def history(code: str) -> list[Row]:
    """All rows of an area, those to come too, the newest first."""
    return rows(
        "SELECT a.*, (SELECT name FROM facts.area p WHERE p.code = a.parent ORDER BY valid_from DESC LIMIT 1)"
        " AS parent_name FROM facts.area a WHERE code = %s ORDER BY valid_from DESC",
        [code],
    )


def organisations(code: str) -> list[Row]:
    """The offices whose accounts name the area in their scope, with how many there are."""
    return rows(
        "SELECT coalesce(nullif(organisation, ''), '（未填写）') AS name, count(*) AS n,"
        " count(*) FILTER (WHERE is_active) AS active FROM account WHERE %s = ANY (string_to_array(scope, ','))"
        " GROUP BY 1 ORDER BY 2 DESC, 1",
        [code],
    )


@transaction.atomic
def add(*, by: str, parent: str, code: str, name: str, since: date, level: int = 1) -> None:
    """Put a new area below one of the own, or on top of the tree, at a level of LEVELS, for who sees everything.

    UsageError for a code that is taken or can't be one, an unknown parent, no name, or a level below the last.
    """
    _one_by_one()
    code = code.strip()
    if not _CODE.fullmatch(code):
        raise UsageError("区划代码为 2 至 12 位数字或字母。", "An area's code has 2 to 12 digits or letters.")
    if history(code):
        raise UsageError(f"区划代码 {code} 已经有了。", f"The area {code} is there already.")
    if parent:
        above = _own(parent)
        if above["valid_to"] is not None:
            raise UsageError("上级区划已经关闭。", "The area above is closed.")
        level = above["level"] + 1
    elif not rows("SELECT facts.sees_all() AS yes")[0]["yes"]:
        raise UsageError("请选择自己辖区之内的上级区划。", "Choose a parent within your own areas.")
    if not 0 <= level < len(LEVELS):
        raise UsageError("级别为国家到村，村以下不再分级。", "Levels go from nation to village; there is none below.")
    _insert(code, parent or None, _named(name), level, since)
    _note(by, "area.add", code, {"new": {"parent": parent, "name": name.strip(), "since": str(since)}})


@transaction.atomic
def change(*, by: str, code: str, name: str, parent: str, since: date, reason: str) -> None:
    """Rename an area, or move it below another of the same level as the one above it now, from a day on.

    UsageError for a circle, a parent of another level, a day before the last change, or nothing changed.
    """
    _one_by_one()
    now = _own(code)
    last = history(code)[0]
    parent = parent.strip() or (last["parent"] or "")
    if since <= last["valid_from"]:
        raise UsageError(
            f"上一次变更自 {last['valid_from']} 起，新的变更要晚于它。",
            f"The last change holds from {last['valid_from']}; a new one must be later.",
        )
    if (name.strip(), parent) == (last["name"], last["parent"] or ""):
        raise UsageError("没有改动。", "Nothing was changed.")
    if parent != (last["parent"] or ""):
        above = _own(parent)
        if parent == code or code in _above(parent):
            raise UsageError("不能把区划移到它自己的下级。", "An area can't lie below itself.")
        if above["level"] + 1 != now["level"]:
            needed = LEVELS[now["level"] - 1]
            raise UsageError(f"上级应为{needed}级区划。", "The parent must be of the level right above.")
    _insert(code, parent or None, _named(name), now["level"], since)
    detail = {"old": {"name": last["name"], "parent": last["parent"]}, "new": {"name": name.strip(), "parent": parent},
              "since": str(since), "reason": _reason(reason)}  # fmt: skip
    _note(by, "area.change", code, detail)


@transaction.atomic
def close(*, by: str, code: str, until: date, reason: str) -> None:
    """Close an area after a day; its facts stay visible to those above. UsageError while open areas lie below it."""
    _one_by_one()
    held = _own(code)
    if held["valid_to"] is not None:
        raise UsageError("这个区划已经关闭。", "This area is closed already.")
    if until < max(today(), held["valid_from"]):
        raise UsageError("最后一天不能早于今天。", "The last day can't be before today.")
    if any(one["valid_to"] is None for one in tree(code, 1)[1:]):
        raise UsageError("下面还有没有关闭的区划，请先移走或关闭它们。", "Move or close the areas below it first.")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE facts.area SET valid_to = %s WHERE code = %s AND valid_from = %s",
                       [until.isoformat(), code, held["valid_from"].isoformat()])  # fmt: skip
    _note(by, "area.close", code, {"old": None, "new": str(until), "reason": _reason(reason)})


def _own(code: str) -> Row:
    """The area as it stands today, if it lies within one's own."""
    found = tree(code, 0)
    if not found:
        raise Missing
    return found[0]


def _above(code: str) -> set[str]:
    """All areas above one, as the newest rows say, those to come too."""
    found = rows(
        """WITH RECURSIVE newest AS (
               SELECT DISTINCT ON (code) code, parent FROM facts.area ORDER BY code, valid_from DESC
           ), up AS (
               SELECT parent AS code FROM newest WHERE code = %s
               UNION SELECT n.parent FROM newest n JOIN up USING (code)
           ) SELECT code FROM up WHERE code IS NOT NULL""",
        [code],
    )
    return {row["code"] for row in found}


def _insert(code: str, parent: str | None, name: str, level: int, since: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO facts.area (code, parent, name, level, valid_from) VALUES (%s, %s, %s, %s, %s)",
            [code, parent, name, level, since.isoformat()],
        )


def _named(name: str) -> str:
    if not name.strip():
        raise UsageError("请填写名称。", "Please give the name.")
    return name.strip()[:60]


def _reason(words: str) -> str:
    if not words.strip():
        raise UsageError("请写明理由或文件。", "Please give the reason or document.")
    return words.strip()[:500]


def _one_by_one() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('mingcha areas'))")


def _note(by: str, action: str, code: str, detail: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        enter(cursor, by=by, action=action, subject=f"area:{code}", detail=detail)
