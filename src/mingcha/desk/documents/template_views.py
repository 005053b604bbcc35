"""The page of an office's own Word templates: which are in force, upload, download, back to the shipped one."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mingcha.desk.accounts.queries import areas
from mingcha.desk.documents import office_templates, queries, rendering
from mingcha.desk.documents.forms import read_day
from mingcha.desk.documents.views import done, looked_at, page_of, refused, within
from mingcha.desk.review.forms import REASON
from mingcha.desk.review.papers import WORD
from mingcha.desk.shell.requests import PersonRequest
from mingcha.procedure.documents import KINDS
from mingcha.terms.calendar import today
from mingcha.terms.errors import MingchaError, UsageError


@require_http_methods(["GET", "HEAD", "POST"])
def templates(request: PersonRequest) -> HttpResponse:
    """The templates of an area, the fields they may use, and the form to upload one."""
    if request.method == "POST":
        area = within(request.POST.get("area", ""))
        back = f"{reverse('documents-templates')}?{urlencode({'area': area})}"
        return done(request, lambda cursor: _uploaded(cursor, request, area, back), back)
    area = looked_at(request.GET.get("area", ""))
    with connection.cursor() as cursor:
        names = {kind: office_templates.in_force_name(cursor, area, kind) for kind in KINDS}
    rows = [{"kind": kind, "words": words.zh, "name": names[kind], "set": queries.templates_of(area, kind)}
            for kind, words in KINDS.items()]  # fmt: skip
    context = {"section": "documents", "area": area, "areas": areas(), "rows": rows, "today": today(),
               "fields": [(name, words[0]) for name, words in rendering.FIELDS.items()]}  # fmt: skip
    return page_of(request, "documents/templates.html", context)


def _uploaded(cursor: Any, request: PersonRequest, area: str, back: str) -> str:
    form, file = request.POST, request.FILES.get("file")
    if file is None or (file.size or 0) > office_templates.LARGEST:
        raise UsageError("请选择 Word 模板（docx，不超过 4 MB）。", "Choose a Word template of at most 4 MB.")
    office_templates.put(cursor, by=request.user.username, area=area, kind=form.get("kind", ""), name=file.name or "",
                         content=file.read(), since=read_day(form.get("since", "")),
                         reason=form.get("reason", "")[:REASON])  # fmt: skip
    return back


@require_POST
def withdraw(request: PersonRequest) -> HttpResponse:
    """Back to the shipped template."""
    form = request.POST
    area, kind = within(form.get("area", "")), form.get("kind", "")
    back = f"{reverse('documents-templates')}?{urlencode({'area': area})}"

    def withdrawn(cursor: Any) -> str:
        office_templates.withdraw(cursor, by=request.user.username, area=area, kind=kind,
                                  reason=form.get("reason", "")[:REASON])  # fmt: skip
        return back

    return done(request, withdrawn, back)


@require_GET
def file(request: PersonRequest, kind: str) -> HttpResponse:
    """A template as a Word file: the one in force at an area, or the shipped one to begin with."""
    if kind not in KINDS:
        raise Http404
    area = request.GET.get("area", "")
    try:
        if area:
            with connection.cursor() as cursor:
                content = office_templates.in_force(cursor, within(area), kind).content
        else:
            content = rendering.shipped(kind)
    except MingchaError as error:
        return refused(request, error, reverse("documents-templates"))
    response = HttpResponse(content, content_type=WORD)
    response["Content-Disposition"] = f'attachment; filename="{kind}.docx"'
    response["Cache-Control"] = "no-store"
    return response
