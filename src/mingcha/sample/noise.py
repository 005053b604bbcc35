"""Ordinary corrections: some rows come first without their doctor and again, complete, in the update files."""

from __future__ import annotations

import numpy as np

from mingcha.sample.draft import EARLY, KEPT, LATE, NONE, Columns, taken

CORRECTED_SHARE = 0.003


def corrected(random: np.random.Generator, rows: Columns) -> tuple[Columns, Columns, np.ndarray]:
    """The rows, a few of them marked LATE; their EARLY versions (practitioner missing); and the places of the late."""
    chosen = np.flatnonzero((random.random(len(rows["version"])) < CORRECTED_SHARE) & (rows["version"] == KEPT))
    chosen = chosen[rows["practitioner"][chosen] != NONE]
    late = dict(rows) | {"version": rows["version"].copy()}
    late["version"][chosen] = LATE
    early = taken(rows, chosen)
    early["version"] = np.full(len(chosen), EARLY)
    early["practitioner"] = np.full(len(chosen), NONE)
    return late, early, chosen
