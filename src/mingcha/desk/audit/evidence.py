"""Turns the evidence an engine kept with a flag into steps a person can follow: the limit, the facts, the money."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from mingcha.desk.shell.templatetags.words import decimal, price, yuan
from mingcha.engines.words import FEN, PERCENT, PRICES, TEN_THOUSANDTHS, word
from mingcha.knowledge.pack import Row as Knowledge
from mingcha.knowledge.pack import Rule
from mingcha.records.contract import Type
from mingcha.records.tables import TABLES
from mingcha.rules.kind import kinds
from mingcha.terms.codes import CARE_CLASSES, INSURANCES

_WINDOWS = {
    "day": "同一天", "visit": "同一次就诊", "hours-6": "6 小时内", "hour": "同一小时", "prescription": "同一处方",
    "days-7": "7 天内", "days-365": "365 天内", "month": "同一月",
}  # fmt: skip
_KINDS = {"sale": "销售", "sale_return": "销售退货", "purchase": "采购", "purchase_return": "采购退货"}
_SEXES = {"1": "男", "2": "女", "9": "未说明"}


@dataclass(frozen=True)
class Item:
    """One named value of a step; `note` says where it comes from."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Step:
    """One step of the judgement."""

    title: str
    text: str = ""
    items: list[Item] = field(default_factory=list)
    verdict: bool = False
    wide: bool = False


def steps(rule: Rule | None, known: list[Knowledge], flagged: Mapping[str, Any], witnesses: list[str]) -> list[Step]:
    """From the rule's sentence over its limits, the facts and the witnesses to the amount.

    `flagged` is an observation; works without the pack's archive too.
    """
    kind = kinds().get(rule.kind) if rule else None
    made = []
    if kind:
        made.append(Step("规则检查什么", f"{kind.says}。"))
    limits = [_limit(row, rule.kind if rule else "") for row in known]
    made += [Step("适用的知识点", row.name, items) for row, items in zip(known, limits, strict=True)]
    told = set(kind.knows) if kind and known else set()
    facts = fact_items(flagged["why"], told)
    if facts:
        made.append(Step("这一行的事实", "", facts))
    if witnesses:
        told_by = [Item(f"证据 {n}", text) for n, text in enumerate(witnesses, 1)]
        made.append(Step("据以判定的其他记录", "", told_by, wide=True))
    amount = [Item("违规金额（元）", yuan(flagged["improper_fen"]))]
    text = f"{flagged['message']}（计入：{kind.flags}）" if kind else flagged["message"]
    made.append(Step("结论", text, amount, verdict=True))
    return made


def fact_items(why: Mapping[str, Any], told: Collection[str] = ()) -> list[Item]:
    """The facts an engine kept with a flag, in words; without those named in `told`."""
    return [_item(name, value) for name, value in _facts(why).items() if name not in told]


def witness_words(row: Mapping[str, Any]) -> str:
    """A witness line or visit in a few words: when, what, how much, and where if elsewhere."""
    at = row.get("service_day") or row.get("moved_day") or row["start_day"]
    trace = f"追溯码 {row['code']} {say('kind', row['kind'])}" if "moved_day" in row else None
    what = trace or row.get("item_name") or row.get("main_diagnosis_name") or "就诊"
    money = f"，{yuan(row['amount'])} 元" if "amount" in row else ""
    return " ".join(filter(None, (at.isoformat(), row.get("provider_name", ""), f"{what}{money}")))


def _facts(why: Mapping[str, Any]) -> dict[str, Any]:
    """The evidence worth showing: limits stand in their own step, leaves the kind already shows are not repeated."""
    shown = {name.rpartition(".")[2] for name in why if "." not in name}
    return {
        name: value
        for name, value in why.items()
        if value is not None
        and label(name.rpartition(".")[2]) != name.rpartition(".")[2]  # an inner name no reader would know
        and not name.startswith("know.")
        and ("." not in name or name.startswith("rule.") or name.rpartition(".")[2] not in shown)
    }


def _limit(row: Knowledge, kind: str) -> list[Item]:
    declared = kinds()[kind].knows if kind in kinds() else {}
    items = [
        Item(declared[name].zh if name in declared else name, say(name, value))
        for name, value in row.values.items()
        if value is not None and name != "item"
    ]
    until = f"至 {row.valid_to}" if row.valid_to else "起"
    return [Item("项目编码", row.item), *items, Item("有效期", f"{row.valid_from} {until}")]


def _item(name: str, value: Any) -> Item:
    tail = name.rpartition(".")[2]
    where = "规则参数" if name.startswith("rule.") else ""
    return Item(label(tail), say(tail, value), where)


def label(name: str) -> str:
    """The Chinese word of a column or piece of evidence; the name itself when nothing is known of it."""
    said = word(name)[0]
    return said if said != name else _contract_words().get(name, (name, None))[0]


def say(name: str, value: Any) -> str:
    """A value as a person writes it, by what the contract says of its column."""
    if isinstance(value, list | tuple):
        return "、".join(say(name, one) for one in value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if name in ("part", "report_kind", "record"):
        return label(str(value))
    if name == "window":
        return _WINDOWS.get(value, str(value))
    if name == "kind":
        return _KINDS.get(str(value), str(value))
    if name == "sex":
        return _SEXES.get(str(value), str(value))
    if name == "care":
        return CARE_CLASSES.get(str(value), (str(value),))[0]
    if name == "insurance":
        return INSURANCES.get(str(value), (str(value),))[0]
    if isinstance(value, int):
        kind = _contract_words().get(name, ("", None))[1]
        if name in PRICES or kind is Type.PRICE:
            return price(value)
        if name in TEN_THOUSANDTHS or kind is Type.QUANTITY:
            return decimal(value)
        if name in PERCENT:
            return f"{value / 100:.2f}%"
        if name in FEN or kind is Type.FEN:
            return yuan(value)
        return f"{value:,}"
    return value.isoformat() if isinstance(value, date) else str(value)


def missing_words(name: str) -> str:
    """Which fact was missing, for the table of what could not be judged."""
    return label(name.rpartition(".")[2])


@cache
def _contract_words() -> dict[str, tuple[str, Type]]:
    words: dict[str, tuple[str, Type]] = {}
    for table in ("visit", "fee_line", "provider", "diagnosis", "trace"):
        for column in TABLES[table].columns:
            words.setdefault(column.name, (column.zh, column.type))
    return words
