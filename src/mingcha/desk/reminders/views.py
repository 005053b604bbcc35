"""Pages of the reminders app: they read through queries and write through actions."""

from __future__ import annotations

from tempfile import TemporaryFile
from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from mingcha.desk.reminders import actions, messages, queries, workbook
from mingcha.desk.reminders.forms import DIMENSIONS, ENVIRONMENTS, TABS, read_filter
from mingcha.desk.reminders.models import Verdict
from mingcha.desk.shell import watermark
from mingcha.desk.shell.requests import PersonRequest
from mingcha.terms.errors import MingchaError

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
def overview(request: PersonRequest) -> HttpResponse:
    """What was told in a period and what became of it, by rule, department, practitioner, provider and day."""
    chosen = read_filter(request.GET)
    providers, rules = queries.choices()
    days, found = queries.days(chosen), queries.groups(chosen)
    context: dict[str, Any] = {
        "section": "reminders", "filter": chosen, "total": queries.totals(days), "found": found, "days": days,
        "ever": queries.since_ever(), "dimensions": DIMENSIONS.items(), "environments": ENVIRONMENTS.items(),
        "providers": providers, "rules": rules, "newest": queries.newest(None), "tired_beyond": queries.BUDGET,
        "ignored_after": queries.IGNORED_AFTER,
        "chart": [{**day, "href": _day(day["day"], chosen.environment)} for day in days],
    }  # fmt: skip
    return _fresh(render(request, "reminders/overview.html", context))


@require_GET
def newest(request: PersonRequest) -> HttpResponse:
    """What came since the reminder a page saw last; nothing, if nothing did (ADR 0019)."""
    after = request.GET.get("after", "")
    seen = int(after) if after.isdecimal() and len(after) < 19 else 0
    if not queries.newest(seen, 1):
        return HttpResponse(status=204)
    context = {"newest": queries.newest(None), "seen": seen}
    return _fresh(render(request, "reminders/_newest.html", context))


@require_GET
def listed(request: PersonRequest) -> HttpResponse:
    """Reminders one by one."""
    chosen = read_filter(request.GET)
    providers, rules = queries.choices()
    total = queries.totals(queries.days(chosen))
    counts = {"": total["n"], **{tab: total[tab] for tab in TABS if tab}}
    found = queries.listed(chosen)
    context = {
        "section": "reminders-list", "filter": chosen, "found": found, "providers": providers, "rules": rules,
        "tabs": [(tab, words, counts[tab]) for tab, words in TABS.items()], "environments": ENVIRONMENTS.items(),
        "total": counts[chosen.tab], "more": chosen.page * queries.PAGE < counts[chosen.tab],
    }  # fmt: skip
    return _fresh(render(request, "reminders/list.html", context))


@require_GET
def export(request: PersonRequest) -> FileResponse:
    """Statistics and reminders under the filter as an Excel file; the export stands in the trail."""
    chosen = read_filter(request.GET)
    file = TemporaryFile()  # noqa: SIM115  (the response closes it)
    written = workbook.write(file, chosen, watermark.line(request.user))
    actions.note_export(by=request.user.username, rows=written, query=request.GET.urlencode())
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename="事前提醒.xlsx", content_type=_XLSX)


@require_GET
def calls(request: PersonRequest) -> HttpResponse:
    """What was asked, and how it was answered."""
    chosen = read_filter(request.GET)
    providers, _ = queries.choices()
    total = queries.call_totals(chosen)
    context = {
        "section": "reminder-calls", "filter": chosen, "found": queries.calls(chosen), "providers": providers,
        "environments": ENVIRONMENTS.items(), "total": total, "more": chosen.page * queries.PAGE < total["n"],
        "beyond": total["n"] == queries.COUNTED,
    }  # fmt: skip
    return _fresh(render(request, "reminders/calls.html", context))


@require_GET
def call(request: PersonRequest, number: int) -> HttpResponse:
    """One call: the message received and the answer sent, people masked."""
    return _call(request, _one_call(number))


@require_POST
def unmask_call(request: PersonRequest, number: int) -> HttpResponse:
    """The same page with whose it is, this once; a reload asks for the reason again."""
    one = _one_call(number)
    try:
        actions.unmask(by=request.user.username, call=one, reason=request.POST.get("reason", ""))
    except MingchaError as error:
        context = {"words": error.zh, "back": reverse("reminder-call", args=[number]), "section": "reminder-calls",
                   "group": "事前提醒"}  # fmt: skip
        return render(request, "shell/refused.html", context, status=409)
    return _call(request, one, unmasked=True)


def _call(request: PersonRequest, one: dict[str, Any], unmasked: bool = False) -> HttpResponse:
    trouble, kept = "", None
    try:
        kept = messages.shown(settings.HOME, one, unmasked)
    except MingchaError as error:
        trouble = error.zh
    context = {"section": "reminder-calls", "one": one, "kept": kept, "unmasked": unmasked, "trouble": trouble}
    return _fresh(render(request, "reminders/call.html", context))


def _one_call(number: int) -> dict[str, Any]:
    one = queries.call(number)
    if one is None:
        raise Http404
    return one


@require_GET
def reminder(request: PersonRequest, number: int) -> HttpResponse:
    """One reminder: what was said, to whom, how often, what came of it."""
    one = _one(number)
    context = {
        "section": "reminders-list", "one": one, "reactions": queries.reactions(one), "verdicts": Verdict.choices,
        "calls": queries.calls_about(one), "ignored_after": queries.IGNORED_AFTER,
    }  # fmt: skip
    return _fresh(render(request, "reminders/reminder.html", context))


@require_POST
def judge(request: PersonRequest, number: int) -> HttpResponse:
    """A reviewer's verdict."""
    told = {name: request.POST.get(name, "") for name in ("verdict", "reason")}
    try:
        actions.judge(by=request.user.username, number=number, **told)
    except actions.Missing as error:
        raise Http404 from error
    except MingchaError as error:
        context = {"words": error.zh, "back": reverse("reminder", args=[number]), "section": "reminders-list",
                   "group": "事前提醒"}  # fmt: skip
        return render(request, "shell/refused.html", context, status=409)
    return redirect("reminder", number)


def _day(day: str, environment: str) -> str:
    return f"?since={day}&until={day}&environment={environment}"


def _one(number: int) -> dict[str, Any]:
    one = queries.one(number)
    if one is None:
        raise Http404
    return one


def _fresh(response: HttpResponse) -> HttpResponse:
    """Reminders change and speak of people: never from a cache."""
    response["Cache-Control"] = "no-store"
    return response
