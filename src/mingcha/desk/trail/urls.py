"""Addresses of the trail."""

from django.urls import path

from mingcha.desk.trail import views

urlpatterns = [
    path("trail", views.listed, name="trail"),
    path("trail/state", views.state, name="trail-state"),
    path("trail/export", views.export, name="trail-export"),
    path("trail/verify", views.verify, name="trail-verify"),
    path("trail/<int:number>", views.entry, name="trail-entry"),
]
