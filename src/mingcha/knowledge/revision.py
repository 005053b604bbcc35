"""Changing a rule: each edit makes a new rule, and two versions compared say in the trade's words what differs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from mingcha.knowledge.pack import CERTAINTIES, Basis, Dated, Row, Rule
from mingcha.knowledge.problems import Problems
from mingcha.knowledge.tables import ALWAYS, BATCH, WORDS, Table
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.kind import KINDS, Kind
from mingcha.terms.errors import InputError


@dataclass(frozen=True)
class Difference:
    """One thing that differs: where, which (a row's id, a parameter's date), and its value before and after."""

    where: str
    which: str
    before: Any
    after: Any


def differences(old: Rule, new: Rule) -> tuple[Difference, ...]:
    """What `new` says otherwise than `old`: words, strength, parameters by date, law, and rows cell by cell."""
    found = [
        Difference(name, "", getattr(old, name), getattr(new, name))
        for name in ("name", "name_en", "certainty", "severity", "stages", "kind", "template", "national_code")
        if getattr(old, name) != getattr(new, name)
    ]
    found += _by_key("message", old.message, new.message) + _by_key("instead", old.instead, new.instead)
    for name in sorted({*old.parameters, *new.parameters}):
        before, after = (
            {str(d.valid_from): d.value for d in rule.parameters.get(name, ())} for rule in (old, new)
        )  # fmt: skip
        found += _by_key(f"parameter:{name}", before, after)
    found += [Difference("basis", _cited(b), b.text or "", None) for b in old.basis if b not in new.basis]
    found += [Difference("basis", _cited(b), None, b.text or "") for b in new.basis if b not in old.basis]
    return (*found, *_rows(old, new))


def _by_key(where: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    keys = sorted({*old, *new})
    return [Difference(where, key, old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key)]


def _cited(basis: Basis) -> str:
    return f"《{basis.document}》{basis.article or ''}"


def _rows(old: Rule, new: Rule) -> list[Difference]:
    before, after = ({row.id: row for row in rule.knowledge} for rule in (old, new))
    found = [Difference("row-gone", i, row, None) for i, row in before.items() if i not in after]
    found += [Difference("row-new", i, None, row) for i, row in after.items() if i not in before]
    for i, row in after.items():
        if i in before and cells(before[i]) != cells(row):
            found += [Difference("row", f"{i} {d.which}", d.before, d.after) for d in
                      _by_key("row", cells(before[i]), cells(row))]  # fmt: skip
    return found


def cells(row: Row) -> dict[str, str]:
    """The row as the cells of knowledge.csv, without its place in the file."""
    told = {"id": row.id, "item": row.item, "name": row.name}
    told |= {name: _cell(value) for name, value in row.values.items()}
    told |= {"valid_from": str(row.valid_from), "valid_to": str(row.valid_to or "")}
    return told | {"basis": row.basis, WORDS: row.words or "", BATCH: str(row.batch or "")}


def _cell(value: Any) -> str:
    return "" if value is None else ";".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def columns(kind: Kind) -> tuple[str, ...]:
    """The columns of a kind's knowledge.csv, in the order they are written."""
    own = tuple(name for name in kind.knows if name != "item")
    return (*ALWAYS[:3], *own, *ALWAYS[3:], WORDS, BATCH)


def rows_as_csv(rule: Rule) -> str:
    """The knowledge rows as the text of a knowledge.csv that `with_rows` reads back."""
    out = io.StringIO()
    names = columns(KINDS[rule.kind])
    writer = csv.DictWriter(out, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(cells(row) for row in rule.knowledge)
    return out.getvalue()


def with_rows(rule: Rule, file: Path) -> Rule:
    """The rule with the rows of a CSV file: known ids are replaced, new ones added, others stay.

    Nothing is deleted by leaving it out: a row ends by its `valid_to`, so that history stays. PackError (an InputError)
    names every wrong cell by line and column.
    """
    problems = Problems(file.parent)
    rows = Table(file, KINDS[rule.kind], problems).read()
    problems.raise_if_any()
    fresh = {row.id: row for row in rows}
    kept = tuple(fresh.pop(row.id, row) for row in rule.knowledge)
    return replace(rule, knowledge=(*kept, *fresh.values()))


def with_row_ended(rule: Rule, row_id: str, last_day: date) -> Rule:
    """The rule with that row in force up to and including the day. InputError for an unknown row or an earlier day."""
    row = next((row for row in rule.knowledge if row.id == row_id), None)
    if row is None:
        raise InputError(f"没有编号为 {row_id} 的知识点。", f"There is no knowledge row {row_id}.")
    if last_day < row.valid_from:
        raise InputError(
            f"知识点 {row_id} 从 {row.valid_from} 起有效，失效日期不能早于它。",
            f"Row {row_id} is valid from {row.valid_from}; it can't end before that.",
        )
    ended = tuple(replace(one, valid_to=last_day) if one.id == row_id else one for one in rule.knowledge)
    return replace(rule, knowledge=ended)


def with_parameter(rule: Rule, name: str, since: date, text: str) -> Rule:
    """The rule with a parameter's value from a day on; values before it stay. InputError for what isn't one."""
    declared = KINDS[rule.kind].parameters.get(name)
    if declared is None or declared.own_items:
        raise InputError(f"规则 {rule.id} 没有参数 {name}。", f"Rule {rule.id} has no parameter {name}.")
    value = _parse(text.strip(), declared.type, declared.zh, declared.en)
    kept = [d for d in rule.parameters.get(name, ()) if d.valid_from != since]
    dated = tuple(sorted([*kept, Dated(since, value)], key=lambda d: d.valid_from))
    return replace(rule, parameters={**rule.parameters, name: dated})


def _parse(text: str, kind: ValueKind, zh: str, en: str) -> Any:
    if kind is ValueKind.INT:
        if not text.isascii() or not text.isdecimal() or len(text) > 12:
            raise InputError(
                f"“{zh}”要写不小于零的整数，“{text}”不是。", f"“{en}” must be a whole number, not {text!r}."
            )
        return int(text)
    if kind is ValueKind.BOOL:
        if text not in ("true", "false"):
            raise InputError(f"“{zh}”只能是 true 或 false。", f"“{en}” is true or false.")
        return text == "true"
    if not text:
        raise InputError(f"“{zh}”不能空。", f"“{en}” can't be empty.")
    if kind is ValueKind.TEXTS:
        return tuple(part.strip() for part in text.replace("；", ";").split(";") if part.strip())
    return text


def with_strength(rule: Rule, certainty: str) -> Rule:
    """The rule as sure as that (definite, suspected, advisory, lead). InputError for another word."""
    if certainty not in CERTAINTIES:
        raise InputError(f"没有“{certainty}”这种程度。", f"There is no certainty {certainty!r}.")
    return replace(rule, certainty=certainty)


def with_words(rule: Rule, zh: str, en: str) -> Rule:
    """The rule with another message; the Chinese one is required. InputError for an empty one or unknown places."""
    if not zh.strip():
        raise InputError("中文提示语不能空。", "The Chinese message can't be empty.")
    message = {"zh": zh.strip()} | ({"en": en.strip()} if en.strip() else {})
    known = {place for text in rule.message.values() for place in _PLACE.findall(text)}
    for text in message.values():
        unknown = sorted(set(_PLACE.findall(text)) - known)
        if unknown:
            raise InputError(
                f"提示语里的 {{{unknown[0]}}} 不是这条规则能填的内容；可用：{'、'.join(sorted(known)) or '无'}。",
                f"{{{unknown[0]}}} can't be filled in; there is: {', '.join(sorted(known)) or 'nothing'}.",
            )
    return replace(rule, message=message)


_PLACE = re.compile(r"\{(\w+)\}")
