"""Pages of the sampling app: plans, a new one, its cases and result, and one case with its fee lines."""

from __future__ import annotations

import secrets
from tempfile import TemporaryFile
from typing import Any
from urllib.parse import urlencode

import xlsxwriter
from django.db import connection, transaction
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from mingcha.desk.accounts.models import Role
from mingcha.desk.accounts.queries import areas
from mingcha.desk.accounts.recusals import recused
from mingcha.desk.audit import facts
from mingcha.desk.audit.counts import choices
from mingcha.desk.audit.queries import Row
from mingcha.desk.audit.report import write_sheet
from mingcha.desk.review.forms import REASON, read_token
from mingcha.desk.review.views import refused
from mingcha.desk.sampling import actions, queries
from mingcha.desk.sampling.forms import read_fen, read_wish
from mingcha.desk.sampling.population import STRATA, areas_of, read
from mingcha.desk.shell import watermark
from mingcha.desk.shell.requests import PersonRequest
from mingcha.desk.shell.templatetags.words import care_words
from mingcha.desk.trail.actions import enter
from mingcha.procedure.sampling import CONFIDENCES, METHODS
from mingcha.terms.calendar import today
from mingcha.terms.errors import MingchaError, UsageError

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_COLUMNS = [
    ("序号", 8), ("定点机构", 30), ("机构编号", 16), ("就诊ID", 24), ("医疗类别", 12), ("结算日期", 12), ("层", 16),
    ("费用总额（元）", 15), ("专家", 12), ("结论", 10), ("不合规金额（元）", 16), ("问题和依据", 60), ("提交时间", 18),
]  # fmt: skip
_VERDICTS = {"clean": "未见问题", "fault": "有问题", None: ""}


def plans(request: PersonRequest) -> HttpResponse:
    """The samples drawn in the own areas, the newest first."""
    return render(request, "sampling/plans.html", {"section": "sampling", "plans": queries.plans(), "methods": METHODS})


def new(request: PersonRequest) -> HttpResponse:
    """A sample to be drawn: the form, how many that would be, and the draw itself."""
    if request.method == "POST":
        try:
            wish = read_wish(request.POST)
            with transaction.atomic(), connection.cursor() as cursor:
                token = read_token(request.POST.get("token", ""))
                number = actions.make(cursor, by=request.user.username, wish=wish, token=token)
        except MingchaError as error:
            told = {name: request.POST[name] for name in request.POST if name not in ("csrfmiddlewaretoken", "token")}
            return refused(request, error, f"{reverse('sampling-new')}?{urlencode(told)}")
        return redirect("sampling-plan", number)
    scope, last = request.user.scope, today().replace(day=1)
    told = {
        "area": "*" if scope == "*" else scope.split(",")[0], "method": "stratified", "strata": "level",
        "confidence": "95", "margin": "5", "expected": "10", "seed": secrets.token_hex(4), "until": str(last),
        "since": str(last.replace(year=last.year - 1)), **{name: request.GET[name] for name in request.GET},
    }  # fmt: skip
    context: dict[str, Any] = {
        "section": "sampling", "told": told, "areas": areas(), "all": scope == "*", "providers": choices()[0],
        "methods": METHODS, "strata": STRATA, "confidences": CONFIDENCES,
    }  # fmt: skip
    if "look" in request.GET:
        try:
            wish = read_wish(request.GET)
            with facts.snapshot() as lake:
                population = read(lake, wish.frame, areas_of(wish.frame.area))
            fen = sum(visit.total_fen for visit in population.values())
            context["look"] = {"n": len(population), "fen": fen, "count": actions.wanted(wish, len(population))}
        except MingchaError as error:
            context["trouble"] = error.zh
    return render(request, "sampling/new.html", context)


def plan(request: PersonRequest, number: int) -> HttpResponse:
    """One sample: how it was drawn, how far its cases are, and what they say of all."""
    one = _plan(number)
    cases = queries.cases(number)
    context = {
        "section": "sampling", "plan": one, "cases": cases, "method": METHODS[one["method"]][0],
        "stratum": STRATA[one["strata"]], "result": queries.result(one, cases), "experts": queries.experts(),
        "again": request.GET.get("again"), "ungiven": sum(case["expert"] is None for case in cases),
    }  # fmt: skip
    return render(request, "sampling/plan.html", context)


@require_POST
def give(request: PersonRequest, number: int) -> HttpResponse:
    """Deal the unanswered cases to experts."""
    _plan(number)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            experts = request.POST.getlist("expert")[:100]
            actions.give(cursor, by=request.user.username, plan=number, experts=experts)
    except MingchaError as error:
        return refused(request, error, reverse("sampling-plan", args=[number]))
    return redirect("sampling-plan", number)


@require_POST
def again(request: PersonRequest, number: int) -> HttpResponse:
    """Draw the sample again from its seed and the lake as it was, and say whether it is the same."""
    same = actions.draw_again(_plan(number))
    return redirect(f"{reverse('sampling-plan', args=[number])}?again={'same' if same else 'other'}")


def export(request: PersonRequest, number: int) -> FileResponse:
    """The sample's cases and answers as an Excel file."""
    one, file = _plan(number), TemporaryFile()  # noqa: SIM115  (the response closes it)
    cases = queries.cases(number)
    with xlsxwriter.Workbook(file, {"constant_memory": True, "remove_timezone": True}) as book:
        money, day = book.add_format({"num_format": "#,##0.00"}), book.add_format({"num_format": "yyyy-mm-dd"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        formats = {5: day, 7: money, 10: money, 12: moment}
        write_sheet(book, "抽查", _COLUMNS, map(_cells, cases), formats, watermark.line(request.user))
    with connection.cursor() as cursor:
        enter(cursor, by=request.user.username, action="sampling.export", subject=f"sampling:{number}",
              detail={"rows": len(cases)})  # fmt: skip
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"抽查 {one['name']}.xlsx", content_type=_XLSX)


def case(request: PersonRequest, number: int, n: int) -> HttpResponse:
    """One visit of a sample with its fee lines, nobody named, and the form for what was found."""
    one, found = queries.plan(number), queries.case(number, n)
    if one is None or found is None:
        raise Http404
    at = reverse("sampling-case", args=[number, n])
    if request.method == "POST":
        try:
            if recused(request.user, found["provider"]):
                raise UsageError("您已登记回避这家机构，不能评审它的病例。", "You declared to keep away from it.")
            with transaction.atomic(), connection.cursor() as cursor:
                fen = read_fen(request.POST.get("yuan", "")) if request.POST.get("verdict") != "clean" else 0
                actions.answer(cursor, by=request.user.username, case=found, fen=fen,
                               words=request.POST.get("words", "")[:REASON])  # fmt: skip
        except MingchaError as error:
            return refused(request, error, at)
        return redirect(_following(request, number, n))
    with facts.snapshot() as lake:
        visit = facts.visit_of(lake, found)
        context = {"lines": facts.lines_of(lake, found, visit), "diagnoses": facts.diagnoses_of(lake, found)}
    outside = request.user.role == Role.EXPERT
    context |= {"section": "opinions" if outside else "sampling", "plan": one, "case": found, "visit": visit,
                "outside": outside}  # fmt: skip
    return render(request, "sampling/case.html", context)


def _following(request: PersonRequest, number: int, n: int) -> str:
    """The next case this person has to answer, else the list they came from."""
    mine = request.user.username if request.user.role == Role.EXPERT else None
    left = [c["n"] for c in queries.cases(number) if c["verdict"] is None and (mine is None or c["expert"] == mine)]
    if left:
        return reverse("sampling-case", args=[number, next((one for one in left if one > n), left[0])])
    return reverse("opinions") if mine else reverse("sampling-plan", args=[number])


def _plan(number: int) -> Row:
    one = queries.plan(number)
    if one is None:
        raise Http404
    return one


def _cells(row: Row) -> list[Any]:
    improper = None if row["improper_fen"] is None else row["improper_fen"] / 100
    return [
        row["n"], row["provider_name"], row["provider"], row["visit"], care_words(row["visit_type"]), row["day"],
        row["stratum"], row["total_fen"] / 100, row["expert_name"], _VERDICTS[row["verdict"]], improper, row["words"],
        row["given_at"],
    ]  # fmt: skip
