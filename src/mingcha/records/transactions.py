"""What each national transaction says in our tables (interface §5.1): rows under their national field names."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from mingcha.records.contract import Type
from mingcha.records.readers.messages import Message, records
from mingcha.records.tables import TABLES

Row = dict[str, Any]

LINES = ("2204", "2301")
SETTLEMENTS = ("2207", "2304")
REVERSALS = ("2208", "2305")
PAIRED = (*LINES, *SETTLEMENTS, *REVERSALS)
"""Transactions whose request and answer belong together."""

MOVEMENTS = {
    "3501": "stocktake",
    "3502": "change",
    "3503": "purchase",
    "3504": "purchase_return",
    "3505": "sale",
    "3506": "sale_return",
}
REPORTS = {"4501": "imaging", "4502": "lab", "4503": "culture", "4505": "pathology"}
ALONE = ("4101", "4401", "3507", *MOVEMENTS, *REPORTS)
"""Transactions whose request says everything; their answers carry no facts."""

TRIALS = ("2206", "2303")
"""Trial settlements: a calculation, no fact; the settlement itself follows."""

_PLACE = ("fixmedins_code", "fixmedins_name", "insuplc_admdvs", "mdtrtarea_admvs")
_MONEY = {
    name
    for column in TABLES["settlement"].columns
    if column.type is Type.FEN
    for name in (column.name, *column.national)
}


def place(message: Message) -> Row:
    """What the envelope says about every row: provider and areas."""
    return {key: message.envelope[key] for key in _PLACE if message.envelope.get(key)}


def data(message: Message) -> Row:
    """`input.data`, or the input itself where a vendor leaves the node out."""
    body = message.body if isinstance(message.body, dict) else {}
    return next(iter(records(body.get("data"))), body)


def lines(message: Message) -> list[Row]:
    """The fee lines of a request (`feedetail`) or of an answer (`result`)."""
    body = message.body if isinstance(message.body, dict) else {}
    for node in ("feedetail", "result", "data"):
        if found := records(body.get(node)):
            return found
    return []


def settled(message: Message) -> Row:
    """The settlement of an answer (`setlinfo`), with its parts by fund."""
    body = message.body if isinstance(message.body, dict) else {}
    info = next(iter(records(body.get("setlinfo"))), {})
    parts = {"setldetail": body["setldetail"]} if body.get("setldetail") else {}
    return {**info, **parts}


def fee_lines(request: Message, answer: Message | None) -> list[Row]:
    """Request lines, each with the platform's split of the same line where there is an answer."""
    split = {str(line.get("feedetl_sn")): line for line in lines(answer)} if answer else {}
    around = place(request)
    return [{**around, **line, **_given(split.get(str(line.get("feedetl_sn")), {}))} for line in lines(request)]


def settlement(request: Message, answer: Message) -> list[Row]:
    """One settlement: the request's fields under the answer's."""
    asked = {key: value for key, value in data(request).items() if key != "drug_trac_info"}
    return [{**place(request), **_given(asked), **_given(settled(answer))}]


def reversal(request: Message, answer: Message) -> list[Row]:
    """The settlement taken back: a row of its own, every amount negative, naming the one it reverses."""
    asked, told = data(request), settled(answer)
    original = str(asked.get("setl_id") or told.get("init_setl_id") or "")
    own = str(told.get("setl_id") or original)
    row = {**place(request), **_given(asked), **_given(told)}
    row |= {key: _negative(value) for key, value in row.items() if key in _MONEY}
    return [{**row, "init_setl_id": original, "setl_id": own if own != original else f"{original}-{request.infno}"}]


def sold_codes(request: Message, answer: Message) -> list[Row]:
    """Trace codes sold with a settlement (2207 `drug_trac_info`)."""
    body = request.body if isinstance(request.body, dict) else {}
    info, asked = settled(answer), data(request)
    shared = {**place(request), "kind": "sale", "sel_retn_time": info.get("setl_time")}
    shared |= {key: info.get(key) or asked.get(key) for key in ("mdtrt_id", "setl_id", "psn_no")}
    found = records(body.get("drug_trac_info")) or records(asked.get("drug_trac_info"))
    return [{**shared, **code, "event": code.get("feedetl_sn")} for code in found]


def settlement_list(message: Message) -> dict[str, list[Row]]:
    """4101: the stay, its diagnoses and operations."""
    body = message.body if isinstance(message.body, dict) else {}
    info = next(iter(records(body.get("setlinfo"))), {})
    key = {name: info.get(name) for name in ("mdtrt_id", "fixmedins_code") if info.get(name)}
    shared = {**place(message), **key, "psn_no": info.get("psn_no") or info.get("hi_no") or info.get("certno")}
    if info.get("insuplc"):
        shared["insuplc_admdvs"] = info["insuplc"]
    main = [one for one in records(body.get("diseinfo")) if str(one.get("maindiag_flag")) == "1"]
    kept = {k: v for k, v in info.items() if k not in ("maindiag_flag", "insuplc")}
    stay = {**kept, **shared, "med_type": info.get("med_type") or "21"}
    if main:
        stay |= {"dscg_maindiag_code": main[0].get("diag_code"), "dscg_maindiag_name": main[0].get("diag_name")}
    if str(info.get("days_rinp_flag_31") or "") in ("1", "2"):  # 1 no plan, 2 a plan to come back within 31 days
        stay["repeat_ipt_flag"] = "1" if str(info["days_rinp_flag_31"]) == "2" else "0"
    icu = [_minutes(one.get("scs_cutd_sum_dura")) for one in records(body.get("icuinfo"))]
    if known := [minutes for minutes in icu if minutes is not None]:
        stay["scs_cutd_sum_dura"] = sum(known)
    day = info.get("dscg_time") or info.get("setl_end_date") or info.get("adm_time")
    diagnoses = [{"diag_time": day, **shared, **_given(one), "source": "4101"} for one in records(body.get("diseinfo"))]
    operations = [
        {**shared, "oprn_oprt_sn": str(number), **one} for number, one in enumerate(records(body.get("oprninfo")), 1)
    ]
    return {"visit": [stay], "diagnosis": diagnoses, "operation": operations}


def front_page(message: Message) -> dict[str, list[Row]]:
    """4401: diagnoses and operations of the front page. The stay itself is told by those who settle it (4101)."""
    body = message.body if isinstance(message.body, dict) else {}
    info = next(iter(records(body.get("baseinfo"))), {})
    shared = {**place(message), "psn_no": info.get("psn_no") or info.get("certno")}
    shared["mdtrt_id"] = info.get("mdtrt_id") or info.get("mdtrt_sn")
    day = info.get("dscg_date") or info.get("adm_date")
    diagnoses = [{"diag_time": day, **_valid(one), **shared, "source": "4401"} for one in _in_force(body, "diseinfo")]
    operations = [
        {"oprn_oprt_sn": str(number), **_valid(one), **shared}
        for number, one in enumerate(_in_force(body, "oprninfo"), 1)
    ]
    return {"diagnosis": diagnoses, "operation": operations}


def _in_force(body: Row, node: str) -> list[Row]:
    """The rows of a front page's node that weren't taken back."""
    return [one for one in records(body.get(node)) if str(one.get("vali_flag") or "1") != "0"]


def _valid(row: Row) -> Row:
    return {key: value for key, value in _given(row).items() if key not in ("vali_flag", "mdtrt_sn")}


def reports(message: Message) -> dict[str, list[Row]]:
    """4501–4503, 4505: the report, a row for each item or indicator. Only what the table knows is kept of it."""
    body = message.body if isinstance(message.body, dict) else {}
    parts = {name: records(body.get(name)) for name in ("iteminfo", "sampleinfo", "imageinfo")}
    heads = [head for name, node in body.items() if name not in parts for head in records(node)]
    found: list[Row] = []
    for head in heads:
        own = {name: [one for one in rows if _of_report(one, head)] for name, rows in parts.items()}
        shared = {**place(message), "kind": REPORTS[message.infno]}
        for one in (*own["sampleinfo"][:1], *own["imageinfo"][:1], head):
            shared |= {name: value for name, value in _given(one).items() if name in _REPORTED}
        if images := [count for one in own["imageinfo"] if (count := _whole(one.get("image_count"))) is not None]:
            shared["image_count"] = sum(images)
        for one in own["iteminfo"] or [{}]:
            found.append(shared | {name: value for name, value in _given(one).items() if name in _REPORTED})
    return {"report": found}


def _of_report(part: Row, head: Row) -> bool:
    return not part.get("rpotc_no") or not head.get("rpotc_no") or part["rpotc_no"] == head["rpotc_no"]


_REPORTED = {name for column in TABLES["report"].columns for name in column.national}


def movements(message: Message) -> dict[str, list[Row]]:
    """3501–3506: what moved, and the trace codes of what moved; 3507 takes a movement back and is kept as one."""
    body = message.body if isinstance(message.body, dict) else {}
    around = {**place(message), "kind": MOVEMENTS.get(message.infno, "deletion")}
    found: list[Row] = []
    codes: list[Row] = []
    for one in [row for node in body.values() for row in records(node)] or records(body):
        parts = [
            around["kind"],
            one.get("inv_data_type"),
            one.get("fixmedins_bchno"),
            one.get("mdtrt_sn") or one.get("rtal_docno"),
        ]
        own = "-".join(str(part) for part in parts if part)
        row = {**around, **{k: v for k, v in one.items() if k != "drugtracinfo"}, "movement_id": own}
        if message.infno == "3507":
            row |= {"cnt": 0, "inv_chg_time": message.envelope.get("inf_time")}
        found.append(row)
        when = next(
            (row[key] for key in ("inv_chg_time", "invdate", "purc_retn_stoin_time", "sel_retn_time") if row.get(key)),
            None,
        )
        shared = {**around, "event": own, "moved_at": when}
        shared |= {key: one[key] for key in ("med_list_codg", "psn_no", "setl_id", "trdn_flag") if one.get(key)}
        listed = [code.get("drug_trac_codg") or code.get("drug_trac_code") for code in records(one.get("drugtracinfo"))]
        listed += [one.get("drug_trac_codg")] if not listed else []
        codes += [{**shared, "drug_trac_codg": code} for code in listed if code]
    return {"movement": found, "trace": codes}


def money(row: Row) -> int:
    """The fen of a waiting row: its amount, or 0 where it has none that can be read."""
    for key in ("det_item_fee_sumamt", "medfee_sumamt"):
        try:
            return int((Decimal(str(row[key])) * 100).to_integral_value("ROUND_HALF_UP"))
        except (KeyError, InvalidOperation):
            continue
    return 0


def _given(row: Row) -> Row:
    """The fields that hold something: an empty one never hides the partner's value."""
    return {key: value for key, value in row.items() if value not in (None, "")}


def _minutes(value: Any) -> int | None:
    """Minutes of days/hours/minutes, as the settlement list writes a length of time; None for anything else."""
    parts = [_whole(part) for part in str(value or "").split("/")]
    days, hours, minutes = parts if len(parts) == 3 else (None, None, None)
    return None if days is None or hours is None or minutes is None else (days * 24 + hours) * 60 + minutes


def _whole(value: Any) -> int | None:
    text = str(value).strip()
    return int(text) if text.isascii() and text.isdigit() else None


def _negative(value: Any) -> Any:
    try:
        return str(-abs(Decimal(str(value))))
    except InvalidOperation:
        return value
