"""Messages seen, each with its answer: the same one again gets the same answer for 48 hours (DECISIONS 25)."""

from __future__ import annotations

import hashlib
import threading
import time
from pathlib import Path
from typing import NamedTuple

import lmdb

from mingcha.terms.errors import PlatformError

KEPT = 48 * 3600  # seconds
SIZE = 1 << 36
"""Bytes a store may have: some twenty million answers."""
_FULL, _MOST = 0.9, 0.95
"""Shares of it from which on the oldest go whatever their age, and none more is kept: letting go needs room, too."""
_AT_ONCE = 100


class _Record(NamedTuple):
    at: int
    body: bytes
    answer: bytes


class Answered:
    """A store of one gate; its processes share it. It may be lost with the machine's power, and then is empty.

    What is kept soon only this process knows until the next `flush`, and a kill loses it.
    """

    def __init__(self, folder: Path, kept: int = KEPT, size: int = SIZE) -> None:
        self._kept, self._size = kept, size
        folder.mkdir(parents=True, exist_ok=True)
        self._env = lmdb.open(str(folder), map_size=size, max_dbs=2, sync=False, metasync=False)
        self._answers, self._by_time = self._env.open_db(b"answers"), self._env.open_db(b"by_time")
        self._waiting: dict[bytes, _Record] = {}
        self._going: dict[bytes, _Record] = {}
        self._writing = threading.Lock()

    def find(self, sender: tuple[str, str, str], body: bytes) -> tuple[bytes | None, bool]:
        """The answer to the same message, and whether its number was used for another one."""
        name = _name(sender)
        if soon := self._waiting.get(name) or self._going.get(name):
            return (soon.answer, False) if soon.body == body else (None, True)
        with self._env.begin() as view:
            kept = view.get(name, db=self._answers)
        if kept is None or int.from_bytes(kept[:8], "big") < time.time() - self._kept:
            return None, False
        return (bytes(kept[40:]), False) if kept[8:40] == _digest(body) else (None, True)

    def keep(self, sender: tuple[str, str, str], body: bytes, answer: bytes) -> None:
        """Keep an answer; the latest one of a number counts. PlatformError when store or disk are full."""
        self.keep_soon(sender, body, answer)
        self.flush()

    def keep_soon(self, sender: tuple[str, str, str], body: bytes, answer: bytes) -> None:
        """The same with the next `flush`: one writing for many answers."""
        self._waiting[_name(sender)] = _Record(int(time.time()), body, answer)

    def flush(self) -> None:
        """Write what waits, from any thread. PlatformError when store or disk are full: it isn't kept then."""
        with self._writing:
            self._going = self._waiting  # before the other is emptied: an answer is always found in one of them
            self._waiting = {}
            try:
                if self._going:
                    self._write(self._going)
            except lmdb.Error as error:
                raise PlatformError(
                    f"{len(self._going)} 条应答没有留存：{error}。请检查磁盘空间。",
                    f"{len(self._going)} answers weren't kept: {error}.",
                ) from error
            finally:
                self._going = {}

    def _write(self, records: dict[bytes, _Record]) -> None:
        with self._env.begin(write=True) as change:
            if self._used(change) > self._size * _MOST:
                raise lmdb.MapFullError(f"{self._size >> 20} MB")
            for name, one in records.items():
                at = one.at.to_bytes(8, "big")
                change.put(name, at + _digest(one.body) + one.answer, db=self._answers)
                change.put(at + name, b"", db=self._by_time)

    def forget(self) -> int:
        """Let go of what is older than it must be kept, and of the oldest where there is no room for more.

        How many it was. A short step: call it again until it is 0.
        """
        before = int(time.time() - self._kept).to_bytes(8, "big")
        gone = 0
        with self._env.begin(write=True) as change:
            full = self._used(change) > self._size * _FULL
            cursor = change.cursor(self._by_time)
            while gone < _AT_ONCE and cursor.first():
                stamp, name = cursor.key()[:8], cursor.key()[8:]
                if not full and stamp >= before:
                    break
                kept = change.get(name, db=self._answers)
                if kept is not None and kept[:8] <= stamp:
                    change.delete(name, db=self._answers)
                cursor.delete()
                gone += 1
        return gone

    def _used(self, change: lmdb.Transaction) -> int:
        """Bytes of the pages that hold something; those let go of are used again."""
        found = [change.stat(db) for db in (self._answers, self._by_time)]
        pages = sum(one["branch_pages"] + one["leaf_pages"] + one["overflow_pages"] for one in found)
        return pages * found[0]["psize"]


def _name(sender: tuple[str, str, str]) -> bytes:
    return _digest("\x1f".join(sender).encode())


def _digest(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=32).digest()
