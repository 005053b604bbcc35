"""Pages of endpoints: one with its deliveries, a new one with its secret shown once, and what may be done with it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from mingcha.desk.audit.queries import Row
from mingcha.desk.notices import endpoints
from mingcha.desk.notices.setting_views import STATES, dots
from mingcha.desk.shell.requests import PersonRequest
from mingcha.terms.errors import MingchaError


@require_GET
def endpoint(request: PersonRequest, number: int) -> HttpResponse:
    """One endpoint and its newest deliveries."""
    return _page(request, _found(number))


@require_POST
def add(request: PersonRequest) -> HttpResponse:
    """Make an endpoint; its page shows the secret, this once."""
    post = request.POST
    told = {name: post.get(name, "") for name in ("area", "name", "kind", "url", "secret")}
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            number, secret = endpoints.add(cursor, settings.HOME, by=request.user.username, **told,
                                           events=post.getlist("event")[:100])  # fmt: skip
    except MingchaError as error:
        return _refused(request, error, reverse("notice-channels"))
    return _page(request, _found(number), secret) if secret else redirect("notice-endpoint", number)


@require_POST
def act(request: PersonRequest, number: int) -> HttpResponse:
    """Change, rotate, pause, go on, test, or send a delivery again."""
    _found(number)
    secret, back = "", reverse("notice-endpoint", args=[number])
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            secret = _act(cursor, request, number)
    except endpoints.Missing as error:
        raise Http404 from error
    except MingchaError as error:
        return _refused(request, error, back)
    if secret:
        return _page(request, _found(number), secret)
    return redirect(f"{back}?tried=1" if request.POST.get("act") == "try" else back)


def _act(cursor: Any, request: PersonRequest, number: int) -> str:
    """Do what the form says; a new secret where one was made."""
    post, by = request.POST, request.user.username
    match post.get("act", ""):
        case "change":
            endpoints.change(cursor, settings.HOME, by=by, number=number, name=post.get("name", ""),
                             url=post.get("url", ""), events=post.getlist("event")[:100])  # fmt: skip
        case "rotate":
            return endpoints.rotate(cursor, settings.HOME, by=by, number=number)
        case "on" | "off" as state:
            endpoints.turn(cursor, by=by, number=number, state=state)
        case "try":
            endpoints.attempt(cursor, settings.HOME, by=by, number=number)
        case "again":
            text = post.get("delivery", "")
            delivery = int(text) if text.isdecimal() and len(text) < 19 else 0
            endpoints.again(cursor, by=by, number=number, delivery=delivery)
        case _:
            raise Http404
    return ""


def _found(number: int) -> Row:
    try:
        return endpoints.one(number)
    except endpoints.Missing as error:
        raise Http404 from error


def _page(request: PersonRequest, found: Row, secret: str = "") -> HttpResponse:
    context = {
        "section": "notice-channels", "one": found, "secret": secret, "kind": endpoints.KINDS[found["kind"]],
        "state": endpoints.STATES[found["state"]], "tried": "tried" in request.GET, "hours": endpoints.OVERLAP_HOURS,
        "offered": [(code, event.zh.format_map(dots()), code in found["events"])
                    for code, event in endpoints.OFFERED.items()],
        "deliveries": [row | {"stands": _stands(row)} for row in endpoints.deliveries(found["id"])],
    }  # fmt: skip
    response = render(request, "notices/endpoint.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _stands(row: Row) -> str:
    return STATES["again" if row["state"] == "waiting" and row["attempts"] else row["state"]]


def _refused(request: PersonRequest, error: MingchaError, back: str) -> HttpResponse:
    context = {"words": error.zh, "back": back, "section": "notice-channels", "group": "系统"}
    return render(request, "shell/refused.html", context, status=409)
