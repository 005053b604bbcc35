"""The hash is of what a pack says: layout, order and comments never change it, any word of it does."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mingcha.knowledge.force import in_force, parameter
from mingcha.knowledge.pack import load
from mingcha.knowledge.shipped import shipped_pack
from mingcha.terms.errors import InputError, PlatformError

from .refusing import CASES, KNOWLEDGE, PACK, RULE, write

HEAD, FIRST, SECOND = KNOWLEDGE.splitlines()

SAME = {
    "rows in another order": {"knowledge": "\n".join([HEAD, SECOND, FIRST, ""])},
    "columns in another order": {
        "knowledge": KNOWLEDGE.replace("id,item", "item,id").replace("a,001100000000001", "001100000000001,a")
        .replace("b,001100000000002", "001100000000002,b")
    },
    "windows line ends": {"knowledge": KNOWLEDGE.replace("\n", "\r\n")},
    "blanks around cells": {"knowledge": KNOWLEDGE.replace("20000", " 20000 ")},
    "a comment": {"rule": "# why\n" + RULE},
    "fields in another order": {"rule": RULE.replace("version: 1\n", "").replace("stages:", "version: 1\nstages:")},
    "quotes": {"rule": RULE.replace("kind: max_per_period", 'kind: "max_per_period"')},
    "another case": {"cases": CASES.replace("name: 刚好", "name: 恰好")},
}  # fmt: skip

OTHER = {
    "a limit": {"knowledge": KNOWLEDGE.replace("20000", "30000")},
    "a basis": {"knowledge": KNOWLEDGE.replace("第一条\nb", "第二条\nb")},
    "a validity": {"knowledge": KNOWLEDGE.replace("2025-01-01,,第一条\nb", "2025-01-01,2025-12-31,第一条\nb")},
    "a message": {"rule": RULE.replace("超过", "高于")},
    "a rule's version": {"rule": RULE.replace("version: 1", "version: 2")},
    "the pack's version": {"pack": PACK.replace("1.0", "1.1")},
    "the law": {"rule": RULE.replace("第三十八条", "第四十条")},
}


@pytest.mark.parametrize("name", SAME)
def test_hash_stays(name: str, tmp_path: Path) -> None:
    assert load(write(tmp_path / "b", **SAME[name])).hash == load(write(tmp_path / "a")).hash


@pytest.mark.parametrize("name", OTHER)
def test_hash_changes(name: str, tmp_path: Path) -> None:
    assert load(write(tmp_path / "b", **OTHER[name])).hash != load(write(tmp_path / "a")).hash


def test_the_order_inside_a_list_cell_means_nothing(tmp_path: Path) -> None:
    rule = RULE.replace("max_per_period", "restricted_item")
    header = "id,item,name,sex,age_min,age_max,insurance,care,level_min,valid_from,valid_to,basis\n"
    one = header + "a,001100000000001,甲,,,,310;390,,,2025-01-01,,依据\n"
    two = one.replace("310;390", "390; 310")
    cases = CASES.replace(", quantity: 2, amount_fen: 200", "")
    packs = [load(write(tmp_path / n, rule=rule, knowledge=k, cases=cases)) for n, k in (("a", one), ("b", two))]
    assert packs[0].hash == packs[1].hash


def test_what_was_in_force_on_a_day(tmp_path: Path) -> None:
    rows = KNOWLEDGE.replace("2025-01-01,,第一条\nb", "2025-01-01,2025-06-30,第一条\nb")
    pack = load(write(tmp_path, knowledge=rows + "c,001100000000001,甲项,30000,day,,2025-07-01,,第二条\n"))

    def ids(day: date) -> list[str]:
        return [row.id for row in in_force(pack, day).rules[0].knowledge]

    assert ids(date(2024, 12, 31)) == []
    assert ids(date(2025, 6, 30)) == ["a", "b"]
    assert ids(date(2025, 7, 1)) == ["b", "c"]


def test_a_parameter_keeps_its_old_value(tmp_path: Path) -> None:
    rule = RULE.replace("max_per_period", "overlapping_stays") + (
        "parameters:\n  care:\n    - {valid_from: 2026-01-01, value: [O, P]}\n"
        "    - {valid_from: 2025-01-01, value: [I]}\n"
        "  same_provider: [{valid_from: 2025-01-01, value: false}]\n"
    )
    (loaded,) = load(write(tmp_path, rule=rule, knowledge=None)).rules
    assert parameter(loaded, "care", date(2024, 12, 31)) is None
    assert parameter(loaded, "care", date(2025, 12, 31)) == ("I",)
    assert parameter(loaded, "care", date(2026, 1, 1)) == ("O", "P")


def test_a_parameter_may_differ_by_insurance_level_and_provider(tmp_path: Path) -> None:
    rule = RULE.replace("max_per_period", "frequent_visits") + (
        "parameters:\n  care: [{valid_from: 2025-01-01, value: [O]}]\n"
        "  within: [{valid_from: 2025-01-01, value: 30}]\n  courses: [{valid_from: 2025-01-01, value: [Z49]}]\n"
        "  most:\n"
        "    - {valid_from: 2025-01-01, value: 9}\n    - {valid_from: 2025-06-01, value: 5, insurance: '390'}\n"
    )
    (loaded,) = load(write(tmp_path, rule=rule, knowledge=None)).rules
    day = date(2026, 1, 1)
    assert [parameter(loaded, "most", day, insurance=i) for i in ("310", "390", None)] == [9, 5, 9]
    assert parameter(loaded, "most", date(2025, 5, 31), insurance="390") == 9
    other = rule.replace("frequent_visits", "code_settled_twice").split("parameters:")[0] + (
        "parameters:\n  across:\n    - {valid_from: 2025-01-01, value: true}\n"
        "    - {valid_from: 2025-01-01, value: false, insurance: '390'}\n"
    )
    with pytest.raises(InputError, match="insurance"):
        load(write(tmp_path / "b", rule=other, knowledge=None))


def test_the_shipped_pack_is_found_and_a_missing_one_told() -> None:
    assert (shipped_pack() / "pack.yaml").is_file()
    with pytest.raises(PlatformError):
        shipped_pack("nowhere")
