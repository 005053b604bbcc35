"""A changed operator, window or treatment of the unknown, in either engine, is noticed by comparing answers.

Changes are made in what an engine writes: SQL on one side, Python on the other. Only the rules for which it then writes
something else are run, so that each change costs little.
"""

from __future__ import annotations

import duckdb
import pytest
import sqlglot.errors

from mingcha.engines.compiled import _Writer, compile_check
from mingcha.engines.duckdb import statement
from mingcha.engines.expression import SqlExpression
from mingcha.engines.source import PythonExpression
from mingcha.engines.sql import KindStatement
from mingcha.engines.world import evaluate
from mingcha.rules import algebra as a
from mingcha.rules.finding import Result
from tests.agree.steering import steering_pack
from tests.agree.worlds import World, collect, packed

PACK = steering_pack()

SQL_NODES = {
    "and becomes or": (a.And, " AND ", " OR "),
    "or becomes and": (a.Or, " OR ", " AND "),
    "not is dropped": (a.Not, "NOT ", ""),
    "missing becomes present": (a.IsMissing, "IS NULL", "IS NOT NULL"),
    "membership becomes absence": (a.OneOf, "LIST_CONTAINS", "NOT LIST_CONTAINS"),
    "prefix is cut one shorter": (a.Under, "LEFT(", "LEFT('x' || "),
    "plus becomes minus": (a.Arithmetic, " + ", " - "),
    "minus becomes plus": (a.Arithmetic, " - ", " + "),
    "times becomes plus": (a.Arithmetic, " * ", " + "),
    "least becomes greatest": (a.Extreme, "<=", ">="),
    "half is rounded down": (a.Share, " * 2 + ", " * 2 + 0 * "),
    "if takes the other branch": (a.If, "WHEN NOT", "WHEN"),
    "days run backwards": (a.Days, "(", "-("),
    "the birthday does not complete": (a.Age, "<", "<="),
    "the category is one letter": (a.Start, ", 3)", ", 1)"),
    "hours become half hours": (a.Hour, "3600", "1800"),
    "months become years": (a.Month, " + MONTH", " + 0 * MONTH"),
    "greater becomes greater or equal": (a.Compare, " > ", " >= "),
    "greater or equal becomes greater": (a.Compare, " >= ", " > "),
    "less becomes less or equal": (a.Compare, " < ", " <= "),
    "less or equal becomes less": (a.Compare, " <= ", " < "),
    "equal becomes unequal": (a.Compare, " = ", " <> "),
    "unequal becomes equal": (a.Compare, " <> ", " = "),
}
"""A node, and what is replaced in the SQL of such nodes."""

SQL_STATEMENTS = {
    "previous becomes next": ("LAG(", "LEAD("),
    "a running sum leaves out the row": ("ROWS UNBOUNDED PRECEDING", "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"),
    "a rolling window is a day shorter": ("RANGE BETWEEN UNBOUNDED PRECEDING AND ", "RANGE BETWEEN UNBOUNDED PRECEDING AND -1 + "),
    "no day begins": ("IS DISTINCT FROM", "IS NOT DISTINCT FROM"),
    "the smallest ranks first": (" DESC, ", " ASC, "),
    "equal values count each": ("COUNT(DISTINCT ", "COUNT("),
    "a related row proves nothing": ("some_true THEN TRUE", "some_true THEN FALSE"),
    "an unknown related row is none": ("some_unknown THEN NULL ELSE FALSE", "some_unknown THEN FALSE ELSE FALSE"),
    "an unknown part of a sum counts nothing": ("some_unknown THEN NULL ELSE COALESCE", "some_unknown THEN 0 ELSE COALESCE"),
    "a missing key meets none": ("IS NULL THEN NULL WHEN", "IS NULL THEN FALSE WHEN"),
    "all related rows must meet": ("BOOL_OR(", "BOOL_AND("),
    "knowledge ends a day late": ("< k.valid_until", "<= k.valid_until"),
    "what can't be told is clear": (") IS NOT FALSE AND (TRUE", ") IS TRUE AND (TRUE"),
    "an exemption is none": ("THEN 'exempt:", "THEN 'flagged' WHEN FALSE THEN 'exempt:"),
    "the last witnesses come first": ("MIN({'d'", "MAX({'d'"),
    "a percentile is half of it": (" + 99) // 100", " + 99) // 200"),
}
"""What is replaced in whole statements: windows, related rows, the unknown."""

PYTHON_NODES = {
    "and becomes or": (a.And, a.Or),
    "or becomes and": (a.Or, a.And),
    "not is dropped": (a.Not, "not ", ""),
    "missing becomes present": (a.IsMissing, " is None)", " is not None)"),
    "membership becomes absence": (a.OneOf, " in ", " not in "),
    "prefix is cut one shorter": (a.Under, ".startswith(", "[1:].startswith("),
    "plus becomes minus": (a.Arithmetic, " + ", " - "),
    "minus becomes plus": (a.Arithmetic, " - ", " + "),
    "times becomes plus": (a.Arithmetic, " * ", " + "),
    "least becomes greatest": (a.Extreme, " <= ", " >= "),
    "the whole is one more": (a.Share, "share(", "(lambda x, p, w: share(x, p, w and w + 1))("),
    "if takes the other branch": (a.If, " if (", " if not ("),
    "days count double": (a.Days, " - ", " - 2 * "),
    "the birthday is a day later": (a.Age, "age(", "(lambda b, o: age(b + 1, o))("),
    "the category is one letter": (a.Start, "[:3]", "[:1]"),
    "hours become half hours": (a.Hour, "3600", "1800"),
    "months become days": (a.Month, "month(", "int("),
    "greater becomes greater or equal": (a.Compare, " > ", " >= "),
    "greater or equal becomes greater": (a.Compare, " >= ", " > "),
    "less becomes less or equal": (a.Compare, " < ", " <= "),
    "less or equal becomes less": (a.Compare, " <= ", " < "),
    "equal becomes unequal": (a.Compare, " == ", " != "),
    "unequal becomes equal": (a.Compare, " != ", " == "),
}
"""A node, and what is replaced in its Python; or another node that is written instead."""

PYTHON_LINES = {
    "earlier becomes later": (">= (r.order, k.number): continue", "<= (r.order, k.number): continue"),
    "previous becomes first": ("[-1][2]", "[0][2]"),
    "a running sum forgets the row": ("total += value", "total = value"),
    "a rolling window is a day longer": ("day > r.", "day >= r."),
    "the row's own day does not count": ("days.add(", "days.discard("),
    "the smallest ranks first": ("other > value", "other < value"),
    "equal values count each": ("| {value}", "| {o.key}"),
    "a related row proves nothing": (" = True", " = False"),
    "an unknown related row is none": ("elif c is None and not", "elif False and not"),
    "an unknown part of a sum counts nothing": ("if c is None or value is None:", "if value is None:"),
    "a missing key meets none": (" else None", " else False"),
    "rows with a missing key are peers": ("if None not in key and", "if"),
    "knowledge ends a day late": ("< k.until", "<= k.until"),
    "what can't be told is clear": ("return (r, k, 'cannot_tell'", "return None and ("),
    "an exemption is none": ("'exempt:", "'flagged' or 'exempt:"),
    "only one witness is kept": ("[:20]", "[:1]"),
    "a percentile is half of it": ("// 100 - 1", "// 200 - 1"),
}
"""What is replaced in lines of the functions that a check is compiled to."""


@pytest.fixture(scope="module")
def sample() -> tuple[World, list[Result]]:
    world = packed(collect(800, seed=4))
    return world, evaluate("memory", PACK, world)


def written(engine: str) -> list[str]:
    """What the engine writes for each plan of the pack."""
    if engine == "duckdb":
        return [statement(plan) for plan in PACK.plans]
    return [compile_check(plan, PACK).source for plan in PACK.plans]


@pytest.fixture(scope="module")
def before() -> dict[str, list[str]]:
    return {engine: written(engine) for engine in ("duckdb", "memory")}


def noticed(engine: str, sample: tuple[World, list[Result]], before: dict[str, list[str]]) -> bool:
    """Whether a changed engine answers otherwise, or not at all. AssertionError if nothing it writes is changed."""
    world, expected = sample
    try:
        plans = [p for p, old, new in zip(PACK.plans, before[engine], written(engine), strict=True) if old != new]
        rules = {PACK.rules[k.rule].id for plan in plans for k in plan.known}
        assert rules, "the change reaches no statement"
        return evaluate(engine, PACK.only(rules), world) != [r for r in expected if r.rule in rules]
    except (duckdb.Error, sqlglot.errors.SqlglotError, SyntaxError, TypeError, AttributeError):
        return True  # what won't run is noticed too


def change_nodes(patch: pytest.MonkeyPatch, writer: type, name: str, change: tuple) -> None:
    """Let `writer.name` write nodes of one class otherwise."""
    node_type, *how = change
    true = writer.__dict__[name]

    def changed(self: object, node: a.Node) -> str:
        write = true.__get__(self, type(self))
        if type(node) is not node_type:
            return write(node)
        return write(how[0](node.left, node.right)) if len(how) == 1 else write(node).replace(*how)

    patch.setattr(writer, name, changed)


@pytest.mark.slow
@pytest.mark.parametrize("name", SQL_NODES)
def test_a_changed_operator_in_sql_is_noticed(name: str, sample, before, monkeypatch: pytest.MonkeyPatch) -> None:
    change_nodes(monkeypatch, SqlExpression, "sql", SQL_NODES[name])
    assert noticed("duckdb", sample, before)


@pytest.mark.slow
@pytest.mark.parametrize("name", SQL_STATEMENTS)
def test_a_changed_statement_is_noticed(name: str, sample, before, monkeypatch: pytest.MonkeyPatch) -> None:
    true = KindStatement.sql
    monkeypatch.setattr(KindStatement, "sql", lambda self: true(self).replace(*SQL_STATEMENTS[name]))
    assert noticed("duckdb", sample, before)


@pytest.mark.slow
@pytest.mark.parametrize("name", PYTHON_NODES)
def test_a_changed_operator_in_python_is_noticed(name: str, sample, before, monkeypatch: pytest.MonkeyPatch) -> None:
    change_nodes(monkeypatch, PythonExpression, "source", PYTHON_NODES[name])
    assert noticed("memory", sample, before)


@pytest.mark.slow
@pytest.mark.parametrize("name", PYTHON_LINES)
def test_a_changed_line_is_noticed(name: str, sample, before, monkeypatch: pytest.MonkeyPatch) -> None:
    true = _Writer.put
    changed = PYTHON_LINES[name]
    monkeypatch.setattr(_Writer, "put", lambda self, depth, text: true(self, depth, text.replace(*changed)))
    assert noticed("memory", sample, before)


def test_every_node_is_changed_somewhere() -> None:
    """A node that the algebra gains has to be changed here too."""
    told = {cls for cls in vars(a).values() if isinstance(cls, type) and issubclass(cls, a.Node)}
    plain = {cls for cls in told if not cls.__subclasses__() and not issubclass(cls, a._Looking)}
    plain -= {a.Column, a.Literal, a.Missing}
    for changes in (SQL_NODES, PYTHON_NODES):
        assert {change[0] for change in changes.values()} == plain
