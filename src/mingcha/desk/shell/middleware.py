"""The transaction of a request carries its scope, and no page is reached without a row in the permission table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.db import connection, transaction
from django.http import HttpResponse
from django.shortcuts import render

from mingcha.desk.accounts.delegations import speak_for
from mingcha.desk.accounts.models import OUTSIDERS, Role
from mingcha.desk.shell.permissions import ANYONE, allowed, may, open_to, opens
from mingcha.desk.shell.requests import PersonRequest

Respond = Callable[[PersonRequest], HttpResponse]


class RequestScope:
    """Opens the request's transaction and sets in it who asks: areas, provider and login name (DECISIONS 23).

    The views run inside (ATOMIC_REQUESTS makes them savepoints, so a failing view leaves nothing behind). Nobody
    logged in means an empty scope: row security then shows nothing.
    """

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: PersonRequest) -> HttpResponse:
        with transaction.atomic():
            user = request.user
            told = (user.sees, user.provider or "", user.username) if user.is_authenticated else ("", "", "")
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT set_config('mingcha.scope', %s, true), set_config('mingcha.provider', %s, true),"
                    " set_config('mingcha.account', %s, true)",
                    told,
                )
            return self.respond(request)


class Permissions:
    """Lets a request through to its view only if the table allows the person's role."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: PersonRequest) -> HttpResponse:
        return self.respond(request)

    def process_view(self, request: PersonRequest, _view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        """None lets the view run; else the login page, or a page saying who can give the permission."""
        match = request.resolver_match
        name = match.view_name if match else ""
        if ANYONE in allowed(name):
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        opener = opens(request.user, name)
        if opener is None:
            return forbidden(request, name)
        if opener.pk != request.user.pk:
            speak_for(opener)
        return None


def forbidden(request: PersonRequest, name: str) -> HttpResponse:
    """The page that says who may, and lets the person ask for it."""
    own = request.user.role
    posts = [(role.value, role.label) for role in Role
             if may(role.value, name) and (role.value in OUTSIDERS) == (own in OUTSIDERS)]  # fmt: skip
    return render(request, "shell/forbidden.html", {"open_to": open_to(name), "posts": posts}, status=403)
