"""Who came in, who went, who was turned away: Django's and axes' signals as entries, with the client's address."""

from __future__ import annotations

from typing import Any

from axes.helpers import get_client_ip_address
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import connection
from django.http import HttpRequest

from mingcha.desk.trail.actions import enter

NOBODY = "?"
"""Stands for a name that no account has: somebody may have typed a password into its field."""


def watch() -> None:
    """Connect the signals; once, when Django is set up."""
    for heard, receive in (
        (user_logged_in, _came), (user_logged_out, _went), (user_login_failed, _failed), (user_locked_out, _locked)
    ):  # fmt: skip
        heard.connect(receive, dispatch_uid=f"mingcha trail {receive.__name__}")


def _came(request: HttpRequest, user: Any, **_: Any) -> None:
    _enter("session.login", user.username, request)


def _went(request: HttpRequest, user: Any, **_: Any) -> None:
    if user is not None:
        _enter("session.logout", user.username, request)


def _failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    if not getattr(request, "axes_locked_out", False):  # axes tells of those itself
        _enter("session.failed", _known(credentials.get("username")), request)


def _locked(request: HttpRequest, username: str | None = None, **_: Any) -> None:
    _enter("session.locked", _known(username), request)


def _known(name: str | None) -> str:
    from mingcha.desk.accounts.models import Account

    return name if name and Account.objects.filter(username=name).exists() else NOBODY


def _enter(action: str, name: str, request: HttpRequest | None) -> None:
    address = get_client_ip_address(request) if request is not None else None
    with connection.cursor() as cursor:
        enter(cursor, by=name, action=action, subject=f"account:{name}", detail={"address": address} if address else {})
