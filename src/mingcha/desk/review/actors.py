"""Who moves findings: with the own post, or with that of an absent colleague; an act counts for both of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mingcha.procedure.review import MACHINE, OFFICE, PAYMENT, POSTS, PROVIDER

if TYPE_CHECKING:
    from mingcha.desk.accounts.models import Account


@dataclass(frozen=True)
class Actor:
    """Login name, and the role it acts in (a post of the office, PROVIDER's, or MACHINE).

    `acting_for`: whose lent post that is; empty for the own. `lent`: (login name, role) of those who lent theirs.
    """

    name: str
    role: str
    acting_for: str = ""
    lent: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, account: Account) -> Actor:
        """The person behind a request, with the posts that colleagues lent for today."""
        from mingcha.desk.accounts.delegations import lenders  # needs Django set up; the desk's clocks don't

        return cls(account.username, account.role, lent=tuple((one.username, one.role) for one in lenders(account)))

    @property
    def hands(self) -> list[str]:
        """The login names an act counts for: two levels that are kept apart must share none."""
        return [self.name, *([self.acting_for] if self.acting_for else [])]

    def levels(self, staffing: str) -> frozenset[str]:
        """The levels this actor decides at in an office so staffed, and OFFICE for who decides at any but payment."""
        if self.role in (PROVIDER, MACHINE):
            return frozenset({self.role})
        held = frozenset(POSTS[staffing].get(self.role, ()))
        return held | {OFFICE} if held - {PAYMENT} else held

    def at(self, whose: str, staffing: Iterable[str]) -> Actor:
        """The actor in a post that may do what is `whose` in one of offices so staffed: the own first, then lent ones.

        The own where none may.
        """
        posts = [self, *(replace(self, role=role, acting_for=name) for name, role in self.lent)]
        return next((one for one in posts if any(whose in one.levels(profile) for profile in staffing)), self)
