"""Addresses of the portal."""

from django.urls import path

from mingcha.desk.portal import views

urlpatterns = [
    path("portal", views.portal, name="portal"),
    path("portal/table", views.table, name="portal-table"),
    path("portal/answers", views.answer_table, name="portal-answers"),
    path("portal/statistics", views.own_statistics, name="portal-statistics"),
    path("portal/statistics/table", views.statistics_table, name="portal-statistics-table"),
    path("portal/findings/<str:number>", views.finding, name="portal-finding"),
    path("portal/findings/<str:number>/split", views.split, name="portal-split"),
]
