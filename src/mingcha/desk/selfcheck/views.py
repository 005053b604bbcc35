"""Pages of the self-check: own runs with the form, one run with its findings, and what can be done to it."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from mingcha.desk.audit.queries import Row
from mingcha.desk.review.views import refused
from mingcha.desk.selfcheck import actions, queries, uploads
from mingcha.desk.shell.requests import PersonRequest
from mingcha.terms.errors import MingchaError, UsageError

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
def runs(request: PersonRequest) -> HttpResponse:
    """Own runs, the newest first, and the form for another."""
    actions.settle()
    context = {"section": "selfcheck", "runs": queries.runs(), "days": settings.SELFCHECK_DAYS,
               "taken": uploads.TAKEN, "accept": ",".join((*uploads.TABLES, ".zip"))}  # fmt: skip
    return _fresh(render(request, "selfcheck/runs.html", context))


@require_POST
def begin(request: PersonRequest) -> HttpResponse:
    """Take the files and begin."""
    files = request.FILES.getlist("file")
    try:
        if sum(file.size or 0 for file in files) > uploads.LARGEST:
            raise UsageError("上传的文件合计超过 200 MB。请按月份分几次上传，或压缩为 zip。", "More than 200 MB.")
        with transaction.atomic():
            user, uploaded = request.user, [(file.name or "", file) for file in files]
            number = actions.begin(by=user.username, provider=user.provider or "", scope=user.sees, files=uploaded)
    except MingchaError as error:
        return refused(request, error, reverse("selfcheck"))
    return redirect("selfcheck-run", number)


@require_GET
def run(request: PersonRequest, number: int) -> HttpResponse:
    """One run: what was taken, what was sent back and why, and what the rules found."""
    actions.settle()
    one = _run(number)
    rule, after = request.GET.get("rule", ""), request.GET.get("after", "")
    found = queries.findings(number, rule, int(after) if after.isdecimal() and len(after) < 9 else 0)
    context = {
        "section": "selfcheck", "run": one, "rules": queries.by_rule(number), "rule": rule,
        "found": found[: queries.AT_ONCE], "more": len(found) > queries.AT_ONCE,
        "refused": queries.refused(one) is not None,
    }  # fmt: skip
    return _fresh(render(request, "selfcheck/run.html", context))


@require_GET
def state(request: PersonRequest, number: int) -> HttpResponse:
    """How far a run is; when it has ended the page loads anew."""
    actions.settle()
    one = _run(number)
    if one["finished_at"]:
        return HttpResponseClientRefresh()
    return _fresh(render(request, "selfcheck/_progress.html", {"run": one}))


@require_GET
def refused_rows(request: PersonRequest, number: int) -> FileResponse:
    """The rows that were sent back, each with line, column, reason and values as they came."""
    place = queries.refused(_run(number))
    if place is None:
        raise Http404
    actions.note_download(by=request.user.username, number=number)
    return FileResponse(place.open("rb"), as_attachment=True, filename=f"自查退回清单 {number}.xlsx",
                        content_type=_XLSX)  # fmt: skip


@require_POST
def delete(request: PersonRequest, number: int) -> HttpResponse:
    """Delete a run with all that came of it."""
    if not actions.delete(by=request.user.username, number=number):
        raise Http404
    return redirect("selfcheck")


def _run(number: int) -> Row:
    one = queries.run(number)
    if one is None:
        raise Http404
    return one


def _fresh(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
