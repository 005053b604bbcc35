"""What a message leaves blank or says in codes nobody knows: kept with the call, so that a provider can be told."""

from __future__ import annotations

from mingcha.gate.request import Asked
from mingcha.terms.codes import INSURANCES

_VISIT = {"sex": "gend", "birth_date": "brdy", "visit_type": "med_type", "insurance": "insutype",
          "main_diagnosis": "dscg_main_dise_codg"}  # fmt: skip
_LINE = {"second": "drord_begn_date", "unit_price": "pric", "prescription": "rxno", "practitioner": "drord_dr_codg"}


def blanks(asked: Asked) -> list[str]:
    """Fields, by their national names, that the visit or one of its orders leaves blank; of a date, its time."""
    visit = asked.request["visit"][0]
    found = [field for name, field in _VISIT.items() if visit[name] is None]
    lines = asked.request["line"]
    found += [field for name, field in _LINE.items() if any(getattr(line, name) is None for line in lines)]
    if any(line.item.startswith("名称:") for line in lines):
        found.append("hilist_code")
    return found


def strangers(asked: Asked) -> list[str]:
    """Codes that are in no list we know, as field=code."""
    visit = asked.request["visit"][0]
    kind, insurance = visit["visit_type"], visit["insurance"]
    found = [f"med_type={kind[:20]}"] if kind is not None and visit["care"] is None else []
    return found + ([f"insutype={insurance[:20]}"] if insurance is not None and insurance not in INSURANCES else [])
