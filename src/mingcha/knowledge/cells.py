"""Cells of knowledge.csv: text into the type the kind declares, each type read in exactly one way."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from mingcha.rules.kind import KnowledgeType as K
from mingcha.rules.kind import Knows

ITEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+*-]{2,39}|名称:\S.{0,60}")
"""A national code; or `名称:` and the official name, where the country publishes no code for it."""
PREFIX = re.compile(r"[A-Z0-9][0-9A-Za-z.+*]{1,11}")
"""The beginning of a diagnosis code, an item code or a specialty."""


class CellError(ValueError):
    """The cell can't be read; carries the sentence in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.zh = zh
        self.en = en


def split(text: str) -> tuple[str, ...]:
    """The members of a list cell, sorted and each once: the order they were typed in means nothing."""
    return tuple(sorted({part.strip() for part in text.split(";") if part.strip()}))


def read_cell(text: str, knows: Knows) -> Any:
    """The value of a cell; None when it is empty. CellError when it does not fit the column."""
    if not text:
        return None
    value = _READERS[knows.type](text)
    for member in value if isinstance(value, tuple) else (value,):
        if knows.choices and member not in knows.choices:
            allowed = knows.choices
            raise CellError(
                f"“{member}”不可用；可用：{'、'.join(allowed)}", f"{member!r} is not one of {', '.join(allowed)}"
            )
    return value


def read_item(text: str) -> str:
    """An item code, or `名称:` and a name."""
    if not ITEM.fullmatch(text):
        raise CellError(
            f"“{text}”不是项目编码；没有国家编码时写“名称:”加官方名称",
            f"{text!r} is not an item code; where no national code exists write 名称: and the official name",
        )
    return text


def read_day(text: str) -> date:
    """A date written 2025-01-31."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CellError(f"“{text}”不是日期，请写成 2025-01-31", f"{text!r} is not a date; write 2025-01-31") from None


def _integer(text: str) -> int:
    if not re.fullmatch(r"-?\d{1,18}", text):
        raise CellError(f"“{text}”不是整数", f"{text!r} is not a whole number")
    return int(text)


def _prefixes(text: str) -> tuple[str, ...]:
    for member in (found := split(text)):
        if not PREFIX.fullmatch(member):
            raise CellError(f"“{member}”不是编码的开头", f"{member!r} is not the beginning of a code")
    return found


_READERS = {K.ITEM: read_item, K.TEXT: str, K.INTEGER: _integer, K.LIST: split, K.PREFIXES: _prefixes}
