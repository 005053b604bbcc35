"""Every virtual record through the gate: each rule speaks where it must and keeps silent where it must not."""

from __future__ import annotations

import pytest

from mingcha.engines.virtual import Known, is_virtual, message, virtual
from mingcha.gate.service import Gate
from mingcha.knowledge.pack import Pack
from tests.gate import PROVIDER, ask

pytestmark = pytest.mark.slow


def test_every_rule_speaks_where_it_must_and_only_there(gate: Gate, national: Pack) -> None:
    made = virtual(national)
    wrong = []
    for record in made.records:
        answer = ask(gate, record.infno, message(record, PROVIDER, "330501", number="once"))
        assert answer["infcode"] == 0, answer["err_msg"]
        reminded = record.rule.id in {one["rule_id"] for one in answer["output"]["result"]}
        if reminded != record.hit:
            wrong.append((record.rule.id, record.case.name, record.hit))
    assert not wrong
    assert sum(record.hit for record in made.records) > 60 and sum(not record.hit for record in made.records) > 60
    asked = {rule.id for rule in national.rules if {"before", "during"} & set(rule.stages) and not rule.waits}
    assert {r.rule.id for r in made.records if r.hit} | {one.rule.id for one in made.left} == asked
    assert all(is_virtual(record.number) for record in made.records) and not is_virtual("V1") and not is_virtual(None)
    assert len({record.number for record in made.records}) == len(made.records)


def test_a_provider_the_gate_knows_gets_records_of_its_level(national: Pack) -> None:
    anywhere = {r.rule.id for r in virtual(national).records if r.hit}
    highest = virtual(national, Known(3))
    missing = anywhere - {r.rule.id for r in highest.records if r.hit}
    assert "service-by-provider-level" in missing
    told = {one.rule.id: one.zh for one in highest.left}
    assert {told[rule] for rule in missing} == {"本机构的级别不会触发"}
    assert "报文里没有" in told["trace-code-sold-twice"] and "机审" in told["invoice-settled-twice"]


def test_the_journal_says_what_a_message_lacks(gate: Gate, national: Pack) -> None:
    from mingcha.gate.journal import entries
    from tests.gate import message as told
    from tests.gate import order

    asked = told(number="gaps", orders=[order("R1", rxno="", pric=""), order("R2", "", drord_dr_codg="D1")], med_type="99")
    asked["input"]["data"]["patient_dtos"][0] |= {"gend": "", "brdy": None}
    ask(gate, "3101", asked)
    gate.journal.flush()
    (call,) = [e for _, e in entries(gate.home.spool / "gate") if e["kind"] == "call" and e["msgid"] == "gaps"]
    (one,) = call["asked"]
    assert set(one["blank"]) == {"gend", "brdy", "rxno", "pric", "drord_dr_codg", "hilist_code"}
    assert one["unknown"] == ["med_type=99"]
