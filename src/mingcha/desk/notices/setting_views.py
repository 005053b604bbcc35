"""Pages where people say how they want to be told, and administrators how an area sends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection, transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from mingcha.desk.accounts.models import Role
from mingcha.desk.accounts.policy import home_area
from mingcha.desk.accounts.queries import areas
from mingcha.desk.audit.queries import rows
from mingcha.desk.notices import area_settings, endpoints, forms, own, sms, trying
from mingcha.desk.notices.events import EVENTS, GROUPS, PERSON, PROVIDER
from mingcha.desk.shell.requests import PersonRequest
from mingcha.terms.errors import MingchaError

STATES = {"waiting": "等待发送", "again": "等待重发", "sending": "正在发送", "sent": "已发送", "given_up": "没有送达",
          "dropped": "已在工作台读过，不再发送"}  # fmt: skip


@require_GET
def wishes(request: PersonRequest) -> HttpResponse:
    """The own addresses, quiet hours and choices."""
    account = request.user
    with connection.cursor() as cursor:
        here = area_settings.settings_of(cursor, home_area(account.scope))
        held = own.held(cursor, settings.HOME, account.username, here.defaults)
    offered = [(group, [_offer(code, held["choices"]) for code in _of(group, account.role)]) for group in GROUPS]
    context = {
        "section": "notices", "held": held, "quiet": here.quiet, "rhythms": own.RHYTHMS, "channels": own.CHANNELS,
        "open": here.channels, "offered": [(group, rows) for group, rows in offered if rows],
    }  # fmt: skip
    response = render(request, "notices/wishes.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _of(group: str, role: str) -> list[str]:
    """The events of a group that a post may be told of beyond the desk; lent posts aside."""
    own = PROVIDER if role == Role.PROVIDER else PERSON
    return [code for code, event in EVENTS.items() if event.group == group and event.outside
            and (role in event.roles or (not event.roles and event.to in (PERSON, own)))]  # fmt: skip


def _offer(code: str, chosen: dict[tuple[str, str], bool]) -> dict[str, Any]:
    plain = EVENTS[code].zh
    return {
        "words": plain.format_map(dots()),
        "urgent": EVENTS[code].urgent,
        "boxes": [(f"{code}/{channel}", words, chosen[code, channel]) for channel, words in own.CHANNELS.items()],
    }  # fmt: skip


def dots() -> dict[str, str]:
    """For a sentence of which nothing has happened yet."""
    return defaultdict(lambda: "…", n="N")


@require_POST
def set_wishes(request: PersonRequest) -> HttpResponse:
    """Keep rhythm, quiet hours and choices."""
    post = request.POST
    wanted = [(event, channel) for event, _, channel in (one.partition("/") for one in post.getlist("want")[:500])]
    return acted(request, reverse("notice-wishes"), lambda cursor: own.set_wishes(
        cursor, by=request.user.username, rhythm=post.get("rhythm", ""), since=forms.read_time(post.get("since", "")),
        until=forms.read_time(post.get("until", "")), wanted=wanted,
        offered=[code for group in GROUPS for code in _of(group, request.user.role)],
        defaults=area_settings.settings_of(cursor, home_area(request.user.scope)).defaults,
    ))  # fmt: skip


@require_POST
def set_address(request: PersonRequest) -> HttpResponse:
    """Set or take away an own address."""
    channel, address = request.POST.get("channel", ""), request.POST.get("address", "")[:300]
    if channel not in own.CHANNELS:
        raise Http404
    return acted(request, reverse("notice-wishes"), lambda cursor: own.set_address(
        cursor, settings.HOME, by=request.user.username, channel=channel, address=address,
    ))  # fmt: skip


@require_GET
def channels(request: PersonRequest) -> HttpResponse:
    """How an area sends, and what became of the last seven days' deliveries."""
    area = request.GET.get("area", "") or request.user.scope.split(",")[0]
    with connection.cursor() as cursor:
        held = area_settings.settings_of(cursor, area)
    health = rows("SELECT channel, state, n, error, last FROM facts.notice_health() ORDER BY 1, 2")
    context = {
        "section": "notice-channels", "area": area, "areas": areas(), "all": request.user.scope == "*", "held": held,
        "security": area_settings.SECURITY, "tried": request.GET.get("tried", ""), "names": own.CHANNELS,
        "endpoints": endpoints.listed(), "kinds": endpoints.KINDS, "states": endpoints.STATES,
        "offered": [(code, event.zh.format_map(dots())) for code, event in endpoints.OFFERED.items()],
        "adapters": sms.ADAPTERS, "template": held.sms.get("template") or sms.TEMPLATE,
        "headers": "\n".join(f"{name}: {value}" for name, value in held.sms.get("headers", {}).items()),
        "grid": [_offer(code, {(code, channel): own.wanted_by_default(code, channel, held.defaults)
                               for channel in own.CHANNELS}) for code, event in EVENTS.items() if event.outside],
        "health": [one | {"words": STATES[one["state"]]} for one in health],
    }  # fmt: skip
    return render(request, "notices/channels.html", context)


@require_POST
def set_channel(request: PersonRequest) -> HttpResponse:
    """Set a part of how an area sends."""
    post, area, part = request.POST, request.POST.get("area", ""), request.POST.get("part", "")
    read: dict[str, Callable[[Any], dict[str, Any]]] = {
        "mail": forms.read_mail, "sms": forms.read_sms, "quiet": forms.read_quiet, "links": forms.read_links,
        "defaults": forms.read_defaults,
    }  # fmt: skip
    if part not in read:
        raise Http404

    def act(cursor: Any) -> None:
        value = read[part](post)
        if part in ("mail", "sms") and value:
            before = getattr(area_settings.settings_of(cursor, area), part)
            sealed = area_settings.sealed_with(settings.HOME, part, area, post.get("password", ""), before, value)
            value |= {"sealed": sealed} if sealed else {}
        area_settings.put(cursor, by=request.user.username, area=area, part=part, value=value)

    return acted(request, f"{reverse('notice-channels')}?{urlencode({'area': area})}", act)


@require_POST
def try_channel(request: PersonRequest) -> HttpResponse:
    """Send a test by a channel, at once, and tell how it went."""
    area, back = request.POST.get("area", ""), reverse("notice-channels")
    channel, to = request.POST.get("channel", ""), request.POST.get("to", "").strip()[:200]
    if channel not in own.CHANNELS:
        raise Http404
    return acted(
        request, f"{back}?{urlencode({'area': area, 'tried': channel})}",
        lambda cursor: trying.send(cursor, settings.HOME, by=request.user.username, area=area, channel=channel, to=to),
        f"{back}?{urlencode({'area': area})}",
    )  # fmt: skip


def acted(request: PersonRequest, to: str, act: Callable[[Any], None], back: str = "") -> HttpResponse:
    """Do it in a transaction and go on; or say what could not be done, and why."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            act(cursor)
    except MingchaError as error:
        context = {"words": error.zh, "back": back or to, "section": "notices", "group": "通知"}
        return render(request, "shell/refused.html", context, status=409)
    return redirect(to)
