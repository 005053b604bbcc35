"""How far a pack goes: of every rule template the rules that carry it out, and of every official batch its points."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from mingcha.knowledge.pack import Pack, Rule
from mingcha.knowledge.shipped import shipped_pack


@dataclass(frozen=True)
class Template:
    """One rule template of the library: its code, names, national class (1.0 code, or 2025版新增)."""

    code: str
    name: str
    name_en: str
    national_code: str
    operator: str
    stages: tuple[str, ...]


def templates() -> tuple[Template, ...]:
    """All templates, in the order of the library: policy (P), management (M), pharmacy (R), medical (C)."""
    with (shipped_pack() / "templates.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Template(
                row["template"], row["name"], row["name_en"], row["national_code"], row["operator"],
                tuple(row["stages"].split(";")),
            )
            for row in csv.DictReader(file)
        )  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """An item of the official lists of typical violations (医保函〔2025〕2号), verbatim, and the templates for it."""

    domain: str
    number: int
    category: str
    text: str
    templates: tuple[str, ...]


@cache
def problems() -> tuple[Problem, ...]:
    """The 202 items: 183 of medical institutions, 19 of pharmacies, in the order of the lists."""
    with (shipped_pack() / "problems.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Problem(
                row["domain"], int(row["number"]), row["category"], row["text"], tuple(row["templates"].split(";"))
            )
            for row in csv.DictReader(file)
        )


@dataclass(frozen=True)
class Gap:
    """What of a template no rule carries out, and why: one of its named exceptions, or ("") the template itself."""

    template: str
    exception: str
    reason: str
    reason_en: str


@cache
def gaps() -> tuple[Gap, ...]:
    """All gaps, in the order of the library."""
    with (shipped_pack() / "gaps.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Gap(**row) for row in csv.DictReader(file))


def rules_by_template(pack: Pack) -> dict[str, list[Rule]]:
    """Template code → the pack's rules for it."""
    found: dict[str, list[Rule]] = defaultdict(list)
    for rule in pack.rules:
        found[rule.template].append(rule)
    return dict(found)


def rows_told(rules: Iterable[Rule]) -> str:
    """How many rows the rules have, in digits; of rules that wait for an area's rows the number of examples."""
    rules = list(rules)
    rows, examples = sum(len(rule.knowledge) for rule in rules), sum(len(rule.examples) for rule in rules if rule.waits)
    waiting = f"local ({examples} examples)" if examples else ""
    return waiting if waiting and not rows else f"{rows}, {waiting}" if waiting else str(rows)


def points_by_batch(pack: Pack) -> dict[int, int]:
    """Official batch → how many of its points the pack has rows for; one point may be in several rows and rules."""
    found: dict[int, set[str]] = defaultdict(set)
    for rule in pack.rules:
        for row in rule.knowledge:
            if row.point and row.batch:
                found[row.batch].add(row.point)
    return {batch: len(points) for batch, points in sorted(found.items())}
