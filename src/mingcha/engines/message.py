"""Fills a rule's message with the evidence of one flag: what, which limit, what was found."""

from __future__ import annotations

from typing import Any

from mingcha.engines.effective import Effective
from mingcha.engines.words import FEN, PERCENT, TEN_THOUSANDTHS
from mingcha.terms.codes import CARE_CLASSES, INSURANCES

_FOUND = (
    "share",
    "equal_before",
    "days_together",
    "others_before",
    "visits",
    "total",
    "spent",
    "listed",
    "used_days",
    "supplied_days",
    "gap",
    "unit_price",
    "age",
    "sold",
    "sex",
    "insurance",
    "care",
    "level",
)
"""Evidence that can stand for {value}, the telling one first."""

_LIMITS = ("median", "usual", "fewest_days", "most", "limit", "ceiling", "cap", "daily_most", "days", "know.days",
           "rule.days")  # fmt: skip

_CODES = {"sex": {"1": ("男",), "2": ("女",)}, "insurance": INSURANCES, "care": CARE_CLASSES}


class Messages:
    """Messages of a pack's rules; `message` is called once a flag, so texts are looked up once a rule.

    `instead` fills in what to do instead; a rule that doesn't say has an empty text.
    """

    def __init__(self, pack: Effective, language: str = "zh", instead: bool = False) -> None:
        self.pack = pack
        told = [rule.instead if instead else rule.message for rule in pack.rules]
        self.texts = [texts.get(language) or texts.get("zh", "") for texts in told]

    def message(self, rule: int, known: int, why: dict[str, Any]) -> str:
        """The rule's sentence with {name} {limit} {value} {partner} {days} {previous} filled in."""
        row = self.pack.known[known].row
        words = row.words if row else None
        value = next((name for name in _FOUND if why.get(name) is not None), None)
        limit = next((name for name in _LIMITS if why.get(name) is not None), None)
        return self.texts[rule].format_map(
            _Told(
                name=row.name if row else "",
                limit=words or (say(limit, why[limit]) if limit else "—"),
                value=say(value, why[value]) if value else "—",
                partner=words or why.get("partner") or "—",
                days=why.get("know.days") or why.get("rule.days") or why.get("gap") or "—",
                previous=why.get("previous_day") or why.get("previous_end_day") or why.get("previous_provider") or "—",
            )
        )


class _Told(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "—"


def say(name: str, value: Any) -> str:
    """A piece of evidence in a person's words: ten-thousandths as decimals or percent, fen as yuan, codes said."""
    if name in TEN_THOUSANDTHS and isinstance(value, int):
        whole, rest = divmod(value, 10_000)
        return str(whole) if not rest else f"{whole}.{rest:04d}".rstrip("0")
    if name in FEN and isinstance(value, int):
        return f"{value / 100:.2f}"
    if name in PERCENT and isinstance(value, int):
        return f"{value / 100:.2f}%"
    return _CODES.get(name, {}).get(str(value), (str(value),))[0]
