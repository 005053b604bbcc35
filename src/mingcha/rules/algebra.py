"""The algebra: the few typed, three-valued nodes every kind is written in and every engine implements.

Nothing invalid can be built: each node checks its operands when it is made. A missing operand makes a comparison or a
sum *unknown* (None); `&`, `|`, `~` are Kleene's. Integers only: money in fen, prices and quantities in ten-thousandths,
dates as days. Nodes are compared by identity, because `==` builds a comparison.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import Enum
from functools import cached_property, reduce


class Kind(Enum):
    """The type of a value."""

    INT = "integer"
    TEXT = "text"
    DATE = "date"
    BOOL = "truth value"
    TEXTS = "list of texts"


class Side(Enum):
    """Whose column it is."""

    ROW = "row"  # the row under examination
    OTHER = "other"  # a related row
    KNOW = "know"  # the knowledge row that applies
    RULE = "rule"  # a dated parameter of the rule


class AlgebraError(TypeError):
    """A node was built from operands that do not fit; a fault of the kind's author, never of the data."""


class Node:
    """An expression. `kind` is its type, `nullable` whether it can be unknown."""

    kind: Kind
    nullable: bool

    def __gt__(self, other: Operand) -> Compare:
        return Compare(">", self, lift(other))

    def __ge__(self, other: Operand) -> Compare:
        return Compare(">=", self, lift(other))

    def __lt__(self, other: Operand) -> Compare:
        return Compare("<", self, lift(other))

    def __le__(self, other: Operand) -> Compare:
        return Compare("<=", self, lift(other))

    def __eq__(self, other: object) -> Compare:  # type: ignore[override]
        return Compare("=", self, lift(other))  # type: ignore[arg-type]

    def __ne__(self, other: object) -> Compare:  # type: ignore[override]
        return Compare("<>", self, lift(other))  # type: ignore[arg-type]

    __hash__ = object.__hash__

    def __and__(self, other: Node) -> And:
        return And(self, other)

    def __or__(self, other: Node) -> Or:
        return Or(self, other)

    def __invert__(self) -> Not:
        return Not(self)

    def __add__(self, other: Operand) -> Arithmetic:
        return Arithmetic("+", self, lift(other))

    def __sub__(self, other: Operand) -> Arithmetic:
        return Arithmetic("-", self, lift(other))

    def __mul__(self, other: Operand) -> Arithmetic:
        return Arithmetic("*", self, lift(other))

    def __bool__(self) -> bool:
        raise AlgebraError("a node has no truth value; combine conditions with &, | and ~")

    @cached_property
    def children(self) -> tuple[Node, ...]:
        """Operands that belong to the same row; what a related row must satisfy is not among them."""
        return tuple(v for v in (getattr(self, f.name) for f in fields(self)) if isinstance(v, Node))  # type: ignore[arg-type]

    def walk(self) -> Iterator[Node]:
        """This node and everything below it on the same row, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


Operand = Node | int | str | bool


def _need(node: Node, *kinds: Kind) -> None:
    if node.kind not in kinds:
        raise AlgebraError(f"expected {' or '.join(k.value for k in kinds)}, got {node.kind.value}: {node!r}")


@dataclass(frozen=True, eq=False)
class Column(Node):
    """A column; dots lead to a parent: `visit.birth_date`. A parent may be absent, so its columns are nullable."""

    side: Side
    name: str
    kind: Kind
    nullable: bool


@dataclass(frozen=True, eq=False)
class Literal(Node):
    """A constant."""

    value: int | str | bool
    nullable = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", {bool: Kind.BOOL, int: Kind.INT, str: Kind.TEXT}[type(self.value)])


def lift(value: Operand) -> Node:
    """The value as a node."""
    return value if isinstance(value, Node) else Literal(value)


@dataclass(frozen=True, eq=False)
class Missing(Node):
    """The unknown truth value, with the name of what is missing."""

    what: str
    kind = Kind.BOOL
    nullable = True


class _Derived(Node):
    """A node whose nullability follows from its operands."""

    result = Kind.BOOL

    def __post_init__(self) -> None:
        self.check()
        object.__setattr__(self, "kind", self.type())
        object.__setattr__(self, "nullable", self.unknown())

    def check(self) -> None:
        """Raise AlgebraError when the operands do not fit."""

    def type(self) -> Kind:
        return self.result

    def unknown(self) -> bool:
        return any(child.nullable for child in self.children)


@dataclass(frozen=True, eq=False)
class Compare(_Derived):
    """= <> < <= > >= on two values of one type; unknown when either is missing."""

    op: str
    left: Node
    right: Node

    def check(self) -> None:
        _need(self.left, Kind.INT, Kind.TEXT, Kind.DATE, Kind.BOOL)
        _need(self.right, self.left.kind)


@dataclass(frozen=True, eq=False)
class _Joined(_Derived):
    """Two truth values."""

    left: Node
    right: Node

    def check(self) -> None:
        _need(self.left, Kind.BOOL)
        _need(self.right, Kind.BOOL)


class And(_Joined):
    """Kleene and: false if either is false, unknown if neither is false and either is unknown."""


class Or(_Joined):
    """Kleene or."""


@dataclass(frozen=True, eq=False)
class Not(_Derived):
    """Kleene not."""

    operand: Node

    def check(self) -> None:
        _need(self.operand, Kind.BOOL)


@dataclass(frozen=True, eq=False)
class IsMissing(_Derived):
    """Whether the value is missing: the one question about a missing value that has an answer."""

    operand: Node

    def unknown(self) -> bool:
        return False


@dataclass(frozen=True, eq=False)
class OneOf(_Derived):
    """The text is a member of the list; unknown when either is missing."""

    value: Node
    members: Node

    def check(self) -> None:
        _need(self.value, Kind.TEXT)
        _need(self.members, Kind.TEXTS)


@dataclass(frozen=True, eq=False)
class Under(_Derived):
    """The code begins with one of the prefixes, as a diagnosis lies under a category."""

    code: Node
    prefixes: Node

    def check(self) -> None:
        _need(self.code, Kind.TEXT)
        _need(self.prefixes, Kind.TEXTS)


@dataclass(frozen=True, eq=False)
class _OfIntegers(_Derived):
    """An integer made of two."""

    op: str
    left: Node
    right: Node
    result = Kind.INT

    def check(self) -> None:
        _need(self.left, Kind.INT)
        _need(self.right, Kind.INT)


class Arithmetic(_OfIntegers):
    """+ − × on integers of 64 bits; wider products belong in `Share`."""


class Extreme(_OfIntegers):
    """The lesser or the greater of two integers: `op` is least or greatest."""


@dataclass(frozen=True, eq=False)
class Share(_Derived):
    """amount × part ÷ whole, rounded half up, without overflow; unknown if whole is not positive or a part negative."""

    amount: Node
    part: Node
    whole: Node
    result = Kind.INT

    def check(self) -> None:
        for operand in self.children:
            _need(operand, Kind.INT)

    def unknown(self) -> bool:
        return True


@dataclass(frozen=True, eq=False)
class If(_Derived):
    """then where the condition is true, otherwise where it is false, unknown where it is unknown."""

    condition: Node
    then: Node
    otherwise: Node

    def check(self) -> None:
        _need(self.condition, Kind.BOOL)
        _need(self.otherwise, self.then.kind)

    def type(self) -> Kind:
        return self.then.kind


@dataclass(frozen=True, eq=False)
class Days(_Derived):
    """Days from `earlier` to `later`; negative when they lie the other way round."""

    later: Node
    earlier: Node
    result = Kind.INT

    def check(self) -> None:
        _need(self.later, Kind.DATE)
        _need(self.earlier, Kind.DATE)


@dataclass(frozen=True, eq=False)
class Age(_Derived):
    """Completed years on a day: the birthday completes the year; 29 February completes on 1 March of a common year."""

    birth: Node
    on: Node
    result = Kind.INT

    def check(self) -> None:
        _need(self.birth, Kind.DATE)
        _need(self.on, Kind.DATE)


@dataclass(frozen=True, eq=False)
class Start(_Derived):
    """The first `length` characters of a text."""

    text: Node
    length: int
    result = Kind.TEXT

    def check(self) -> None:
        _need(self.text, Kind.TEXT)


@dataclass(frozen=True, eq=False)
class Hour(_Derived):
    """The clock hour 0–23 of a second of the day."""

    second: Node
    result = Kind.INT

    def check(self) -> None:
        _need(self.second, Kind.INT)


@dataclass(frozen=True, eq=False)
class Month(_Derived):
    """The calendar month of a day as year × 12 + month."""

    day: Node
    result = Kind.INT

    def check(self) -> None:
        _need(self.day, Kind.DATE)


class _Looking(Node):
    """A node that looks at other rows; what it asks of them is no part of the row's own condition."""

    @cached_property
    def children(self) -> tuple[Node, ...]:
        return ()


@dataclass(frozen=True, eq=False)
class Exists(_Looking):
    """Some row of `frame` with the same keys satisfies `where`; unknown when none does but one might.

    `same` pairs a value of the row with a column of the related row: what is joined on; a missing one is unknown.
    `items`, if given, is the knowledge column (one code or a list) that the related row's item must be among. The rows
    found are witnesses.
    """

    name: str
    frame: str
    same: tuple[tuple[Node, str], ...]
    where: Node
    items: Column | None = None
    witness: bool = True
    kind = Kind.BOOL

    def __post_init__(self) -> None:
        _need(self.where, Kind.BOOL)
        if not self.same:
            raise AlgebraError("a related row needs a key in common, or every row is compared with every row")
        object.__setattr__(self, "nullable", self.where.nullable or any(node.nullable for node, _ in self.same))


@dataclass(frozen=True, eq=False)
class Tally(Exists):
    """The sum of `value` over such rows, or how many values of it there are; unknown when more might count."""

    value: Node = None  # type: ignore[assignment]  # fields before it have defaults; there is always one
    distinct: bool = False
    kind = Kind.INT

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.distinct:
            _need(self.value, Kind.INT)
        object.__setattr__(self, "nullable", True)


@dataclass(frozen=True, eq=False)
class Running(_Looking):
    """An aggregate over the row's *peers* up to and including the row, in order (day, second, key).

    Peers are the rows of the same frame to which the same rule applies and whose `same` keys are equal. `within`, if
    given, keeps those of the last so many days, today included. Unknown when a key or a value in the window is missing.
    """

    name: str
    total: str  # sum | days (distinct)
    value: Node | None
    same: tuple[Node, ...]
    within: Node | None = None
    kind = Kind.INT
    nullable = True

    def __post_init__(self) -> None:
        if (self.total == "sum") == (self.value is None):
            raise AlgebraError("a sum needs a value, a count of days has none")
        for operand in (o for o in (self.value, self.within) if o is not None):
            _need(operand, Kind.INT)


@dataclass(frozen=True, eq=False)
class Previous(_Looking):
    """A column of the peer right before the row in order; missing when there is none, or when a key is missing."""

    name: str
    column: Column
    same: tuple[Node, ...]
    nullable = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", self.column.kind)


@dataclass(frozen=True, eq=False)
class First(_Looking):
    """Whether the row has no peer before it; unknown when a key is missing. Tells a missing `Previous` from none."""

    name: str
    same: tuple[Node, ...]
    kind = Kind.BOOL
    nullable = True


@dataclass(frozen=True, eq=False)
class Rank(_Looking):
    """The row's place, from 1, among its peers by an integer: the greatest first, of equals the earlier.

    Peers whose value is missing stand behind all others. Unknown when a key or the row's own value is missing.
    """

    name: str
    by: Node
    same: tuple[Node, ...]
    kind = Kind.INT
    nullable = True

    def __post_init__(self) -> None:
        _need(self.by, Kind.INT)


@dataclass(frozen=True, eq=False)
class Peers(_Looking):
    """A percentile (1–100, nearest rank) of an integer over the row's peers, or how many of them have a value.
    The row is one of them; those without a value don't count. Unknown when a key is missing, or nobody has a value.
    """

    name: str
    value: Node
    same: tuple[Node, ...]
    percent: int | None = None
    kind = Kind.INT
    nullable = True

    def __post_init__(self) -> None:
        _need(self.value, Kind.INT)


Aggregate = Exists | Running | Previous | First | Rank | Peers


def least(left: Operand, right: Operand) -> Extreme:
    """The lesser of two integers."""
    return Extreme("least", lift(left), lift(right))


def greatest(left: Operand, right: Operand) -> Extreme:
    """The greater of two integers."""
    return Extreme("greatest", lift(left), lift(right))


def every(*conditions: Node) -> Node:
    """All of the conditions."""
    return reduce(And, conditions)


def some(*conditions: Node) -> Node:
    """At least one of the conditions."""
    return reduce(Or, conditions)
