"""A local pack's folder into a LocalPack, read against what it inherits; everything wrong with it is told at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from mingcha.knowledge.cases import read_cases
from mingcha.knowledge.checking import check_rules
from mingcha.knowledge.documents import read_yaml
from mingcha.knowledge.layering import layer
from mingcha.knowledge.loading import HEAD, check_files, load_pack, read_head, read_rows, read_rule, rule_folders
from mingcha.knowledge.local import Amendment, LocalPack
from mingcha.knowledge.local_file import read_changes
from mingcha.knowledge.pack import Pack, Rule
from mingcha.knowledge.problems import Problems
from mingcha.knowledge.shipped import shipped_pack
from mingcha.rules.kind import KINDS

LOCAL = "local.yaml"
FILES = (LOCAL, "knowledge.csv", "cases.yaml")
"""What the folder of an amended rule holds; one with a rule.yaml is a rule of the area's own."""


class Head(NamedTuple):
    """Whose a pack is, before its rules are read: empty area for one that inherits nothing."""

    path: Path
    name: str
    extends: str
    area: str
    provider: str | None


def read_local_head(path: Path) -> Head:
    """Name, area and provider of the pack in a folder. PackError when its pack.yaml can't be read."""
    problems = Problems(path)
    root = read_yaml(path / "pack.yaml", problems)
    fields = root.fields(HEAD, ("extends", "area", "provider")) if root is not None else {}
    told = {name: fields[name].text() for name in ("pack", "extends", "area", "provider") if name in fields}
    if root is not None and ("extends" in told) != ("area" in told):
        root.wrong("地方规则包要同时写 extends 和 area", "a local pack says both extends and area")
    problems.raise_if_any()
    return Head(path, told.get("pack") or "", told.get("extends") or "", told.get("area") or "", told.get("provider"))


def load_local(path: Path, inherited: Pack) -> tuple[LocalPack, Pack]:
    """The local pack in a folder, and the inherited pack as it makes it. PackError lists every problem."""
    head = read_local_head(path)
    problems = Problems(path)
    root = read_yaml(path / "pack.yaml", problems)
    assert root is not None  # just read
    fields = root.fields(HEAD, ("extends", "area", "provider"))
    if head.extends != inherited.name:
        fields["extends"].wrong(f"这里继承的规则包是 {inherited.name}", f"the pack inherited here is {inherited.name}")
    own, amended = _read_rules(path, inherited, problems)
    check_rules(path, [*inherited.rules, *own], problems)
    problems.raise_if_any()
    pack = Pack(rules=tuple(sorted(own, key=lambda rule: rule.id)), **read_head(fields))
    local = LocalPack(pack, head.extends, head.area, head.provider, tuple(amended))
    made = layer(inherited, local, problems)
    problems.raise_if_any()
    return local, made


def read_chain(paths: Iterable[Path]) -> tuple[Pack, LocalPack | None]:
    """Packs laid over each other in the order given; the shipped one first, where the first is local.

    The last pack as it holds: all of it, or of a local one the rules it changes or adds, and the local pack itself.
    """
    *above, last = paths
    first = above[0] if above else last
    base = load_pack(shipped_pack() if read_local_head(first).area else first)
    for path in above:
        if read_local_head(path).area:
            base = load_local(path, base)[1]
    if not read_local_head(last).area:
        return base if last == first else load_pack(last), None
    local, made = load_local(last, base)
    its = {amendment.rule for amendment in local.amendments} | {rule.id for rule in local.own.rules}
    return replace(made, rules=tuple(rule for rule in made.rules if rule.id in its)), local


def _read_rules(path: Path, inherited: Pack, problems: Problems) -> tuple[list[Rule], list[Amendment]]:
    rules = {rule.id: rule for rule in inherited.rules}
    own, amended = [], []
    for folder in rule_folders(path, problems):
        if (folder / "rule.yaml").exists():
            if folder.name in rules:
                problems.add(
                    folder / "rule.yaml", 0, "id",
                    f"上级已有规则 {folder.name}：要改它请写 {LOCAL}；自己的规则另取编号",
                    f"{folder.name} is an inherited rule: amend it with {LOCAL}, or choose another id",
                )  # fmt: skip
            elif rule := read_rule(folder, problems):
                own.append(rule)
        elif folder.name not in rules:
            _unknown(folder, rules, problems)
        else:
            amended.append(_read_amendment(folder, rules[folder.name], problems))
    return own, amended


def _unknown(folder: Path, rules: dict[str, Rule], problems: Problems) -> None:
    near = "、".join(get_close_matches(folder.name, rules, 3, 0.5)) or "…"
    problems.add(
        folder, 0, "", f"上级没有规则 {folder.name}（相近的：{near}）；自己的新规则要有 rule.yaml",
        f"no rule {folder.name} is inherited (close to it: {near}); a rule of your own needs a rule.yaml",
    )  # fmt: skip


def _read_amendment(folder: Path, rule: Rule, problems: Problems) -> Amendment:
    check_files(folder, FILES, problems)
    root = read_yaml(folder / LOCAL, problems) if (folder / LOCAL).exists() else None
    changes = read_changes(root, rule) if root is not None else ()
    table, kind = folder / "knowledge.csv", KINDS[rule.kind]
    if table.exists() and not kind.by_item:
        problems.add(table, 0, "", f"种类 {kind.name} 没有知识点，删去这个文件",
                     f"kind {kind.name} has no knowledge rows; remove the file")  # fmt: skip
    rows = read_rows(table, kind, problems) if table.exists() and kind.by_item else ()
    cases = read_yaml(folder / "cases.yaml", problems) if (folder / "cases.yaml").exists() else None
    if not changes and not rows and root is None:
        problems.add(folder, 0, "", f"没有改变什么：写 {LOCAL} 或 knowledge.csv",
                     f"nothing is changed: write {LOCAL} or knowledge.csv")  # fmt: skip
    return Amendment(rule.id, changes, rows, read_cases(cases, ()) if cases is not None else ())
