"""Filters of the worklist that a person keeps under names. They are their own; nobody else sees them."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from mingcha.desk.audit.forms import FilterForm
from mingcha.desk.audit.queries import Row, rows
from mingcha.desk.trail.actions import enter
from mingcha.terms.errors import UsageError

MOST, LONGEST = 20, 20
"""Filters a person keeps, and characters of a name."""


def kept() -> list[Row]:
    """The person's own, in the order of their names."""
    return rows("SELECT id, name, query FROM review_view ORDER BY name")


def keep(cursor: Any, *, by: str, name: str, query: str) -> None:
    """Keep the filter of an address under a name; the same name replaces it. UsageError for no name or too many."""
    name = name.strip()
    if not 0 < len(name) <= LONGEST:
        raise UsageError(f"请给这组条件起个名字，不超过 {LONGEST} 个字。", f"Name it in {LONGEST} letters.")
    told = QueryDict(query)
    only = QueryDict(mutable=True)
    for field in FilterForm.base_fields:
        if told.get(field):
            only[field] = told[field]
    cursor.execute("SELECT count(*) FROM review_view WHERE name <> %s", [name])
    if cursor.fetchone()[0] >= MOST:
        raise UsageError(f"最多保存 {MOST} 组条件，请先删去不用的。", f"{MOST} filters can be kept; drop one first.")
    cursor.execute(
        "INSERT INTO review_view (account, name, query) VALUES (facts.own_account(), %s, %s)"
        " ON CONFLICT (account, name) DO UPDATE SET query = excluded.query",
        [name, only.urlencode()],
    )
    detail = {"name": name, "query": only.urlencode()}
    enter(cursor, by=by, action="review.keep-view", subject=f"account:{by}", detail=detail)


def drop(cursor: Any, *, by: str, number: int) -> bool:
    """Drop one of the own; False when there is none of that number."""
    cursor.execute("DELETE FROM review_view WHERE id = %s RETURNING name", [number])
    row = cursor.fetchone()
    if row:
        enter(cursor, by=by, action="review.drop-view", subject=f"account:{by}", detail={"name": row[0]})
    return row is not None
