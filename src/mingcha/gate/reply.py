"""Reminders as the national answer says them, with what it has no field for beside it (reference: interface §2.1)."""

from __future__ import annotations

import hashlib
from typing import Any

from mingcha.engines.instead import Alternative
from mingcha.engines.words import word
from mingcha.gate.judge import Judged, Reminder
from mingcha.gate.request import Asked
from mingcha.knowledge.pack import CATEGORIES

_SEVERITY = {"definite": "1", "suspected": "2", "advisory": "3", "lead": "3"}
_BEHAVIOUR = {name: str(number) for number, name in enumerate(CATEGORIES, 1)}
_AT_FAULT, _INVOLVED = "1", "2"


def output(told: list[tuple[Asked, Judged]], bundle: int, library: str, task: str | None) -> dict[str, Any]:
    """The output of 3101 and 3102: `result` as the interface has it; `exp_content` says who answered and how fully."""
    unchecked = {
        (rule.id, missing): {"rule_id": rule.id, "rule_name": rule.name, "missing": missing, "what": word(missing)[0]}
        for _, judged in told
        for rule, missing in judged.lacking
    }
    return {
        "result": [_result(asked, one, task) for asked, judged in told for one in judged.reminders if not one.snoozed],
        "exp_content": {
            "library": library,
            "bundle": bundle,
            "checks": sum(judged.checks for _, judged in told),
            "partial": not all(judged.whole for _, judged in told),
            "unchecked": list(unchecked.values()),
            "snoozed": sum(one.snoozed for _, judged in told for one in judged.reminders),
        },
    }


def reminder_id(asked: Asked, reminder: Reminder) -> str:
    """The same reminder about the same rows has the same number, however often it is asked for."""
    found = reminder.result
    whole = "\x1f".join((asked.provider, asked.visit, found.rule, found.frame, found.key))
    return hashlib.blake2b(whole.encode(), digest_size=16).hexdigest()


def _result(asked: Asked, reminder: Reminder, task: str | None) -> dict[str, Any]:
    rule, found, number = reminder.rule, reminder.result, reminder_id(asked, reminder)
    told: dict[str, Any] = {
        "jr_id": number,
        "rule_id": rule.id,
        "rule_name": rule.name,
        "vola_cont": said(reminder)[:500],
        "patn_id": asked.number,
        "mdtrt_id": asked.visit,
        "judge_result_detail_dtos": _details(asked, reminder, number),
        "vola_amt": _yuan(found.amount or 0),
        "vola_amt_stas": "1",
        "sev_deg": _SEVERITY.get(rule.certainty, "3"),
        "vola_evid": _evidence(reminder)[:500],
        "vola_bhvr_type": _BEHAVIOUR.get(rule.category, "1"),
        "certainty": rule.certainty,
        "strength": reminder.strength,
        "facts": [_fact(asked, key) for key in found.witnesses],
    }
    if reminder.instead:
        told["instead"] = _instead(reminder.instead)
    return told | {"task_id": task} if task else told


def said(reminder: Reminder) -> str:
    """The reminder in words, with what to do instead: systems that know the interface alone show just this."""
    return f"{reminder.message}建议：{reminder.instead.words}" if reminder.instead else reminder.message


def _instead(known: Alternative) -> dict[str, Any]:
    """What to do instead, as a system can act on it; the unit price in yuan."""
    told: dict[str, Any] = {"words": known.words}
    if known.items:
        told["items"] = [{"hilist_code": code, "hilist_name": name} for code, name in known.items]
    if known.price is not None:
        told["pric"] = known.price / 10_000
    return told | ({"day": known.day} if known.day else {})


def _details(asked: Asked, reminder: Reminder, number: str) -> list[dict[str, Any]]:
    found = reminder.result
    at_fault = [(share.provider, share.visit, share.line, share.amount) for share in found.lines]
    involved = [(*_parts(key), None) for key in found.witnesses if key.count("|") == 2]
    details = []
    for kind, rows in ((_AT_FAULT, at_fault), (_INVOLVED, involved)):
        for provider, visit, line, amount in rows:
            own = provider == asked.provider
            details.append({
                "jrd_id": f"{number}-{len(details) + 1}",
                "patn_id": asked.number,
                "mdtrt_id": visit if own else "",
                "rx_id": line if own else "",
                "vola_item_type": kind,
                "vola_amt": None if amount is None else _yuan(amount),
            })  # fmt: skip
    return details


def _fact(asked: Asked, key: str) -> dict[str, Any]:
    """A row a reminder rests on; of other providers only that there is one."""
    parts = key.split("|")
    if parts[0] != asked.provider:
        return {"where": "其他机构"}
    return {"where": "本机构", "mdtrt_id": parts[1] if len(parts) > 1 else "", "id": "|".join(parts[2:])}


def _parts(key: str) -> tuple[str, str, str]:
    provider, visit, line = key.split("|", 2)
    return provider, visit, line


def _evidence(reminder: Reminder) -> str:
    basis = reminder.rule.basis[0] if reminder.rule.basis else None
    if basis is None:
        return ""
    return f"《{basis.document}》{basis.article or ''}" + (f"：{basis.text}" if basis.text else "")


def _yuan(fen: int) -> float:
    return fen / 100
