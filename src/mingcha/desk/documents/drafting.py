"""What a new document says: the findings or the statement it tells of, in words an office then edits."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from mingcha.desk.audit.detail import pack_of
from mingcha.desk.audit.queries import Row, rows
from mingcha.desk.audit.terms import terms_of
from mingcha.desk.trail.actions import enter
from mingcha.procedure.documents import FITTING, KINDS
from mingcha.procedure.review import STEPS
from mingcha.terms.errors import UsageError

SETTING = "document-organ"
"""Dated setting of an area: name and word (机关代字) of the organ that issues its documents, and whom to ask."""
MOST = 3_000
"""Findings of one document: about a hundred pages."""
_FINDINGS = """SELECT f.id, f.fund_area AS area, f.provider, f.step, f.due, f.visit, f.day, f.item_name, f.counted_fen,
    f.fund_loss_fen, f.rule, coalesce(r.name, f.rule) AS rule_name, o.pack_hash,
    coalesce(p.name, f.provider) AS provider_name
    FROM finding f LEFT JOIN rule_directory r ON r.rule = f.rule
    LEFT JOIN provider_directory p ON p.provider = f.provider
    LEFT JOIN observation o ON o.id = f.latest_observation"""
_BODY = {
    "feedback": ["根据《医疗保障基金使用监督管理条例》及定点医药机构服务协议，"
                 "我单位对你单位申报的医疗保障基金费用进行了审核，发现下列疑点，现予反馈。"],
    "opinion": ["就下列疑点，经合议组集体评议，形成意见如下。"],
    "decision": ["经审核、反馈和申诉复核，对你单位下列费用作出如下认定。"],
    "statement": ["根据已签发的审核结论和定点医药机构服务协议，现对你单位下列费用从结算款中扣除，请知悉。"],
}  # fmt: skip
_AFTER = {
    "feedback": ["请逐条核实，并在 {due} 前通过机构门户答复；有异议的，请说明理由并附病历等材料。"
                 "逾期未答复，视同认可。"],
    "opinion": ["以上为合议意见，供终审参考。"],
    "decision": ["对本决定有异议的，可以自收到之日起依法申请行政复议，或者依照服务协议提请处理。"],
    "statement": ["对扣款有异议的，请自收到之日起与我单位联系。"],
}


@dataclass(frozen=True)
class Organ:
    """Who issues an area's documents; `word` is empty where nobody set it."""

    name: str
    word: str
    contact: str


def organ_of(cursor: Any, area: str) -> Organ:
    """The organ in force at an area today; without a setting, the bureau's usual name and no word."""
    cursor.execute(
        "SELECT facts.setting_at(%s, %s)::text,"
        " (SELECT name FROM facts.area WHERE code = %s ORDER BY valid_from DESC LIMIT 1)",
        [SETTING, area, area],
    )
    told, name = cursor.fetchone()
    found = json.loads(told) if told else {}
    return Organ(found.get("name") or f"{name or area}医疗保障局", found.get("word", ""), found.get("contact", ""))


def draft(cursor: Any, *, by: str, hands: list[str], kind: str, numbers: list[str], token: UUID) -> int:
    """A draft that tells of findings of one provider; its id. The same token drafts once.

    UsageError for findings out of sight, of several providers, too many, or at a step the kind doesn't tell of.
    """
    if known := _known(cursor, token):
        return known
    if kind not in FITTING:
        raise UsageError("请选择文书种类。", "Choose the kind of document.")
    found = rows(f"{_FINDINGS} WHERE f.id = ANY(%s) ORDER BY f.day, f.id LIMIT {MOST + 1}", [numbers])
    if not found or len({(one["area"], one["provider"]) for one in found}) > 1 or len(found) != len(set(numbers)):
        raise UsageError("一份文书只写一家机构的疑点，请重新选择。", "A document tells of findings of one provider.")
    return _draft(cursor, by=by, hands=hands, kind=kind, found=found, token=token)


def _draft(cursor: Any, *, by: str, hands: list[str], kind: str, found: list[Row], token: UUID) -> int:
    if len(found) > MOST:
        raise UsageError(f"一份文书最多写 {MOST:,} 条疑点。", f"A document tells of {MOST:,} findings at most.")
    wrong = next((one for one in found if one["step"] not in FITTING[kind]), None)
    if wrong:
        steps = "、".join(f"“{STEPS[step][0]}”" for step in FITTING[kind])
        raise UsageError(
            f"疑点 {wrong['id']} 现在是“{STEPS[wrong['step']][0]}”，{KINDS[kind].zh}只能写{steps}的疑点。",
            f"Finding {wrong['id']} is at a step this kind of document doesn't tell of.",
        )
    due = min((one["due"] for one in found if one["due"]), default=None)
    told = [
        {"visit": one["visit"] or "—", "item": one["item_name"] or "—", "day": f"{one['day']:%Y-%m-%d}",
         "rule": one["rule_name"], "amount": f"{one['counted_fen'] / 100:,.2f}", "basis": _basis(one)} for one in found
    ]  # fmt: skip
    content = _content(cursor, kind, found[0], told, sum(one["counted_fen"] for one in found), due)
    number = _insert(cursor, by=by, hands=hands, kind=kind, one=found[0], content=content, token=token, statement=None)
    cursor.execute(
        "INSERT INTO document_finding (document_id, finding_id, area, provider) SELECT %s, unnest(%s::text[]), %s, %s",
        [number, [one["id"] for one in found], found[0]["area"], found[0]["provider"]],
    )
    return number


def draft_all(
    cursor: Any, *, by: str, hands: list[str], token: UUID, without: Callable[[str], bool] = lambda _: False
) -> int:  # fmt: skip
    """One notice of findings for each provider, of all that wait for its answer and stand in no notice yet; how many.

    Providers for which `without` is true are left to others. UsageError for none; a token drafts once.
    """
    waiting = rows(
        f"{_FINDINGS} WHERE f.step = 'notified' AND NOT EXISTS (SELECT FROM document_finding t JOIN document d"
        " ON d.id = t.document_id WHERE t.finding_id = f.id AND d.kind = 'feedback'"
        " AND d.state NOT IN ('voided', 'discarded')) ORDER BY f.fund_area, f.provider, f.day, f.id LIMIT 50000"
    )
    of: dict[tuple[str, str], list[Row]] = {}
    for one in waiting:
        of.setdefault((one["area"], one["provider"]), []).append(one)
    made = 0
    for (area, provider), found in of.items():
        if without(provider):
            continue
        for n in range(0, len(found), MOST):
            one = uuid5(token, f"{area}|{provider}|{n}")
            if not _known(cursor, one):
                _draft(cursor, by=by, hands=hands, kind="feedback", found=found[n : n + MOST], token=one)
                made += 1
    if not made:
        raise UsageError("没有需要起草的：待机构反馈的疑点都已写进通知。", "Nothing is left to tell of.")
    return made


def draft_statement(cursor: Any, *, by: str, hands: list[str], statement: int, token: UUID) -> int:
    """A notice of deduction of an approved statement; its id. UsageError unless approved, or when there is one."""
    if known := _known(cursor, token):
        return known
    found = rows(
        "SELECT s.fund_area AS area, s.provider, coalesce(p.name, s.provider) AS provider_name, s.status, s.number"
        " FROM money_statement s LEFT JOIN provider_directory p USING (provider) WHERE s.id = %s",
        [statement],
    )
    if not found or found[0]["status"] != "approved":
        raise UsageError("扣款单审批之后才能起草通知书。", "The statement isn't approved yet.")
    lines = rows(
        "SELECT l.visit, l.line, f.day, f.item_name, coalesce(r.name, f.rule) AS rule, l.fen"
        " FROM money_statement_line l"
        " JOIN finding f ON f.id = l.finding_id LEFT JOIN rule_directory r ON r.rule = f.rule"
        f" WHERE l.statement_id = %s AND l.fen > 0 ORDER BY f.day, l.visit, l.line LIMIT {MOST + 1}",
        [statement],
    )
    if len(lines) > MOST:
        raise UsageError(f"一份文书最多写 {MOST:,} 行。", f"A document holds {MOST:,} rows at most.")
    told = [
        {"visit": one["visit"], "item": one["item_name"] or one["line"], "day": f"{one['day']:%Y-%m-%d}",
         "rule": one["rule"], "amount": f"{one['fen'] / 100:,.2f}", "basis": f"扣款单 {found[0]['number']}"}
        for one in lines
    ]  # fmt: skip
    content = _content(cursor, "statement", found[0], told, sum(one["fen"] for one in lines), None)
    return _insert(cursor, by=by, hands=hands, kind="statement", one=found[0], content=content, token=token,
                   statement=statement)  # fmt: skip


def _known(cursor: Any, token: UUID) -> int | None:
    cursor.execute("SELECT id FROM document WHERE token = %s", [str(token)])
    row = cursor.fetchone()
    return row[0] if row else None


def _basis(one: Row) -> str:
    """Document and article of the rule, as its pack says; the rule alone where the pack is no longer there."""
    pack = pack_of(one["pack_hash"]) if one["pack_hash"] else None
    rule = next((r for r in pack.rules if r.id == one["rule"]), None) if pack else None
    first = rule.basis[0] if rule and rule.basis else None
    return f"《{first.document}》{first.article or ''}" if first else one["rule"]


def _content(cursor: Any, kind: str, one: Row, told: list[dict[str, str]], fen: int, due: Any) -> dict[str, Any]:
    organ = organ_of(cursor, one["area"])
    until = f"{due:%Y年%-m月%-d日}" if due else "规定期限"
    merged = terms_of(cursor, one["area"]).staffing != "full"
    return {
        "organ": organ.name, "title": KINDS[kind].zh, "addressee": one["provider_name"], "rows": told, "fen": fen,
        "body": _BODY[kind], "after": [text.format(due=until) for text in _AFTER[kind]], "attachments": [],
        "contact": f"联系方式：{organ.contact}" if organ.contact else "联系方式：",
        "staffing": "本机关按小型机构配置审核人员，部分审核层级合并办理。" if merged else "",
    }  # fmt: skip


def _insert(
    cursor: Any, *, by: str, hands: list[str], kind: str, one: Row, content: dict[str, Any], token: UUID,
    statement: int | None,
) -> int:  # fmt: skip
    cursor.execute(
        "INSERT INTO document (token, kind, area, provider, statement_id, content, author, author_hands)"
        " VALUES (%s, %s, %s, %s, %s, %s::jsonb, %s, %s) ON CONFLICT DO NOTHING RETURNING id",
        [str(token), kind, one["area"], one["provider"], statement, json.dumps(content, ensure_ascii=False), by, hands],
    )
    row = cursor.fetchone()
    if row is None:
        raise UsageError("这份文书刚刚已经起草，请到文书列表查看。", "It was drafted already; see the list.")
    cursor.execute(
        "INSERT INTO document_event (document_id, area, provider, move, by) VALUES (%s, %s, %s, 'draft', %s)",
        [row[0], one["area"], one["provider"], by],
    )
    detail = {"kind": kind, "area": one["area"], "provider": one["provider"], "rows": len(content["rows"])}
    enter(cursor, by=by, action="document.draft", subject=f"document:{row[0]}", detail=detail)
    return row[0]
