"""Messages of gates with the answers they got, for a few days: what the desk shows of a call when somebody must see it.

They name persons, so each is sealed at rest. The store is bounded in days and bytes, and the oldest go first: it is a
help for those who connect a system, not a record. What has to be kept stands in the journal and in the lake.
"""

from __future__ import annotations

import threading
import time
import zlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

import lmdb
import msgspec

from mingcha.home.directory import Home
from mingcha.records.seal import Sealer

DAYS = 7.0
"""Days a message is kept by default."""
MEGABYTES = 1024
"""How much is kept by default, in sealed megabytes."""
_SIZE = 1 << 36
_AT_ONCE = 10
"""Messages that may wait for one writing: when more come, a crowd is there, and the log yields to them."""
_GONE_AT_ONCE = 2_000
_TOTAL = b"bytes"
_encode, _decode = msgspec.msgpack.Encoder().encode, msgspec.msgpack.Decoder(tuple[str, bytes, bytes]).decode


class Exchange(NamedTuple):
    """A message of a provider as it was read, decrypted if need be, and its answer.

    Journal and number name the call.
    """

    journal: str
    number: int
    provider: str
    msgid: str
    received: bytes
    answered: bytes


class Exchanges:
    """The store of one gate; its processes share it. `days` or `megabytes` of 0 keep nothing."""

    def __init__(self, home: Home, days: float = DAYS, megabytes: int = MEGABYTES) -> None:
        self._kept, self._most, self._sealer = days * 86_400, megabytes << 20, Sealer(home.secrets.identity)
        self._waiting: list[Exchange] = []
        self._writing = threading.Lock()
        place = _place(home)
        place.mkdir(parents=True, exist_ok=True)
        self._env = lmdb.open(str(place), map_size=_SIZE, max_dbs=3, sync=False, metasync=False, mode=0o600)
        self._messages, self._by_time = self._env.open_db(b"messages"), self._env.open_db(b"by_time")
        self._sizes = self._env.open_db(b"sizes")

    def add(self, exchange: Exchange) -> None:
        """Keep one with the next `flush`, unless too many wait already."""
        if len(self._waiting) < _AT_ONCE and self._kept and self._most:
            self._waiting.append(exchange)

    def flush(self) -> None:
        """Write what waits, from any thread, and let go of what is too old or too much."""
        with self._writing:
            waiting, self._waiting = self._waiting, []
            sealed = [(_name(one.journal, one.number), self._sealed(one)) for one in waiting]
            if sealed:
                self._write(sealed)

    def forget(self) -> None:
        """Let go of what is older than it may be kept."""
        with self._writing:
            self._write([])

    def close(self) -> None:
        """Write what waits and let go of the store."""
        self.flush()
        self._env.close()

    def _sealed(self, one: Exchange) -> bytes:
        packed = zlib.compress(_encode((one.msgid, one.received, one.answered)), 1)
        return self._sealer.seal(packed, one.provider.encode())

    def _write(self, sealed: list[tuple[bytes, bytes]]) -> None:
        now = int(time.time())
        with self._env.begin(write=True) as change:
            total = int.from_bytes(change.get(_TOTAL, b"", db=self._sizes), "big")
            for name, body in sealed:
                before = change.get(name, db=self._messages)
                total += len(body) + 8 - (len(before) if before else 0)
                change.put(name, now.to_bytes(8, "big") + body, db=self._messages)
                change.put(now.to_bytes(8, "big") + name, b"", db=self._by_time)
            total = self._forgotten(change, total, now)
            change.put(_TOTAL, max(0, total).to_bytes(8, "big"), db=self._sizes)

    def _forgotten(self, change: lmdb.Transaction, total: int, now: int) -> int:
        """Take away the oldest, a bounded number at a time; the bytes that are left."""
        cursor, before = change.cursor(self._by_time), int(now - self._kept).to_bytes(8, "big")
        for _ in range(_GONE_AT_ONCE):
            key = bytes(cursor.key()) if cursor.first() else b""
            stamp, name = key[:8], key[8:]
            if not key or not (stamp < before or total > self._most):
                break
            kept = change.get(name, db=self._messages)
            if kept is not None and kept[:8] == stamp:
                total -= len(kept)
                change.delete(name, db=self._messages)
            cursor.delete()
        return total


def find(home: Home, journal: str, number: int, provider: str, msgid: str | None) -> Exchange | None:
    """The exchange of a call, or None where it isn't kept (any longer). PlatformError when other keys sealed it."""
    place = _place(home)
    if not (place / "data.mdb").exists():
        return None
    env = _reader(place)
    with env.begin() as view:
        try:
            kept = view.get(_name(journal, number), db=env.open_db(b"messages", view, create=False))
        except lmdb.NotFoundError:
            return None
    if kept is None:
        return None
    told, received, answered = _decode(zlib.decompress(Sealer(home.secrets.identity).open(kept[8:], provider.encode())))
    return Exchange(journal, number, provider, told, received, answered) if told == (msgid or "") else None


@cache
def _reader(place: Path) -> lmdb.Environment:
    """Opened once a process: LMDB allows no second time."""
    return lmdb.open(str(place), map_size=_SIZE, max_dbs=3, readonly=True, max_readers=126)


def _place(home: Home) -> Path:
    return home.gate / "exchanges"


def _name(journal: str, number: int) -> bytes:
    return f"{journal}/{number:012d}".encode()
