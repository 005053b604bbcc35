"""What is missing when a condition is unknown: its atoms in reading order, and the leaves each asks for."""

from __future__ import annotations

from collections.abc import Iterator

from mingcha.rules.algebra import (
    Aggregate,
    And,
    Column,
    Exists,
    If,
    Missing,
    Node,
    Not,
    Or,
    Peers,
    Rank,
    Running,
    Side,
)


def atoms(condition: Node) -> Iterator[Node]:
    """Comparisons, memberships, aggregates: what a condition is made of, in reading order."""
    if isinstance(condition, And | Or):
        yield from atoms(condition.left)
        yield from atoms(condition.right)
    elif isinstance(condition, Not):
        yield from atoms(condition.operand)
    elif isinstance(condition, If):
        for part in (condition.condition, condition.then, condition.otherwise):
            yield from atoms(part)
    elif condition.nullable:
        yield condition


def leaves(atom: Node) -> tuple[list[Node], list[Column]]:
    """What an atom asks of the facts, and what it asks of the knowledge; only what can be missing."""
    facts, known = [], []
    for node in atom.walk():
        if isinstance(node, Aggregate) or (
            isinstance(node, Column) and node.side is Side.ROW and node.nullable
        ):
            facts.append(node)
        elif isinstance(node, Column) and node.nullable:
            known.append(node)
    return facts, known


def gaps(condition: Node) -> Iterator[tuple[Node, bool, str]]:
    """What is told to be missing beside a condition: `x & Missing("y")` when x is true, `x | Missing` when it is false.

    Likewise If(x, …, Missing). Each with the condition, the value at which it counts, and the name.
    """
    if isinstance(condition, And | Or):
        if isinstance(condition.right, Missing):
            yield condition.left, isinstance(condition, And), condition.right.what
        yield from gaps(condition.left)
        yield from gaps(condition.right)
    elif isinstance(condition, If):
        if isinstance(condition.otherwise, Missing):
            yield condition.condition, False, condition.otherwise.what
        yield from gaps(condition.then)
        yield from gaps(condition.otherwise)


def label(node: Node) -> str:
    """How a missing leaf is named in counts: the column; for an aggregate the column inside it that can be missing."""
    if isinstance(node, Missing):
        return node.what
    if isinstance(node, Column):
        return node.name
    assert isinstance(node, Aggregate)
    inside: tuple[Node | None, ...]
    if isinstance(node, Exists):
        inside = (node.where, getattr(node, "value", None), *(key for key, _ in node.same))
    else:
        value = node.value if isinstance(node, Running | Peers) else node.by if isinstance(node, Rank) else None
        inside = (*node.same, value, getattr(node, "column", None))
    columns = (n for top in inside if top is not None for n in top.walk() if isinstance(n, Column) and n.nullable)
    return next((c.name for c in columns if c.side in (Side.ROW, Side.OTHER)), node.name)
