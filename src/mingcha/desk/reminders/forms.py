"""Filters of the reminder pages, read from the address: what is wrong there is ignored field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django import forms

from mingcha.terms.calendar import today

TABS = {"": "全部", "changed": "已修改", "insisted": "坚持并说明", "ignored": "未处理", "waiting": "等待反馈",
        "snoozed": "已暂停"}
DIMENSIONS = {"rule": "规则", "department": "科室", "practitioner": "医师", "provider": "机构", "day": "日期"}
ENVIRONMENTS = {"production": "生产", "test": "测试", "all": "全部"}
SPAN = 30
"""Days a page shows unless others are asked for."""


@dataclass(frozen=True)
class Filter:
    """Which reminders or calls are meant. `hits` keeps calls with a reminder, `partial` those not fully judged,
    `refused` those sent back."""

    since: date
    until: date
    tab: str = ""
    by: str = "rule"
    environment: str = "production"
    q: str = ""
    provider: str = ""
    rule: str = ""
    practitioner: str = ""
    department: str = ""
    visit: str = ""
    infno: str = ""
    hits: bool = False
    partial: bool = False
    refused: bool = False
    page: int = 1

    @property
    def narrowed(self) -> bool:
        """Whether anything but days and order is set."""
        return replace(self, page=1, by="rule") != Filter(self.since, self.until)


class FilterForm(forms.Form):
    """Checks the address's parameters."""

    since = forms.DateField(required=False)
    until = forms.DateField(required=False)
    tab = forms.ChoiceField(choices=list(TABS.items()), required=False)
    by = forms.ChoiceField(choices=list(DIMENSIONS.items()), required=False)
    environment = forms.ChoiceField(choices=list(ENVIRONMENTS.items()), required=False)
    q = forms.CharField(max_length=60, required=False)
    provider = forms.CharField(max_length=60, required=False)
    rule = forms.CharField(max_length=100, required=False)
    practitioner = forms.CharField(max_length=60, required=False)
    department = forms.CharField(max_length=60, required=False)
    visit = forms.CharField(max_length=60, required=False)
    infno = forms.ChoiceField(choices=[("3101", ""), ("3102", ""), ("3103", "")], required=False)
    hits = forms.BooleanField(required=False)
    partial = forms.BooleanField(required=False)
    refused = forms.BooleanField(required=False)
    page = forms.IntegerField(min_value=1, max_value=10_000, required=False)


def read_filter(query: Mapping[str, str]) -> Filter:
    """The filter an address asks for; without days the last thirty."""
    form = FilterForm(query)
    form.is_valid()
    given = {name: value for name, value in form.cleaned_data.items() if value not in (None, "")}
    until = given.pop("until", None) or today()
    since = given.pop("since", None) or until - timedelta(days=SPAN - 1)
    return Filter(min(since, until), until, **given)
