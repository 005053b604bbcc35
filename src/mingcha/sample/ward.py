"""Plays a hospital's own system: visits of the lake as the messages a ward or a pharmacy would send before signing.

Messages are complete 3101 requests of real size, as hospitals' systems write them (reference: interface §2.1). A visit
is told by its fee lines, or by its orders where nobody has charged any: a ward knows orders before it knows fees.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from mingcha.home.directory import Home
from mingcha.records.identity import numbers
from mingcha.records.lake import Lake

LINES = 10
"""Orders in a message, at most: what a doctor signs at a time."""


@dataclass(frozen=True)
class Call:
    """A message and what it is about: the provider that sends it, the visit, and its items by order number."""

    infno: str
    body: bytes
    provider: str
    visit: str
    items: dict[str, str]


def visits(home: Home, most: int, seed: int = 1, only: list[tuple[str, str]] | None = None) -> list[tuple[str, str]]:
    """Up to `most` visits with fee lines or orders, drawn over the whole lake; or `only` those of them."""
    if only is not None:
        return only[:most]
    with Lake.open(home, read_only=True) as lake:
        lake.as_of()
        found = lake.con.execute(
            "SELECT DISTINCT provider, visit FROM (SELECT provider, visit, person FROM facts.net_fee_line"
            " UNION ALL SELECT provider, visit, person FROM facts.order_line) WHERE person IS NOT NULL"
            f" ORDER BY hash(provider || visit || '{int(seed)}') LIMIT {int(most)}"
        ).fetchall()
    return found


def calls(home: Home, chosen: list[tuple[str, str]], infno: str = "3101") -> list[Call]:
    """The messages about these visits, each in parts of at most LINES orders, as many of those before told along."""
    with Lake.open(home, read_only=True) as lake:
        lake.as_of()
        con = lake.con
        con.execute("CREATE OR REPLACE TEMP TABLE chosen (provider VARCHAR, visit VARCHAR)")
        con.executemany("INSERT INTO chosen VALUES (?, ?)", chosen)
        told = {
            name: _rows(con, f"SELECT t.* FROM {table} AS t SEMI JOIN chosen USING (provider, visit) ORDER BY {order}")
            for name, table, order in (
                ("visit", f"({_VISITS})", "provider, visit"),
                ("line", "facts.net_fee_line", "day, service_second NULLS FIRST, line"),
                ("order", f"({_ORDERS})", "day, service_second NULLS FIRST, line"),
                ("diagnosis", "facts.diagnosis", "code"),
                ("operation", "facts.operation", "sequence"),
            )
        }
        providers = {row["provider"]: row for row in _rows(con, "SELECT * FROM facts.provider")}
    names = numbers(home, [row["person"] for row in told["visit"] if row["person"] is not None])
    return list(_calls(told, providers, names, infno))


_VISITS = """
    SELECT v.* REPLACE (coalesce(v.sex, p.sex) AS sex, coalesce(v.birth_date, p.birth_date) AS birth_date)
    FROM facts.visit AS v
    LEFT JOIN (SELECT person, min(sex) AS sex, min(birth_date) AS birth_date FROM facts.person GROUP BY person) AS p
        USING (person)
"""
"""Visits with what is known of their person: whoever admits somebody asks for sex and birth."""
_ORDERS = """
    SELECT * REPLACE (coalesce(days_supply, date_diff('day', start_day, end_day) + 1) AS days_supply),
        order_no AS line, start_day AS day, start_second AS service_second,
        NULL AS list_type, NULL AS charge_type, NULL AS takehome, NULL AS item_class, NULL AS in_scope,
        NULL AS hospital_item, NULL AS local_item
    FROM facts.order_line
"""
"""Orders with the columns of fee lines; an order stops when it says so, or when its supply is used up."""


def _rows(con: Any, query: str) -> list[dict[str, Any]]:
    found = con.execute(query)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _calls(told: dict[str, list[dict[str, Any]]], providers: dict[str, Any], names: dict[int, str],
           infno: str) -> Iterator[Call]:  # fmt: skip
    of: dict[str, dict[tuple[str, str], list[dict[str, Any]]]] = {}
    for name in ("line", "order", "diagnosis", "operation"):
        groups = of.setdefault(name, {})
        for row in told[name]:
            groups.setdefault((row["provider"], row["visit"]), []).append(row)
    count = itertools.count(1)
    for visit in told["visit"]:
        key = (visit["provider"], visit["visit"])
        lines = of["line"].get(key) or of["order"].get(key, [])
        for start in range(0, len(lines), LINES):
            now = lines[start : start + LINES]
            earlier = lines[max(start - LINES, 0) : start]
            found = of["diagnosis"].get(key, []), of["operation"].get(key, [])
            node = _node(visit, providers.get(key[0], {}), earlier, now, *found)
            body = _envelope(visit, node, names.get(visit["person"], "未知"), infno, next(count), now)
            items = {row["line"]: row["item_name"] or row["item"] or "" for row in now}
            yield Call(infno, json.dumps(body, ensure_ascii=False).encode(), *key, items)


def _envelope(visit: dict[str, Any], node: dict[str, Any], number: str, infno: str, count: int,
              now: list[dict[str, Any]]) -> dict[str, Any]:  # fmt: skip
    at = _moment(now[0]["day"], now[0]["service_second"])
    person = {
        "patn_id": number, "patn_name": "某某", "gend": visit["sex"] or "", "brdy": _day(visit["birth_date"]),
        "poolarea": visit["fund_area"] or "", "curr_mdtrt_id": visit["visit"], "fsi_encounter_dtos": [node],
        "fsi_his_data_dto": "",
    }  # fmt: skip
    return {
        "infno": infno, "msgid": f"{visit['provider']}{datetime.now():%Y%m%d%H%M%S%f}{count:06}",
        "mdtrtarea_admvs": visit["care_area"] or "", "insuplc_admdvs": visit["fund_area"] or "",
        "recer_sys_code": "YBXT", "dev_no": "", "dev_safe_info": "", "cainfo": "", "signtype": "", "infver": "V1.0",
        "opter_type": "1", "opter": "0001", "opter_name": "某某", "inf_time": at, "fixmedins_code": visit["provider"],
        "fixmedins_name": node["medins_name"], "sign_no": "100001",
        "input": {"data": {"syscode": "HIS", "trig_scen": "2" if infno == "3101" else "7", "patient_dtos": [person]}},
    }  # fmt: skip


def _node(visit: dict[str, Any], provider: dict[str, Any], earlier: list[dict[str, Any]],
               now: list[dict[str, Any]], diagnoses: list[dict[str, Any]],
               operations: list[dict[str, Any]]) -> dict[str, Any]:  # fmt: skip
    total = sum(row["amount"] or 0 for row in (*earlier, *now))
    return {
        "mdtrt_id": visit["visit"], "medins_id": visit["provider"], "medins_name": provider.get("name") or "",
        "medins_admdvs": visit["care_area"] or "", "medins_type": provider.get("type") or "",
        "medins_lv": provider.get("level") or "", "wardarea_codg": "", "wardno": "", "bedno": "",
        "adm_date": _moment(visit["start_day"], visit["start_second"]),
        "dscg_date": _moment(visit["end_day"], visit["end_second"]),
        "dscg_main_dise_codg": visit["main_diagnosis"] or "", "dscg_main_dise_name": visit["main_diagnosis_name"] or "",
        "dr_codg": visit["practitioner"] or "", "adm_dept_codg": visit["department"] or "",
        "adm_dept_name": visit["department_name"] or "", "dscg_dept_codg": visit["department"] or "",
        "dscg_dept_name": visit["department_name"] or "", "med_mdtrt_type": "1", "med_type": visit["visit_type"] or "",
        "matn_stas": "0", "medfee_sumamt": total / 100, "ownpay_amt": "0", "selfpay_amt": "0", "acct_payamt": "",
        "ma_amt": "", "hifp_payamt": "", "setl_totlnum": "1", "insutype": visit["insurance"] or "", "reim_flag": "1",
        "out_setl_flag": visit["channel"] or "2",
        "fsi_diagnose_dtos": [
            {"dise_id": f"ZD{place}", "inout_dise_type": "1", "maindise_flag": "1" if row["is_main"] else "0",
             "dias_srt_no": str(place), "dise_codg": row["code"], "dise_name": row["name"] or "",
             "dise_date": _day(row["day"])}
            for place, row in enumerate(diagnoses, 1)
        ],
        "fsi_order_dtos": [_order(row, "0") for row in earlier] + [_order(row, "1") for row in now],
        "fsi_operation_dtos": [
            {"setl_list_oprn_id": row["sequence"], "oprn_code": row["code"], "oprn_name": row["name"] or "",
             "main_oprn_flag": "1" if row["is_main"] else "0", "oprn_date": _moment(row["day"], row["start_second"])}
            for row in operations
        ],
    }  # fmt: skip


def _order(row: dict[str, Any], current: str) -> dict[str, Any]:
    stop = row["day"] + timedelta(days=row["days_supply"] - 1) if row["days_supply"] else None
    in_scope = row["amount"] if row["in_scope"] is None else row["in_scope"]
    return {
        "rx_id": row["line"], "rxno": row["prescription"] or "", "grpno": "1", "long_drord_flag": "0",
        "hilist_type": row["list_type"] or "", "chrg_type": row["charge_type"] or "",
        "drord_bhvr": "1" if row["takehome"] else "0", "hilist_code": row["item"] or "",
        "hilist_name": row["item_name"] or "", "hilist_dosform": "", "hilist_lv": row["item_class"] or "",
        "hilist_pric": _decimal(row["unit_price"], 10_000), "hilist_memo": "",
        "hosplist_code": row["hospital_item"] or row["local_item"] or "", "hosplist_name": row["item_name"] or "",
        "hosplist_dosform": "", "cnt": _decimal(row["quantity"], 10_000), "pric": _decimal(row["unit_price"], 10_000),
        "sumamt": _decimal(row["amount"], 100), "ownpay_amt": _decimal((row["amount"] or 0) - (in_scope or 0), 100),
        "selfpay_amt": "0", "spec": row["spec"] or "", "spec_unt": "",
        "drord_begn_date": _moment(row["day"], row["service_second"]), "drord_stop_date": _day(stop),
        "drord_dept_codg": row["department"] or "", "drord_dept_name": "",
        "drord_dr_codg": row["practitioner"] or "", "drord_dr_name": "某某", "drord_dr_profttl": "",
        "curr_drord_flag": current,
    }  # fmt: skip


def _decimal(value: int | None, unit: int) -> str:
    return "" if value is None else f"{value / unit:.4f}".rstrip("0").rstrip(".")


def _day(value: date | None) -> str:
    return "" if value is None else value.isoformat()


def _moment(day: date | None, second: int | None) -> str:
    if day is None:
        return ""
    return day.isoformat() if second is None else f"{day} {second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
