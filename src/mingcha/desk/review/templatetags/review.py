"""What the review app adds to the pages of findings: the opinion form, the history, the bar for many at once."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import template
from django.db import connection

from mingcha.desk.audit.forms import STEPS_OF
from mingcha.desk.review import assigning, own_views, queries
from mingcha.desk.review.actions import PASSED_OVER
from mingcha.desk.review.actors import Actor
from mingcha.desk.review.assigning import STEPS

register = template.Library()


@register.inclusion_tag("review/_decide.html", takes_context=True)
def decide(context: template.Context, found: dict[str, Any]) -> dict[str, Any]:
    """The opinion form of one finding, with what was done before."""
    request = context["request"]
    actor = Actor.of(request.user)
    moves = queries.moves_of(actor, found)
    answered, fill = queries.line_answers(found["id"]), request.GET.get("fill") == "provider"
    accepted = {(one["provider"], one["visit"], one["line"]): one["accepted_fen"] for one in answered} if fill else {}
    booked = [
        one | {"fill_fen": min(one["claim_fen"], accepted.get(key, one["claim_fen"]))}
        for one in context.get("booked") or []
        for key in [(one["provider"], one["visit"], one["line"])]
    ]
    return {
        "request": request, "finding": found, "moves": moves, "token": uuid4(),
        "clock_token": uuid4(), "clocks": queries.clocks_of(actor, found),
        "standing_in": queries.standing_in(actor, found, moves),
        "may_lower": any(move.amounts for _, move in moves),
        "history": queries.history(found["id"]), "papers": queries.papers(found["id"]),
        "opinions": queries.opinions(found["id"]), "similar": queries.similar(found),
        "experts": queries.experts(found) if queries.may_ask(actor, found) else None, "booked": booked,
        "answered": answered, "filled": bool(accepted),
        "csrf_token": context.get("csrf_token"), "next": context.get("after"), "query": request.GET.urlencode(),
    }  # fmt: skip


@register.inclusion_tag("review/_answer.html", takes_context=True)
def answer(context: template.Context, found: dict[str, Any]) -> dict[str, Any]:
    """The provider's answer form, its papers and what was done; of the office only that it was the office."""
    request = context["request"]
    return {
        "request": request, "finding": found, "moves": queries.moves_of(Actor.of(request.user), found),
        "token": uuid4(), "history": queries.history(found["id"]), "papers": queries.papers(found["id"]),
        "csrf_token": context.get("csrf_token"), "next": context.get("after"), "query": request.GET.urlencode(),
    }  # fmt: skip


@register.simple_tag
def token() -> str:
    """A number for a form: sent twice, it does its work once."""
    return str(uuid4())


@register.inclusion_tag("review/_bulk.html", takes_context=True)
def bulk(context: template.Context) -> dict[str, Any]:
    """The bar above the worklist for what is picked there; empty where this person has no move."""
    request = context["request"]
    reviews = request.user.role in assigning.WORKERS and STEPS_OF.get(context["filter"].tab, ("first",))[0] in STEPS
    with connection.cursor() as cursor:
        people = assigning.colleagues(cursor) if reviews and request.user.role in assigning.GIVERS else []
    return {
        "may_take": reviews, "people": people,
        "request": request, "moves": queries.moves_on(Actor.of(request.user), context["filter"].tab), "token": uuid4(),
        "total": context["total"], "tab": context["filter"].tab,
        "csrf_token": context.get("csrf_token"), "query": request.GET.urlencode(),
    }  # fmt: skip


@register.inclusion_tag("review/_done.html", takes_context=True)
def done(context: template.Context) -> dict[str, Any]:
    """What the person's last move did, told once on the page after it."""
    request = context["request"]
    number = request.GET.get("done", "")
    act = queries.act_done(int(number), request.user.username) if number.isdecimal() and len(number) < 18 else None
    passed = [(n, PASSED_OVER[why][0]) for why, n in act["passed_over"].items()] if act else []
    given = request.GET.get("given", "")
    return {"act": act, "passed": passed, "given": int(given) if given.isdecimal() and len(given) < 12 else None}


@register.inclusion_tag("review/_views.html", takes_context=True)
def own_filters(context: template.Context) -> dict[str, Any]:
    """The person's own filters, and the form that keeps the present one."""
    request = context["request"]
    query = request.GET.urlencode()
    return {
        "request": request, "kept": own_views.kept(), "query": query, "narrowed": context["filter"].narrowed,
        "csrf_token": context.get("csrf_token"),
    }  # fmt: skip
