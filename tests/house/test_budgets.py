"""Files and functions stay small, names stay telling, nothing is left for later."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from tree import ROOT, files, python, text, tree

FILE_LINES = 500
FUNCTION_LINES = 70
CODE = (".py", ".sh", ".html", ".js", ".css", ".sql", ".toml", ".yaml", ".yml")
DATA = ("packs/",)  # knowledge and cases grow with the law, not with us
VAGUE = {"utils", "util", "misc", "helpers", "helper", "common", "manager", "managers", "processor", "processors"}
LATER = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX)\b")


def function_length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end, without decorators and docstring."""
    length = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        length -= (first.end_lineno or first.lineno) - first.lineno + 1
    return length


def long_functions(path: Path) -> list[str]:
    return [
        f"{path}:{node.lineno} {node.name} has {function_length(node)} lines"
        for node in ast.walk(tree(path))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and function_length(node) > FUNCTION_LINES
    ]


def test_no_file_is_longer_than_five_hundred_lines() -> None:
    code = [path for path in files() if path.suffix in CODE and not path.as_posix().startswith(DATA)]
    lengths = {path: text(path).count("\n") for path in code}
    assert not {str(path): lines for path, lines in lengths.items() if lines > FILE_LINES}


def test_no_function_is_longer_than_seventy_lines() -> None:
    assert not [line for path in python() for line in long_functions(path)]


def test_length_leaves_out_docstring_and_decorators() -> None:
    source = '@cache\n@other\ndef f():\n    """One.\n\n    Two.\n    """\n    return 1\n'
    (node,) = ast.parse(source).body
    assert isinstance(node, ast.FunctionDef)
    assert function_length(node) == 2


def test_no_module_has_a_vague_name() -> None:
    vague = [path for path in python() if VAGUE & {path.stem, *(part.lower() for part in path.parent.parts)}]
    assert not vague


def test_no_star_import() -> None:
    stars = [
        f"{path}:{node.lineno}"
        for path in python()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
    ]
    assert not stars


def test_nothing_is_left_for_later() -> None:
    left = [
        f"{path}:{number}"
        for path in files()
        for number, line in enumerate(text(path).splitlines(), 1)
        if path.suffix != ".csv" and path.name != "LICENSE" and LATER.search(line)
    ]
    assert not left


@pytest.mark.parametrize("kind", ["function", "class"])
def test_public_names_of_the_product_have_a_docstring(kind: str) -> None:
    """Top-level functions and classes; methods may speak through their class."""
    types = ast.ClassDef if kind == "class" else (ast.FunctionDef, ast.AsyncFunctionDef)
    silent = [
        f"{path}:{node.lineno} {node.name}"
        for path in python()
        if path.as_posix().startswith("src/") and "migrations" not in path.parts
        for node in tree(path).body
        if isinstance(node, types) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert not silent


def test_the_checkout_is_where_it_says() -> None:
    assert (ROOT / "pyproject.toml").is_file()
