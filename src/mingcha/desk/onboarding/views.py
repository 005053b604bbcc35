"""Pages of the onboarding app: they read through queries and write through actions."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from mingcha.desk.onboarding import acceptance as report
from mingcha.desk.onboarding import actions, keys, publication, queries
from mingcha.desk.onboarding import dictionary as codes
from mingcha.desk.onboarding.forms import read_chosen, read_last_day
from mingcha.desk.onboarding.models import StrengthChoice
from mingcha.desk.reminders import queries as reminders
from mingcha.desk.shell.requests import PersonRequest
from mingcha.procedure.onboarding import ENVIRONMENTS, MOVES, STATES, allowed
from mingcha.terms.calendar import today
from mingcha.terms.dictionaries import DICTIONARIES
from mingcha.terms.errors import MingchaError

OVERLAP = 14
"""Days the form proposes for an old key beside its successor."""
PAUSE = 7
"""Days the form proposes for keeping advice from somebody."""


@require_GET
def board(request: PersonRequest) -> HttpResponse:
    """All connections, counted by state."""
    chosen = read_chosen(request.GET)
    counts = queries.counts(chosen)
    tabs = [("", "全部"), *((state, words[0]) for state, words in STATES.items()), (queries.ABSENT, "未接入")]
    found = queries.board(chosen)
    told = reminders.ever([row["provider"] for row in found])
    for row in found:
        row["ever"] = told.get(row["provider"])
    context = {
        "section": "onboarding", "filter": chosen, "found": found, "counts": counts, "areas": queries.areas(),
        "tabs": [(tab, words, counts[tab]) for tab, words in tabs], "absent": chosen.tab == queries.ABSENT,
        "ever": reminders.since_ever(), "calls_today": reminders.today_so_far(today()),
        "total": counts[chosen.tab], "more": chosen.page * queries.PAGE < counts[chosen.tab], **_publication(),
    }  # fmt: skip
    return render(request, "onboarding/board.html", context)


def _publication() -> dict[str, Any]:
    """Whether the gates have what stands here; what keeps them from it is said on the page, not as a failure of it."""
    try:
        return {"waiting": publication.waiting(settings.HOME)}
    except MingchaError as error:
        return {"waiting": True, "publication_trouble": error.zh}


@require_POST
def register(request: PersonRequest) -> HttpResponse:
    """Begin a connection."""
    post, code = request.POST, request.POST.get("provider", "").strip()

    def act() -> None:
        actions.register(by=request.user.username, provider=code, name=post.get("name", ""), area=post.get("area", ""))

    return _acted(request, act, ("connection", code), "/onboarding")


@require_POST
def publish(request: PersonRequest) -> HttpResponse:
    """Publish keys and strengths again, after something stood in the way."""
    back = reverse("onboarding")
    return _acted(request, lambda: publication.publish_now(settings.HOME), ("onboarding",), back)


@require_GET
def connection(request: PersonRequest, code: str) -> HttpResponse:
    """One connection: state, keys, strengths, problems, what was done."""
    one = _one(code)
    steps, held = queries.steps(code), queries.keys(code)
    reached = {step["status"]: step["at"] for step in reversed(steps)}
    states = list(STATES)
    at = states.index(one["status"])
    context = {
        "section": "onboarding", "one": one, "steps": steps, "ever": reminders.since_ever(code),
        "keys": held, "problems": queries.problems(code),
        "strengths": queries.strengths_at(code, one["area"]), "rules": sorted(queries.rule_names().items(), key=_name),
        "choices": StrengthChoice.choices, "log": queries.log(code), "environments": ENVIRONMENTS,
        "moves": [(name, MOVES[name]) for name in allowed(one["status"])], "key_name": keys.new_name(),
        "good": {key["environment"] for key in held if key["good"]}, "last_day": today() + timedelta(days=OVERLAP),
        "path": [{"name": STATES[s][0], "done": i < at, "now": i == at, "since": reached.get(s) if i <= at else None}
                 for i, s in enumerate(states)], **_publication(),
    }  # fmt: skip
    return _fresh(render(request, "onboarding/connection.html", context))


@require_GET
def acceptance(request: PersonRequest, code: str) -> HttpResponse:
    """The printable page on which a connection is accepted: what was tried, and what its messages lack."""
    one = _one(code)
    context = {"section": "onboarding", "one": one, "day": today(), **report.assemble(one)}
    return _fresh(render(request, "onboarding/acceptance.html", context))


@require_GET
def virtual(request: PersonRequest, code: str) -> HttpResponse:
    """The virtual records as a file for those who make the provider's system."""
    del request
    told = json.dumps(report.messages(_one(code)), ensure_ascii=False, indent=1)
    response = HttpResponse(told, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="virtual-{code}.json"'
    return response


@require_POST
def change(request: PersonRequest, code: str) -> HttpResponse:
    """Name, system and contact of a connection."""
    told = {name: request.POST.get(name, "") for name in ("name", "system", "contact", "phone")}
    return _on(request, code, lambda by: actions.change(by=by, provider=code, **told))


@require_POST
def agree_secrecy(request: PersonRequest, code: str) -> HttpResponse:
    """How the provider signs and encrypts its messages."""
    told = {name: request.POST.get(name, "")[:200] for name in ("client", "public_key")}
    chosen = request.POST.get("encrypted") == "1"
    return _on(request, code, lambda by: actions.agree_secrecy(by=by, provider=code, encrypted=chosen, **told))


@require_POST
def move(request: PersonRequest, code: str) -> HttpResponse:
    """Move a connection on or back."""
    name, reason = request.POST.get("move", ""), request.POST.get("reason", "")[:2000]
    if name not in MOVES:
        raise Http404
    return _on(request, code, lambda by: actions.move(by=by, provider=code, name=name, reason=reason))


@require_POST
def hand_out(request: PersonRequest, code: str) -> HttpResponse:
    """Hand out a key: its secret stands on the page that answers, and nowhere else."""
    one, post = _one(code), request.POST
    name, environment = post.get("key", ""), post.get("environment", "")
    try:
        last_day = read_last_day(post.get("last_day", ""))
        secret = actions.hand_out_key(
            by=request.user.username, provider=code, environment=environment, name=name, last_day=last_day
        )
    except MingchaError as error:
        return _refused(request, error, reverse("connection", args=[code]))
    context = {"section": "onboarding", "one": one, "name": name, "secret": secret,
               "environment": ENVIRONMENTS[environment][0]}  # fmt: skip
    return _fresh(render(request, "onboarding/key.html", context))


@require_POST
def revoke(request: PersonRequest, code: str, name: str) -> HttpResponse:
    """End a key at once."""
    reason = request.POST.get("reason", "")
    return _on(request, code, lambda by: actions.revoke_key(by=by, provider=code, name=name, reason=reason))


@require_POST
def open_problem(request: PersonRequest, code: str) -> HttpResponse:
    """Note a problem."""
    words = request.POST.get("words", "")
    return _on(request, code, lambda by: actions.open_problem(by=by, provider=code, words=words))


@require_POST
def close_problem(request: PersonRequest, code: str, number: int) -> HttpResponse:
    """Close a problem."""
    how = request.POST.get("how", "")
    return _on(request, code, lambda by: actions.close_problem(by=by, provider=code, number=number, how=how))


@require_GET
def strengths(request: PersonRequest) -> HttpResponse:
    """How strong reminders are, where that was set."""
    names = queries.rule_names()
    rule, area = request.GET.get("rule", ""), request.GET.get("area", "")[:12]
    rule = rule if rule in names else ""
    context = {
        "section": "strengths", "found": queries.strengths(rule, area), "rule": rule, "area": area,
        "rules": sorted(names.items(), key=_name), "areas": queries.areas(), "choices": StrengthChoice.choices,
        "sees_all": queries.sees_all(), **_publication(),
    }  # fmt: skip
    return render(request, "onboarding/strengths.html", context)


@require_POST
def set_strength(request: PersonRequest) -> HttpResponse:
    """Set a strength for an area or a provider."""
    post, provider = request.POST, request.POST.get("provider", "").strip() or None
    told = {name: post.get(name, "") for name in ("rule", "area", "strength", "reason")}
    target = ("connection", provider) if provider else ("strengths",)

    def act() -> None:
        actions.set_strength(by=request.user.username, provider=provider, **told)

    return _acted(request, act, target, reverse(target[0], args=target[1:]))


@require_POST
def withdraw_strength(request: PersonRequest, number: int) -> HttpResponse:
    """Take a strength back."""
    reason, code = request.POST.get("reason", ""), request.POST.get("from", "")
    target = ("connection", code) if code else ("strengths",)

    def act() -> None:
        actions.withdraw_strength(by=request.user.username, number=number, reason=reason)

    return _acted(request, act, target, reverse(target[0], args=target[1:]))


@require_GET
def snoozes(request: PersonRequest) -> HttpResponse:
    """What advice is kept from whom and until when; the address may name rule, provider, department, practitioner."""
    names = queries.rule_names()
    places = ("rule", "provider", "department", "practitioner")
    given = {name: request.GET.get(name, "").strip()[:100] for name in places}
    ended = request.GET.get("tab") == "ended"
    context = {
        "section": "snoozes", "given": given, "ended": ended, "found": queries.snoozes(not ended),
        "rules": sorted(names.items(), key=_name), "providers": queries.registered(),
        "longest": actions.LONGEST_SNOOZE, "proposed": today() + timedelta(days=PAUSE),
        "last": today() + timedelta(days=actions.LONGEST_SNOOZE), "today": today(), **_publication(),
    }  # fmt: skip
    return render(request, "onboarding/snoozes.html", context)


@require_POST
def set_snooze(request: PersonRequest) -> HttpResponse:
    """Keep advice from somebody until a day."""
    told = {name: request.POST.get(name, "") for name in ("rule", "provider", "department", "practitioner", "reason")}

    def act() -> None:
        actions.snooze(by=request.user.username, until=read_last_day(request.POST.get("until", "")), **told)

    return _acted(request, act, ("snoozes",), reverse("snoozes"))


@require_POST
def end_snooze(request: PersonRequest, number: int) -> HttpResponse:
    """Show it again before the day."""
    reason = request.POST.get("reason", "")

    def act() -> None:
        actions.end_snooze(by=request.user.username, number=number, reason=reason)

    return _acted(request, act, ("snoozes",), reverse("snoozes"))


@require_GET
def dictionary(request: PersonRequest) -> HttpResponse:
    """Codes that no list knows, and what areas have said of their own; the address may fill in the form."""
    given = {name: request.GET.get(name, "").strip()[:20] for name in ("field", "code", "area")}
    told = request.GET.get("tab") == "told"
    field = given["field"] if given["field"] in DICTIONARIES else ""
    only = field if not given["code"] else ""
    context = {
        "section": "dictionary", "given": given, "told": told, "fields": codes.fields(), "areas": queries.areas(),
        "found": codes.aliases(only) if told else codes.gaps(only), "field": field, "only": only,
        "choices": sorted(DICTIONARIES[field].codes.items()) if field else [], "sees_all": queries.sees_all(),
        **_publication(),
    }  # fmt: skip
    return render(request, "onboarding/dictionary.html", context)


@require_POST
def say_code(request: PersonRequest) -> HttpResponse:
    """Say what an area's own code stands for."""
    told = {name: request.POST.get(name, "") for name in ("area", "field", "code", "national", "reason")}
    return _acted(
        request, lambda: actions.say_code(by=request.user.username, **told), ("dictionary",), reverse("dictionary")
    )


@require_POST
def unsay_code(request: PersonRequest, number: int) -> HttpResponse:
    """Take back what was said of a code."""
    reason = request.POST.get("reason", "")

    def act() -> None:
        actions.unsay_code(by=request.user.username, number=number, reason=reason)

    return _acted(request, act, ("dictionary",), reverse("dictionary"))


def _name(rule: tuple[str, str]) -> str:
    return rule[1]


def _one(code: str) -> dict[str, Any]:
    one = queries.connection(code)
    if one is None:
        raise Http404
    return one


def _on(request: PersonRequest, code: str, act: Callable[[str], object]) -> HttpResponse:
    """Act on a connection and go back to it."""
    return _acted(
        request, lambda: act(request.user.username), ("connection", code), reverse("connection", args=[code])
    )


def _acted(request: PersonRequest, act: Callable[[], object], target: tuple[str, ...], back: str) -> HttpResponse:
    try:
        act()
    except actions.Missing as error:
        raise Http404 from error
    except MingchaError as error:
        return _refused(request, error, back)
    return redirect(target[0], *target[1:])


def _refused(request: PersonRequest, error: MingchaError, back: str) -> HttpResponse:
    """What could not be done, why, and the way back; nothing was written."""
    context = {"words": error.zh, "back": back, "section": "onboarding", "group": "事前提醒"}
    return render(request, "shell/refused.html", context, status=409)


def _fresh(response: HttpResponse) -> HttpResponse:
    """A page with a key or a contact comes from no cache."""
    response["Cache-Control"] = "no-store"
    return response
