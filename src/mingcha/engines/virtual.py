"""Virtual records: for every rule a visit that must be reminded of and one that must not, as 3101 or 3102 messages.

They are the worked cases of the rules in force, cut down to what a message carries and judged again: a case that no
longer comes out as it should is no test of a hospital's system, and its rule is listed with what the message lacks.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from mingcha.engines.cases import run_cases
from mingcha.engines.words import word
from mingcha.knowledge.pack import Case, Pack, Rule, load
from mingcha.knowledge.shipped import shipped_pack
from mingcha.rules.kind import KINDS
from mingcha.terms.codes import LEVEL_OF_GRADE

Row = Mapping[str, Any]
_AREAS = {"provider", "visit", "person", "fund_area", "care_area"}
_CARRIED = {
    "provider": {"provider", "level", "level_text"},
    "visit": _AREAS | {"start_day", "start_second", "end_day", "end_second", "visit_type", "care", "channel",
                       "insurance", "sex", "birth_date", "main_diagnosis"},
    "line": _AREAS | {"line", "item", "code", "day", "second", "quantity", "unit_price", "amount", "in_scope", "stated",
                      "days_supply", "prescription", "takehome", "practitioner"},
    "diagnosis": _AREAS | {"code", "day", "source"},
    "operation": _AREAS | {"sequence", "code", "day", "second", "is_main"},
}  # fmt: skip
"""What the gate reads of a message, frame by frame (gate.request)."""
_FRAMES = {
    "trace": ("追溯码", "trace codes"), "order": ("医嘱", "orders"), "settlement": ("结算", "settlements"),
    "event": ("身份核验等事件", "events"), "enrolment": ("参保登记", "enrolments"), "person": ("参保人登记", "persons"),
    "practitioner": ("医师登记", "practitioners"), "catalogue_item": ("目录", "the catalogue"),
    "report": ("检查检验报告", "reports"), "device": ("设备登记", "devices"),
}  # fmt: skip
_SAID = {"type", "area", "valid_from", "valid_to"}
"""Of a provider, what every case says and few rules ask for."""
_GRADES = {level: grade for grade, level in reversed(LEVEL_OF_GRADE.items())}


@dataclass(frozen=True)
class Record:
    """One virtual visit of a rule; `hit` says whether it must be reminded of. `number` is its visit's and person's."""

    rule: Rule
    case: Case
    hit: bool
    number: str

    @property
    def infno(self) -> str:
        """The transaction the rule is asked in."""
        return "3101" if "before" in self.rule.stages else "3102"


@dataclass(frozen=True)
class Left:
    """A rule without a virtual visit, and why."""

    rule: Rule
    zh: str
    en: str


@dataclass(frozen=True)
class Virtual:
    """The virtual records of a library."""

    records: tuple[Record, ...]
    left: tuple[Left, ...]


@dataclass(frozen=True)
class Known:
    """What a gate knows of a provider by itself; a message can't tell it otherwise."""

    level: int | None


_made: dict[tuple[str, Known | None], Virtual] = {}
_KEPT = 8


def virtual(pack: Pack, provider: Known | None = None) -> Virtual:
    """Virtual records of every rule in force that a gate may ask, for a provider it knows, or one it doesn't.

    They are kept, for some providers of some packs.
    """
    wanted = (pack.hash, provider)
    if wanted not in _made:
        if len(_made) >= _KEPT:
            _made.clear()
        _made[wanted] = _make(pack, provider)
    return _made[wanted]


def _make(pack: Pack, provider: Known | None) -> Virtual:
    shipped = {rule.id: rule for rule in load(shipped_pack()).rules}  # archives and signed changes keep no cases
    asked = [
        replace(rule, examples=(), cases=rule.cases or (shipped[rule.id].cases if rule.id in shipped else ()))
        for rule in pack.rules
        if {"before", "during"} & set(rule.stages)
        and not (not rule.knowledge and rule.id in shipped and shipped[rule.id].waits)  # waits for rows of an area
    ]
    sound = _sound(pack, asked, provider)
    anywhere = _sound(pack, asked, None) if provider else sound
    records: list[Record] = []
    left: list[Left] = []
    for rule in asked:
        chosen = _chosen(rule, sound) if KINDS[rule.kind].at_hand else {}
        records += [Record(rule, case, hit, visit_number(rule.id, hit)) for hit, case in chosen.items()]
        if True in chosen:
            continue
        if KINDS[rule.kind].at_hand and True in _chosen(rule, anywhere):
            left.append(Left(rule, "本机构的级别不会触发", "a provider of this level never does it"))
        else:
            left.append(Left(rule, *_why(rule)))
    return Virtual(tuple(records), tuple(left))


def _sound(pack: Pack, rules: list[Rule], provider: Known | None) -> dict[tuple[str, str], Case]:
    """The cases, cut down to what a message carries, that still come out as they should."""
    cut = [replace(rule, cases=tuple(filter(None, (_cut(case, provider) for case in rule.cases)))) for rule in rules]
    return {
        (outcome.rule, outcome.case.name): outcome.case
        for outcome in run_cases("memory", replace(pack, rules=tuple(cut)))
        if outcome.wrong is None
    }


def visit_number(rule: str, hit: bool) -> str:
    """The number of a rule's virtual visit: by it a call is known for a virtual one."""
    return f"XN{hashlib.blake2b(rule.encode(), digest_size=6).hexdigest().upper()}{'H' if hit else 'M'}"


def is_virtual(visit: str | None) -> bool:
    """Whether a visit's number is that of a virtual record."""
    return visit is not None and _NUMBER.fullmatch(visit) is not None


_NUMBER = re.compile(r"XN[0-9A-F]{12}[HM]")


def _chosen(rule: Rule, sound: dict[tuple[str, str], Case]) -> dict[bool, Case]:
    """The first case that must hit and the first that must not, of those a message can carry."""
    found: dict[bool, Case] = {}
    for kind, hit in (("hit", True), ("miss", False)):
        for case in rule.cases:
            if case.kind == kind and hit not in found and (rule.id, case.name) in sound:
                found[hit] = sound[rule.id, case.name]
    return found


def _cut(case: Case, provider: Known | None) -> Case | None:
    """The case as a message tells it: one person, the frames and columns a message has. None without a visit."""
    current = _current(case)
    if current is None:
        return None
    facts: dict[str, tuple[Row, ...]] = {}
    for frame, columns in _CARRIED.items():
        rows = (row for row in case.facts.get(frame, ()) if row.get("person", current["person"]) == current["person"])
        facts[frame] = tuple({name: value if name in columns else None for name, value in row.items()} for row in rows)
    if provider is not None:
        own = {"level": provider.level, "level_text": None if provider.level is None else str(provider.level)}
        facts["provider"] = tuple(
            {**row, **own} if row["provider"] == current["provider"] else row for row in facts["provider"]
        )
    return replace(case, facts={**dict.fromkeys(case.facts, ()), **facts})


def _current(case: Case) -> Row | None:
    """The visit asked about: that of the flagged row, else the last."""
    visits = case.facts.get("visit", ())
    for expected in case.expect:
        for frame in ("line", "diagnosis", "operation", "visit"):
            for row in case.facts.get(frame, ()):
                if all(row.get(name) == value for name, value in expected.items() if name != "amount_fen"):
                    at = (row["provider"], row["visit"])
                    return next((visit for visit in visits if (visit["provider"], visit["visit"]) == at), None)
    return max(visits, key=lambda v: (v["start_day"], v["start_second"] or 0, v["visit"]), default=None)


def _why(rule: Rule) -> tuple[str, str]:
    """What a message lacks to test a rule with."""
    if not KINDS[rule.kind].at_hand:
        return "要和全部数据比较，只在机审中判断", "compares with all data: for audits alone"
    hits = [case for case in rule.cases if case.kind == "hit"]
    frames = sorted({f for case in hits for f, rows in case.facts.items() if rows and f not in _CARRIED})
    columns = sorted({
        name for case in hits for frame, carried in _CARRIED.items() for row in case.facts.get(frame, ())
        for name, value in row.items() if name not in carried and value not in (None, False) and name not in _SAID
    })  # fmt: skip
    lacking = [_FRAMES.get(frame) or (frame, frame) for frame in frames] or [word(name) for name in columns]
    if not lacking:
        return "算例涉及几位参保人的资料，一份报文说不全", "its cases are about more persons than a message tells of"
    zh, en = "、".join(zh for zh, _ in lacking), ", ".join(en for _, en in lacking)
    return f"需要{zh}，报文里没有", f"needs {en}, which no message has"


def message(record: Record, provider: str, area: str = "", number: str = "1") -> dict[str, Any]:
    """The record as a message of that provider; `number` makes its message number another one each time."""
    current = _current(record.case)
    assert current is not None
    here = current["provider"]
    code = {here: provider}
    facts = record.case.facts
    levels = {row["provider"]: row["level"] for row in facts["provider"]}
    nodes = [
        _node(visit, facts, code.get(visit["provider"], f"XN{visit['provider']}"), area,
              _GRADES.get(levels.get(visit["provider"], 3), ""), _visit_name(record, visit, current), visit is current)
        for visit in facts["visit"]
    ]  # fmt: skip
    person = {
        "patn_id": record.number, "patn_name": "虚拟病人", "gend": current["sex"] or "",
        "brdy": _day(current["birth_date"]), "poolarea": area, "curr_mdtrt_id": record.number,
        "fsi_encounter_dtos": nodes, "fsi_his_data_dto": "",
    }  # fmt: skip
    return {
        "infno": record.infno, "msgid": f"{provider}{number}{record.number}", "mdtrtarea_admvs": area,
        "insuplc_admdvs": area, "recer_sys_code": "YBXT", "infver": "V1.0", "opter_type": "1", "opter": "0001",
        "opter_name": "虚拟病历", "inf_time": _moment(current["start_day"], current["start_second"]),
        "fixmedins_code": provider, "fixmedins_name": "", "sign_no": "",
        "input": {"data": {
            "syscode": "HIS", "trig_scen": "2" if record.infno == "3101" else "7", "patient_dtos": [person],
        }},
    }  # fmt: skip


def _visit_name(record: Record, visit: Row, current: Row) -> str:
    return record.number if visit is current else f"{record.number}-{visit['visit']}"


def _node(visit: Row, facts: Mapping[str, tuple[Row, ...]], provider: str, area: str, grade: str, number: str,
          now: bool) -> dict[str, Any]:  # fmt: skip
    def own(frame: str) -> Iterable[Row]:
        return (r for r in facts[frame] if (r["provider"], r["visit"]) == (visit["provider"], visit["visit"]))

    return {
        "mdtrt_id": number, "medins_id": provider, "medins_admdvs": area, "medins_lv": grade,
        "adm_date": _moment(visit["start_day"], visit["start_second"]),
        "dscg_date": _moment(visit["end_day"], visit["end_second"]),
        "dscg_main_dise_codg": visit["main_diagnosis"] or "", "med_type": visit["visit_type"] or "",
        "insutype": visit["insurance"] or "", "out_setl_flag": visit.get("channel") or "2", "dr_codg": "D1",
        "adm_dept_codg": "A03",
        "fsi_diagnose_dtos": [
            {"dise_codg": row["code"], "inout_dise_type": row["source"] or "", "dise_date": _day(row["day"])}
            for row in own("diagnosis")
        ],
        "fsi_order_dtos": [_order(row, "1" if now else "0") for row in own("line")],
        "fsi_operation_dtos": [
            {"setl_list_oprn_id": row["sequence"], "oprn_code": row["code"],
             "oprn_date": _moment(row["day"], row["second"]), "main_oprn_flag": _flag(row["is_main"])}
            for row in own("operation")
        ],
    }  # fmt: skip


def _order(row: Row, current: str) -> dict[str, Any]:
    named = row["item"] and row["item"].startswith("名称:")
    stop = row["day"] + timedelta(days=row["days_supply"] - 1) if row["days_supply"] and row["day"] else None
    return {
        "rx_id": row["line"], "rxno": row["prescription"] or "", "hilist_code": "" if named else row["item"] or "",
        "hilist_name": row["item"].removeprefix("名称:") if named else "", "cnt": _decimal(row["quantity"], 10_000),
        "pric": _decimal(row["unit_price"], 10_000), "sumamt": _decimal(row["amount"], 100),
        "ownpay_amt": _decimal(row["amount"] - row["in_scope"], 100),
        "drord_begn_date": _moment(row["day"], row["second"]), "drord_stop_date": _day(stop),
        "drord_bhvr": _flag(row["takehome"]), "drord_dr_codg": row["practitioner"] or "", "drord_dept_codg": "A03",
        "curr_drord_flag": current,
    }  # fmt: skip


def _flag(value: bool | None) -> str:
    return "" if value is None else "1" if value else "0"


def _decimal(value: int | None, unit: int) -> str:
    return "" if value is None else f"{value / unit:.4f}".rstrip("0").rstrip(".")


def _day(value: date | None) -> str:
    return "" if value is None else value.isoformat()


def _moment(day: date | None, second: int | None) -> str:
    if day is None:
        return ""
    return day.isoformat() if second is None else f"{day} {second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
