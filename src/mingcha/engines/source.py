"""One expression of the algebra as Python source. Missing is None; `&`, `|`, `~` are written out as Kleene's tables.

Where the types say a value is never missing the plain operator is written, which is what makes a check cost
microseconds. Temporaries are assigned in place (`:=`), so an expression stays one expression.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, singledispatchmethod

from mingcha.rules import algebra as a

_OPERATORS = {"=": "==", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


@dataclass
class PythonExpression:
    """Writes expressions over the variables `row`, `o` (related row), `k` (knowledge) and `p` (parameters)."""

    row: str = "r"
    know: str = "k"
    rule: str = "p"
    _numbers: itertools.count = field(default_factory=itertools.count)

    def _temporary(self) -> str:
        return f"t{next(self._numbers)}"

    def _guarded(self, operands: tuple[a.Node, ...], write: Callable[..., str]) -> str:
        """write(operands), unknown as soon as one that can be missing is."""
        values, guards = [], []
        for operand in operands:
            source = self.source(operand)
            if operand.nullable:
                name = self._temporary()
                guards.append(f"({name} := {source}) is None")
                source = name
            values.append(source)
        body = write(*values)
        return f"(None if {' or '.join(guards)} else {body})" if guards else f"({body})"

    @singledispatchmethod
    def source(self, node: a.Node) -> str:
        """The node as a Python expression."""
        raise NotImplementedError(f"no Python for {type(node).__name__}")

    @source.register
    def _(self, node: a.Column) -> str:
        owner = {a.Side.ROW: self.row, a.Side.OTHER: "o", a.Side.KNOW: self.know, a.Side.RULE: self.rule}[node.side]
        step, _, name = node.name.rpartition(".")
        if not step:
            return f"{owner}.{name}"
        parent = self._temporary()
        return f"(None if ({parent} := {owner}.{step}) is None else {parent}.{name})"

    @source.register
    def _(self, node: a.Literal) -> str:
        return repr(node.value)

    @source.register
    def _(self, node: a.Missing) -> str:
        del node
        return "None"

    @source.register
    def _(self, node: a.Compare) -> str:
        return self._guarded((node.left, node.right), lambda x, y: f"{x} {_OPERATORS[node.op]} {y}")

    @source.register
    def _(self, node: a.And) -> str:
        return self._kleene(node, "False", "and")

    @source.register
    def _(self, node: a.Or) -> str:
        return self._kleene(node, "True", "or")

    def _kleene(self, node: a.And | a.Or, decides: str, word: str) -> str:
        left, right = self.source(node.left), self.source(node.right)
        if not node.left.nullable and not node.right.nullable:
            return f"({left} {word} {right})"
        x, y = self._temporary(), self._temporary()
        other = "True" if decides == "False" else "False"
        return (
            f"({decides} if ({x} := {left}) is {decides} else {decides} if ({y} := {right}) is {decides}"
            f" else None if {x} is None or {y} is None else {other})"
        )

    @source.register
    def _(self, node: a.Not) -> str:
        return self._guarded((node.operand,), lambda x: f"not {x}")

    @source.register
    def _(self, node: a.IsMissing) -> str:
        return f"({self.source(node.operand)} is None)"

    @source.register
    def _(self, node: a.OneOf) -> str:
        return self._guarded((node.value, node.members), lambda v, m: f"{v} in {m}")

    @source.register
    def _(self, node: a.Under) -> str:
        return self._guarded((node.code, node.prefixes), lambda c, p: f"{c}.startswith({p})")

    @source.register
    def _(self, node: a.Arithmetic) -> str:
        return self._guarded((node.left, node.right), lambda x, y: f"{x} {node.op} {y}")

    @source.register
    def _(self, node: a.Extreme) -> str:
        op = "<=" if node.op == "least" else ">="

        def write(x: str, y: str) -> str:
            u, v = self._temporary(), self._temporary()
            return f"{u} if ({u} := {x}) {op} ({v} := {y}) else {v}"

        return self._guarded((node.left, node.right), write)

    @source.register
    def _(self, node: a.Share) -> str:
        return f"share({self.source(node.amount)}, {self.source(node.part)}, {self.source(node.whole)})"

    @source.register
    def _(self, node: a.If) -> str:
        then, otherwise = self.source(node.then), self.source(node.otherwise)
        condition = self._temporary()
        head = f"({then} if ({condition} := {self.source(node.condition)})"
        return head + (f" else None if {condition} is None" if node.condition.nullable else "") + f" else {otherwise})"

    @source.register
    def _(self, node: a.Days) -> str:
        return self._guarded((node.later, node.earlier), lambda x, y: f"{x} - {y}")

    @source.register
    def _(self, node: a.Age) -> str:
        return self._guarded((node.birth, node.on), lambda x, y: f"age({x}, {y})")

    @source.register
    def _(self, node: a.Start) -> str:
        return self._guarded((node.text,), lambda x: f"{x}[:{node.length}]")

    @source.register
    def _(self, node: a.Hour) -> str:
        return self._guarded((node.second,), lambda x: f"{x} // 3600")

    @source.register
    def _(self, node: a.Month) -> str:
        return self._guarded((node.day,), lambda x: f"month({x})")

    @source.register(a.Exists)
    @source.register(a.Running)
    @source.register(a.Previous)
    @source.register(a.First)
    @source.register(a.Rank)
    @source.register(a.Peers)
    def _(self, node: a.Aggregate) -> str:
        return f"a_{node.name}"


def share(amount: int | None, part: int | None, whole: int | None) -> int | None:
    """amount × part ÷ whole, rounded half up; None when something is missing, negative, or whole is not positive."""
    if amount is None or part is None or whole is None or whole <= 0 or part < 0 or amount < 0:
        return None
    return (amount * part * 2 + whole) // (whole * 2)


@cache
def _calendar(ordinal: int) -> tuple[int, int, int]:
    from datetime import date

    day = date.fromordinal(ordinal)
    return day.year, day.month, day.day


def age(birth: int, on: int) -> int:
    """Completed years between two days given as ordinals."""
    by, bm, bd = _calendar(birth)
    oy, om, od = _calendar(on)
    return oy - by - ((om, od) < (bm, bd))


def month(day: int) -> int:
    """Year × 12 + month of a day given as an ordinal."""
    y, m, _ = _calendar(day)
    return y * 12 + m
