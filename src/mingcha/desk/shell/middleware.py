"""The transaction of a request carries its scope, and no page is reached without a row in the permission table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.db import connection, transaction
from django.http import HttpResponse
from django.shortcuts import render

from mingcha.desk.shell.permissions import ALL, ANYONE, allowed
from mingcha.desk.shell.requests import PersonRequest

Respond = Callable[[PersonRequest], HttpResponse]


class RequestScope:
    """Opens the request's transaction and sets `mingcha.scope` in it (DECISIONS 23).

    The views run inside (ATOMIC_REQUESTS makes them savepoints, so a failing view leaves nothing behind). Nobody
    logged in means an empty scope: row security then shows nothing.
    """

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: PersonRequest) -> HttpResponse:
        with transaction.atomic():
            scope = request.user.scope if request.user.is_authenticated else ""
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('mingcha.scope', %s, true)", [scope])
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
        roles = allowed(match.view_name if match else "")
        if ANYONE in roles:
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if ALL not in roles and request.user.role not in roles:
            return render(request, "shell/forbidden.html", {"roles": roles}, status=403)
        return None
