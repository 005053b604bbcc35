"""Addresses of the benefits app."""

from django.urls import path

from mingcha.desk.benefits import entry_views, term_views, views

urlpatterns = [
    path("benefits", views.worklist, name="benefits"),
    path("benefits/move", views.move_many, name="benefits-move"),
    path("benefits/export", views.export_list, name="benefits-export"),
    path("benefits/new", entry_views.new, name="benefits-new"),
    path("benefits/file", entry_views.file, name="benefits-file"),
    path("benefits/template", entry_views.template, name="benefits-template"),
    path("benefits/terms", term_views.terms, name="benefits-terms"),
    path("benefits/<int:number>", views.item, name="benefit"),
    path("benefits/<int:number>/move", views.move_one, name="benefit-move"),
    path("benefits/<int:number>/amend", entry_views.amend, name="benefit-amend"),
    path("benefits/<int:number>/papers", entry_views.add_papers, name="benefit-papers"),
    path("benefits/papers/<int:number>", entry_views.paper, name="benefit-paper"),
]
