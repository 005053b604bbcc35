"""What only shows when rows are seen together: ids given twice, and one item under two limits on the same day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from mingcha.knowledge.pack import Row, Rule
from mingcha.knowledge.problems import Problems
from mingcha.rules.kind import Kind, KnowledgeType, Knows


def key_columns(kind: Kind) -> tuple[str, ...]:
    """The columns that say what a row is about; two rows that agree in them must not be in force on one day."""
    chosen = [name for name, knows in kind.knows.items() if name != "item" and _tells_apart(kind, name, knows)]
    return ("item", *chosen)


def _tells_apart(kind: Kind, name: str, knows: Knows) -> bool:
    return knows.apart or name == kind.choice or knows.type in (KnowledgeType.ITEM, KnowledgeType.LIST)


def check_rows(file: Path, kind: Kind, rows: Iterable[Row], problems: Problems) -> None:
    """Note row ids given twice and rows of one key whose validity overlaps."""
    seen: dict[str, int] = {}
    by_key: dict[tuple, list[Row]] = defaultdict(list)
    extra = key_columns(kind)[1:]
    for row in rows:
        if row.id in seen:
            problems.add(
                file,
                row.line,
                "id",
                f"编号 {row.id} 已在第 {seen[row.id]} 行用过",
                f"the id {row.id} is already used on line {seen[row.id]}",
            )
        seen.setdefault(row.id, row.line)
        by_key[(row.item, *(row.values[name] for name in extra))].append(row)
    for group in by_key.values():
        if len(group) > 1:
            _check_overlap(file, group, problems)


def _check_overlap(file: Path, rows: list[Row], problems: Problems) -> None:
    rows.sort(key=lambda row: (row.valid_from, row.line))
    last = rows[0]
    for row in rows[1:]:
        if row.valid_from <= (last.valid_to or date.max):
            problems.add(
                file,
                row.line,
                "valid_from",
                f"与第 {last.line} 行是同一项目，有效期重叠；旧的一行要写失效日期",
                f"the same item as line {last.line}, with overlapping validity; end the older row",
            )
        if (row.valid_to or date.max) >= (last.valid_to or date.max):
            last = row


def check_rules(root: Path, rules: Iterable[Rule], problems: Problems) -> None:
    """Note rule ids that differ only in what an eye misses: they name findings for ever (DECISIONS 16)."""
    seen: dict[str, str] = {}
    for rule in rules:
        flat = rule.id.replace("-", "")
        if flat in seen and seen[flat] != rule.id:
            problems.add(
                root / "rules" / rule.id,
                0,
                "id",
                f"与规则 {seen[flat]} 的编号只差连字符",
                f"the id differs from {seen[flat]} only in hyphens",
            )
        seen.setdefault(flat, rule.id)
