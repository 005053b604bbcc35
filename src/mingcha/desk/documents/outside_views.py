"""What a provider has of documents: its own signed ones; opening one is the receipt."""

from __future__ import annotations

from urllib.parse import quote

from django.db import connection, transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from mingcha.desk.documents import queries
from mingcha.desk.documents.actions import Delivery, deliver
from mingcha.desk.review.views import refused
from mingcha.desk.shell.requests import PersonRequest
from mingcha.terms.calendar import today
from mingcha.terms.errors import MingchaError


@require_GET
def documents(request: PersonRequest) -> HttpResponse:
    """The provider's documents, the newest first."""
    query = request.GET.get("before", "")
    found = queries.page("", before=int(query) if query.isdecimal() and len(query) < 18 else None)
    shown = found[: queries.SHOWN]
    context = {
        "section": "portal-documents", "documents": shown,
        "older": shown[-1]["id"] if len(found) > len(shown) else None,
    }  # fmt: skip
    response = render(request, "documents/portal.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def open_one(request: PersonRequest, number: int) -> HttpResponse:
    """Open a document for the first time: the receipt is recorded, once, and the PDF follows."""
    one = queries.document(number)
    if one is None:
        raise Http404
    try:
        if one["state"] != "voided":
            with transaction.atomic(), connection.cursor() as cursor:
                receipt = Delivery("portal", today(), request.user.display_name or request.user.username)
                deliver(cursor, by=request.user.username, document=number, delivery=receipt)
    except MingchaError as error:
        return refused(request, error, reverse("portal-documents"))
    return redirect("portal-document-pdf", number)


@require_GET
def pdf(request: PersonRequest, number: int) -> HttpResponse:
    """The PDF of a document whose receipt stands; a voided one as well, for it may have been delivered before."""
    one = queries.document(number)
    if one is None or not (one["opened_at"] or one["state"] == "voided"):
        raise Http404
    try:
        return handed_out(queries.file_of(one, "pdf"), one, "pdf")
    except MingchaError as error:
        return refused(request, error, reverse("portal-documents"))


PDF, WORD = "application/pdf", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def handed_out(content: bytes, one: queries.Row, form: str) -> HttpResponse:
    """The bytes of a document as a file with its number for a name."""
    response = HttpResponse(content, content_type=PDF if form == "pdf" else WORD)
    name = f"{one['number'] or '草稿'} {one['title']}.{form}"
    how = "inline" if form == "pdf" else "attachment"
    response["Content-Disposition"] = f"{how}; filename*=utf-8''{quote(name, safe='')}"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    response["Cache-Control"] = "no-store"
    return response
