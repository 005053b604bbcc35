"""Pages of the tree of areas."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from mingcha.desk.accounts import areas
from mingcha.desk.shell.requests import PersonRequest
from mingcha.terms.calendar import today
from mingcha.terms.errors import MingchaError, UsageError

_LEVELS = {str(level): level for level in range(len(areas.LEVELS))}


@require_GET
def tree(request: PersonRequest) -> HttpResponse:
    """The own areas, two levels down."""
    context = {"section": "areas", "found": areas.tree(), "today": today(), "levels": areas.LEVELS,
               "all": request.user.scope == "*"}  # fmt: skip
    return render(request, "accounts/areas.html", context)


@require_GET
def area(request: PersonRequest, code: str) -> HttpResponse:
    """One area: what lies below it, its offices, what it was before."""
    found = areas.tree(code)
    if not found:
        raise Http404
    context = {
        "section": "areas", "one": found[0], "found": found[1:], "history": areas.history(code), "today": today(),
        "levels": areas.LEVELS, "organisations": areas.organisations(code),
    }  # fmt: skip
    return render(request, "accounts/area.html", context)


@require_POST
def add(request: PersonRequest) -> HttpResponse:
    """Put a new area into the tree."""
    post, parent = request.POST, request.POST.get("parent", "")
    back = reverse("area", args=[parent]) if parent else reverse("areas")
    return _acted(request, back, lambda by: areas.add(
        by=by, parent=parent, code=post.get("code", ""), name=post.get("name", ""), since=_day(post.get("since", "")),
        level=_LEVELS.get(post.get("level", ""), 1),
    ))  # fmt: skip


@require_POST
def change(request: PersonRequest, code: str) -> HttpResponse:
    """Rename or move an area from a day on."""
    post = request.POST
    return _acted(request, reverse("area", args=[code]), lambda by: areas.change(
        by=by, code=code, name=post.get("name", ""), parent=post.get("parent", ""),
        since=_day(post.get("since", "")), reason=post.get("reason", ""),
    ))  # fmt: skip


@require_POST
def close(request: PersonRequest, code: str) -> HttpResponse:
    """Close an area after a day."""
    until, reason = request.POST.get("until", ""), request.POST.get("reason", "")
    return _acted(
        request,
        reverse("area", args=[code]),
        lambda by: areas.close(by=by, code=code, until=_day(until), reason=reason),
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError("日期要写成 2026-11-22 这样。", "A date is written like 2026-11-22.") from error


def _acted(request: PersonRequest, back: str, act: Callable[[str], None]) -> HttpResponse:
    try:
        act(request.user.username)
    except areas.Missing as error:
        raise Http404 from error
    except MingchaError as error:
        context = {"words": error.zh, "back": back, "section": "areas", "group": "系统"}
        return render(request, "shell/refused.html", context, status=409)
    return redirect(back)
