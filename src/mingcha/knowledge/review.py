"""Static review of a changed rule: what nobody needs data to see. Errors stop it, warnings want a person's eye."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from mingcha.knowledge.checking import check_rows
from mingcha.knowledge.force import is_in_force
from mingcha.knowledge.pack import Pack, Rule
from mingcha.knowledge.problems import Problems
from mingcha.rules.kind import KINDS

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True)
class Remark:
    """One thing a review found, in both languages; `level` is error or warning."""

    level: str
    zh: str
    en: str


def review(rule: Rule, pack: Pack, today: date) -> tuple[Remark, ...]:
    """What the rule's text alone gives away, errors first: contradictions, unreachable rows, overlaps, no basis.

    `pack` is what the rule would stand in; `today` decides which rows are over.
    """
    found = [*_basis(rule), *_contradictions(rule), *_unreachable(rule), *_parameters(rule, today)]
    found += [*_over(rule, today), *_elsewhere(rule, pack, today)]
    return tuple(sorted(found, key=lambda remark: remark.level))


def _basis(rule: Rule) -> Iterator[Remark]:
    if not rule.basis:
        yield Remark(ERROR, "没有写依据：规则要有法律、文件或目录条文", "no basis: a rule stands on a law or document")
    for row in rule.knowledge:
        if not row.basis.strip():
            yield Remark(ERROR, f"知识点 {row.id} 没有写依据", f"row {row.id} has no basis")


def _contradictions(rule: Rule) -> Iterator[Remark]:
    """Two rows that say different things of one item on one day: the loader's own check."""
    problems = Problems(Path())
    check_rows(Path("knowledge.csv"), KINDS[rule.kind], rule.knowledge, problems)
    for problem in problems.found:
        yield Remark(ERROR, f"知识点相互矛盾：{problem.zh}", f"contradiction: {problem.en}")


def _unreachable(rule: Rule) -> Iterator[Remark]:
    """Rows nothing can meet: a lower bound above its upper bound, a window that ends before it begins."""
    for row in rule.knowledge:
        if row.valid_to is not None and row.valid_to < row.valid_from:
            yield Remark(ERROR, f"知识点 {row.id} 失效早于生效，永远不会用到", f"row {row.id} ends before it begins")
        for name, least in row.values.items():
            most = row.values.get(name.removesuffix("_min") + "_max") if name.endswith("_min") else None
            if least is not None and most is not None and least > most:
                yield Remark(
                    ERROR,
                    f"知识点 {row.id} 的下限 {least} 大于上限 {most}，谁都不符合",
                    f"row {row.id}: the lower bound {least} is above the upper bound {most}",
                )


def _parameters(rule: Rule, today: date) -> Iterator[Remark]:
    for name, declared in KINDS[rule.kind].parameters.items():
        if declared.own_items:
            continue
        dated = rule.parameters.get(name, ())
        if not dated:
            yield Remark(ERROR, f"参数“{declared.zh}”没有值", f"the parameter “{declared.en}” has no value")
        elif dated[0].valid_from > today:
            yield Remark(
                WARNING,
                f"参数“{declared.zh}”从 {dated[0].valid_from} 起才有值，此前规则不运行",
                f"the parameter “{declared.en}” has no value before {dated[0].valid_from}",
            )


def _over(rule: Rule, today: date) -> Iterator[Remark]:
    if rule.knowledge and not any(row.valid_to is None or row.valid_to >= today for row in rule.knowledge):
        yield Remark(
            WARNING, "全部知识点都已失效，规则不会再命中", "all rows are over: the rule can't flag anything new"
        )


def _elsewhere(rule: Rule, pack: Pack, today: date) -> Iterator[Remark]:
    """Items another rule of the same template already watches: both would flag the same line."""
    mine = _items(rule, today)
    for other in pack.rules:
        if other.id == rule.id or other.template != rule.template or other.kind != rule.kind:
            continue
        both = mine & _items(other, today)
        if both:
            yield Remark(
                WARNING,
                f"有 {len(both)} 个项目同时在规则“{other.name}”里，同一行会命中两条（金额只计一次）",
                f"{len(both)} items stand in rule {other.id} too: a line is flagged twice, its money counted once",
            )


def _items(rule: Rule, day: date) -> set[str]:
    return {row.item for row in rule.knowledge if is_in_force(row, day)}
