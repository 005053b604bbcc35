"""What the frame around every page shows: the numbers beside the menu."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from mingcha import __version__
from mingcha.desk.audit.counts import open_findings
from mingcha.desk.notices.queries import unread


def shell(request: HttpRequest) -> dict[str, Any]:
    """The open findings within the person's scope and the unread notices, as counted; nothing without a login."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or getattr(request, "htmx", False):
        return {"version": __version__}
    return {"version": __version__, "open_findings": open_findings(), "unread_notices": unread()}
