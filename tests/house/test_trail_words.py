"""Every action that is entered into the trail anywhere in the product can be read: its code has words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tree import tree, under

from mingcha.desk.trail.words import ACTIONS
from mingcha.procedure import benefits, disbursements, documents, onboarding, review, rule_life

COMPOSED = {
    "library.": rule_life.MOVES, "onboarding.": onboarding.MOVES, "review.": {**review.MOVES, **review.CLOCKS},
    "access.": {"approved", "declined"}, "document.": documents.MOVES, "benefits.": {**benefits.MOVES, **review.CLOCKS},
    "disbursements.": {**disbursements.MOVES, "enter": "", "take-out": ""},
}  # fmt: skip
"""Where a code is put together from the name of a move: its beginning, and the names there are."""


def entered(path: Path) -> Iterator[tuple[str, int]]:
    """Codes handed to `enter`, directly or by way of a function of the file that hands its own parameter on."""
    module = tree(path)
    relays: dict[str, list[str]] = {"enter": ["action"]}
    parameters: dict[str, list[str]] = {}
    for function in (node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)):
        names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
        parameters[function.name] = names
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            value = _argument(call, "action", []) if _name(call) == "enter" else None
            if isinstance(value, ast.Name) and value.id in (*names, *(a.arg for a in function.args.kwonlyargs)):
                relays[function.name] = [value.id]
    for call in (node for node in ast.walk(module) if isinstance(node, ast.Call)):
        for parameter in relays.get(_name(call), ()):
            yield from _codes(_argument(call, parameter, parameters.get(_name(call), [])), call.lineno)


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _argument(call: ast.Call, parameter: str, names: list[str]) -> ast.expr | None:
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    if parameter in named:
        return named[parameter]
    place = names.index(parameter) if parameter in names else len(call.args)
    return call.args[place] if place < len(call.args) else None


def _codes(value: ast.expr | None, line: int) -> Iterator[tuple[str, int]]:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value, line
    elif isinstance(value, ast.IfExp):
        yield from _codes(value.body, line)
        yield from _codes(value.orelse, line)
    elif isinstance(value, ast.JoinedStr) and isinstance(value.values[0], ast.Constant):
        beginning = str(value.values[0].value)
        yield from ((beginning + name, line) for name in COMPOSED.get(beginning, {"…": None}))


def test_every_action_has_words() -> None:
    found = [(code, path, line) for path in under("src/mingcha", suffix=".py") for code, line in entered(path)]
    assert len({code for code, _, _ in found}) > 30, "the search finds what there is"
    silent = [f"{path}:{line} enters {code!r}" for code, path, line in found if code not in ACTIONS]
    assert not silent, "give them words in desk/trail/words.py"


def test_no_action_goes_by_two_names_or_none() -> None:
    assert all(words.strip() for words in ACTIONS.values())
    codes = list(ACTIONS.values())
    assert sorted({words for words in codes if codes.count(words) > 1}) == ["规则变更提交签署"]
