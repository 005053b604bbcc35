"""What a kind of rule states, and the register of kinds found in `rules/kinds/`."""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache, cached_property

from mingcha.rules.algebra import Aggregate, AlgebraError, Column, Exists, IsMissing, Node, Not, Side
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import FRAMES, Frame


class KnowledgeType(Enum):
    """How a cell of knowledge.csv is read."""

    ITEM = "national item code"
    TEXT = "text"
    INTEGER = "integer"
    LIST = "list separated by ;"
    PREFIXES = "list of code prefixes separated by ;"


@dataclass(frozen=True)
class Knows:
    """A knowledge column: type, meaning, whether a row must have it, and a closed list of values if there is one.

    `apart`: two rows of one item that differ in it say different things, and may be in force on one day.
    """

    type: KnowledgeType
    zh: str
    en: str
    required: bool = True
    choices: tuple[str, ...] = ()
    default: str | None = None  # the knowledge column whose value stands in where the cell is empty
    apart: bool = False


@dataclass(frozen=True)
class Parameter:
    """A dated parameter of a rule: its type and meaning. `own_items`: not written, it is every item the rule knows.

    `looser` says whether "more" or "less" of it lets more pass; empty where that can't be said of the value alone.
    """

    type: ValueKind
    zh: str
    en: str
    own_items: bool = False
    looser: str = field(default="", repr=False)  # no part of what the kind finds, hence not of its version


_VALUE_KIND = {
    KnowledgeType.ITEM: ValueKind.TEXT,
    KnowledgeType.TEXT: ValueKind.TEXT,
    KnowledgeType.INTEGER: ValueKind.INT,
    KnowledgeType.LIST: ValueKind.TEXTS,
    KnowledgeType.PREFIXES: ValueKind.TEXTS,
}


@dataclass(frozen=True)
class Offer:
    """What a kind's evidence and knowledge say of how to do it right: names of columns, None where they don't say.

    price   evidence: the unit price to charge at, in ten-thousandths of a yuan
    items   knowledge column with the items to charge or add in its place
    day     evidence: the day of the earlier one, whose result can be used
    forms   other forms of the same drug, which the kind doesn't restrict for this person, are named
    """

    price: str | None = None
    items: str | None = None
    day: str | None = None
    forms: bool = False


class WholeVisit:
    """The improper amount is every line of the flagged visit (A-VISIT), each with its net in-scope amount."""


@dataclass(frozen=True)
class Check:
    """The condition in one window: which rows take part, when one is flagged, how much is improper, what is shown.

    among   rows that count at all (and as peers); None means every row the knowledge applies to
    when    flagged where true, cannot tell where unknown
    unless  named exemptions: exempt where true
    amount  fen, at most the row's net in-scope amount; WholeVisit for a visit
    quantity ten-thousandths or days found too many, or None
    shows   evidence by name, for the message and the page
    repeats a column of which a value that occurs once can't be flagged: set-based engines leave such rows out early
    needs   what this window needs of the provider, beside what its kind does
    """

    when: Node
    amount: Node | WholeVisit
    shows: dict[str, Node]
    among: Node | None = None
    unless: dict[str, Node] = field(default_factory=dict)
    quantity: Node | None = None
    repeats: str | None = None
    needs: tuple[str, ...] = field(default=(), repr=False)  # like the kind's own, no part of its version

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Every top expression, in a fixed order."""
        found = [self.when, *self.unless.values(), *self.shows.values()]
        found += [node for node in (self.among, self.quantity, self.amount) if isinstance(node, Node)]
        return tuple(found)

    def aggregates(self) -> Mapping[str, Aggregate]:
        """The aggregates by name, each once; AlgebraError when one name stands for two."""
        return self._aggregates

    @cached_property
    def _aggregates(self) -> Mapping[str, Aggregate]:
        found: dict[str, Aggregate] = {}
        for top in self.nodes:
            for node in top.walk():
                if not isinstance(node, Aggregate):
                    continue
                if found.setdefault(node.name, node) is not node:
                    raise AlgebraError(f"two aggregates are called {node.name}")
        return found


@dataclass(frozen=True)
class Kind:
    """A kind of rule: what it says, knows, fires on, shows, and what missing data means. One file each.

    `checks` holds one Check per value of the knowledge column `choice` (a window), or one under "" without a choice.
    `needs` are frames, or columns of frames as "line.prescription", of which a provider that never sent any can't be
    judged: what was not received is not absent. Its rows are left out, and the provider is named once.
    `offer` is what a rule of the kind can tell of what to do instead; no part of its version, for it finds nothing.
    """

    name: str
    says: str
    says_en: str
    operator: str  # the template predicate it serves: ATTR, XCL …
    frame: Frame
    flags: str
    unknown: str
    checks: dict[str, Check]
    knows: dict[str, Knows] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    choice: str | None = None
    needs: tuple[str, ...] = ()
    offer: Offer = Offer()

    def __post_init__(self) -> None:
        for check in self.checks.values():
            check.aggregates()
        wanted = set(self.knows[self.choice].choices) if self.choice else {""}
        if set(self.checks) != wanted:
            raise AlgebraError(f"{self.name}: checks for {sorted(self.checks)}, choices {sorted(wanted)}")

    @cached_property
    def frames(self) -> frozenset[str]:
        """Names of all frames it reads."""
        needs = (*self.needs, *(need for check in self.checks.values() for need in check.needs))
        found = {self.frame.name, *(need.partition(".")[0] for need in needs)}
        for check in self.checks.values():
            tops = [*check.nodes]
            for aggregate in check.aggregates().values():
                if isinstance(aggregate, Exists):
                    found.add(aggregate.frame)
                    tops += [aggregate.where, *(node for node, _ in aggregate.same)]
                else:
                    tops += aggregate.same
            paths = (n.name for top in tops for n in top.walk() if isinstance(n, Column) and n.side is Side.ROW)
            found |= {self.frame.parents[path.partition(".")[0]].frame for path in paths if "." in path}
        return frozenset(found)

    @cached_property
    def at_hand(self) -> bool:
        """Whether it can be asked while a doctor waits: it reads one person's rows and needs nobody's coverage."""
        return not any(map(self.needed, self.checks)) and all(FRAMES[name].at_hand for name in self.frames)

    def needed(self, choice: str) -> tuple[str, ...]:
        """What a provider must have sent to be judged in that window."""
        return (*self.needs, *self.checks[choice].needs)

    @property
    def by_item(self) -> bool:
        """Whether knowledge is keyed by item; otherwise the rule looks at every row of its frame."""
        return "item" in self.knows

    @property
    def version(self) -> str:
        """Hash of the definition (DECISIONS 16): changes when the meaning changes, not when a comment does."""
        return hashlib.sha256(
            repr((self.name, self.frame, self.checks, self.knows, self.parameters)).encode()
        ).hexdigest()[:12]


def know(name: str, kind: Kind | dict[str, Knows]) -> Column:
    """The knowledge column of that name, typed by its declaration; nullable when optional without a default."""
    knows = kind if isinstance(kind, dict) else kind.knows
    declared = knows[name]
    return Column(Side.KNOW, name, _VALUE_KIND[declared.type], not declared.required and declared.default is None)


def limited(name: str, knows: dict[str, Knows]) -> Not:
    """Whether the knowledge row says anything in that optional column."""
    return ~IsMissing(know(name, knows))


def parameter(name: str, parameters: dict[str, Parameter]) -> Column:
    """The rule's parameter of that name, in force on the row's day; missing before its first date."""
    return Column(Side.RULE, name, parameters[name].type, False)


@cache
def kinds() -> dict[str, Kind]:
    """Every kind by name: the modules of `mingcha.rules.kinds`, each with one KIND."""
    import mingcha.rules.kinds as package

    found = {}
    for module in pkgutil.iter_modules(package.__path__):
        kind = importlib.import_module(f"{package.__name__}.{module.name}").KIND
        if kind.name != module.name:
            raise AlgebraError(f"{module.name}.py holds a kind called {kind.name}")
        found[kind.name] = kind
    return found


def __getattr__(name: str):
    """KINDS, found on first use so that a kind file may import this module."""
    if name == "KINDS":
        return kinds()
    raise AttributeError(name)
