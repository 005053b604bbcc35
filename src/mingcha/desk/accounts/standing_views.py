"""Pages on one's own standing: lending the post, recusals, asking for another post; and who decides on these."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from mingcha.desk.accounts import access, delegations, queries, recusals, second_step
from mingcha.desk.accounts.models import OUTSIDERS, Role
from mingcha.desk.shell.requests import PersonRequest
from mingcha.terms.calendar import today
from mingcha.terms.errors import MingchaError, UsageError

_MISSING = (access.Missing, delegations.Missing, recusals.Missing)


@require_GET
def me(request: PersonRequest) -> HttpResponse:
    """The own account: post, areas, codes, what was lent, from whom one keeps away, what was asked for."""
    account = request.user
    context = {
        "section": "me", "coded": second_step.in_force(account), "names": queries.area_names(), "today": today(),
        "office": account.role not in OUTSIDERS, "colleagues": delegations.colleagues(account)[:500],
        "lent": delegations.of(account), "longest": delegations.LONGEST, "recusals": recusals.of(account),
        "asked": access.of(account), "status": access.WORDS, "posts": _posts(account.role),
    }  # fmt: skip
    response = render(request, "accounts/me.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def lend(request: PersonRequest) -> HttpResponse:
    """Lend the own post."""
    post = request.POST
    return _acted(request, lambda by: delegations.lend(
        by=by, account=request.user, to=post.get("to", ""), since=_day(post.get("since", "")),
        until=_day(post.get("until", "")), reason=post.get("reason", "")[:500],
    ))  # fmt: skip


@require_POST
def take_back(request: PersonRequest, number: int) -> HttpResponse:
    """End a delegation of the own."""
    return _acted(request, lambda by: delegations.take_back(by=by, account=request.user, number=number))


@require_POST
def declare(request: PersonRequest) -> HttpResponse:
    """Declare a recusal."""
    post = request.POST
    return _acted(request, lambda by: recusals.declare(
        by=by, account=request.user, provider=post.get("provider", "").strip(), since=_day(post.get("since", "")),
        until=_day(post["until"]) if post.get("until") else None, reason=post.get("reason", ""),
    ))  # fmt: skip


@require_POST
def end_recusal(request: PersonRequest, number: int) -> HttpResponse:
    """Let a recusal of the own end."""
    until = request.POST.get("until", "")
    return _acted(request, lambda by: recusals.end(by=by, account=request.user, number=number, until=_day(until)))


@require_GET
def all_recusals(request: PersonRequest) -> HttpResponse:
    """Who keeps away from which provider, for those who share out the work."""
    return render(request, "accounts/recusals.html", {"section": "recusals", "found": recusals.within()})


@require_POST
def ask(request: PersonRequest) -> HttpResponse:
    """Ask for another post or wider areas."""
    told = {name: request.POST.get(name, "") for name in ("role", "scope", "reason")}
    return _acted(request, lambda by: access.ask(by=by, account=request.user, **told))


@require_GET
def requests(request: PersonRequest) -> HttpResponse:
    """What people within one's areas ask for."""
    context = {"section": "accounts", "found": access.waiting(), "names": queries.area_names(), "status": access.WORDS,
               "posts": dict(Role.choices)}  # fmt: skip
    return render(request, "accounts/requests.html", context)


@require_POST
def decide(request: PersonRequest, number: int) -> HttpResponse:
    """Approve or decline a request."""
    does, answer = {"approve": access.approve, "decline": access.decline}, request.POST.get("answer", "")
    name = request.POST.get("decision", "")
    if name not in does:
        raise Http404
    return _acted(request, lambda by: does[name](by=by, number=number, answer=answer), "access-requests")


def _posts(own: str) -> list[tuple[str, str]]:
    return [(role.value, role.label) for role in Role if (role.value in OUTSIDERS) == (own in OUTSIDERS)]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError("日期要写成 2026-11-22 这样。", "A date is written like 2026-11-22.") from error


def _acted(request: PersonRequest, act: Callable[[str], Any], page: str = "me") -> HttpResponse:
    try:
        act(request.user.username)
    except _MISSING as error:
        raise Http404 from error
    except MingchaError as error:
        context = {"words": error.zh, "back": reverse(page), "section": page, "group": "系统"}
        return render(request, "shell/refused.html", context, status=409)
    return redirect(page)
