"""Addresses of the notices app."""

from django.urls import path

from mingcha.desk.notices import endpoint_views, setting_views, views

urlpatterns = [
    path("notices", views.notices, name="notices"),
    path("notices/bell", views.bell, name="notices-bell"),
    path("notices/read", views.read, name="notices-read"),
    path("notices/wishes", setting_views.wishes, name="notice-wishes"),
    path("notices/wishes/set", setting_views.set_wishes, name="notice-wishes-set"),
    path("notices/address", setting_views.set_address, name="notice-address"),
    path("notices/channels", setting_views.channels, name="notice-channels"),
    path("notices/channels/set", setting_views.set_channel, name="notice-channel-set"),
    path("notices/channels/try", setting_views.try_channel, name="notice-channel-try"),
    path("notices/endpoints/add", endpoint_views.add, name="notice-endpoint-add"),
    path("notices/endpoints/<int:number>", endpoint_views.endpoint, name="notice-endpoint"),
    path("notices/endpoints/<int:number>/act", endpoint_views.act, name="notice-endpoint-act"),
    path("notices/<int:number>/open", views.open_one, name="notice-open"),
]
