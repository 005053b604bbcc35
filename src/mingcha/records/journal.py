"""Reading a gate's journal: calls and reactions, numbered within the gate, in a file that only grows (DECISIONS 24)."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from mingcha.records.spool import ADDED, texts

SUFFIX = ".journal"


class Entry(NamedTuple):
    """What a gate noted, and where in the file it ends."""

    told: dict[str, Any]
    end: int


def journals(folder: Path) -> list[tuple[str, Path]]:
    """Every journal of a folder with its gate's name."""
    return [(path.name.removesuffix(SUFFIX), path) for path in sorted(folder.glob(f"*{SUFFIX}"))]


def read(path: Path, start: int = 0) -> Generator[Entry, None, None]:
    """Whole entries from a place on, which must be where an entry ends."""
    end = start
    with closing(texts(path, start)) as found:
        for text in found:
            end += len(text) + ADDED
            yield Entry(json.loads(text), end)
