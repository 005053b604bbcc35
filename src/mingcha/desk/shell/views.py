"""The way in, the health check and the pages for what went wrong."""

from __future__ import annotations

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from mingcha import __version__
from mingcha.desk.accounts.models import Role
from mingcha.desk.shell.requests import PersonRequest


def home(request: PersonRequest) -> HttpResponse:
    """The first page after the login: each post's own work."""
    return redirect({Role.PROVIDER: "portal", Role.EXPERT: "opinions"}.get(Role(request.user.role), "findings"))


def health(_request: HttpRequest) -> JsonResponse:
    """Whether the desk answers and reaches its database; for `mingcha up`, `doctor` and load balancers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        row = cursor.fetchone()
    told = {"status": "ok", "version": __version__, "home": settings.HOME.id, "role": row[0] if row else ""}
    return JsonResponse(told)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token no longer fits: the page was open too long, or in another session."""
    del reason
    return render(request, "shell/stale.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """No such page, or nothing there that this person may see; the two are not told apart."""
    del exception
    return render(request, "shell/not_found.html", status=404)


def failed(request: HttpRequest) -> HttpResponse:
    """Our mistake. Nothing was written: the request's transaction is rolled back."""
    return render(request, "shell/failed.html", status=500)
