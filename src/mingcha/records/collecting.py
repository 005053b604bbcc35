"""Collecting: messages that the gate took in come into the lake once, whatever is killed meanwhile (DECISIONS 24).

The files to be collected together are named in a list before anything is read. The lake knows a batch by its content,
so a list that was begun is brought again and adds nothing; then its files go.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import psycopg

from mingcha.home.directory import Home
from mingcha.records.importing import Import, Progress
from mingcha.records.lake import Lake
from mingcha.records.readers.encoding import Fingerprint
from mingcha.records.sources import Found
from mingcha.records.spool import Growing, texts
from mingcha.records.taken import CLOSED, OPEN, REFUSED, Taken, folder, sealer
from mingcha.records.totals import Totals
from mingcha.terms.errors import PlatformError

_LIST = "collecting.json"
_BYTES = 64 << 20
"""Of the messages of one batch: its rows are built in memory."""
_encode, _decode = msgspec.json.Encoder().encode, msgspec.json.Decoder(Taken).decode
_NOT_THE_MESSAGES = (
    PlatformError, OSError, MemoryError, psycopg.Error, duckdb.IOException, duckdb.TransactionException,
    duckdb.ConnectionException, duckdb.OutOfMemoryException, duckdb.FatalException, duckdb.InternalException,
)  # fmt: skip
"""Trouble of the platform's: everything stays where it is until it is over."""
_log = logging.getLogger("mingcha.records")


Reading = Callable[[Any], Any]
"""What a message says, from what was sent: the codes of an area's own put nationally."""


@dataclass
class Collected:
    """What was collected: messages, their rows and money, and the messages that couldn't be imported."""

    messages: int = 0
    totals: Totals = field(default_factory=Totals)
    batches: list[int] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def collect(lake: Lake, by: str, progress: Progress | None = None, read: Reading = lambda told: told) -> Collected:
    """Bring everything that waits into the lake, each message as `read` gives it back.

    PlatformError when another process is collecting.
    """
    place, told = folder(lake.home), Collected()
    place.mkdir(parents=True, exist_ok=True)
    with _alone(place):
        _take_over(place)
        while group := _group(place):
            waiting = [taken for path in group for taken in _read(path)]
            told.messages += len(waiting)
            _bring(lake, waiting, by, progress, told, read)
            for path in group:
                path.unlink(missing_ok=True)
            (place / _LIST).unlink()
    return told


def _bring(lake: Lake, waiting: list[Taken], by: str, progress: Progress | None, told: Collected,
           read: Reading) -> None:  # fmt: skip
    """Import messages as one batch. One that breaks the import is found by halving and put aside."""
    try:
        outcome = Import(lake, by=by, progress=progress).take([_found(lake.home, one, read) for one in waiting])
    except _NOT_THE_MESSAGES:
        raise
    except Exception as error:
        if len(waiting) > 1:
            middle = len(waiting) // 2
            _bring(lake, waiting[:middle], by, progress, told, read)
            _bring(lake, waiting[middle:], by, progress, told, read)
            return
        _put_aside(lake.home, waiting[0])
        told.refused += [_label(one) for one in waiting]
        _log.error(json.dumps({"refused": _label(waiting[0]), "error": type(error).__name__}))
        return
    told.totals.add(outcome.totals)
    told.batches += outcome.batches


def _group(place: Path) -> list[Path]:
    """The files of the list that was begun, else the next ones, put on a list."""
    listed = place / _LIST
    if not listed.exists():
        chosen, size = [], 0
        for path in sorted(place.glob(f"*{CLOSED}")):
            size += path.stat().st_size
            if chosen and size > _BYTES:
                break
            chosen.append(path.name)
        if not chosen:
            return []
        draft = listed.with_suffix(".draft")
        with draft.open("w") as file:
            json.dump(chosen, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(listed)
    found = [path for name in json.loads(listed.read_text()) if (path := place / name).exists()]
    if not found:  # killed between its last file and the list itself
        listed.unlink()
        return _group(place)
    return found


def _read(path: Path) -> Iterator[Taken]:
    for number, text in enumerate(texts(path), 1):
        taken = _decode(text)
        taken.msgid = taken.msgid or f"{path.stem}-{number}"
        yield taken


def _found(home: Home, taken: Taken, read: Reading = lambda told: told) -> Found:
    """A message as a file of its own, so that what is refused names its sender and its number."""
    body = sealer(home).open(taken.body, taken.provider.encode())
    printed = Fingerprint(hashlib.sha256(body).hexdigest(), len(body), True)
    label = _label(taken)
    return Found(Path(label), label, printed, (), {"_infno": taken.infno, "message": read(msgspec.json.decode(body))})


def _label(taken: Taken) -> str:
    return f"{taken.provider}/{taken.infno}/{taken.msgid}"


def _put_aside(home: Home, taken: Taken) -> None:
    name = hashlib.sha256(taken.body).hexdigest()[:16]
    file = Growing(folder(home) / f"{name}{REFUSED}")
    if file.last is None:
        file.add(_encode(taken))
    file.close()


def _take_over(place: Path) -> None:
    """Close the files of processes that are dead; a living one holds the lock of its own."""
    for path in place.glob(f"*{OPEN}"):
        with contextlib.suppress(FileNotFoundError, BlockingIOError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.rename(path.with_suffix(CLOSED))


@contextlib.contextmanager
def _alone(place: Path) -> Iterator[None]:
    with (place / "collecting.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise PlatformError(
                "另一个进程正在收取报文，请稍后再试。", "Another process is collecting messages; please try later."
            ) from None
        yield
