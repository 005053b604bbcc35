"""Pages of the benefits app: the worklist, one item, and moving items one by one or many at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.db import connection, transaction
from django.http import FileResponse, Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from mingcha.desk.benefits import actions, export, queries
from mingcha.desk.benefits.actions import Wish, as_item
from mingcha.desk.benefits.queries import Filter
from mingcha.desk.benefits.standing import at, every_level, levels_of
from mingcha.desk.benefits.terms import terms_of
from mingcha.desk.money.forms import read_fen
from mingcha.desk.review.actors import Actor
from mingcha.desk.review.forms import REASON, read_token
from mingcha.desk.review.papers import EXCEL
from mingcha.desk.shell import watermark
from mingcha.desk.shell.requests import PersonRequest
from mingcha.desk.trail.actions import enter
from mingcha.procedure.benefits import FIRST, KINDS, LEVELS, MOVES, POINTS, STEPS, allowed, earlier
from mingcha.procedure.disbursements import RESULTS
from mingcha.procedure.review import CLOCKS, Term, clock_acts
from mingcha.terms.calendar import today
from mingcha.terms.errors import MingchaError, UsageError

AT_ONCE = 900
"""Items of one bulk move at most."""


@require_GET
def worklist(request: PersonRequest) -> HttpResponse:
    """Items within the scope, by step, with the counts of each tab and what is mine first."""
    hands, levels = _standing(request)
    chosen = Filter.read(request.GET)
    if "tab" not in request.GET and not levels:
        chosen = replace(chosen, tab="all")
    counted = queries.counts(chosen, hands, levels)
    tabs = [(tab, _TAB.get(tab) or STEPS[tab][0], counted.get(tab, {}).get("n", 0)) for tab in queries.TABS]
    page = queries.page(chosen, hands, levels, request.GET.get("after", ""), request.GET.get("before", ""))
    context = {
        "filter": chosen, "page": page, "tabs": [one for one in tabs if levels or one[0] != "mine"],
        "total": counted.get(chosen.tab, {"n": 0, "fen": 0}), "kinds": KINDS, "points": POINTS,
        "level": chosen.tab if chosen.tab in levels or (chosen.tab == "mine" and levels) else "",
        "moves": [(name, MOVES[name]) for name in ("pass", "return")],
        "earlier": [(one, LEVELS[one][0]) for one in list(LEVELS)[:-1]],
        "query": request.GET.urlencode(), "done": _done(request), "any": chosen.narrowed or counted["all"]["n"],
        "kind_words": {code: words for code, (words, _) in KINDS.items()},
        "step_words": {code: words for code, (words, _) in STEPS.items()}, "file": request.GET.get("file"),
        "added": request.GET.get("added"), "known": request.GET.get("known"),
    }  # fmt: skip
    return _page(request, "benefits/_list.html" if request.htmx else "benefits/list.html", context)


@require_GET
def export_list(request: PersonRequest) -> FileResponse:
    """What the list's filter holds, as an Excel file."""
    found = queries.all_of(Filter.read(request.GET), *_standing(request), export.MOST)
    with connection.cursor() as cursor:
        enter(cursor, by=request.user.username, action="benefits.export", subject="benefits",
              detail={"rows": len(found), "query": request.GET.urlencode()[:500]})  # fmt: skip
    file = export.write(found, watermark.line(request.user))
    return FileResponse(file, as_attachment=True, filename="待遇审核.xlsx", content_type=EXCEL)


_TAB = {"mine": "待我办理", "all": "全部"}


def _standing(request: PersonRequest) -> tuple[list[str], frozenset[str]]:
    """The login names a person's acts count for, and the levels that person may decide at."""
    actor = Actor.of(request.user)
    with connection.cursor() as cursor:
        staffing = terms_of(cursor, request.user.scope.split(",")[0]).staffing
    return [actor.name], every_level(actor, staffing)


def _done(request: PersonRequest) -> dict[str, Any] | None:
    token = request.GET.get("done", "")
    return queries.moved_by(token, request.user.username) if token else None


@require_GET
def item(request: PersonRequest, number: int) -> HttpResponse:
    """One item: what was claimed, what to look at, where it stands, the opinion form, papers and history."""
    found = found_or_404(number)
    hands, levels = _standing(request)
    chosen = Filter.read(request.GET)
    steps = queries.history(number)
    context = {
        "item": found, "history": steps, "papers": queries.papers(number), "payments": queries.payments(number),
        "result_words": {code: words for code, (words, _) in RESULTS.items()}, "others": queries.others_of(found),
        "next": queries.following(chosen, hands, levels, found), "query": request.GET.urlencode(),
        "kind": KINDS[found["kind"]][0], "step": STEPS[found["step"]][0], "token": uuid4(), "clock_token": uuid4(),
        "levels": {level: words[0] for level, words in LEVELS.items()}, "amend_token": uuid4(),
        "done": _done(request), "kinds": KINDS, "names": _WORDS,
        "way": [_stage(level, found, steps) for level in found["route"]],
        "left_out": [LEVELS[level][0] for level in LEVELS if level not in found["route"]],
    } | _mine(request, found, steps)  # fmt: skip
    return _page(request, "benefits/item.html", context)


_WORDS = {"enter": "录入", "amend": "更正"} | {name: move.zh for name, move in MOVES.items()} | {
    name: words for name, (words, _) in CLOCKS.items()
}  # fmt: skip


def _stage(level: str, found: dict[str, Any], steps: list[dict[str, Any]]) -> dict[str, Any]:
    """One level of the way: who decided it last, if that still stands."""
    route = found["route"]
    here = route.index(found["step"]) if found["step"] in route else len(route)
    last = next((one for one in reversed(steps) if one["level"] == level and one["name"] == "pass"), None)
    passed = route.index(level) < here and found["step"] != "closed"
    return {
        "words": LEVELS[level][0],
        "matter": LEVELS[level][2],
        "here": level == found["step"],
        "passed": passed,
        "who": last["who"] if last and passed else "",
        "at": last["at"] if last and passed else None,
    }


def _mine(request: PersonRequest, found: dict[str, Any], steps: list[dict[str, Any]]) -> dict[str, Any]:
    """What this person may do with the item, and if nothing, why."""
    one, actor = as_item(found), Actor.of(request.user)
    with connection.cursor() as cursor:
        staffing = terms_of(cursor, found["fund_area"]).staffing
    acting = at(actor, one.level, staffing)
    levels = levels_of(acting, staffing)
    other = next((step for step in steps if step["level"] != one.level
                  and {step["by"], step["acting_for"]} & set(acting.hands)), None)  # fmt: skip
    moves = [] if other else [(name, MOVES[name]) for name in allowed(one, levels)]
    term = Term(found["due"], found["paused_left"], found["extended"])
    mine = one.step == one.level and bool(moves)
    return {
        "moves": moves, "back": [(level, LEVELS[level][0]) for level in earlier(one)], "level": LEVELS[one.level],
        "held": LEVELS[other["level"]][0] if other and one.level in levels else "",
        "clocks": [(name, CLOCKS[name][0]) for name in clock_acts(term, today())] if mine else [],
        "may_amend": one.step == FIRST and bool(moves), "standing_in": acting.acting_for,
        "may_confirm": found["elsewhere"] and not found["confirmed_by"] and one.step in ("check", "focus", "site"),
    }  # fmt: skip


@require_POST
def move_one(request: PersonRequest, number: int) -> HttpResponse:
    """Move one item, or do something to its clock, and go on to the next of the list it was opened from."""
    found = found_or_404(number)
    query, here = request.POST.get("query", ""), reverse("benefit", args=[number])
    try:
        wish = _wish(request.POST, found)
        token = read_token(request.POST.get("token", ""))
        with transaction.atomic(), connection.cursor() as cursor:
            actions.move(
                cursor,
                actor=Actor.of(request.user),
                wish=wish,
                items={number: request.POST.get("step", "")},
                token=token,
            )
    except MingchaError as error:
        return refused(request, error, f"{here}?{query}")
    following = request.POST.get("next", "")
    to = reverse("benefit", args=[int(following)]) if following.isdecimal() and wish.name in MOVES else here
    if wish.name in MOVES and not following:
        to = reverse("benefits")
    return redirect(f"{to}?{_with(query, done=token)}")


def _wish(form: QueryDict, found: dict[str, Any] | None = None) -> Wish:
    """What a form asks for; an amount only where one item is moved, and only if it was changed."""
    text, fen = form.get("yuan", "").strip(), None
    if found and text and text != f"{found['approved_fen'] / 100:,.2f}":
        fen = 0 if text in ("0", "0.0", "0.00") else read_fen(text)
    return Wish(
        actions.read_name(form.get("move", "")), form.get("reason", "")[:REASON],
        actions.read_level(form.get("to", "")), fen, form.get("confirmed") == "1",
    )  # fmt: skip


@require_POST
def move_many(request: PersonRequest) -> HttpResponse:
    """Move the picked items, or all that the list's filter holds; first shown, then done."""
    query, back = request.POST.get("query", ""), f"{reverse('benefits')}?{request.POST.get('query', '')}"
    actor = Actor.of(request.user)
    try:
        wish, numbers = _wish(request.POST), _chosen(request)
        if not request.POST.get("sure"):
            with connection.cursor() as cursor:
                looked = actions.preview(cursor, actor=actor, wish=wish, items=numbers)
            context = {
                "looked": looked, "wish": wish, "move": MOVES[wish.name], "numbers": numbers.items(), "token": uuid4(),
                "back": back, "query": query, "to": LEVELS[wish.to][0] if wish.to else "",
            }  # fmt: skip
            return _page(request, "benefits/confirm.html", context)
        token = read_token(request.POST.get("token", ""))
        with transaction.atomic(), connection.cursor() as cursor:
            actions.move(cursor, actor=actor, wish=wish, items=numbers, token=token)
    except MingchaError as error:
        return refused(request, error, back)
    return redirect(f"{reverse('benefits')}?{_with(query, done=token)}")


def _chosen(request: PersonRequest) -> dict[int, str]:
    if request.POST.get("move") not in ("pass", "return"):
        raise UsageError("这一项要逐件办理。", "This is done item by item.")
    if request.POST.get("all"):
        query = QueryDict(request.POST.get("query", ""))
        found = queries.every(Filter.read(query), *_standing(request), AT_ONCE + 1)
    else:
        parts = [text.partition("-") for text in request.POST.getlist("number")[: AT_ONCE + 1]]
        found = {int(number): step for number, _, step in parts if number.isdecimal() and len(number) < 18}
    if not found:
        raise UsageError("还没有选择待遇。", "Nothing was picked.")
    if len(found) > AT_ONCE:
        raise UsageError(f"一次最多办理 {AT_ONCE:,} 件，请缩小范围。", f"At most {AT_ONCE:,} at once.")
    return found


def _with(query: str, **more: object) -> str:
    """The list's query with more in it, paging dropped: the list is shorter now."""
    kept = QueryDict(query).dict()
    for name in ("after", "before", "done", "file", "added", "known"):
        kept.pop(name, None)
    return urlencode(kept | {name: str(value) for name, value in more.items()})


def found_or_404(number: int) -> dict[str, Any]:
    """The item within the scope, or the page that says there is none."""
    found = queries.item(number)
    if found is None:
        raise Http404
    return found


def refused(request: PersonRequest, error: MingchaError, back: str) -> HttpResponse:
    """What could not be done, why, and the way back; nothing was written."""
    context = {"words": error.zh, "back": back, "section": "benefits", "group": "待遇与拨付"}
    return render(request, "shell/refused.html", context, status=409)


def _page(request: PersonRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    response = render(request, template, context | {"section": "benefits"})
    response["Cache-Control"] = "no-store"
    return response
