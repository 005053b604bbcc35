"""Reads what people send to draw a sample or to answer a case; what can't be read is told in words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from mingcha.desk.sampling.actions import MOST, Wish
from mingcha.desk.sampling.population import STRATA, Frame
from mingcha.procedure.sampling import CONFIDENCES, METHODS
from mingcha.terms.errors import UsageError

if TYPE_CHECKING:
    from django.http import QueryDict


def read_wish(form: QueryDict) -> Wish:
    """The form of a new sample. UsageError naming the field that can't be read."""
    method, strata, confidence = form.get("method", ""), form.get("strata", "level"), form.get("confidence", "95")
    if method not in METHODS or strata not in STRATA or confidence not in map(str, CONFIDENCES):
        raise UsageError("请选择抽样方法、分层和置信度。", "Choose the method, the strata and the confidence.")
    since, until = _day(form, "since", "起始日期"), _day(form, "until", "截止日期")
    if until < since:
        raise UsageError("截止日期早于起始日期。", "It ends before it begins.")
    count = form.get("count", "").strip()
    if count and not (count.isdecimal() and 0 < int(count) <= MOST):
        raise UsageError(f"份数应为 1 至 {MOST:,} 的整数，或留空由置信度算出。", f"Up to {MOST:,}, or empty.")
    seed, name = form.get("seed", "").strip()[:60], form.get("name", "").strip()[:60]
    if not seed or not name:
        raise UsageError("请填写名称和随机种子。", "Give it a name and a seed.")
    frame = Frame(form.get("area", ""), form.get("provider", "").strip()[:60], since, until, method, strata)
    margin, expected = _share(form, "margin", "允许误差"), _share(form, "expected", "预期问题率")
    return Wish(name, frame, int(confidence), margin, expected, int(count or 0), seed)


def read_fen(text: str) -> int:
    """An amount in yuan, as fen; nothing means 0. UsageError for what isn't one."""
    try:
        fen = Decimal(text.strip().replace(",", "") or "0") * 100
        if fen == fen.to_integral_value() and 0 <= fen < 10**15:
            return int(fen)
    except InvalidOperation:
        pass
    raise UsageError(f"金额要写成 12.50 这样，“{text}”不是。", "The amount must be like 12.50.")


def _day(form: QueryDict, name: str, words: str) -> date:
    try:
        return date.fromisoformat(form.get(name, "").strip())
    except ValueError as error:
        raise UsageError(f"请填写{words}，写成 2026-11-22 这样。", f"{name}: a day like 2026-11-22.") from error


def _share(form: QueryDict, name: str, words: str) -> float:
    try:
        told = Decimal(form.get(name, "").strip().rstrip("%"))
        if 0 < told < 100:
            return float(told) / 100
    except InvalidOperation:
        pass
    raise UsageError(f"{words}应在 0 到 100（%）之间。", f"{name} lies between 0 and 100 %.")
