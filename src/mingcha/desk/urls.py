"""Addresses of the desk. Each has a row in shell/permissions.py."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
