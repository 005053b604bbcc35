"""examples.csv: rows that judge a rule's cases and are never in force, for rules whose rows are an area's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from mingcha.engines.cases import run_cases
from mingcha.engines.effective import effective
from mingcha.engines.world import ENGINES, evaluate
from mingcha.knowledge.archive import fetch, keep
from mingcha.knowledge.coverage import rows_told, rules_by_template
from mingcha.knowledge.pack import Pack, load
from mingcha.knowledge.problems import PackError

from .refusing import KNOWLEDGE, RULE, write


def waiting(folder: Path, examples: str = KNOWLEDGE) -> Pack:
    return load(write(folder, knowledge=None, examples=examples))


def refused(folder: Path, **changed: str | None) -> list[tuple[str, str]]:
    with pytest.raises(PackError) as raised:
        load(write(folder, **changed))
    return [(p.file.rpartition("/")[2], p.en) for p in raised.value.problems]


def test_example_rows_are_not_in_force(tmp_path: Path) -> None:
    (rule,) = (pack := waiting(tmp_path)).rules
    assert rule.waits and rule.knowledge == () and len(rule.examples) == 2
    assert effective(pack).plans == [] and effective(pack).items == set()


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_a_waiting_rule_finds_nothing(engine: str, tmp_path: Path) -> None:
    (rule,) = (pack := waiting(tmp_path)).rules
    hit = {frame: [dict(row) for row in rows] for frame, rows in rule.cases[0].facts.items()}
    assert list(evaluate(engine, effective(pack), hit)) == []


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_cases_are_judged_by_them(engine: str, tmp_path: Path) -> None:
    assert [outcome.wrong for outcome in run_cases(engine, waiting(tmp_path / "right"))] == [None] * 4
    looser = waiting(tmp_path / "looser", KNOWLEDGE.replace("10000", "90000"))
    assert [bool(outcome.wrong) for outcome in run_cases(engine, looser)] == [True, False, False, False]


def test_they_are_no_part_of_the_hash_or_the_archive(tmp_path: Path) -> None:
    one = waiting(tmp_path / "a")
    other = waiting(tmp_path / "b", KNOWLEDGE.replace("20000", "30000"))
    assert one.hash == other.hash
    keep(one, tmp_path / "packs")
    assert fetch(one.hash, tmp_path / "packs").rules[0].examples == ()


def test_a_waiting_rule_counts_as_covered(tmp_path: Path) -> None:
    pack = waiting(tmp_path)
    assert set(rules_by_template(pack)) == {"P30"}
    assert rows_told(pack.rules) == "local (2 examples)"
    with_rows = load(write(tmp_path / "rows")).rules
    assert rows_told([*pack.rules, *with_rows]) == "2, local (2 examples)"


def test_they_are_checked_like_any_rows(tmp_path: Path) -> None:
    assert ("examples.csv", "'20.00' is not a whole number") in refused(
        tmp_path, knowledge=None, examples=KNOWLEDGE.replace("20000", "20.00")
    )


def test_a_rule_has_either_table(tmp_path: Path) -> None:
    (problem,) = refused(tmp_path, examples=KNOWLEDGE)
    assert problem == ("examples.csv", "the rule has a knowledge.csv and needs no example rows; remove the file")


def test_a_kind_without_items_takes_none(tmp_path: Path) -> None:
    rule = RULE.replace("max_per_period", "overlapping_stays")
    rule += "parameters: {care: [{valid_from: 2025-01-01, value: [I]}], same_provider: [{valid_from: 2025-01-01, value: false}]}\n"
    (problem,) = refused(tmp_path, rule=rule, knowledge=None, examples=KNOWLEDGE)
    assert problem[0] == "examples.csv" and problem[1].endswith("remove the file")
