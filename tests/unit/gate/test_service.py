"""A message answered: reminders with all that belongs to them, and what happens when something is wrong."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mingcha.gate import service, signature
from mingcha.gate.journal import entries
from mingcha.gate.service import Gate
from mingcha.knowledge.bundle import SigningKey, Snooze, Strength, publish, publish_terms
from mingcha.knowledge.library import Library
from mingcha.knowledge.pack import Pack
from mingcha.terms.calendar import today
from mingcha.terms.errors import PlatformError
from tests.gate import PROVIDER, ask, message, order, published

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def men_only(national: Pack) -> str:
    """An item that only men may receive."""
    rule = next(rule for rule in national.rules if rule.id == "service-by-sex")
    return next(row.item for row in rule.knowledge if row.values.get("sex") == "1" and row.valid_to is None)


def test_a_reminder_names_rule_amount_basis_strength_and_order(gate: Gate, men_only: str) -> None:
    answer = ask(gate, "3101", message(number="A1", orders=[order("R1"), order("R2", men_only, sumamt="88.50")]))
    assert answer["infcode"] == 0 and len(answer["inf_refmsgid"]) == 30
    (told,) = [r for r in answer["output"]["result"] if r["rule_id"] == "service-by-sex"]
    assert told["vola_amt"] == 88.5 and told["mdtrt_id"] == "V1" and told["patn_id"] == "P1"
    assert told["vola_evid"].startswith("《") and told["strength"] == "justify" and told["certainty"] == "definite"
    assert [(d["rx_id"], d["vola_item_type"], d["vola_amt"]) for d in told["judge_result_detail_dtos"]] == [("R2", "1", 88.5)]
    told = answer["output"]["exp_content"]
    assert told["checks"] > 50 and not told["partial"] and told["bundle"] == 1 and len(told["library"]) == 64


def test_a_man_is_not_reminded(gate: Gate, men_only: str) -> None:
    asked = message(number="A2", orders=[order("R2", men_only)])
    asked["input"]["data"]["patient_dtos"][0]["gend"] = "1"
    assert not [r for r in ask(gate, "3101", asked)["output"]["result"] if r["rule_id"] == "service-by-sex"]


def test_what_cannot_be_checked_is_said(gate: Gate, men_only: str) -> None:
    asked = message(number="A3", orders=[order("R2", men_only)])
    asked["input"]["data"]["patient_dtos"][0]["gend"] = "9"
    unchecked = ask(gate, "3101", asked)["output"]["exp_content"]["unchecked"]
    assert ("service-by-sex", "encounter.sex", "患者性别") in [(u["rule_id"], u["missing"], u["what"]) for u in unchecked]


def test_earlier_orders_are_history_and_not_judged(gate: Gate, men_only: str) -> None:
    orders = [order("R1"), order("R2", men_only, curr_drord_flag="0")]
    assert not ask(gate, "3101", message(number="A4", orders=orders))["output"]["result"]


def test_the_same_message_gets_the_same_answer_and_another_one_its_own(gate: Gate, men_only: str) -> None:
    first = message(number="A5", orders=[order("R2", men_only)])
    told = ask(gate, "3101", first)
    repeated = gate.counters.total()["repeated"]
    assert ask(gate, "3101", first) == told
    assert gate.counters.total()["repeated"] == repeated + 1
    other = ask(gate, "3101", message(number="A5", orders=[order("R9")]))
    assert other["output"]["result"] == []
    gate.journal.flush()
    assert [e["msgid"] for _, e in entries(gate.home.spool / "gate") if e["kind"] == "reused"] == ["A5"]


def test_a_reaction_is_on_the_disk_before_it_is_acknowledged(gate: Gate) -> None:
    asked = message("3103", "A6")
    warns = [{"warn_rslt_id": "J1", "dspo_way": "1", "dspo_way_rea": "外地长期居住"}, {"warn_rslt_id": "J2", "dspo_way": "2"}]
    asked["input"] = {"data": {"warn_type": "1", "warns": warns}}
    assert ask(gate, "3103", asked)["infcode"] == 0
    (kept,) = [e for _, e in entries(gate.home.spool / "gate") if e["kind"] == "feedback" and e["msgid"] == "A6"]
    assert [(r["reminder"], r["way"], r["reason"]) for r in kept["reactions"]] == [("J1", "1", "外地长期居住"), ("J2", "2", None)]


@pytest.mark.parametrize(("warn", "says"), [
    ({"dspo_way": "1", "dspo_way_rea": "x"}, "warn_rslt_id"),
    ({"warn_rslt_id": "J1", "dspo_way": "3"}, "dspo_way"),
    ({"warn_rslt_id": "J1", "dspo_way": "1"}, "dspo_way_rea"),
])  # fmt: skip
def test_a_reaction_that_says_too_little_is_sent_back(gate: Gate, warn: dict[str, str], says: str) -> None:
    asked = message("3103", f"B{says}")
    asked["input"] = {"data": {"warn_type": "1", "warns": warn}}
    answer = ask(gate, "3103", asked)
    assert answer["infcode"] == -1 and says in answer["err_msg"]


def test_the_journal_holds_no_name_and_no_number_of_a_person(gate: Gate) -> None:
    asked = message(number="A7")
    asked["input"]["data"]["patient_dtos"][0] |= {"patn_id": "330501198603012345", "patn_name": "柳如烟"}
    ask(gate, "3101", asked)
    gate.journal.flush()
    kept = gate.journal.path.read_text()
    assert "A7" in kept and "柳如烟" not in kept and "330501198603012345" not in kept


def test_an_area_and_a_provider_may_set_how_strong_a_reminder_is(national: Pack, men_only: str, tmp_path: Path) -> None:
    set_so = (Strength("service-by-sex", "advise", area="330501"), Strength("service-by-sex", "block", provider=PROVIDER))
    for number, (strengths, strength) in enumerate(((set_so[:1], "advise"), (set_so, "block"))):
        gate = Gate(published(tmp_path / str(number), national, None, *strengths), limit=30)
        (told,) = ask(gate, "3101", message(orders=[order("R2", men_only)]))["output"]["result"]
        assert told["strength"] == strength
        gate.close()


def test_who_has_a_key_must_sign_and_who_has_none_must_be_near(national: Pack, tmp_path: Path) -> None:
    gate = Gate(published(tmp_path / "home", national, {PROVIDER: "secret"}), limit=30)
    assert "签名" in ask(gate, "3101", message())["err_msg"]
    now = str(int(time.time()))
    headers = {"x-tif-timestamp": now, "x-tif-nonce": "n", "x-tif-signature": signature.sign("secret", now, "n")}
    assert ask(gate, "3101", message(), headers, local=False)["infcode"] == 0
    old = str(int(time.time()) - 3600)
    stale = {"x-tif-timestamp": old, "x-tif-nonce": "n", "x-tif-signature": signature.sign("secret", old, "n")}
    assert "过期" in ask(gate, "3101", message(), stale)["err_msg"]
    assert "签名不对" in ask(gate, "3101", message(), headers | {"x-tif-nonce": "m"})["err_msg"]
    stranger = message() | {"fixmedins_code": "H33050100002"}
    assert "没有登记接入密钥" in ask(gate, "3101", stranger, local=False)["err_msg"]
    gate.close()


def test_of_two_keys_either_is_good_and_one_that_ran_out_is_named(national: Pack, tmp_path: Path) -> None:
    home = published(tmp_path / "home", national)
    gate = Gate(home, limit=30)
    rules = gate.judge.stages
    told = {"MK1": "2099-01-01", "MK2": None, "MK3": "2026-01-01"}
    keys = tuple(SigningKey(name, f"secret {name}", until=until) for name, until in told.items())
    publish_terms(home, "2026-02-01", {PROVIDER: keys}, (), {})
    gate.renew()
    assert gate.judge.stages is rules, "another key compiles no rule"
    assert "签名" in ask(gate, "3101", message())["err_msg"]
    answers = [ask(gate, "3101", message(number=key.id), signed(key.secret), local=False) for key in keys]
    assert [answer["infcode"] for answer in answers] == [0, 0, -1]
    assert "MK3" in answers[2]["err_msg"]
    gate.close()


def test_a_call_in_the_journal_says_where_with_which_key_and_how_many_orders(
    national: Pack, men_only: str, tmp_path: Path
) -> None:
    home = published(tmp_path / "home", national, {PROVIDER: "secret"})
    gate = Gate(home, limit=30)
    asked = message(orders=[order("R1"), order("R2", men_only)]) | {"insuplc_admdvs": "330100"}
    asked["input"]["data"]["patient_dtos"][0]["poolarea"] = ""
    assert ask(gate, "3101", asked, signed("secret"))["infcode"] == 0
    gate.journal.flush()
    ((_, call),) = entries(home.spool / "gate")
    assert (call["key"], call["environment"]) == ("MK0", "production")
    assert [(a["care_area"], a["fund_area"], a["orders"]) for a in call["asked"]] == [("330501", "330100", 2)]
    (reminder,) = call["reminders"]
    assert reminder["asked"] == 0 and "性别" in reminder["message"]
    gate.close()


def test_snoozed_advice_is_counted_and_not_shown_until_its_day(national: Pack, men_only: str, tmp_path: Path) -> None:
    home = published(tmp_path / "home", national)
    gate, now = Gate(home, limit=30), today()
    rules, rule, number = gate.judge.stages, "service-by-sex", iter("ABCDEFGHIJ")
    advise = (Strength(rule, "advise"),)

    def told(doctor: str = "D1", strengths: tuple[Strength, ...] = advise, **change: str | None) -> tuple[int, int]:
        held = Snooze(**{"rule": rule, "provider": PROVIDER, "until": now.isoformat(), **change})  # type: ignore[arg-type]
        publish_terms(home, "2026-02-01", {}, strengths, {}, (held,))
        gate.renew()
        asked = message(number=next(number), orders=[order("R2", men_only, drord_dr_codg=doctor)])
        output = ask(gate, "3101", asked)["output"]
        return len(output["result"]), output["exp_content"]["snoozed"]

    assert told() == (0, 1), "its last day counts"
    assert told(until=(now - timedelta(days=1)).isoformat()) == (1, 0), "it ends by itself"
    assert told(practitioner="D1") == (0, 1) and told("D2", practitioner="D1") == (1, 0)
    assert told(department="骨科") == (1, 0) and told(provider="H2") == (1, 0)
    assert told(strengths=()) == (1, 0), "what asks for a reason is never snoozed"
    assert told(strengths=(Strength(rule, "block"),)) == (1, 0)
    assert gate.judge.stages is rules, "a snooze compiles no rule"
    gate.journal.flush()
    noted = [r["snoozed"] for _, e in entries(home.spool / "gate") for r in e["reminders"]]
    assert noted == [True, False, True, False, False, False, False, False]
    assert gate.counters.total()["snoozed"] == 2 and gate.counters.total()["reminders"] == 6
    gate.close()


def signed(secret: str) -> dict[str, str]:
    now, nonce = str(int(time.time())), secret[::-1]
    return {"x-tif-timestamp": now, "x-tif-nonce": nonce, "x-tif-signature": signature.sign(secret, now, nonce)}


def test_out_of_time_the_order_passes_and_the_answer_says_so(national: Pack, men_only: str, tmp_path: Path) -> None:
    gate = Gate(published(tmp_path / "home", national), limit=0)
    answer = ask(gate, "3101", message(orders=[order("R2", men_only)]))
    assert answer["infcode"] == 0 and answer["output"]["exp_content"]["partial"] and answer["warn_msg"]
    assert gate.counters.total()["partial"] == 1
    gate.close()


def test_a_fault_of_ours_lets_the_order_pass(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate.judge, "judge", None)
    answer = ask(gate, "3101", message(number="A8"))
    assert answer["infcode"] == 0 and answer["output"]["exp_content"]["why"] == "failure" and "放行" in answer["warn_msg"]


def test_a_full_disk_costs_nobody_an_answer(gate: Gate, men_only: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mingcha.gate.answered._MOST", -1)
    before = gate.counters.total()["unkept"]
    answer = ask(gate, "3101", message(number="A10", orders=[order("R2", men_only)]))
    assert len(answer["output"]["result"]) == 1
    gate.settle()
    assert gate.counters.total()["unkept"] == before + 1


def test_old_rules_are_swept_up_when_nobody_asks(
    national: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few, fewer = (replace(national, rules=national.rules[n:3]) for n in (0, 1))
    home = published(tmp_path / "home", few)
    gate, swept = Gate(home, limit=30), []
    monkeypatch.setattr(service.gc, "collect", lambda: swept.append(gate.judge.bundle.number))
    for number, pack in enumerate((fewer, few, fewer, few, fewer), 2):
        ask(gate, "3101", message(number=f"Q{number}"))
        publish(home, Library.of(pack), "2026-01-02", (), {})
        gate.renew()
        assert gate.judge.bundle.number == number
        if number == 2:
            gate.renew()
            assert swept == [], "somebody asked a moment ago"
            monkeypatch.setattr(service, "QUIET", -1.0)
            gate.renew()
            gate.renew()
            assert swept == [2], "now nobody asks, and once is enough"
            monkeypatch.setattr(service, "QUIET", 3600.0)
    gate.renew()
    assert swept == [2] and service.LITTER == 4
    publish(home, Library.of(few), "2026-01-02", (), {})
    gate.renew()
    gate.renew()
    assert swept == [2, 7], "when it never is quiet, all the same"
    gate.close()


def test_another_bundle_takes_effect_and_a_touched_one_does_not(national: Pack, men_only: str, tmp_path: Path) -> None:
    home = published(tmp_path / "home", national)
    gate = Gate(home, limit=30)
    publish(home, Library.of(national), "2026-01-02", (), {}, (Strength("service-by-sex", "block"),))
    gate.renew()
    answer = ask(gate, "3101", message(orders=[order("R2", men_only)]))
    assert answer["output"]["exp_content"]["bundle"] == 2 and answer["output"]["result"][0]["strength"] == "block"
    file = home.bundle / "current.json"
    file.write_text(file.read_text().replace('"block"', '"advise"'))
    with pytest.raises(PlatformError, match="current"):
        gate.renew()
    assert json.dumps(ask(gate, "3101", message(number="Z", orders=[order("R2", men_only)]))).count('"block"') == 1
    gate.close()
