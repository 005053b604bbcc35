"""Addresses of the reminders app."""

from django.urls import path

from mingcha.desk.reminders import views

urlpatterns = [
    path("reminders", views.overview, name="reminders"),
    path("reminders/newest", views.newest, name="reminders-newest"),
    path("reminders/list", views.listed, name="reminders-list"),
    path("reminders/export", views.export, name="reminders-export"),
    path("reminders/calls", views.calls, name="reminder-calls"),
    path("reminders/calls/<int:number>", views.call, name="reminder-call"),
    path("reminders/calls/<int:number>/unmask", views.unmask_call, name="reminder-call-unmask"),
    path("reminders/<int:number>", views.reminder, name="reminder"),
    path("reminders/<int:number>/judge", views.judge, name="reminder-judge"),
]
