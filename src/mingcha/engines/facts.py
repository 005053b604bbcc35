"""Rows in memory, as the memory engine reads them: one object per row, indexed, parents at hand.

A date is its ordinal, a missing value None. Lists under an index key are kept in the order "earlier" means.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Mapping
from datetime import date
from operator import attrgetter
from typing import Any

from mingcha.rules.frames import FRAMES, Frame

_FIRST = date(1, 1, 1).toordinal()
_LAST = date(9999, 12, 31).toordinal()
_in_order = attrgetter("order")


def _row_class(frame: Frame) -> type:
    slots = (*frame.columns, *frame.parents, "order", "key")
    return type(frame.name.capitalize(), (), {"__slots__": slots})


CLASSES = {name: _row_class(frame) for name, frame in FRAMES.items()}


def row(frame: Frame, values: Mapping[str, Any]) -> Any:
    """One row object of a frame from its columns; dates may be dates or ordinals."""
    made = CLASSES[frame.name]()
    for name in frame.columns:
        value = values.get(name)
        setattr(made, name, value.toordinal() if isinstance(value, date) else value)
    for name in frame.parents:
        setattr(made, name, None)
    second = getattr(made, frame.second) if frame.second else None
    key = tuple(getattr(made, name) for name in frame.key)
    made.order = (getattr(made, frame.day), -1 if second is None else second, *key)
    made.key = "|".join(str(part) for part in key if part is not None)
    return made


class Facts:
    """The rows of one person, or of a whole small world."""

    def __init__(self, world: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
        self.provider: dict[str, list[Any]] = {}
        self.visits: dict[tuple[str, str], Any] = {}
        self.lines: dict[tuple[str, str], list[Any]] = {}
        self.line: dict[tuple, list[Any]] = {}
        self.visit: dict[tuple, list[Any]] = {}
        self.diagnosis: dict[tuple, list[Any]] = {}
        self.trace: dict[tuple, list[Any]] = {}
        self.all: dict[str, list[Any]] = {name: [] for name in ("visit", "line", "diagnosis", "trace")}
        self.add(world)

    def add(self, world: Mapping[str, Iterable[Any]]) -> dict[str, list[Any]]:
        """Add rows (mappings, or objects `row` made before) and give back the objects by frame.

        Parents are found among all rows so far.
        """
        added: dict[str, list[Any]] = {}
        for values in world.get("provider", ()):
            made = row(FRAMES["provider"], values)
            made.level_text = None if made.level is None else str(made.level)
            self.provider.setdefault(made.provider, []).append(made)
        for name in ("visit", "line", "diagnosis", "trace"):
            frame = FRAMES[name]
            index = getattr(self, name)
            made_of = CLASSES[name]
            for values in world.get(name, ()):
                made = values if isinstance(values, made_of) else row(frame, values)
                insort(index.setdefault(tuple(getattr(made, c) for c in frame.index), []), made, key=_in_order)
                self.all[name].append(made)
                added.setdefault(name, []).append(made)
                if name == "visit":
                    self.visits[made.provider, made.visit] = made
                elif name == "line":
                    self.lines.setdefault((made.provider, made.visit), []).append(made)
        for name, rows in added.items():
            for made in rows:
                self._join(name, made)
        return added

    def remove(self, added: dict[str, list[Any]]) -> None:
        """Take added rows back: what a request brought is not history until it is settled."""
        for name, rows in added.items():
            index, frame = getattr(self, name), FRAMES[name]
            for made in rows:
                index[tuple(getattr(made, c) for c in frame.index)].remove(made)
                self.all[name].remove(made)
                if name == "visit":
                    del self.visits[made.provider, made.visit]
                elif name == "line":
                    self.lines[made.provider, made.visit].remove(made)

    def _join(self, name: str, made: Any) -> None:
        if name == "line":
            made.encounter = self.visits.get((made.provider, made.visit))
            made.facility = self._facility(made.provider, made.day)
        elif name == "visit":
            made.facility = self._facility(made.provider, made.start_day)
        elif name == "trace" and made.visit is not None:
            lines = self.lines.get((made.provider, made.visit), ())
            made.sale = next((line for line in lines if line.line == made.line), None)

    def _facility(self, provider: str, day: int) -> Any:
        for version in self.provider.get(provider, ()):
            if (version.valid_from or _FIRST) <= day < (version.valid_until or _LAST):
                return version
        return None
