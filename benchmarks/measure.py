"""How everything here is measured: CPU-seconds of this process and its children, rounds interleaved, medians shown."""

from __future__ import annotations

import gc
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True)
class Series:
    """What the rounds of one task took, in seconds (CPU unless the task says otherwise)."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def __truediv__(self, other: Series) -> Series:
        """Round by round ratios: both sides ran in the same minute."""
        return Series(tuple(mine / theirs for mine, theirs in zip(self.values, other.values, strict=True)))

    def scaled(self, factor: float) -> Series:
        return Series(tuple(value * factor for value in self.values))

    def show(self, form: str = ".2f") -> str:
        """`median (min–max)`."""
        return f"{self.median:{form}} ({min(self.values):{form}}–{max(self.values):{form}})"


def cpu_seconds() -> float:
    """CPU of this process, all its threads, and its children that ended."""
    spent = os.times()
    return time.process_time() + spent.children_user + spent.children_system


def interleaved(
    tasks: Mapping[str, Callable[[], object]], rounds: int, spent: Callable[[], float] = cpu_seconds
) -> dict[str, Series]:
    """Run every task once to warm up, then `rounds` times in turn; CPU-seconds of each, as `spent` counts them."""
    for task in tasks.values():
        task()
    taken: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            gc.collect()
            start = spent()
            task()
            taken[name].append(spent() - start)
    return {name: Series(tuple(values)) for name, values in taken.items()}


def machine() -> str:
    """Cores, processor, memory, system, load and day, for the head of a result."""
    info = Path("/proc/cpuinfo")
    models = [line for line in info.read_text().splitlines() if line.startswith("model name")] if info.is_file() else []
    processor = models[0].split(":", 1)[1].strip() if models else platform.processor() or platform.machine()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores ({processor}), {memory:.0f} GiB, {platform.system()}, "
        f"Python {platform.python_version()}, load {load:.1f}, {date.today()}"
    )
