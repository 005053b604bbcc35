"""Reads for the library's pages: rules in force with what they find, one rule, its rows, its changes and trials."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import connection

from mingcha.desk.audit.queries import Row, rows
from mingcha.desk.library.models import Draft, Trial, Version
from mingcha.desk.library.shelf import known, rule_of, shelved, shipped, signed
from mingcha.knowledge.archive import fetch_local
from mingcha.knowledge.force import is_in_force
from mingcha.knowledge.local import CHANGES, LocalPack
from mingcha.knowledge.pack import CATEGORIES, STAGES, Pack, Rule
from mingcha.knowledge.pack import Row as Point
from mingcha.knowledge.revision import Difference, cells, differences
from mingcha.rules.kind import KINDS

WINDOW = 200
"""Rows the knowledge grid fetches at a time."""
SILENT = 90
"""Seconds without a heartbeat after which a trial is taken for dead; the longest step of a year takes less."""


def pack(day: date) -> Pack:
    """The library in force on a day."""
    with connection.cursor() as cursor:
        return shelved(cursor, day)


def known_rule(rule: str, day: date) -> tuple[Rule, bool]:
    """The rule as it stands or last stood, and whether it is in force; KeyError for one that never was."""
    with connection.cursor() as cursor:
        return known(cursor, rule, day)


def names() -> dict[str, str]:
    """People's names by login, for pages that name who did what."""
    return {row["username"]: row["display_name"] for row in rows("SELECT username, display_name FROM account")}


@dataclass(frozen=True)
class Chosen:
    """The filter of the rule list; empty means all."""

    q: str = ""
    category: str = ""
    certainty: str = ""
    stage: str = ""
    kind: str = ""


def rule_list(chosen: Chosen, day: date) -> list[dict[str, Any]]:
    """The rules that meet the filter with their open findings and money within the person's scope, most money first."""
    found = {row["rule"]: row for row in rows(
        "SELECT rule, count(*) AS n, coalesce(sum(counted_fen), 0)::bigint AS fen FROM finding"
        " WHERE state = 'open' GROUP BY rule")}  # fmt: skip
    drafts = {draft.rule: draft for draft in Draft.objects.exclude(state__in=("signed", "discarded"))}
    return sorted(
        (
            {"rule": rule, "kind_says": KINDS[rule.kind].says, "category": CATEGORIES[rule.category],
             "stages": "、".join(STAGES[stage] for stage in rule.stages), "draft": drafts.get(rule.id),
             "rows": sum(is_in_force(row, day) for row in rule.knowledge), "n": hit["n"] if hit else 0,
             "fen": hit["fen"] if hit else 0}
            for rule in pack(day).rules if _meets(rule, chosen)
            for hit in (found.get(rule.id),)
        ),
        key=lambda one: (-one["fen"], -one["n"], one["rule"].id),
    )  # fmt: skip


def _meets(rule: Rule, chosen: Chosen) -> bool:
    said = (rule.id, rule.name, rule.name_en, rule.template, rule.national_code or "", KINDS[rule.kind].says)
    return (
        chosen.category in ("", rule.category)
        and chosen.certainty in ("", rule.certainty)
        and chosen.kind in ("", rule.kind)
        and (not chosen.stage or chosen.stage in rule.stages)
        and (any(chosen.q.lower() in text.lower() for text in said) or _knows(rule, chosen.q))
    )


def _knows(rule: Rule, q: str) -> bool:
    """Whether a knowledge row names the item: people look for a drug as often as for a rule."""
    return any(q in row.name or q == row.item for row in rule.knowledge)


def points(rule: Rule, q: str, state: str, day: date) -> list[Point]:
    """The rule's knowledge rows that contain the text in any cell; `state` now, over or coming narrows by validity."""
    wanted = q.strip().lower()
    return [
        row for row in rule.knowledge
        if (not state or _state(row, day) == state)
        and (not wanted or any(wanted in cell.lower() for cell in cells(row).values()))
    ]  # fmt: skip


def _state(row: Point, day: date) -> str:
    return "now" if is_in_force(row, day) else "coming" if row.valid_from > day else "over"


def point_states(rule: Rule, day: date) -> Counter[str]:
    """How many rows are in force, over and still to come."""
    return Counter(_state(row, day) for row in rule.knowledge)


def window(found: list[Point], rule: Rule, start: int, day: date) -> dict[str, Any]:
    """A stretch of rows for the grid, as lists of cells in the order of `heads`, and whether each is in force."""
    part = found[start : start + WINDOW]
    names = _grid(rule)
    shown = [[cells(row)[name] for name in names] for row in part]
    return {"total": len(found), "start": start, "rows": shown, "states": [_state(row, day) for row in part]}


def _grid(rule: Rule) -> list[str]:
    """The columns of the grid: what a row is about first, its number and the long basis last, empty ones not at all."""
    told = [name for name in KINDS[rule.kind].knows if name != "item" and _given(rule, name)]
    extra = [name for name in ("words", "valid_to", "batch") if any(getattr(row, name) for row in rule.knowledge)]
    return ["name", "item", *told, *extra, "valid_from", "id", "basis"]


def _given(rule: Rule, name: str) -> bool:
    return any(row.values.get(name) is not None for row in rule.knowledge)


_HEADS = {
    "id": "编号", "item": "项目编码", "name": "项目名称", "valid_from": "生效", "valid_to": "失效", "basis": "依据",
    "words": "限定原文", "batch": "批次",
}  # fmt: skip


def heads(rule: Rule) -> list[str]:
    """The names of the grid's columns."""
    return [_HEADS.get(name) or KINDS[rule.kind].knows[name].zh for name in _grid(rule)]


def parameters(rule: Rule, day: date) -> list[dict[str, Any]]:
    """Each parameter with its dated values; `now` marks the one that counts on the day."""
    found = []
    for name, declared in KINDS[rule.kind].parameters.items():
        if declared.own_items:
            continue
        dated = rule.parameters.get(name, ())
        now = max((d.valid_from for d in dated if d.valid_from <= day), default=None)
        values = [{"since": d.valid_from, "said": _said(d.value), "now": d.valid_from == now} for d in dated]
        current = next((value["said"] for value in values if value["now"]), "")
        found.append({"name": name, "zh": declared.zh, "values": values, "current": current})
    return found


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ";".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


_WHERE = {
    "name": "名称", "name_en": "英文名称", "certainty": "程度", "severity": "严重程度", "stages": "环节",
    "kind": "种类", "template": "模板", "national_code": "国家编码", "message": "提示语", "basis": "依据",
    "instead": "建议", "row": "知识点", "row-new": "新增知识点", "row-gone": "删去知识点",
}  # fmt: skip


def said_differences(old: Rule, new: Rule) -> list[dict[str, str]]:
    """The differences of two versions as a person reads them."""
    return [_said_difference(one, new) for one in differences(old, new)]


def _said_difference(one: Difference, rule: Rule) -> dict[str, str]:
    where, which = _WHERE.get(one.where, one.where), one.which
    if one.where.startswith("parameter:"):
        where = f"参数“{KINDS[rule.kind].parameters[one.where.partition(':')[2]].zh}”"
        which = f"自 {one.which} 起"
    before, after = (_value_said(value) for value in (one.before, one.after))
    return {"where": where, "which": which, "before": before, "after": after}


def _value_said(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Point):
        return f"{value.name}（{value.item}），自 {value.valid_from} 至 {value.valid_to or '长期'}"
    return _said(value)


def versions(rule: str) -> list[dict[str, Any]]:
    """Signed versions of a rule, newest first, each with what it changed against the one before."""
    with connection.cursor() as cursor:
        held = [one for one in signed(cursor) if one.rule == rule]
    records = {version.pk: version for version in Version.objects.filter(rule=rule)}
    before = next((one for one in shipped().rules if one.id == rule), None)
    found = []
    for one in held:
        now = rule_of(one) if one.content else None
        changes = said_differences(before, now) if before and now else []
        found.append({"version": records[one.id], "changes": changes})
        before = now or before
    return found[::-1]


def open_draft(rule: str) -> Draft | None:
    """The change to a rule that is under way."""
    return Draft.objects.filter(rule=rule).exclude(state__in=("signed", "discarded")).first()


def drafts() -> list[Draft]:
    """All changes, those under way first, then the newest."""
    return sorted(Draft.objects.order_by("-id")[:300], key=lambda d: d.state in ("signed", "discarded"))


def history(draft: int) -> list[Row]:
    """Who did what to a change, newest first, from the trail."""
    return rows(
        "SELECT t.at, t.by, coalesce(a.display_name, t.by) AS name, t.action, t.detail FROM trail t"
        " LEFT JOIN account a ON a.username = t.by WHERE t.subject = %s ORDER BY t.id DESC",
        [f"rule-draft:{draft}"],
    )


def trials(draft: Draft) -> list[Trial]:
    """The trials of a change, newest first."""
    return list(Trial.objects.filter(draft=draft).order_by("-id")[:30])


def hits(trial: Trial, side: str) -> list[Row]:
    """Rows to look at on one side of a trial, within the person's scope."""
    return rows(
        "SELECT h.*, coalesce(p.name, h.provider) AS provider_name FROM rule_trial_hit h"
        " LEFT JOIN provider_directory p ON p.provider = h.provider WHERE h.trial_id = %s AND h.side = %s"
        " ORDER BY h.id",
        [trial.pk, side],
    )


def provider_names(codes: list[str]) -> dict[str, str]:
    """Names of providers by code, as far as they are known."""
    found = rows("SELECT provider, name FROM provider_directory WHERE provider = ANY(%s)", [codes])
    return {row["provider"]: row["name"] for row in found}


def months(rule: str) -> list[Row]:
    """Open findings of a rule by month of service, within the person's scope."""
    return rows(
        "SELECT to_char(day, 'YYYY-MM') AS month, count(*) AS n, coalesce(sum(counted_fen), 0)::bigint AS fen"
        " FROM finding WHERE rule = %s AND state = 'open' GROUP BY 1 ORDER BY 1 DESC LIMIT 24",
        [rule],
    )[::-1]


def standing(rule: str) -> Row:
    """How many findings of a rule are open, withdrawn and decided, with their money and providers."""
    return rows(
        "SELECT count(*) FILTER (WHERE state = 'open') AS open,"
        " count(*) FILTER (WHERE state = 'withdrawn') AS withdrawn,"
        " count(*) FILTER (WHERE state = 'decided') AS decided,"
        " coalesce(sum(counted_fen) FILTER (WHERE state = 'open'), 0)::bigint AS fen,"
        " count(DISTINCT provider) FILTER (WHERE state = 'open') AS providers,"
        " count(DISTINCT person) FILTER (WHERE state = 'open') AS persons FROM finding WHERE rule = %s",
        [rule],
    )[0]


@lru_cache(maxsize=64)
def _local(pack_hash: str) -> LocalPack:
    return fetch_local(pack_hash, settings.HOME.packs)


def local_decisions(rule: str) -> list[dict[str, Any]]:
    """What local packs in force make of a rule: where, which change, since when, on what document and whose word."""
    found = []
    for place in rows(
        "SELECT i.area, i.provider, i.hash, coalesce(a.name, i.area) AS area_name,"
        " coalesce(p.name, i.provider) AS named"
        " FROM installed_pack i LEFT JOIN facts.area a ON a.code = i.area"
        " LEFT JOIN provider_directory p ON p.provider = i.provider WHERE i.removed_at IS NULL ORDER BY i.area"
    ):
        for amendment in _local(place["hash"]).amendments:
            if amendment.rule == rule:
                found += [{"place": place, "change": one, "says": CHANGES[one.change]} for one in amendment.changes]
    return found


def worked_cases(rule: str) -> list[dict[str, str]]:
    """The worked cases the rule came with: what each shows, and its verdict in words."""
    original = next((one for one in shipped().rules if one.id == rule), None)
    verdicts = {"flagged": "命中", "clear": "不命中", "cannot_tell": "无数据，不能判断", "exempt": "例外"}
    return [{"name": case.name, "verdict": verdicts[case.verdict]} for case in (original.cases if original else ())]


def base_of(draft: Draft) -> Rule | None:
    """What a change is compared with: the rule in force, or, once signed, the version before."""
    with connection.cursor() as cursor:
        held = [
            one for one in signed(cursor) if one.rule == draft.rule and one.number <= draft.base_version and one.content
        ]
    if held:
        return rule_of(max(held, key=lambda one: one.number))
    return next((one for one in shipped().rules if one.id == draft.rule), None)
