"""Addresses of the jobs app."""

from django.urls import path

from mingcha.desk.jobs import views

urlpatterns = [
    path("jobs", views.jobs, name="jobs"),
    path("jobs/state", views.state, name="jobs-state"),
    path("jobs/<int:number>/cancel", views.cancel, name="job-cancel"),
    path("jobs/<int:number>/file", views.file, name="job-file"),
    path("findings/count", views.count, name="findings-count"),
    path("findings/count/<int:number>", views.counted, name="findings-counted"),
]
