"""The message of a call and its answer as a page shows them: laid out, and whose they are masked."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from mingcha.desk.audit.queries import Row
from mingcha.desk.shell.masking import masked_name, masked_number
from mingcha.records.exchanges import find
from mingcha.records.headers import personal, squeeze

if TYPE_CHECKING:
    from mingcha.home.directory import Home

LONGEST = 200_000
"""Characters a page shows of a message."""
_NUMBER = re.compile(r"(?<!\d)(\d{17}[\dXx]|\d{15}|1[3-9]\d{9})(?!\d)")
"""Identity numbers and mobile phones, wherever they stand."""
_NAMES = ("patn_name", "psn_name", "oper_name", "opter_name", "coner_name", "rpt_psn_name")
_NUMBERS = ("patn_id", "psn_no", "certno", "card_sn", "mdtrt_cert_no", "tel", "mob", "addr", "ipt_no", "medrcdno")
_BIRTHS = ("brdy", "birth_date")


class Shown(NamedTuple):
    """Message and answer as text, and whether either was cut."""

    received: str
    answered: str
    cut: bool


def shown(home: Home, call: Row, unmasked: bool = False) -> Shown | None:
    """What was received and answered in a call; None where the gate doesn't keep it (any longer)."""
    journal = call["gate"].rpartition("-")[0]  # the desk adds the checksum of the first entry
    found = find(home, journal, call["number"], call["provider"], call["msgid"])
    if found is None:
        return None
    texts = [_laid_out(body, unmasked) for body in (found.received, found.answered)]
    return Shown(texts[0][:LONGEST], texts[1][:LONGEST], any(len(text) > LONGEST for text in texts))


def _laid_out(body: bytes, unmasked: bool) -> str:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        text = body.decode("utf-8", "replace")
        return text if unmasked else _NUMBER.sub(_masked, text)
    return json.dumps(told if unmasked else _hidden(told), ensure_ascii=False, indent=1)


def _hidden(node: Any, key: str = "") -> Any:
    """The node with names, numbers, addresses and days of birth masked."""
    if isinstance(node, dict):
        return {name: _hidden(value, squeeze(name)) for name, value in node.items()}
    if isinstance(node, list):
        return [_hidden(value, key) for value in node]
    if node is None or isinstance(node, bool):
        return node
    how = _fields().get(key)
    if how is not None:
        return how(str(node))
    return _NUMBER.sub(_masked, node) if isinstance(node, str) else node


@cache
def _fields() -> dict[str, Any]:
    found: dict[str, Any] = dict.fromkeys(personal(), masked_number)
    found |= {squeeze(name): masked_number for name in _NUMBERS}
    found |= {squeeze(name): masked_name for name in _NAMES}
    found |= {name: masked_name for name, column in personal().items() if column == "person_name"}
    return found | {squeeze(name): _year for name in _BIRTHS}


def _year(text: str) -> str:
    return text[:4] + "*" * max(0, len(text) - 4)


def _masked(found: re.Match[str]) -> str:
    return masked_number(found[0])
