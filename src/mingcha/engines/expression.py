"""One expression of the algebra as SQL text, the same in every dialect we emit.

Text is written in DuckDB's spelling and parsed by sqlglot before it is run (engines.sql), which knows the dialects.
SQL's three values are Kleene's, so most nodes are one operator. Row columns stand flattened in the relation the
expression is evaluated over: a parent's column under its dotted name, knowledge as "know.x", parameters as "rule.x".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import singledispatchmethod

from mingcha.rules import algebra as a


def quote(name: str) -> str:
    """An identifier as written in SQL."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A string constant as written in SQL."""
    return "'" + value.replace("'", "''") + "'"


def column_name(column: a.Column) -> str:
    """The flattened name of a row, knowledge or parameter column."""
    prefix = {a.Side.KNOW: "know.", a.Side.RULE: "rule."}.get(column.side, "")
    return prefix + column.name


@dataclass
class SqlExpression:
    """Writes expressions; `row` and `other` are the relation aliases, `prefix_lengths` what `Under` may have to cut."""

    row: str | None = None
    other: str = "o"
    prefix_lengths: dict[str, tuple[int, ...]] = field(default_factory=dict)
    columns: dict[int, str] = field(default_factory=dict)
    """Shares that an earlier step of the statement has computed: column by the node's id."""

    @singledispatchmethod
    def sql(self, node: a.Node) -> str:
        """The node as SQL text."""
        raise NotImplementedError(f"no SQL for {type(node).__name__}")

    @sql.register
    def _(self, node: a.Column) -> str:
        if node.side is a.Side.OTHER:
            return f"{self.other}.{quote(node.name)}"
        return (f"{self.row}." if self.row else "") + quote(column_name(node))

    @sql.register
    def _(self, node: a.Literal) -> str:
        if isinstance(node.value, bool):
            return "TRUE" if node.value else "FALSE"
        return f"CAST({node.value} AS BIGINT)" if isinstance(node.value, int) else text(node.value)

    @sql.register
    def _(self, node: a.Missing) -> str:
        del node
        return "CAST(NULL AS BOOLEAN)"

    @sql.register
    def _(self, node: a.Compare) -> str:
        return f"({self.sql(node.left)} {node.op} {self.sql(node.right)})"

    @sql.register
    def _(self, node: a.And) -> str:
        return f"({self.sql(node.left)} AND {self.sql(node.right)})"

    @sql.register
    def _(self, node: a.Or) -> str:
        return f"({self.sql(node.left)} OR {self.sql(node.right)})"

    @sql.register
    def _(self, node: a.Not) -> str:
        return f"(NOT {self.sql(node.operand)})"

    @sql.register
    def _(self, node: a.IsMissing) -> str:
        return f"({self.sql(node.operand)} IS NULL)"

    @sql.register
    def _(self, node: a.OneOf) -> str:
        return f"LIST_CONTAINS({self.sql(node.members)}, {self.sql(node.value)})"

    @sql.register
    def _(self, node: a.Under) -> str:
        code, prefixes = self.sql(node.code), self.sql(node.prefixes)
        assert isinstance(node.prefixes, a.Column)
        lengths = self.prefix_lengths.get(column_name(node.prefixes), ())
        return "(" + (" OR ".join(f"LIST_CONTAINS({prefixes}, LEFT({code}, {n}))" for n in lengths) or "FALSE") + ")"

    @sql.register
    def _(self, node: a.Arithmetic) -> str:
        return f"({self.sql(node.left)} {node.op} {self.sql(node.right)})"

    @sql.register
    def _(self, node: a.Extreme) -> str:
        left, right = self.sql(node.left), self.sql(node.right)
        # LEAST and GREATEST skip nulls in DuckDB and not in Spark: spelled out, null stays null in both.
        op = "<=" if node.op == "least" else ">="
        given = f"{right} IS NOT NULL AND {left} IS NOT NULL"
        return f"(CASE WHEN {left} {op} {right} THEN {left} WHEN {given} THEN {right} END)"

    @sql.register
    def _(self, node: a.Share) -> str:
        if id(node) in self.columns:
            return quote(self.columns[id(node)])
        amount, part, whole = (self.sql(n) for n in (node.amount, node.part, node.whole))
        wide = f"CAST({amount} AS HUGEINT) * {part} * 2 + {whole}"
        return (
            f"(CASE WHEN {whole} > 0 AND {part} >= 0 AND {amount} >= 0"
            f" THEN CAST(({wide}) // (CAST({whole} AS HUGEINT) * 2) AS BIGINT) END)"
        )

    @sql.register
    def _(self, node: a.If) -> str:
        condition, then, otherwise = self.sql(node.condition), self.sql(node.then), self.sql(node.otherwise)
        return f"(CASE WHEN {condition} THEN {then} WHEN NOT {condition} THEN {otherwise} END)"

    @sql.register
    def _(self, node: a.Days) -> str:
        return f"({self.sql(node.later)} - {self.sql(node.earlier)})"

    @sql.register
    def _(self, node: a.Age) -> str:
        birth, on = self.sql(node.birth), self.sql(node.on)
        day_of = "(MONTH({0}) * 100 + DAY({0}))".format
        return (
            f"CAST(YEAR({on}) - YEAR({birth}) - (CASE WHEN {day_of(on)} < {day_of(birth)} THEN 1 ELSE 0 END) AS BIGINT)"
        )

    @sql.register
    def _(self, node: a.Start) -> str:
        return f"LEFT({self.sql(node.text)}, {node.length})"

    @sql.register
    def _(self, node: a.Hour) -> str:
        return f"CAST({self.sql(node.second)} // 3600 AS BIGINT)"

    @sql.register
    def _(self, node: a.Month) -> str:
        day = self.sql(node.day)
        return f"CAST(YEAR({day}) * 12 + MONTH({day}) AS BIGINT)"

    @sql.register(a.Exists)
    @sql.register(a.Running)
    @sql.register(a.Previous)
    @sql.register(a.First)
    @sql.register(a.Rank)
    @sql.register(a.Peers)
    def _(self, node: a.Aggregate) -> str:
        """Computed by an earlier step of the statement, under the aggregate's name."""
        return (f"{self.row}." if self.row else "") + quote(f"agg.{node.name}")
