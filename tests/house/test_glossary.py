"""One noun, one word: the glossary's words are used, and those it rules out name nothing in the code."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tree import python, text, tree


def rows() -> list[tuple[str, str, str]]:
    """Chinese, English, ruled-out words of each row of the glossary."""
    cells = re.findall(r"^\| ([^|]+) \| ([^|]+) \|([^|]*)\|$", text(Path("GLOSSARY.md")), re.MULTILINE)
    return [(zh.strip(), en.strip(), no.strip()) for zh, en, no in cells if zh not in ("中文", "---")]


def ruled_out() -> set[str]:
    words = (word.strip() for _, _, no in rows() for word in no.split(","))
    return {word for word in words if re.fullmatch(r"[a-z]+", word)}


def names(path: Path) -> set[str]:
    """Names the file gives: functions, classes, arguments, assigned variables."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return found


def parts(name: str) -> set[str]:
    """The words of a name: snake_case and CamelCase taken apart."""
    return {part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def test_the_glossary_has_rows_and_no_chinese_term_twice() -> None:
    terms = [term.strip() for zh, _, _ in rows() for term in zh.split(" / ")]
    assert len(terms) > 40
    assert not sorted({term for term in terms if terms.count(term) > 1})


def test_ruled_out_words_name_nothing() -> None:
    wrong = ruled_out()
    assert "patient" in wrong
    used = [
        f"{path}: {name}"
        for path in python()
        if path.as_posix().startswith("src/")
        for name in sorted(names(path))
        if parts(name) & wrong
    ]
    assert not used


def test_the_tables_stand_in_the_glossary_or_speak_for_themselves() -> None:
    """Every table of the contract has a Chinese and an English name, none of them twice."""
    from mingcha.records.tables import TABLES

    tables = list(TABLES.values()) if isinstance(TABLES, dict) else list(TABLES)
    for names_of in (lambda t: t.zh, lambda t: t.en):
        assert len({names_of(table) for table in tables}) == len(tables)
