"""Pages of the jobs app: the own exports with how far they are, and the exact count of a filter."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from mingcha.desk.jobs import actions, queries
from mingcha.desk.jobs.models import ALIVE, Job
from mingcha.desk.jobs.running import HOURS
from mingcha.desk.shell.requests import PersonRequest

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
def jobs(request: PersonRequest) -> HttpResponse:
    """Own exports, the newest first."""
    return _page(request, "jobs/list.html")


@require_GET
def state(request: PersonRequest) -> HttpResponse:
    """The same without its frame; the page asks for it while something is under way."""
    return _page(request, "jobs/_list.html")


@require_POST
def cancel(request: PersonRequest, number: int) -> HttpResponse:
    """Take a job back; one that is over stays as it is."""
    if queries.job(number) is None:
        raise Http404
    actions.cancel(by=request.user.username, number=number)
    return redirect("jobs")


@require_GET
def file(request: PersonRequest, number: int) -> FileResponse:
    """The finished file, to whoever asked for it."""
    one = queries.job(number)
    place = queries.file_of(one) if one else None
    if place is None:
        raise Http404
    actions.note_download(by=request.user.username, number=number)
    return FileResponse(place.open("rb"), as_attachment=True, filename="疑点清单.xlsx", content_type=_XLSX)


@require_POST
def count(request: PersonRequest) -> HttpResponse:
    """Count exactly what the list's filter holds, beside the page."""
    query = request.POST.get("query", "")[:2000]
    number = actions.ask(by=request.user.username, scope=request.user.sees, kind="count", query=query)
    return _count(request, number)


@require_GET
def counted(request: PersonRequest, number: int) -> HttpResponse:
    """How far the counting is; asked for by the page until it is done."""
    return _count(request, number)


def _count(request: PersonRequest, number: int) -> HttpResponse:
    one = queries.job(number)
    if one is None or one["kind"] != "count":
        raise Http404
    return _fresh(render(request, "jobs/_count.html", {"job": one, "alive": one["state"] in ALIVE}))


def _page(request: PersonRequest, template: str) -> HttpResponse:
    found = queries.jobs("export")
    for one in found:
        one["words"], one["file"] = Job.State(one["state"]).label, queries.file_of(one) is not None
        one["share"] = 100 * one["done"] // one["total"] if one["total"] else 0
    context = {"section": "findings", "jobs": found, "hours": HOURS,
               "alive": any(one["state"] in ALIVE for one in found)}  # fmt: skip
    return _fresh(render(request, template, context))


def _fresh(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
