"""What a pack is once it is read and found right: frozen, typed, and nothing in it can be invalid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

VERDICTS = ("flagged", "clear", "cannot_tell", "exempt")
CERTAINTIES = ("definite", "suspected", "advisory", "lead")
CATEGORIES = {"policy": "政策类", "management": "管理类", "medical": "医疗类"}
STAGES = {"before": "事前", "during": "事中", "after": "事后"}
SEVERITIES = ("high", "medium", "low")
CASE_KINDS = ("hit", "miss", "boundary", "unknown")


@dataclass(frozen=True, slots=True)
class Basis:
    """Where a rule or a value comes from: document, article, its words where we hold them verbatim, its date."""

    document: str
    article: str | None = None
    text: str | None = None
    date: date | None = None


class Dated(NamedTuple):
    """One value of a parameter and the first day it counts; it counts until the next one begins."""

    valid_from: date
    value: Any


SCOPES = ("provider", "insurance", "level")
"""What a value of a parameter may be narrowed to, the most particular first."""


@dataclass(frozen=True, slots=True)
class Scoped:
    """A value of a parameter for some only: of an insurance, of providers of a level, of one provider; dated like any.

    It counts from its day until a later one of the same scope; one without a value ends it. Of several that fit, that
    of the provider counts before that of the insurance, and that before the level's; then the general value. Where a
    row doesn't say its insurance or level, the general value counts.
    """

    parameter: str
    valid_from: date
    value: Any
    insurance: str | None = None
    level: int | None = None
    provider: str | None = None

    @property
    def scope(self) -> tuple[Any, ...]:
        """Provider, insurance and level, None where it may be any."""
        return tuple(getattr(self, name) for name in SCOPES)

    def fits(self, who: Mapping[str, Any]) -> bool:
        """Whether it is meant for a row of that provider, insurance and level."""
        return all(mine in (None, who.get(name)) for name, mine in zip(SCOPES, self.scope, strict=True))


@dataclass(frozen=True, slots=True)
class Row:
    """One knowledge row: for which item, which limits, from when to when (both days included), and why.

    `values` are typed by the kind's knowledge columns; a column left empty is None. `words` says the limit, or the
    other item, as a person would, for messages. `line` is its place in the CSV. `batch` is the official batch that
    published it.
    """

    id: str
    item: str
    name: str
    values: Mapping[str, Any]
    valid_from: date
    valid_to: date | None
    basis: str
    words: str | None = None
    line: int = 0
    batch: int | None = None

    @property
    def point(self) -> str | None:
        """The published point the row comes from, as batch-id; None where no official batch published it."""
        return f"{self.batch}-{self.id.partition('-')[0]}" if self.batch else None


@dataclass(frozen=True, slots=True)
class Case:
    """A worked example: facts by frame, the verdict they must get, and what exactly is flagged.

    `facts` are complete rows in the engines' logical columns (money in fen, quantities and unit prices in 1/10000);
    `expect` names each flagged row and its improper amount in fen.
    """

    name: str
    kind: str
    verdict: str
    facts: Mapping[str, tuple[Mapping[str, Any], ...]]
    expect: tuple[Mapping[str, Any], ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class Pause:
    """A time, both days included, in which a rule is switched off; None is open."""

    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What one local pack changed of a rule, and who decided it: kept with the rule, oldest layer first.

    `change` is tighten, loosen, add, off or new; `what` names the parameter, or `rows`; `before` and `after` are values
    of a parameter or ids of rows, as JSON has them; `scope` are the provider, insurance and level it is narrowed to.
    """

    area: str
    provider: str | None
    pack: str
    version: str
    change: str
    what: str
    before: Any
    after: Any
    since: date
    until: date | None
    document: str | None
    date: date | None
    by: str
    reason: str | None
    scope: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: a kind with a name, law, stage, dated parameters and knowledge rows.

    `parameters` are the general values, `scoped` those for some only. `examples` stand in for the rows where those are
    an area's own: they judge the cases and are never in force. `off` and `decided` are what local packs made of it.
    `instead` says by language what to do in place of what is flagged, where the rule's knowledge tells; else empty.
    """

    id: str
    version: int
    kind: str
    name: str
    name_en: str
    template: str
    national_code: str | None
    category: str
    stages: tuple[str, ...]
    certainty: str
    severity: str
    message: Mapping[str, str]
    parameters: Mapping[str, tuple[Dated, ...]]
    basis: tuple[Basis, ...]
    knowledge: tuple[Row, ...]
    cases: tuple[Case, ...]
    examples: tuple[Row, ...] = ()
    off: tuple[Pause, ...] = ()
    decided: tuple[Decision, ...] = ()
    scoped: tuple[Scoped, ...] = ()
    instead: Mapping[str, str] = field(default_factory=dict)

    @property
    def waits(self) -> bool:
        """Whether it finds nothing until an area gives it rows."""
        return bool(self.examples) and not self.knowledge

    @property
    def with_examples(self) -> Rule:
        """The rule its cases are judged by."""
        return replace(self, knowledge=self.examples) if self.examples else self


@dataclass(frozen=True)
class Pack:
    """A versioned set of rules from one issuer."""

    name: str
    issuer: str
    version: str
    valid_from: date
    sources: tuple[Basis, ...]
    rules: tuple[Rule, ...]

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the effective content: what an audit records to be replayed with (DECISIONS 17)."""
        from mingcha.knowledge.hashing import pack_hash

        return pack_hash(self)

    @property
    def audited(self) -> tuple[str, ...]:
        """Rules an audit runs unless it is told which: not those that only remind the doctor beforehand."""
        return tuple(rule.id for rule in self.rules if {"during", "after"} & set(rule.stages))

    def rule(self, rule_id: str) -> Rule:
        """The rule of that id; KeyError when the pack has none."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise KeyError(rule_id)


def load(path: Path | str) -> Pack:
    """Read and check the pack in a folder; PackError (an InputError) lists everything that is wrong with it."""
    from mingcha.knowledge.loading import load_pack

    return load_pack(Path(path))
