"""What a message leaves blank or says in codes nobody knows: kept with the call, so that a provider can be told.

An area may have told what its own codes stand for; those are read as the national ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mingcha.gate.envelope import several, told
from mingcha.gate.request import Asked, Diagnosis, Operation, Order, PersonNode, VisitNode
from mingcha.records.headers import camel_to_snake
from mingcha.terms.dictionaries import DICTIONARIES, Dictionary

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


_FIELDS = {
    kind: tuple((name, DICTIONARIES[name]) for name in names)
    for kind, names in {
        PersonNode: ("gend",),
        VisitNode: ("med_type", "insutype", "medins_lv", "out_setl_flag", "med_mdtrt_type", "matn_stas", "reim_flag"),
        Order: ("hilist_type", "chrg_type", "hilist_lv", "drord_bhvr", "drord_dr_profttl", "long_drord_flag",
                "curr_drord_flag"),
        Diagnosis: ("inout_dise_type", "maindise_flag"),
        Operation: ("main_oprn_flag",),
    }.items()
}  # fmt: skip
_MOST = 20
"""Unknown codes noted of one message: a system that sends nonsense is known by then."""
Aliases = Mapping[str, Mapping[str, str]]
"""What an area says of its own codes, by field and code: the national one, or empty where there is none."""


def read_codes(node: PersonNode, aliases: Aliases | None) -> list[str]:
    """Put national codes in place of the area's own, and name those that are in no list, as field=code."""
    found: list[str] = []
    _read(node, aliases, found)
    for visit in several(node.visits):
        _read(visit, aliases, found)
        for nodes in (visit.fsi_order_dtos, visit.fsi_diagnose_dtos, visit.fsi_operation_dtos):
            for one in several(nodes):
                _read(one, aliases, found)
    return list(dict.fromkeys(found))[:_MOST]


def unknown_in(tree: Any, aliases: Aliases | None) -> list[str]:
    """The same of any message, whatever its nodes are called; nothing is changed."""
    found: dict[str, None] = {}
    for _, _, known, code in _codes(tree):
        if not _is_known(known, code, aliases):
            found[f"{known.field}={code[:20]}"] = None
            if len(found) == _MOST:
                break
    return list(found)


def told_nationally(message: Any, aliases_of: Callable[[str], Aliases | None]) -> Any:
    """The message with national codes in place of those of the area it was told in, wherever they stand."""
    area = next((told(value) for key, value in message.items() if camel_to_snake(key) == "mdtrtarea_admvs"), None)
    if aliases := aliases_of(area or ""):
        for node, key, known, code in list(_codes(message)):
            node[key] = aliases.get(known.field, {}).get(code) or node[key]
    return message


def _codes(tree: Any) -> Iterator[tuple[dict[str, Any], str, Dictionary, str]]:
    """Every field of a message that has a code list: its node, its key there, the list, and the code."""
    waiting = [tree]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one
        elif isinstance(one, dict):
            for key, value in one.items():
                if isinstance(value, dict | list):
                    waiting.append(value)
                elif (known := DICTIONARIES.get(camel_to_snake(key))) and (code := told(value)):
                    yield one, key, known, code


def _read(node: Any, aliases: Aliases | None, found: list[str]) -> None:
    for name, known in _FIELDS[type(node)]:
        value = getattr(node, name)
        if aliases is None and value in known.at_once:
            continue
        code = told(value)
        if code is None:
            continue
        own = (aliases or {}).get(name, {}).get(code)
        if own:
            setattr(node, name, own)
        elif own is None and not known.knows(code):
            found.append(f"{name}={code[:20]}")


def _is_known(known: Dictionary, code: str, aliases: Aliases | None) -> bool:
    return known.knows(code) or code in (aliases or {}).get(known.field, {})
