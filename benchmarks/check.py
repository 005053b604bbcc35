"""T7: one request checked in process, five lines against a history of a hundred, while a doctor waits."""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mingcha.engines import facts as memory_facts
from mingcha.rules.frames import FRAMES

REQUESTS = 10_000
LINES, HISTORY = 5, 100
KNOWN = 0.4
"""Share of requests in which one line is swapped for an item some rule knows: people rarely break a rule in just
the five lines drawn, and requests that never hit would measure half of the work."""
CHUNK = 500
CLOSURES = 5 * 78
"""Calls of an empty closure that calibrate the machine: five lines, 78 functions each."""

Rows = list[dict[str, Any]]
World = dict[str, Rows]


@dataclass(frozen=True)
class Checked:
    """What the requests took, in microseconds, with the calibration of the same run."""

    p50: float
    p50_quiet: float  # of the best chunk: what a machine with nothing else to do gives
    p99: float
    hits: float
    requests: int
    empty: float


class People:
    """Rows by person, as the engine's frames name them; requests are drawn from them."""

    def __init__(self, frames: dict[str, Rows], items: list[str], seed: int) -> None:
        self.random = random.Random(seed)
        self.items = items
        self.providers = frames["provider"]
        self.visits = {(row["provider"], row["visit"]): row for row in frames["visit"]}
        self.diagnoses: dict[tuple, Rows] = defaultdict(list)
        for row in frames["diagnosis"]:
            self.diagnoses[row["provider"], row["visit"]].append(row)
        lines: dict[int, Rows] = defaultdict(list)
        for row in frames["line"]:
            lines[row["person"]].append(row)
        self.lines = [
            sorted(rows, key=lambda row: (row["day"], -1 if row["second"] is None else row["second"], row["line"]))
            for rows in lines.values()
            if len(rows) >= HISTORY + LINES
        ]

    def draw(self) -> tuple[World, World]:
        """A history of a hundred lines and a request with the five that follow, with their visits and diagnoses."""
        rows = self.random.choice(self.lines)
        start = self.random.randrange(HISTORY, len(rows) - LINES + 1)
        history, request = rows[start - HISTORY : start], rows[start : start + LINES]
        if self.random.random() < KNOWN:
            place = self.random.randrange(LINES)
            request[place] = {**request[place], "item": self.random.choice(self.items)}
        known = {(row["provider"], row["visit"]) for row in history}
        return {**self.world(history, known), "provider": self.providers}, self.world(
            request, {(row["provider"], row["visit"]) for row in request} - known
        )

    def world(self, lines: Rows, visits: set[tuple[str, str]]) -> World:
        return {
            "line": lines,
            "visit": [self.visits[key] for key in visits if key in self.visits],
            "diagnosis": [row for key in visits for row in self.diagnoses.get(key, ())],
        }


def calibrate() -> float:
    """Microseconds of `CLOSURES` calls of a function that does nothing; the median of 200 rounds."""

    def nothing() -> None:
        return None

    taken = []
    for _ in range(200):
        start = time.perf_counter_ns()
        for _ in range(CLOSURES):
            nothing()
        taken.append(time.perf_counter_ns() - start)
    return statistics.median(taken) / 1000


def requests(people: People, count: int) -> Iterator[list[tuple[World, World]]]:
    """So many requests, in chunks that fit the memory."""
    for _ in range(count // CHUNK):
        yield [people.draw() for _ in range(CHUNK)]


def decoded(request: World) -> dict[str, list[Any]]:
    """The request as row objects."""
    return {name: [memory_facts.row(FRAMES[name], values) for values in rows] for name, rows in request.items()}


def measure(memory: Any, people: People, count: int = REQUESTS) -> Checked:
    """Check each of so many requests once. History and request are row objects, as decoding a message leaves them."""
    taken: list[int] = []
    chunks: list[float] = []
    empty: list[float] = []
    hit = 0
    for chunk in requests(people, count):
        ready = [(memory_facts.Facts(history), decoded(request)) for history, request in chunk]
        gc.collect()
        gc.freeze()  # as a service does: histories stay, so the collector need not walk them
        empty.append(calibrate())
        for facts, request in ready:
            start = time.perf_counter_ns()
            found = memory.check(facts, request)
            taken.append(time.perf_counter_ns() - start)
            hit += any(result.verdict == "flagged" for result in found)
        gc.unfreeze()
        chunks.append(statistics.median(taken[-len(ready) :]))
    taken.sort()
    return Checked(
        p50=taken[len(taken) // 2] / 1000,
        p50_quiet=min(chunks) / 1000,
        p99=taken[len(taken) * 99 // 100] / 1000,
        hits=hit / len(taken),
        requests=len(taken),
        empty=statistics.median(empty),
    )
