"""What each person had before, in an embedded store on the gate's own disk: a copy the lake can always make again.

A store is made whole beside the one in use and then takes its place, or brought up to date where it is, in one
transaction; a reader notices within a second.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import lmdb
import msgspec

from mingcha.engines.facts import KEPT, Values, reader

_SIZE = 1 << 38  # address space, not disk: the file grows as it is filled
_POINTER, _TOLD = "current", b"about"
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode
_READERS = {name: reader(name) for name in KEPT}


class Histories:
    """The store in use, for reading; without one everybody's history is empty."""

    def __init__(self, folder: Path) -> None:
        self._pointer = folder / _POINTER
        self._stamp = 0
        self._env: lmdb.Environment | None = None
        self.about: dict[str, Any] = {}
        self.renew()

    def renew(self) -> None:
        """Take up the store that is now in use, if it is another, and what is said of it."""
        try:
            stamp, name = self._pointer.stat().st_mtime_ns, self._pointer.read_text()
        except FileNotFoundError:
            return
        env = self._env
        if env is None or stamp != self._stamp:
            env = lmdb.open(str(self._pointer.parent / name), readonly=True, map_size=_SIZE, readahead=False)
        with env.begin() as view:
            self.about = json.loads(view.get(_TOLD) or b"{}")
        self._env, self._stamp = env, stamp

    def values(self, person: int) -> Values:
        """A person's rows by frame as they are kept; nothing of somebody unknown."""
        if self._env is None:
            return {}
        with self._env.begin(buffers=True) as view:
            kept = view.get(_key(person))
            return _decode(kept) if kept is not None else {}

    def rows(self, person: int, visits: set[tuple[str, str]], lines: set[tuple[str, str, str]]) -> dict[str, list[Any]]:
        """The same as row objects, less what a message says itself: its visits, and its orders by their numbers."""
        return {
            name: [
                _READERS[name](values) for values in rows
                if (values[0], values[1]) not in visits or (name == "line" and tuple(values[:3]) not in lines)
            ]
            for name, rows in self.values(person).items()
        }  # fmt: skip


def about(folder: Path) -> dict[str, Any]:
    """What is said of the store in use: as of which batch it is, for which library, of how many persons."""
    return Histories(folder).about


def write(folder: Path, people: Iterable[tuple[int, Values]], about: dict[str, Any],
          step: Callable[[], object] = lambda: None) -> int:  # fmt: skip
    """Fill a new store and put it in the place of the old one; the number of persons. Whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"store-{os.urandom(6).hex()}"
    place, count = folder / name, 0
    env = lmdb.open(str(place), map_size=_SIZE, sync=False, writemap=False)
    try:
        ahead = iter(people)
        ended = False
        while not ended:
            with env.begin(write=True) as change:
                for _ in range(5_000):
                    found = next(ahead, None)
                    if found is None:
                        ended = True
                        break
                    change.put(_key(found[0]), _encode(found[1]), append=True)
                    count += 1
                    step()
        with env.begin(write=True) as change:
            change.put(_TOLD, json.dumps(about | {"persons": count}).encode())
        env.sync(True)
    except BaseException:
        env.close()
        shutil.rmtree(place, ignore_errors=True)
        raise
    env.close()
    _point(folder, name)
    for old in folder.glob("store-*"):
        if old.name != name:
            shutil.rmtree(old, ignore_errors=True)  # readers keep the file they have open
    return count


def update(folder: Path, people: Iterable[tuple[int, Values]], renewed: Iterable[int], about: dict[str, Any],
           step: Callable[[], object] = lambda: None) -> int:  # fmt: skip
    """Write persons anew in the store in use, in one transaction, and return how many.

    Those `renewed` of whom nothing came go. FileNotFoundError when there is no store yet. Its readers are other
    processes: LMDB opens a store once in each.
    """
    env = lmdb.open(str(folder / (folder / _POINTER).read_text()), map_size=_SIZE)
    try:
        env.reader_check()  # of a reader that was killed, what it saw would be kept for ever
        gone, count = set(renewed), 0
        with env.begin(write=True) as change:
            for person, told in people:
                change.put(_key(person), _encode(told))
                gone.discard(person)
                count += 1
                step()
            for person in gone:
                change.delete(_key(person))
            persons = change.stat()["entries"] - 1
            change.put(_TOLD, json.dumps(about | {"persons": persons}).encode())
    finally:
        env.close()
    return count


def compare(folder: Path, people: Iterable[tuple[int, Values]], step: Callable[[], object] = lambda: None) -> list[int]:
    """Persons whose history in the store isn't what the lake says; those only one of them knows are among them."""
    histories = Histories(folder)
    wrong, seen = [], 0
    for person, told in people:
        step()
        kept = histories.values(person)
        if _encode(kept) != _encode(told):
            wrong.append(person)
        seen += bool(kept)
    extra = histories.about.get("persons", 0) - seen
    return wrong + [-1] * max(extra, 0)


def _point(folder: Path, name: str) -> None:
    draft = folder / f"{_POINTER}.{os.getpid()}"
    draft.write_text(name)
    draft.replace(folder / _POINTER)


def _key(person: int) -> bytes:
    return person.to_bytes(8, "big")
