"""Pages of the trail: they read through queries; walking the chain is the command's, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from tempfile import TemporaryFile
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from mingcha.desk.audit.queries import Row
from mingcha.desk.shell.requests import PersonRequest
from mingcha.desk.trail import queries, taking_out
from mingcha.desk.trail.actions import enter
from mingcha.desk.trail.forms import read_filter
from mingcha.desk.trail.reading import action_words, as_text, said, sentence, subject_words

PATIENCE = 4.0
"""Seconds a page waits for a verification; a longer one is shown while it runs."""


@require_GET
def listed(request: PersonRequest) -> HttpResponse:
    """Who did what, the newest first."""
    chosen = read_filter(request.GET)
    page = queries.page(chosen, request.GET.get("after", ""), request.GET.get("before", ""))
    for row in page.rows:
        _read(row, request.user.role)
    context: dict[str, Any] = {
        "section": "trail", "filter": chosen, "page": page, "people": queries.people(), "actions": queries.actions(),
        "chain": queries.chain(),
    }  # fmt: skip
    return _fresh(render(request, "trail/list.html", context))


@require_GET
def state(request: PersonRequest) -> HttpResponse:
    """The state of the chain, fetched again while it is being walked."""
    return _fresh(render(request, "trail/_chain.html", {"chain": queries.chain()}))


@require_GET
def entry(request: PersonRequest, number: int) -> HttpResponse:
    """One entry with everything that is kept of it."""
    row = queries.entry(number)
    if row is None:
        raise Http404
    told = said(row["detail"])
    row["changes"] = any(one.old is not None for one in told)
    context = {"section": "trail", "one": _read(row, request.user.role), "said": told, "kept": as_text(row["detail"])}
    return _fresh(render(request, "trail/entry.html", context))


@require_GET
def export(request: PersonRequest) -> FileResponse:
    """The filtered entries as an Excel or CSV file; the export is an entry, too."""
    chosen = read_filter(request.GET)
    kind = "csv" if request.GET.get("kind") == "csv" else "xlsx"
    file = TemporaryFile()  # noqa: SIM115  (the response closes it)
    written = taking_out.write(file, kind, queries.every(chosen, taking_out.LIMIT))
    detail = {"rows": written, "kind": kind, "filter": request.GET.urlencode()}
    with connection.cursor() as cursor:
        enter(cursor, by=request.user.username, action="trail.export", subject="trail", detail=detail)
    file.seek(0)
    return FileResponse(
        file, as_attachment=True, filename=f"操作审计.{kind}", content_type=taking_out.KINDS[kind]
    )  # fmt: skip


@require_POST
def verify(request: PersonRequest) -> HttpResponse:
    """Walk the chain. A short one is done when the page is back, a longer one goes on by itself."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mingcha.cli", "verify-trail", "--by", request.user.username],
        env=os.environ | {"MINGCHA_HOME": str(settings.HOME.path)}, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    with suppress(subprocess.TimeoutExpired):
        process.wait(PATIENCE)
    return redirect("trail")


def _read(row: Row, role: str) -> Row:
    """The row with its words."""
    row["words"], row["sentence"] = action_words(row["action"]), sentence(row["detail"])
    row["on"], row["at_subject"] = subject_words(row["subject"], role)
    return row


def _fresh(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
