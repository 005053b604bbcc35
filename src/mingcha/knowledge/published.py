"""Which published points of the official batches a pack holds: what "complete" is counted by."""

from __future__ import annotations

from collections import defaultdict

from mingcha.knowledge.pack import Pack


def points_by_batch(pack: Pack) -> dict[int, int]:
    """Official batch → how many of its points the pack has rows for; one point may be in several rows and rules."""
    found: dict[int, set[str]] = defaultdict(set)
    for rule in pack.rules:
        for row in rule.knowledge:
            if row.point and row.batch:
                found[row.batch].add(row.point)
    return {batch: len(points) for batch, points in sorted(found.items())}
