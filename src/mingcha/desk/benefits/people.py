"""Whose claim it is: the number on the application becomes a token, known or new (DECISIONS 7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pyarrow as pa

from mingcha.home.database import connect
from mingcha.records import identity
from mingcha.records.seal import Blinder

if TYPE_CHECKING:
    from mingcha.home.directory import Home

IDENTITY_CARD = re.compile(r"\d{17}[\dX]")


def tokens_of(home: Home, area: str, named: Mapping[str, str]) -> dict[str, int]:
    """The token of each number (person's or identity card's); `named` gives each its name.

    Who isn't known yet is recorded with the name and the area; what is known of anybody stays as it is.
    """
    blind, blind_id = Blinder(home.secrets.token), Blinder(home.secrets.blind)
    by_blind = {blind(number): number for number in named}
    by_id = {blind_id(number): number for number in named}
    with connect(home) as pg:
        found = pg.execute(
            "SELECT token, blind, blind_id FROM facts.identity WHERE blind = ANY(%s) OR blind_id = ANY(%s)"
            " ORDER BY token DESC",
            [list(by_blind), list(by_id)],
        ).fetchall()
    known = dict[str, int]()
    for token, one, other in found:  # a person's number says more than that of a card, and comes second
        known |= {number: token for number in (by_id.get(bytes(other or b"")), by_blind.get(bytes(one))) if number}
    new = [number for number in named if number not in known]
    if new:
        details = {
            "person_name": pa.array([named[number] for number in new], pa.string()),
            "id_number": pa.array([n if IDENTITY_CARD.fullmatch(n) else None for n in new], pa.string()),
        }
        made = identity.tokens(home, pa.array(new, pa.string()), details, area).to_pylist()
        known |= dict(zip(new, made, strict=True))
    return known


def other_names(home: Home, named: Mapping[int, str]) -> set[int]:
    """The tokens whose known name is another one than `named` says; who has no name yet is none of them."""
    known = identity.known(home, named)
    return {token for token, told in known.items() if told.get("person_name", named[token]) != named[token]}
