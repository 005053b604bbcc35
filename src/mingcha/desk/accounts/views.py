"""Pages of the own account: its password and its one-time codes."""

from __future__ import annotations

from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from mingcha.desk.accounts import actions, second_step
from mingcha.desk.accounts.forms import PasswordForm
from mingcha.desk.shell.requests import PersonRequest
from mingcha.terms.errors import MingchaError


def password(request: PersonRequest, done: bool = False) -> HttpResponse:
    """Change one's own password."""
    form = PasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        account = request.user
        actions.change_password(by=account.username, account=account, password=form.cleaned_data["new_password1"])
        update_session_auth_hash(request, account)
        return redirect("password-done")
    return render(request, "accounts/password.html", {"form": form, "done": done})


def second(request: PersonRequest) -> HttpResponse:
    """The own one-time codes: begin, confirm, renew the recovery codes, end."""
    account, wrong = request.user, ""
    if request.method == "POST":
        try:
            codes = _second(request)
        except MingchaError as error:
            wrong = error.zh
        else:
            return (
                _fresh(render(request, "accounts/recovery.html", {"codes": codes}))
                if codes
                else redirect("second-step")
            )
    context = {
        "on": second_step.in_force(account), "secret": second_step.secret(account), "wrong": wrong,
        "left": second_step.left(account), "demanded": second_step.demanded(account),
    }  # fmt: skip
    return _fresh(render(request, "accounts/second_step.html", context, status=409 if wrong else 200))


def _second(request: PersonRequest) -> list[str]:
    """Do what was asked for; recovery codes where new ones were made."""
    account, by = request.user, request.user.username
    name, code = request.POST.get("act", ""), request.POST.get("code", "").strip()[:40]
    if name == "begin":
        second_step.begin(by=by, account=account)
    elif name == "confirm":
        codes = second_step.confirm(by=by, account=account, code=code)
        request.session["desk"] |= {"enrol": False}
        request.session.modified = True
        return codes
    elif name == "renew":
        return second_step.renew_codes(by=by, account=account, code=code)
    elif name == "end":
        second_step.end(by=by, account=account, code=code)
    else:
        raise Http404
    return []


def second_picture(request: PersonRequest) -> HttpResponse:
    """The QR code of a secret that waits for its confirmation."""
    drawn = second_step.picture(request.user)
    if drawn is None:
        raise Http404
    return _fresh(HttpResponse(drawn, content_type="image/svg+xml"))


def _fresh(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
