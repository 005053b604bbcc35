"""Writes of the accounts app: opening accounts, changing passwords."""

from __future__ import annotations

import secrets
from typing import NamedTuple

from django.db import connection, transaction

from mingcha.desk.accounts.models import Account, Role
from mingcha.desk.trail.actions import enter


class Opened(NamedTuple):
    """An account and its password, which is shown once and stored nowhere."""

    username: str
    role: str
    post: str
    password: str


@transaction.atomic
def open_account(
    *, by: str, username: str, display_name: str, role: str, scope: str, organisation: str = "", password: str
) -> Account:
    """A new account; IntegrityError when the name is taken or the role unknown."""
    account = Account(
        username=username, display_name=display_name, role=role, scope=scope, organisation=organisation, opened_by=by
    )
    account.set_password(password)
    account.save(force_insert=True)
    with connection.cursor() as cursor:
        detail = {"role": role, "scope": scope}
        enter(cursor, by=by, action="account.open", subject=f"account:{username}", detail=detail)
    return account


@transaction.atomic
def change_password(*, by: str, account: Account, password: str) -> None:
    """A new password; other sessions of the account end, because their signature covers the old one."""
    account.set_password(password)
    account.must_change_password = False
    account.save(update_fields=["password", "must_change_password"])
    with connection.cursor() as cursor:
        enter(cursor, by=by, action="account.password", subject=f"account:{account.username}")


@transaction.atomic
def open_demo_accounts(*, by: str, scope: str = "*", organisation: str = "演示医疗保障局") -> list[Opened]:
    """One account per role with generated passwords; accounts that are there get a new password."""
    return [_open_demo(by, role, scope, organisation) for role in Role]


def _open_demo(by: str, role: Role, scope: str, organisation: str) -> Opened:
    password = "-".join(secrets.token_hex(2) for _ in range(3))
    existing = Account.objects.filter(username=role.value).first()
    if existing:
        change_password(by=by, account=existing, password=password)
    else:
        open_account(
            by=by, username=role.value, display_name=_DEMO_NAMES[role], role=role.value, scope=scope,
            organisation=organisation, password=password,
        )  # fmt: skip
    return Opened(role.value, role.value, role.label, password)


_DEMO_NAMES = {
    Role.SUPERVISOR: "马骏", Role.REVIEWER: "周佳", Role.KNOWLEDGE: "秦岚", Role.LEADER: "何敏", Role.ADMIN: "管理员",
}  # fmt: skip
