"""Files that only grow: a line is whole and on the disk before anybody is told that it is kept (DECISIONS 24).

A line is a checksum and a text. What a kill tore off in the middle of a line was acknowledged to nobody: it is cut off
when the file is opened again. It is no queue: whoever reads keeps in mind how far.
"""

from __future__ import annotations

import asyncio
import os
import threading
import zlib
from collections.abc import Generator
from pathlib import Path

from mingcha.terms.errors import PlatformError

ADDED = 10
"""Bytes of a line beside its text: checksum, space and line break."""


class Growing:
    """One such file, open for appending. Only one process may write it. `last` is the last whole text when opened."""

    def __init__(self, path: Path) -> None:
        self.path = path
        end, self.last = _sound_end(path)
        self.file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        os.ftruncate(self.file, end)
        os.fsync(self.file)
        self._waiting: list[bytes] = []
        self._writing = threading.Lock()
        self._done: asyncio.Future[None] | None = None

    def add(self, text: bytes) -> None:
        """Keep a text, without a line break, that may be lost with the machine's power until `flush`."""
        self._waiting.append(b"%08x %s\n" % (zlib.crc32(text), text))

    async def sure(self, text: bytes) -> None:
        """Keep a text and return when it is on the disk. Those that wait at a time share one fsync."""
        self.add(text)
        if self._done is None:
            self._done = asyncio.get_running_loop().create_future()
            asyncio.get_running_loop().call_soon(self._flush_soon)
        await asyncio.shield(self._done)

    def flush(self) -> None:
        """Write what waits, and see it on the disk, from any thread. PlatformError when the disk doesn't take it."""
        with self._writing:
            self._flush()

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        start = os.fstat(self.file).st_size
        try:
            rest = memoryview(b"".join(waiting))
            while rest:
                rest = rest[os.write(self.file, rest) :]
            os.fsync(self.file)
        except OSError as error:
            os.ftruncate(self.file, start)  # no half line may stand before the next
            self._waiting = waiting + self._waiting
            raise PlatformError(f"写不进 {self.path}：{error}", f"{self.path} can't be written: {error}") from error

    def close(self) -> None:
        """Write what waits and let go."""
        self.flush()
        os.close(self.file)

    def _flush_soon(self) -> None:
        """In a thread: a disk takes milliseconds, in which others can be answered."""
        done, self._done = self._done, None
        assert done is not None

        def told(flushed: asyncio.Future[None]) -> None:
            if done.cancelled():
                return
            if error := flushed.exception():
                done.set_exception(error)
            else:
                done.set_result(None)

        asyncio.get_running_loop().run_in_executor(None, self.flush).add_done_callback(told)


def texts(path: Path, start: int = 0) -> Generator[bytes, None, None]:
    """Every whole text of a file from a place on, up to where it was torn off; a text takes its length and ADDED."""
    with path.open("rb") as file:
        file.seek(start)
        for line in file:
            text = _text(line)
            if text is None:
                return
            yield text


def _text(line: bytes) -> bytes | None:
    """The text of a line, or None for one that isn't whole."""
    check, _, text = line.partition(b" ")
    return text[:-1] if text.endswith(b"\n") and check == b"%08x" % zlib.crc32(text[:-1]) else None


def _sound_end(path: Path) -> tuple[int, bytes | None]:
    """Where the last whole line ends, and its text."""
    end, last = 0, None
    if path.exists():
        for text in texts(path):
            end, last = end + len(text) + ADDED, text
    return end, last
