"""How money is counted: one line's amount is counted once, whoever claims it (DECISIONS 2).

The same arithmetic runs set-based in PostgreSQL (desk/audit/sql/book.sql); tests hold the two together.
All amounts are fen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

CERTAINTIES = ("definite", "suspected", "advisory", "lead")
"""From the surest down; the order breaks ties between equal amounts."""


@dataclass(frozen=True)
class Claim:
    """One surviving finding's claim on one line. `frozen` is what a decided finding already counts there.

    `grows`: the finding is decided but not yet signed, and may take over what another on the line lets go.
    """

    finding: str
    rule: str
    certainty: str
    amount: int
    frozen: int | None = None
    grows: bool = False

    def __post_init__(self) -> None:
        if self.amount < 0 or (self.frozen or 0) < 0:
            raise ValueError(f"{self.finding}: an improper amount cannot be negative")

    @property
    def order(self) -> tuple[int, int, str, str]:
        """Largest amount first, then certainty, then rule id, then finding id."""
        return (-self.amount, CERTAINTIES.index(self.certainty), self.rule, self.finding)


@dataclass(frozen=True)
class Booking:
    """What one finding counts on the line, and under which other finding the line is counted instead."""

    counted: int
    under: str | None


def own_amount(claimed: int, in_scope: int | None) -> int:
    """A finding's amount on a line: never above the line's net in-scope amount, never below zero."""
    return max(0, claimed if in_scope is None else min(claimed, in_scope))


def book(claims: Iterable[Claim]) -> dict[str, Booking]:
    """Count a line's amount once among its surviving findings.

    The line's amount is the largest claim. Decided findings keep what they count; what is left goes to the first
    open finding in order, up to its own claim, and what that one doesn't take to decided findings that may still
    grow, in order. Everyone else is counted under the first finding that counts something.
    """
    ranked = sorted(claims, key=lambda claim: claim.order)
    left = max((claim.amount for claim in ranked), default=0) - sum(claim.frozen or 0 for claim in ranked)
    first_open = next((claim for claim in ranked if claim.frozen is None), None)
    counted = {
        claim.finding: claim.frozen if claim.frozen is not None
        else min(claim.amount, max(0, left)) if claim is first_open
        else 0
        for claim in ranked
    }  # fmt: skip
    left -= sum(counted[claim.finding] for claim in ranked if claim.frozen is None)
    for claim in ranked:
        if claim.grows and claim.frozen is not None:
            more = min(max(0, claim.amount - claim.frozen), max(0, left))
            counted[claim.finding] += more
            left -= more
    leader = next((claim.finding for claim in ranked if counted[claim.finding] > 0), None)
    return {
        finding: Booking(amount, leader if amount == 0 and leader is not None else None)
        for finding, amount in counted.items()
    }


def spread(amount: int, weights: Sequence[int]) -> list[int]:
    """Spread a visit's amount over its lines by in-scope amount: largest remainder, ties to the earlier line.

    `weights` are the lines' net in-scope amounts in key order. The parts sum to the amount, or to the sum of the
    weights where the amount is larger: no line can carry more than its in-scope amount.
    """
    if any(weight < 0 for weight in weights) or amount < 0:
        raise ValueError("amounts and weights cannot be negative")
    total = sum(weights)
    if total == 0:
        return [0] * len(weights)
    amount = min(amount, total)
    parts = [amount * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % total), i))
    for i in by_remainder[: amount - sum(parts)]:
        parts[i] += 1
    return parts


def fund_loss(improper: int, fund_paid: int | None, in_scope: int | None) -> int | None:
    """improper × the settlement's fund payment ÷ its in-scope amount, rounded half up once; None without settlement."""
    if fund_paid is None or in_scope is None or in_scope <= 0:
        return None
    return (2 * improper * fund_paid + in_scope) // (2 * in_scope)
