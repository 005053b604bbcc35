"""Writes of the accounts app: opening accounts, changing passwords."""

from __future__ import annotations

import secrets
from typing import NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from mingcha.desk.accounts import policy
from mingcha.desk.accounts.models import Account, FormerPassword, Role
from mingcha.desk.trail.actions import enter


class Opened(NamedTuple):
    """An account and its password, which is shown once and stored nowhere."""

    username: str
    role: str
    post: str
    password: str


@transaction.atomic
def open_account(
    *, by: str, username: str, display_name: str, role: str, scope: str, organisation: str = "", password: str,
    provider: str | None = None, must_change: bool = False,
) -> Account:  # fmt: skip
    """A new account; IntegrityError when the name is taken, the role unknown, or a provider's without its code."""
    account = Account(
        username=username, display_name=display_name, role=role, scope=scope, organisation=organisation, opened_by=by,
        provider=provider, must_change_password=must_change,
    )  # fmt: skip
    account.set_password(password)
    account.save(force_insert=True)
    with connection.cursor() as cursor:
        detail = {"role": role, "scope": scope} | ({"provider": provider} if provider else {})
        enter(cursor, by=by, action="account.open", subject=f"account:{username}", detail=detail)
    return account


@transaction.atomic
def change_password(*, by: str, account: Account, password: str) -> None:
    """A new password; other sessions of the account end, because their signature covers the old one."""
    FormerPassword.objects.create(account=account, password=account.password)
    account.set_password(password)
    account.must_change_password, account.password_at = False, timezone.now()
    account.save(update_fields=["password", "must_change_password", "password_at"])
    with connection.cursor() as cursor:
        enter(cursor, by=by, action="account.password", subject=f"account:{account.username}")


class Begun(NamedTuple):
    """A session's number and how long it may be idle and last, in seconds."""

    number: int
    idle_seconds: int
    length_seconds: int


@transaction.atomic
def begin_session(*, by: str, account: Account) -> Begun:
    """Number a new session. Where only one is allowed, those before end; a password past its days must be changed."""
    told = policy.limits(account.scope)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE account SET session_number = session_number + %(single)s,"
            " session_ended = CASE WHEN %(single)s = 1 THEN 'elsewhere' ELSE session_ended END,"
            " must_change_password = must_change_password OR"
            "  (%(days)s > 0 AND password_at < now() - make_interval(days => %(days)s))"
            " WHERE username = %(by)s RETURNING session_number, must_change_password",
            {"single": told["session-single"], "days": told["password-days"], "by": by},
        )
        account.session_number, account.must_change_password = cursor.fetchone() or (0, True)
    return Begun(account.session_number, told["session-idle"] * 60, told["session-length"] * 3600)


class Invented(NamedTuple):
    """A person of the demo. Nobody's name."""

    username: str
    display_name: str
    role: Role


DEMO = (
    Invented("supervisor", "马骏", Role.SUPERVISOR), Invented("reviewer", "周佳", Role.REVIEWER),
    Invented("reviewer2", "冯雪", Role.REVIEWER), Invented("reviewer3", "田野", Role.REVIEWER),
    Invented("knowledge", "秦岚", Role.KNOWLEDGE), Invented("leader", "何敏", Role.LEADER),
    Invented("finance", "孙宁", Role.FINANCE), Invented("finance2", "邱实", Role.FINANCE),
    Invented("provider", "吴洁", Role.PROVIDER),
    Invented("expert", "郑恺", Role.EXPERT), Invented("expert2", "沈青", Role.EXPERT),
    Invented("expert3", "韩树", Role.EXPERT), Invented("admin", "管理员", Role.ADMIN),
)  # fmt: skip


@transaction.atomic
def open_demo_accounts(*, by: str, provider: tuple[str, str] | None, scope: str = "*") -> list[Opened]:
    """The demo's people with generated passwords; accounts that are there get a new password.

    `provider` is code and name of whom the portal's account speaks for; without one there is no such account.
    """
    return [_open_demo(by, one, scope, provider) for one in DEMO if provider or one.role != Role.PROVIDER]


def _open_demo(by: str, one: Invented, scope: str, provider: tuple[str, str] | None) -> Opened:
    password = "-".join(secrets.token_hex(2) for _ in range(3))
    existing = Account.objects.filter(username=one.username).first()
    own = provider if one.role == Role.PROVIDER else None
    if existing:
        change_password(by=by, account=existing, password=password)
    else:
        open_account(
            by=by, username=one.username, display_name=one.display_name, role=one.role.value, scope=scope,
            organisation=own[1] if own else "演示医疗保障局", provider=own[0] if own else None, password=password,
        )  # fmt: skip
    return Opened(one.username, one.role.value, one.role.label, password)
