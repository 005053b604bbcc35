"""Pages of the books: statements by where they stand, one statement like paper, and the proof that all adds up."""

from __future__ import annotations

from collections.abc import Callable
from tempfile import TemporaryFile
from typing import Any
from uuid import uuid4

import xlsxwriter
from django.db import connection, transaction
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from mingcha.desk.audit.report import write_sheet
from mingcha.desk.library.queries import names as people
from mingcha.desk.money import actions, books, returning
from mingcha.desk.money.forms import LARGEST, read_day, read_fen, read_return
from mingcha.desk.review.actors import Actor
from mingcha.desk.review.forms import REASON, read_token
from mingcha.desk.shell import watermark
from mingcha.desk.shell.requests import PersonRequest
from mingcha.desk.trail.actions import enter
from mingcha.terms.calendar import today
from mingcha.terms.errors import InputError, MingchaError

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHEET = [
    ("扣款单号", 14), ("基金统筹区", 12), ("机构编号", 18), ("机构名称", 32), ("截至日期", 12), ("状态", 10),
    ("扣款金额（元）", 16), ("撤销金额（元）", 16), ("到账金额（元）", 16), ("未收金额（元）", 16),
    ("拟定人", 12), ("审批人", 12),
]  # fmt: skip


def statements(request: PersonRequest) -> HttpResponse:
    """Statements by where they stand, and the providers whose findings wait to be deducted."""
    with connection.cursor() as cursor:
        counts, tab = books.counts(cursor), request.GET.get("tab", "")
        tab = tab if tab in books.STANDS else next((one for one in books.STANDS if counts.get(one)), "draft")
        context = {
            "rows": books.statements(cursor, tab), "waiting": books.waiting(cursor), "tab": tab, "token": uuid4(),
            "tabs": [(one, words[0], counts.get(one, 0)) for one, words in books.STANDS.items()], "today": today(),
            "booked": request.GET.get("booked", "")[:9], "known": request.GET.get("known", "")[:9],
        }  # fmt: skip
    return _page(request, "money/list.html", context)


def statement(request: PersonRequest, number: int) -> HttpResponse:
    """One statement as it would lie on paper, with what this person may do."""
    with connection.cursor() as cursor:
        found = books.statement(cursor, number=number)
        if found is None:
            raise Http404
        context = {
            "one": found, "stands": books.STANDS[found["stands"]][0],
            "lines": books.lines(cursor, number, request.GET.get("after", ""), request.GET.get("before", "")),
            "postings": [one | {"how": actions.MANNERS[one["manner"]]} for one in books.postings(cursor, number)],
            "plans": books.plans(cursor, number), "manners": actions.MANNERS, "token": uuid4(), "today": today(),
            "names": people(),
        }  # fmt: skip
    return _page(request, "money/statement.html", context)


def check(request: PersonRequest) -> HttpResponse:
    """Finding, deduction and receipt, by provider and in all, and every difference there is."""
    with connection.cursor() as cursor:
        found, wrong = books.totals(cursor), books.differences(cursor)
    names = ("waiting_fen", "deducted_fen", "reversed_fen", "received_fen", "offset_fen", "open_fen")
    context = {
        "rows": found, "sum": {name: sum(row[name] for row in found) for name in names},
        "wrong": [row | {"words": books.DIFFERENCES[row["what"]]} for row in wrong],
        "sound": not wrong and all(row["adds_up"] for row in found),
    }  # fmt: skip
    return _page(request, "money/check.html", context)


def export(request: PersonRequest) -> FileResponse:
    """The approved statements as an Excel file, for the settlement system."""
    file = TemporaryFile()  # noqa: SIM115  (the response closes it)
    with connection.cursor() as cursor, xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        found = books.approved(cursor)
        money, date = book.add_format({"num_format": "#,##0.00"}), book.add_format({"num_format": "yyyy-mm-dd"})
        formats = {4: date, 6: money, 7: money, 8: money, 9: money}
        write_sheet(book, "扣款单", _SHEET, map(_cells, found), formats, watermark.line(request.user))
        enter(cursor, by=request.user.username, action="money.export", subject="money-statement:*",
              detail={"rows": len(found)})  # fmt: skip
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename="扣款单.xlsx", content_type=_XLSX)


def _cells(row: books.Row) -> list[Any]:
    sums = (row[f"{name}_fen"] / 100 for name in ("deducted", "reversed", "received", "open"))
    return [
        row["number"], row["fund_area"], row["provider"], row["provider_name"], row["until"],
        books.STANDS[row["stands"]][0], *sums, row["drafted_by"], row["closed_by"],
    ]  # fmt: skip


@require_POST
def draft(request: PersonRequest) -> HttpResponse:
    """A statement of one provider's signed findings."""

    def made(cursor: Any) -> str:
        area, _, provider = request.POST.get("provider", "").partition("|")
        number = actions.draft(
            cursor, actor=Actor.of(request.user), area=area, provider=provider,
            until=read_day(request.POST.get("until", "")), token=read_token(request.POST.get("token", "")),
        )  # fmt: skip
        return reverse("money-statement", args=[number])

    return _done(request, made, reverse("money"))


@require_POST
def approve(request: PersonRequest, number: int) -> HttpResponse:
    """The second signature: the findings are deducted."""
    token = request.POST.get("token", "")
    return on(request, number, actions.approve, lambda: {"token": read_token(token)})


@require_POST
def discard(request: PersonRequest, number: int) -> HttpResponse:
    """A draft thrown away."""
    return on(request, number, actions.discard, lambda: {"reason": request.POST.get("reason", "")[:REASON]})


@require_POST
def receive(request: PersonRequest, number: int) -> HttpResponse:
    """Money that came in."""
    form = request.POST
    return on(request, number, actions.receive, lambda: {
        "fen": read_fen(form.get("yuan", "")), "day": read_day(form.get("day", "")),
        "voucher": form.get("voucher", "")[:60], "token": read_token(form.get("token", "")),
        "manner": form.get("manner", "transfer"),
    })  # fmt: skip


@require_POST
def return_file(request: PersonRequest) -> HttpResponse:
    """The settlement system's return file."""

    def booked(cursor: Any) -> str:
        sent = request.FILES.get("file")
        if sent is None:
            raise InputError("还没有选择文件。", "No file was chosen.")
        found = read_return(sent.read(LARGEST + 1))
        new, known = returning.book(cursor, actor=Actor.of(request.user), found=found)
        return f"{reverse('money')}?booked={new}&known={known}"

    return _done(request, booked, reverse("money"))


def on(
    request: PersonRequest, number: int, act: Callable[..., Any], read: Callable[[], dict[str, Any]]
) -> HttpResponse:  # fmt: skip
    """Act on a statement that the session sees (404 where it doesn't) with what `read` finds in the form."""
    with connection.cursor() as cursor:
        if books.statement(cursor, number=number) is None:
            raise Http404
    at = reverse("money-statement", args=[number])

    def acted(cursor: Any) -> str:
        act(cursor, actor=Actor.of(request.user), statement=number, **read())
        return at

    return _done(request, acted, at)


def _done(request: PersonRequest, act: Callable[[Any], str], back: str) -> HttpResponse:
    """Do it in one transaction and go on; what was refused is told, and nothing was written."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            return redirect(act(cursor))
    except MingchaError as error:
        context = {"words": error.zh, "back": back, "section": "money", "group": "事后监管"}
        return render(request, "shell/refused.html", context, status=409)


def _page(request: PersonRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    response = render(request, template, context | {"section": "money"})
    response["Cache-Control"] = "no-store"
    return response
