"""Pages of the accounts app."""

from __future__ import annotations

from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpResponse
from django.shortcuts import redirect, render

from mingcha.desk.accounts import actions, queries
from mingcha.desk.accounts.forms import LoginForm, PasswordForm
from mingcha.desk.shell.requests import PersonRequest

login = LoginView.as_view(
    template_name="accounts/login.html", authentication_form=LoginForm, redirect_authenticated_user=True
)
logout = LogoutView.as_view()


def password(request: PersonRequest, done: bool = False) -> HttpResponse:
    """Change one's own password."""
    form = PasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        account = request.user
        actions.change_password(by=account.username, account=account, password=form.cleaned_data["new_password1"])
        update_session_auth_hash(request, account)
        return redirect("password-done")
    return render(request, "accounts/password.html", {"form": form, "done": done})


def accounts(request: PersonRequest) -> HttpResponse:
    """Who may use the desk."""
    return render(request, "accounts/list.html", {"accounts": queries.all_accounts(), "section": "accounts"})
