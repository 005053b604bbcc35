"""A city with rules of its own: what its pack sets otherwise is planted so, and found so, here and elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from audited import Key, audited, told

from mingcha.engines.effective import Effective, effective
from mingcha.knowledge.coverage import templates as library_templates
from mingcha.knowledge.library import Library
from mingcha.knowledge.pack import load
from mingcha.knowledge.shipped import shipped_pack
from mingcha.sample.city import areas
from mingcha.sample.dictionaries import local_violations
from mingcha.sample.stories.facts import ELSEWHERE, HERE, facts
from mingcha.sample.writing import plan, write

COVERAGE = Path(__file__).parents[3] / "docs" / "reference" / "coverage.md"


@pytest.fixture(scope="module")
def own_city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small city that has rules of its own."""
    directory = tmp_path_factory.mktemp("own")
    write(directory, plan(10_000, 6, local=True), 6, processes=1)
    return directory


@pytest.fixture(scope="module")
def library() -> Library:
    """The national pack and the sample city's over it."""
    parents = {area["code"]: area["parent"] or None for area in areas()}
    return Library.read(load(shipped_pack()), [shipped_pack("sample-city")], parents)


@pytest.fixture(scope="module")
def found(own_city: Path, library: Library) -> dict[Key, int]:
    """What an audit finds in it by the rules of the country and its own."""
    held: Effective = effective(library, library.audited)
    return audited(own_city, plan=held)


@pytest.mark.slow
def test_what_its_own_rules_say_is_found_to_the_fen(own_city: Path, found: dict[Key, int]) -> None:
    planted = told(own_city / "key.csv")
    assert found == {key: int(row["amount_fen"]) for key, row in planted.items()}
    near = told(own_city / "near_misses.csv")
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


@pytest.mark.slow
def test_the_coverage_page_counts_what_audits_of_the_two_cities_find(small_city: Path, found: dict[Key, int]) -> None:
    """Templates fire on the plain city, on the one with a pack, or on none for rules that only remind."""
    pack = load(shipped_pack())
    templates = {rule.id: rule.template for rule in pack.rules}
    plain, own = ({templates[rule] for rule, *_ in flagged} for flagged in (audited(small_city), found))
    assert len(plain | own) >= 160
    nation = {template.code for template in library_templates() if template.national_code}
    assert nation - (plain | own) <= {"C09"}  # care in old age is a reminder and nothing else, by its own words
    page = COVERAGE.read_text(encoding="utf-8")
    first, _, _ = page.partition("\n## ")
    cells = dict(re.findall(r"^\| ([PMRC]\d\d) \|.*\| ([^|]*) \|$", first, re.MULTILINE))
    assert {code for code, fires in cells.items() if fires == "city"} == plain
    assert {code for code, fires in cells.items() if fires == "city with pack"} == own - plain
    never = {code for code, fires in cells.items() if fires == "only before"}
    assert never == set(templates.values()) - own
    assert f"{len(plain)} templates fire on the sample city (`mingcha sample`), {len(own - plain)} more" in page


def test_every_rule_that_waits_for_rows_has_some_in_the_pack(library: Library) -> None:
    """A rule that waits and that an audit would run is planted; those that only remind are told to no audit."""
    base = library.base
    waiting = {rule.id for rule in base.rules if rule.waits and rule.id in base.audited}
    assert waiting <= local_violations().keys()
    silent = {rule.id for rule in base.rules} - set(base.audited)
    assert all(base.rule(rule).stages == ("before",) for rule in silent)
