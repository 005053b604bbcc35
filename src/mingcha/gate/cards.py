"""Reminders as cards in the manner of CDS Hooks, with the same rules and signature as the national transactions.

A hook's context is the national node `patient_dtos`; a card is one reminder, its feedback what 3103 says
(reference: interface §2.1; CDS Hooks 2.0).
"""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

import msgspec

from mingcha.gate.envelope import Refused, Text, told
from mingcha.gate.request import PersonNode


class Service(msgspec.Struct):
    """A service as the discovery tells it."""

    hook: str
    id: str
    title: str
    description: str


SERVICES = {
    "mingcha-order-sign": ("3101", Service(
        "order-sign", "mingcha-order-sign", "医保事前提醒", "医嘱签发前，按现行规则提醒。Before an order is signed.")),
    "mingcha-encounter-discharge": ("3102", Service(
        "encounter-discharge", "mingcha-encounter-discharge", "医保事中审核",
        "结算前，按现行规则审核。Before a settlement.")),
}  # fmt: skip
"""By id: the national transaction that stands for it, and how it is told."""
REASONS = {
    "necessary": "病情需要，已在病历中记录", "informed": "已告知并由本人自费", "diagnosis": "诊断已补充",
    "elsewhere": "外院治疗延续", "wrong": "提醒有误", "other": "其他",
}  # fmt: skip
"""Why a doctor insists, to choose from."""
_INDICATOR = {"advise": "info", "justify": "warning", "block": "critical"}


class Context(msgspec.Struct):
    """What a hook is about: who asks, and the persons as in 3101."""

    fixmedins_code: Text = None
    mdtrtarea_admvs: Text = None
    insuplc_admdvs: Text = None
    persons: list[PersonNode] | PersonNode | None = msgspec.field(name="patient_dtos", default=None)


class Hook(msgspec.Struct):
    """A call of a service."""

    hook: str
    hookInstance: str
    context: msgspec.Raw


class Source(msgspec.Struct):
    """What a card rests on: document and article, and the rule as its topic."""

    label: str
    topic: dict[str, str]


class Suggestion(msgspec.Struct):
    """What to do instead: a label, and the items it speaks of as actions without resources of FHIR."""

    label: str
    uuid: str
    actions: list[dict[str, Any]] = []


class Card(msgspec.Struct, omit_defaults=True):
    """A reminder. `extension` has strength, certainty, the improper yuan and the orders at fault."""

    uuid: str
    summary: str
    detail: str
    indicator: str
    source: Source
    overrideReasons: list[dict[str, str]]
    extension: dict[str, Any]
    suggestions: list[Suggestion] = []
    selectionBehavior: str = ""


class Cards(msgspec.Struct):
    """The answer to a hook. `extension` is `exp_content` of the national answer."""

    cards: list[Card]
    extension: dict[str, Any] = {}


class Reason(msgspec.Struct):
    """Why a card was overridden."""

    reason: dict[str, str] = {}
    userComment: str = ""


class Accepted(msgspec.Struct):
    """A suggestion that was taken up."""

    id: str


class Outcome(msgspec.Struct):
    """What became of a card: accepted, perhaps as it suggested, or overridden for a reason."""

    card: str
    outcome: str
    overrideReason: Reason | None = None
    acceptedSuggestions: list[Accepted] = []


class Outcomes(msgspec.Struct):
    """The body of a feedback."""

    fixmedins_code: str
    feedback: list[Outcome]


def asked(service: str, body: bytes) -> bytes:
    """A hook as a national message. Refused when it isn't one of this service."""
    infno, described = _service(service)
    hook = _read(body, Hook)
    if hook.hook != described.hook:
        raise Refused(f"hook 应为 {described.hook}。")
    context = _read(bytes(hook.context), Context)
    persons = msgspec.json.decode(bytes(hook.context), type=dict[str, msgspec.Raw]).get("patient_dtos")
    return msgspec.json.encode({
        "infno": infno, "msgid": hook.hookInstance, "fixmedins_code": told(context.fixmedins_code),
        "mdtrtarea_admvs": told(context.mdtrtarea_admvs), "insuplc_admdvs": told(context.insuplc_admdvs),
        "input": {"data": {"patient_dtos": persons or []}},
    })  # fmt: skip


def answered(answer: bytes) -> tuple[int, bytes]:
    """Status and body of the answer to a hook, from the national answer."""
    tree = msgspec.json.decode(answer)
    if tree["infcode"] != 0:
        return 400, msgspec.json.encode({"message": tree["err_msg"]})
    output = tree["output"]
    cards = [_card(one) for one in output["result"]]
    return 200, msgspec.json.encode(Cards(cards, output.get("exp_content", {})))


def reacted(service: str, body: bytes) -> bytes:
    """A feedback as 3103. The same feedback sent again is the same message."""
    infno, _ = _service(service)
    found = _read(body, Outcomes)
    return msgspec.json.encode({
        "infno": "3103", "msgid": hashlib.blake2b(body, digest_size=15).hexdigest(),
        "fixmedins_code": found.fixmedins_code,
        "input": {"data": {"warn_type": "1" if infno == "3101" else "2",
                           "warns": [_warn(place, one) for place, one in enumerate(found.feedback)]}},
    })  # fmt: skip


def acknowledged(answer: bytes) -> tuple[int, bytes]:
    """Status and body of the answer to a feedback."""
    tree = msgspec.json.decode(answer)
    return (200, b"{}") if tree["infcode"] == 0 else (400, msgspec.json.encode({"message": tree["err_msg"]}))


def discovery() -> bytes:
    """What services there are."""
    return msgspec.json.encode({"services": [service for _, service in SERVICES.values()]})


def _service(name: str) -> tuple[str, Service]:
    if name not in SERVICES:
        raise Refused(f"没有服务 {name[:60]}。可用的服务见 GET /cds-services。")
    return SERVICES[name]


def _read(body: bytes, shape: type[Any]) -> Any:
    try:
        return msgspec.json.decode(body, type=shape, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(f"请求不是有效的内容：{str(error)[:160]}。请按 /openapi.json 填写。") from None


def _card(told_of: dict[str, Any]) -> Card:
    name, basis = told_of["rule_name"], told_of["vola_evid"]
    document, _, text = basis.partition("：")
    at_fault = [d["rx_id"] for d in told_of["judge_result_detail_dtos"] if d["vola_item_type"] == "1" and d["rx_id"]]
    said = told_of["vola_cont"].removesuffix(f"建议：{told_of['instead']['words']}" if "instead" in told_of else "")
    amount = f"\n涉及金额 {told_of['vola_amt']:.2f} 元" if told_of["vola_amt"] else ""
    return Card(
        str(uuid.UUID(told_of["jr_id"])),
        name if len(name) < 140 else name[:139] + "…",
        said + amount + (f"\n依据：{text}" if text else ""),
        _INDICATOR[told_of["strength"]],
        Source(document or "现行规则", {"code": told_of["rule_id"], "display": name}),
        [{"code": code, "display": words} for code, words in REASONS.items()],
        {"strength": told_of["strength"], "certainty": told_of["certainty"], "amount": told_of["vola_amt"],
         "mdtrt_id": told_of["mdtrt_id"], "orders": list(dict.fromkeys(at_fault))},
        *_suggested(told_of),
    )  # fmt: skip


def _suggested(told_of: dict[str, Any]) -> tuple[list[Suggestion], str]:
    """The card's suggestion, if the reminder has one, and how it may be chosen."""
    known = told_of.get("instead")
    if not known:
        return [], ""
    number = str(uuid.uuid5(uuid.UUID(told_of["jr_id"]), "instead"))
    price = {"pric": known["pric"]} if "pric" in known else {}
    items = known.get("items") or ([{}] if price else [])
    actions = [{"type": "update", "description": known["words"], "resource": {**item, **price}} for item in items]
    return [Suggestion(known["words"], number, actions)], "at-most-one"


def _warn(place: int, one: Outcome) -> dict[str, str]:
    if one.outcome not in ("accepted", "overridden"):
        raise Refused(f"feedback[{place}].outcome 应为 accepted 或 overridden。")
    try:
        number = uuid.UUID(one.card).hex
    except ValueError:
        raise Refused(f"feedback[{place}].card 不是卡片的 uuid。") from None
    if one.outcome == "accepted":
        as_suggested = {"dspo_way_rea": "按建议修改"} if one.acceptedSuggestions else {}
        return {"warn_rslt_id": number, "dspo_way": "2", **as_suggested}
    given = one.overrideReason or Reason()
    words = given.reason.get("display") or REASONS.get(given.reason.get("code", ""), "")
    why = "；".join(filter(None, (words, given.userComment)))
    return {"warn_rslt_id": number, "dspo_way": "1", "dspo_way_rea": why}
