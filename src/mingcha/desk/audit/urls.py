"""Addresses of the audit app."""

from django.urls import path

from mingcha.desk.audit import views

urlpatterns = [
    path("findings", views.findings, name="findings"),
    path("findings/export", views.findings_export, name="findings-export"),
    path("findings/<str:number>", views.finding, name="finding"),
    path("findings/<str:number>/visits", views.visits, name="finding-visits"),
    path("findings/<str:number>/ties", views.finding_ties, name="finding-ties"),
    path("findings/<str:number>/unmask", views.unmask, name="finding-unmask"),
    path("providers", views.providers, name="providers"),
    path("providers/<str:code>", views.provider, name="provider"),
    path("audits", views.audits, name="audits"),
    path("audits/<int:number>/report", views.audit_report, name="audit-report"),
]
