"""Counts that all processes of a gate share, in memory-mapped files: each writes its own, whoever asks adds them up."""

from __future__ import annotations

import os
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


class Counters:
    """One process's counts."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._own = np.memmap(folder / f"{os.getpid()}.counts", np.int64, "w+", shape=(len(_PLACES),))

    def count(self, name: str, by: int = 1) -> None:
        """Add to one of NAMES."""
        self._own[_PLACES[name]] += by

    def took(self, seconds: float) -> None:
        """Note how long an answer took."""
        microseconds = int(seconds * 1e6)
        self._own[_PLACES[_MICROSECONDS]] += microseconds
        bound = next((str(bound) for bound in BOUNDS if microseconds <= bound), "rest")
        self._own[_PLACES[bound]] += 1

    def total(self) -> dict[str, int]:
        """The counts of all processes, those that ended among them."""
        found = [np.fromfile(path, np.int64) for path in self._folder.glob("*.counts")]
        whole = sum((one for one in found if len(one) == len(_PLACES)), np.zeros(len(_PLACES), np.int64))
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
