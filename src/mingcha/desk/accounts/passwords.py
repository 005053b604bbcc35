"""What a password must be besides long and uncommon: none of the last five; and passwords made for others."""

from __future__ import annotations

import secrets

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError

from mingcha.desk.accounts.models import Account, FormerPassword

REMEMBERED = 5
"""The current password and the four before it can't be chosen again."""


class NotUsedBefore:
    """Refuses a password the account has or had lately."""

    def validate(self, password: str, user: Account | None = None) -> None:
        """ValidationError for one of the last REMEMBERED passwords."""
        if user is None or user.pk is None:
            return
        former = FormerPassword.objects.filter(account=user).order_by("-id").values_list("password", flat=True)
        if any(check_password(password, one) for one in (user.password, *former[: REMEMBERED - 1])):
            raise ValidationError(f"不能与最近 {REMEMBERED} 次用过的密码相同。", code="password_used_before")

    def get_help_text(self) -> str:
        """The rule in words."""
        return f"不能与最近 {REMEMBERED} 次用过的密码相同。"


def made_up() -> str:
    """A password for somebody else's first login: 60 random bits, easy to read out and to type."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(3))
