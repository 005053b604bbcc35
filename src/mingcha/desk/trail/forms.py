"""The filter of the trail's page, read from the address: what is wrong there is ignored field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django import forms

from mingcha.desk.trail.words import ACTIONS, GROUPS
from mingcha.terms.calendar import today

SPAN = 30
"""Days the page shows unless others are asked for."""


@dataclass(frozen=True)
class Filter:
    """Which entries are meant: of which days, by whom, what, on what; `q` is looked for in all of it."""

    since: date
    until: date
    q: str = ""
    by: str = ""
    action: str = ""
    subject: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether anything but days is set."""
        return self != replace(self, q="", by="", action="", subject="")


class FilterForm(forms.Form):
    """Checks the address's parameters. An action is a code, or a group of codes by its name."""

    since = forms.DateField(required=False)
    until = forms.DateField(required=False)
    q = forms.CharField(max_length=100, required=False)
    by = forms.CharField(max_length=64, required=False)
    action = forms.ChoiceField(choices=[(code, "") for code in (*ACTIONS, *GROUPS)], required=False)
    subject = forms.CharField(max_length=200, required=False)


def read_filter(query: Mapping[str, str]) -> Filter:
    """The filter an address asks for; without days the last thirty, all days where one subject is asked for."""
    form = FilterForm(query)
    form.is_valid()
    given = {name: value for name, value in form.cleaned_data.items() if value not in (None, "")}
    until = given.pop("until", None) or today()
    span = 36_500 if "subject" in given else SPAN - 1
    since = given.pop("since", None) or until - timedelta(days=span)
    return Filter(min(since, until), max(since, until), **given)
