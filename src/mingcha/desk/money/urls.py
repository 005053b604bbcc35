"""Addresses of the money app."""

from django.urls import path

from mingcha.desk.money import plan_views, views

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
    path("money/<int:number>/plan", plan_views.propose, name="money-plan"),
    path("money/<int:number>/plan/<int:plan>/grant", plan_views.grant, name="money-plan-grant"),
    path("money/<int:number>/plan/<int:plan>/discard", plan_views.discard, name="money-plan-discard"),
    path("money/<int:number>/plan/<int:plan>/end", plan_views.end, name="money-plan-end"),
]
