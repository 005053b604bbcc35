"""A pack laid out for running: its rules grouped by kind and window, knowledge rows numbered, parameters in slices.

Of a library with local packs, a rule that an area changed stands there once for each way it holds; all are run
together, each judging only the rows of its own fund areas, while history is read whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import product
from typing import Any

from mingcha.knowledge.force import left_of, parameter
from mingcha.knowledge.library import Group, Library
from mingcha.knowledge.pack import SCOPES, Pack, Row, Rule
from mingcha.rules.kind import KINDS, Kind

ALWAYS = date(9999, 12, 31)
"""End of validity of what has none."""


@dataclass(frozen=True, slots=True)
class Known:
    """One numbered knowledge row of a rule, its cells filled with their defaults. `until` is exclusive."""

    number: int
    rule: int
    item: str | None
    since: date
    until: date
    values: dict[str, Any]
    row: Row | None


@dataclass(frozen=True, slots=True)
class Slice:
    """The parameters of a rule while none of them changes; `until` is exclusive.

    `scope` are the provider, insurance and level they are for, None for any other than those in `others`: of every
    row just one slice of a day fits.
    """

    rule: int
    since: date
    until: date
    values: dict[str, Any]
    scope: tuple[Any, ...] = (None,) * len(SCOPES)
    others: tuple[tuple[Any, ...], ...] = ((),) * len(SCOPES)


@dataclass
class Plan:
    """The rules of one kind in one window. `scoped` names what their parameters depend on besides the day."""

    kind: Kind
    choice: str
    known: list[Known] = field(default_factory=list)
    scoped: tuple[str, ...] = ()


@dataclass
class Effective:
    """A pack ready to run. Rule and knowledge numbers are positions in `rules` and `known`.

    `groups` are the library's, `places` says in which of them a rule that doesn't hold everywhere is judged.
    """

    pack: Pack
    rules: list[Rule]
    known: list[Known]
    plans: list[Plan]
    slices: dict[str, list[Slice]]
    groups: tuple[Group, ...] = ()
    places: dict[int, frozenset[int]] = field(default_factory=dict)

    def group_of(self, area: str | None, provider: str | None) -> int:
        """Number of the group that a row of this fund area and provider belongs to."""
        return next(number for number, group in enumerate(self.groups) if group.has(area, provider))

    def pack_of(self, area: str | None, provider: str | None) -> Pack:
        """The pack as it holds for such a row."""
        return self.groups[self.group_of(area, provider)].pack if len(self.groups) > 1 else self.pack

    def only(self, rules: Collection[str]) -> Effective:
        """The same with the plans of those rules alone; numbers stay what they are."""
        wanted = {number for number, rule in enumerate(self.rules) if rule.id in rules}
        plans = [replace(p, known=kept) for p in self.plans if (kept := [k for k in p.known if k.rule in wanted])]
        slices = {kind: [s for s in found if s.rule in wanted] for kind, found in self.slices.items()}
        return replace(self, plans=plans, slices=slices)

    @property
    def items(self) -> set[str]:
        """Every item code that a rule knows, as the row's own or a related row's."""
        found = {k.item for plan in self.plans for k in plan.known if k.item is not None}
        for plan in self.plans:
            for name in related_codes(plan):
                found |= {code for k in plan.known for code in as_codes(k.values[name])}
        return found


def as_codes(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    """A cell that holds one code, a list of them, or nothing, as a tuple."""
    return () if value is None else (value,) if isinstance(value, str) else tuple(value)


def related_codes(plan: Plan) -> set[str]:
    """Knowledge columns whose codes name the items of related rows."""
    from mingcha.rules.algebra import Exists

    exists = (a for a in plan.kind.checks[plan.choice].aggregates().values() if isinstance(a, Exists))
    return {a.items.name for a in exists if a.items is not None}


def effective(packs: Pack | Library, rules: Iterable[str] | None = None) -> Effective:
    """Lay out the pack, or all packs of a library: all rules or those named."""
    library = packs if isinstance(packs, Library) else Library.of(packs)
    pack, wanted = library.base, None if rules is None else set(rules)
    held = [(rule, places) for rule, places in _held(library) if wanted is None or rule.id in wanted]
    plans: dict[tuple[str, str], Plan] = {}
    known: list[Known] = []
    slices: dict[str, list[Slice]] = {}
    for number, (rule, _) in enumerate(held):
        kind = KINDS[rule.kind]
        slices.setdefault(kind.name, []).extend(_slices(number, rule, kind))
        for since, until, item, values, row in _rows(pack, rule, kind):
            entry = Known(len(known), number, item, since, until, values, row)
            known.append(entry)
            choice = values[kind.choice] if kind.choice else ""
            plans.setdefault((kind.name, choice), Plan(kind, choice)).known.append(entry)
    places = {number: where for number, (_, where) in enumerate(held) if len(where) < len(library.groups)}
    ordered = [plans[key] for key in sorted(plans)]
    for plan in ordered:
        others = [s.others for s in slices[plan.kind.name]]
        plan.scoped = tuple(name for at, name in enumerate(SCOPES) if any(told[at] for told in others))
    return Effective(pack, [rule for rule, _ in held], known, ordered, slices, library.groups, places)


def _held(library: Library) -> list[tuple[Rule, frozenset[int]]]:
    """Each rule in each way it holds, with the groups in which it does, by id. What nobody changed is one object."""
    found: dict[int, tuple[Rule, set[int]]] = {}
    for number, group in reversed(list(enumerate(library.groups))):
        for rule in group.pack.rules:
            found.setdefault(id(rule), (rule, set()))[1].add(number)
    held = [(rule, frozenset(places)) for rule, places in found.values()]
    return sorted(held, key=lambda entry: entry[0].id)


def _rows(pack: Pack, rule: Rule, kind: Kind) -> Iterator[tuple[date, date, str | None, dict[str, Any], Row | None]]:
    if not kind.knows:
        for since, until in left_of(pack.valid_from, None, rule.off):
            yield since, _exclusive(until), None, {}, None
        return
    for row in rule.knowledge:
        values = {}
        for name, knows in kind.knows.items():
            value = row.item if name == "item" else row.values.get(name)
            if value is None and knows.default:
                value = row.item if knows.default == "item" else row.values.get(knows.default)
            values[name] = value
        for since, until in left_of(row.valid_from, row.valid_to, rule.off):
            yield since, _exclusive(until), row.item, values, row


def _exclusive(last: date | None) -> date:
    return ALWAYS if last is None else date.fromordinal(last.toordinal() + 1)


def _slices(number: int, rule: Rule, kind: Kind) -> Iterator[Slice]:
    """Periods between changes of any parameter; before the last first value the rule is not in force."""
    items = tuple(sorted({row.item for row in rule.knowledge}))
    own = {name: items for name, declared in kind.parameters.items() if declared.own_items}
    if not rule.parameters:
        if own:
            yield Slice(number, date.min, ALWAYS, own)
        return
    begins = {d.valid_from for dated in rule.parameters.values() for d in dated} | {s.valid_from for s in rule.scoped}
    begins = sorted(b for b in begins if all(dated[0].valid_from <= b for dated in rule.parameters.values()))
    others = tuple(tuple(sorted({v for s in rule.scoped if (v := getattr(s, n)) is not None})) for n in SCOPES)
    for scope in product(*((None, *values) for values in others)):
        who = dict(zip(SCOPES, scope, strict=True))
        for since, until in zip(begins, [*begins[1:], ALWAYS], strict=True):
            values = {name: parameter(rule, name, since, **who) for name in rule.parameters}
            yield Slice(number, since, until, own | values, scope, others)
