"""Pages that bring applications in: the form, the file, corrections of the first level, and papers."""

from __future__ import annotations

import csv
from typing import Any
from uuid import uuid4

from django.db import connection, transaction
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from mingcha.desk.accounts.queries import areas
from mingcha.desk.audit.counts import choices
from mingcha.desk.benefits import entering, queries
from mingcha.desk.benefits.entries import COLUMNS, NEEDED, read
from mingcha.desk.benefits.sheets import LARGEST, MOST, Faulty, read_file
from mingcha.desk.benefits.standing import every_level
from mingcha.desk.benefits.terms import terms_of
from mingcha.desk.benefits.views import found_or_404, refused
from mingcha.desk.review.actors import Actor
from mingcha.desk.review.forms import REASON, read_token
from mingcha.desk.review.handing import handed_out, taken
from mingcha.desk.shell.requests import PersonRequest
from mingcha.procedure.benefits import KINDS
from mingcha.terms.calendar import today
from mingcha.terms.errors import InputError, MingchaError, UsageError


def new(request: PersonRequest) -> HttpResponse:
    """The form of an application, and beside it the file of many; what was wrong stands at its field."""
    told: dict[str, Any] = {name: request.POST.get(name, "") for name in [*COLUMNS.values(), "area"]}
    context: dict[str, Any] = {}
    if request.method == "POST":
        entry, faults = read(told)
        context = {"faults": faults, "wrong": {COLUMNS[one.column]: one.words for one in faults}}
        if entry:
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    number = entering.add(
                        cursor, actor=Actor.of(request.user), area=told["area"], entry=entry,
                        token=read_token(request.POST.get("token", "")),
                    )  # fmt: skip
                return redirect("benefit", number)
            except MingchaError as error:
                context = {"trouble": error.zh}
    else:
        told |= {"kind": "manual", "received": today().isoformat(), "area": request.user.scope.split(",")[0]}
    return _form(request, told, context, status=409 if context else 200)


def _form(request: PersonRequest, told: dict[str, Any], context: dict[str, Any], status: int = 200) -> HttpResponse:
    context |= {
        "section": "benefits", "told": told, "areas": areas(), "kinds": KINDS, "providers": choices()[0],
        "token": uuid4(), "today": today(), "columns": list(COLUMNS), "needed": NEEDED, "most": MOST,
    }  # fmt: skip
    response = render(request, "benefits/new.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def file(request: PersonRequest) -> HttpResponse:
    """A file of applications: all of it, or a list of what is wrong."""
    sent, area = request.FILES.get("file"), request.POST.get("area", "")
    try:
        if sent is None:
            raise InputError("还没有选择文件。", "No file was chosen.")
        content = sent.read(LARGEST + 1)
        rows = read_file(content)
        with transaction.atomic(), connection.cursor() as cursor:
            taken = entering.add_file(cursor, actor=Actor.of(request.user), area=area, name=sent.name or "",
                                      content=content, rows=rows)  # fmt: skip
    except Faulty as error:
        context = {"section": "benefits", "faults": error.faults[:500], "n": len(error.faults),
                   "name": sent.name if sent else ""}  # fmt: skip
        return render(request, "benefits/faults.html", context, status=409)
    except MingchaError as error:
        return refused(request, error, reverse("benefits-new"))
    return redirect(f"{reverse('benefits')}?file={taken.file}&added={taken.added}&known={taken.known}")


@require_GET
def template(request: PersonRequest) -> HttpResponse:
    """An empty file with the headings, as Excel opens it."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = "attachment; filename*=UTF-8''%E5%BE%85%E9%81%87%E5%BD%95%E5%85%A5.csv"
    response.write("\ufeff")
    csv.writer(response).writerow(COLUMNS)
    return response


@require_POST
def amend(request: PersonRequest, number: int) -> HttpResponse:
    """What was entered, corrected by the first level."""
    item = found_or_404(number)
    at = f"{reverse('benefit', args=[number])}?{request.POST.get('query', '')}"
    told: dict[str, Any] = {name: request.POST.get(name, "") for name in COLUMNS.values()}
    told |= {"slip": item["slip"], "number": "0000", "name": "—", "received": item["received"]}
    try:
        entry, faults = read(told)
        if entry is None:
            raise UsageError("\n".join(f"{one.column}：{one.words}" for one in faults), "Some fields can't be read.")
        with transaction.atomic(), connection.cursor() as cursor:
            entering.amend(
                cursor, actor=Actor.of(request.user), item=number, entry=entry,
                reason=request.POST.get("reason", "")[:REASON], token=read_token(request.POST.get("token", "")),
            )  # fmt: skip
    except MingchaError as error:
        return refused(request, error, at)
    return redirect(at)


@require_POST
def add_papers(request: PersonRequest, number: int) -> HttpResponse:
    """Put files to an item that is open; all of them, or none when one can't be taken."""
    item = found_or_404(number)
    at = f"{reverse('benefit', args=[number])}?{request.POST.get('query', '')}"
    try:
        with connection.cursor() as cursor:
            staffing = terms_of(cursor, item["fund_area"]).staffing
        if item["step"] not in every_level(Actor.of(request.user), staffing):
            raise UsageError("这一步不由您办理，不能添加附件。", "The item isn't with you now.")
        for one in taken(request):
            with transaction.atomic(), connection.cursor() as cursor:
                entering.put_paper(cursor, by=request.user.username, item=item, **one._asdict())
    except MingchaError as error:
        return refused(request, error, at)
    return redirect(at)


@require_GET
def paper(request: PersonRequest, number: int) -> FileResponse:
    """A file put to an item that this person may see. Shown where a browser can without running anything."""
    return handed_out(queries.paper(number))
