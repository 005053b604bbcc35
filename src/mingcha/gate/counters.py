"""Counts that all processes of a gate share, in memory-mapped files: each writes its own, whoever asks adds them up."""

from __future__ import annotations

import os
from bisect import bisect_left
from pathlib import Path

import numpy as np

NAMES = (
    "requests", "reminders", "hit_requests", "refused", "repeated", "reused", "shed", "partial", "failed", "feedback",
    "taken", "limited", "snoozed", "unkept",
)  # fmt: skip
BOUNDS = (100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 51_200, 102_400, 204_800)
"""Upper bounds of the latency buckets, in microseconds; one more takes the rest."""
_MICROSECONDS = "microseconds"
_PLACES = {name: place for place, name in enumerate((*NAMES, _MICROSECONDS, *map(str, BOUNDS), "rest"))}
_FIRST = _PLACES[str(BOUNDS[0])]


class Counters:
    """One process's counts."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.process = str(os.getpid())
        shared = np.memmap(folder / f"{self.process}.counts", np.int64, "w+", shape=(len(_PLACES),))
        self._own = shared.data  # an item of it in a tenth of the time

    def count(self, name: str, by: int = 1) -> None:
        """Add to one of NAMES."""
        self._own[_PLACES[name]] += by

    def took(self, seconds: float) -> None:
        """Note how long an answer took."""
        microseconds = int(seconds * 1e6)
        self._own[_PLACES[_MICROSECONDS]] += microseconds
        self._own[_FIRST + bisect_left(BOUNDS, microseconds)] += 1

    def requests(self) -> dict[str, int]:
        """The messages each process had, those that ended among them."""
        return {process: int(found[_PLACES["requests"]]) for process, found in self._all().items()}

    def _all(self) -> dict[str, np.ndarray]:
        found = {path.stem: np.fromfile(path, np.int64) for path in self._folder.glob("*.counts")}
        return {process: counts for process, counts in found.items() if len(counts) == len(_PLACES)}

    def total(self) -> dict[str, int]:
        """The counts of all processes, those that ended among them."""
        whole = sum(self._all().values(), np.zeros(len(_PLACES), np.int64))
        return {name: int(whole[place]) for name, place in _PLACES.items()}

    def exposition(self) -> str:
        """The counts in Prometheus' text format."""
        told = self.total()
        lines = []
        for name in NAMES:
            lines += [f"# TYPE mingcha_gate_{name}_total counter", f"mingcha_gate_{name}_total {told[name]}"]
        lines.append("# TYPE mingcha_gate_seconds histogram")
        running = 0
        for bound in BOUNDS:
            running += told[str(bound)]
            lines.append(f'mingcha_gate_seconds_bucket{{le="{bound / 1e6:g}"}} {running}')
        running += told["rest"]
        lines += [
            f'mingcha_gate_seconds_bucket{{le="+Inf"}} {running}',
            f"mingcha_gate_seconds_sum {told[_MICROSECONDS] / 1e6}",
            f"mingcha_gate_seconds_count {running}",
        ]
        return "\n".join(lines) + "\n"
