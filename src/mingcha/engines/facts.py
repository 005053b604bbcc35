"""Rows in memory, as the memory engine reads them: one object per row, indexed, parents at hand.

A date is its ordinal, a missing value None. Lists under an index key are kept in the order "earlier" means.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from operator import attrgetter
from typing import Any

from mingcha.rules.algebra import Kind
from mingcha.rules.frames import FRAMES, Frame, Parent

_FIRST = date(1, 1, 1).toordinal()
_LAST = date(9999, 12, 31).toordinal()
_PEOPLES = ("visit", "line", "diagnosis", "operation", "trace")
_in_order = attrgetter("order")


def _row_class(frame: Frame) -> type:
    slots = (*frame.columns, *frame.parents, "order", "key", "place")
    return type(frame.name.capitalize(), (), {"__slots__": slots})


def _shown(frame: Frame, values: Mapping[str, Any]) -> bool:
    return all(values.get(name) == wanted for name, wanted in frame.only.items())


def _iso(day: int) -> str:
    return date.fromordinal(day).isoformat()


_DATED = {
    frame.name: names for frame in FRAMES.values() if (names := {n for n in frame.key if frame.columns[n] is Kind.DATE})
}
"""Frames with days in their keys, which other engines write as dates."""

CLASSES = {name: _row_class(frame) for name, frame in FRAMES.items()}


def row(frame: Frame, values: Mapping[str, Any]) -> Any:
    """One row object of a frame from its columns; dates may be dates or ordinals."""
    return _MADE[frame.name](values)


KEPT = ("visit", "line", "diagnosis", "operation")
"""Frames of a person's history that is kept ready."""

Values = dict[str, list[tuple[Any, ...]]]
"""Rows of a person by frame: their values in the order of the frame's columns, dates as ordinals."""


def reader(name: str) -> Callable[[Sequence[Any]], Any]:
    """A function that makes a row object of a frame of people from its values, in the order of the frame's columns.

    Dates are ordinals. It is quicker still than `row`: histories are read while a doctor waits.
    """
    frame = FRAMES[name]
    taken = f"({', '.join(f'm.{column}' for column in frame.columns)},) = values"
    return _compiled(frame, [taken], f'f"{"|".join(f"{{m.{column}}}" for column in frame.key)}"')


def _maker(frame: Frame) -> Callable[[Mapping[str, Any]], Any]:
    dated = _DATED.get(frame.name, ())
    taken = ["get = values.get"]
    for column, kind in frame.columns.items():
        value = f'get("{column}")'
        taken.append(f"m.{column} = " + (f"ordinal({value})" if kind is Kind.DATE else value))
    key = ", ".join(f"iso(m.{column})" if column in dated else f"m.{column}" for column in frame.key)
    return _compiled(frame, taken, f'"|".join([str(part) for part in ({key},) if part is not None])')


def _compiled(frame: Frame, taken: list[str], key: str) -> Callable[[Any], Any]:
    """A function that makes a row object: the statements that take its columns from `values`, then what follows."""
    second = f"-1 if m.{frame.second} is None else m.{frame.second}" if frame.second else "-1"
    steps = [
        "m = made_of()",
        *taken,
        *(f"m.{step} = None" for step in frame.parents),
        f"m.order = (m.{frame.day}, {second}, {', '.join(f'm.{column}' for column in frame.key)})",
        f"m.key = {key}",
        f"m.place = ({', '.join(f'm.{column}' for column in frame.index)},)",
        "return m",
    ]
    source = "\n    ".join(["def made(values):", *steps])
    scope: dict[str, Any] = {"made_of": CLASSES[frame.name], "ordinal": _ordinal, "iso": _iso}
    exec(compile(source, f"<rows of {frame.name}>", "exec"), scope)
    return scope["made"]


def _ordinal(value: date | int | None) -> int | None:
    return value.toordinal() if isinstance(value, date) else value


_MADE = {name: _maker(frame) for name, frame in FRAMES.items()}


class Facts:
    """The rows of one person, or of a whole small world."""

    def __init__(self, world: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
        self.provider: dict[str, list[Any]] = {}
        self.visits: dict[tuple[str, str], Any] = {}
        self.basket: dict[tuple[str, str], list[Any]] = {}
        self.history: dict[tuple[int], list[Any]] = {}
        self.line: dict[tuple, list[Any]] = {}
        self.visit: dict[tuple, list[Any]] = {}
        self.diagnosis: dict[tuple, list[Any]] = {}
        self.operation: dict[tuple, list[Any]] = {}
        self.trace: dict[tuple, list[Any]] = {}
        self.wide: list[str] = []
        self.sent: dict[str, set[str] | None] = {}
        self.add(world)

    def widen(self, world: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
        """Index the frames that only audits read, too; never while somebody waits."""
        for frame in FRAMES.values():
            if not frame.at_hand:
                setattr(self, frame.name, {})
                rows = (values for values in world.get(frame.drawn_from, ()) if _shown(frame, values))
                self._index(frame.name, made := [row(frame, values) for values in rows])
                for one in made:
                    for step, parent in frame.parents.items():
                        setattr(one, step, self._parent(parent, one, frame))
                self.wide.append(frame.name)

    def _parent(self, parent: Parent, of: Any, frame: Frame) -> Any:
        keys = tuple(getattr(of, mine) for mine, _ in parent.on)
        if parent.frame == "provider":
            return self._facility(keys[0], getattr(of, frame.day))
        if parent.frame == "sale":
            return next((line for line in self.basket.get(keys[:2], ()) if line.line == keys[2]), None)
        return self.visits.get(keys)

    def covers(self, provider: str, need: str) -> bool:
        """Whether the provider ever sent what a kind needs; a register of persons is sent for everybody or nobody."""
        if need not in self.sent:
            self.sent[need] = self._senders(need)
        senders = self.sent[need]
        return senders is None or provider in senders

    def _senders(self, need: str) -> set[str] | None:
        frame, _, column = need.partition(".")
        rows = [one for rows in getattr(self, frame).values() for one in rows]
        given = [one for one in rows if not column or getattr(one, column) is not None]
        if "provider" not in FRAMES[frame].columns:
            return None if given else set()
        return {one.provider for one in given}

    def all(self) -> dict[str, list[Any]]:
        """Every row by frame; for answering about everything, never while somebody waits."""
        names = (*_PEOPLES, *self.wide)
        return {name: [row for rows in getattr(self, name).values() for row in rows] for name in names}

    def add(self, world: Mapping[str, Iterable[Any]]) -> dict[str, list[Any]]:
        """Add rows (mappings, or objects `row` made before) and give back the objects by frame.

        Parents are found among all rows so far.
        """
        added: dict[str, list[Any]] = {}
        for values in world.get("provider", ()):
            made = row(FRAMES["provider"], values)
            made.level_text = None if made.level is None else str(made.level)
            self.provider.setdefault(made.provider, []).append(made)
        for name in _PEOPLES:
            if given := world.get(name):
                frame, made_of = FRAMES[name], CLASSES[name]
                added[name] = [v if isinstance(v, made_of) else row(frame, v) for v in given]
        for name, rows in added.items():
            self._index(name, rows)
        for name, rows in added.items():
            self._join(name, rows)
        return added

    def _index(self, name: str, rows: list[Any]) -> None:
        index = getattr(self, name)
        for made in rows:
            among = index.get(made.place)
            if among is None:
                index[made.place] = [made]
            elif among[-1].order <= made.order:
                among.append(made)  # as they mostly come
            else:
                insort(among, made, key=_in_order)
        if name == "visit":
            self.visits.update([((made.provider, made.visit), made) for made in rows])
        elif name == "line":
            for made in rows:
                self.basket.setdefault((made.provider, made.visit), []).append(made)
                self.history.setdefault((made.person,), []).append(made)

    def remove(self, added: dict[str, list[Any]]) -> None:
        """Take added rows back: what a request brought is not history until it is settled."""
        for name, rows in added.items():
            index = getattr(self, name)
            for made in rows:
                index[made.place].remove(made)
                if name == "visit":
                    del self.visits[made.provider, made.visit]
                elif name == "line":
                    self.basket[made.provider, made.visit].remove(made)
                    self.history[(made.person,)].remove(made)

    def _join(self, name: str, rows: list[Any]) -> None:
        if name == "line":
            for made in rows:
                made.encounter = self.visits.get((made.provider, made.visit))
                made.facility = self._facility(made.provider, made.day)
        elif name in ("diagnosis", "operation"):
            for made in rows:
                made.encounter = self.visits.get((made.provider, made.visit))
        elif name == "visit":
            for made in rows:
                made.facility = self._facility(made.provider, made.start_day)
        elif name == "trace":
            for made in rows:
                lines = self.basket.get((made.provider, made.visit), ())
                made.sale = next((line for line in lines if line.line == made.line), None)

    def _facility(self, provider: str, day: int) -> Any:
        for version in self.provider.get(provider, ()):
            if (version.valid_from or _FIRST) <= day < (version.valid_until or _LAST):
                return version
        return None
