"""A city with rules of its own: what its pack sets otherwise is planted so, and found so, here and elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from audited import audited, told

from mingcha.engines.effective import Effective, effective
from mingcha.knowledge.library import Library
from mingcha.knowledge.pack import load
from mingcha.knowledge.shipped import shipped_pack
from mingcha.sample.city import areas
from mingcha.sample.dictionaries import local_violations
from mingcha.sample.stories.facts import ELSEWHERE, HERE, facts
from mingcha.sample.writing import plan, write


@pytest.fixture(scope="module")
def library() -> Library:
    """The national pack and the sample city's over it."""
    parents = {area["code"]: area["parent"] or None for area in areas()}
    return Library.read(load(shipped_pack()), [shipped_pack("sample-city")], parents)


@pytest.mark.slow
def test_what_its_own_rules_say_is_found_to_the_fen(tmp_path: Path, library: Library) -> None:
    write(tmp_path, plan(10_000, 6, local=True), 6, processes=1)
    held: Effective = effective(library, library.audited)
    found = audited(tmp_path, plan=held)
    planted = told(tmp_path / "key.csv")
    assert found == {key: int(row["amount_fen"]) for key, row in planted.items()}
    near = told(tmp_path / "near_misses.csv")
    assert not found.keys() & near.keys()
    why = {row["why"] for row in near.values()}
    assert {"所在统筹区已停用这条规则", "参保地没有这项限价"} <= why
    assert {rule for rule, *_ in found} >= local_violations().keys()


@pytest.mark.slow
def test_every_change_of_the_pack_is_planted_on_both_sides(library: Library) -> None:
    """Each rule the pack changes has facts of its own, and the country's where it has any."""
    (pack,) = library.locals
    changed = {amendment.rule for amendment in pack.amendments}
    assert changed == local_violations().keys()
    waiting = {rule.id for rule in library.base.rules if rule.waits}
    for rule in changed:
        homes = {fact.home for fact in facts(rule, local=True)}
        assert homes == ({HERE} if rule in waiting else {HERE, ELSEWHERE})
        assert {fact.home for fact in facts(rule)} <= {""}
