"""Gates on several machines: each has its own copy of what was published and of the histories, and its own journal."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mingcha.gate import history
from mingcha.gate.journal import entries
from mingcha.gate.service import Gate
from mingcha.home.directory import Home
from mingcha.knowledge.bundle import Strength, publish_terms
from mingcha.knowledge.pack import Pack
from tests.gate import ask, message, order, published

pytestmark = pytest.mark.slow

_COPIED = ("secrets", "bundle", "packs", "gate/history")


def sent(home: Home, there: Home) -> None:
    """What the how-to says to copy, as rsync would."""
    for name in _COPIED:
        shutil.copytree(home.path / name, there.path / name, dirs_exist_ok=True)


def test_two_gates_fed_the_same_say_the_same_and_note_apart(national: Pack, tmp_path: Path) -> None:
    home = published(tmp_path / "one", national)
    row = next(row for row in national.rule("exam-repeated-across-providers").knowledge if row.valid_to is None)
    gate = Gate(home, limit=30)
    person = gate._person("P1")
    earlier = ("H9", "V9", "L9", person, 739_675, row.item, 10_000, 500, 500, "330501", "330501", None, 500,
               None, None, None, None, None, None)  # fmt: skip
    history.write(home.gate / "history", [(person, {"line": [earlier]})], {"watermark": 1})
    other = Home.open(tmp_path / "two", environ={})
    other.gate.mkdir(exist_ok=True)
    sent(home, other)
    gates = [gate, Gate(Home.open(tmp_path / "two", environ={}), limit=30)]
    gate.renew()
    asked = message(orders=[order("R1", row.item, drord_begn_date="2026-03-08 09:20:00")], adm_date="2026-03-08 09:00:00")
    told = [ask(one, "3101", asked)["output"] for one in gates]
    assert told[0] == told[1] and "exam-repeated-across-providers" in {one["rule_id"] for one in told[0]["result"]}
    publish_terms(home, "2026-02-01", {}, (Strength("exam-repeated-across-providers", "block"),), {})
    sent(home, other)
    for one in gates:
        one.renew()
    again = [ask(one, "3101", asked | {"msgid": "M2"})["output"] for one in gates]
    assert again[0] == again[1] and again[0]["exp_content"]["bundle"] == 2
    assert {one["strength"] for one in again[0]["result"] if one["rule_id"] == "exam-repeated-across-providers"} == {"block"}
    for one in gates:
        one.journal.flush()
    names = [{name for name, _ in entries(one.home.spool / "gate")} for one in gates]
    assert names[0].isdisjoint(names[1]), "what one desk collects of both never collides"
    for one in gates:
        one.close()
