"""Addresses of the documents app."""

from django.urls import path

from mingcha.desk.documents import outside_views, template_views, views

urlpatterns = [
    path("documents", views.documents, name="documents"),
    path("documents/draft", views.draft, name="document-draft"),
    path("documents/zip", views.zipped, name="documents-zip"),
    path("documents/organ", views.organ, name="documents-organ"),
    path("documents/templates", template_views.templates, name="documents-templates"),
    path("documents/templates/withdraw", template_views.withdraw, name="documents-templates-withdraw"),
    path("documents/templates/<str:kind>", template_views.file, name="documents-template-file"),
    path("documents/<int:number>", views.document, name="document"),
    path("documents/<int:number>/page.png", views.picture, name="document-picture"),
    path("documents/<int:number>/pdf", views.pdf, name="document-pdf"),
    path("documents/<int:number>/docx", views.docx, name="document-docx"),
    path("documents/<int:number>/edit", views.edit, name="document-edit"),
    path("documents/<int:number>/move", views.move, name="document-move"),
    path("documents/<int:number>/sign", views.sign, name="document-sign"),
    path("documents/<int:number>/deliver", views.deliver, name="document-deliver"),
    path("portal/documents", outside_views.documents, name="portal-documents"),
    path("portal/documents/<int:number>/open", outside_views.open_one, name="portal-document-open"),
    path("portal/documents/<int:number>/pdf", outside_views.pdf, name="portal-document-pdf"),
]
