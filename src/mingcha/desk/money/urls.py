"""Addresses of the money app."""

from django.urls import path

from mingcha.desk.money import views

urlpatterns = [
    path("money", views.statements, name="money"),
    path("money/check", views.check, name="money-check"),
    path("money/export", views.export, name="money-export"),
    path("money/draft", views.draft, name="money-draft"),
    path("money/return", views.return_file, name="money-return"),
    path("money/<int:number>", views.statement, name="money-statement"),
    path("money/<int:number>/approve", views.approve, name="money-approve"),
    path("money/<int:number>/discard", views.discard, name="money-discard"),
    path("money/<int:number>/receive", views.receive, name="money-receive"),
]
