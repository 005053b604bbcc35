"""What the frame around every page shows: the numbers beside the menu."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.http import HttpRequest

from mingcha import __version__


def shell(request: HttpRequest) -> dict[str, Any]:
    """The open findings within the person's scope, counted now; nothing without a login."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or getattr(request, "htmx", False):
        return {"version": __version__}
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM finding WHERE state = 'open'")
        row = cursor.fetchone()
    return {"version": __version__, "open_findings": row[0] if row else 0}
