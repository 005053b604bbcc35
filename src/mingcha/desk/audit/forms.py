"""The filter of the worklist, read from the address: what is wrong there is ignored field by field, never an error."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from mingcha.desk.audit.models import Certainty

TABS = {
    "open": "待核实",
    "definite": "明确违规",
    "suspected": "可疑",
    "advisory": "提示",
    "lead": "线索",
    "decided": "已认定",
    "withdrawn": "已撤回",
    "all": "全部",
}
"""The four certainties are open findings of that certainty."""

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
        return {name: value for name in ("person", "practitioner") if (value := getattr(self, name))}


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
    sort = forms.ChoiceField(choices=list(SORTS.items()), required=False)


def read_filter(query: Any) -> Filter:
    """The filter an address asks for."""
    form = FilterForm(query)
    form.is_valid()
    given = {name: value for name, value in form.cleaned_data.items() if value not in (None, "")}
    return Filter(**{field.name: given[field.name] for field in fields(Filter) if field.name in given})
