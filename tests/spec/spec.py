"""One spec: a sentence, a rule, a drawn world and what every engine must answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Spec:
    """`expect` maps a row's own key to what is said of it: fen, "cannot tell: column" or "exempt: name".

    Rows that are not named must be clear. `witnesses` names those of a flagged row, in order.
    """

    title: str
    kind: str
    world: str
    expect: dict[str, int | str]
    knowledge: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    witnesses: dict[str, list[str]] = field(default_factory=dict)
