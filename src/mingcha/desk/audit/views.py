"""Pages of the audit app: they read through queries and write through actions."""

from __future__ import annotations

from tempfile import TemporaryFile
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from mingcha.desk.audit import actions, around, counts, detail, evidence, export, profile, queries, ties, unmasking
from mingcha.desk.audit.forms import SORTS, TABS, WITH_TERM, read_filter
from mingcha.desk.audit.models import Certainty
from mingcha.desk.audit.queries import Row
from mingcha.desk.jobs.actions import ask
from mingcha.desk.review.actors import Actor
from mingcha.desk.review.queries import moves_on
from mingcha.desk.shell import watermark
from mingcha.desk.shell.permissions import may
from mingcha.desk.shell.requests import PersonRequest
from mingcha.terms.errors import MingchaError

_FILTERS = {"areas": "区划", "providers": "机构", "rules": "规则", "since": "从", "until": "到",
            "after": "增量，接着数据水位"}  # fmt: skip
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def findings(request: PersonRequest) -> HttpResponse:
    """The worklist. Filters and tabs fetch only the list; the numbers above it stay."""
    chosen = read_filter(request.GET)
    page = queries.page(chosen, request.GET.get("after", ""), request.GET.get("before", ""))
    tabs, at = counts.of_tabs(chosen), _whole(request.GET.get("at"))
    total = tabs[chosen.tab] or counts.Count()
    context: dict[str, Any] = {
        "section": "findings", "filter": chosen, "page": page, "at": at, "last": at + len(page.rows),
        "next_at": at + len(page.rows), "previous_at": max(0, at - queries.PAGE), "total": total,
        "at_once": total.n <= export.AT_ONCE and not total.more,
        "may_pick": bool(moves_on(Actor.of(request.user), chosen.tab)) and total.n, "show_due": chosen.tab in WITH_TERM,
        "tabs": [(tab, words, tabs[tab]) for tab, words in TABS.items()], "sorts": SORTS,
    }  # fmt: skip
    if request.htmx and not request.htmx.history_restore_request:
        response = _fresh(render(request, "audit/_worklist.html", context))
        response["HX-Push-Url"] = request.path + _without_empty(request.GET)
        return response
    providers, rules = counts.choices()
    overview = counts.overview()
    context |= {"providers": providers, "rules": rules, "certainties": Certainty.choices, "overview": overview}
    return _fresh(render(request, "audit/worklist.html", context | {"charts": _charts(overview)}))


def findings_export(request: PersonRequest) -> FileResponse | HttpResponseRedirect:
    """The filtered findings as an Excel file; many are written in the background. The export stands in the trail."""
    chosen = read_filter(request.GET)
    held = counts.of_tabs(chosen)[chosen.tab] or counts.Count()
    if held.more or held.n > export.AT_ONCE:
        query = request.GET.urlencode()
        ask(by=request.user.username, scope=request.user.sees, kind="export", query=query)
        return redirect("jobs")
    file = TemporaryFile()  # noqa: SIM115  (the response closes it)
    written = export.write(file, queries.every(chosen, export.AT_ONCE), watermark.line(request.user))
    actions.note_export(by=request.user.username, rows=written, query=request.GET.urlencode())
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename="疑点清单.xlsx", content_type=_XLSX)


def finding(request: PersonRequest, number: str) -> HttpResponse:
    """One finding with its evidence, its law and its money."""
    return _finding(request, detail.found_or_404(number))


def visits(request: PersonRequest, number: str) -> HttpResponse:
    """The person's visits around a finding; the page fetches them when they come into sight."""
    return _fresh(render(request, "audit/_around.html", around.assemble(detail.found_or_404(number))))


def finding_ties(request: PersonRequest, number: str) -> HttpResponse:
    """Whom the finding is tied to; fetched when the drawing is opened."""
    return _fresh(render(request, "audit/_ties.html", ties.assemble(detail.found_or_404(number))))


@require_POST
def unmask(request: PersonRequest, number: str) -> HttpResponse:
    """The same page with the person's name and numbers, this once; a reload asks for the reason again."""
    found = detail.found_or_404(number)
    try:
        unmasking.unmask(by=request.user.username, found=found, reason=request.POST.get("reason", ""))
    except MingchaError as error:
        context = {"words": error.zh, "back": reverse("finding", args=[number]), "section": "findings"}
        return render(request, "shell/refused.html", context | {"group": "事中审核"}, status=409)
    return _finding(request, found, unmasked=True)


def _finding(request: PersonRequest, found: Row, unmasked: bool = False) -> HttpResponse:
    chosen = read_filter(request.GET)
    before, after = queries.neighbours(chosen, found)
    context = detail.assemble(found) | {
        "section": "findings", "before": before, "after": after, "filter": chosen, "unmasked": unmasked
    }  # fmt: skip
    return _fresh(render(request, "audit/finding.html", context))


def providers(request: PersonRequest) -> HttpResponse:
    """Providers by money at stake."""
    q = request.GET.get("q", "").strip()[:60]
    context = {"section": "providers", "rows": profile.ranking(q), "q": q}
    return _fresh(render(request, "audit/providers.html", context))


def provider(request: PersonRequest, code: str) -> HttpResponse:
    """One provider against its peers."""
    one = profile.provider(code)
    if one is None:
        raise Http404
    context = profile.assemble(one)
    chosen = read_filter({"provider": code})
    charts = {"trend": _trend(context["months"], {"provider": code})}
    context |= {"section": "providers", "findings": queries.page(chosen).rows[:20], "charts": charts}
    return _fresh(render(request, "audit/provider.html", context))


def audits(request: PersonRequest) -> HttpResponse:
    """The machine's runs, and what the newest could not judge."""
    runs = queries.audits(100)
    number = _whole(request.GET.get("audit")) or next((run["id"] for run in runs if run["status"] == "done"), 0)
    unknowns = [row | {"words": evidence.missing_words(row["missing"])} for row in queries.unknowns(number)]
    for run in runs:
        run["said"] = [(_FILTERS.get(name, name), "、".join(value) if isinstance(value, list) else value)
                       for name, value in run["scope"].items()]  # fmt: skip
    may_report = request.user.scope == "*" and may(request.user.role, "audit-report")
    context = {"section": "audits", "runs": runs, "unknowns": unknowns, "number": number, "may_report": may_report}
    return _fresh(render(request, "audit/audits.html", context))


def audit_report(request: PersonRequest, number: int) -> HttpResponse:
    """The printable report of an audit; only for those who see everything it counted."""
    from mingcha.desk.audit.report import html

    if request.user.scope != "*" or not any(run["id"] == number for run in queries.audits(10_000)):
        raise Http404
    response = HttpResponse(html(settings.HOME, number))
    actions.note_report(by=request.user.username, audit=number)
    response["Content-Disposition"] = f'attachment; filename="audit-{number}.html"'
    return response


def _fresh(response: HttpResponse) -> HttpResponse:
    """Pages hold personal data and change: never from a cache, and a list fetched alone is not a page."""
    response["Cache-Control"] = "no-store"
    response["Vary"] = "HX-Request"
    return response


def _without_empty(query: QueryDict) -> str:
    """The query as a person would share it: without the fields left blank."""
    kept = [(name, value) for name, value in query.items() if value]
    return f"?{urlencode(kept)}" if kept else ""


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def _charts(overview: dict[str, Any]) -> dict[str, Any]:
    rules = overview["rules"][:8]
    return {
        "trend": _trend(overview["months"], {}),
        "rules": [{"name": r["name"], "fen": r["fen"], "n": r["n"], "href": f"?rule={r['rule']}"} for r in rules],
    }


def _trend(months: list[dict[str, Any]], more: dict[str, str]) -> list[dict[str, Any]]:
    extra = "".join(f"&{name}={value}" for name, value in more.items())
    return [
        {"month": m["month"], "n": m["n"], "fen": m["fen"],
         "href": f"?since={m['month']}-01&until={_last_day(m['month'])}{extra}"}
        for m in months
    ]  # fmt: skip


def _last_day(month: str) -> str:
    from calendar import monthrange

    year, number = map(int, month.split("-"))
    return f"{month}-{monthrange(year, number)[1]}"
