"""Who saw it, and when: a faint mark behind pages with personal data, and a line at the foot of what is exported."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse
from django.utils.html import escape
from django.views.decorators.http import require_GET

from mingcha.desk.accounts.models import Account
from mingcha.desk.shell.requests import PersonRequest
from mingcha.terms.calendar import SHANGHAI


def line(account: Account) -> str:
    """Name, office, login name and the minute."""
    now = datetime.now(SHANGHAI)
    return " ".join(
        filter(None, (account.display_name, account.organisation, account.username, f"{now:%Y-%m-%d %H:%M}"))
    )


@require_GET
def picture(request: PersonRequest) -> HttpResponse:
    """One tile of the mark as an SVG file: the policy refuses styles made on the spot, so the style sheet names it."""
    words = line(request.user).split(" ")
    who, when = escape(" ".join(words[:-2])), escape(" ".join(words[-2:]))
    drawn = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="360" height="220"><g transform="rotate(-22 180 110)" '
        'text-anchor="middle" font-family="sans-serif" font-size="14" fill="#0b2a57" fill-opacity=".07">'
        f'<text x="180" y="104">{who}</text><text x="180" y="126">{when}</text></g></svg>'
    )
    return HttpResponse(drawn, content_type="image/svg+xml", headers={"Cache-Control": "no-store"})
