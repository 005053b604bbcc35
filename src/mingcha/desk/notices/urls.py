"""Addresses of the notices app."""

from django.urls import path

from mingcha.desk.notices import views

urlpatterns = [
    path("notices", views.notices, name="notices"),
    path("notices/bell", views.bell, name="notices-bell"),
    path("notices/read", views.read, name="notices-read"),
    path("notices/<int:number>/open", views.open_one, name="notice-open"),
]
