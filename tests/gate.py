"""A published home and messages for tests of the gate."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

from mingcha.gate.service import Gate
from mingcha.home.directory import Home
from mingcha.knowledge.bundle import SigningKey, Strength, publish
from mingcha.knowledge.library import Library
from mingcha.knowledge.pack import Pack

PROVIDER = "H33050100001"
CHILDRENS = "XN02BEP071A001010100001"


def published(place: Path, pack: Pack, keys: dict[str, str] | None = None, *strengths: Strength) -> Home:
    """A home without a database, whose gate knows the pack."""
    home = Home.open(place, environ={})
    made = {provider: (SigningKey("MK0", secret),) for provider, secret in (keys or {}).items()}
    publish(home, Library.of(pack), "2026-01-01T00:00:00+08:00", (), made, strengths)
    home.gate.mkdir(exist_ok=True)
    return home


def ask(gate: Gate, infno: str, body: bytes | dict[str, Any], headers: dict[str, str] | None = None,
        local: bool = True) -> dict[str, Any]:  # fmt: skip
    """The answer to one message, decoded."""
    sent = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return json.loads(asyncio.run(gate.transaction(infno, sent, headers or {}, local, time.perf_counter())))


def message(infno: str = "3101", number: str = "M1", orders: list[dict[str, Any]] | None = None,
            **encounter: Any) -> dict[str, Any]:  # fmt: skip
    """A complete message about a woman of 40 who sees a doctor on 10 March 2026."""
    return {
        "infno": infno, "msgid": number, "mdtrtarea_admvs": "330501", "insuplc_admdvs": "330501", "recer_sys_code": "YBXT",
        "infver": "V1.0", "opter_type": "1", "opter": "1", "opter_name": "某某", "inf_time": "2026-03-10 09:30:00",
        "fixmedins_code": PROVIDER, "fixmedins_name": "某某医院",
        "input": {"data": {"syscode": "HIS", "trig_scen": "2", "patient_dtos": [{
            "patn_id": "P1", "patn_name": "某某", "gend": "2", "brdy": "1986-03-01", "poolarea": "330501",
            "curr_mdtrt_id": "V1", "fsi_encounter_dtos": [{
                "mdtrt_id": "V1", "medins_id": PROVIDER, "medins_admdvs": "330501", "medins_lv": "05",
                "adm_date": "2026-03-10 09:00:00", "dscg_date": "2026-03-10 09:00:00", "med_type": "11",
                "insutype": "310", "dscg_main_dise_codg": "I10.x00", "fsi_diagnose_dtos": [],
                "fsi_order_dtos": [order()] if orders is None else orders, "fsi_operation_dtos": [], **encounter,
            }],
        }]}},
    }  # fmt: skip


def order(number: str = "R1", item: str = "XA00", **told: Any) -> dict[str, Any]:
    """An order of ten yuan."""
    return {
        "rx_id": number, "rxno": "CF1", "hilist_code": item, "hilist_name": "某药", "cnt": "1", "pric": "10.00",
        "sumamt": "10.00", "ownpay_amt": "0", "drord_begn_date": "2026-03-10 09:20:00", "curr_drord_flag": "1", **told,
    }  # fmt: skip
