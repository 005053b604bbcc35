"""The gate's journal: calls and feedback, in a file that only grows, with a number that grows within a gate.

It is no queue: whoever collects keeps in mind up to which number (DECISIONS 24).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from mingcha.records.journal import SUFFIX, journals, read
from mingcha.records.spool import Growing

_encode, _decode = msgspec.json.Encoder().encode, msgspec.json.Decoder().decode


class Journal:
    """One gate's journal, open for appending. Only one process may write it."""

    def __init__(self, folder: Path, gate: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = Growing(folder / f"{gate}{SUFFIX}")
        self.path, self.name = self._file.path, gate
        self.number: int = _decode(self._file.last)["number"] if self._file.last else 0

    def add(self, kind: str, told: dict[str, Any]) -> int:
        """Note an entry that may be lost with the machine's power; it is written within a second. Its number."""
        self._file.add(self._entry(kind, told))
        return self.number

    async def sure(self, kind: str, told: dict[str, Any]) -> int:
        """Note an entry and return when it is on the disk."""
        text = self._entry(kind, told)
        number = self.number
        await self._file.sure(text)
        return number

    def flush(self) -> None:
        """Write what waits, and see it on the disk. PlatformError when the disk doesn't take it."""
        self._file.flush()

    def close(self) -> None:
        """Write what waits and let go."""
        self._file.close()

    def _entry(self, kind: str, told: dict[str, Any]) -> bytes:
        self.number += 1
        return _encode({"number": self.number, "kind": kind, **told})


def entries(folder: Path, after: dict[str, int] | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every whole entry of every journal with its gate, from beyond the number named for it."""
    for gate, path in journals(folder):
        beyond = (after or {}).get(gate, 0)
        for entry in read(path):
            if entry.told["number"] > beyond:
                yield gate, entry.told
