"""The small dictionaries of the city: items, diagnoses, operations, departments, areas and what the rules name."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np


def rows(name: str) -> list[dict[str, str]]:
    """The records of `data/<name>.csv` (UTF-8, header in the first line)."""
    text = (files("mingcha.sample") / "data" / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@dataclass(frozen=True)
class Items:
    """Every item the city charges, one array a column; `index` finds the place of a national code.

    `price` in 1/10000 yuan, `item_class` 0 甲, 1 乙, 2 丙; `pool` says where ordinary care draws it, "" where never.
    """

    code: np.ndarray
    name: np.ndarray
    list_type: np.ndarray
    charge_type: np.ndarray
    item_class: np.ndarray
    generic: np.ndarray
    spec: np.ndarray
    dosage_form: np.ndarray
    unit: np.ndarray
    price: np.ndarray
    pool: np.ndarray
    index: dict[str, int]

    def pooled(self, *prefixes: str) -> np.ndarray:
        """Places of the items whose pool begins with one of the prefixes, the most used first."""
        return np.flatnonzero([str(p).startswith(prefixes) for p in self.pool])


@cache
def items() -> Items:
    """The ordinary items and, after them, those the official lists name."""
    records = rows("items") + [{**record, "pool": ""} for record in rows("listed_items")]
    columns = {name: np.array([record[name] for record in records], dtype=object) for name in records[0]}
    return Items(
        code=columns["item"],
        name=columns["name"],
        list_type=columns["list_type"],
        charge_type=columns["charge_type"],
        item_class=np.array([int(value) - 1 for value in columns["item_class"]], dtype=np.int64),
        generic=columns["generic"],
        spec=columns["spec"],
        dosage_form=columns["dosage_form"],
        unit=columns["unit"],
        price=np.array([int(value) for value in columns["price"]], dtype=np.int64),
        pool=columns["pool"],
        index={code: place for place, code in enumerate(columns["item"])},
    )


@cache
def reported_items() -> dict[int, str]:
    """Places of the items of which a hospital writes reports, as far as rules ask for them, and the kind of report."""
    return {items().index[record["item"]]: record["report"] for record in rows("reported_items")}


@cache
def recorded_items() -> dict[int, str]:
    """Places of the items that rules hold to the settlement list, and the column it says it in."""
    return {items().index[record["item"]]: record["record"] for record in rows("recorded_items")}


@dataclass(frozen=True)
class Diagnoses:
    """Diagnoses with their codes and names, and the places each group of departments draws from."""

    code: np.ndarray
    name: np.ndarray
    groups: dict[str, np.ndarray]
    index: dict[str, int]


@cache
def diagnoses() -> Diagnoses:
    """ICD-10 national edition 2.0; the group "listed" holds what only planted histories use."""
    records = rows("diagnoses")
    names = {record["code"]: record["name"] for record in records}
    index = {code: place for place, code in enumerate(names)}
    groups: dict[str, list[int]] = {}
    for record in records:
        groups.setdefault(record["group"], []).append(index[record["code"]])
    return Diagnoses(
        code=np.array(list(names), dtype=object),
        name=np.array(list(names.values()), dtype=object),
        groups={group: np.array(places) for group, places in groups.items()},
        index=index,
    )


@dataclass(frozen=True)
class Department:
    """A kind of department: its code, the diagnosis group it sees and the item pools it orders from."""

    code: str
    name: str
    group: str
    outpatient: tuple[str, ...]
    inpatient: tuple[str, ...]


@cache
def departments() -> tuple[Department, ...]:
    """The kinds of departments, in the order the arrays of the city use."""
    return tuple(
        Department(
            record["code"], record["name"], record["group"],
            tuple(record["outpatient"].split(";")), tuple(record["inpatient"].split(";")),
        )
        for record in rows("departments")
    )  # fmt: skip


@dataclass(frozen=True)
class Operations:
    """Operations with codes and names: first those of ordinary care, `ordinary` of them, then what stories use."""

    code: np.ndarray
    name: np.ndarray
    ordinary: int
    index: dict[str, int]


@cache
def operations() -> Operations:
    """ICD-9-CM-3 national edition 2.0."""
    ordinary = rows("operations")
    records = ordinary + rows("listed_operations")
    columns = {name: np.array([record[name] for record in records], dtype=object) for name in ("code", "name")}
    index = {code: place for place, code in enumerate(columns["code"])}
    return Operations(columns["code"], columns["name"], len(ordinary), index)


@cache
def violations() -> dict[str, tuple[dict[str, str], ...]]:
    """What each rule says about which item, in the words of the official lists: rule id to rows of parameters."""
    return _by_rule("violations")


@cache
def local_violations() -> dict[str, tuple[dict[str, str], ...]]:
    """The same of rules as the city's own pack has them: what it sets otherwise than the country, or alone."""
    return _by_rule("local_violations")


@cache
def leaves_catalogue() -> dict[str, str]:
    """Items that the catalogue lacks from a day on: code to ISO date."""
    told = (row for rule, records in violations().items() if rule.endswith("outside-catalogue") for row in records)
    return {row["partner"]: row["valid_from"] for row in told}


def _by_rule(name: str) -> dict[str, tuple[dict[str, str], ...]]:
    found: dict[str, list[dict[str, str]]] = {}
    for record in rows(name):
        found.setdefault(record["rule"], []).append(record)
    return {rule: tuple(records) for rule, records in found.items()}
