"""What people are told, as data: sentence, recipients, how much is folded into one, what may wait until the morning.

No sentence has a field for an insured person: codes, counts and names of offices only (DECISIONS 37).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PERSON, PROVIDER, OFFICE = "person", "provider", "office"
"""Who is told: the account named, the accounts of the provider, or posts of the office whose areas hold the area."""

FINDINGS, MONEY, BENEFITS, DOCUMENTS, OPINIONS, OWN, SYSTEM = (
    "疑点", "扣款", "待遇与拨付", "文书", "评审", "本人", "系统")  # fmt: skip
GROUPS = (FINDINGS, MONEY, BENEFITS, DOCUMENTS, OPINIONS, OWN, SYSTEM)

HALF_HOUR, AT_ONCE = 30, 0

_READING = ("reviewer", "supervisor", "leader")
_DRAFTING = (*_READING, "finance")
_OFFICE = (*_READING, "finance", "knowledge", "admin")


@dataclass(frozen=True)
class Event:
    """One thing people are told of.

    `zh`, `en`: the sentence; {n} is how many, other fields come from the detail. `view`, `query`, `field`: the page it
    leads to, its query, and the field that is its argument. `roles`: the posts told; for a person, those that may be
    meant. `minutes`: what happens within so many is one notice. `urgent`: doesn't wait for the morning. `outside`:
    whether other channels than the desk may carry it.
    """

    zh: str
    en: str
    to: str
    group: str
    view: str
    query: str = ""
    field: str = ""
    roles: tuple[str, ...] = ()
    minutes: int = HALF_HOUR
    urgent: bool = False
    outside: bool = True


EVENTS: dict[str, Event] = {
    "findings-waiting": Event("{n} 条疑点待反馈，请在期限内答复", "{n} findings wait for your answer", PROVIDER,
                              FINDINGS, "portal", "tab=notified"),
    "findings-upheld": Event("{n} 条申诉复核后维持，请确认或再次申诉", "{n} appeals were not granted",
                             PROVIDER, FINDINGS, "portal", "tab=notified"),
    "findings-due": Event("{n} 条疑点的反馈期限在 {due} 前届满", "{n} answers are due by {due}", PROVIDER, FINDINGS,
                          "portal", "tab=notified", minutes=AT_ONCE, urgent=True),
    "findings-lapsed": Event("{n} 条疑点逾期未反馈，视同认可", "{n} findings count as accepted: the term is over",
                              PROVIDER, FINDINGS, "portal", "tab=final"),
    "findings-revoked": Event("{n} 条疑点已撤销", "{n} findings were revoked", PROVIDER, FINDINGS, "portal",
                              "tab=closed"),
    "findings-signed": Event("{n} 条疑点已终审认定，待扣款", "{n} findings were confirmed and will be deducted",
                             PROVIDER, FINDINGS, "portal", "tab=signed"),
    "appeals-came": Event("收到 {n} 条申诉，待复核", "{n} appeals came in", OFFICE, FINDINGS, "findings",
                          "tab=appealed", roles=("reviewer", "supervisor")),
    "sent-back": Event("{n} 条疑点被终审退回复核", "{n} findings were sent back for second review", OFFICE, FINDINGS,
                       "findings", "tab=appealed", roles=("reviewer", "supervisor")),
    "panel-waits": Event("{n} 条疑点待合议", "{n} findings wait for the panel", OFFICE, FINDINGS, "findings",
                         "tab=panel", roles=("supervisor",)),
    "final-waits": Event("{n} 条疑点待终审签发", "{n} findings wait for your signature", OFFICE, FINDINGS, "findings",
                         "tab=final", roles=("leader",)),
    "payment-waits": Event("{n} 条疑点已签发，待拟定扣款单", "{n} signed findings wait for a statement", OFFICE, MONEY,
                           "money", roles=("finance",)),
    "assigned": Event("分派给您 {n} 条疑点", "{n} findings were given to you", PERSON, FINDINGS, "findings",
                      "tab=all&mine=1",
                     roles=_READING),
    "assigned-due": Event("分派给您的 {n} 条疑点在 {due} 前到期", "{n} findings given to you are due by {due}", PERSON,
                          FINDINGS, "findings", "tab=all&mine=1", minutes=AT_ONCE, urgent=True,
                         roles=_READING),
    "assigned-late": Event("分派给您的 {n} 条疑点已经超期", "{n} findings given to you are overdue", PERSON, FINDINGS,
                           "findings", "tab=all&mine=1", minutes=AT_ONCE,
                          roles=_READING),
    "statement-drafted": Event("扣款单 {number} 待审批", "Statement {number} waits for approval", OFFICE, MONEY,
                               "money-statement", field="statement", roles=("leader",), minutes=AT_ONCE),
    "statement-issued": Event("扣款单 {number} 已签发", "Statement {number} was issued", PROVIDER, MONEY,
                              "money-statement", field="statement", minutes=AT_ONCE),
    "benefits-came": Event("{n} 件待遇申请待初审", "{n} claims wait for first review", OFFICE, BENEFITS, "benefits",
                           "tab=mine", roles=("reviewer",)),
    "benefits-review": Event("{n} 件待遇待审核或复审", "{n} claims wait for review", OFFICE, BENEFITS, "benefits",
                             "tab=mine", roles=("reviewer", "supervisor")),
    "benefits-site": Event("{n} 件待遇待稽核", "{n} claims wait for a check on site", OFFICE, BENEFITS, "benefits",
                           "tab=mine", roles=("supervisor",)),
    "benefits-sign": Event("{n} 件待遇待审签", "{n} claims wait for your signature", OFFICE, BENEFITS, "benefits",
                           "tab=mine", roles=("leader",)),
    "benefits-back": Event("{n} 件待遇被退回", "{n} claims were sent back", OFFICE, BENEFITS, "benefits", "tab=mine",
                           roles=("reviewer", "supervisor")),
    "benefits-due": Event("{n} 件待遇在 {due} 前应办结或已超期", "{n} claims are due by {due} or late", OFFICE,
                          BENEFITS, "benefits", "tab=mine", roles=_READING, minutes=AT_ONCE),
    "benefits-signed": Event("{n} 件待遇已审签，待拨付", "{n} signed claims wait for disbursement", OFFICE, BENEFITS,
                             "benefits", "tab=signed", roles=("finance",)),
    "plan-drafted": Event("扣款单 {number} 的分期待审批", "Instalments for {number} wait for approval", OFFICE, MONEY,
                          "money-statement", field="statement", roles=("leader",), minutes=AT_ONCE),
    "plan-granted": Event("扣款单 {number} 准予分期，请按期缴款", "Statement {number} may be paid by instalments",
                          PROVIDER, MONEY, "money-statement", field="statement", minutes=AT_ONCE),
    "plan-ended": Event("扣款单 {number} 的分期已终止，未收金额应一次缴清",
                        "Instalments for {number} ended: what is open is owed at once",
                        PROVIDER, MONEY, "money-statement", field="statement", minutes=AT_ONCE),
    "instalment-due": Event("扣款单 {number} 有一期分期在 {due} 前应缴 {yuan} 元",
                            "An instalment of {yuan} yuan of statement {number} is due by {due}", PROVIDER, MONEY,
                            "money-statement", field="statement", minutes=AT_ONCE, urgent=True),
    "instalment-late": Event("扣款单 {number} 分期逾期 {yuan} 元", "{yuan} yuan of statement {number} are late", OFFICE,
                             MONEY, "money-statement", field="statement", roles=("finance",), minutes=AT_ONCE),
    "disbursement-check": Event("拨付 {number} 待复核", "Batch {number} waits for the check", OFFICE, BENEFITS,
                                "disbursement", field="batch", roles=("finance",), minutes=AT_ONCE),
    "disbursement-approve": Event("拨付 {number} 待签发", "Batch {number} waits for approval", OFFICE, BENEFITS,
                                  "disbursement", field="batch", roles=("supervisor", "leader"), minutes=AT_ONCE),
    "disbursement-leader": Event("拨付 {number} 超过限额，待领导签发", "Batch {number} waits for a leader", OFFICE,
                                 BENEFITS, "disbursement", field="batch", roles=("leader",), minutes=AT_ONCE),
    "disbursement-signed": Event("拨付 {number} 已签发，待报送", "Batch {number} is to be sent", OFFICE, BENEFITS,
                                 "disbursement", field="batch", roles=("finance",), minutes=AT_ONCE),
    "disbursement-back": Event("拨付 {number} 被退回", "Batch {number} was sent back", OFFICE, BENEFITS,
                               "disbursement", field="batch", roles=("finance",), minutes=AT_ONCE),
    "disbursement-failed": Event("拨付 {number} 有 {n} 笔失败", "{n} payments of {number} failed", OFFICE, BENEFITS,
                                 "disbursement", field="batch", roles=("finance",), minutes=AT_ONCE),
    "documents-wait": Event("{n} 份文书待签发", "{n} documents wait for your signature", OFFICE, DOCUMENTS, "documents",
                            "tab=submitted", roles=("leader",)),
    "document-back": Event("您起草的文书被退回：{title}", "A document you drafted was sent back: {title}", PERSON,
                           DOCUMENTS, "document", field="document", roles=_DRAFTING, minutes=AT_ONCE),
    "documents-signed": Event("您起草的 {n} 份文书已签发", "{n} documents you drafted were signed", PERSON, DOCUMENTS,
                              "documents", "tab=signed", roles=_DRAFTING),
    "documents-came": Event("收到 {n} 份文书，请查收", "{n} documents came for you", PROVIDER, DOCUMENTS,
                            "portal-documents"),
    "document-voided": Event("文书 {number} 已作废", "Document {number} was voided", PROVIDER, DOCUMENTS,
                             "portal-documents", minutes=AT_ONCE),
    "opinion-asked": Event("请您评审 {n} 条疑点", "Your opinion is asked on {n} findings", PERSON, OPINIONS,
                           "opinions",
                          roles=("expert",)),
    "opinion-given": Event("{n} 条疑点收到专家意见", "Experts answered on {n} findings", PERSON, OPINIONS, "findings",
                           "tab=panel",
                          roles=_READING),
    "cases-given": Event("请您评审 {n} 份抽查病例", "{n} sampled cases were given to you", PERSON, OPINIONS,
                         "opinions",
                        roles=("expert",)),
    "job-done": Event("您要的导出已经生成，共 {n} 行", "Your export is ready: {n} rows", PERSON, OWN, "jobs",
                      minutes=AT_ONCE, outside=False),
    "job-failed": Event("您要的导出没有完成，请重新导出", "Your export was not finished; please ask again", PERSON, OWN,
                        "jobs", minutes=AT_ONCE, outside=False),
    "post-lent": Event("{who}把岗位委托给您，{since} 至 {until}", "{who} lent you a post, {since} to {until}", PERSON,
                       OWN, "me", minutes=AT_ONCE,
                      roles=_OFFICE),
    "post-returned": Event("{who}收回了委托给您的岗位", "{who} took back the post lent to you", PERSON, OWN, "me",
                           minutes=AT_ONCE,
                          roles=_OFFICE),
    "post-ends": Event("{who}委托给{whom}的岗位 {until} 到期", "The post {who} lent to {whom} ends on {until}", PERSON,
                       OWN, "me", minutes=AT_ONCE, roles=_OFFICE),
    "access-asked": Event("{n} 项权限申请待办理", "{n} requests for permission wait", OFFICE, SYSTEM,
                          "access-requests", roles=("admin",)),
    "access-decided": Event("您的权限申请已办理：{answer}", "Your request was decided: {answer_en}", PERSON, OWN, "me",
                            minutes=AT_ONCE),
    "connection-problem": Event("{name}的接入有 {n} 个新问题", "{n} new problems with the connection of {name}",
                                OFFICE, SYSTEM, "connection", field="code", roles=("supervisor", "admin")),
    "connection-solved": Event("{name}的接入有 {n} 个问题已解决", "{n} problems of {name} were solved",
                               OFFICE, SYSTEM, "connection", field="code", roles=("supervisor", "admin")),
    "channel-broken": Event("推送“{name}”连续失败，已停用", "The endpoint {name} failed and was switched off",
                            OFFICE, SYSTEM, "notice-channels", roles=("admin",), minutes=AT_ONCE),
    "change-waits": Event("{n} 项规则变更待签署", "{n} changes of rules wait for a signature", OFFICE, SYSTEM,
                          "changes", roles=("leader",)),
    "change-signed": Event("规则变更已签署：{name}，自 {since} 起", "The rule {name} was changed, from {since}",
                           OFFICE, SYSTEM, "rule", field="rule", minutes=AT_ONCE,
                           roles=("knowledge", "supervisor", "reviewer", "leader")),
}  # fmt: skip
"""By code, in the order they are offered for choice."""

MOVED: dict[str, tuple[str, ...]] = {
    "adopt": ("findings-waiting",),
    "uphold": ("findings-upheld",),
    "appeal": ("appeals-came",),
    "appeal-again": ("panel-waits",),
    "ask-panel": ("panel-waits",),
    "accept": ("final-waits",),
    "lapse": ("findings-lapsed", "final-waits"),
    "panel-uphold": ("final-waits",),
    "grant": ("findings-revoked",),
    "panel-revoke": ("findings-revoked",),
    "reverse": ("findings-revoked",),
    "rule-gone": ("findings-revoked",),
    "sign": ("findings-signed", "payment-waits"),
    "send-back": ("sent-back",),
}
"""What a move of findings (procedure.review.MOVES) tells of; a move that isn't here tells nobody."""


def sentence(event: str, n: int, detail: Mapping[str, Any], language: str = "zh") -> str:
    """What the notice says; for an event that isn't there, its text or bare code."""
    known = EVENTS.get(event)
    if known is None:
        return str(detail.get("text", event))
    return getattr(known, language).format_map(_Told(dict(detail) | {"n": f"{n:,}"}))


class _Told(dict[str, Any]):
    """Fields of a sentence; one that wasn't told is a dash."""

    def __missing__(self, key: str) -> str:
        return "—"
