"""Lending the own post while away: the colleague may do in addition what the lender's post may, and says for whom.

An act done for somebody is that somebody's too: review counts both hands (desk.review.actors).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from mingcha.desk.accounts.models import OUTSIDERS, Account, Delegation
from mingcha.desk.notices.telling import tell
from mingcha.desk.trail.actions import enter
from mingcha.terms.calendar import today
from mingcha.terms.errors import UsageError

LONGEST = 60
"""Days a post may be lent at once."""


class Missing(Exception):
    """There is no such delegation of the own."""


def lenders(account: Account) -> list[Account]:
    """Who has lent the account a post that it may use today. Posts lent on, and across areas, don't count."""
    held = Delegation.objects.filter(
        Q(lender__provider=F("delegate__provider")) | Q(lender__provider=None, delegate__provider=None),
        delegate=account, since__lte=today(), until__gte=today(), ended_at=None, lender__is_active=True,
        lender__scope=F("delegate__scope"),
    )  # fmt: skip
    return [one.lender for one in held.select_related("lender").order_by("id")]


def speak_for(lender: Account | None) -> None:
    """Mark the rest of the transaction: its entries of the trail say `for` whom they are (a trigger adds it)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('mingcha.for', %s, true)", [lender.username if lender else ""])


def colleagues(account: Account) -> QuerySet[Account]:
    """To whom the account may lend its post."""
    fitting = Account.objects.filter(scope=account.scope, provider=account.provider, is_active=True)
    return fitting.exclude(pk=account.pk).exclude(role__in=OUTSIDERS).order_by("display_name")


def of(account: Account) -> QuerySet[Delegation]:
    """What the account lent and borrowed, the newest first."""
    mine = Delegation.objects.filter(Q(lender=account) | Q(delegate=account))
    return mine.select_related("lender", "delegate").order_by("-id")[:20]


@transaction.atomic
def lend(*, by: str, account: Account, to: str, since: date, until: date, reason: str) -> Delegation:
    """Lend the own post, both days included. UsageError for more than LONGEST days, past days, a stranger, or twice."""
    if account.role in OUTSIDERS:
        raise UsageError("机构和专家的岗位不能委托。", "Posts outside the office can't be lent.")
    delegate = colleagues(account).filter(username=to).first()
    if delegate is None:
        raise UsageError("只能委托给同一辖区的同事，请从名单中选择。", "Choose a colleague of the same areas.")
    if since < today() or until < since or until - since >= timedelta(days=LONGEST):
        raise UsageError(
            f"委托从今天或以后开始，最长 {LONGEST} 天。", f"Lend from today on, for at most {LONGEST} days."
        )
    if not reason.strip():
        raise UsageError("请写明理由。", "Please give the reason.")
    Account.objects.select_for_update().get(pk=account.pk)  # two of one lender at once wait for each other
    if Delegation.objects.filter(lender=account, ended_at=None, since__lte=until, until__gte=since).exists():
        raise UsageError(
            "这几天已经委托给别人。请先收回原来的委托。", "The post is lent for some of these days. Take it back first."
        )
    made = Delegation.objects.create(lender=account, delegate=delegate, since=since, until=until, reason=reason.strip())
    detail = {"to": to, "role": account.role, "since": str(since), "until": str(until), "reason": reason.strip()}
    _note(by, "delegation.lend", account.username, detail)
    with connection.cursor() as cursor:
        tell(cursor, "post-lent", by=by, account=to, subject=f"lent:{made.pk}", who=account.display_name,
             since=str(since), until=str(until))  # fmt: skip
    return made


@transaction.atomic
def take_back(*, by: str, account: Account, number: int) -> None:
    """End a delegation of the own at once. Missing for another's; UsageError for one that ended."""
    held = Delegation.objects.select_for_update().filter(pk=number, lender=account).first()
    if held is None:
        raise Missing
    if held.ended_at is not None:
        raise UsageError("这项委托已经收回。", "This was taken back already.")
    held.ended_at = timezone.now()
    held.save(update_fields=["ended_at"])
    _note(by, "delegation.end", account.username, {"delegation": number})
    with connection.cursor() as cursor:
        tell(cursor, "post-returned", by=by, account=held.delegate.username, subject=f"lent:{held.pk}",
             who=account.display_name)  # fmt: skip


def _note(by: str, action: str, username: str, detail: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        enter(cursor, by=by, action=action, subject=f"account:{username}", detail=detail)
