"""Asking for another post or wider areas: the person asks, an administrator approves or declines, the asker sees it."""

from __future__ import annotations

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from mingcha.desk.accounts import administering, policy, queries
from mingcha.desk.accounts.models import OUTSIDERS, AccessRequest, Account, Role
from mingcha.desk.audit.queries import rows
from mingcha.desk.notices.telling import tell
from mingcha.desk.trail.actions import enter
from mingcha.terms.errors import UsageError

WORDS = {"pending": "等待办理", "approved": "已同意", "declined": "未同意"}


class Missing(Exception):
    """There is no such request of people within the administrator's areas."""


def of(account: Account) -> QuerySet[AccessRequest]:
    """What the account asked for, the newest first."""
    return AccessRequest.objects.filter(account=account).order_by("-id")[:10]


def waiting() -> QuerySet[AccessRequest]:
    """Requests of people the administrator sees: those that wait first, then the newest decided."""
    found = AccessRequest.objects.filter(account__in=queries.visible()).select_related("account")
    return found.order_by("decided_at", "-id")[:200]


@transaction.atomic
def ask(*, by: str, account: Account, role: str, scope: str, reason: str) -> AccessRequest:
    """Ask for a post and areas. UsageError for what can't be given, no reason, or while another request waits."""
    scope = ",".join(sorted({code.strip() for code in scope.split(",") if code.strip()})) or account.scope
    if role not in Role.values or (role in OUTSIDERS) != (account.role in OUTSIDERS):
        raise UsageError("请选择岗位。", "Please choose a post.")
    known = "SELECT %s = '*' OR string_to_array(%s, ',') <@ (SELECT array_agg(code) FROM facts.area) AS yes"
    if scope != account.scope and not rows(known, [scope, scope])[0]["yes"]:
        raise UsageError("没有这样的区划代码，多个用逗号分隔。", "There is no such area; separate codes by commas.")
    if (role, scope) == (account.role, account.scope):
        raise UsageError("您现在就是这个岗位和辖区。", "This is your post already.")
    if not reason.strip():
        raise UsageError("请写明理由。", "Please give the reason.")
    try:
        with transaction.atomic():
            made = AccessRequest.objects.create(account=account, role=role, scope=scope, reason=reason.strip()[:500])
    except IntegrityError as error:
        raise UsageError("您已有一项申请在等待办理。", "A request of yours is waiting already.") from error
    _note(by, "access.ask", made, {"role": role, "scope": scope, "reason": made.reason})
    with connection.cursor() as cursor:
        tell(cursor, "access-asked", by=by, area=policy.home_area(account.scope))
    return made


@transaction.atomic
def approve(*, by: str, number: int, answer: str = "") -> None:
    """Give what was asked for: the change of the account and the request's end are one. UsageError as for a change."""
    held = _held(number)
    account = held.account
    try:
        administering.change(
            by=by, username=account.username, display_name=account.display_name, organisation=account.organisation,
            role=held.role, scope=held.scope, provider=account.provider, reason=f"申请：{held.reason}",
        )  # fmt: skip
    except administering.Missing as error:
        raise Missing from error
    _decide(by, held, "approved", answer)


@transaction.atomic
def decline(*, by: str, number: int, answer: str) -> None:
    """Decline, saying why. UsageError without a reason, or for the own request."""
    held = _held(number)
    if held.account.username == by:
        raise UsageError("自己的申请由另一位系统管理员办理。", "Another administrator decides on the own request.")
    if not answer.strip():
        raise UsageError("请写明不同意的理由。", "Please say why not.")
    _decide(by, held, "declined", answer)


def _held(number: int) -> AccessRequest:
    held = AccessRequest.objects.select_for_update(of=("self",)).filter(pk=number).select_related("account").first()
    if held is None or not queries.visible().filter(pk=held.account.pk).exists():
        raise Missing
    if held.status != "pending":
        raise UsageError("这项申请已经办理，可能是另一位管理员刚刚办的。", "This request was decided already.")
    return held


def _decide(by: str, held: AccessRequest, status: str, answer: str) -> None:
    held.status, held.decided_at, held.decided_by = status, timezone.now(), by
    held.answer = answer.strip()[:500]
    held.save(update_fields=["status", "decided_at", "decided_by", "answer"])
    with connection.cursor() as cursor:
        words = ("已同意", "approved") if status == "approved" else ("未同意", "declined")
        tell(cursor, "access-decided", by=by, account=held.account.username, subject=f"access:{held.pk}",
             answer=words[0], answer_en=words[1])  # fmt: skip
    _note(
        by,
        "access.approved" if status == "approved" else "access.declined",
        held,
        {"role": held.role, "scope": held.scope, "answer": held.answer},
    )


def _note(by: str, action: str, one: AccessRequest, detail: dict[str, object]) -> None:
    with connection.cursor() as cursor:
        enter(cursor, by=by, action=action, subject=f"account:{one.account.username}", detail=detail)
