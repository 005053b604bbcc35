"""Why a row was flagged, step by step: the condition of its kind with the values it had, each part true or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any, ClassVar

from mingcha.engines.expression import column_name
from mingcha.engines.message import say
from mingcha.engines.source import PythonExpression, age, month, share
from mingcha.engines.words import word
from mingcha.knowledge.pack import Rule
from mingcha.rules import algebra as a
from mingcha.rules.kind import KINDS, Check, Kind
from mingcha.terms.language import pick

_OPERATORS = {"=": "=", "<>": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥"}


@dataclass(frozen=True)
class Part:
    """A condition or a part of one: what it says with its values, and whether it held (None: could not be told)."""

    says: str
    held: bool | None
    joined_by: str = ""
    parts: tuple[Part, ...] = ()


def explain(rule: Rule, why: dict[str, Any], choice: str = "") -> Part:
    """The condition of the rule's kind, with the evidence kept under a finding, which tells the `choice` too."""
    kind = KINDS[rule.kind]
    check = kind.checks[(choice or why[kind.choice]) if kind.choice else ""]
    return Teller(kind, check, why).part(check.when)


class Teller:
    """Puts nodes into words with the values kept as evidence (`why`, by column name)."""

    COMPUTED: ClassVar = {a.Days: ("相隔天数", "days between"), a.Age: ("周岁", "completed years")}

    def __init__(self, kind: Kind, check: Check, why: dict[str, Any]) -> None:
        self.kind, self.check, self.why = kind, check, why
        self.python = PythonExpression()

    def part(self, node: a.Node) -> Part:
        """The node as a part; and, or, not and if keep their structure, the rest is one sentence."""
        if isinstance(node, a.And | a.Or):
            word = pick("并且", "and") if isinstance(node, a.And) else pick("或者", "or")
            flat = tuple(self._flat(node, type(node)))
            return Part("", self._value(node), word, flat)
        if isinstance(node, a.Not):
            inner = self.part(node.operand)
            return Part(
                pick(f"不是：{inner.says}", f"not: {inner.says}"), self._value(node), inner.joined_by, inner.parts
            )
        if isinstance(node, a.If):
            chosen = node.then if self._value(node.condition) else node.otherwise
            if isinstance(chosen, a.Literal):
                return self.part(node.condition)
            return Part("", self._value(node), pick("并且", "and"), (self.part(node.condition), self.part(chosen)))
        return Part(self._sentence(node), self._value(node))

    def _flat(self, node: a.Node, kind: type):
        if isinstance(node, kind):
            yield from self._flat(node.left, kind)  # type: ignore[attr-defined]
            yield from self._flat(node.right, kind)  # type: ignore[attr-defined]
        else:
            yield self.part(node)

    def _sentence(self, node: a.Node) -> str:
        if isinstance(node, a.Compare):
            right = self._term(node.right)
            if isinstance(node.left, a.Column) and isinstance(node.right, a.Literal):
                right = say(node.left.name, node.right.value)  # in the units of what it is compared with
            return f"{self._term(node.left)} {_OPERATORS[node.op]} {right}"
        if isinstance(node, a.OneOf):
            return pick(f"{self._term(node.value)} 属于 {self._term(node.members)}",
                        f"{self._term(node.value)} is one of {self._term(node.members)}")  # fmt: skip
        if isinstance(node, a.IsMissing):
            return pick(f"{self._term(node.operand)} 缺失", f"{self._term(node.operand)} is missing")
        return self._term(node)

    def _term(self, node: a.Node) -> str:
        """A value as "name (value)"; computed ones by what they are."""
        if isinstance(node, a.Literal):
            return str(node.value)
        if isinstance(node, a.Missing):
            return pick(f"缺少 {node.what}", f"{node.what} is missing")
        if type(node) in self.COMPUTED:
            return f"{pick(*self.COMPUTED[type(node)])}（{self._value(node)}）"
        if isinstance(node, a.Column | a.Aggregate):
            name = column_name(node) if isinstance(node, a.Column) else f"agg.{node.name}"
            value = self.why.get(name)
            if isinstance(node, a.Exists | a.First) and not isinstance(node, a.Tally):
                return self._name(name)
            said = listed(value) if isinstance(value, list) else say(name.rsplit(".", 1)[-1], value)
            return f"{self._name(name)}（{said if value is not None else '—'}）"
        if isinstance(node, a.Arithmetic):
            sign = {"-": "−", "*": "×"}.get(node.op, node.op)
            return f"{self._term(node.left)} {sign} {self._term(node.right)}"
        if isinstance(node, a.Under):
            return pick(f"{self._term(node.code)} 属于 {self._term(node.prefixes)}",
                        f"{self._term(node.code)} lies under {self._term(node.prefixes)}")  # fmt: skip
        return " ".join(self._term(child) for child in node.children)

    def _name(self, name: str) -> str:
        source = {"know.": self.kind.knows, "rule.": self.kind.parameters}
        for prefix, declared in source.items():
            if name.startswith(prefix):
                column = declared[name.removeprefix(prefix)]
                return pick(column.zh, column.en)
        return pick(*word(name))

    def _value(self, node: a.Node) -> Any:
        """What the node came to, from the evidence; None where it holds nothing."""
        scope: dict[str, Any] = {"share": share, "age": age, "month": month}
        scope |= {"r": SimpleNamespace(), "k": SimpleNamespace(), "p": SimpleNamespace()}
        for part in node.walk():
            if isinstance(part, a.Column):
                holder = {a.Side.ROW: "r", a.Side.KNOW: "k", a.Side.RULE: "p"}[part.side]
                _place(scope[holder], part.name, _read(self.why.get(column_name(part)), part.kind))
            elif isinstance(part, a.Aggregate):
                scope[f"a_{part.name}"] = _read(self.why.get(f"agg.{part.name}"), part.kind)
        try:
            return eval(self.python.source(node), scope)  # our own source, from our own algebra
        except TypeError:  # the kind has changed since: it asks for a value that was not kept
            return None


def listed(values: Sequence[Any]) -> str:
    """The first few of a list, and how many there are."""
    few = "、".join(map(str, values[:8]))
    return few if len(values) <= 8 else few + pick(f" 等 {len(values)} 项", f" and {len(values) - 8} more")


def _place(holder: Any, dotted: str, value: Any) -> None:
    *steps, name = dotted.split(".")
    for step in steps:
        if not hasattr(holder, step):
            setattr(holder, step, SimpleNamespace())
        holder = getattr(holder, step)
    setattr(holder, name, value)


def _read(value: Any, kind: a.Kind) -> Any:
    if kind is a.Kind.DATE and isinstance(value, str):
        return date.fromisoformat(value).toordinal()
    return tuple(value) if isinstance(value, list) else value


def lines(part: Part, depth: int = 0) -> list[str]:
    """The parts as indented lines with ✓, ✗ or ? in front, for a terminal."""
    mark = {True: "✓", False: "✗", None: "?"}[part.held]
    every = pick("以下全部成立", "all of these")
    head = part.says or (
        every if part.joined_by in ("并且", "and") else pick("以下至少一项成立", "at least one of these")
    )
    found = [f"{'  ' * depth}{mark} {head}"]
    for below in part.parts:
        found += lines(below, depth + 1)
    return found
