"""An entry as a person reads it: what was done, on what, and the detail field by field, old beside new."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from django.urls import NoReverseMatch, reverse

from mingcha.desk.accounts.models import Role
from mingcha.desk.accounts.policy import LIMITS
from mingcha.desk.audit.models import Certainty
from mingcha.desk.library.shelf import shipped
from mingcha.desk.onboarding.models import StrengthChoice
from mingcha.desk.reminders.models import Verdict
from mingcha.desk.shell.permissions import may
from mingcha.desk.trail.words import ACTIONS, FIELDS, SUBJECTS
from mingcha.procedure.onboarding import ENVIRONMENTS, STATES
from mingcha.procedure.review import STEPS


class Said(NamedTuple):
    """A field of the detail in words. `old` is None where nothing was replaced."""

    label: str
    text: str
    old: str | None = None


def action_words(code: str) -> str:
    """What was done; the code itself where it has no words (an entry of another version)."""
    return ACTIONS.get(code, code)


def subject_words(subject: str, role: str = "") -> tuple[str, str]:
    """On what it was done, and the address of its page (empty where there is none that the role may open)."""
    kind, _, name = subject.partition(":")
    words, view = SUBJECTS.get(kind, (kind, ""))
    try:
        address = reverse(view, args=[name]) if name and may(role, view) else ""
    except NoReverseMatch:
        address = ""
    if kind == "setting":
        key, _, area = name.partition("@")
        name = f"{LIMITS[key].zh if key in LIMITS else key} {'' if area == '*' else area}"
    return f"{words} {name}".strip(), address


def said(detail: Mapping[str, Any]) -> list[Said]:
    """The detail in words: under `old` and `new` (or in a field of such two) one beside the other."""
    names = sorted((name for name in detail if not (_pair(detail) and name in ("old", "new"))), key=_place)
    told = [_field(name, detail[name]) for name in names if detail[name] not in ("", None, {}, [])]
    return [*_changes(detail["old"], detail["new"]), *told] if _pair(detail) else told


def sentence(detail: Mapping[str, Any]) -> str:
    """The same on one line."""
    return "；".join(
        f"{one.label} {one.text}" if one.old is None else f"{one.label} {one.old} → {one.text}" for one in said(detail)
    )


_ORDER = {name: place for place, name in enumerate(FIELDS)}


def _place(name: str) -> int:
    """The database keeps no order of fields: they are told in that of FIELDS."""
    return _ORDER.get(name, len(_ORDER))


def _pair(value: Any) -> bool:
    return isinstance(value, Mapping) and {"old", "new"} <= set(value)


def _changes(old: Any, new: Any) -> Iterator[Said]:
    if not (isinstance(old, Mapping) and isinstance(new, Mapping)):
        yield Said("内容", _value("", new), _value("", old))
        return
    for name in map(str, dict.fromkeys([*old, *new])):
        if old.get(name) != new.get(name):
            yield Said(FIELDS.get(name, name), _value(name, new.get(name)), _value(name, old.get(name)))


def _field(name: str, value: Any) -> Said:
    label = FIELDS.get(name, name)
    if _pair(value):
        return Said(label, _value(name, value["new"]), _value(name, value["old"]))
    return Said(label, _value(name, value))


def _value(name: str, value: Any) -> str:
    if value in (None, ""):
        return "（空）"
    if isinstance(value, bool):
        return "是" if value else "否"
    if name.endswith("fen") and isinstance(value, int):
        return f"{value / 100:,.2f}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Mapping):
        return "、".join(f"{FIELDS.get(key, key)} {_value(key, part)}" for key, part in value.items()) or "（空）"
    if isinstance(value, list):
        return "、".join(_value(name, part) for part in value) or "（空）"
    return _WORDS[name](str(value)) if name in _WORDS else str(value)


def _label(choices: Any) -> Callable[[str], str]:
    return lambda code: choices(code).label if code in choices.values else code


def _first(table: Mapping[str, tuple[str, str]]) -> Callable[[str], str]:
    return lambda code: table[code][0] if code in table else code


def _filter(query: str) -> str:
    """The address's query of a list, field by field."""
    parts = [(name, value) for name, value in parse_qsl(query) if value]
    return "、".join(f"{_FILTER.get(name, FIELDS.get(name, name))} {_value(name, value)}" for name, value in parts)


_FILTER = {
    "q": "关键词", "tab": "标签", "sort": "排序", "least": "最小金额（元）", "by": "人员", "action": "操作",
    "subject": "对象", "provider": "机构", "practitioner": "医师", "department": "科室", "person": "参保人",
}  # fmt: skip
_WORDS: dict[str, Callable[[str], str]] = {
    "role": _label(Role), "certainty": _label(Certainty), "strength": _label(StrengthChoice),
    "verdict": _label(Verdict), "environment": _first(ENVIRONMENTS), "status": _first(STATES), "to": _first(STEPS),
    "rule": lambda code: next((rule.name for rule in shipped().rules if rule.id == code), code),
    "intent": lambda code: {"revise": "修改", "withdraw": "停用"}.get(code, code),
    "scope": lambda code: "全部" if code == "*" else code,
    "": lambda code: {"active": "启用", "disabled": "停用"}.get(code, code), "kind": lambda code: code.upper(),
    "filter": _filter, "query": _filter, "tab": _label(Certainty),
    "action": action_words,
}  # fmt: skip
"""What a code means in a field of that name."""


def as_text(detail: Any) -> str:
    """The detail as it is stored, for who wants to compare."""
    return json.dumps(detail, ensure_ascii=False, indent=1)
