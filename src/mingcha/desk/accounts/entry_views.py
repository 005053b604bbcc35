"""The way in: name and password, then the one-time code where the account has one."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

from axes.handlers.proxy import AxesProxyHandler
from django.contrib.auth import login as log_in
from django.contrib.auth.signals import user_login_failed
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from mingcha.desk.accounts import second_step
from mingcha.desk.accounts.forms import LoginForm
from mingcha.desk.accounts.models import Account
from mingcha.desk.accounts.sessions import ENDED

_PATIENCE = 300  # seconds between the password and the code
_BACKEND = "django.contrib.auth.backends.ModelBackend"


class _Login(LoginView):
    """The login page; it says why a session has ended, and asks on for a code where the account has one."""

    template_name = "accounts/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"ended": ENDED.get(self.request.GET.get("why", ""), "")}

    def form_valid(self, form: Any) -> HttpResponse:
        account = form.get_user()
        if not second_step.in_force(account):
            return super().form_valid(form)
        self.request.session.cycle_key()
        self.request.session["second"] = {
            "account": account.pk, "at": int(time.time()), "fits": account.get_session_auth_hash()
        }  # fmt: skip
        asked = self.get_redirect_url()
        return redirect(f"{reverse('login-code')}{'?' + urlencode({'next': asked}) if asked else ''}")


login = _Login.as_view()
logout = LogoutView.as_view()


@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The second step: six digits from the phone, or a recovery code."""
    account = _waiting(request)
    if account is None:
        return redirect("login")
    wrong = False
    if request.method == "POST":
        credentials = {"username": account.username}
        if not AxesProxyHandler.is_allowed(request, credentials):
            return render(request, "accounts/locked.html", status=429)
        if second_step.use(by=account.username, account=account, code=request.POST.get("code", "")[:40]):
            del request.session["second"]
            log_in(request, account, _BACKEND)
            return redirect(_next(request))
        user_login_failed.send(sender=__name__, credentials=credentials, request=request)
        wrong = True
    return render(request, "accounts/code.html", {"wrong": wrong, "next": request.GET.get("next", "")})


def _waiting(request: HttpRequest) -> Account | None:
    """The account whose password was right a moment ago and hasn't changed since."""
    held = request.session.get("second")
    if request.user.is_authenticated or held is None or time.time() - held["at"] > _PATIENCE:
        return None
    account = Account.objects.filter(pk=held["account"], is_active=True).first()
    return account if account and account.get_session_auth_hash() == held["fits"] else None


def _next(request: HttpRequest) -> str:
    asked = request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return asked if asked and safe else resolve_url("home")
