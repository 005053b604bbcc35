"""A message that the gate took in, as it waits in the spool: sealed, because it names persons (DECISIONS 24)."""

from __future__ import annotations

from pathlib import Path

import msgspec

from mingcha.home.directory import Home
from mingcha.records.seal import Sealer

OPEN, CLOSED, REFUSED = ".open", ".closed", ".refused"
"""Ends of the names of files: being written, waiting to be collected, and those of messages that can't be imported."""


class Taken(msgspec.Struct):
    """A message: its transaction, who sent it under which number, and the body, sealed."""

    infno: str
    provider: str
    msgid: str
    body: bytes


def folder(home: Home) -> Path:
    """Where messages wait."""
    return home.spool / "intake"


def sealer(home: Home) -> Sealer:
    """What seals their bodies, each bound to its provider."""
    return Sealer(home.secrets.identity)


def waiting(home: Home) -> int:
    """Bytes that wait to be collected."""
    return sum(path.stat().st_size for path in folder(home).glob("*") if path.suffix in (OPEN, CLOSED))
