"""What is committed names no registry, no path of one person's machine and nobody real."""

from __future__ import annotations

import ast
import re

from tree import ROOT, files, python, text, tree, under

HOSTS = tuple(
    re.escape(name + "." + end)
    for name, end in [
        ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"), ("npmmirror", "com"),
        ("tuna.tsinghua", "edu.cn"), ("mirrors.aliyun", "com"), ("deb.debian", "org"), ("yarnpkg", "com"),
    ]
)
REGISTRY = re.compile("|".join(HOSTS))
PLACES = re.compile("/" + r"(?:work/|home/[a-z]+/|Users/|root/)")
ID_NUMBER = re.compile(
    r"(?<![0-9A-Za-z])[1-6]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX](?![0-9A-Za-z])"
)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
BIG = 2_000_000


def valid_id_number(number: str) -> bool:
    """Whether the eighteenth character is the check character of the first seventeen (GB 11643)."""
    return "10X98765432"[sum(int(d) * w for d, w in zip(number[:17], WEIGHTS, strict=True)) % 11] == number[17]


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path}:{number}"
        for path in files()
        for number, line in enumerate(text(path).splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_registry_is_named() -> None:
    assert not lines_with(REGISTRY)


def test_no_path_of_one_machine() -> None:
    assert not lines_with(PLACES)


def test_no_real_looking_identity_number() -> None:
    """Invented people carry numbers whose check character is wrong on purpose, so that they can't be anybody's."""
    found = [
        f"{path}: {number}"
        for path in files()
        for number in ID_NUMBER.findall(text(path))
        if valid_id_number(number)
    ]
    assert not found


def test_the_check_character_is_computed_as_the_standard_says() -> None:
    """The standard's own printed example, put together here so that no file holds it."""
    assert valid_id_number("11010519491231" + "002" + "X")
    assert not valid_id_number("11010519491231" + "002" + "1")


def test_no_file_is_huge() -> None:
    assert not [str(path) for path in files() if (ROOT / path).stat().st_size > BIG]


def test_the_generator_knows_neither_kinds_nor_engines() -> None:
    """Plants come from the wording of the templates, so that a wrong kind can't plant its own mistake."""
    closed = ("mingcha.rules", "mingcha.engines", "mingcha.knowledge", "mingcha.procedure")
    wrong = []
    for path in python():
        if not path.as_posix().startswith("src/mingcha/sample/"):
            continue
        for node in ast.walk(tree(path)):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            wrong += [f"{path}:{node.lineno} {name}" for name in names if name.startswith(closed)]
    assert not wrong


def test_docs_and_code_speak_of_the_product_alone() -> None:
    """Pages for readers of the product cite nothing that is not in the repository."""
    outside = re.compile(r"\.\./" + r"shared|blueprint/|STORIES\.md|LOOK\.md|STYLE\.md|MISSION\.md")
    pages = under("docs", "src", "packs", suffix=(".md", ".py", ".html", ".yaml"))
    assert not [str(path) for path in pages if outside.search(text(path))]
