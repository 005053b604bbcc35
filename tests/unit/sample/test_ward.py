"""A played ward: orders that nobody has charged yet are told as they were written, each once."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from mingcha.gate.service import Gate
from mingcha.home.directory import Home
from mingcha.knowledge.pack import load
from mingcha.knowledge.shipped import shipped_pack
from mingcha.records.importing import Import
from mingcha.records.lake import Lake
from mingcha.records.mapping import NONE
from mingcha.records.mapping import load as mapping
from mingcha.sample.ward import LINES, Call, calls, visits
from tests.gate import PROVIDER, ask, published

pytestmark = pytest.mark.slow

PEOPLE = "人员编号,姓名,身份证号,性别,出生日期\nW1,吴桂芬,110105196001011224,女,1960-01-01\n"
VISITS = "provider,visit,person,visit_type,start_day,end_day\n{at},Z1,W1,21,2026-03-01,2026-03-09\n"
ORDERS = "provider,visit,person,order_no,item,item_name,quantity,start_day,end_day\n"
CHARGES = "定点医疗机构编号,就诊ID,人员编号,费用明细流水号,医保目录编码,项目名称,数量,单价,金额,费用发生时间\n"


def told(call: Call, *, current: bool = True) -> list[dict[str, Any]]:
    """The orders of a message that are signed now, or those told along."""
    (patient,) = json.loads(call.body)["input"]["data"]["patient_dtos"]
    (encounter,) = patient["fsi_encounter_dtos"]
    return [order for order in encounter["fsi_order_dtos"] if (order["curr_drord_flag"] == "1") == current]


def brought(lake: Lake, place: Path, **files: str) -> None:
    for name, text in files.items():
        (place / f"{name}.csv").write_text(text, encoding="utf-8")
    outcome = Import(lake, NONE, by="test").run([place])
    assert outcome.totals.quarantined == 0, outcome


@pytest.fixture
def gate(home: Home) -> Any:
    made = Gate(published(home.path, load(shipped_pack())), limit=60)
    yield made
    made.close()


def test_orders_without_a_charge_are_played_and_reminded_of(
    gate: Gate, lake: Lake, home: Home, tmp_path: Path
) -> None:
    rows = [f"{PROVIDER},Z1,W1,R{n:02},XB{n},药品{n},2,2026-03-{n % 7 + 1:02}," for n in range(11)]
    for_men = next(row for row in load(shipped_pack()).rule("service-by-sex").knowledge
                   if row.values["sex"] == "1" and row.valid_to is None)  # fmt: skip
    rows += [f"{PROVIDER},Z1,W1,R90,{for_men.item},{for_men.name},1,2026-03-08,2026-03-10",
             f"{PROVIDER},Z1,W1,R91,XC,无数量,,2026-03-08,"]  # fmt: skip
    folder = tmp_path / "ward"
    folder.mkdir()
    brought(lake, folder, person=PEOPLE, visit=VISITS.format(at=PROVIDER), order_line=ORDERS + "\n".join(rows) + "\n")
    made = calls(home, visits(home, 10))
    assert [len(told(call)) for call in made] == [LINES, 3]
    assert Counter(order["rx_id"] for call in made for order in told(call)) == Counter(row.split(",")[3] for row in rows)
    assert len(told(made[1], current=False)) == LINES, "what was ordered before goes along"
    (odd,) = [order for order in told(made[1]) if order["rx_id"] == "R90"]
    assert (odd["drord_begn_date"], odd["drord_stop_date"], odd["sumamt"]) == ("2026-03-08", "2026-03-10", "")
    answers = [ask(gate, call.infno, call.body) for call in made]
    assert [answer["infcode"] for answer in answers] == [0, 0]
    reminded = {d["rx_id"] for one in answers[1]["output"]["result"] for d in one["judge_result_detail_dtos"]}
    assert "R90" in reminded


def test_charges_come_before_orders(lake: Lake, home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "ward"
    folder.mkdir()
    order = f"{PROVIDER},Z1,W1,R1,XB1,药品,2,2026-03-02,\n"
    charge = f"{PROVIDER},Z1,W1,F1,XB1,药品,2,3.5,7,2026-03-02\n"
    brought(lake, folder, person=PEOPLE, visit=VISITS.format(at=PROVIDER), order_line=ORDERS + order,
            fee_line=CHARGES + charge)  # fmt: skip
    (call,) = calls(home, visits(home, 10))
    assert [(one["rx_id"], one["sumamt"]) for one in told(call)] == [("F1", "7")]


@pytest.mark.shared
def test_every_order_of_the_demo_ward_is_told_once_and_answered(
    gate: Gate, lake: Lake, home: Home, shared: Path
) -> None:
    Import(lake, mapping("mimic"), by="test").run([shared / "data" / "mimic-demo"])
    made = calls(home, visits(home, 200))
    assert sum(len(told(call)) for call in made) == 10_398 - 81, "81 orders are of a stay that isn't among the admissions"
    wrong = [answer for call in made if (answer := ask(gate, call.infno, call.body))["infcode"] != 0]
    assert not wrong, wrong[:1]
