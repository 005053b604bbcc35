"""local.yaml: what an area makes of a rule it inherits, each change with its day and who decided it."""

from __future__ import annotations

from typing import Any

from mingcha.knowledge.documents import Value
from mingcha.knowledge.local import CHANGES, Change
from mingcha.knowledge.pack import SCOPES, Rule
from mingcha.knowledge.rule_file import read_scope, read_value
from mingcha.rules.kind import KINDS, Parameter

_FIELDS = ("parameter", "value", "rows", "to", "document", "date", "by", "reason", *SCOPES)


def read_changes(root: Value, rule: Rule) -> tuple[Change, ...]:
    """The changes of a local.yaml to the inherited rule; notes what is missing or can't be."""
    fields = root.fields(("changes",))
    entries = fields["changes"].items() if "changes" in fields else ()
    return tuple(change for entry in entries if (change := _change(entry, rule)) is not None)


def _change(entry: Value, rule: Rule) -> Change | None:
    before = len(entry.problems.found)
    fields = entry.fields(("change", "from"), _FIELDS)
    change = fields["change"].text(tuple(CHANGES)) if "change" in fields else None
    since = fields["from"].day() if "from" in fields else None
    until = fields["to"].day() if "to" in fields else None
    if since and until and until < since:
        fields["to"].wrong("截止日期早于开始日期", "it ends before it begins")
    declared = _declared(fields.get("parameter"), rule)
    value = read_value(fields["value"], declared.type) if declared and "value" in fields else None
    scope = read_scope(fields, KINDS[rule.kind])
    _check_object(entry, fields, change)
    _check_grounds(entry, fields, change, declared)
    if len(entry.problems.found) > before or change is None or since is None:
        return None
    return Change(
        change=change,
        parameter=_text(fields.get("parameter")),
        value=value,
        rows=tuple(filter(None, (_text(row) for row in fields["rows"].items()))) if "rows" in fields else (),
        since=since,
        until=until,
        document=_text(fields.get("document")),
        date=fields["date"].day() if "date" in fields else None,
        by=_text(fields.get("by")),
        reason=_text(fields.get("reason")),
        line=entry.line,
        scope=scope if any(scope) else (),
    )


def _declared(value: Value | None, rule: Rule) -> Parameter | None:
    """What the rule's kind declares of the parameter; notes one it does not have."""
    name = _text(value)
    allowed = {n: p for n, p in KINDS[rule.kind].parameters.items() if not p.own_items}
    if value is not None and name and name not in allowed:
        value.wrong(
            f"规则 {rule.id} 没有这个参数；可用：{'、'.join(allowed) or '（无）'}",
            f"the rule {rule.id} has no such parameter; allowed: {', '.join(allowed) or 'none'}",
        )
    return allowed.get(name or "")


def _check_object(entry: Value, fields: dict[str, Value], change: str | None) -> None:
    """A change is of a parameter (with its value), of rows, or, for `off`, of the whole rule."""
    named = {"parameter", "value", "rows"} & set(fields)
    if set(SCOPES) & set(fields) and "parameter" not in named:
        entry.wrong("只有参数可以分机构、险种、级别", "only a parameter can be for a provider, insurance or level")
    if change == "off" and named:
        entry.wrong("off 停用整条规则，不写参数或知识点", "off ends the whole rule; it names no parameter and no rows")
    elif change == "add" and named != {"rows"}:
        entry.wrong("add 用 rows 写明增加的知识点编号", "add names the ids of the rows it adds, as rows")
    elif change in ("tighten", "loosen") and named not in ({"parameter", "value"}, {"rows"}):
        entry.wrong("写明改什么：parameter 和 value，或者 rows", "say what is changed: parameter and value, or rows")


def _check_grounds(entry: Value, fields: dict[str, Value], change: str | None, declared: Parameter | None) -> None:
    """Loosening needs a document, switching off a reason; so does what can't be seen to be a tightening."""
    if change == "off" and "reason" not in fields:
        entry.wrong("停用规则要写明理由 reason", "switching a rule off needs a reason")
    if "document" in fields or change not in ("tighten", "loosen"):
        return
    if change == "loosen":
        entry.wrong("放宽要有文件依据 document", "loosening needs a document")
    elif "rows" in fields or (declared is not None and not declared.looser):
        entry.wrong(
            "从数值看不出是不是收紧，要写文件依据 document", "that this tightens can't be seen; it needs a document"
        )


def _text(value: Value | None) -> Any:
    return value.text() if value is not None else None
