"""Messages taken in at the gate: sealed on the disk, in the lake once, and no hostile one holds up the others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from mingcha.gate.gaps import told_nationally
from mingcha.gate.service import Gate
from mingcha.home.directory import Home
from mingcha.knowledge.bundle import Alias, Bundle, publish
from mingcha.knowledge.library import Library
from mingcha.knowledge.pack import load
from mingcha.knowledge.shipped import shipped_pack
from mingcha.records import collecting
from mingcha.records.collecting import Collected, collect
from mingcha.records.importing import Import
from mingcha.records.lake import Lake
from mingcha.records.taken import folder
from tests.contract.test_messages import LINES, PAID, PAY, asked, fee
from tests.gate import ask

pytestmark = pytest.mark.slow
SENDER = LINES["fixmedins_code"]


@pytest.fixture
def gate(home: Home) -> Iterator[Gate]:
    """A gate over a home with a lake; one rule is enough, since nothing is judged here."""
    national = load(shipped_pack())
    publish(home, Library.of(replace(national, rules=national.rules[:1])), "2026-01-01", (), {})
    home.gate.mkdir(exist_ok=True)
    gate = Gate(home, limit=30)
    yield gate
    gate.close()


def drained(gate: Gate, lake: Lake) -> Collected:
    gate.intake.put_by()
    return collect(lake, "test")


def forwarded(answer: dict[str, Any], infno: str, msgid: str) -> dict[str, Any]:
    """An answer of the fund's own system, sent on under its request's number."""
    return {"infno": infno, "msgid": msgid, "fixmedins_code": SENDER, "output": answer["message"]["output"]}


def test_requests_and_answers_become_one_settlement(gate: Gate, lake: Lake) -> None:
    for infno, told in (("2204", LINES), ("2207", PAY), ("2207", forwarded(PAID, "2207", PAY["msgid"]))):
        assert ask(gate, infno, told)["infcode"] == 0
    told = drained(gate, lake)
    assert (told.messages, told.refused, told.totals.quarantined) == (3, [], 0)
    assert lake.con.execute("SELECT line, amount FROM facts.fee_line ORDER BY line").fetchall() == [("F1", 1250), ("F2", 1250)]
    assert lake.con.execute("SELECT settlement, total FROM facts.settlement").fetchall() == [("S1", 2500)]
    assert not list(folder(lake.home).glob("*.closed"))
    assert drained(gate, lake).messages == 0


def test_codes_of_an_areas_own_are_collected_as_what_they_stand_for(gate: Gate, lake: Lake) -> None:
    area = LINES["mdtrtarea_admvs"]
    says = (Alias("med_type", area, "L9", "51"), Alias("insutype", "650100", "J", "390"), Alias("insutype", area, "K", ""))
    for number, told in enumerate(({"med_type": "L9", "insutype": "K"}, {"med_type": "11", "insutype": "J"})):
        msgid, visit = f"{SENDER}{number}", f"V{number}"
        pay = {"mdtrt_id": visit, "psn_no": "P1", "medfee_sumamt": 25, "invono": visit, **told}
        paid = PAID["message"]["output"]["setlinfo"] | {"setl_id": f"S{number}", "mdtrt_id": visit, "medins_setl_id": msgid}
        assert ask(gate, "2207", asked("2207", {"data": pay}, msgid=msgid))["infcode"] == 0
        answer = {"infno": "2207", "msgid": msgid, "fixmedins_code": SENDER, "output": {"setlinfo": paid}}
        assert ask(gate, "2207", answer)["infcode"] == 0
    gate.intake.put_by()
    collect(lake, "test", read=lambda message: told_nationally(message, Bundle(1, "", "", (), (), aliases=says).aliases_of))
    found = lake.con.execute("SELECT settlement, visit_type, insurance FROM facts.settlement ORDER BY 1").fetchall()
    assert found == [("S0", "51", "K"), ("S1", "11", "J")], "known here, known to stand for nothing, known elsewhere"


def test_an_answer_may_come_after_its_request_was_collected(gate: Gate, lake: Lake) -> None:
    ask(gate, "2207", PAY)
    assert drained(gate, lake).totals.quarantined == 1
    ask(gate, "2207", forwarded(PAID, "2207", PAY["msgid"]))
    assert drained(gate, lake).totals.quarantined == 0
    assert lake.con.execute("SELECT settlement, total FROM facts.settlement").fetchall() == [("S1", 2500)]


def test_what_waits_names_nobody(gate: Gate) -> None:
    body = {"setlinfo": {"mdtrt_id": "V7", "psn_no": "330501198603012345", "psn_name": "柳如烟"}}
    assert ask(gate, "4101", asked("4101", body))["infcode"] == 0
    (path,) = folder(gate.home).glob("*.open")
    assert b"4101" in path.read_bytes()
    for name in ("柳如烟", "330501198603012345"):
        assert name.encode() not in path.read_bytes()


def test_nobody_speaks_for_another_provider(gate: Gate, lake: Lake) -> None:
    for body in ({"feedetail": [fee(1, fixmedins_code="H11010500002")]}, {"feedetail": {"a": [{"fixmedinsCode": "H2"}]}}):
        assert "H" in (told := ask(gate, "2204", asked("2204", body, msgid=str(body))))["err_msg"] and told["infcode"] == -1
    assert ask(gate, "2204", asked("2204", {}))["infcode"] == -1
    assert drained(gate, lake).messages == 0


def test_a_message_sent_again_is_kept_once(gate: Gate, lake: Lake) -> None:
    first = ask(gate, "2204", LINES)
    assert ask(gate, "2204", LINES) == first
    assert drained(gate, lake).messages == 1
    gate.answered.keep((SENDER, LINES["msgid"], "2204"), b"", b"")  # the store of answers was lost
    assert ask(gate, "2204", LINES)["infcode"] == 0
    told = drained(gate, lake)
    assert (told.messages, told.totals.accepted, told.totals.duplicates) == (1, 0, 2)


def test_killed_between_the_lake_and_the_spool_nothing_counts_twice(
    gate: Gate, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(gate, "2204", LINES)
    ask(gate, "2207", PAY)
    gate.intake.put_by()
    with monkeypatch.context() as patched:
        patched.setattr(collecting.Path, "unlink", _killed)
        with pytest.raises(KeyboardInterrupt):
            collect(lake, "test")
    ask(gate, "2204", asked("2204", {"feedetail": [fee(3)]}, msgid="M3"))  # comes meanwhile, in a file of its own
    gate.intake.put_by()
    told = collect(lake, "test")
    assert (told.totals.accepted, told.totals.duplicates) == (1, 3)
    assert lake.con.execute("SELECT count(*), sum(amount) FROM facts.fee_line").fetchone() == (3, 3750)
    assert lake.con.execute("SELECT count(*) FROM lake.quarantine").fetchone() == (1,)


def _killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_the_dead_leave_their_messages(gate: Gate, lake: Lake) -> None:
    ask(gate, "2204", LINES)
    assert collect(lake, "test").messages == 0, "its process lives"
    file = gate.intake._file
    assert file is not None
    with file.path.open("ab") as torn:
        torn.write(b"0badc0de {torn")
    gate.intake._file = None
    file.close()  # as the kernel does for a process that was killed
    assert collect(lake, "test").totals.accepted == 2


def test_a_message_that_breaks_the_import_is_put_aside(gate: Gate, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        ask(gate, "2204", asked("2204", {"feedetail": [fee(number)]}, msgid=f"M{number}"))

    def breaks(self: Import, found: list[Any]) -> Any:
        if any(one.label.endswith("/M3") for one in found):
            raise ValueError("no reader expected this")
        return take(self, found)

    take = Import.take
    monkeypatch.setattr(Import, "take", breaks)
    told = drained(gate, lake)
    assert (told.totals.accepted, told.refused) == (4, [f"{SENDER}/2204/M3"])
    assert len(list(folder(lake.home).glob("*.refused"))) == 1 and drained(gate, lake).messages == 0


ODD: list[Any] = [
    None, True, 7, 10**400, "一段文字", [], [[]], [[[1]]], {"a": {"b": [1]}}, [None, 1, "a", {}], "'; DROP TABLE fee_line; --",
    "2026-02-30", "a\x00b", "\x1f", "长" * 20_000, -1e308, "1e400", "NaN", {"": ""}, [{"": {}}],
]  # fmt: skip
NODES = {
    "2204": ("feedetail",), "2207": ("data", "drug_trac_info"), "2301": ("feedetail",), "2304": ("data",), "2305": ("data",),
    "4101": ("setlinfo", "diseinfo", "oprninfo", "icuinfo"), "4401": ("baseinfo", "diseinfo", "oprninfo"), "4501": ("examinfo",),
    "3501": ("invinfo",), "3502": ("invinfo",), "3503": ("purcinfo",), "3504": ("purcinfo",), "3505": ("selinfo",),
    "3506": ("selinfo",), "3507": ("data",),
}  # fmt: skip
LEAVES = ("feedetl_sn", "mdtrt_id", "psn_no", "fee_ocur_time", "med_list_codg", "det_item_fee_sumamt", "cnt", "setl_time",
          "diag_code", "fixmedins_bchno", "drugtracinfo", "medfee_sumamt", "days_rinp_flag_31")  # fmt: skip


def test_a_hostile_message_holds_up_no_other(gate: Gate, lake: Lake) -> None:
    """Every odd value in every node and leaf of every transaction: refused at the gate, quarantined, or put aside."""
    sent = answered = 0
    for infno, nodes in NODES.items():
        for place, value in enumerate(ODD):
            bodies = [{node: value} for node in nodes]
            bodies += [{node: [{leaf: value, "psn_no": "P1"} for leaf in LEAVES] for node in nodes}]
            for number, body in enumerate(bodies):
                raw = json.dumps(asked(infno, body, msgid=f"{infno}-{place}-{number}")).encode()
                told = ask(gate, infno, raw)
                sent += 1
                answered += told["infcode"] == 0
                assert told["infcode"] in (0, -1) and (told["infcode"] == 0 or told["err_msg"])
    assert sent > 500 and answered > 400
    assert ask(gate, "2204", LINES)["infcode"] == 0
    told = drained(gate, lake)
    assert told.messages == answered + 1 and told.totals.balanced
    assert lake.con.execute("SELECT count(*) FROM facts.fee_line WHERE line IN ('F1', 'F2')").fetchone() == (2,)
    assert not told.refused, "each odd row was refused by itself"
