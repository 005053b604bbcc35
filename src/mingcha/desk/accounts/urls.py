"""Addresses of the accounts app."""

from django.urls import path

from mingcha.desk.accounts import views

urlpatterns = [
    path("login", views.login, name="login"),
    path("logout", views.logout, name="logout"),
    path("password", views.password, name="password"),
    path("password/done", views.password, {"done": True}, name="password-done"),
    path("accounts", views.accounts, name="accounts"),
]
