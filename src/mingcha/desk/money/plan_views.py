"""What the forms of a statement's instalments do."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from mingcha.desk.money import instalments
from mingcha.desk.money.forms import read_count, read_day, read_schedule
from mingcha.desk.money.views import on
from mingcha.desk.review.forms import REASON, read_token
from mingcha.desk.shell.requests import PersonRequest
from mingcha.terms.calendar import today


@require_POST
def propose(request: PersonRequest, number: int) -> HttpResponse:
    """A plan drafted: equal months, or the days and amounts that were typed."""
    form = request.POST
    return on(request, number, instalments.propose, lambda: {
        "schedule": (typed := read_schedule(form.get("schedule", "")[:4000])),
        "many": len(typed) or read_count(form.get("many", "")),
        "first": today() if typed else read_day(form.get("first", "")),
        "reason": form.get("reason", "")[:REASON], "token": read_token(form.get("token", "")),
    })  # fmt: skip


@require_POST
def grant(request: PersonRequest, number: int, plan: int) -> HttpResponse:
    """The second signature under a plan."""
    return on(request, number, instalments.grant, lambda: {"plan": plan})


@require_POST
def discard(request: PersonRequest, number: int, plan: int) -> HttpResponse:
    """A drafted plan thrown away."""
    reason = request.POST.get("reason", "")[:REASON]
    return on(request, number, instalments.discard, lambda: {"plan": plan, "reason": reason})


@require_POST
def end(request: PersonRequest, number: int, plan: int) -> HttpResponse:
    """A granted plan taken back."""
    reason = request.POST.get("reason", "")[:REASON]
    return on(request, number, instalments.end, lambda: {"plan": plan, "reason": reason})
