"""Pages for administrators: accounts, what may be done to them, and the limits of logins."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from mingcha.desk.accounts import administering, policy, queries, second_step
from mingcha.desk.accounts.models import Role
from mingcha.desk.shell.requests import PersonRequest
from mingcha.terms.calendar import today
from mingcha.terms.errors import MingchaError

ACTS: dict[str, Callable[..., str | None]] = {
    "disable": administering.disable, "enable": administering.enable, "unlock": administering.unlock,
    "reset-password": administering.reset_password, "end-sessions": administering.end_sessions,
    "reset-second-step": administering.reset_second_step,
}  # fmt: skip
"""What the account page's buttons do; each takes by, username and reason, and may answer with a password."""


@require_GET
def accounts(request: PersonRequest) -> HttpResponse:
    """Who may use the desk."""
    get = request.GET
    page, state = get.get("page", ""), get.get("state", "")
    chosen = queries.Chosen(
        q=get.get("q", "").strip()[:60], state=state if state in queries.STATES else "",
        role=get.get("role", "") if get.get("role", "") in Role.values else "",
        page=int(page) if page.isdecimal() and 0 < len(page) < 5 and int(page) else 1,
    )  # fmt: skip
    found, counts = queries.listed(chosen)
    context = {
        "section": "accounts", "found": found, "filter": chosen, "roles": Role.choices, "names": queries.area_names(),
        "tabs": [(state, words, counts[state]) for state, words in queries.STATES.items()],
        "total": counts[chosen.state], "more": chosen.page * queries.PAGE < counts[chosen.state],
    }  # fmt: skip
    return _fresh(render(request, "accounts/list.html", context))


def open_account(request: PersonRequest) -> HttpResponse:
    """The form for a new account; its answer shows the password once."""
    if request.method != "POST":
        return render(request, "accounts/open.html", _fields() | {"told": {}})
    told = _told(request.POST)
    username = request.POST.get("username", "").strip()
    try:
        password = administering.open_for(by=request.user.username, username=username, **told)
    except MingchaError as error:
        context = {"told": told | {"username": username}, "wrong": error.zh}
        return render(request, "accounts/open.html", _fields() | context, status=409)
    return _handed(request, username, password, "账号已开立")


@require_GET
def account(request: PersonRequest, username: str) -> HttpResponse:
    """One account: who it is, what may be done to it, what was done."""
    one = queries.one(username)
    if one is None:
        raise Http404
    context = _fields() | {
        "one": one, "log": queries.log(username), "own": one.pk == request.user.pk, "told": one,
        "locked": username in queries.locked(), "coded": second_step.in_force(one),
        "names": queries.area_names(),
    }  # fmt: skip
    return _fresh(render(request, "accounts/account.html", context))


@require_POST
def change(request: PersonRequest, username: str) -> HttpResponse:
    """Change who somebody is or what they may see."""
    told, reason = _told(request.POST), request.POST.get("reason", "")

    def act() -> None:
        administering.change(by=request.user.username, username=username, reason=reason, **told)

    return _acted(request, username, act)


@require_POST
def act(request: PersonRequest, username: str) -> HttpResponse:
    """Do one of ACTS to an account."""
    name, reason = request.POST.get("act", ""), request.POST.get("reason", "")
    if name not in ACTS:
        raise Http404
    return _acted(request, username, lambda: ACTS[name](by=request.user.username, username=username, reason=reason))


def limits(request: PersonRequest) -> HttpResponse:
    """The limits of logins: those in force at an area, and the form that sets one from a day on."""
    area = request.GET.get("area", "") or request.user.scope.split(",")[0]
    if request.method == "POST":
        post = request.POST
        try:
            told = {name: post.get(name, "") for name in ("area", "since", "reason")}
            if post.get("key") == policy.SECOND_STEP:
                administering.demand_codes(by=request.user.username, roles=post.getlist("roles"), **told)
            else:
                key, value = post.get("key", ""), post.get("value", "")
                administering.set_limit(by=request.user.username, key=key, value=value, **told)
        except MingchaError as error:
            return _refused(request, error, reverse("account-limits"))
        return redirect(f"{reverse('account-limits')}?area={post.get('area', '')}")
    context = {
        "section": "accounts", "area": area, "areas": queries.areas(), "all": request.user.scope == "*",
        "names": queries.area_names(), "limits": policy.LIMITS, "told": policy.told(area), "today": today(),
        "roles": Role.choices,
    }  # fmt: skip
    return render(request, "accounts/limits.html", context)


def _fields() -> dict[str, object]:
    return {"section": "accounts", "roles": Role.choices, "areas": queries.areas(), "all": queries.within("*")}


def _told(post: QueryDict) -> dict[str, str]:
    told = {name: post.get(name, "") for name in ("display_name", "organisation", "role", "provider")}
    return told | {"scope": "*" if "*" in post.getlist("scope") else ",".join(post.getlist("scope"))}


def _acted(request: PersonRequest, username: str, act: Callable[[], str | None]) -> HttpResponse:
    try:
        password = act()
    except administering.Missing as error:
        raise Http404 from error
    except MingchaError as error:
        return _refused(request, error, reverse("account", args=[username]))
    return _handed(request, username, password, "密码已重置") if password else redirect("account", username)


def _handed(request: PersonRequest, username: str, password: str, what: str) -> HttpResponse:
    """The one page that shows a password made for somebody."""
    context = {"section": "accounts", "username": username, "password": password, "what": what}
    return _fresh(render(request, "accounts/handed.html", context))


def _refused(request: PersonRequest, error: MingchaError, back: str) -> HttpResponse:
    """What could not be done, why, and the way back; nothing was written."""
    context = {"words": error.zh, "back": back, "section": "accounts", "group": "系统"}
    return render(request, "shell/refused.html", context, status=409)


def _fresh(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
