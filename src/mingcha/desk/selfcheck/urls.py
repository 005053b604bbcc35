"""Addresses of the self-check."""

from django.urls import path

from mingcha.desk.selfcheck import views

urlpatterns = [
    path("portal/selfcheck", views.runs, name="selfcheck"),
    path("portal/selfcheck/begin", views.begin, name="selfcheck-begin"),
    path("portal/selfcheck/<int:number>", views.run, name="selfcheck-run"),
    path("portal/selfcheck/<int:number>/state", views.state, name="selfcheck-state"),
    path("portal/selfcheck/<int:number>/refused", views.refused_rows, name="selfcheck-refused"),
    path("portal/selfcheck/<int:number>/delete", views.delete, name="selfcheck-delete"),
]
