"""Addresses of the disbursements app."""

from django.urls import path

from mingcha.desk.disbursements import views

urlpatterns = [
    path("disbursements", views.batches, name="disbursements"),
    path("disbursements/new", views.new, name="disbursements-new"),
    path("disbursements/<int:number>", views.batch, name="disbursement"),
    path("disbursements/<int:number>/move", views.move, name="disbursement-move"),
    path("disbursements/<int:number>/out", views.take_out, name="disbursement-out"),
    path("disbursements/<int:number>/export", views.export, name="disbursement-export"),
    path("disbursements/<int:number>/return", views.return_file, name="disbursement-return"),
]
