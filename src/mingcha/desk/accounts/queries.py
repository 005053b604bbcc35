"""Reads of the accounts app. Whose accounts an administrator sees is decided in one place: `visible`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from mingcha.desk.accounts.models import Account, Role
from mingcha.desk.audit.queries import Row, rows
from mingcha.desk.trail.words import ACTIONS

PAGE = 100
STATES = {"": "全部", "active": "启用", "disabled": "停用", "locked": "登录暂停", "never": "从未登录"}
_WITHIN = "(SELECT facts.sees_all()) OR string_to_array({}, ',') <@ (SELECT facts.scope_areas())"


@dataclass(frozen=True)
class Chosen:
    """The list's filter; empty means all."""

    q: str = ""
    state: str = ""
    role: str = ""
    page: int = 1


def visible() -> QuerySet[Account]:
    """The accounts all of whose areas lie within those of the person who asks; for others they don't exist."""
    return Account.objects.filter(RawSQL(_WITHIN.format("account.scope"), [], output_field=BooleanField()))


def within(scope: str) -> bool:
    """Whether every area of a scope exists and lies within the person's own."""
    found = rows(
        "SELECT facts.sees_all() AND (%(scope)s = '*' OR NOT EXISTS (SELECT FROM facts.area)"
        " OR string_to_array(%(scope)s, ',') <@ (SELECT array_agg(code) FROM facts.area))"
        " OR string_to_array(%(scope)s, ',') <@ facts.scope_areas() AS yes",
        {"scope": scope},
    )
    return bool(found[0]["yes"])


def provider_within(code: str) -> bool:
    """Whether the directory knows the provider in the person's areas."""
    return bool(
        rows("SELECT 1 AS yes FROM provider_directory WHERE provider = %s AND facts.in_scope(NULL, area)", [code])
    )


def listed(chosen: Chosen) -> tuple[list[Account], dict[str, int]]:
    """One page of accounts under the filter, by name, each with `locked`; and how many there are in each state."""
    found = visible()
    if chosen.q:
        found = found.filter(
            Q(username__icontains=chosen.q) | Q(display_name__icontains=chosen.q) | Q(organisation__icontains=chosen.q)
        )
    if chosen.role:
        found = found.filter(role=chosen.role)
    closed = locked()
    kinds = {
        "": Q(), "active": Q(is_active=True), "disabled": Q(is_active=False), "locked": Q(username__in=closed),
        "never": Q(last_login=None),
    }  # fmt: skip
    first = (chosen.page - 1) * PAGE
    page = list(found.filter(kinds[chosen.state]).order_by("username")[first : first + PAGE])
    for account in page:
        account.locked = account.username in closed  # pyright: ignore[reportAttributeAccessIssue]
    return page, {state: found.filter(condition).count() for state, condition in kinds.items()}


def one(username: str) -> Account | None:
    """The account, if it is visible."""
    return visible().filter(username=username).first()


def locked() -> set[str]:
    """Login names that are closed for a while after wrong passwords."""
    since = timezone.now() - timedelta(hours=settings.AXES_COOLOFF_TIME)
    found = AccessAttempt.objects.filter(attempt_time__gte=since, failures_since_start__gte=settings.AXES_FAILURE_LIMIT)
    return {name for name in found.values_list("username", flat=True) if name}


def areas() -> list[Row]:
    """The areas within the person's scope as the tree stands today, those below others after them."""
    return rows(
        "SELECT * FROM (SELECT DISTINCT ON (code) code, name, level FROM facts.area WHERE valid_from <= current_date"
        " ORDER BY code, valid_from DESC) latest WHERE facts.in_scope(NULL, code) ORDER BY level, code"
    )


def area_names() -> dict[str, str]:
    """Names of all areas, for showing scopes in words."""
    found = rows("SELECT DISTINCT ON (code) code, name FROM facts.area WHERE valid_from <= current_date"
                 " ORDER BY code, valid_from DESC")  # fmt: skip
    return {row["code"]: row["name"] for row in found}


def log(username: str) -> list[Row]:
    """What was done to the account, the newest first."""
    found = rows(
        "SELECT t.at, t.action, t.detail, coalesce(a.display_name, t.by) AS who FROM trail t"
        " LEFT JOIN account a ON a.username = t.by WHERE t.subject = %s ORDER BY t.id DESC LIMIT 50",
        [f"account:{username}"],
    )
    return [
        row | {"words": ACTIONS.get(row["action"], row["action"]), "changes": _changes(row["detail"])} for row in found
    ]


def _changes(detail: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What was what before and after, in words; empty for an act that says no more than its name."""
    old: Any = detail.get("old")
    new: Any = detail.get("new")
    if not isinstance(old, dict) or not isinstance(new, dict):
        return []
    posts: dict[Any, str] = {role.value: role.label for role in Role}
    return [
        (words, posts.get(old.get(name), old.get(name)) or "空", posts.get(new[name], new[name]) or "空")
        for name, words in FIELD_WORDS.items()
        if name in new
    ]


FIELD_WORDS = {"display_name": "姓名", "organisation": "单位", "role": "岗位", "scope": "辖区", "provider": "定点机构"}
