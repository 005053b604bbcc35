"""A rule's condition in words, before any row is looked at: what a supervisor reads instead of code."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from mingcha.engines.explain import Part, Teller, listed
from mingcha.engines.expression import column_name
from mingcha.engines.message import say
from mingcha.engines.words import word
from mingcha.knowledge.force import parameter
from mingcha.knowledge.pack import Rule
from mingcha.rules import algebra as a
from mingcha.rules.kind import KINDS, Check
from mingcha.terms.language import pick


def condition(rule: Rule, day: date, choice: str = "") -> Part:
    """When the rule flags a row, with its parameters as they stand on the day; nothing is held to be true or false."""
    kind = KINDS[rule.kind]
    check = kind.checks[choice if kind.choice else ""]
    return _Reader(rule, check, day).part(check.when)


def exemptions(rule: Rule, day: date, choice: str = "") -> dict[str, Part]:
    """The named exceptions of the rule, each with its own condition."""
    kind = KINDS[rule.kind]
    check = kind.checks[choice if kind.choice else ""]
    reader = _Reader(rule, check, day)
    return {name: reader.part(node) for name, node in check.unless.items()}


class _Reader(Teller):
    """Tells a condition with the values of the rule's parameters, and of nothing else."""

    def __init__(self, rule: Rule, check: Check, day: date) -> None:
        kind = KINDS[rule.kind]
        now = {
            f"rule.{name}": parameter(rule, name, day)
            for name, declared in kind.parameters.items() if not declared.own_items and name in rule.parameters
        }  # fmt: skip
        super().__init__(kind, check, now)
        self.rule = rule

    def part(self, node: a.Node) -> Part:
        if isinstance(node, a.And | a.Or):
            return self._joined(node)
        if isinstance(node, a.Not):
            return self._negated(node.operand)
        if isinstance(node, a.If):
            chosen = self.why.get(column_name(node.condition)) if isinstance(node.condition, a.Column) else None
            if chosen is not None:
                return self.part(node.then if chosen else node.otherwise)
            parts = tuple(self.part(one) for one in (node.condition, node.then, node.otherwise))
            return Part("", None, pick("若 … 则 … 否则 …", "if … then … else …"), parts)
        if isinstance(node, a.Literal) and node.value is True:
            return Part(pick("成立", "true"), None)
        return super().part(node)

    def _joined(self, node: a.And | a.Or) -> Part:
        """And, or: without the parts that the rule's rows have settled, as limits that none of them sets."""
        idle = isinstance(node, a.And)  # what changes nothing: true in an "and", false in an "or"
        parts = tuple(self.part(one) for one in _operands(node, type(node)) if self._settled(one) is not idle)
        if len(parts) == 1:
            return parts[0]
        return Part("", None, pick("并且", "and") if idle else pick("或者", "or"), parts)

    def _settled(self, node: a.Node) -> bool | None:
        """What a condition comes to for every row of the rule; None where it takes a fee line to know."""
        if isinstance(node, a.IsMissing) and isinstance(node.operand, a.Column) and node.operand.side is a.Side.KNOW:
            given = {row.values.get(node.operand.name) is not None for row in self.rule.knowledge}
            return not given.pop() if len(given) == 1 else None
        if isinstance(node, a.Not):
            inner = self._settled(node.operand)
            return None if inner is None else not inner
        if isinstance(node, a.And | a.Or):
            decided = isinstance(node, a.Or)
            sides = {self._settled(one) for one in _operands(node, type(node))}
            return decided if decided in sides else sides.pop() if len(sides) == 1 else None
        return None

    def _negated(self, node: a.Node) -> Part:
        if isinstance(node, a.IsMissing):
            return Part(pick(f"写明了{self._term(node.operand)}", f"{self._term(node.operand)} is given"), None)
        if isinstance(node, a.OneOf):
            value, members = self._term(node.value), self._term(node.members)
            return Part(pick(f"{value} 不属于 {members}", f"{value} is none of {members}"), None)
        if isinstance(node, a.Under):
            code, prefixes = self._term(node.code), self._term(node.prefixes)
            return Part(pick(f"{code} 不属于 {prefixes}", f"{code} doesn't lie under {prefixes}"), None)
        inner = self.part(node)
        return Part(pick(f"没有：{inner.says}", f"not: {inner.says}"), None, inner.joined_by, inner.parts)

    def _value(self, node: a.Node) -> Any:
        return None

    def _term(self, node: a.Node) -> str:
        if isinstance(node, a.Column):
            name = column_name(node)
            value = self.why.get(name)
            if node.side is a.Side.RULE and value is not None:
                said = listed(value) if isinstance(value, tuple) else say(node.name, value)
                return f"{self._name(name)}（{said}）"
            return pick(f"知识点的“{self._name(name)}”", f"the row's “{self._name(name)}”") if (
                node.side is a.Side.KNOW
            ) else self._name(name)  # fmt: skip
        if isinstance(node, a.Aggregate):
            return self._name(f"agg.{node.name}")
        if isinstance(node, a.Missing):
            what = pick(*word(node.what))
            return pick(f"缺少{what}，不能判断", f"can't tell: {what} is missing")
        if isinstance(node, a.Days | a.Age):
            return pick(*self.COMPUTED[type(node)])
        return super()._term(node)


def _operands(node: a.Node, joined: type) -> Iterator[a.Node]:
    """The parts of nested ands, or of nested ors."""
    if isinstance(node, joined):
        yield from _operands(node.left, joined)  # type: ignore[attr-defined]
        yield from _operands(node.right, joined)  # type: ignore[attr-defined]
    else:
        yield node
