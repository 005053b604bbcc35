"""Pages of the portal: own findings, one finding with the answer form, the Excel round trip, own statistics."""

from __future__ import annotations

from dataclasses import replace
from tempfile import TemporaryFile
from typing import Any

from django.db import connection, transaction
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from mingcha.desk.audit import counts, detail
from mingcha.desk.audit import queries as findings
from mingcha.desk.audit.forms import SORTS, WITH_TERM, read_filter
from mingcha.desk.audit.queries import Row
from mingcha.desk.portal import answers, forms, queries, statistics
from mingcha.desk.review.actions import Chosen, Done, move, refuse_unless_moved
from mingcha.desk.review.actors import Actor
from mingcha.desk.review.forms import read_token
from mingcha.desk.review.queries import line_answers, moves_on
from mingcha.desk.review.splitting import appeal
from mingcha.desk.review.views import refused
from mingcha.desk.shell import watermark
from mingcha.desk.shell.requests import PersonRequest
from mingcha.terms.errors import MingchaError, UsageError

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LARGEST = 10 * 1024 * 1024


@require_GET
def portal(request: PersonRequest) -> HttpResponse:
    """Own findings: what waits for an answer first."""
    query = request.GET.copy()
    if query.get("tab") not in queries.TABS:
        query["tab"] = "notified"
    chosen = read_filter(query)
    own = replace(chosen, provider=request.user.provider or "")
    page = findings.page(own, request.GET.get("after", ""), request.GET.get("before", ""))
    tabs = counts.of_tabs(own)
    total = tabs[chosen.tab] or counts.Count()
    context: dict[str, Any] = {
        "section": "portal", "filter": chosen, "page": page, "total": total, "sorts": SORTS,
        "tabs": [(tab, words, tabs[tab]) for tab, words in queries.TABS.items()],
        "may_pick": bool(moves_on(Actor.of(request.user), chosen.tab)) and total.n, "show_due": chosen.tab in WITH_TERM,
        "standing": queries.standing(own.provider),
    }  # fmt: skip
    response = render(request, "portal/list.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_GET
def finding(request: PersonRequest, number: str) -> HttpResponse:
    """One own finding: what was charged, what the rule says, and the form to answer."""
    return _finding(request, detail.found_or_404(number))


@require_POST
def split(request: PersonRequest, number: str) -> HttpResponse:
    """Answer one finding line by line; what can't be used is told beside its line, with all that was typed kept."""
    found = detail.found_or_404(number)
    try:
        typed = forms.read_split(request.POST)
        if any(one.wrong for one in typed):
            return _finding(request, found, typed)
        with transaction.atomic(), connection.cursor() as cursor:
            name, token = answers.appeal_of(found["step"]), read_token(request.POST.get("token", ""))
            done = appeal(cursor, actor=Actor.of(request.user), name=name, token=token,
                          splits={number: [one.answer for one in typed]})  # fmt: skip
            refuse_unless_moved(done, name, found["step"])
    except MingchaError as error:
        return refused(request, error, reverse("portal-finding", args=[number]))
    return redirect(f"{reverse('portal-finding', args=[number])}?done={done.act}")


def _finding(request: PersonRequest, found: Row, typed: list[forms.TypedLine] | None = None) -> HttpResponse:
    query = request.GET.copy()
    query.setdefault("tab", "notified")
    own = replace(read_filter(query), provider=request.user.provider or "")
    before, after = findings.neighbours(own, found)
    context = detail.assemble(found, outside=True) | {"section": "portal", "before": before, "after": after}
    context |= {
        "split": forms.split_form(context, typed),
        "answered": line_answers(found["id"]),
        "split_wrong": bool(typed),
    }
    response = render(request, "portal/finding.html", context, status=409 if typed else 200)
    response["Cache-Control"] = "no-store"
    return response


@require_GET
def table(request: PersonRequest) -> FileResponse:
    """The findings that wait, as a table to fill in."""
    file = TemporaryFile()  # noqa: SIM115  (the response closes it)
    written = answers.write(file, queries.waiting())
    from mingcha.desk.audit.actions import note_export

    note_export(by=request.user.username, rows=written, query="portal")
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename="疑点答复.xlsx", content_type=_XLSX)


@require_POST
def answer_table(request: PersonRequest) -> HttpResponse:
    """The filled-in table comes back: all of its rows are done, or none with every wrong row named."""
    try:
        file = request.FILES.get("table")
        if file is None or (file.size or 0) > _LARGEST:
            raise UsageError("请选择填好的 Excel 文件（不超过 10 MB）。", "Choose the filled-in Excel, up to 10 MB.")
        told = answers.read(file.read(), known := queries.steps(), queries.claims())
        with transaction.atomic(), connection.cursor() as cursor:
            done = _answer(cursor, request, told, known)
    except MingchaError as error:
        return refused(request, error, reverse("portal"))
    return redirect(f"{reverse('portal')}?done={done.act}")


def _answer(cursor: Any, request: PersonRequest, told: answers.Answers, known: dict[str, str]) -> Done:
    """Move what was accepted and what was appealed; each kind is one act under the form's own number."""
    from uuid import uuid5

    token, actor = read_token(request.POST.get("token", "")), Actor.of(request.user)
    groups: dict[str, list[str]] = {}
    for number in (*told.appealed, *told.split):
        groups.setdefault(answers.appeal_of(known[number]), []).append(number)
    done = [
        appeal(cursor, actor=actor, name=name, token=uuid5(token, name),
               splits={number: told.split[number] for number in numbers if number in told.split},
               reasons={number: told.appealed[number] for number in numbers if number in told.appealed})
        for name, numbers in groups.items()
    ]  # fmt: skip
    if told.accepted:
        done.insert(0, move(cursor, actor=actor, name="accept", chosen=Chosen.numbers(told.accepted),
                            token=uuid5(token, "accept")))  # fmt: skip
    return max(done, key=lambda one: one.moved)


@require_GET
def own_statistics(request: PersonRequest) -> HttpResponse:
    """Own findings by rule and month, and where the provider stands among others of its kind."""
    chosen = replace(read_filter(request.GET), provider=request.user.provider or "")
    months = statistics.by_month(chosen)
    context = {
        "section": "portal-statistics", "filter": chosen, "rules": statistics.by_rule(chosen), "months": months,
        "standings": statistics.standings(), "fewest": statistics.FEWEST,
        "trend": [{**month, "href": f"?tab=all&since={month['month']}-01"} for month in months],
    }  # fmt: skip
    response = render(request, "portal/statistics.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_GET
def statistics_table(request: PersonRequest) -> FileResponse:
    """The same as a workbook."""
    chosen = replace(read_filter(request.GET), provider=request.user.provider or "")
    file = TemporaryFile()  # noqa: SIM115  (the response closes it)
    written = statistics.write(file, chosen, watermark.line(request.user))
    from mingcha.desk.audit.actions import note_export

    note_export(by=request.user.username, rows=written, query="portal-statistics")
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename="本机构统计.xlsx", content_type=_XLSX)
