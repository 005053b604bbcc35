"""Addresses of the library app."""

from django.urls import path

from mingcha.desk.library import views

urlpatterns = [
    path("library", views.library, name="library"),
    path("library/changes", views.changes, name="changes"),
    path("library/changes/<int:number>", views.change, name="change"),
    path("library/changes/<int:number>/trial", views.trial, name="change-trial"),
    path("library/changes/<int:number>/edit", views.edit, name="change-edit"),
    path("library/changes/<int:number>/move", views.move, name="change-move"),
    path("library/rules/<slug:rule_id>", views.rule, name="rule"),
    path("library/rules/<slug:rule_id>/rows", views.rows, name="rule-rows"),
    path("library/rules/<slug:rule_id>/rows.csv", views.rows_csv, name="rule-rows-csv"),
    path("library/rules/<slug:rule_id>/change", views.begin, name="rule-change"),
]
