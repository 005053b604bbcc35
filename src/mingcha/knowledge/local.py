"""What a local pack is: whose it is, what it makes of rules it inherits, and rules of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from mingcha.knowledge.pack import Case, Pack, Row

CHANGES = {"add": "增加", "tighten": "收紧", "loosen": "放宽", "off": "停用"}


@dataclass(frozen=True, slots=True)
class Change:
    """One decision about an inherited rule: of a parameter, of rows, or of the whole rule (`off`).

    `rows` are ids: of the amendment's own rows, which are added or stand in for inherited ones, or of inherited rows,
    which end. `scope` narrows a parameter to a provider, insurance and level. Both days are included; without `until`
    it holds until a later version of the pack says otherwise.
    """

    change: str
    parameter: str | None
    value: Any
    rows: tuple[str, ...]
    since: date
    until: date | None
    document: str | None
    date: date | None
    by: str | None
    reason: str | None
    line: int = 0
    scope: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Amendment:
    """What the pack makes of one inherited rule; `knowledge` are its own rows, `cases` are judged by the result."""

    rule: str
    changes: tuple[Change, ...]
    knowledge: tuple[Row, ...]
    cases: tuple[Case, ...]


@dataclass(frozen=True)
class LocalPack:
    """A pack of an area, or of one provider in it. `own` holds its head and the rules that are wholly its own."""

    own: Pack
    extends: str
    area: str
    provider: str | None
    amendments: tuple[Amendment, ...]

    @property
    def name(self) -> str:
        return self.own.name

    @property
    def label(self) -> str:
        """Name and version, as people cite it."""
        return f"{self.own.name} {self.own.version}"

    @cached_property
    def hash(self) -> str:
        """SHA-256 of what the pack says (DECISIONS 17)."""
        from mingcha.knowledge.hashing import content_hash

        return content_hash(self)
