"""The request as views see it: the middleware has let a known person in, and htmx has said what it wants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from mingcha.desk.accounts.models import Account


class PersonRequest(HttpRequest):
    """A request of a logged-in person. For type checkers; Django makes the instances."""

    user: Account  # pyright: ignore[reportIncompatibleVariableOverride]
    htmx: HtmxDetails
