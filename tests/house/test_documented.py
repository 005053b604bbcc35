"""What exists is documented: commands, tables, kinds, rules, settings, addresses. Generated pages are fresh."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tree import ROOT, files, text, under

REFERENCE = Path("docs/reference")


def reference() -> str:
    return "\n".join(text(path) for path in files() if path.suffix == ".md" and REFERENCE in path.parents)


@pytest.mark.slow
def test_generated_pages_are_fresh() -> None:
    """Run `make docs` when this fails. In a process of its own, as help texts follow the language."""
    done = subprocess.run([sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def command_files() -> list[Path]:
    return [path for path in under("src/mingcha/cli", suffix=".py") if not path.stem.startswith("_")]


def test_every_command_is_documented() -> None:
    page = text(REFERENCE / "cli.md")
    names = {path.stem.rstrip("_").replace("_", "-") for path in command_files()}
    assert not [name for name in sorted(names) if f"## mingcha {name}\n" not in page]


def test_every_file_of_the_command_line_is_one_command() -> None:
    """A file in cli/ is found as a sub-command, so what is shared lives elsewhere."""
    assert not [str(path) for path in command_files() if not re.search(r"^def command\(|^command = ", text(path), re.M)]


def test_every_kind_is_documented() -> None:
    kinds = [path.stem for path in under("src/mingcha/rules/kinds", suffix=".py") if not path.stem.startswith("__")]
    said = reference()
    assert kinds
    assert not [kind for kind in kinds if kind not in said]


def test_every_rule_is_documented() -> None:
    rules = {path.parts[3] for path in under("packs/national/rules") if len(path.parts) > 4}
    said = reference()
    assert not [rule for rule in sorted(rules) if rule not in said]


def test_every_table_and_column_is_documented() -> None:
    from mingcha.records.tables import TABLES

    said = reference()
    tables = TABLES.values() if isinstance(TABLES, dict) else TABLES
    silent = [f"{t.name}.{c.name}" for t in tables for c in t.columns if f"`{c.name}`" not in said]
    assert not [t.name for t in tables if f"`{t.name}`" not in said]
    assert not silent


def test_every_setting_is_documented() -> None:
    """Every environment variable the product reads stands in the reference of settings."""
    variable = re.compile(r"""(?:environ(?:\.get)?[\[(]|getenv\()\s*["']([A-Z_]+)["']""")
    read = {name for path in under("src", suffix=".py") for name in variable.findall(text(path))}
    page = text(REFERENCE / "settings.md")
    locale = {"LANG", "LC_ALL"}
    assert not sorted(read - locale - set(re.findall(r"`([A-Z_]+)`", page)))


ADDRESSES = """
import django
django.setup()
from django.urls import URLPattern, get_resolver
from mingcha.desk.shell.permissions import PERMISSIONS

def names(patterns):
    for pattern in patterns:
        yield from [pattern.name] if isinstance(pattern, URLPattern) else names(pattern.url_patterns)

there = set(names(get_resolver().url_patterns))
print(sorted(map(str, there ^ set(PERMISSIONS))))
"""


@pytest.mark.slow
def test_every_address_stands_in_the_permission_table(tmp_path: Path) -> None:
    """The desk's addresses and its table of who may see what are the same set."""
    environment = {**os.environ, "MINGCHA_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "mingcha.desk.settings"}
    done = subprocess.run([sys.executable, "-c", ADDRESSES], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
