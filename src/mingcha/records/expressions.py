"""The closed list of expressions a mapping may use; each becomes SQL over the text columns of a source."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mingcha.records.casts import literal
from mingcha.terms.errors import InputError

Position = Callable[[str], str]
"""Source header → SQL of its text column; raises KeyError for a header the source lacks."""


def compile_expression(tree: Any, position: Position) -> str:
    """SQL (text or null) of one expression. Raises InputError for an unknown form, KeyError for a header."""
    if isinstance(tree, str):
        return position(tree)
    if isinstance(tree, dict):
        for name, build in _FORMS.items():
            if name in tree:
                unknown = set(tree) - {name, *_OPTIONS.get(name, ())}
                if unknown:
                    raise _bad(f"{name}: {sorted(unknown)}")
                return build(tree, position)
    raise _bad(repr(tree))


def sources(tree: Any) -> set[str]:
    """The headers an expression reads."""
    if isinstance(tree, str):
        return {tree}
    if isinstance(tree, list):
        return set().union(*(sources(part) for part in tree)) if tree else set()
    if isinstance(tree, dict):
        if "column" in tree:
            return {str(tree["column"])}
        return set().union(*(sources(tree[name]) for name in _READING if name in tree), set())
    return set()


def _bad(what: str) -> InputError:
    return InputError(
        f"映射里的表达式 {what} 不认识；可用的有：{'、'.join(_FORMS)}。",
        f"the mapping's expression {what} is unknown; there are: {', '.join(_FORMS)}.",
    )


def _value(tree: dict, position: Position) -> str:
    del position
    return "NULL::VARCHAR" if tree["value"] is None else literal(str(tree["value"]))


def _column(tree: dict, position: Position) -> str:
    return position(str(tree["column"]))


def _join(tree: dict, position: Position) -> str:
    mark = literal(str(tree.get("with", "-")))
    return "(" + f" || {mark} || ".join(compile_expression(part, position) for part in tree["join"]) + ")"


def _first(tree: dict, position: Position) -> str:
    return "coalesce(" + ", ".join(compile_expression(part, position) for part in tree["first"]) + ")"


def _lookup(tree: dict, position: Position) -> str:
    of = f"mc_code({compile_expression(tree['lookup'], position)})"
    cases = " ".join(f"WHEN {literal(str(given))} THEN {literal(str(meant))}" for given, meant in tree["in"].items())
    other = literal(str(tree["else"])) if "else" in tree else of
    return f"CASE {of} {cases} ELSE CASE WHEN {of} IS NOT NULL THEN {other} END END"


def _day(tree: dict, position: Position) -> str:
    return f"strftime(mc_moment({compile_expression(tree['day'], position)}), '%Y%m%d')"


def _take(tree: dict, position: Position) -> str:
    start, length = int(tree.get("from", 1)), int(tree["length"])
    return f"substring(mc_code({compile_expression(tree['take'], position)}), {start}, {length})"


def _born(tree: dict, position: Position) -> str:
    day = f"mc_moment({compile_expression(tree['born'], position)})"
    age = f"mc_integer({compile_expression(tree['age'], position)})"
    return f"strftime({day} - to_years({age}::INTEGER), '%Y-%m-%d')"


def _row(tree: dict, position: Position) -> str:
    del tree, position
    return "source_row::VARCHAR"


_FORMS: dict[str, Callable[[dict, Position], str]] = {
    "value": _value,
    "column": _column,
    "join": _join,
    "first": _first,
    "lookup": _lookup,
    "day": _day,
    "take": _take,
    "born": _born,
    "row": _row,
}
_OPTIONS = {"join": ("with",), "lookup": ("in", "else"), "take": ("from", "length"), "born": ("age",)}
_READING = ("join", "first", "lookup", "day", "take", "born", "age")
