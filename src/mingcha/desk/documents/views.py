"""Pages of the documents app: the list by state, one document with its paper, and the moves."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from tempfile import TemporaryFile
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.db import connection, transaction
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from mingcha.desk.accounts.queries import areas
from mingcha.desk.accounts.recusals import recused
from mingcha.desk.audit.detail import found_or_404
from mingcha.desk.documents import actions, drafting, office_templates, queries, rendering
from mingcha.desk.documents.actions import BY_SECOND, MADE, Hands
from mingcha.desk.documents.forms import read_content, read_day, read_delivery
from mingcha.desk.documents.outside_views import handed_out
from mingcha.desk.review.forms import REASON, read_token
from mingcha.desk.shell.permissions import opens
from mingcha.desk.shell.requests import PersonRequest
from mingcha.desk.trail.actions import enter
from mingcha.procedure import documents as procedure
from mingcha.terms.calendar import today
from mingcha.terms.errors import MingchaError, UsageError


def hands(request: PersonRequest, view: str) -> Hands:
    """The person, and whose lent post lets them in."""
    lender = opens(request.user, view)
    name = request.user.username
    return Hands(name, (name,) if lender is None or lender.username == name else (name, lender.username))


@require_GET
def documents(request: PersonRequest) -> HttpResponse:
    """Documents by state, the newest first."""
    counts = queries.counts()
    tab = request.GET.get("tab", "")
    if tab not in (*procedure.STATES, "all"):
        tab = next((state for state in procedure.STATES if counts.get(state)), "draft")
    kind, q, before = request.GET.get("kind", ""), request.GET.get("q", "").strip()[:60], request.GET.get("before", "")
    found = queries.page(tab, kind, q, int(before) if before.isdecimal() and len(before) < 18 else None)
    shown = found[: queries.SHOWN]
    context = {
        "section": "documents", "tab": tab, "kind": kind, "q": q, "documents": shown, "kinds": procedure.KINDS,
        "tabs": [*((state, words[0], counts.get(state, 0)) for state, words in procedure.STATES.items()),
                 ("all", "全部", sum(counts.values()))],
        "older": shown[-1]["id"] if len(found) > len(shown) else None, "token": uuid4(),
        "made": request.GET.get("made", "")[:6], "none": not counts, "zippable": tab in procedure.NUMBERED and shown,
    }  # fmt: skip
    return page_of(request, "documents/list.html", context)


@require_GET
def document(request: PersonRequest, number: int) -> HttpResponse:
    """One document: its paper, what this person may do with it, its history."""
    one = _found(number)
    mine = hands(request, "document-move")
    signing = opens(request.user, "document-sign")
    theirs = {*mine.all, *([signing.username] if signing else [])}
    is_author = one["author"] == request.user.username
    may = procedure.allowed(
        one["kind"], one["state"], is_author=is_author,
        may_sign=signing is not None and not theirs & set(one["author_hands"]),
    )  # fmt: skip
    context = {
        "section": "documents", "one": one, "content": one["content"], "today": today(),
        "moves": [(name, procedure.MOVES[name]) for name in may if name in MADE and name not in BY_SECOND],
        "signs": [(name, procedure.MOVES[name]) for name in may if name in BY_SECOND],
        "may_edit": "edit" in may, "may_deliver": one["state"] in ("signed", "delivered"),
        "ways": [(code, words[0]) for code, words in procedure.HOW.items() if code != "portal"],
        "how": {code: words[0] for code, words in procedure.HOW.items()}, "events": queries.events(number),
        "deliveries": queries.deliveries(number), "findings": queries.findings_of(number),
        "needs_other": one["state"] == "submitted" and is_author, "fonts": rendering.chinese_fonts(),
        "text": {name: "\n".join(one["content"][name]) for name in actions.LISTS},
    }  # fmt: skip
    return page_of(request, "documents/document.html", context)


@require_GET
def picture(request: PersonRequest, number: int) -> HttpResponse:
    """The first page as a picture."""
    one = _found(number)
    try:
        response = HttpResponse(rendering.picture(_told(one)), content_type="image/png")
    except MingchaError as error:
        return refused(request, error, reverse("document", args=[number]))
    response["Cache-Control"] = "no-store"
    return response


@require_GET
def pdf(request: PersonRequest, number: int) -> HttpResponse:
    """The PDF: as fixed at the signature, or what the draft would become, marked as a draft."""
    return _file(request, number, "pdf")


@require_GET
def docx(request: PersonRequest, number: int) -> HttpResponse:
    """The Word file: as fixed at the signature, or of the draft."""
    return _file(request, number, "docx")


def _file(request: PersonRequest, number: int, form: str) -> HttpResponse:
    one = _found(number)
    try:
        if one["number"]:
            content = queries.file_of(one, form)
        elif form == "pdf":
            content = rendering.pdf(_told(one))
        else:
            with connection.cursor() as cursor:
                template = office_templates.in_force(cursor, one["area"], one["kind"])
            content = rendering.docx(template.content, _told(one))
    except MingchaError as error:
        return refused(request, error, reverse("document", args=[number]))
    return handed_out(content, one, form)


def _told(one: queries.Row) -> dict[str, Any]:
    signed, state = one["signed_at"], one["state"]
    mark = "作废" if state in ("voided", "discarded") else "" if signed else "草稿"
    day = actions.day_words(signed.date() if signed else today())
    return rendering.fields(one["content"], number=one["number"] or "（签发时编号）", day=day, mark=mark)


@require_GET
def zipped(request: PersonRequest) -> FileResponse | HttpResponse:
    """The signed PDFs of the list as a ZIP file, the newest ZIPPED of them."""
    tab = request.GET.get("tab", "signed")
    tab = tab if tab in procedure.NUMBERED else "signed"
    kind, q = request.GET.get("kind", ""), request.GET.get("q", "")[:60]
    found = queries.page(tab, kind, q, limit=queries.ZIPPED)[: queries.ZIPPED]
    file = TemporaryFile()  # noqa: SIM115  (the response closes it)
    try:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for one in (_found(row["id"]) for row in found):
                name = f"{one['number']} {one['provider']} {one['kind_words']}.pdf"
                archive.writestr(name, queries.file_of(one, "pdf"))
    except MingchaError as error:
        file.close()
        return refused(request, error, f"{reverse('documents')}?tab={tab}")
    with connection.cursor() as cursor:
        enter(cursor, by=request.user.username, action="document.export", subject="documents",
              detail={"rows": len(found)})  # fmt: skip
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename="文书.zip", content_type="application/zip")


@require_POST
def draft(request: PersonRequest) -> HttpResponse:
    """Draft of a finding, of an approved statement, or one notice for each provider whose answer is waited for."""
    form, mine = request.POST, hands(request, "document-draft")
    numbers, statement = form.getlist("number")[:200], form.get("statement", "")
    for number in numbers:
        found_or_404(number)

    def drafted(cursor: Any) -> str:
        token, kept = read_token(form.get("token", "")), {"by": mine.name, "hands": mine.list}
        if form.get("all"):
            made = drafting.draft_all(cursor, token=token, without=lambda one: recused(request.user, one), **kept)
            return f"{reverse('documents')}?tab=draft&made={made}"
        if statement.isdecimal() and len(statement) < 18:
            one = drafting.draft_statement(cursor, statement=int(statement), token=token, **kept)
        else:
            one = drafting.draft(cursor, kind=form.get("kind", ""), numbers=numbers, token=token, **kept)
        if recused(request.user, _found(one)["provider"]):
            raise _RECUSED  # what was drafted goes with the transaction
        return reverse("document", args=[one])

    return done(request, drafted, reverse("documents"))


@require_POST
def edit(request: PersonRequest, number: int) -> HttpResponse:
    """Change what a draft says."""
    told = read_content(request.POST)
    return _on(request, number, lambda cursor: actions.edit(
        cursor, by=hands(request, "document-edit"), document=number, told=told))  # fmt: skip


@require_POST
def move(request: PersonRequest, number: int) -> HttpResponse:
    """The author's moves."""
    return _moved(request, number, "document-move", tuple(name for name in MADE if name not in BY_SECOND))


@require_POST
def sign(request: PersonRequest, number: int) -> HttpResponse:
    """A second person's moves: sign, send back, void."""
    return _moved(request, number, "document-sign", BY_SECOND)


def _moved(request: PersonRequest, number: int, view: str, names: tuple[str, ...]) -> HttpResponse:
    name, reason = request.POST.get("move", ""), request.POST.get("reason", "")[:REASON]

    def moved(cursor: Any) -> None:
        if name not in names:
            raise UsageError("请选择怎样办理。", "Choose what to do.")
        actions.act(cursor, by=hands(request, view), document=number, name=name, reason=reason)

    return _on(request, number, moved)


@require_POST
def deliver(request: PersonRequest, number: int) -> HttpResponse:
    """Record how it arrived."""
    def delivered(cursor: Any) -> None:
        new = actions.deliver(cursor, by=request.user.username, document=number, delivery=read_delivery(request.POST))
        if not new:
            raise UsageError("这种送达方式已经登记过。", "That way was recorded already.")

    return _on(request, number, delivered)


def organ(request: PersonRequest) -> HttpResponse:
    """Name and word of the organ that issues an area's documents: what holds, what was set, and the form."""
    if request.method == "POST":
        form = request.POST
        area = within(form.get("area", ""))

        def set_it(cursor: Any) -> str:
            told = {name: form.get(name, "").strip()[:80] for name in ("name", "word", "contact")}
            actions.set_organ(cursor, by=request.user.username, area=area, since=read_day(form.get("since", "")),
                              told=told, reason=form.get("reason", "")[:REASON])  # fmt: skip
            return f"{reverse('documents-organ')}?{urlencode({'area': area})}"

        return done(request, set_it, f"{reverse('documents-organ')}?{urlencode({'area': area})}")
    area = looked_at(request.GET.get("area", ""))
    with connection.cursor() as cursor:
        held = drafting.organ_of(cursor, area)
    context = {"section": "documents", "area": area, "areas": areas(), "held": held, "set": queries.organs(area),
               "today": today()}  # fmt: skip
    return page_of(request, "documents/organ.html", context)


_RECUSED = UsageError("您已登记回避这家机构，不能办理它的文书。", "You declared to keep away from it.")


def within(area: str) -> str:
    """The area, if it is one of the session's; what lies elsewhere does not exist."""
    if area and area not in {one["code"] for one in areas()}:
        raise Http404
    return area


def looked_at(area: str) -> str:
    """The area a page is about: the one asked for, else the highest of the session's; none before any is known."""
    return within(area) or next((one["code"] for one in areas()), "")


def _found(number: int) -> queries.Row:
    one = queries.document(number)
    if one is None:
        raise Http404
    return one


def _on(request: PersonRequest, number: int, act: Callable[[Any], object]) -> HttpResponse:
    one, at = _found(number), reverse("document", args=[number])
    if recused(request.user, one["provider"]):
        return refused(request, _RECUSED, at)

    def acted(cursor: Any) -> str:
        act(cursor)
        return at

    return done(request, acted, at)


def done(request: PersonRequest, act: Callable[[Any], str], back: str) -> HttpResponse:
    """Do it in one transaction and go on; what was refused is told, and nothing was written."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            return redirect(act(cursor))
    except MingchaError as error:
        return refused(request, error, back)


def refused(request: PersonRequest, error: MingchaError, back: str) -> HttpResponse:
    """What was refused and why, with the way back (409); nothing was written."""
    context = {"words": error.zh, "back": back, "section": "documents", "group": "事后监管"}
    return render(request, "shell/refused.html", context, status=409)


def page_of(request: PersonRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A page that no cache keeps: it names people and amounts."""
    response = render(request, template, context)
    response["Cache-Control"] = "no-store"
    return response
