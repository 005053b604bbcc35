"""The page of how an area reviews and disburses benefits."""

from __future__ import annotations

from urllib.parse import urlencode

from django.db import connection, transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from mingcha.desk.accounts.queries import areas
from mingcha.desk.benefits import area_terms
from mingcha.desk.benefits.terms import terms_of
from mingcha.desk.benefits.views import refused
from mingcha.desk.shell.requests import PersonRequest
from mingcha.procedure.benefits import FIRST, KINDS, LEVELS, SIGN
from mingcha.terms.calendar import today
from mingcha.terms.errors import MingchaError


def terms(request: PersonRequest) -> HttpResponse:
    """What holds in an area today, what was set for which days, and the form that sets it."""
    area = request.GET.get("area", "") or request.user.scope.split(",")[0]
    if request.method == "POST":
        try:
            change = area_terms.read(request.POST)
            with transaction.atomic(), connection.cursor() as cursor:
                area_terms.put(cursor, by=request.user.username, change=change)
        except MingchaError as error:
            return refused(request, error, f"{reverse('benefits-terms')}?{urlencode({'area': area})}")
        return redirect(f"{reverse('benefits-terms')}?{urlencode({'area': change.area})}")
    with connection.cursor() as cursor:
        held = terms_of(cursor, area)
    words = {level: name for level, (name, _, _) in LEVELS.items()}
    context = {
        "section": "benefits-terms", "area": area, "areas": areas(), "all": request.user.scope == "*", "held": held,
        "today": today(), "days": [(kind, name, held.days[kind]) for kind, (name, _) in KINDS.items()],
        "levels": [(code, name, code in (FIRST, SIGN), code in held.levels, code in held.short_levels)
                   for code, name in words.items()],
        "told": [one | {"words": _told(one["value"], words)} for one in area_terms.told(area)],
    }  # fmt: skip
    return render(request, "benefits/terms.html", context)


def _told(value: dict[str, object], words: dict[str, str]) -> str:
    """The levels that were set, by name."""
    levels = value.get("levels")
    return " → ".join(words[one] for one in levels if one in words) if isinstance(levels, list) else "—"
