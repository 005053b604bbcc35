"""Addresses of the desk. Each has a row in shell/permissions.py."""

from django.urls import include, path

from mingcha.desk.shell import views, watermark

urlpatterns = [
    path("", views.home, name="home"),
    path("health", views.health, name="health"),
    path("watermark.svg", watermark.picture, name="watermark"),
    path("", include("mingcha.desk.accounts.urls")),
    path("", include("mingcha.desk.jobs.urls")),  # before audit's: findings/count is nobody's number
    path("", include("mingcha.desk.review.urls")),  # before audit's: findings/move is nobody's number
    path("", include("mingcha.desk.audit.urls")),
    path("", include("mingcha.desk.portal.urls")),
    path("", include("mingcha.desk.selfcheck.urls")),
    path("", include("mingcha.desk.money.urls")),
    path("", include("mingcha.desk.benefits.urls")),
    path("", include("mingcha.desk.disbursements.urls")),
    path("", include("mingcha.desk.sampling.urls")),
    path("", include("mingcha.desk.documents.urls")),
    path("", include("mingcha.desk.library.urls")),
    path("", include("mingcha.desk.onboarding.urls")),
    path("", include("mingcha.desk.reminders.urls")),
    path("", include("mingcha.desk.trail.urls")),
    path("", include("mingcha.desk.notices.urls")),
]

handler403 = "mingcha.desk.shell.views.stale_form"
handler404 = "mingcha.desk.shell.views.not_found"
handler500 = "mingcha.desk.shell.views.failed"
