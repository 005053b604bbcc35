"""3101 and 3102 read as rows: what the message tells of a person becomes visits, lines, diagnoses and operations.

Rows of the visit asked about are the request, earlier visits and earlier orders are history
(reference: interface §2.1).
"""

from __future__ import annotations

import contextlib
from collections.abc import Set
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import msgspec

from mingcha.engines.facts import reader
from mingcha.gate.envelope import Refused, Text, several, told
from mingcha.terms.codes import care_class, level_of

World = dict[str, list[Any]]
"""Rows by frame: lines as row objects, of the others, which are few, their values by column."""

_LINE = reader("line")
_FLAGS = {"1": True, "0": False}


class Diagnosis(msgspec.Struct):
    """A node of fsi_diagnose_dtos."""

    dise_codg: Text = None
    dise_date: Text = None
    inout_dise_type: Text = None
    maindise_flag: Text = None


class Operation(msgspec.Struct):
    """A node of fsi_operation_dtos."""

    setl_list_oprn_id: Text = None
    oprn_code: Text = None
    oprn_date: Text = None
    main_oprn_flag: Text = None


class Order(msgspec.Struct):
    """A node of fsi_order_dtos: an order or a line of a prescription."""

    rx_id: Text = None
    rxno: Text = None
    hilist_code: Text = None
    hilist_name: Text = None
    cnt: Text = None
    pric: Text = None
    sumamt: Text = None
    ownpay_amt: Text = None
    drord_begn_date: Text = None
    drord_stop_date: Text = None
    drord_dept_codg: Text = None
    drord_dr_codg: Text = None
    drord_bhvr: Text = None
    curr_drord_flag: Text = None
    long_drord_flag: Text = None
    hilist_type: Text = None
    chrg_type: Text = None
    hilist_lv: Text = None
    drord_dr_profttl: Text = None


class VisitNode(msgspec.Struct):
    """A node of fsi_encounter_dtos: a visit or a stay."""

    mdtrt_id: Text = None
    medins_id: Text = None
    medins_admdvs: Text = None
    medins_lv: Text = None
    adm_date: Text = None
    dscg_date: Text = None
    dscg_main_dise_codg: Text = None
    med_type: Text = None
    insutype: Text = None
    out_setl_flag: Text = None
    med_mdtrt_type: Text = None
    matn_stas: Text = None
    reim_flag: Text = None
    dr_codg: Text = None
    adm_dept_codg: Text = None
    fsi_diagnose_dtos: list[Diagnosis] | Diagnosis | str | None = None
    fsi_order_dtos: list[Order] | Order | str | None = None
    fsi_operation_dtos: list[Operation] | Operation | str | None = None


class PersonNode(msgspec.Struct):
    """A node of patient_dtos."""

    patn_id: Text = None
    gend: Text = None
    brdy: Text = None
    poolarea: Text = None
    curr_mdtrt_id: Text = None
    visits: list[VisitNode] | VisitNode | str | None = msgspec.field(name="fsi_encounter_dtos", default=None)


class Data(msgspec.Struct):
    """input.data of 3101 and 3102."""

    persons: list[PersonNode] | PersonNode | str | None = msgspec.field(name="patient_dtos", default=None)
    trig_scen: Text = None
    rule_ids: list[Text] | Text = None
    task_id: Text = None


class Analysis(msgspec.Struct):
    """input of 3101 and 3102."""

    data: Data | None = None


@dataclass
class Asked:
    """One person's request: whom and what it is about, its rows, and the rows of before that came along."""

    number: str
    person: int
    provider: str
    visit: str
    request: World
    before: World
    visits: set[tuple[str, str]]
    """Visits the message speaks of; what is kept of them is older."""
    doctor: str | None = None
    department: str | None = None
    unknown: list[str] = field(default_factory=list)
    """Codes that are in no list we know, as field=code."""

    @property
    def lines(self) -> set[tuple[str, str, str]]:
        """The orders the message speaks of: provider, visit and number."""
        return {(r.provider, r.visit, r.line) for world in (self.before, self.request) for r in world["line"]}


def persons(analysis: Analysis) -> list[PersonNode]:
    """The persons of a message. Refused when it names none."""
    found = several(analysis.data.persons) if analysis.data else []
    if not found:
        raise Refused("缺少 input.data.patient_dtos：没有参保人就无从分析。")
    return found


def read_request(
    told_of: PersonNode, person: int, provider: str, care_area: str, fund_area: str, known: Set[str] = frozenset()
) -> Asked:
    """The rows of one person. Refused, naming the field, without person, visit or dates.

    `provider` and the areas are those of the envelope; a visit may name others. `known` are the items rules know:
    some have no national code, and go by their name where the code says nothing to any rule, as in an audit.
    """
    number = told(told_of.patn_id)
    if number is None:
        raise Refused("缺少 patn_id（参保人标识）。")
    nodes = several(told_of.visits)
    if not nodes:
        raise Refused("缺少 fsi_encounter_dtos（就诊信息）。")
    current = told(told_of.curr_mdtrt_id) or told(nodes[-1].mdtrt_id)
    area = told(told_of.poolarea) or fund_area
    made: Asked | None = None
    before: World = {"visit": [], "line": [], "diagnosis": [], "operation": []}
    visits: set[tuple[str, str]] = set()
    for place, node in enumerate(nodes):
        asked_about = (told(node.mdtrt_id) or current) == current
        # A sender speaks of its own visit, whatever number of itself it gives; earlier ones may lie elsewhere.
        where = provider if asked_about else told(node.medins_id) or provider
        own = _visit(told_of, node, place, person, where, area, care_area)
        visits.add((where, own["visit"]))
        rows = _rows(own, node, known)
        orders = several(node.fsi_order_dtos)
        if not asked_about:
            for name, values in rows.items():
                before[name] += values
            continue
        earlier = {at for at, order in enumerate(orders) if told(order.curr_drord_flag) == "0"}
        before["line"] += [row for at, row in enumerate(rows["line"]) if at in earlier]
        rows["line"] = [row for at, row in enumerate(rows["line"]) if at not in earlier]
        first = next((order for at, order in enumerate(orders) if at not in earlier), None)
        made = Asked(
            number, person, provider, own["visit"], rows, before, visits,
            (told(first.drord_dr_codg) if first else None) or told(node.dr_codg),
            (told(first.drord_dept_codg) if first else None) or told(node.adm_dept_codg),
        )  # fmt: skip
    if made is None:
        raise Refused(f"curr_mdtrt_id（{current}）不在 fsi_encounter_dtos 的就诊之中。")
    return made


def level_now(told_of: PersonNode) -> int | None:
    """The level of the provider as the message says it, for a provider we know nothing of."""
    nodes = several(told_of.visits)
    current = told(told_of.curr_mdtrt_id)
    found = next((one for one in nodes if told(one.mdtrt_id) == current), nodes[-1] if nodes else None)
    return level_of(told(found.medins_lv)) if found else None


def _visit(told_of: PersonNode, node: VisitNode, place: int, person: int, provider: str, fund: str,
           care: str) -> dict[str, Any]:  # fmt: skip
    start, second = moment(node.adm_date)
    if start is None:
        raise Refused(f"fsi_encounter_dtos[{place}].adm_date 缺失或不是日期（如 2026-01-31 08:30:00）。")
    end, end_second = moment(node.dscg_date)
    kind = told(node.med_type)
    sex, birth = told(told_of.gend), moment(told_of.brdy)[0]
    return {
        "provider": provider,
        "visit": told(node.mdtrt_id) or told(told_of.curr_mdtrt_id) or "",
        "person": person,
        "start_day": start,
        "start_second": second,
        "end_day": end,
        "end_second": end_second,
        "fund_area": fund,
        "care_area": told(node.medins_admdvs) or care,
        "visit_type": kind,
        "care": care_class(kind, told(node.out_setl_flag)),  # one source: it is pay_loc
        "insurance": told(node.insutype),
        "sex": sex if sex in ("1", "2") else None,
        "birth_date": birth,
        "main_diagnosis": told(node.dscg_main_dise_codg),
    }


def _rows(visit: dict[str, Any], node: VisitNode, known: Set[str]) -> World:
    own = {name: visit[name] for name in ("provider", "visit", "person", "fund_area", "care_area")}
    start = visit["start_day"]
    lines = [_line(visit, start, place, order, known) for place, order in enumerate(several(node.fsi_order_dtos))]
    diagnoses: dict[str, dict[str, Any]] = {}
    for one in several(node.fsi_diagnose_dtos):
        if code := told(one.dise_codg):
            day = moment(one.dise_date)[0] or start
            diagnoses.setdefault(code, own | {"code": code, "day": day, "source": told(one.inout_dise_type)})
    operations = []
    for place, one in enumerate(several(node.fsi_operation_dtos)):
        if code := told(one.oprn_code):
            day, second = moment(one.oprn_date)
            operations.append(own | {
                "sequence": told(one.setl_list_oprn_id) or str(place), "code": code, "day": day or start,
                "second": second, "is_main": _FLAGS.get(told(one.main_oprn_flag) or ""),
            })  # fmt: skip
    return {"visit": [visit], "line": lines, "diagnosis": [*diagnoses.values()], "operation": operations}


def _line(visit: dict[str, Any], start: int, place: int, order: Order, known: Set[str]) -> Any:
    day, second = moment(order.drord_begn_date)
    amount, own_expense = scaled(order.sumamt, 100), scaled(order.ownpay_amt, 100)
    quantity, price = scaled(order.cnt, 10_000), scaled(order.pric, 10_000)
    if amount is None:
        amount = round(quantity * price / 1_000_000) if quantity is not None and price is not None else 0
    stop = moment(order.drord_stop_date)[0] if order.drord_stop_date else None
    first = start if day is None else day
    item, name = told(order.hilist_code), f"名称:{told(order.hilist_name) or ''}"
    if item is None or (item not in known and name in known):
        item = name
    # In the order of the frame's columns: a message has many orders, and this is what most of its time goes into.
    return _LINE((
        visit["provider"], visit["visit"], told(order.rx_id) or f"#{place + 1}", visit["person"], first,
        item, 10_000 if quantity is None else quantity,
        amount, amount - min(own_expense or 0, amount), visit["fund_area"], visit["care_area"], second, price,
        stop - first + 1 if stop is not None and stop >= first else None, told(order.rxno), None, None,
        _FLAGS.get(told(order.drord_bhvr) or ""), told(order.drord_dr_codg),
    ))  # fmt: skip


def scaled(value: Text, unit: int) -> int | None:
    """A decimal in 1/unit, half up; None where it is missing or no number."""
    if value is None or isinstance(value, bool):
        return None
    try:
        near = float(value) * unit
        if not abs(near) < 1e15:
            return None
        whole = round(near)
        if abs(near - whole) < 1e-3:  # written with as many decimals as count, as nearly all are
            return whole
        return int((Decimal(str(value).strip()) * unit).to_integral_value("ROUND_HALF_UP"))
    except (ValueError, OverflowError, InvalidOperation):
        return None


def moment(value: Text) -> tuple[int | None, int | None]:
    """A date as its ordinal and the second of the day, None for what isn't said (reference: interface §1.6)."""
    return _moment(str(value)) if value else (None, None)


@lru_cache(maxsize=65_536)
def _moment(text: str) -> tuple[int | None, int | None]:
    if len(text) == 19 and text[4] == text[7] == "-":
        with contextlib.suppress(ValueError):
            at = datetime.fromisoformat(text)
            return at.toordinal(), at.hour * 3600 + at.minute * 60 + at.second
    digits = "".join(c for c in text.strip() if c.isdigit())
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])).toordinal()
    except ValueError:
        return None, None
    clock = digits[8:14]
    if len(clock) < 6 or clock[:2] > "23" or clock[2:4] > "59" or clock[4:] > "59":
        return day, None
    return day, int(clock[:2]) * 3600 + int(clock[2:4]) * 60 + int(clock[4:])
