"""What to do instead: told with the reminder where the rule's knowledge says so, and nowhere else."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mingcha.gate import cards
from mingcha.gate.service import Gate
from mingcha.knowledge.pack import Pack, Row
from tests.gate import ask, message, order, published

pytestmark = pytest.mark.slow


def told(gate: Gate, rule: str, number: str, *orders: dict[str, Any], **encounter: Any) -> dict[str, Any]:
    answer = ask(gate, "3101", message(number=number, orders=list(orders), **encounter))
    (found,) = [one for one in answer["output"]["result"] if one["rule_id"] == rule]
    return found


def row_of(pack: Pack, rule: str) -> Row:
    return next(row for row in pack.rule(rule).knowledge if row.valid_to is None)


def test_a_price_above_its_cap_names_the_cap(gate: Gate, national: Pack) -> None:
    row = next(r for r in national.rule("drug-above-payment-standard").knowledge if "2026-12-31" in str(r.valid_to))
    cap = row.values["ceiling"] / 10_000
    found = told(
        gate, "drug-above-payment-standard", "I1", order("R1", row.item, pric=str(cap + 1), sumamt=str(cap + 1))
    )
    assert found["instead"]["pric"] == cap and "支付标准" in found["instead"]["words"]
    assert found["vola_cont"].endswith(f"建议：{found['instead']['words']}")


def test_of_an_included_item_only_the_main_one_is_charged(gate: Gate, national: Pack) -> None:
    row = row_of(national, "service-included-in-main")
    found = told(gate, "service-included-in-main", "I2", order("R1", row.item), order("R2", row.values["partner"]))
    assert found["instead"]["items"] == [{"hilist_code": row.values["partner"], "hilist_name": row.words}]
    assert found["instead"]["words"] == f"只收{row.words}，取消{row.name}。"


def test_a_repeated_exam_names_the_day_of_the_earlier_one(gate: Gate, national: Pack) -> None:
    row = row_of(national, "exam-repeated-across-providers")
    earlier = order("R0", row.item, drord_begn_date="2026-03-05 09:00:00", curr_drord_flag="0")
    found = told(gate, "exam-repeated-across-providers", "I3", earlier, order("R1", row.item))
    assert found["instead"]["day"] == "2026-03-05" and "2026-03-05" in found["instead"]["words"]


def test_another_form_is_named_only_where_no_rule_restricts_it(national: Pack, tmp_path: Path) -> None:
    code = "XA12AXX127{}001010109999"
    rule, other = national.rule("drug-for-children"), national.rule("drug-forbidden-by-diagnosis")
    limited = [
        replace(rule.knowledge[0], id=f"t-{at}", item=code.format(at), name=f"某{name}")
        for at, name in (("A", "片"), ("N", "颗粒"))
    ]
    free = replace(other.knowledge[0], id="t-free", item=code.format("E"), name="某胶囊")
    pack = replace(national, rules=tuple(
        replace(one, knowledge=(*one.knowledge, *limited)) if one is rule else
        replace(one, knowledge=(*one.knowledge, free)) if one is other else one
        for one in national.rules
    ))  # fmt: skip
    gate = Gate(published(tmp_path / "home", pack), limit=30)
    found = told(gate, "drug-for-children", "I4", order("R1", code.format("A")))
    assert found["instead"]["items"] == [{"hilist_code": code.format("E"), "hilist_name": "某胶囊"}]
    assert "某胶囊" in found["instead"]["words"] and "某颗粒" not in found["instead"]["words"]
    gate.close()


def test_a_rule_that_knows_nothing_better_says_nothing(gate: Gate, national: Pack) -> None:
    row = next(
        row for row in national.rule("service-by-sex").knowledge if row.values["sex"] == "1" and not row.valid_to
    )
    found = told(gate, "service-by-sex", "I5", order("R1", row.item))
    assert "instead" not in found and "建议" not in found["vola_cont"]
    assert "suggestions" not in shown(found)


def test_a_card_has_it_as_a_suggestion(gate: Gate, national: Pack) -> None:
    row = row_of(national, "service-included-in-main")
    found = told(gate, "service-included-in-main", "I6", order("R1", row.item), order("R2", row.values["partner"]))
    card = shown(found)
    (suggestion,) = card["suggestions"]
    assert suggestion["label"] == found["instead"]["words"] and card["selectionBehavior"] == "at-most-one"
    assert suggestion["actions"][0]["resource"]["hilist_code"] == row.values["partner"]
    assert "建议" not in card["detail"], "it is told once"


def shown(found: dict[str, Any]) -> dict[str, Any]:
    status, body = cards.answered(json.dumps({"infcode": 0, "output": {"result": [found]}}).encode())
    assert status == 200
    return json.loads(body)["cards"][0]
