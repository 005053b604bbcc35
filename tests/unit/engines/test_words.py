"""Everything a condition may show has a word of its own: no inner name reaches a reader."""

import pytest

from mingcha.engines.sql import evidence
from mingcha.engines.words import word
from mingcha.rules.kind import KINDS


@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_piece_of_evidence_has_a_word(name: str) -> None:
    kind = KINDS[name]
    shown = {found for check in kind.checks.values() for found in evidence(check)}
    own = {f"know.{column}" for column in kind.knows} | {f"rule.{parameter}" for parameter in kind.parameters}
    silent = {found for found in shown - own if word(found)[0].isascii()}
    assert not silent
