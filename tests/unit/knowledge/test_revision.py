"""Edits of a rule, the differences of two versions, and the static review of a change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from mingcha.knowledge.archive import rule_from
from mingcha.knowledge.hashing import canonical_json
from mingcha.knowledge.pack import Pack, Rule, load
from mingcha.knowledge.review import ERROR, WARNING, review
from mingcha.knowledge.revision import (
    differences,
    rows_as_csv,
    with_parameter,
    with_row_ended,
    with_rows,
    with_strength,
    with_words,
)
from mingcha.knowledge.shipped import shipped_pack
from mingcha.terms.errors import InputError

pytestmark = pytest.mark.slow

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load(shipped_pack())


@pytest.fixture(scope="module")
def visits(pack: Pack) -> Rule:
    return pack.rule("frequent-admissions")


@pytest.fixture(scope="module")
def capped(pack: Pack) -> Rule:
    return pack.rule("service-daily-cap")


def test_a_parameter_gets_a_value_from_a_day_on(visits: Rule) -> None:
    changed = with_parameter(visits, "most", date(2027, 1, 1), " 4 ")
    assert changed.parameters["most"][:-1] == visits.parameters["most"]
    assert changed.parameters["most"][-1] == (date(2027, 1, 1), 4)
    [only] = differences(visits, changed)
    assert (only.where, only.which, only.before, only.after) == ("parameter:most", "2027-01-01", None, 4)


@pytest.mark.parametrize(("name", "text"), [("most", "-1"), ("most", "many"), ("most", ""), ("nothing", "1")])
def test_what_is_no_value_is_refused(visits: Rule, name: str, text: str) -> None:
    with pytest.raises(InputError):
        with_parameter(visits, name, TODAY, text)


def test_a_message_keeps_to_the_places_its_rule_fills(capped: Rule) -> None:
    assert differences(capped, with_words(capped, "{name}超过上限", ""))[0].where == "message"
    with pytest.raises(InputError, match="whim"):
        with_words(capped, "{whim}超过上限", "")


def test_strength(capped: Rule) -> None:
    [only] = differences(capped, with_strength(capped, "advisory"))
    assert (only.where, only.before, only.after) == ("certainty", capped.certainty, "advisory")
    with pytest.raises(InputError):
        with_strength(capped, "maybe")


def test_rows_written_out_and_read_back_change_nothing(pack: Pack, tmp_path: Path) -> None:
    for rule in pack.rules:
        if rule.knowledge:
            file = tmp_path / "knowledge.csv"
            file.write_text(rows_as_csv(rule), encoding="utf-8")
            assert differences(rule, with_rows(rule, file)) == (), rule.id


def test_rows_are_replaced_by_id_and_others_stay(capped: Rule, tmp_path: Path) -> None:
    head, first, *_ = rows_as_csv(capped).splitlines()
    file = tmp_path / "knowledge.csv"
    id_, item = first.split(",")[:2]
    file.write_text("\n".join([head, first.replace(f"{id_},", "local-1,", 1).replace(item, "001102000010000-110200001")]))
    changed = with_rows(capped, file)
    assert [d.where for d in differences(capped, changed)] == ["row-new"]
    assert len(changed.knowledge) == len(capped.knowledge) + 1


def test_a_row_ends_on_a_day(capped: Rule) -> None:
    row = capped.knowledge[0]
    changed = with_row_ended(capped, row.id, TODAY)
    assert [(d.where, d.which, d.after) for d in differences(capped, changed)] == [("row", f"{row.id} valid_to", str(TODAY))]
    with pytest.raises(InputError):
        with_row_ended(capped, row.id, date(1999, 1, 1))
    with pytest.raises(InputError):
        with_row_ended(capped, "none", TODAY)


def test_a_rule_survives_being_kept_as_json(pack: Pack) -> None:
    import json

    for rule in pack.rules:
        assert differences(rule, rule_from(json.loads(canonical_json(rule)))) == (), rule.id


def test_the_shipped_rules_have_no_errors(pack: Pack) -> None:
    for rule in pack.rules:
        assert [r.zh for r in review(rule, pack, TODAY) if r.level == ERROR] == [], rule.id


def test_the_review_sees_what_needs_no_data(pack: Pack, capped: Rule) -> None:
    first, *rest = capped.knowledge
    twice = replace(capped, knowledge=(first, replace(first, id="twice"), *rest))
    assert any("矛盾" in r.zh for r in review(twice, pack, TODAY) if r.level == ERROR)
    aged = pack.rule("service-by-age")
    row = replace(aged.knowledge[0], values={**aged.knowledge[0].values, "age_min": 60, "age_max": 16})
    assert any("下限 60 大于上限 16" in r.zh for r in review(replace(aged, knowledge=(row,)), pack, TODAY))
    assert any("依据" in r.zh for r in review(replace(capped, basis=()), pack, TODAY) if r.level == ERROR)
    over = replace(capped, knowledge=tuple(replace(r, valid_to=r.valid_from) for r in capped.knowledge))
    assert any("失效" in r.zh for r in review(over, pack, TODAY) if r.level == WARNING)
    visits = replace(pack.rule("frequent-admissions"), parameters={})
    assert any("没有值" in r.zh for r in review(visits, pack, TODAY) if r.level == ERROR)
    other = replace(capped, id="service-daily-cap-too")
    assert any("同时在规则" in r.zh for r in review(other, pack, TODAY) if r.level == WARNING)
