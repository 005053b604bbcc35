"""Pages of the review app: findings moved one by one or many at once, papers, experts' opinions."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db import connection, transaction
from django.http import FileResponse, Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from mingcha.desk.accounts.models import Role
from mingcha.desk.accounts.queries import areas
from mingcha.desk.audit import detail
from mingcha.desk.audit.forms import read_filter
from mingcha.desk.audit.queries import where
from mingcha.desk.audit.terms import terms_of
from mingcha.desk.review import actions, area_terms, assigning, clock, own_views, queries
from mingcha.desk.review.actions import Chosen, Done, move, refuse_unless_moved
from mingcha.desk.review.actors import Actor
from mingcha.desk.review.forms import REASON, read_lines, read_move, read_token, read_verdict
from mingcha.desk.review.handing import handed_out, taken
from mingcha.desk.review.models import Verdict
from mingcha.desk.shell.requests import PersonRequest
from mingcha.procedure.review import CLOCKS, DAYS, STEPS
from mingcha.terms.calendar import today
from mingcha.terms.errors import MingchaError, UsageError


def pages_of(request: PersonRequest) -> tuple[str, str]:
    """The names of the list and of the single page a person works with: the provider's portal, or the desk."""
    return ("portal", "portal-finding") if request.user.role == Role.PROVIDER else ("findings", "finding")


@require_POST
def move_one(request: PersonRequest, number: str) -> HttpResponse:
    """Move one finding, and go on to the next of the list it was opened from."""
    found = detail.found_or_404(number)
    many, one = pages_of(request)
    query = request.POST.get("query", "")
    try:
        name = read_move(request.POST.get("move", ""))
        with transaction.atomic(), connection.cursor() as cursor:
            done = _done(cursor, request, name, Chosen.numbers([number]), read_lines(request.POST))
            refuse_unless_moved(done, name, found["step"])
    except MingchaError as error:
        return refused(request, error, f"{reverse(one, args=[number])}?{query}")
    following = number if name in CLOCKS else request.POST.get("next", "")
    at = reverse(one, args=[following]) if detail.finding(following) else reverse(many)
    return redirect(f"{at}?{_with(query, done=done.act)}")


@require_POST
def move_many(request: PersonRequest) -> HttpResponse:
    """Move the picked findings, or all that the list's filter holds; the list tells what was done and what wasn't."""
    query, at = request.POST.get("query", ""), reverse(pages_of(request)[0])
    try:
        name = read_move(request.POST.get("move", ""))
        with transaction.atomic(), connection.cursor() as cursor:
            done = _done(cursor, request, name, _chosen(request.POST))
    except MingchaError as error:
        return refused(request, error, f"{at}?{query}")
    return redirect(f"{at}?{_with(query, done=done.act)}")


def _done(
    cursor: Any, request: PersonRequest, name: str, chosen: Chosen, lines: dict[tuple[str, str, str], int] | None = None
) -> Done:
    actor, reason = Actor.of(request.user), request.POST.get("reason", "")[:REASON]
    token = read_token(request.POST.get("token", ""))
    if name in CLOCKS:
        return clock.change(cursor, actor=actor, name=name, chosen=chosen, token=token, reason=reason)
    return move(cursor, actor=actor, name=name, chosen=chosen, token=token, reason=reason, lines=lines)


@require_POST
def keep_view(request: PersonRequest) -> HttpResponse:
    """Keep the filter of the list under a name, for the person alone."""
    at = f"{reverse('findings')}?{request.POST.get('query', '')}"
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            own_views.keep(cursor, by=request.user.username, name=request.POST.get("name", ""),
                           query=request.POST.get("query", "")[:2000])  # fmt: skip
    except MingchaError as error:
        return refused(request, error, at)
    return redirect(at)


@require_POST
def drop_view(request: PersonRequest, number: int) -> HttpResponse:
    """Drop one of the own filters."""
    with transaction.atomic(), connection.cursor() as cursor:
        if not own_views.drop(cursor, by=request.user.username, number=number):
            raise Http404
    return redirect(f"{reverse('findings')}?{request.POST.get('query', '')}")


@require_POST
def assign(request: PersonRequest) -> HttpResponse:
    """Give the picked findings, or all the filter holds, to colleagues, or take them oneself."""
    query, at = request.POST.get("query", ""), reverse("findings")
    to = request.POST.getlist("to")[:200] if "give" in request.POST else request.POST.getlist("take")[:1]
    try:
        if not to and "clear" not in request.POST:
            raise UsageError("请选择分派给谁。", "Choose whom to give them to.")
        with transaction.atomic(), connection.cursor() as cursor:
            given = assigning.assign(cursor, actor=Actor.of(request.user), chosen=_chosen(request.POST), to=to)
    except MingchaError as error:
        return refused(request, error, f"{at}?{query}")
    return redirect(f"{at}?{_with(query, given=sum(given.values()))}")


def _chosen(form: QueryDict) -> Chosen:
    if form.get("all"):
        query = QueryDict(form.get("query", ""), mutable=True)
        query.setdefault("tab", form.get("tab", ""))
        return Chosen(*where(read_filter(query)))
    numbers = form.getlist("number")[:1000]
    if not numbers:
        raise UsageError("还没有选择疑点。", "Nothing was picked.")
    return Chosen.numbers(numbers)


def _with(query: str, **more: object) -> str:
    """The list's query with more in it, paging dropped: the list is shorter now."""
    kept = QueryDict(query).dict()
    for name in ("after", "before", "at", "done", "given"):
        kept.pop(name, None)
    return urlencode(kept | {name: str(value) for name, value in more.items()})


@require_POST
def add_papers(request: PersonRequest, number: str) -> HttpResponse:
    """Put files to a finding that is under way; all of them, or none when one can't be taken."""
    found, at = detail.found_or_404(number), reverse(pages_of(request)[1], args=[number])
    back = f"{at}?{request.POST.get('query', '')}"
    try:
        if not queries.moves_of(Actor.of(request.user), found):
            raise UsageError("这一步不由您办理，不能添加附件。", "The finding isn't with you now.")
        for one in taken(request):
            with connection.cursor() as cursor:
                actions.put(cursor, by=request.user.username, found=found, **one._asdict())
    except MingchaError as error:
        return refused(request, error, back)
    return redirect(back)


@require_GET
def paper(request: PersonRequest, number: int) -> FileResponse:
    """A file put to a finding that this person may see. Shown where a browser can without running anything."""
    return handed_out(queries.paper(number))


@require_POST
def ask(request: PersonRequest, number: str) -> HttpResponse:
    """Ask experts about a finding that waits for the panel."""
    found, back = detail.found_or_404(number), f"{reverse('finding', args=[number])}?{request.POST.get('query', '')}"
    actor = Actor.of(request.user)
    try:
        if not queries.may_ask(actor, found):
            raise UsageError("只有办理复核或合议的人可以请专家评审。", "Only second reviewers may ask experts.")
        with transaction.atomic(), connection.cursor() as cursor:
            actions.ask(cursor, by=actor, found=found, experts=request.POST.getlist("expert")[:15],
                        question=request.POST.get("question", "")[:REASON])  # fmt: skip
    except MingchaError as error:
        return refused(request, error, back)
    return redirect(back)


@require_GET
def opinions(request: PersonRequest) -> HttpResponse:
    """What an expert was asked about, and what they answered."""
    name = request.user.username
    context = {"section": "opinions", "waiting": queries.asked_of(name, False), "given": queries.asked_of(name, True)}
    return render(request, "review/opinions.html", context)


def opinion(request: PersonRequest, number: str) -> HttpResponse:
    """One finding as an expert sees it, nobody named, with the form for the opinion."""
    found = detail.found_or_404(number)
    mine = next((one for one in queries.opinions(number) if one["expert"] == request.user.username), None)
    if mine is None:
        raise Http404
    if request.method == "POST":
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                actions.give(cursor, by=request.user.username, number=number,
                             verdict=read_verdict(request.POST.get("verdict", "")),
                             words=request.POST.get("words", "")[:REASON])  # fmt: skip
        except MingchaError as error:
            return refused(request, error, reverse("opinion", args=[number]))
        return redirect("opinions")
    context = detail.assemble(found, outside=True) | {
        "section": "opinions", "mine": mine, "papers": queries.papers(number), "verdicts": Verdict.choices,
        "history": queries.history(number),
    }  # fmt: skip
    return render(request, "review/opinion.html", context)


def terms(request: PersonRequest) -> HttpResponse:
    """How an area reviews: what holds today, what was set for which days, and the form that sets it."""
    area = request.GET.get("area", "") or request.user.scope.split(",")[0]
    if request.method == "POST":
        try:
            change = area_terms.read(request.POST)
            with transaction.atomic(), connection.cursor() as cursor:
                area_terms.put(cursor, by=request.user.username, change=change)
        except MingchaError as error:
            return refused(request, error, f"{reverse('review-terms')}?{urlencode({'area': area})}")
        return redirect(f"{reverse('review-terms')}?{urlencode({'area': change.area})}")
    with connection.cursor() as cursor:
        held = terms_of(cursor, area)
    context = {
        "section": "review-terms", "area": area, "areas": areas(), "all": request.user.scope == "*", "held": held,
        "days": [(step, STEPS[step][0], held.days[step]) for step in DAYS], "panels": area_terms.PANELS,
        "off": [day for day, works in sorted(held.calendar.items()) if not works], "today": today(),
        "on": [day for day, works in sorted(held.calendar.items()) if works], "set": queries.terms_set(area),
    }  # fmt: skip
    return render(request, "review/terms.html", context)


def refused(request: PersonRequest, error: MingchaError, back: str) -> HttpResponse:
    """What could not be done, why, and the way back; nothing was written."""
    context = {"words": error.zh, "back": back, "section": "findings", "group": "事中审核"}
    return render(request, "shell/refused.html", context, status=409)
