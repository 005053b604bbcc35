"""Addresses of the accounts app."""

from django.urls import path

from mingcha.desk.accounts import admin_views, area_views, entry_views, standing_views, views

urlpatterns = [
    path("login", entry_views.login, name="login"),
    path("logout", entry_views.logout, name="logout"),
    path("login/code", entry_views.code, name="login-code"),
    path("second-step", views.second, name="second-step"),
    path("second-step/qr.svg", views.second_picture, name="second-step-qr"),
    path("password", views.password, name="password"),
    path("password/done", views.password, {"done": True}, name="password-done"),
    path("me", standing_views.me, name="me"),
    path("me/lend", standing_views.lend, name="delegation-lend"),
    path("me/lend/<int:number>/end", standing_views.take_back, name="delegation-end"),
    path("me/recusals", standing_views.declare, name="recusal-declare"),
    path("me/recusals/<int:number>/end", standing_views.end_recusal, name="recusal-end"),
    path("me/ask", standing_views.ask, name="access-ask"),
    path("recusals", standing_views.all_recusals, name="recusals"),
    path("accounts/requests", standing_views.requests, name="access-requests"),
    path("accounts/requests/<int:number>", standing_views.decide, name="access-decide"),
    path("areas", area_views.tree, name="areas"),
    path("areas/add", area_views.add, name="area-add"),
    path("areas/of/<str:code>", area_views.area, name="area"),
    path("areas/of/<str:code>/change", area_views.change, name="area-change"),
    path("areas/of/<str:code>/close", area_views.close, name="area-close"),
    path("accounts", admin_views.accounts, name="accounts"),
    path("accounts/open", admin_views.open_account, name="account-open"),
    path("accounts/limits", admin_views.limits, name="account-limits"),
    path("accounts/of/<str:username>", admin_views.account, name="account"),
    path("accounts/of/<str:username>/change", admin_views.change, name="account-change"),
    path("accounts/of/<str:username>/act", admin_views.act, name="account-act"),
]
