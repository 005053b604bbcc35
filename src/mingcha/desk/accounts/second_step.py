"""One-time codes at the login (RFC 6238): a secret the phone knows too, six digits a half-minute, each good once.

The secret is sealed with the home's keys and bound to its account; recovery codes are kept as keyed digests.
"""

from __future__ import annotations

import hmac
import io
import secrets
import time

import pyotp
import segno
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from pyotp.totp import TOTP

from mingcha.desk.accounts import policy
from mingcha.desk.accounts.models import Account, RecoveryCode, SecondStep
from mingcha.desk.trail.actions import enter
from mingcha.records.seal import Blinder, Sealer
from mingcha.terms.errors import UsageError

STEP = 30
"""Seconds a code holds; the one before and the one after are taken too, for clocks that differ (RFC 6238 §5.2)."""
CODES = 10
"""Recovery codes handed out at once."""


def in_force(account: Account) -> bool:
    """Whether the account logs in with a code."""
    return SecondStep.objects.filter(account=account).exclude(confirmed_at=None).exists()


def demanded(account: Account) -> bool:
    """Whether the account's post must log in with a code where it belongs."""
    return account.role in policy.second_step_roles(account.scope)


def left(account: Account) -> int:
    """Recovery codes that were not used yet."""
    return RecoveryCode.objects.filter(account=account, used_at=None).count()


@transaction.atomic
def begin(*, by: str, account: Account) -> None:
    """Make a new secret, to be scanned and confirmed. UsageError when codes are in force already."""
    if in_force(account):
        raise UsageError("动态验证码已经启用。要换手机，请先停用。", "Codes are in force already. End them first.")
    sealed = _sealer().seal(pyotp.random_base32().encode(), _bound(account))
    SecondStep.objects.update_or_create(account=account, defaults={"sealed": sealed, "last_step": 0})
    _note(by, "account.second-step-begin", account)


def secret(account: Account) -> str | None:
    """The secret that waits for its confirmation; None when there is none, and never one in force."""
    held = SecondStep.objects.filter(account=account, confirmed_at=None).first()
    return _sealer().open(bytes(held.sealed), _bound(account)).decode() if held else None


def picture(account: Account) -> bytes | None:
    """The QR code of the waiting secret as an SVG file."""
    told = secret(account)
    if told is None:
        return None
    address = TOTP(told).provisioning_uri(name=account.username, issuer_name="明察")
    drawn = io.BytesIO()
    segno.make(address, error="m", encoding="utf-8").save(drawn, kind="svg", scale=5, border=4, xmldecl=True)
    return drawn.getvalue()


@transaction.atomic
def confirm(*, by: str, account: Account, code: str) -> list[str]:
    """Put the waiting secret in force with its first code; the answer is recovery codes, shown once.

    UsageError when nothing waits or the code isn't the current one.
    """
    held = SecondStep.objects.select_for_update().filter(account=account, confirmed_at=None).first()
    step = matching_step(_open(held, account), code, time.time()) if held else None
    if held is None or step is None:
        raise UsageError(
            "验证码不对。请输入手机上现在显示的 6 位数字；如果一直不对，请核对手机的时间。",
            "This isn't the code. Give the six digits the phone shows now; if that fails, check the phone's clock.",
        )
    held.confirmed_at, held.last_step = timezone.now(), step
    held.save(update_fields=["confirmed_at", "last_step"])
    _note(by, "account.second-step", account)
    return _new_codes(account)


@transaction.atomic
def renew_codes(*, by: str, account: Account, code: str) -> list[str]:
    """New recovery codes in place of the old ones; UsageError for a wrong code."""
    _proved(by, account, code)
    _note(by, "account.recovery-codes", account)
    return _new_codes(account)


@transaction.atomic
def end(*, by: str, account: Account, code: str) -> None:
    """Log in without a code from now on; UsageError for a wrong code, or when the post must have one."""
    if demanded(account):
        raise UsageError("您的岗位必须使用动态验证码，不能停用。", "Your post must log in with a code.")
    _proved(by, account, code)
    forget(account)
    _note(by, "account.second-step-end", account)


def forget(account: Account) -> bool:
    """Remove secret and recovery codes, inside the transaction of the act that calls this; False when none was."""
    RecoveryCode.objects.filter(account=account).delete()
    return bool(SecondStep.objects.filter(account=account).delete()[0])


@transaction.atomic
def use(*, by: str, account: Account, code: str) -> bool:
    """Whether the code opens the account now. A code of either sort serves once, whoever else tries it meanwhile."""
    typed = "".join(code.split()).replace("-", "").lower()
    if len(typed) > 6:
        used = RecoveryCode.objects.filter(account=account, digest=_digest(account, typed), used_at=None)
        if not used.update(used_at=timezone.now()):
            return False
        _note(by, "account.recovery", account)
        return True
    held = SecondStep.objects.filter(account=account).exclude(confirmed_at=None).first()
    step = matching_step(_open(held, account), typed, time.time()) if held else None
    return step is not None and bool(
        SecondStep.objects.filter(account=account, last_step__lt=step).update(last_step=step)
    )


def matching_step(told: str, code: str, now: float) -> int | None:
    """The number of the half-minute whose code this is, of the current one and its neighbours."""
    at = int(now) // STEP
    for step in (at, at - 1, at + 1):
        if code.isascii() and hmac.compare_digest(TOTP(told).generate_otp(step), code):
            return step
    return None


def _proved(by: str, account: Account, code: str) -> None:
    if not use(by=by, account=account, code=code):
        raise UsageError(
            "验证码不对，或者已经用过。请等下一个再试。", "A wrong code, or one used already. Wait for the next."
        )


def _new_codes(account: Account) -> list[str]:
    RecoveryCode.objects.filter(account=account).delete()
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    codes = ["".join(secrets.choice(letters) for _ in range(12)) for _ in range(CODES)]
    RecoveryCode.objects.bulk_create([RecoveryCode(account=account, digest=_digest(account, c)) for c in codes])
    return ["-".join((code[:4], code[4:8], code[8:])) for code in codes]


def _open(held: SecondStep, account: Account) -> str:
    return _sealer().open(bytes(held.sealed), _bound(account)).decode()


def _bound(account: Account) -> bytes:
    return f"account {account.pk}".encode()


def _sealer() -> Sealer:
    return Sealer(Blinder(settings.HOME.secrets.token)("mingcha second step")[:16])


def _digest(account: Account, code: str) -> bytes:
    return Blinder(settings.HOME.secrets.blind)(f"recovery {account.pk} {code}")


def _note(by: str, action: str, account: Account) -> None:
    with connection.cursor() as cursor:
        enter(cursor, by=by, action=action, subject=f"account:{account.username}")
