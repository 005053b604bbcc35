"""What an administrator does to other people's accounts: each one transaction, one entry of the trail, old → new.

Whose accounts: those whose areas all lie in the administrator's own; others don't exist for them (queries.visible),
and the database refuses to write them (migration 0005).
"""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

from axes.utils import reset as reset_attempts
from django.contrib.auth import password_validation
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from mingcha.desk.accounts import actions, policy, queries, second_step
from mingcha.desk.accounts.models import Account, FormerPassword, Role
from mingcha.desk.accounts.passwords import made_up
from mingcha.desk.trail.actions import enter
from mingcha.terms.calendar import today
from mingcha.terms.errors import UsageError

_USERNAME = re.compile(r"[\w.@-]{2,40}")
FIELDS = ("display_name", "organisation", "role", "scope", "provider")
"""What may be changed about an account; the login name stays, the trail speaks of it."""


class Missing(Exception):
    """There is no such account within the administrator's areas."""


@transaction.atomic
def open_for(
    *, by: str, username: str, display_name: str, organisation: str, role: str, scope: str, provider: str | None
) -> str:
    """Open an account; the answer is the password for the first login, kept nowhere.

    UsageError for a name that can't be one or is taken, an unknown role, or an area out of scope.
    """
    if not _USERNAME.fullmatch(username):
        raise UsageError("用户名为 2 至 40 个字母、数字或 . _ - @，不能有空格。",
                         "A login name has 2 to 40 letters, digits or . _ - @, and no spaces.")  # fmt: skip
    told = _checked({"display_name": display_name, "organisation": organisation, "role": role, "scope": scope,
                     "provider": provider})  # fmt: skip
    password = made_up()
    try:
        with transaction.atomic():
            actions.open_account(by=by, username=username, password=password, must_change=True, **told)
    except IntegrityError as error:
        raise UsageError(f"用户名 {username} 已经有人使用。", f"The login name {username} is taken.") from error
    return password


@transaction.atomic
def change(
    *, by: str, username: str, display_name: str, organisation: str, role: str, scope: str, provider: str | None,
    reason: str,
) -> None:  # fmt: skip
    """Change who somebody is or what they may see. Counts from their next page on. UsageError as for `open_for`."""
    held = _held(by, username)
    told = _checked({"display_name": display_name, "organisation": organisation, "role": role, "scope": scope,
                     "provider": provider})  # fmt: skip
    changed = {name: (getattr(held, name), told[name]) for name in FIELDS if getattr(held, name) != told[name]}
    if not changed:
        raise UsageError("没有改动。", "Nothing was changed.")
    if held.is_active and held.role == Role.ADMIN and {"role", "scope"} & set(changed):
        _another_administrator(held)
    for name, (_, new) in changed.items():
        setattr(held, name, new)
    held.save(update_fields=list(changed))
    detail = {"old": {name: old for name, (old, _) in changed.items()},
              "new": {name: new for name, (_, new) in changed.items()}, "reason": _reason(reason)}  # fmt: skip
    _note(by, "account.change", username, detail)


@transaction.atomic
def disable(*, by: str, username: str, reason: str) -> None:
    """Nobody logs in with it any more, and who is logged in is out. The last administrator stays."""
    held = _held(by, username)
    if not held.is_active:
        raise UsageError("这个账号已经停用。", "This account is disabled already.")
    if held.role == Role.ADMIN:
        _another_administrator(held)
    held.is_active = False
    held.save(update_fields=["is_active"])
    _note(by, "account.disable", username, {"old": "active", "new": "disabled", "reason": _reason(reason)})


@transaction.atomic
def enable(*, by: str, username: str, reason: str) -> None:
    """The account may log in again."""
    held = _held(by, username)
    if held.is_active:
        raise UsageError("这个账号没有停用。", "This account isn't disabled.")
    held.is_active = True
    held.save(update_fields=["is_active"])
    _note(by, "account.enable", username, {"old": "disabled", "new": "active", "reason": _reason(reason)})


@transaction.atomic
def reset_password(*, by: str, username: str, reason: str) -> str:
    """A new password, to be changed at the next login; the account's sessions end. Shown once, kept nowhere."""
    held, password = _held(by, username), made_up()
    password_validation.validate_password(password, held)
    FormerPassword.objects.create(account=held, password=held.password)
    held.set_password(password)
    held.must_change_password, held.password_at = True, timezone.now()
    held.save(update_fields=["password", "must_change_password", "password_at"])
    reset_attempts(username=username)
    _note(by, "account.reset-password", username, {"reason": _reason(reason)})
    return password


@transaction.atomic
def unlock(*, by: str, username: str, reason: str) -> None:
    """Forget the wrong passwords that closed the account for a while."""
    _held(by, username)
    forgotten = reset_attempts(username=username)
    _note(by, "account.unlock", username, {"attempts": forgotten, "reason": _reason(reason)})


@transaction.atomic
def end_sessions(*, by: str, username: str, reason: str) -> None:
    """Log the account out wherever it is logged in."""
    held = _held(by, username)
    held.session_number, held.session_ended = held.session_number + 1, "administrator"
    held.save(update_fields=["session_number", "session_ended"])
    _note(by, "account.end-sessions", username, {"reason": _reason(reason)})


@transaction.atomic
def reset_second_step(*, by: str, username: str, reason: str) -> None:
    """Forget the account's one-time codes, for whoever lost the phone; its sessions end."""
    held = _held(by, username)
    if not second_step.forget(held):
        raise UsageError("这个账号没有启用动态验证码。", "This account has no codes.")
    held.session_number, held.session_ended = held.session_number + 1, "administrator"
    held.save(update_fields=["session_number", "session_ended"])
    _note(by, "account.second-step-reset", username, {"reason": _reason(reason)})


def _held(by: str, username: str) -> Account:
    """Somebody else's account, held until the transaction ends."""
    held = queries.visible().select_for_update().filter(username=username).first()
    if held is None:
        raise Missing
    if held.username == by:
        raise UsageError(
            "自己的账号不能由自己办理，请另一位系统管理员来做；自己的密码可以在右上角修改。",
            "Nobody does this to the own account; ask another administrator. The own password is changed top right.",
        )
    return held


def _another_administrator(leaving: Account) -> None:
    """Holds until the transaction ends that an administrator of at least the same areas stays active."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('mingcha administrators'))")
    staying = Account.objects.filter(role=Role.ADMIN, is_active=True).exclude(pk=leaving.pk)
    if not staying.filter(scope__in=[leaving.scope, "*"]).exists():
        raise UsageError(
            "这是这一辖区最后一个启用的系统管理员，停用或调整之后就没有人能管理账号了。请先再开一个。",
            "This is the last active administrator of these areas; without it nobody could manage accounts. Open "
            "another one first.",
        )


def _checked(told: dict[str, Any]) -> dict[str, Any]:
    """The fields, cleaned; UsageError says what is wrong."""
    told = {name: (value or "").strip()[:120] for name, value in told.items()}
    told["display_name"] = told["display_name"][:60]
    if not told["display_name"]:
        raise UsageError("请填写姓名。", "Please give the person's name.")
    if told["role"] not in Role.values:
        raise UsageError("请选择岗位。", "Please choose a post.")
    told["scope"] = ",".join(sorted({code.strip() for code in told["scope"].split(",") if code.strip()}))
    if not told["scope"] or not queries.within(told["scope"]):
        raise UsageError("请选择自己辖区之内的区划。", "Choose areas within your own.")
    if (told["role"] == Role.PROVIDER) != bool(told["provider"]):
        raise UsageError(
            "机构医保办的账号要填写机构编号，其他岗位不填。", "A provider's account names its provider, others don't."
        )
    told["provider"] = told["provider"] or None
    if told["provider"] and not queries.provider_within(told["provider"]):
        raise UsageError("机构目录里没有这个编号，或不在您的辖区。", "The directory lacks this provider in your areas.")
    return told


def _reason(words: str) -> str:
    if not words.strip():
        raise UsageError("请写明理由。", "Please give the reason.")
    return words.strip()[:2000]


def _note(by: str, action: str, username: str, detail: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        enter(cursor, by=by, action=action, subject=f"account:{username}", detail=detail)


@transaction.atomic
def set_limit(*, by: str, key: str, area: str, value: str, since: str, reason: str) -> None:
    """Set a limit of logins at an area (`*`: everywhere) from a day on; what holds before that day stays.

    UsageError for an unknown limit, a number out of its bounds, a day gone by, or an area out of scope.
    """
    limit, day = policy.LIMITS.get(key), _day(since)
    if limit is None or not queries.within(area) or "," in area:
        raise UsageError("请选择要设定的项目和自己辖区之内的区划。", "Choose a limit and an area within your own.")
    if not (value.isascii() and value.isdecimal() and limit.least <= int(value) <= limit.most):
        raise UsageError(
            f"“{limit.zh}”应为 {limit.least} 至 {limit.most} 的整数（{limit.unit}）。",
            f"{key} takes a whole number from {limit.least} to {limit.most}.",
        )
    _put(by, key, area, json.dumps(int(value)), day, reason)


@transaction.atomic
def demand_codes(*, by: str, roles: list[str], area: str, since: str, reason: str) -> None:
    """Which posts must log in with a one-time code at an area from a day on. UsageError as for `set_limit`."""
    if not set(roles) <= set(Role.values) or not queries.within(area) or "," in area:
        raise UsageError("请选择岗位和自己辖区之内的区划。", "Choose posts and an area within your own.")
    _put(by, policy.SECOND_STEP, area, json.dumps(sorted(set(roles))), _day(since), reason)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if day < today():
        raise UsageError(
            "生效日期写成 2026-11-22 这样，且不早于今天。", "Give a day like 2026-11-22, not before today."
        )
    return day


def _put(by: str, key: str, area: str, value: str, day: date, reason: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT facts.setting_at(%s, %s)::text", [key, area])
        (old,) = cursor.fetchone() or (None,)
        cursor.execute(
            "INSERT INTO facts.setting (key, area, valid_from, value) VALUES (%s, %s, %s, %s::jsonb)"
            " ON CONFLICT (key, area, valid_from) DO UPDATE SET value = excluded.value",
            [key, area, day.isoformat(), value],
        )
        detail = {
            "old": old and json.loads(old),
            "new": json.loads(value),
            "since": str(day),
            "reason": _reason(reason),
        }
        enter(cursor, by=by, action="account.limit", subject=f"setting:{key}@{area}", detail=detail)
