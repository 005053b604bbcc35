"""What is written on an application, as a form or a row of a file gives it; each fault is told with its column."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from mingcha.desk.money.forms import read_day, read_fen
from mingcha.procedure.benefits import KINDS
from mingcha.terms.calendar import today
from mingcha.terms.errors import UsageError

COLUMNS = {
    "类别": "kind", "单据号": "slip", "参保人编号": "number", "姓名": "name", "机构编号": "provider",
    "机构名称": "provider_name", "就医地": "place", "就医日期": "day", "受理日期": "received", "费用总额": "total_fen",
    "申请金额": "claimed_fen", "外伤": "injury",
}  # fmt: skip
"""Headings of a file of applications, in any order, and what each holds."""

NEEDED = ("类别", "单据号", "参保人编号", "姓名", "就医日期", "受理日期", "费用总额", "申请金额")
"""Columns without which nothing is read; the others may be missing or empty."""

_WORDS = {name: words for words, name in COLUMNS.items()}
_KINDS = {words: code for code, (words, _) in KINDS.items()} | {code: code for code in KINDS}
_YES = {"是": True, "否": False, "": False, "1": True, "0": False, "on": True}


@dataclass(frozen=True)
class Entry:
    """One application; amounts in fen. `provider` is a code or empty, `place` the area of treatment or empty."""

    kind: str
    slip: str
    number: str
    name: str
    provider: str
    provider_name: str
    place: str
    day: date
    received: date
    total_fen: int
    claimed_fen: int
    injury: bool

    def digest(self, token: int) -> str:
        """SHA-256 of the content, the person by token: two rows that say the same have the same."""
        told = [self.kind, self.slip, token, self.provider, self.provider_name, self.place, self.day, self.received,
                self.total_fen, self.claimed_fen, self.injury]  # fmt: skip
        return sha256("\x1f".join(map(str, told)).encode()).hexdigest()


@dataclass(frozen=True)
class Fault:
    """What is wrong in which column, in words; `row` is the file's, 0 in a form."""

    column: str
    words: str
    row: int = 0


def read(told: Mapping[str, Any]) -> tuple[Entry | None, list[Fault]]:
    """The application of those fields, or None with everything that is wrong in it."""
    faults = list[Fault]()
    found = {name: _field(told.get(name), name, reader, faults) for name, reader in _READERS.items()}
    if not faults:
        faults = _together(found)
    return (None, faults) if faults else (Entry(**found), [])


def _field(value: Any, name: str, reader: Callable[[Any], Any], faults: list[Fault]) -> Any:
    try:
        return reader("" if value is None else value)
    except UsageError as error:
        faults.append(Fault(_WORDS[name], error.zh))
    return None


def _together(found: Mapping[str, Any]) -> list[Fault]:
    """What no field says alone."""
    faults = list[Fault]()
    if found["received"] > today():
        faults.append(Fault("受理日期", "不能晚于今天。"))
    if found["received"] < found["day"]:
        faults.append(Fault("受理日期", "早于就医日期。"))
    if found["claimed_fen"] > found["total_fen"]:
        faults.append(Fault("申请金额", "大于费用总额。"))
    return faults


def _text(longest: int, needed: bool = False) -> Callable[[Any], str]:
    def read_text(value: Any) -> str:
        text = str(int(value) if isinstance(value, float) and value.is_integer() else value).strip()
        if needed and not text:
            raise UsageError("没有填写。", "It is empty.")
        if len(text) > longest:
            raise UsageError(f"超过 {longest} 个字。", f"It has more than {longest} letters.")
        return text

    return read_text


def _kind(value: Any) -> str:
    if (text := str(value).strip()) in _KINDS:
        return _KINDS[text]
    names = "、".join(words for words, _ in KINDS.values())
    raise UsageError(f"应为{names}之一，“{text}”不是。", f"“{text}” is no kind of claim.")


def _number(value: Any) -> str:
    text = _text(40, needed=True)(value).upper()
    if not re.fullmatch(r"[0-9A-Z_-]{4,40}", text):
        raise UsageError("应为人员编号或身份证号，4 至 40 位字母和数字。", "A person's or an identity card's number.")
    return text


def _place(value: Any) -> str:
    text = _text(12)(value)
    if text and not re.fullmatch(r"\d{6}", text):
        raise UsageError("应为六位区划代码，本统筹区内就医可留空。", "A code of six digits, or empty.")
    return text


def _injury(value: Any) -> bool:
    text = _text(4)(value)
    if text not in _YES:
        raise UsageError("填“是”或“否”。", "Write 是 or 否.")
    return _YES[text]


_READERS: dict[str, Callable[[Any], Any]] = {
    "kind": _kind, "slip": _text(40, needed=True), "number": _number, "name": _text(60, needed=True),
    "provider": _text(60), "provider_name": _text(120), "place": _place, "day": read_day, "received": read_day,
    "total_fen": read_fen, "claimed_fen": read_fen, "injury": _injury,
}  # fmt: skip
