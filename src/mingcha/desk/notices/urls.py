"""Addresses of the notices app."""

from django.urls import path

from mingcha.desk.notices import setting_views, views

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
    path("notices/<int:number>/open", views.open_one, name="notice-open"),
]
