"""A rule's condition in words: every rule can be read, with its parameters, and only what it uses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from mingcha.engines.condition import condition, exemptions
from mingcha.engines.explain import Part
from mingcha.knowledge.pack import Pack, Rule, load
from mingcha.knowledge.shipped import shipped_pack
from mingcha.rules.kind import KINDS

pytestmark = pytest.mark.slow

DAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load(shipped_pack())


def said(part: Part) -> Iterator[str]:
    if part.says:
        yield part.says
    for one in part.parts:
        yield from said(one)


def choices(rule: Rule) -> set[str]:
    kind = KINDS[rule.kind]
    return {row.values[kind.choice] for row in rule.knowledge} if kind.choice else {""}


def test_every_rule_can_be_read(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINGCHA_LANG", "zh")
    for rule in pack.rules:
        for choice in choices(rule):
            parts = [condition(rule, DAY, choice), *exemptions(rule, DAY, choice).values()]
            words = [text for part in parts for text in said(part)]
            assert words, rule.id
            for text in words:  # a name of the code in it means a word is missing
                assert not any(mark in text for mark in ("agg.", "encounter.", "facility.", "know.", "rule.", "None")), text


def test_parameters_stand_in_the_sentence(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINGCHA_LANG", "zh")
    rule = pack.rule("frequent-admissions")
    most = next(d.value for d in reversed(rule.parameters["most"]) if d.valid_from <= DAY)
    assert any(f"次数上限（{most}）" in text for text in said(condition(rule, DAY)))


def test_limits_no_row_sets_are_left_out(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINGCHA_LANG", "zh")
    assert list(said(condition(pack.rule("drug-by-provider-level"), DAY))) == ["机构级别 < 知识点的“最低机构级别”"]
