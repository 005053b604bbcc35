"""How long a login lasts: it ends idle, after an office day, or when the account logs in elsewhere.

A session remembers the number the account gave it. The account's next login, or an administrator, raises the number
with a reason, and the session with the old one is told that reason when it asks for its next page.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from mingcha.desk.accounts import actions, second_step
from mingcha.desk.accounts.models import Account
from mingcha.desk.shell.permissions import POLLING, SILENT
from mingcha.desk.shell.requests import PersonRequest

ENDED = {
    "idle": "您有一段时间没有操作，为防止他人使用，已自动退出。请重新登录，接着刚才的页面。",
    "length": "一次登录的时间到了，请重新登录，接着刚才的页面。",
    "elsewhere": "这个账号刚刚在另一处登录，这里的登录已经结束。如果不是您本人，请马上联系系统管理员。",
    "administrator": "系统管理员结束了这次登录。如有疑问请联系管理员。",
}
"""Why a session ended, as the login page tells it."""
_OPEN = {"password", "password-done", "logout", "login", "health"}
"""What may be opened while a password must be changed first."""
_ENROLLING = _OPEN | {"second-step", "second-step-qr"}
_GRAIN = 30  # seconds between two notes of somebody being there: a write a page would be wasteful


def begin(sender: Any, request: HttpRequest, user: Account, **_more: Any) -> None:
    """Receives Django's signal of a login: numbers the session and keeps the limits that hold for it."""
    del sender
    begun = actions.begin_session(by=user.username, account=user)
    now = int(time.time())
    request.session["desk"] = {
        "number": begun.number, "since": now, "idle": begun.idle_seconds, "length": begun.length_seconds,
        "enrol": second_step.demanded(user) and not second_step.in_force(user),
    }  # fmt: skip
    request.session["seen"] = now


class SessionLimits:
    """Ends sessions whose time is over, and leads whoever must change a password or set up codes to do that first."""

    def __init__(self, respond: Callable[[PersonRequest], HttpResponse]) -> None:
        self.respond = respond

    def __call__(self, request: PersonRequest) -> HttpResponse:
        return self.respond(request)

    def process_view(self, request: PersonRequest, _view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        """None lets the request through."""
        if not request.user.is_authenticated:
            return None
        name = request.resolver_match.view_name if request.resolver_match else ""
        why = over(request)
        if name in SILENT:
            return HttpResponse(status=204) if why else None
        if why:
            logout(request)
            return None if name in ("login", "health") else away(request, _login(request, why))
        if name not in POLLING:
            _seen(request)
        if request.user.must_change_password and name not in _OPEN:
            return away(request, reverse("password"))
        if request.session["desk"].get("enrol") and name not in _ENROLLING:
            return away(request, reverse("second-step"))
        return None


def over(request: PersonRequest) -> str:
    """Why this session is over, one of ENDED; empty while it isn't."""
    held, now = request.session.get("desk"), time.time()
    if held is None:
        return "length"  # begun by an older version
    if held["number"] != request.user.session_number:
        return request.user.session_ended or "elsewhere"
    if now - held["since"] > held["length"]:
        return "length"
    if now - request.session.get("seen", 0) > held["idle"]:
        return "idle"
    return ""


def away(request: PersonRequest, address: str) -> HttpResponse:
    """To another page; the whole page when htmx asked for a piece of one."""
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


def _seen(request: PersonRequest) -> None:
    now = int(time.time())
    if now - request.session.get("seen", 0) >= _GRAIN:
        request.session["seen"] = now


def _login(request: PersonRequest, why: str) -> str:
    """The login page, which says why and leads back. A poll or a form leads back to the page it stood on."""
    page = request.headers.get("HX-Current-URL", "") if request.headers.get("HX-Request") == "true" else ""
    at = page if page else request.get_full_path() if request.method == "GET" else ""
    return f"{reverse('login')}?{urlencode({'why': why} | ({'next': at} if at else {}))}"
