"""rule.yaml: name, law, stage, message and dated parameters of one rule."""

from __future__ import annotations

import re
from string import Formatter
from typing import Any

from mingcha.knowledge.documents import Value
from mingcha.knowledge.pack import CATEGORIES, CERTAINTIES, SCOPES, SEVERITIES, STAGES, Basis, Dated, Scoped
from mingcha.rules.algebra import Kind as ValueKind
from mingcha.rules.frames import told_by
from mingcha.rules.kind import KINDS, Kind

REQUIRED = (
    "id", "version", "kind", "name", "template", "category", "stages", "certainty", "severity", "message", "basis",
)  # fmt: skip
OPTIONAL = ("national_code", "parameters", "instead")
PLACEHOLDERS = ("name", "limit", "value", "partner", "days", "previous")
"""What a message may name in braces: the item, its limit, what was found, the other item, the days, the time before."""
RULE_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def read_rule_fields(root: Value, folder: str) -> dict[str, Any]:
    """The fields of Rule that stand in rule.yaml; what can't be read is None and noted."""
    fields = root.fields(REQUIRED, OPTIONAL)
    kind = _kind(fields.get("kind"))
    name = _both_languages(fields.get("name"))
    values = _parameters(fields.get("parameters"), kind, root)
    return {
        "id": _rule_id(fields.get("id"), folder),
        "version": _version(fields.get("version")),
        "kind": kind.name if kind else "",
        "name": name["zh"],
        "name_en": name["en"],
        "template": _text(fields.get("template")),
        "national_code": _text(fields.get("national_code")) or None,
        "category": _text(fields.get("category"), CATEGORIES),
        "stages": _stages(fields.get("stages")),
        "certainty": _text(fields.get("certainty"), CERTAINTIES),
        "severity": _text(fields.get("severity"), SEVERITIES),
        "message": _message(fields.get("message")),
        "instead": _message(fields.get("instead")),
        "parameters": {name: general for name, (general, _) in values.items()},
        "scoped": tuple(one for _, several in values.values() for one in several),
        "basis": read_bases(fields.get("basis")),
    }


def read_bases(value: Value | None) -> tuple[Basis, ...]:
    """A list of bases, at least one, each naming its document."""
    if value is None:
        return ()
    found = tuple(_basis(entry) for entry in value.items())
    if not found:
        value.wrong("至少要有一条依据", "at least one basis is required")
    return found


def _basis(value: Value) -> Basis:
    fields = value.fields(("document",), ("article", "text", "date"))
    return Basis(
        document=_text(fields.get("document")),
        article=_text(fields.get("article")) or None,
        text=_text(fields.get("text")) or None,
        date=fields["date"].day() if "date" in fields else None,
    )


def _text(value: Value | None, choices: Any = ()) -> str:
    return (value.text(choices) if value is not None else None) or ""


def _kind(value: Value | None) -> Kind | None:
    name = _text(value, tuple(KINDS)) if value is not None else ""
    return KINDS.get(name)


def _both_languages(value: Value | None) -> dict[str, str]:
    fields = value.fields(("zh", "en")) if value is not None else {}
    return {language: _text(fields.get(language)) for language in ("zh", "en")}


def _rule_id(value: Value | None, folder: str) -> str:
    text = _text(value)
    if value is not None and text and not RULE_ID.fullmatch(text):
        value.wrong("规则编号用小写字母、数字和 -", "a rule id is lower-case letters, digits and -")
    elif value is not None and text and text != folder:
        value.wrong(f"规则编号应与文件夹同名：{folder}", f"the rule id must be the name of its folder: {folder}")
    return text


def _version(value: Value | None) -> int:
    number = value.whole() if value is not None else None
    if value is not None and number is not None and number < 1:
        value.wrong("版本从 1 起", "versions begin with 1")
    return number or 0


def _stages(value: Value | None) -> tuple[str, ...]:
    if value is None:
        return ()
    found = {_text(entry, STAGES) for entry in value.items()}
    if not found:
        value.wrong("至少要有一个环节", "at least one stage is required")
    return tuple(stage for stage in STAGES if stage in found)


def _message(value: Value | None) -> dict[str, str]:
    fields = value.fields(("zh",), ("en",)) if value is not None else {}
    for place in fields.values():
        _check_placeholders(place)
    return {language: _text(place) for language, place in fields.items()}


def _check_placeholders(value: Value) -> None:
    try:
        used = {name for _, name, _, _ in Formatter().parse(_text(value)) if name is not None}
    except ValueError:
        value.wrong("大括号没有配对", "the braces do not match")
        return
    allowed = ", ".join(PLACEHOLDERS)
    for name in sorted(used.difference(PLACEHOLDERS)):
        value.wrong(f"没有 {{{name}}}；可用：{allowed}", f"there is no {{{name}}}; allowed: {allowed}")


def _parameters(
    value: Value | None, kind: Kind | None, root: Value
) -> dict[str, tuple[tuple[Dated, ...], tuple[Scoped, ...]]]:
    wanted = {name: p for name, p in kind.parameters.items() if not p.own_items} if kind else {}
    given = value.named() if value is not None else {}
    for name, place in given.items():
        if kind and name not in wanted:
            allowed = "、".join(wanted) or "（无）"
            place.wrong(
                f"种类 {kind.name} 没有这个参数；可用：{allowed}",
                f"kind {kind.name} has no such parameter; allowed: {', '.join(wanted) or 'none'}",
            )
    for name in wanted:
        if name not in given:
            root.wrong(f"缺少参数 {name}", f"the parameter {name} is missing")
    return {name: _dated(name, given[name], kind) for name in wanted if kind and name in given}


def _dated(name: str, value: Value, kind: Kind) -> tuple[tuple[Dated, ...], tuple[Scoped, ...]]:
    """The values of a parameter by their days: the general ones, and those for some only."""
    found: dict[tuple[Any, ...], Scoped] = {}
    for entry in value.items():
        fields = entry.fields(("valid_from", "value"), SCOPES)
        day = fields["valid_from"].day() if "valid_from" in fields else None
        content = read_value(fields["value"], kind.parameters[name].type) if "value" in fields else None
        scope = read_scope(fields, kind)
        if day is not None and content is not None:
            if (day, scope) in found:
                entry.wrong("同一天有两个值", "two values begin on this day")
            found[day, scope] = Scoped(name, day, content, **dict(zip(SCOPES, scope, strict=True)))
    ordered = sorted(found.values(), key=lambda one: (one.valid_from, str(one.scope)))
    general = tuple(Dated(one.valid_from, one.value) for one in ordered if not any(one.scope))
    if not general:
        value.wrong("至少要有一个带生效日期的值", "at least one dated value is required")
    return general, tuple(one for one in ordered if any(one.scope))


def read_scope(fields: dict[str, Value], kind: Kind) -> tuple[Any, ...]:
    """Provider, insurance and level of a value that is for some only; notes what the kind's rows don't say."""
    for name in SCOPES:
        if name in fields and told_by(kind.frame, name) is None:
            fields[name].wrong(
                f"种类 {kind.name} 的行没有这一项，参数不能按它区分",
                f"rows of kind {kind.name} don't say it; no parameter can depend on it",
            )
    level = fields["level"].whole() if "level" in fields else None
    return (_text(fields.get("provider")) or None, _text(fields.get("insurance")) or None, level)


def read_value(value: Value, kind: ValueKind) -> Any:
    """The value of a parameter, of the type its kind declares."""
    if kind is ValueKind.INT:
        return value.whole()
    if kind is ValueKind.BOOL:
        text = value.text(("true", "false"))
        return None if text is None else text == "true"
    if kind is ValueKind.TEXTS:
        return tuple(sorted({_text(entry) for entry in value.items()}))
    return value.text()
