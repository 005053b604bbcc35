"""Which rows are not clear at a first look: what a condition says alone, and whether there is any to compare with.

The optimiser does not find the semi-joins; they are written out (reference: performance §2).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mingcha.engines.expression import SqlExpression, quote
from mingcha.rules.algebra import Aggregate, And, Column, Compare, Exists, Node, Running, Side
from mingcha.rules.kind import Check


def conjuncts(condition: Node) -> Iterable[Node]:
    """The parts of which none may be false if the condition isn't to be."""
    if isinstance(condition, And):
        yield from conjuncts(condition.left)
        yield from conjuncts(condition.right)
    else:
        yield condition


def is_plain(condition: Node) -> bool:
    """Whether the condition needs nothing but the row's own columns, its knowledge and its parameters."""
    parts = list(condition.walk())
    own = (n for n in parts if isinstance(n, Column) and n.side is Side.ROW)
    return not any(isinstance(n, Aggregate) for n in parts) and all("." not in n.name for n in own)


def own_conditions(check: Check) -> list[Node]:
    """What may clear a row without a look at any other row: conditions that hold no aggregate."""
    found = [*([check.among] if check.among is not None else []), *conjuncts(check.when)]
    return [node for node in found if not any(isinstance(part, Aggregate) for part in node.walk())]


def needed(aggregate: Exists, check: Check) -> bool:
    """Whether a row is clear when nothing is found that it meets."""
    known = not any(node.nullable for node, _ in aggregate.same)
    return known and any(condition is aggregate for condition in conjuncts(check.when))


def enough(check: Check, writer: SqlExpression, rows: str) -> str | None:
    """The condition that all rows counted together with this one add up to more than is allowed, if that can be told.

    `rows` is the query of them all. No total on the way is more than what all that is not negative adds up to; where
    something is missing the rows stay, and so do those of which it isn't known whether they count.
    """
    if (over := _over(check)) is None:
        return None
    running, allowed, op = over
    value, bound = running.value, writer.sql(allowed)
    total, missing = "COUNT(*)", ""
    if value is not None:
        amount = writer.sql(value)
        total = f"SUM(CASE WHEN {amount} > 0 THEN {amount} ELSE 0 END)"
        missing = f" OR COUNT({amount}) < COUNT(*)" if value.nullable else ""
    missing += f" OR COUNT({bound}) < COUNT(*)" if allowed.nullable else ""
    keys = ", ".join(["rule", *(writer.sql(node) for node in running.same)])
    among = check.among
    counted = f" WHERE ({writer.sql(among)}) IS NOT FALSE" if among is not None and is_plain(among) else ""
    many = f"SELECT {keys} FROM ({rows}) AS a{counted} GROUP BY {keys} HAVING {total} {op} MIN({bound}){missing}"
    unknown = f"({writer.sql(among)}) IS NULL OR " if among is not None and among.nullable else ""
    return f"({unknown}({keys}) IN ({many}))"


def _over(check: Check) -> tuple[Running, Node, str] | None:
    """The one condition "so far > allowed", where each side can be told from rows and knowledge alone."""
    totals = [a for a in check.aggregates().values() if not isinstance(a, Exists)]
    if len(totals) != 1 or not isinstance(totals[0], Running) or any(n.nullable for n in totals[0].same):
        return None
    running = totals[0]
    for node in conjuncts(check.when):
        if isinstance(node, Compare) and node.op in (">", ">=") and node.left is running:
            parts = (*running.same, node.right, *([running.value] if running.value is not None else []))
            return (running, node.right, node.op) if all(map(is_plain, parts)) else None
    return None


def met_at_all(check: Check, writer: SqlExpression, parameters: str) -> Iterator[str]:
    """Conditions that the row shares its keys with some row that meets what is asked of that row alone.

    What is asked by a parameter may be met by the parameters of any rule: those of the row's own are asked later.
    """
    aggregates = check.aggregates().values()
    if not all(isinstance(aggregate, Exists) for aggregate in aggregates):  # peers count although they are clear
        return
    for aggregate in aggregates:
        if not isinstance(aggregate, Exists) or not needed(aggregate, check):
            continue
        asked = [node for node in conjuncts(aggregate.where) if _sides(node) in ({Side.OTHER}, {Side.OTHER, Side.RULE})]
        if not asked or not all(_is_own(node) for node, _ in aggregate.same):
            continue
        inner = SqlExpression(row="p")
        where = " AND ".join(f"({inner.sql(node)}) IS NOT FALSE" for node in asked)
        ruled = any(Side.RULE in _sides(node) for node in asked)
        mine = ", ".join(writer.sql(node) for node, _ in aggregate.same)
        theirs = ", ".join(f"o.{quote(name)}" for _, name in aggregate.same)
        asking = f"JOIN {_named(asked, parameters)} AS p ON" if ruled else "WHERE"
        yield f"({mine}) IN (SELECT {theirs} FROM frame_{aggregate.frame} AS o {asking} {where})"


def _named(asked: list[Node], parameters: str) -> str:
    """The parameters asked for, under the names that expressions give them."""
    names = {n.name for top in asked for n in top.walk() if isinstance(n, Column) and n.side is Side.RULE}
    columns = ", ".join(f"{quote(name)} AS {quote(f'rule.{name}')}" for name in sorted(names))
    return f"(SELECT DISTINCT {columns} FROM {parameters})"


def _is_own(node: Node) -> bool:
    """Whether it is a column of the row itself."""
    return isinstance(node, Column) and node.side is Side.ROW and "." not in node.name


def _sides(node: Node) -> set[Side]:
    return {part.side for part in node.walk() if isinstance(part, Column)}
