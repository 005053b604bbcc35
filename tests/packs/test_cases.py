"""The worked examples of the shipped pack come out as they say, on every engine."""

from __future__ import annotations

import pytest

from mingcha.engines.cases import run_cases
from mingcha.engines.world import ENGINES
from mingcha.knowledge.local_loading import read_chain
from mingcha.knowledge.pack import Pack, load
from mingcha.knowledge.shipped import shipped_pack


@pytest.fixture(scope="module")
def national() -> Pack:
    return load(shipped_pack())


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_every_case_comes_out_as_it_says(engine: str, national: Pack) -> None:
    outcomes = run_cases(engine, national)
    assert len(outcomes) == sum(len(rule.cases) for rule in national.rules)
    assert [f"{o.rule}: {o.case.name}: {o.wrong}" for o in outcomes if o.wrong] == []


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_a_local_packs_cases_are_judged_by_the_rules_as_it_makes_them(engine: str) -> None:
    pack, local = read_chain([shipped_pack("sample-city")])
    assert local is not None
    decided = {one.rule for one in local.amendments if any(change.change != "add" for change in one.changes)}
    assert decided <= {rule.id for rule in pack.rules if rule.cases}  # rows alone are judged by the country's cases
    assert [f"{o.rule}: {o.case.name}: {o.wrong}" for o in run_cases(engine, pack) if o.wrong] == []


@pytest.mark.slow
def test_a_case_that_says_something_else_is_told(national: Pack) -> None:
    """The check can fail: every flagged case, told to be clear, is reported."""
    from dataclasses import replace

    def turned(case):
        return replace(case, verdict="clear", expect=()) if case.verdict == "flagged" else case

    rules = tuple(replace(rule, cases=tuple(turned(c) for c in rule.cases)) for rule in national.rules)
    wrong = [o for o in run_cases("memory", replace(national, rules=rules)) if o.wrong]
    assert len(wrong) == sum(1 for rule in national.rules for case in rule.cases if case.verdict == "flagged")
