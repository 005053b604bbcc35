"""Draws from fixed distributions by looking one random number up in a table: fast, and the same in any chunking."""

from __future__ import annotations

from functools import cache

import numpy as np

from mingcha.sample.dictionaries import departments, items

CELLS = 4096


def table(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """CELLS cells in which each value fills its share of the weights."""
    edges = np.cumsum(weights / np.sum(weights))
    places = np.searchsorted(edges, (np.arange(CELLS) + 0.5) / CELLS)
    return np.asarray(values)[np.minimum(places, len(edges) - 1)]


def zipf(values: np.ndarray) -> np.ndarray:
    """A table in which the n-th value is drawn in proportion to 1/n."""
    return table(values, 1.0 / np.arange(1, len(values) + 1))


def draw(random: np.random.Generator, cells: np.ndarray, size: int) -> np.ndarray:
    """`size` draws from one table."""
    return cells[random.integers(0, CELLS, size)]


def draw_from(random: np.random.Generator, tables: np.ndarray, which: np.ndarray) -> np.ndarray:
    """One draw for each row of `which` from the table of that number."""
    return tables[which, random.integers(0, CELLS, len(which))]


_PHARMACY_POOL = ("drug:C", "drug:A", "drug:R", "drug:J", "drug:D", "patent:ZA", "patent:ZB", "patent:ZG")
_INTERNET_POOL = ("drug:C", "drug:A", "drug:R", "drug:D")
_CHRONIC_POOL = ("drug:C", "drug:A", "drug:R", "drug:B")
_OPERATION_POOL = ("operation",)
_HERB_POOL = ("herb",)


@cache
def pools() -> tuple[np.ndarray, dict[str, int]]:
    """Item tables, one a row, and where they begin: outpatient and inpatient by department, then the special ones."""
    wanted = [department.outpatient for department in departments()]
    starts = {"outpatient": 0, "inpatient": len(wanted)}
    wanted += [department.inpatient for department in departments()]
    for name, pool in (
        ("pharmacy", _PHARMACY_POOL),
        ("internet", _INTERNET_POOL),
        ("chronic", _CHRONIC_POOL),
        ("herb", _HERB_POOL),
        ("operation", _OPERATION_POOL),
    ):
        starts[name] = len(wanted)
        wanted.append(pool)
    return np.stack([_mixed(pool) for pool in wanted]), starts


def _mixed(prefixes: tuple[str, ...]) -> np.ndarray:
    """Equal shares for the prefixes of a pool, Zipf within each; the data file lists the popular items first."""
    parts = []
    for prefix in prefixes:
        parts.append(zipf(items().pooled(prefix)))
    mixed = np.concatenate(parts)
    return mixed[np.linspace(0, len(mixed) - 1, CELLS).astype(np.int64)]
