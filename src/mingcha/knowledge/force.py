"""What of a pack was in force when: rows by their validity, parameters by their last value before, pauses left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from mingcha.knowledge.pack import Pack, Pause, Row, Rule


def is_in_force(row: Row, day: date) -> bool:
    """Whether the row counts on that day; both ends of its validity do."""
    return row.valid_from <= day and (row.valid_to is None or day <= row.valid_to)


def in_force(pack: Pack, day: date) -> Pack:
    """The pack as it was on a day: only rows in force, of each parameter only the value that counted."""
    return replace(pack, rules=tuple(_rule_on(rule, day) for rule in pack.rules))


def pause_on(rule: Rule, day: date) -> Pause | None:
    """The pause the rule is in on that day, or None."""
    return next((p for p in rule.off if (p.since or date.min) <= day <= (p.until or date.max)), None)


def left_of(since: date, until: date | None, pauses: Iterable[Pause]) -> list[tuple[date, date | None]]:
    """What is left of a time when the pauses are taken out, in order; both days included, None is open."""
    left = [(since, until)]
    for pause in pauses:
        first, last = pause.since or date.min, pause.until or date.max
        pieces = []
        for begin, end in left:
            if last < begin or first > (end or date.max):
                pieces.append((begin, end))
                continue
            if begin < first:
                pieces.append((begin, first - timedelta(days=1)))
            if last < (end or date.max):
                pieces.append((last + timedelta(days=1), end))
        left = pieces
    return left


def _rule_on(rule: Rule, day: date) -> Rule:
    rows = () if pause_on(rule, day) else tuple(row for row in rule.knowledge if is_in_force(row, day))
    parameters = {name: tuple(d for d in dated if d.valid_from <= day)[-1:] for name, dated in rule.parameters.items()}
    return replace(rule, knowledge=rows, parameters=parameters)


def parameter(rule: Rule, name: str, day: date, **who: Any) -> Any:
    """The value of a rule's parameter on a day; None before its first; KeyError when the rule has no such parameter.

    `who` may say provider, insurance and level: the most particular value that fits counts.
    """
    by_scope = {}
    for one in sorted(rule.scoped, key=lambda s: s.valid_from):
        if one.parameter == name and one.valid_from <= day and one.fits(who):
            by_scope[one.scope] = one.value
    fitting = {tuple(part is None for part in scope): value for scope, value in by_scope.items() if value is not None}
    if fitting:
        return fitting[min(fitting)]
    value = None
    for dated in rule.parameters[name]:
        if dated.valid_from <= day:
            value = dated.value
    return value
