"""The gate's journal: calls and feedback, appended to a file of its own and on the disk before they are acknowledged.

An entry is a line of JSON with its number and a checksum; entries are numbered within a gate. What a kill tore off in
the middle of a line was never acknowledged: it is cut off when the journal is opened again. It is no queue: whoever
collects keeps in mind up to which number (DECISIONS 24).
"""

from __future__ import annotations

import asyncio
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from mingcha.terms.errors import PlatformError

_encode, _decode = msgspec.json.Encoder().encode, msgspec.json.Decoder().decode
_SUFFIX = ".journal"


class Journal:
    """One gate's journal, open for appending. Only one process may write it."""

    def __init__(self, folder: Path, gate: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{gate}{_SUFFIX}"
        end, self.number = _sound_end(self.path)
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        os.ftruncate(self._file, end)
        os.fsync(self._file)
        self._waiting: list[bytes] = []
        self._done: asyncio.Future[None] | None = None

    def add(self, kind: str, told: dict[str, Any]) -> int:
        """Note an entry that may be lost with the machine's power; it is written within a second. Its number."""
        self.number += 1
        self._waiting.append(_line({"number": self.number, "kind": kind, **told}))
        return self.number

    async def sure(self, kind: str, told: dict[str, Any]) -> int:
        """Note an entry and return when it is on the disk. Those that wait at a time share one fsync."""
        number = self.add(kind, told)
        if self._done is None:
            self._done = asyncio.get_running_loop().create_future()
            asyncio.get_running_loop().call_soon(self._flush_soon)
        await asyncio.shield(self._done)
        return number

    def flush(self) -> None:
        """Write what waits, and see it on the disk. PlatformError when the disk doesn't take it."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        start = os.fstat(self._file).st_size
        try:
            rest = memoryview(b"".join(waiting))
            while rest:
                rest = rest[os.write(self._file, rest) :]
            os.fsync(self._file)
        except OSError as error:
            os.ftruncate(self._file, start)  # no half line may stand before the next
            self._waiting = waiting + self._waiting
            raise PlatformError(f"写不进 {self.path}：{error}", f"{self.path} can't be written: {error}") from error

    def close(self) -> None:
        """Write what waits and let go."""
        self.flush()
        os.close(self._file)

    def _flush_soon(self) -> None:
        done, self._done = self._done, None
        assert done is not None
        try:
            self.flush()
        except PlatformError as error:
            done.set_exception(error)
        else:
            done.set_result(None)


def entries(folder: Path, after: dict[str, int] | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every whole entry of every journal with its gate, from beyond the number named for it."""
    for path in sorted(folder.glob(f"*{_SUFFIX}")):
        gate = path.name.removesuffix(_SUFFIX)
        beyond = (after or {}).get(gate, 0)
        with path.open("rb") as file:
            for line in file:
                told = _read(line)
                if told is None:
                    break
                if told["number"] > beyond:
                    yield gate, told


def _line(told: dict[str, Any]) -> bytes:
    text = _encode(told)
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _read(line: bytes) -> dict[str, Any] | None:
    """An entry, or None for a line that isn't whole."""
    check, _, text = line.partition(b" ")
    if not text.endswith(b"\n") or check != b"%08x" % zlib.crc32(text[:-1]):
        return None
    return _decode(text)


def _sound_end(path: Path) -> tuple[int, int]:
    """Where the last whole entry ends, and its number."""
    end = number = 0
    if path.exists():
        with path.open("rb") as file:
            for line in file:
                told = _read(line)
                if told is None:
                    break
                end, number = end + len(line), told["number"]
    return end, number
