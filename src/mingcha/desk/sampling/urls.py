"""Addresses of the sampling app."""

from django.urls import path

from mingcha.desk.sampling import views

urlpatterns = [
    path("sampling", views.plans, name="sampling"),
    path("sampling/new", views.new, name="sampling-new"),
    path("sampling/<int:number>", views.plan, name="sampling-plan"),
    path("sampling/<int:number>/give", views.give, name="sampling-give"),
    path("sampling/<int:number>/again", views.again, name="sampling-again"),
    path("sampling/<int:number>/export", views.export, name="sampling-export"),
    path("sampling/<int:number>/cases/<int:n>", views.case, name="sampling-case"),
]
