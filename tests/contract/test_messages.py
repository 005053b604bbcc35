"""National messages: unwrapped, paired now or later, every record accepted or waiting in quarantine (DECISIONS 15)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mingcha.records.importing import Import, Outcome
from mingcha.records.lake import Lake

pytestmark = pytest.mark.slow

ENVELOPE = {
    "msgid": "H11010500001202503010830000001", "fixmedins_code": "H11010500001", "mdtrtarea_admvs": "110105",
    "insuplc_admdvs": "110108", "inf_time": "2025-03-01 08:30:00",
}  # fmt: skip


def asked(infno: str, body: dict[str, Any], **envelope: Any) -> dict[str, Any]:
    return {"infno": infno, **ENVELOPE, **envelope, "input": body}


def answered(infno: str, output: dict[str, Any]) -> dict[str, Any]:
    return {"_infno": infno, "_direction": "response", "message": {"infcode": "0", "output": output}}


def fee(number: int, **other: Any) -> dict[str, Any]:
    return {
        "feedetl_sn": f"F{number}", "mdtrt_id": "V1", "psn_no": "P1", "fee_ocur_time": "2025-03-01 08:30:00",
        "med_list_codg": "XA01", "det_item_fee_sumamt": 12.5, "cnt": "5.0000", "pric": 2.5, "etip_flag": "0",
    } | other  # fmt: skip


LINES = asked("2204", {"feedetail": [fee(1), fee(2)]})
SPLIT = answered("2204", {"result": [
    {"feedetlSn": "F1", "det_item_fee_sumamt": "12.50", "inscp_scp_amt": 10, "fulamt_ownpay_amt": 2.5, "chrgitm_lv": "02"},
    {"feedetlSn": "F2", "det_item_fee_sumamt": 12.5, "inscp_scp_amt": 12.5, "chrgitm_lv": "01"},
]})  # fmt: skip
PAY = asked("2207", {"data": {"mdtrt_id": "V1", "psn_no": "P1", "medfee_sumamt": 25, "insutype": "310", "med_type": "11", "invono": "I7"},
                     "drug_trac_info": {"feedetl_sn": "F1", "drug_trac_codg": "81234567890123456789", "trdn_flag": "0"}})  # fmt: skip
PAID = answered("2207", {"setlinfo": {
    "setl_id": "S1", "mdtrt_id": "V1", "psn_no": "P1", "psn_name": "某某", "setl_time": "2025-03-01 09:00:00",
    "medfee_sumamt": 25, "hifp_pay": 15.5, "fund_pay_sumamt": 15.5, "psn_part_amt": 9.5, "medins_setl_id": ENVELOPE["msgid"],
}, "setldetail": [{"fund_pay_type": "310100", "fund_payamt": 15.5}]})  # fmt: skip


def bring(lake: Lake, folder: Path, **documents: Any) -> Outcome:
    folder.mkdir(exist_ok=True)
    for name, document in documents.items():
        (folder / f"{name}.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    outcome = Import(lake, by="test").run([folder])
    assert outcome.totals.balanced
    return outcome


def lines(lake: Lake) -> list[tuple]:
    query = "SELECT line, amount, in_scope, item_class, fund_area, care_area FROM facts.fee_line ORDER BY line"
    return lake.con.execute(query).fetchall()


WHOLE = [("F1", 1250, 1000, "02", "110108", "110105"), ("F2", 1250, 1250, "01", "110108", "110105")]


def test_request_and_answer_of_one_import_are_one_row_each(lake: Lake, tmp_path: Path) -> None:
    outcome = bring(lake, tmp_path / "a", a=LINES, b=SPLIT, c=[PAY, PAID])
    assert (outcome.totals.rows_in, outcome.totals.accepted, outcome.totals.quarantined) == (4, 4, 0)
    assert lines(lake) == WHOLE
    paid = "SELECT settlement, total, pooled_pay, person_total, invoice, settled_second, ext FROM facts.settlement"
    row = lake.con.execute(paid).fetchone()
    assert row and row[:6] == ("S1", 2500, 1550, 950, "I7", 32400)
    assert "310100" in row[6] and "某某" not in row[6]
    trace = "SELECT code, kind, line, visit, settlement FROM facts.trace"
    assert lake.con.execute(trace).fetchone() == ("81234567890123456789", "sale", "F1", "V1", "S1")


def test_an_answer_waits_for_its_request(lake: Lake, tmp_path: Path) -> None:
    first = bring(lake, tmp_path / "a", answers=[SPLIT, PAID])
    assert (first.totals.rows_in, first.totals.quarantined, first.totals.money_quarantined_fen) == (3, 3, 5000)
    kept = lake.con.execute("SELECT string_agg(raw, '') FROM lake.quarantine").fetchone()
    assert kept and "P1" not in kept[0] and "某某" not in kept[0]
    second = bring(lake, tmp_path / "b", requests=[LINES, PAY])
    assert (second.totals.accepted, second.totals.quarantined) == (4, 0)
    assert lines(lake) == WHOLE
    again = bring(lake, tmp_path / "c", answers=[SPLIT, PAID], other=[])
    assert again.totals.quarantined == 0 and again.totals.duplicates == again.totals.rows_in


def test_a_late_answer_completes_lines_that_are_in(lake: Lake, tmp_path: Path) -> None:
    first = bring(lake, tmp_path / "a", requests=[LINES, PAY])
    assert (first.totals.accepted, first.totals.quarantined) == (2, 1)  # the settlement has no number yet
    assert [row[2] for row in lines(lake)] == [None, None]
    late = bring(lake, tmp_path / "b", answers=[SPLIT, PAID])
    assert (late.totals.accepted, late.totals.superseded, late.totals.quarantined) == (4, 2, 0)
    assert lines(lake) == WHOLE


def test_a_reversal_is_a_negative_row_of_its_own(lake: Lake, tmp_path: Path) -> None:
    back = asked("2208", {"data": {"setl_id": "S1", "mdtrt_id": "V1", "psn_no": "P1"}}, msgid="M2")
    told = answered("2208", {"setlinfo": {"setl_id": "S2", "mdtrt_id": "V1", "setl_time": "2025-03-02 10:00:00", "medfee_sumamt": 25,
                                          "psn_part_amt": None, "pdn_cash_pay": -9.5}})  # fmt: skip
    bring(lake, tmp_path / "a", a=[PAY, PAID], b=[back, told])
    query = "SELECT settlement, original_settlement, total, cash_pay, person_total FROM facts.settlement ORDER BY 1"
    assert lake.con.execute(query).fetchall() == [("S1", None, 2500, None, 950), ("S2", "S1", -2500, -950, None)]


def test_a_settlement_list_brings_stay_diagnoses_and_operations(lake: Lake, tmp_path: Path) -> None:
    body = {
        "setlinfo": {"mdtrt_id": "V7", "setl_id": "S7", "fixmedins_code": "H11010500001", "psn_no": "P7", "gend": "2", "brdy": "1950-02-01",
                     "adm_time": "2025-01-03 09:00:00", "dscg_time": "2025-01-09 10:00:00", "days_rinp_flag_31": "2", "psn_name": "某某",
                     "vent_used_dura": "1/2/30", "spga_nurscare_days": "2"},
        "icuinfo": [{"scs_cutd_sum_dura": "1/0/0"}, {"scs_cutd_sum_dura": "0/12/0"}],
        "diseinfo": [{"diag_type": "1", "diag_code": "I63.900", "diag_name": "脑梗死", "maindiag_flag": "1"}, {"diag_type": "1", "diag_code": "I10.x00"}],
        "oprninfo": {"oprn_oprt_code": "39.7200", "oprn_oprt_name": "取栓", "oprn_oprt_date": "2025-01-04", "oper_dr_code": "D110105000001"},
    }  # fmt: skip
    outcome = bring(lake, tmp_path / "a", list=asked("4101", body))
    assert (outcome.totals.accepted, outcome.totals.quarantined) == (4, 0)
    stay = lake.con.execute(
        "SELECT visit_type, sex, main_diagnosis, planned_readmission, end_day::VARCHAR FROM facts.visit"
    ).fetchone()
    assert stay == ("21", "2", "I63.900", True, "2025-01-09")
    times = "SELECT ventilator_minutes, icu_minutes, special_nursing_days, first_nursing_days FROM facts.visit"
    assert lake.con.execute(times).fetchone() == (1590, 2160, 2, None)
    assert lake.con.execute("SELECT count(*) FROM facts.diagnosis WHERE source = '4101'").fetchone() == (2,)
    assert lake.con.execute("SELECT code, practitioner FROM facts.operation").fetchone() == ("39.7200", "D110105000001")


def test_reports_bring_items_indicators_and_no_text(lake: Lake, tmp_path: Path) -> None:
    said = "右肺上叶见一大小约12毫米的磨玻璃结节，边界清楚。"
    scan = {
        "examinfo": {"mdtrt_sn": "1", "mdtrt_id": "V1", "psn_no": "P1", "rpotc_no": "R1", "exam_item_code": "0021",
                     "exam_date": "2025-03-01", "rpt_date": "2025-03-02", "exam_ccls": said, "exam_rslt_poit_flag": "1",
                     "vali_flag": "1"},
        "imageinfo": [{"rpotc_no": "R1", "study_uid": "1.2.3", "patient_name": "某某", "image_count": 40},
                      {"rpotc_no": "R1", "study_uid": "1.2.3", "image_count": "8"}],
    }  # fmt: skip
    blood = {
        "labinfo": {"mdtrt_sn": "1", "mdtrt_id": "V1", "psn_no": "P1", "rpotc_no": "R2", "exam_item_code": "0025",
                    "rpt_date": "2025-03-02", "vali_flag": "1"},
        "iteminfo": [{"rpotc_no": "R2", "exam_item_detl_code": "ALB", "exam_rslt_val": "28.5", "exam_unt": "g/L"},
                     {"rpotc_no": "R2", "exam_item_detl_code": "TP", "exam_rslt_val": 61}],
        "sampleinfo": [{"rpotc_no": "R2", "sapl_date": "2025-03-01"}],
    }  # fmt: skip
    outcome = bring(lake, tmp_path / "a", a=asked("4501", scan), b=asked("4502", blood, msgid="M2"))
    assert (outcome.totals.accepted, outcome.totals.quarantined) == (3, 0)
    query = "SELECT report, kind, visit, images, indicator, result, performed_day::VARCHAR FROM facts.report ORDER BY ALL"
    assert lake.con.execute(query).fetchall() == [
        ("R1", "imaging", "V1", 48, None, None, "2025-03-01"),
        ("R2", "lab", "V1", None, "ALB", 285_000, "2025-03-01"),
        ("R2", "lab", "V1", None, "TP", 610_000, "2025-03-01"),
    ]
    told = lake.con.execute("SELECT is_positive, conclusion, ext FROM facts.report WHERE report = 'R1'").fetchone()
    assert told and told[0] and len(told[1]) == 32 and "结节" not in str(told[2]) and "某某" not in str(told[2])


def test_movements_bring_their_trace_codes(lake: Lake, tmp_path: Path) -> None:
    sale = {
        "med_list_codg": "XA01", "fixmedins_hilist_id": "Y1", "fixmedins_bchno": "B1", "sel_retn_cnt": 2, "finl_trns_pric": "3.5",
        "sel_retn_time": "2025-03-01 09:10:00", "mdtrt_sn": "V1", "psn_no": "P1", "setl_id": "S1", "trdn_flag": "0",
        "drugtracinfo": [{"drug_trac_codg": "81" + "0" * 18}, {"drugTracCodg": "82" + "0" * 18}],
    }  # fmt: skip
    stock = {"medListCodg": "XA01", "invdate": "2025-03-31", "inv_cnt": "40", "fixmedins_bchno": "B1"}
    messages = [asked("3505", {"selinfo": sale}), asked("3501", {"invinfo": [stock]}, msgid="M9"),
                asked("3507", {"data": {"fixmedins_bchno": "B1", "inv_data_type": "1"}}, msgid="M10")]  # fmt: skip
    outcome = bring(lake, tmp_path / "a", all=messages)
    assert (outcome.totals.accepted, outcome.totals.quarantined) == (5, 0)
    found = lake.con.execute("SELECT kind, quantity FROM facts.movement ORDER BY kind").fetchall()
    assert found == [("deletion", 0), ("sale", 20000), ("stocktake", 400000)]
    codes = lake.con.execute("SELECT count(*), count(DISTINCT event), min(kind) FROM facts.trace").fetchone()
    assert codes == (2, 1, "sale")


@pytest.mark.shared
def test_the_recorded_messages_all_wait_for_their_partners(lake: Lake, shared: Path) -> None:
    outcome = Import(lake, by="test").run([shared / "reference" / "messages"])
    totals = outcome.totals
    assert totals.balanced and (totals.rows_in, totals.accepted, totals.quarantined) == (21, 0, 21)
    assert totals.money_in_fen == totals.money_quarantined_fen > 0
    assert len(outcome.skipped) == 3  # 3101 and 3103 bring no facts
    again = Import(lake, by="test").run([shared / "reference" / "messages"])
    assert (again.totals.duplicates, again.totals.quarantined) == (21, 0)


def test_a_front_page_brings_diagnoses_and_operations_but_no_stay(lake: Lake, tmp_path: Path) -> None:
    body = {
        "baseinfo": {"mdtrt_sn": "HIS-1", "mdtrt_id": "V8", "psn_no": "P8", "psn_name": "某某", "gend": "1", "adm_date": "2025-01-03",
                     "dscg_date": "2025-01-09", "medfee_sumamt": 100, "vali_flag": "1"},
        "diseinfo": [{"diag_code": "I63.900", "diag_name": "脑梗死", "maindiag_flag": "1", "mdtrt_sn": "HIS-1", "vali_flag": "1"},
                     {"diag_code": "I10.x00", "vali_flag": "0"}],
        "oprninfo": [{"oprn_oprt_code": "39.7200", "oprn_oprt_name": "取栓", "oprn_oprt_date": "2025-01-04", "vali_flag": "1"}],
    }  # fmt: skip
    outcome = bring(lake, tmp_path / "a", page=asked("4401", body))
    assert (outcome.totals.accepted, outcome.totals.quarantined) == (2, 0)
    assert lake.con.execute("SELECT visit, code, source FROM facts.diagnosis").fetchall() == [("V8", "I63.900", "4401")]
    assert lake.con.execute("SELECT visit, code FROM facts.operation").fetchall() == [("V8", "39.7200")]
    assert lake.con.execute("SELECT count(*) FROM facts.visit").fetchone() == (0,)
