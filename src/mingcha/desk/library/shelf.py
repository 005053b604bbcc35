"""The library in force: the shipped pack with the signed changes of this office on top."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from mingcha.knowledge.archive import rule_from
from mingcha.knowledge.pack import Pack, Rule, load
from mingcha.knowledge.shipped import shipped_pack
from mingcha.procedure.rule_life import WITHDRAW
from mingcha.terms.calendar import today

if TYPE_CHECKING:
    from mingcha.home.directory import Home


@dataclass(frozen=True)
class Signed:
    """A signed version as the shelf needs it; `content` is the rule's JSON, None for a withdrawal."""

    id: int
    rule: str
    number: int
    intent: str
    content: str | None
    valid_from: date


_SIGNED = "SELECT id, rule, number, intent, content::text, valid_from FROM rule_version ORDER BY valid_from, id"


def signed(cursor: Any) -> tuple[Signed, ...]:
    """All signed versions, through a cursor of psycopg or of Django."""
    cursor.execute(_SIGNED)
    return tuple(Signed(*row) for row in cursor.fetchall())


def compose(pack: Pack, versions: Iterable[Signed], day: date) -> Pack:
    """The pack with every change in force on the day: of each rule the last one that has begun.

    A change stands on top of a newer shipped pack too: what the office signed is not undone by an upgrade.
    """
    last = {one.rule: one for one in sorted(versions, key=lambda v: (v.valid_from, v.id)) if one.valid_from <= day}
    if not last:
        return pack
    kept = [rule for rule in pack.rules if rule.id not in last]
    kept += [rule_of(one) for one in last.values() if one.intent != WITHDRAW]
    mark = max(one.id for one in last.values())
    rules = tuple(sorted(kept, key=lambda rule: rule.id))
    return replace(pack, rules=rules, version=f"{pack.version}+{mark}")


def rule_of(version: Signed) -> Rule:
    """The rule a signed version holds, under its own number."""
    assert version.content is not None
    return replace(rule_from(json.loads(version.content)), version=version.number)


@cache
def shipped() -> Pack:
    """The pack that came with the product, read once per process."""
    return load(shipped_pack())


def known(cursor: Any, rule: str, day: date) -> tuple[Rule, bool]:
    """The rule as it stands, or as it last stood, and whether it is in force; KeyError for one that never was."""
    for one in shelved(cursor, day).rules:
        if one.id == rule:
            return one, True
    held = [one for one in signed(cursor) if one.rule == rule and one.content and one.valid_from <= day]
    return (rule_of(held[-1]) if held else shipped().rule(rule)), False


@lru_cache(maxsize=4)
def _composed(versions: tuple[Signed, ...], day: date) -> Pack:
    return compose(shipped(), versions, day)


def shelved(cursor: Any, day: date) -> Pack:
    """The shipped pack as changed by this office, on that day."""
    return _composed(signed(cursor), day)


def in_force(home: Home, day: date | None = None) -> Pack:
    """The same for a program outside the desk; a home without the desk's tables has no changes."""
    from mingcha.home.database import connect

    with connect(home, "job") as pg:
        if pg.execute("SELECT to_regclass('public.rule_version') IS NULL").fetchone() == (True,):
            return shipped()
        return shelved(pg.cursor(), day or today())
