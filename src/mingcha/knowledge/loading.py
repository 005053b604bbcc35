"""A pack's folder into a Pack: every file is read and everything wrong with it is told at once."""

from __future__ import annotations

from pathlib import Path

from mingcha.knowledge.cases import read_cases
from mingcha.knowledge.checking import check_rows, check_rules
from mingcha.knowledge.documents import read_yaml
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
    head = _read_head(path, problems)
    folder = path / "rules"
    folders = sorted(entry for entry in folder.iterdir() if entry.is_dir()) if folder.is_dir() else []
    if not folders:
        problems.add(folder, 0, "", "一条规则也没有", "there is no rule")
    rules = [rule for entry in folders if (rule := _read_rule(entry, problems)) is not None]
    check_rules(path, rules, problems)
    problems.raise_if_any()
    return Pack(rules=tuple(sorted(rules, key=lambda rule: rule.id)), **head)


def _read_head(path: Path, problems: Problems) -> dict:
    root = read_yaml(path / "pack.yaml", problems)
    if root is None:
        return {}
    fields = root.fields(("pack", "issuer", "version", "valid_from", "sources"))
    return {
        "name": fields["pack"].text() if "pack" in fields else None,
        "issuer": fields["issuer"].text() if "issuer" in fields else None,
        "version": fields["version"].text() if "version" in fields else None,
        "valid_from": fields["valid_from"].day() if "valid_from" in fields else None,
        "sources": read_bases(fields.get("sources")),
    }


def _read_rule(folder: Path, problems: Problems) -> Rule | None:
    for stray in sorted(folder.iterdir()):
        if stray.name not in FILES and not stray.name.startswith("."):
            allowed = "、".join(FILES)
            problems.add(stray, 0, "", f"规则文件夹里只放 {allowed}", f"a rule's folder holds only {', '.join(FILES)}")
    root = read_yaml(folder / "rule.yaml", problems)
    fields = read_rule_fields(root, folder.name) if root is not None else {}
    cases = read_yaml(folder / "cases.yaml", problems)
    worked = read_cases(cases) if cases is not None else ()
    kind = KINDS.get(fields.get("kind", ""))
    if kind is None:
        return None
    file = _table(folder, kind, problems)
    rows = _read_rows(file, kind, problems) if file else ()
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


def _read_rows(file: Path, kind: Kind, problems: Problems) -> tuple[Row, ...]:
    before = len(problems.found)
    rows = Table(file, kind, problems).read()
    check_rows(file, kind, rows, problems)
    if not rows and len(problems.found) == before:
        problems.add(file, 0, "", "至少要有一行知识点", "at least one knowledge row is required")
    return rows
