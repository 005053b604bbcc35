"""What to do in place of what a rule flags, as far as its knowledge says: made ready once, told once a flag."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

from mingcha.engines.effective import Effective, Known, as_codes
from mingcha.engines.facts import Facts
from mingcha.engines.memory import Memory
from mingcha.engines.message import Messages

_SUBSTANCE = 10
"""Characters of a Western drug's national code before its dose form (reference: interface §3.1)."""
_SWALLOWED = "AEN"
"""Dose forms that are swallowed, the only ones one may stand for another of: tablets, capsules, granules. The letters
were read off the names in the published batches."""
_ELSEWHERE = ("阴道", "外用", "含漱")
_TOLD = 3
"""Other forms named at most: a doctor reads no list."""
_ASKED = 40
"""Codes of a substance that are looked at."""


@dataclass(frozen=True)
class Alternative:
    """A sentence, and what of it a system can act on: items with names, a unit price in 1/10000 yuan, a day as text."""

    words: str
    items: tuple[tuple[str, str], ...] = ()
    price: int | None = None
    day: str | None = None


class Alternatives:
    """The alternatives of a pack's rules. `of` is asked once a flag."""

    def __init__(self, pack: Effective, memory: Memory) -> None:
        self.pack, self.memory = pack, memory
        self.says = Messages(pack, instead=True)
        self.names: dict[str, str] = {}
        self.offers = {known.number: plan.kind.offer for plan in pack.plans for known in plan.known}
        forms: dict[str, set[str]] = {}
        for known in pack.known:
            if known.row is None:
                continue
            self.names.setdefault(known.row.item, known.row.name)
            self._name_partners(known)
            if _is_swallowed(known.row.item, known.row.name):
                forms.setdefault(known.row.item[:_SUBSTANCE], set()).add(known.row.item)
        self.alone = {
            id(check) for plan, check in zip(pack.plans, memory.checks, strict=True)
            if check.frame == "line" and not plan.kind.checks[plan.choice].aggregates()
        }  # fmt: skip
        self.forms = {substance: sorted(codes)[:_ASKED] for substance, codes in forms.items() if len(codes) > 1}

    def _name_partners(self, known: Known) -> None:
        """A row that names its one other item in words knows what that item is called."""
        column = self.offers[known.number].items
        codes = as_codes(known.values[column]) if column else ()
        if len(codes) == 1 and known.row and known.row.words:
            self.names.setdefault(codes[0], known.row.words)

    def of(self, rule: int, shown: int, row: Any, why: Mapping[str, Any], facts: Facts) -> Alternative | None:
        """What to do instead of a flagged row; None where nothing is known. `row` is None for what is no fee line."""
        if not self.says.texts[rule]:
            return None
        known, offer = self.pack.known[shown], self.offers[shown]
        codes = as_codes(known.values[offer.items]) if offer.items else ()
        if offer.forms and row is not None:
            codes = self._other_forms(row, facts)
        items = tuple((code, self.names.get(code, "")) for code in codes[:_TOLD] if not code.startswith("名称:"))
        words = self.says.message(rule, shown, dict(why))
        if offer.forms and items:
            words += "可选：" + "、".join(dict.fromkeys(name for _, name in items)) + "。"
        return Alternative(words, items, why.get(offer.price or ""), why.get(offer.day or ""))

    def _other_forms(self, row: Any, facts: Facts) -> tuple[str, ...]:
        """Codes of the substance in another swallowed form that nothing restricts for this person, one a name."""
        found: dict[str, str] = {}
        codes = self.forms.get(row.item[:_SUBSTANCE], ())
        for code in codes if row.item in codes else ():
            if code[_SUBSTANCE] != row.item[_SUBSTANCE] and self._passes(code, row, facts):
                found.setdefault(self.names[code], code)
        return tuple(found.values())

    def _passes(self, code: str, row: Any, facts: Facts) -> bool:
        """Whether rules that look at the order alone surely let the same order of that code pass; the others are asked
        when it comes."""
        other = copy(row)
        other.item = code
        asked = ((check, known) for check, known in self.memory.by_item.get(code, ()) if id(check) in self.alone)
        return all(check.judge(other, known, facts) is None for check, known in asked)


def _is_swallowed(code: str, name: str) -> bool:
    return len(code) == 23 and code[0] == "X" and code[_SUBSTANCE] in _SWALLOWED and not any(
        word in name for word in _ELSEWHERE
    )  # fmt: skip
