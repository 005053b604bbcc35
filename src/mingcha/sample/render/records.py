"""What settlement lists say stays were given: hours and nursing days, as charged but where a story tells otherwise."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa

from mingcha.sample.dictionaries import items, recorded_items
from mingcha.sample.draft import EARLY, INPATIENT, NONE, RECORD_KINDS, Columns
from mingcha.sample.money import UNIT
from mingcha.sample.render.arrow import optional
from mingcha.sample.render.scene import Scene

_MINUTES = 60


def recorded(scene: Scene, rows: Columns) -> dict[str, pa.Array]:
    """Minutes and days by column for some of the visits; early versions say what the last one does."""
    order = np.argsort(scene.numbers, kind="stable")
    at = order[np.searchsorted(scene.numbers[order], rows["number"])] if len(order) else order
    stays = rows["care"] == INPATIENT
    return {
        column: optional(np.where(stays, amounts[at], NONE), pa.int32())
        for column, amounts in zip(RECORD_KINDS, _amounts(scene), strict=True)
    }


def _amounts(scene: Scene) -> list[np.ndarray]:
    """By column, an amount for each visit; nothing charged is no minutes known, or no days."""
    lines, told = scene.draft.lines, scene.draft.records
    kind = np.where(lines["version"] == EARLY, NONE, _kinds()[lines["item"]])
    found = []
    for place, column in enumerate(RECORD_KINDS):
        mine = np.flatnonzero(kind == place)
        charged = np.bincount(lines["visit"][mine], lines["quantity"][mine], len(scene.numbers)).astype(np.int64)
        by_the_hour = column.endswith("minutes")
        amounts = charged * _MINUTES // UNIT if by_the_hour else -(-charged // UNIT)
        amounts = np.where((amounts == 0) & by_the_hour, NONE, amounts)
        other = told["record"] == place
        amounts[told["visit"][other]] = told["amount"][other]
        found.append(amounts)
    return found


@cache
def _kinds() -> np.ndarray:
    """By item, the column that it is held to; NONE for most."""
    kinds = np.full(len(items().code), NONE)
    for place, column in recorded_items().items():
        kinds[place] = RECORD_KINDS.index(column)
    return kinds
