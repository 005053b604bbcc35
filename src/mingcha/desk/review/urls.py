"""Addresses of the review app."""

from django.urls import path

from mingcha.desk.review import views

urlpatterns = [
    path("findings/move", views.move_many, name="findings-move"),
    path("findings/views", views.keep_view, name="findings-keep-view"),
    path("findings/views/<int:number>/drop", views.drop_view, name="findings-drop-view"),
    path("findings/assign", views.assign, name="findings-assign"),
    path("findings/<str:number>/move", views.move_one, name="finding-move"),
    path("findings/<str:number>/papers", views.add_papers, name="finding-papers"),
    path("findings/<str:number>/ask", views.ask, name="finding-ask"),
    path("papers/<int:number>", views.paper, name="paper"),
    path("review/terms", views.terms, name="review-terms"),
    path("opinions", views.opinions, name="opinions"),
    path("opinions/<str:number>", views.opinion, name="opinion"),
]
