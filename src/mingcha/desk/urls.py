"""Addresses of the desk. Each has a row in shell/permissions.py."""

from django.urls import include, path

from mingcha.desk.shell import views

urlpatterns = [
    path("", views.home, name="home"),
    path("health", views.health, name="health"),
    path("", include("mingcha.desk.accounts.urls")),
    path("", include("mingcha.desk.audit.urls")),
    path("", include("mingcha.desk.library.urls")),
]

handler403 = "mingcha.desk.shell.views.stale_form"
handler404 = "mingcha.desk.shell.views.not_found"
handler500 = "mingcha.desk.shell.views.failed"
