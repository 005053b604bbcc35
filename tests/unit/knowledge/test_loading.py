"""What the loader refuses: each refusal names file, line and field, in two languages, and all come at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from mingcha.knowledge.pack import load
from mingcha.knowledge.problems import PackError

from .refusing import CASES, KNOWLEDGE, PACK, RULE, write

ROWS = KNOWLEDGE.partition("\n")[2]
LATER = "c,001100000000002,乙项,30000,day,,2026-01-01,,第二条\n"
EXPECT = "  expect: [{line: L1, amount_fen: 100}]\n"

END = ""
"""In place of the text to be replaced: put the new text at the end."""
FILES = {"pack": "pack.yaml"} | {part: f"rules/caps/{part}.yaml" for part in ("rule", "cases")}
FILES["knowledge"] = "rules/caps/knowledge.csv"

# part of the pack; old text and new; line and field the refusal names, and words of it
REFUSED = {
    "no basis": ("rule", RULE[RULE.index("basis:") :], "", 1, "", "basis is missing"),
    "empty basis": ("rule", RULE[RULE.index("basis:") :], "basis: []", 14, "basis", "at least one basis"),
    "basis without document": ("rule", "document: 条例", "text: 条例", 15, "basis[1]", "document is missing"),
    "unknown kind": ("rule", "max_per_period", "caps", 3, "kind", "'caps' is not one of"),
    "unknown field": ("rule", END, "colour: red\n", 17, "colour", "no such field"),
    "doubled field": ("rule", END, "template: P31\n", 17, "template", "given twice"),
    "unknown parameter": ("rule", END, "parameters: {days: []}\n", 17, "parameters.days", "no such parameter"),
    "id is not the folder": ("rule", "id: caps", "id: cap", 1, "id", "name of its folder"),
    "bad id": ("rule", "id: caps", "id: Caps_1", 1, "id", "lower-case"),
    "version not a number": ("rule", "version: 1", "version: one", 2, "version", "not a whole number"),
    "version zero": ("rule", "version: 1", "version: 0", 2, "version", "begin with 1"),
    "bad certainty": ("rule", "definite", "sure", 10, "certainty", "not one of"),
    "no stage": ("rule", "[after]", "[]", 9, "stages", "at least one stage"),
    "unknown placeholder": ("rule", "{limit}", "{price}", 13, "message.zh", "no {price}"),
    "brace left open": ("rule", "{limit}", "{limit", 13, "message.zh", "braces"),
    "not YAML": ("rule", RULE, "id: [caps\n", 2, "", "not valid YAML"),
    "empty rule": ("rule", RULE, "", 1, "", "empty"),
    "no boundary": ("cases", "kind: boundary", "kind: miss", 1, "", "no case of kind boundary"),
    "no unknown": ("cases", CASES[CASES.index("- name: 没有") :], "", 1, "", "no case of kind unknown"),
    "hit that is clear": ("cases", "verdict: flagged", "verdict: clear", 1, "[1]", "a hit ends in flagged"),
    "flagged, nothing expected": ("cases", EXPECT, "", 1, "[1]", "expect names the flagged rows"),
    "unknown column": ("cases", "quantity: 2, a", "count: 2, a", 5, "[1].facts.line[1].count", "no such column"),
    "unknown frame": ("cases", "    line:", "    lines:", 5, "[1].facts.lines", "no such field"),
    "bad time": ("cases", "time: null", "time: 8.30", 21, "[4].facts.line[1].time", "not a time"),
    "two cases of one name": ("cases", "name: 刚好", "name: 超过", 12, "name", "two cases"),
    "no rows": ("knowledge", ROWS, "", 0, "", "at least one knowledge row"),
    "unknown cell column": ("knowledge", "group,", "groups,", 1, "groups", "no such column"),
    "missing column": ("knowledge", "limit,", "", 1, "limit", "missing"),
    "bad number": ("knowledge", "20000", "2.0", 3, "limit", "not a whole number"),
    "bad choice": ("knowledge", "20000,day", "20000,week", 3, "window", "not one of"),
    "bad date": ("knowledge", "2025-01-01", "2025-02-30", 2, "valid_from", "not a date"),
    "ends before it begins": ("knowledge", "01-01,,", "01-01,2024-01-01,", 2, "valid_to", "ends before"),
    "bad item": ("knowledge", "001100000000002", "乙", 3, "item", "not an item code"),
    "row without basis": ("knowledge", "第一条\nb", "\nb", 2, "basis", "must not be empty"),
    "row without limit": ("knowledge", "20000", "", 3, "limit", "must not be empty"),
    "bad row id": ("knowledge", "\nb,", "\nb b,", 3, "id", "can't be a row id"),
    "doubled row id": ("knowledge", "\nb,", "\na,", 3, "id", "already used on line 2"),
    "overlapping validity": ("knowledge", END, LATER, 4, "valid_from", "overlapping validity"),
    "too few cells": ("knowledge", END, "c,001100000000003\n", 4, "", "2 cells"),
    "quote left open": ("knowledge", END, 'c,"001100000000003\n', 4, "", "not valid CSV"),
    "pack without version": ("pack", "version: 1.0\n", "", 1, "", "version is missing"),
    "pack with a bad date": ("pack", "2025-01-01", "2025", 4, "valid_from", "not a date"),
}


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINGCHA_LANG", "en")


@pytest.mark.parametrize("name", REFUSED)
def test_refuses(name: str, tmp_path: Path) -> None:
    part, old, new, line, field, said = REFUSED[name]
    right = {"pack": PACK, "rule": RULE, "knowledge": KNOWLEDGE, "cases": CASES}[part]
    with pytest.raises(PackError) as raised:
        load(write(tmp_path, **{part: right.replace(old, new, 1) if old else right + new}))
    place = (FILES[part], line, field)
    found = [p for p in raised.value.problems if (p.file, p.line, p.field) == place and said in p.en]
    assert found, [str(p) for p in raised.value.problems]
    assert all(p.zh != p.en for p in found)
    assert raised.value.exit_code == 3


@pytest.mark.parametrize("part", FILES)
def test_refuses_a_missing_file(part: str, tmp_path: Path) -> None:
    with pytest.raises(PackError) as raised:
        load(write(tmp_path, **{part: None}))
    assert (FILES[part], "the file is missing") in {(p.file, p.en) for p in raised.value.problems}


def test_refuses_another_encoding(tmp_path: Path) -> None:
    with pytest.raises(PackError) as raised:
        load(write(tmp_path, knowledge=KNOWLEDGE.encode("gb18030")))
    assert [(p.line, p.en) for p in raised.value.problems] == [(2, "not UTF-8; save the file as UTF-8")]


def test_loads_what_is_right(tmp_path: Path) -> None:
    pack = load(write(tmp_path))
    (rule,) = pack.rules
    assert [row.values["limit"] for row in rule.knowledge] == [10000, 20000]
    assert [row.line for row in rule.knowledge] == [2, 3]
    assert rule.message == {"zh": "{name}超过{limit}"}


def test_a_byte_order_mark_is_welcome(tmp_path: Path) -> None:
    """Spreadsheet programs put one in front of UTF-8."""
    assert load(write(tmp_path, knowledge=b"\xef\xbb\xbf" + KNOWLEDGE.encode())).rules[0].knowledge


def test_tells_everything_at_once(tmp_path: Path) -> None:
    changed = {"rule": RULE.replace("definite", "sure"), "cases": CASES.replace("kind: boundary", "kind: miss")}
    with pytest.raises(PackError) as raised:
        load(write(tmp_path, knowledge=KNOWLEDGE.replace("10000", "x").replace("20000", "y"), **changed))
    assert len(raised.value.problems) == 4
    assert "4 problem(s)" in str(raised.value)


def test_lists_fifty_and_counts_the_rest(tmp_path: Path) -> None:
    rows = "".join(f"r{n},001100000000001,项,x,day,,2025-01-01,,依据\n" for n in range(80))
    with pytest.raises(PackError) as raised:
        load(write(tmp_path, knowledge=KNOWLEDGE.splitlines()[0] + "\n" + rows))
    assert str(raised.value).endswith("… 30 more")


def test_gives_up_a_table_whose_columns_are_shifted(tmp_path: Path) -> None:
    rows = "".join(f"r{n},001100000000001,项,x,day,,2025-01-01,,依据\n" for n in range(3000))
    with pytest.raises(PackError) as raised:
        load(write(tmp_path, knowledge=KNOWLEDGE.splitlines()[0] + "\n" + rows))
    assert len(raised.value.problems) < 1100


def test_a_row_that_limits_nothing_is_refused(tmp_path: Path) -> None:
    header = "id,item,name,sex,age_min,age_max,insurance,care,level_min,valid_from,valid_to,basis\n"
    rule = RULE.replace("max_per_period", "restricted_item")
    with pytest.raises(PackError) as raised:
        load(write(tmp_path, rule=rule, knowledge=header + "a,001100000000001,甲,,,,,,,2025-01-01,,依据\n"))
    assert [(p.line, p.en) for p in raised.value.problems] == [(2, "the row names no limit at all")]


def test_a_rule_without_items_has_no_table(tmp_path: Path) -> None:
    rule = RULE.replace("max_per_period", "overlapping_stays")
    rule += "parameters: {care: [{valid_from: 2025-01-01, value: [I]}], same_provider: [{valid_from: 2025-01-01, value: false}]}\n"
    with pytest.raises(PackError) as raised:
        load(write(tmp_path, rule=rule))
    assert "remove the file" in raised.value.problems[-1].en


def test_a_stray_file_is_told(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "rules/caps/knowledge.xlsx").touch()
    with pytest.raises(PackError) as raised:
        load(tmp_path)
    assert raised.value.problems[0].file == "rules/caps/knowledge.xlsx"


def test_an_empty_folder_is_no_pack(tmp_path: Path) -> None:
    with pytest.raises(PackError) as raised:
        load(tmp_path)
    assert [p.file for p in raised.value.problems] == ["pack.yaml", "rules"]
