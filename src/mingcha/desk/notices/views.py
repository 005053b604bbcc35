"""Pages of the notices app: the own notices, the bell's number, opening one."""

from __future__ import annotations

from django.db import connection, transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from mingcha.desk.notices import actions, queries
from mingcha.desk.notices.events import GROUPS
from mingcha.desk.shell.requests import PersonRequest

TABS = {"unread": "未读", "all": "全部"}
MOST = 200
"""Notices marked by one press."""


@require_GET
def notices(request: PersonRequest) -> HttpResponse:
    """Own notices, those that weren't read first."""
    tab, group = request.GET.get("tab", ""), request.GET.get("group", "")
    tab, group = tab if tab in TABS else "unread", group if group in GROUPS else ""
    page = queries.page(tab, group, _number(request, "after"), _number(request, "before"))
    context = {"section": "notices", "tab": tab, "tabs": TABS, "group": group, "groups": GROUPS, "page": page}
    return _fresh(render(request, "notices/list.html", context))


@require_GET
def bell(request: PersonRequest) -> HttpResponse:
    """The bell with its number; pages ask for it while they are open. For nobody, when the login is over: no answer."""
    if not request.user.is_authenticated:
        return HttpResponse(status=204)
    return _fresh(render(request, "notices/_bell.html", {"unread_notices": queries.unread()}))


@require_POST
def read(request: PersonRequest) -> HttpResponse:
    """Mark notices as read, all of them when that was asked for; back to the list as it was."""
    named = [int(text) for text in request.POST.getlist("number")[:MOST] if text.isdecimal() and len(text) < 19]
    with transaction.atomic(), connection.cursor() as cursor:
        actions.read(cursor, None if "all" in request.POST else named)
    back = request.POST.get("back", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, None) else reverse("notices"))


@require_POST
def open_one(request: PersonRequest, number: int) -> HttpResponse:
    """Go where the notice leads; it counts as read."""
    found = queries.one(number)
    if found is None:
        raise Http404
    with transaction.atomic(), connection.cursor() as cursor:
        actions.read(cursor, [number])
    return redirect(queries.link(found["event"], found["detail"]))


def _number(request: PersonRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _fresh(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
