"""How full each column of a source was, and which columns no table of ours knows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mingcha.records.readers.piece import Piece, Scan

if TYPE_CHECKING:
    from mingcha.records.sources import Source


@dataclass
class ColumnProfile:
    """One source column: how many rows it had, in how many it held a value, and where it went."""

    file: str
    header: str
    target: str  # "fee_line.amount", "ext" or "" (personal data nothing keeps)
    rows: int = 0
    filled: int = 0

    @property
    def rate(self) -> float:
        return self.filled / self.rows if self.rows else 0.0


@dataclass
class Profile:
    """All columns of an import."""

    columns: dict[tuple[str, str], ColumnProfile] = field(default_factory=dict)

    def count(self, source: Source, piece: Piece) -> None:
        """Take in one piece of a source."""
        for place, header in enumerate(source.plan.headers):
            known = self.columns.get((source.label, header))
            if known is None:
                known = ColumnProfile(source.label, header, _target(source, header, place))
                self.columns[(source.label, header)] = known
            rows = piece.rows
            nulls = rows.nulls[place] if isinstance(rows, Scan) else rows.column(place).null_count
            known.rows += rows.num_rows
            known.filled += rows.num_rows - nulls

    @property
    def unmapped(self) -> list[ColumnProfile]:
        """Columns kept in `ext` only."""
        return [one for one in self.columns.values() if one.target == "ext"]


def _target(source: Source, header: str, place: int) -> str:
    if header in source.plan.extra:
        return "ext"
    fed = [
        f"{target.table.name}.{name}"
        for target in source.plan.tables
        for name, label in target.labels.items()
        if header in label.split("、")
    ]
    secret = [name for target in source.plan.tables for name, text in target.secrets.items() if text == f"c{place}"]
    return "、".join(fed or [f"person.{name}" for name in secret])
