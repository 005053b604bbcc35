"""A pack's folder into a Pack: every file is read and everything wrong with it is told at once."""

from __future__ import annotations

from pathlib import Path

from mingcha.knowledge.cases import read_cases
from mingcha.knowledge.checking import check_rows, check_rules
from mingcha.knowledge.documents import Value, read_yaml
from mingcha.knowledge.pack import Pack, Row, Rule
from mingcha.knowledge.problems import Problems
from mingcha.knowledge.rule_file import read_bases, read_rule_fields
from mingcha.knowledge.tables import Table
from mingcha.rules.kind import KINDS, Kind

FILES = ("rule.yaml", "knowledge.csv", "examples.csv", "cases.yaml")

EXAMPLES = "examples.csv"
"""Rows that judge the cases of a rule whose real rows are an area's own."""


def load_pack(path: Path) -> Pack:
    """The pack in the folder `path`: pack.yaml and in rules/<rule id> rule.yaml, cases.yaml and one table of rows.

    PackError lists every problem with file, line and field. Knowledge stays in the order of the file.
    """
    problems = Problems(path)
    root = read_yaml(path / "pack.yaml", problems)
    head = read_head(root.fields(HEAD)) if root is not None else {}
    rules = [rule for entry in rule_folders(path, problems) if (rule := read_rule(entry, problems)) is not None]
    check_rules(path, rules, problems)
    problems.raise_if_any()
    return Pack(rules=tuple(sorted(rules, key=lambda rule: rule.id)), **head)


def rule_folders(path: Path, problems: Problems) -> list[Path]:
    """The folders of a pack's rules, in order; notes when there is none."""
    folder = path / "rules"
    folders = sorted(entry for entry in folder.iterdir() if entry.is_dir()) if folder.is_dir() else []
    if not folders:
        problems.add(folder, 0, "", "一条规则也没有", "there is no rule")
    return folders


HEAD = ("pack", "issuer", "version", "valid_from", "sources")
"""Fields of every pack.yaml."""


def read_head(fields: dict[str, Value]) -> dict:
    """What a Pack has beside rules, from the fields of its pack.yaml."""
    return {
        "name": fields["pack"].text() if "pack" in fields else None,
        "issuer": fields["issuer"].text() if "issuer" in fields else None,
        "version": fields["version"].text() if "version" in fields else None,
        "valid_from": fields["valid_from"].day() if "valid_from" in fields else None,
        "sources": read_bases(fields.get("sources")),
    }


def check_files(folder: Path, allowed: tuple[str, ...], problems: Problems) -> None:
    """Note files that a rule's folder does not have."""
    for stray in sorted(folder.iterdir()):
        if stray.name not in allowed and not stray.name.startswith("."):
            zh, en = f"规则文件夹里只放 {'、'.join(allowed)}", f"a rule's folder holds only {', '.join(allowed)}"
            problems.add(stray, 0, "", zh, en)


def read_rule(folder: Path, problems: Problems) -> Rule | None:
    """The rule in a folder; None, with the problems noted, when its kind can't be read."""
    check_files(folder, FILES, problems)
    root = read_yaml(folder / "rule.yaml", problems)
    fields = read_rule_fields(root, folder.name) if root is not None else {}
    cases = read_yaml(folder / "cases.yaml", problems)
    worked = read_cases(cases) if cases is not None else ()
    kind = KINDS.get(fields.get("kind", ""))
    if kind is None:
        return None
    file = _table(folder, kind, problems)
    rows = read_rows(file, kind, problems) if file else ()
    local = file is not None and file.name == EXAMPLES
    return Rule(**fields, knowledge=() if local else rows, cases=worked, examples=rows if local else ())


def _table(folder: Path, kind: Kind, problems: Problems) -> Path | None:
    """The one table of the rule: examples.csv where the rows are a local matter; None where the kind knows no items."""
    own, local = folder / "knowledge.csv", folder / EXAMPLES
    if not kind.by_item:
        for file in (own, local):
            if file.exists():
                zh, en = (
                    f"种类 {kind.name} 没有知识点，删去这个文件",
                    f"kind {kind.name} has no knowledge rows; remove the file",
                )
                problems.add(file, 0, "", zh, en)
        return None
    if own.exists() and local.exists():
        zh = "已有 knowledge.csv，示例行不再需要，删去这个文件"
        problems.add(local, 0, "", zh, "the rule has a knowledge.csv and needs no example rows; remove the file")
    return local if local.exists() and not own.exists() else own


def read_rows(file: Path, kind: Kind, problems: Problems) -> tuple[Row, ...]:
    """The rows of a table, at least one, checked each by itself and together."""
    before = len(problems.found)
    rows = Table(file, kind, problems).read()
    check_rows(file, kind, rows, problems)
    if not rows and len(problems.found) == before:
        problems.add(file, 0, "", "至少要有一行知识点", "at least one knowledge row is required")
    return rows
