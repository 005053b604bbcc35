"""What of a pack was in force on a day: rows by their validity, parameters by their last value before it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from mingcha.knowledge.pack import Pack, Row, Rule


def is_in_force(row: Row, day: date) -> bool:
    """Whether the row counts on that day; both ends of its validity do."""
    return row.valid_from <= day and (row.valid_to is None or day <= row.valid_to)


def in_force(pack: Pack, day: date) -> Pack:
    """The pack as it was on a day: only rows in force, of each parameter only the value that counted."""
    return replace(pack, rules=tuple(_rule_on(rule, day) for rule in pack.rules))


def _rule_on(rule: Rule, day: date) -> Rule:
    rows = tuple(row for row in rule.knowledge if is_in_force(row, day))
    parameters = {name: tuple(d for d in dated if d.valid_from <= day)[-1:] for name, dated in rule.parameters.items()}
    return replace(rule, knowledge=rows, parameters=parameters)


def parameter(rule: Rule, name: str, day: date) -> Any:
    """The value of a rule's parameter on a day; None before its first; KeyError when the rule has no such parameter."""
    value = None
    for dated in rule.parameters[name]:
        if dated.valid_from <= day:
            value = dated.value
    return value
