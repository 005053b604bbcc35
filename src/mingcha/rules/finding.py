"""What an engine says about a row: the words of a result (DECISIONS 3) and what a flag carries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

FLAGGED, CANNOT_TELL = "flagged", "cannot_tell"
EXEMPT = "exempt:"
"""An exempt verdict is "exempt:" and the name of the exemption."""


@dataclass(frozen=True, slots=True)
class Share:
    """The improper part of one fee line under a flag, in fen."""

    provider: str
    visit: str
    line: str
    amount: int
    in_scope: int


@dataclass(frozen=True, slots=True)
class Result:
    """One rule's answer about one row that is not clear. Identity: (rule, frame, key), key joined by "|".

    `rows` are the knowledge rows that hit, `amount` fen, `quantity` ten-thousandths or days, `witnesses` keys
    in order, at most 20, `why` evidence by name. `missing` names what a cannot_tell lacks.
    """

    rule: str
    frame: str
    key: str
    verdict: str
    person: int | None
    day: date
    rows: tuple[str, ...] = ()
    amount: int | None = None
    quantity: int | None = None
    witnesses: tuple[str, ...] = ()
    why: dict[str, Any] | None = None
    missing: str | None = None
    lines: tuple[Share, ...] = ()
    shown: int | None = field(default=None, compare=False)  # number of the knowledge row that explains it
