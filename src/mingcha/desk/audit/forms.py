"""The filter of the worklist, read from the address: what is wrong there is ignored field by field, never an error."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from mingcha.desk.audit.models import Certainty

TABS = {
    "open": "待初审",
    "definite": "明确违规",
    "suspected": "可疑",
    "advisory": "提示",
    "lead": "线索",
    "notified": "待反馈",
    "appealed": "待复核",
    "panel": "待合议",
    "final": "待终审",
    "signed": "待扣款",
    "deducted": "已扣款",
    "closed": "已了结",
    "withdrawn": "已撤回",
    "all": "全部",
}
STEPS_OF = {"notified": ("notified", "upheld"), "closed": ("dropped", "revoked", "lead"), "open": ("first",)} | {
    step: (step,) for step in ("appealed", "panel", "final", "signed", "deducted", "withdrawn")
}
"""The steps a tab holds. The four certainties are findings before the first review, of that certainty."""

WITH_TERM = ("open", "notified", "appealed", "panel", "final")
"""Tabs whose findings have a day by which they must be moved."""

ENDED = ("signed", "deducted", "closed", "withdrawn")
"""Tabs whose findings wait for nobody: they have no such day."""

CERTAIN = ("definite", "suspected", "advisory", "lead")


def tab_of(step: str) -> str:
    """The tab that holds a step."""
    return next(tab for tab, steps in STEPS_OF.items() if step in steps)

SORTS = {"-amount": "金额从大到小", "amount": "金额从小到大", "-day": "日期从近到远", "day": "日期从远到近"}


@dataclass(frozen=True)
class Filter:
    """Which findings are listed, and in which order. `least_fen` is the smallest counted amount."""

    tab: str = "open"
    q: str = ""
    provider: str = ""
    rule: str = ""
    certainty: str = ""
    since: date | None = None
    until: date | None = None
    least: Decimal | None = None
    person: int | None = None
    practitioner: str = ""
    late: bool = False
    today: bool = False
    mine: bool = False
    sort: str = "-amount"

    @property
    def least_fen(self) -> int | None:
        return None if self.least is None else int(self.least * 100)

    @property
    def narrowed(self) -> bool:
        """Whether anything but tab and order is set."""
        return replace(self, tab="open", sort="-amount") != Filter()

    @property
    def beyond_bar(self) -> dict[str, Any]:
        """What is set by links and not by the filter bar, to be carried along."""
        names = ("person", "practitioner", "late", "today", "mine")
        return {name: value for name in names if (value := getattr(self, name))}


class FilterForm(forms.Form):
    """Checks the address's parameters."""

    tab = forms.ChoiceField(choices=list(TABS.items()), required=False)
    q = forms.CharField(max_length=100, required=False)
    provider = forms.CharField(max_length=60, required=False)
    rule = forms.CharField(max_length=100, required=False)
    certainty = forms.ChoiceField(choices=[("", "全部"), *Certainty.choices], required=False)
    since = forms.DateField(required=False)
    until = forms.DateField(required=False)
    least = forms.DecimalField(min_value=0, max_digits=12, decimal_places=2, required=False)
    person = forms.IntegerField(min_value=0, max_value=2**63 - 1, required=False)
    practitioner = forms.CharField(max_length=60, required=False)
    late = forms.BooleanField(required=False)
    today = forms.BooleanField(required=False)
    mine = forms.BooleanField(required=False)
    sort = forms.ChoiceField(choices=list(SORTS.items()), required=False)


def read_filter(query: Any) -> Filter:
    """The filter an address asks for."""
    form = FilterForm(query)
    form.is_valid()
    given = {name: value for name, value in form.cleaned_data.items() if value not in (None, "", False)}
    return Filter(**{field.name: given[field.name] for field in fields(Filter) if field.name in given})
