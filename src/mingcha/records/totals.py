"""The sums of an import: rows and money in = accepted + quarantined + duplicates, always."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields


@dataclass
class Totals:
    """Rows, and money in fen. `accepted` includes `superseded`: rows that replaced an earlier version of themselves."""

    rows_in: int = 0
    accepted: int = 0
    quarantined: int = 0
    duplicates: int = 0
    superseded: int = 0
    money_in_fen: int = 0
    money_accepted_fen: int = 0
    money_quarantined_fen: int = 0
    money_duplicate_fen: int = 0

    def add(self, other: Totals) -> None:
        """Take in the sums of another batch."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))

    def as_duplicates(self) -> Totals:
        """The sums of the same bytes read before: nothing is read, every row is a duplicate (DECISIONS 13)."""
        return Totals(
            rows_in=self.rows_in,
            duplicates=self.rows_in,
            money_in_fen=self.money_in_fen,
            money_duplicate_fen=self.money_in_fen,
        )

    @property
    def balanced(self) -> bool:
        """Whether the sums add up, in rows and in fen."""
        rows = self.accepted + self.quarantined + self.duplicates
        money = self.money_accepted_fen + self.money_quarantined_fen + self.money_duplicate_fen
        return self.rows_in == rows and self.money_in_fen == money

    def as_dict(self) -> dict[str, int]:
        return asdict(self)
