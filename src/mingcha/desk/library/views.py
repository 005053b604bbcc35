"""Pages of the library app: they read through queries and write through actions."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from mingcha.desk.library import actions, queries
from mingcha.desk.library.forms import a_day, read_chosen, read_day, read_edit
from mingcha.desk.library.models import Draft, Intent, Trial, TrialHit
from mingcha.desk.shell.permissions import may
from mingcha.desk.shell.requests import PersonRequest
from mingcha.engines.condition import condition, exemptions
from mingcha.knowledge.coverage import problems
from mingcha.knowledge.pack import CATEGORIES, CERTAINTIES, STAGES, Rule
from mingcha.knowledge.revision import rows_as_csv
from mingcha.procedure.rule_life import STATES, allowed
from mingcha.rules.kind import KINDS
from mingcha.terms.calendar import today
from mingcha.terms.errors import MingchaError

_STEPS = ("draft", "checked", "trialled", "shadow", "submitted", "signed")


@require_GET
def library(request: PersonRequest) -> HttpResponse:
    """The rules in force, by the money they stand for."""
    chosen = read_chosen(request.GET)
    found = queries.rule_list(chosen, today())
    pack = queries.pack(today())
    context = {
        "section": "library", "found": found, "filter": chosen, "pack": pack, "categories": CATEGORIES.items(),
        "stages": STAGES.items(), "certainties": CERTAINTIES, "kinds": sorted(KINDS.values(), key=lambda k: k.name),
        "fen": sum(one["fen"] for one in found), "n": sum(one["n"] for one in found),
        "points": sum(one["rows"] for one in found),
    }  # fmt: skip
    return render(request, "library/list.html", context)


def _rule(rule_id: str) -> tuple[Rule, bool]:
    try:
        return queries.known_rule(rule_id, today())
    except KeyError as error:
        raise Http404 from error


@require_GET
def rule(request: PersonRequest, rule_id: str) -> HttpResponse:
    """One rule: how it judges, its law, parameters, knowledge, versions and what it finds."""
    (one, in_force), now = _rule(rule_id), today()
    kind = KINDS[one.kind]
    months = queries.months(one.id)
    trend = [
        {"month": m["month"], "n": m["n"], "fen": m["fen"], "href": f"?rule={one.id}&since={m['month']}-01"}
        for m in months
    ]  # fmt: skip
    context = {
        "section": "library", "rule": one, "kind": kind, "category": CATEGORIES[one.category],
        "stages": "、".join(STAGES[stage] for stage in one.stages), "standing": queries.standing(one.id),
        "conditions": _conditions(one, now), "parameters": queries.parameters(one, now),
        "heads": queries.heads(one), "points": len(one.knowledge), "states": queries.point_states(one, now),
        "in_force": in_force, "names": queries.names(),
        "versions": queries.versions(one.id), "open_draft": queries.open_draft(one.id), "months": months,
        "chart": trend, "cases": queries.worked_cases(one.id),
        "decisions": queries.local_decisions(one.id),
        "problems": [problem for problem in problems() if one.template in problem.templates],
        "may_change": _may_change(request),
    }  # fmt: skip
    return render(request, "library/rule.html", context)


def _conditions(one: Rule, day: date) -> list[dict[str, Any]]:
    """The condition of each window the rule uses, with its exceptions."""
    kind = KINDS[one.kind]
    used = sorted({row.values[kind.choice] for row in one.knowledge}) if kind.choice else [""]
    name = kind.knows[kind.choice].zh if kind.choice else ""
    return [
        {
            "choice": name,
            "window": choice,
            "part": condition(one, day, choice),
            "unless": exemptions(one, day, choice).items(),
        }
        for choice in used
    ]


def _may_change(request: PersonRequest) -> bool:
    """Changes touch every area: only those who answer for all of them may begin one."""
    return request.user.scope == "*" and may(request.user.role, "rule-change")


@require_GET
def rows(request: PersonRequest, rule_id: str) -> JsonResponse:
    """A stretch of a rule's knowledge rows for the grid."""
    one, _ = _rule(rule_id)
    found = queries.points(one, request.GET.get("q", "")[:60], request.GET.get("state", ""), today())
    start = request.GET.get("start", "0")
    return JsonResponse(queries.window(found, one, int(start) if start.isdecimal() and len(start) < 8 else 0, today()))


@require_GET
def rows_csv(request: PersonRequest, rule_id: str) -> HttpResponse:
    """All knowledge rows of a rule as a CSV that Excel opens and a change takes back."""
    response = HttpResponse("\ufeff" + rows_as_csv(_rule(rule_id)[0]), content_type="text/csv; charset=utf-8")
    actions.note_rows(by=request.user.username, rule=rule_id)
    response["Content-Disposition"] = f'attachment; filename="{rule_id}.csv"'
    return response


@require_POST
def begin(request: PersonRequest, rule_id: str) -> HttpResponse:
    """Begin a change to the rule."""
    intent = Intent.WITHDRAW if request.POST.get("intent") == Intent.WITHDRAW else Intent.REVISE
    if request.user.scope != "*":
        raise Http404
    try:
        reason = request.POST.get("reason", "")[:2000]
        draft = actions.open_draft(by=request.user.username, rule=rule_id, intent=intent, reason=reason, today=today())
    except MingchaError as error:
        return _refused(request, error, f"/library/rules/{rule_id}")
    return redirect("change", draft.pk)


@require_GET
def changes(request: PersonRequest) -> HttpResponse:
    """All changes to rules, those under way first."""
    names = {one.id: one.name for one in queries.pack(today()).rules}
    found = [{"draft": d, "name": names.get(d.rule, d.rule), "state": STATES[d.state][0]} for d in queries.drafts()]
    under_way = sum(one["draft"].state not in ("signed", "discarded") for one in found)
    return render(
        request,
        "library/changes.html",
        {"section": "changes", "found": found, "under_way": under_way, "names": queries.names()},
    )


def _draft(request: PersonRequest, number: int) -> Draft:
    draft = Draft.objects.filter(pk=number).first()
    if draft is None or request.user.scope != "*":
        raise Http404
    return draft


@require_GET
def change(request: PersonRequest, number: int) -> HttpResponse:
    """One change: what differs, what the check and the trials say, whose move it is."""
    draft, now = _draft(request, number), today()
    base = queries.base_of(draft)
    new = actions.content_of(draft)
    mine = request.user.username == draft.author
    may_sign = request.user.role in actions.SIGNERS and not mine
    context = {
        "section": "changes", "draft": draft, "base": base, "new": new, "state": STATES[draft.state][0],
        "steps": _steps(draft), "differences": queries.said_differences(base, new) if base and new else [],
        "parameters": queries.parameters(new, now) if new else [], "certainties": CERTAINTIES,
        "moves": allowed(draft.state, draft.intent, is_author=mine, may_sign=may_sign), "mine": mine,
        "history": queries.history(draft.pk), "today": now, "names": queries.names(),
        "standing": queries.standing(draft.rule),
        "editable": mine and new is not None and draft.state in ("draft", "checked", "trialled", "shadow"),
    }  # fmt: skip
    return render(request, "library/change.html", context | _trial_context(draft))


def _steps(draft: Draft) -> list[dict[str, Any]]:
    names = _STEPS if draft.intent == Intent.REVISE else ("draft", "submitted", "signed")
    at = names.index(draft.state) if draft.state in names else -1
    return [{"name": STATES[name][0], "done": i < at, "now": i == at} for i, name in enumerate(names)]


@require_GET
def trial(request: PersonRequest, number: int) -> HttpResponse:
    """The trial part of a change's page, fetched again while a trial runs."""
    draft = _draft(request, number)
    context = {"draft": draft, "mine": request.user.username == draft.author}
    found = _trial_context(draft)
    response = render(request, "library/_trial.html", context | found)
    response["Cache-Control"] = "no-store"
    if not found["running"]:  # what may be done next has changed with it
        response["HX-Refresh"] = "true"
    return response


def _trial_context(draft: Draft) -> dict[str, Any]:
    found = queries.trials(draft)
    newest = found[0] if found else None
    context: dict[str, Any] = {"trials": found, "trial": newest, "running": False, "silent": False}
    if newest is None:
        return context
    under_way = newest.state in (Trial.State.QUEUED, Trial.State.RUNNING)
    quiet = (timezone.now() - newest.beat_at).total_seconds()
    context |= {"silent": under_way and quiet > queries.SILENT, "running": under_way and quiet <= queries.SILENT}
    shown = next((one for one in found if one.report), None)
    report: Any = shown.report if shown else None
    if shown and report:
        names = queries.provider_names([row["key"] for row in report["providers"]])
        sides = [(side, words, queries.hits(shown, side)[:20]) for side, words in TrialHit.Side.choices]
        providers = [row | {"name": names.get(row["key"], row["key"])} for row in report["providers"][:15]]
        context |= {"shown": shown, "report": report, "sides": sides, "providers": providers,
                    "stale": shown.revision != draft.revision}  # fmt: skip
    return context


@require_POST
def edit(request: PersonRequest, number: int) -> HttpResponse:
    """One edit of the changed rule, or of its reason and date."""
    draft = _draft(request, number)
    by = request.user.username
    try:
        if request.POST.get("edit") == "terms":
            day = a_day(request.POST.get("valid_from"), "生效日期", "the day it comes into force")
            reason = request.POST.get("reason", "")[:2000]
            actions.set_terms(by=by, draft_id=draft.pk, reason=reason, valid_from=day, today=today())
        else:
            change_it, what = read_edit(request.POST, request.FILES)
            revision = request.POST.get("revision", "")
            actions.edit_draft(
                by=by,
                draft_id=draft.pk,
                revision=int(revision) if revision.isdecimal() else 0,
                edit=change_it,
                what=what,
            )
    except MingchaError as error:
        return _refused(request, error, f"/library/changes/{number}")
    return redirect("change", number)


@require_POST
def move(request: PersonRequest, number: int) -> HttpResponse:
    """Check, try, shadow, submit, return, sign or discard: whatever the change allows this person now."""
    draft, by = _draft(request, number), request.user.username
    name, reason = request.POST.get("move", ""), request.POST.get("reason", "")[:2000]
    try:
        _move(name, draft, by, reason, request)
    except MingchaError as error:
        return _refused(request, error, f"/library/changes/{number}")
    return redirect("change", number)


def _move(name: str, draft: Draft, by: str, reason: str, request: PersonRequest) -> None:
    if name == "check":
        actions.check_draft(by=by, draft_id=draft.pk, today=today())
    elif name == "try":
        since = read_day(request.POST.get("since"), "开始日期", "first day")
        until = read_day(request.POST.get("until"), "结束日期", "last day")
        actions.begin_trial(by=by, draft_id=draft.pk, since=since, until=until)
    elif name == "sign":
        if request.user.role not in actions.SIGNERS:
            raise Http404
        revision = request.POST.get("revision", "")
        actions.sign(by=by, draft_id=draft.pk, revision=int(revision) if revision.isdecimal() else 0, today=today())
    elif name == "return" and request.user.role not in actions.SIGNERS:
        raise Http404
    elif name in ("shadow", "submit", "submit-withdrawal", "return", "discard"):
        actions.move(by=by, draft_id=draft.pk, name=name, reason=reason)
    else:
        raise Http404


def _refused(request: PersonRequest, error: MingchaError, back: str) -> HttpResponse:
    """What could not be done, why, and the way back; nothing was written."""
    return render(request, "shell/refused.html", {"words": error.zh, "back": back, "section": "changes"}, status=409)
