"""Pages of the disbursements app: batches with their three sums, a new one, one batch with its rows and signatures."""

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
from django.views.decorators.http import require_GET, require_POST

from mingcha.desk.accounts.queries import areas
from mingcha.desk.audit.report import write_sheet
from mingcha.desk.benefits.sheets import LARGEST, Faulty
from mingcha.desk.benefits.terms import terms_of
from mingcha.desk.disbursements import actions, queries, returning
from mingcha.desk.disbursements.actions import at, levels_of
from mingcha.desk.review.actors import Actor
from mingcha.desk.review.forms import REASON, read_token
from mingcha.desk.shell import watermark
from mingcha.desk.shell.masking import masked_name
from mingcha.desk.shell.requests import PersonRequest
from mingcha.desk.trail.actions import enter
from mingcha.procedure.benefits import KINDS
from mingcha.procedure.disbursements import ENTRY, LEVELS, MOVES, SIGNING, STEPS, Batch, allowed, route
from mingcha.terms.calendar import today
from mingcha.terms.errors import InputError, MingchaError, UsageError

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHEET = [
    ("拨付编号", 14), ("序号", 6), ("待遇编号", 14), ("单据号", 20), ("参保人", 10), ("就医机构", 40), ("金额", 14),
    ("结果", 8), ("原因", 30), ("日期", 12),
]  # fmt: skip
_WORDS = {"enter": "录入", "take-out": "移出", "book": "登记回盘"} | {name: move.zh for name, move in MOVES.items()}
_KINDS = {code: words for code, (words, _) in KINDS.items()}


@require_GET
def batches(request: PersonRequest) -> HttpResponse:
    """Batches by step with what was approved, sent and returned; and areas with claims that wait for a batch."""
    tab = request.GET.get("tab", "all")
    tab = tab if tab in queries.TABS else "all"
    counted = queries.counts()
    tabs = [(one, "全部" if one == "all" else STEPS[one][0], counted.get(one, 0)) for one in queries.TABS]
    with connection.cursor() as cursor:
        staffing = terms_of(cursor, request.user.scope.split(",")[0]).staffing
    context = {
        "may_enter": ENTRY in levels_of(at(Actor.of(request.user), ENTRY, staffing), staffing),
        "tab": tab, "tabs": tabs, "rows": queries.batches(tab), "totals": queries.totals(), "any": counted["all"],
        "waiting": queries.waiting_areas(), "step_words": {code: words for code, (words, _) in STEPS.items()},
    }  # fmt: skip
    return _page(request, "disbursements/list.html", context)


def new(request: PersonRequest) -> HttpResponse:
    """The signed claims of an area that are in no batch, to be put together."""
    area = request.POST.get("area", "") or request.GET.get("area", "") or request.user.scope.split(",")[0]
    if request.method == "POST":

        def made(cursor: Any) -> str:
            picked = [int(text) for text in request.POST.getlist("number") if text.isdecimal() and len(text) < 18]
            number = actions.make(
                cursor, actor=Actor.of(request.user), area=area, name=request.POST.get("name", ""), items=picked,
                token=read_token(request.POST.get("token", "")),
            )  # fmt: skip
            return reverse("disbursement", args=[number])

        return _done(request, made, f"{reverse('disbursements-new')}?area={area}")
    waiting = queries.waiting_areas()
    if area == "*" and waiting:
        area = waiting[0]["fund_area"]
    found = queries.free(area)
    with connection.cursor() as cursor:
        fourth = terms_of(cursor, area).fourth_fen
    context = {
        "area": area, "areas": areas(), "free": found, "token": uuid4(),
        "sum": sum(row["approved_fen"] for row in found),
        "name": f"{today():%Y年%m月%d日}拨付", "fourth": fourth, "kind_words": _KINDS, "shown": queries.SHOWN,
    }  # fmt: skip
    return _page(request, "disbursements/new.html", context)


@require_GET
def batch(request: PersonRequest, number: int) -> HttpResponse:
    """One batch: its sums, its rows, where it stands, and what this person may do with it."""
    one, steps = _found(number), queries.history(number)
    actor, seen = Actor.of(request.user), Batch(one["step"], tuple(one["route"]), one["rows"])
    with connection.cursor() as cursor:
        terms = terms_of(cursor, one["fund_area"])
        staffing = terms.staffing
        held, first = actions.held_by(cursor, number), actions.first_reviewers(cursor, number)
        if one["step"] == ENTRY:  # as it would be if it were submitted now
            one["route"] = list(route(one["fen"], terms.fourth_fen, staffing))
    acting = at(actor, seen.level, staffing)
    moves = [(name, MOVES[name]) for name in allowed(seen, levels_of(acting, staffing))]
    hands = set(acting.hands)
    other = next((LEVELS[level][0] for level in LEVELS if level != seen.level and hands & held.get(level, set())), "")
    if moves and not other and seen.level in SIGNING and hands & set(first):
        other = "其中待遇的初审"
    entry = not other and ENTRY in levels_of(at(actor, ENTRY, staffing), staffing)
    context = {
        "one": one, "rows": queries.rows_of(number), "history": steps, "files": queries.files(number), "names": _WORDS,
        "step": STEPS[one["step"]][0], "moves": [] if other else moves, "held": other if moves else "",
        "token": uuid4(),
        "level": LEVELS[seen.level][0], "standing_in": acting.acting_for, "kind_words": _KINDS,
        "may_take_out": entry and one["step"] == ENTRY, "may_return": entry and one["step"] in ("sent", "returned"),
        "way": [_stage(level, one, steps) for level in one["route"]], "told": request.GET.get("paid"),
        "failed": request.GET.get("failed"), "known": request.GET.get("known"),
        "levels": {code: words for code, (words, _) in LEVELS.items()},
    }  # fmt: skip
    return _page(request, "disbursements/batch.html", context)


def _stage(level: str, one: dict[str, Any], steps: list[dict[str, Any]]) -> dict[str, Any]:
    """One level of the way, and who signed at it if that still stands."""
    way = one["route"]
    here = way.index(one["step"]) if one["step"] in way else len(way)
    passed = way.index(level) < here and one["step"] != "discarded"
    last = next((step for step in reversed(steps) if step["level"] == level and step["name"] == "pass"), None)
    return {"words": LEVELS[level][0], "here": level == one["step"], "passed": passed,
            "who": last["who"] if last and passed else "", "at": last["at"] if last and passed else None}  # fmt: skip


@require_POST
def move(request: PersonRequest, number: int) -> HttpResponse:
    """Move one batch."""
    _found(number)
    form, here = request.POST, reverse("disbursement", args=[number])

    def moved(cursor: Any) -> str:
        if form.get("move") not in MOVES:
            raise UsageError("没有这样的办理方式，请刷新页面再试。", "There is no such move; reload the page.")
        actions.move(
            cursor, actor=Actor.of(request.user), number=number, name=form["move"], seen=form.get("step", ""),
            token=read_token(form.get("token", "")), reason=form.get("reason", "")[:REASON],
        )  # fmt: skip
        return here

    return _done(request, moved, here)


@require_POST
def take_out(request: PersonRequest, number: int) -> HttpResponse:
    """Take one claim out of a batch that is being put together."""
    _found(number)
    form, here = request.POST, reverse("disbursement", args=[number])

    def taken(cursor: Any) -> str:
        n = form.get("n", "")
        if not n.isdecimal() or len(n) > 6:
            raise UsageError("表单不完整，请刷新页面再试。", "The form is incomplete; reload the page.")
        actions.take_out(
            cursor, actor=Actor.of(request.user), number=number, n=int(n), reason=form.get("reason", "")[:REASON],
            token=read_token(form.get("token", "")),
        )  # fmt: skip
        return here

    return _done(request, taken, here)


@require_POST
def return_file(request: PersonRequest, number: int) -> HttpResponse:
    """The bank's return file of one batch."""
    _found(number)
    here, sent = reverse("disbursement", args=[number]), request.FILES.get("file")

    def booked(cursor: Any) -> str:
        if sent is None:
            raise InputError("还没有选择文件。", "No file was chosen.")
        told = returning.book(cursor, actor=Actor.of(request.user), number=number, name=sent.name or "",
                              content=sent.read(LARGEST + 1))  # fmt: skip
        return f"{here}?paid={told.paid}&failed={told.failed}&known={told.known}"

    try:
        return _done(request, booked, here, raises=Faulty)
    except Faulty as error:
        context = {
            "faults": error.faults[:500],
            "n": len(error.faults),
            "name": sent.name if sent else "",
            "back": here,
        }
        return _page(request, "disbursements/faults.html", context, status=409)


@require_GET
def export(request: PersonRequest, number: int) -> FileResponse:
    """The rows of a batch as an Excel file for the bank or the treasury; the result columns wait to be filled."""
    one, file = _found(number), TemporaryFile()  # noqa: SIM115  (the response closes it)
    found = [row for row in queries.rows_of(number) if row["result"] != "out"]
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        money, day = book.add_format({"num_format": "0.00"}), book.add_format({"num_format": "yyyy-mm-dd"})
        cells = ([one["number"], *_cells(row)] for row in found)
        write_sheet(book, "拨付", _SHEET, cells, {6: money, 9: day}, watermark.line(request.user))
    with connection.cursor() as cursor:
        enter(cursor, by=request.user.username, action="disbursements.export", subject=f"disbursement:{number}",
              detail={"rows": len(found), "fen": one["fen"]})  # fmt: skip
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"拨付 {one['number']}.xlsx", content_type=_XLSX)


def _cells(row: dict[str, Any]) -> list[Any]:
    result = {"paid": "成功", "failed": "失败"}.get(row["result"], "")
    return [row["n"], row["number"], row["slip"], masked_name(row["who"].get("person_name")), row["provider_name"],
            row["fen"] / 100, result, row["why"], row["day"]]  # fmt: skip


def _found(number: int) -> dict[str, Any]:
    one = queries.batch(number)
    if one is None:
        raise Http404
    return one


def _done(
    request: PersonRequest, act: Callable[[Any], str], back: str, raises: type[MingchaError] | tuple[()] = ()
) -> HttpResponse:  # fmt: skip
    """Do it in one transaction and go on; what was refused is told, and nothing was written."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            return redirect(act(cursor))
    except raises:
        raise
    except MingchaError as error:
        context = {"words": error.zh, "back": back, "section": "disbursements", "group": "待遇与拨付"}
        return render(request, "shell/refused.html", context, status=409)


def _page(request: PersonRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render(request, template, context | {"section": "disbursements"}, status=status)
    response["Cache-Control"] = "no-store"
    return response
