"""Writes of the onboarding app, each one transaction with its actor; what gates must know is published after it."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from mingcha.desk.notices.telling import tell
from mingcha.desk.onboarding import keys, queries
from mingcha.desk.onboarding.models import (
    EVERYWHERE,
    CodeAlias,
    Key,
    Onboarding,
    Problem,
    ReminderStrength,
    Snooze,
    Step,
    StrengthChoice,
)
from mingcha.desk.onboarding.publication import publish_now
from mingcha.desk.trail.actions import enter
from mingcha.procedure.onboarding import ENVIRONMENTS, PRODUCTION, after
from mingcha.records import sm2
from mingcha.terms.dictionaries import DICTIONARIES
from mingcha.terms.errors import MingchaError, UsageError

LONGEST_OVERLAP = 90
"""Days a replaced key may still hold."""
LONGEST_SNOOZE = 30
"""Days advice may be kept from somebody at a time."""
_log = logging.getLogger("mingcha.desk")


@transaction.atomic
def register(*, by: str, provider: str, name: str, area: str) -> Onboarding:
    """Begin a provider's connection. The directory's name and area count where it knows the provider.

    UsageError for a code that can't be one, an area out of scope, or a provider that is registered already.
    """
    if not (provider.isascii() and provider.isalnum() and 5 <= len(provider) <= 30):
        raise UsageError("机构编号应为 5 至 30 位字母和数字，如 H33050100001。",
                         "A provider's code has 5 to 30 letters and digits, as H33050100001.")  # fmt: skip
    known = queries.directory(provider)
    name, area = (known["name"], known["area"] or area) if known else (name.strip(), area)
    if not name:
        raise UsageError("机构目录里没有这个编号，请填写机构名称。", "The directory lacks this code; give a name.")
    _own_area(area)
    try:
        with transaction.atomic():
            made = Onboarding.objects.create(provider=provider, area=area, name=name, registered_by=by)
    except IntegrityError as error:
        raise UsageError(
            f"机构 {provider} 已经登记过。", f"The provider {provider} is registered already."
        ) from error
    Step.objects.create(onboarding=made, area=area, status=made.status, by=by)
    _note(by, "onboarding.register", provider, {"area": area})
    return made


@transaction.atomic
def change(*, by: str, provider: str, name: str, system: str, contact: str, phone: str) -> None:
    """The provider's name, its system's maker and whom to call. The trail says that it changed, not to whom."""
    held = _held(provider)
    if not name.strip():
        raise UsageError("机构名称不能为空。", "The name can't be empty.")
    held.name, held.system, held.contact, held.phone = (t.strip()[:120] for t in (name, system, contact, phone))
    held.save(update_fields=["name", "system", "contact", "phone"])
    _note(by, "onboarding.change", provider, {})


@transaction.atomic
def agree_secrecy(*, by: str, provider: str, client: str, public_key: str, encrypted: bool) -> None:
    """How the provider signs (SM2) and encrypts (SM4) its messages; empty values end it.

    UsageError for a key that is none, or a client number that can't be an SM4 key.
    """
    held = _held(provider)
    client, public_key = client.strip(), "".join(public_key.split()).upper()
    if public_key:
        _check_public_key(public_key)
    if (public_key or encrypted) and not (client.isascii() and client.isprintable() and 0 < len(client) <= 64):
        raise UsageError("签名或加密都要填写客户端编号（字母和数字）。", "Signing or encrypting needs a client number.")
    if encrypted and len(client) != 16:
        raise UsageError(
            f"客户端编号用作 SM4 密钥，须恰好 16 位，现在是 {len(client)} 位。",
            f"The client number is the SM4 key and needs exactly 16 characters; this one has {len(client)}.",
        )
    held.client, held.public_key, held.encrypted = client, public_key, encrypted
    held.save(update_fields=["client", "public_key", "encrypted"])
    _note(by, "onboarding.secrecy", provider, {"signed": bool(public_key), "encrypted": encrypted})
    _publish_after()


def _check_public_key(text: str) -> None:
    try:
        sm2.public_key(text)
    except ValueError as error:
        raise UsageError(
            "SM2 公钥不对：应为 128 位十六进制（x 和 y，前面可带 04）。请向机构核对。",
            "This is no SM2 public key: give 128 hexadecimal digits (x and y, 04 before them at most).",
        ) from error


@transaction.atomic
def move(*, by: str, provider: str, name: str, reason: str = "") -> Onboarding:
    """Move a connection on or back, as procedure.onboarding allows."""
    held = _held(provider)
    problems = Problem.objects.filter(onboarding=held, closed_at=None).count()
    held.status = after(name, held.status, keys=_environments(held), problems=problems, reason=reason)
    held.save(update_fields=["status"])
    Step.objects.create(onboarding=held, area=held.area, status=held.status, by=by, reason=reason.strip())
    _note(by, f"onboarding.{name}", provider, {"status": held.status, "reason": reason.strip()})
    return held


@transaction.atomic
def hand_out_key(*, by: str, provider: str, environment: str, name: str, last_day: date | None) -> str:
    """A new key's secret, which nobody sees again. Keys of the same environment hold until `last_day` at most.

    UsageError when the key of that name was handed out already, when an older key needs a last day, or when a
    production key is asked for before the test has begun.
    """
    held = _held(provider)
    if environment not in ENVIRONMENTS or not keys.NAME.fullmatch(name):
        raise UsageError("请从页面上选择环境后再发放。", "Choose the environment on the page.")
    if environment == PRODUCTION and held.status == "adapting":
        raise UsageError(
            "机构还在改造。开始测试之后才能发放生产密钥。",
            "The provider is still adapting; a production key follows once the test has begun.",
        )
    if Key.objects.filter(pk=name).exists():
        raise UsageError(
            "这把密钥已经发放过，明文只在发放时显示一次。没有记下就请作废它，再发一把。",
            "This key was handed out already and is shown once only. If it was lost, revoke it and hand out another.",
        )
    older = list(good_keys(held).filter(environment=environment))
    if older:
        _end(older, last_day)
    secret = keys.new_secret()
    sealed = keys.seal(settings.HOME, name, secret)
    Key.objects.create(id=name, onboarding=held, area=held.area, environment=environment, sealed=sealed, issued_by=by)
    replaced = {key.pk: str(key.valid_until) for key in older}
    _note(by, "onboarding.key", provider, {"key": name, "environment": environment, "replaces": replaced})
    _publish_after()
    return secret


def _end(older: list[Key], last_day: date | None) -> None:
    today = timezone.localdate()
    if last_day is None or not today <= last_day <= today + timedelta(days=LONGEST_OVERLAP):
        raise UsageError(
            f"已有有效的密钥。请写明旧密钥用到哪一天（今天起 {LONGEST_OVERLAP} 天以内）。",
            f"There is a good key. Say until which day it holds, within {LONGEST_OVERLAP} days.",
        )
    for key in older:
        key.valid_until = min(key.valid_until or last_day, last_day)
        key.save(update_fields=["valid_until"])


@transaction.atomic
def revoke_key(*, by: str, provider: str, name: str, reason: str) -> None:
    """End a key at once. UsageError without a reason, or for one that is revoked."""
    held = _held(provider)
    key = Key.objects.select_for_update().filter(pk=name, onboarding=held).first()
    if key is None:
        raise Missing
    if key.revoked_at is not None:
        raise UsageError(f"密钥 {name} 已经作废。", f"The key {name} is revoked already.")
    key.revoked_at, key.revoked_by, key.revoked_reason = timezone.now(), by, _reason(reason)
    key.save(update_fields=["revoked_at", "revoked_by", "revoked_reason"])
    _note(by, "onboarding.revoke", provider, {"key": name, "reason": key.revoked_reason})
    _publish_after()


@transaction.atomic
def open_problem(*, by: str, provider: str, words: str) -> Problem:
    """Note a problem of the connection."""
    held = _held(provider)
    problem = Problem.objects.create(onboarding=held, area=held.area, words=_reason(words), opened_by=by)
    _note(by, "onboarding.problem", provider, {"problem": problem.pk})
    _tell(by, "connection-problem", held)
    return problem


@transaction.atomic
def close_problem(*, by: str, provider: str, number: int, how: str) -> None:
    """Close a problem, saying how it was solved."""
    held = _held(provider)
    problem = Problem.objects.select_for_update().filter(pk=number, onboarding=held).first()
    if problem is None:
        raise Missing
    if problem.closed_at is not None:
        raise UsageError("这个问题已经关闭。", "This problem is closed already.")
    problem.closed_at, problem.closed_by, problem.closed_how = timezone.now(), by, _reason(how)
    problem.save(update_fields=["closed_at", "closed_by", "closed_how"])
    _note(by, "onboarding.solved", provider, {"problem": number})
    _tell(by, "connection-solved", held)


@transaction.atomic
def set_strength(*, by: str, rule: str, area: str, provider: str | None, strength: str, reason: str) -> None:
    """How strong a rule's reminders are at a place, in place of what was set there.

    UsageError for an unknown rule or strength, a place out of scope, or for want of a reason.
    """
    if provider:
        area = _held(provider).area
    elif area != EVERYWHERE or not queries.sees_all():
        _own_area(area)
    if strength not in StrengthChoice.values or rule not in queries.rule_names():
        raise UsageError("请选择规则和强度。", "Choose a rule and a strength.")
    _turn(f"strength {rule}")
    now, words = timezone.now(), _reason(reason)
    place = Q(area=area, provider=provider) if provider else Q(area=area, provider=None)
    before = ReminderStrength.objects.select_for_update().filter(place, rule=rule, withdrawn_at=None).first()
    if before is not None:
        before.withdrawn_at, before.withdrawn_by, before.withdrawn_reason = now, by, words
        before.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    ReminderStrength.objects.create(
        rule=rule, area=area, provider=provider, strength=strength, reason=words, set_by=by
    )
    subject = provider or f"area:{area}"
    _note(by, "onboarding.strength", subject, {"rule": rule, "strength": strength, "reason": words})
    _publish_after()


@transaction.atomic
def withdraw_strength(*, by: str, number: int, reason: str) -> None:
    """What was set holds no longer; what an area above set, or the rule itself, counts again."""
    held = ReminderStrength.objects.select_for_update().filter(pk=number).first()
    if held is None:
        raise Missing
    if held.withdrawn_at is not None:
        raise UsageError("这项强度已经撤销。", "This strength is withdrawn already.")
    held.withdrawn_at, held.withdrawn_by, held.withdrawn_reason = timezone.now(), by, _reason(reason)
    held.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    subject = held.provider or f"area:{held.area}"
    _note(by, "onboarding.strength-withdrawn", subject, {"rule": held.rule, "reason": held.withdrawn_reason})
    _publish_after()


@transaction.atomic
def snooze(*, by: str, rule: str, provider: str, department: str, practitioner: str, until: date | None,
           reason: str) -> Snooze:  # fmt: skip
    """Keep a rule's advice from a provider, or a department or practitioner of it, until a day, that day included.

    It takes the place of one there. UsageError for a rule that does more than advise there, a day beyond
    LONGEST_SNOOZE, or for want of a reason.
    """
    held = _held(provider)
    department, practitioner = department.strip()[:60], practitioner.strip()[:60]
    if rule not in queries.rule_names():
        raise UsageError("请选择规则。", "Choose a rule.")
    now, words = timezone.localdate(), _reason(reason)
    if until is None or not now <= until <= now + timedelta(days=LONGEST_SNOOZE):
        raise UsageError(
            f"请写明暂停到哪一天（今天起 {LONGEST_SNOOZE} 天以内）。",
            f"Say until which day, within {LONGEST_SNOOZE} days.",
        )
    if queries.strength_at(rule, provider, held.area) != StrengthChoice.ADVISE:
        raise UsageError(
            "这条规则在该机构须填理由或拦截，不能暂停，只有“提示”可以。",
            "The rule asks for a reason or blocks there; only mere advice can be snoozed.",
        )
    _turn(f"snooze {rule} {provider}")
    place = {"rule": rule, "provider": provider, "department": department, "practitioner": practitioner}
    before = Snooze.objects.select_for_update().filter(**place, ended_at=None).first()
    if before is not None:
        _ended(before, by, words)
    made = Snooze.objects.create(**place, area=held.area, until=until, reason=words, set_by=by)
    detail = {"rule": rule, "department": department, "practitioner": practitioner, "until": str(until)}
    _note(by, "onboarding.snooze", provider, detail | {"reason": words})
    _publish_after()
    return made


@transaction.atomic
def end_snooze(*, by: str, number: int, reason: str) -> None:
    """Let what was snoozed be shown again before its day. UsageError for one that has ended."""
    held = Snooze.objects.select_for_update().filter(pk=number).first()
    if held is None:
        raise Missing
    if held.ended_at is not None or held.until < timezone.localdate():
        raise UsageError("这项暂停已经结束。", "This snooze has ended.")
    _ended(held, by, _reason(reason))
    _note(by, "onboarding.snooze-ended", held.provider, {"rule": held.rule, "reason": held.ended_reason})
    _publish_after()


@transaction.atomic
def say_code(*, by: str, area: str, field: str, code: str, national: str, reason: str) -> CodeAlias:
    """Say what an area's own code of a field stands for, in place of what was said; nothing national is empty.

    UsageError for a field without a list, a national code that isn't in it, an area out of scope, or no reason.
    """
    code, national, known = code.strip(), national.strip(), DICTIONARIES.get(field)
    if known is None or not 0 < len(code) <= 20:
        raise UsageError("请选择字段，并写明本地代码（20 位以内）。", "Choose a field and give the local code.")
    if national and national not in known.codes:
        raise UsageError(
            f"国家代码 {national[:20]} 不在“{known.zh}”的代码表里。", f"{national[:20]} isn't in the national list."
        )
    if area != EVERYWHERE or not queries.sees_all():
        _own_area(area)
    words = _reason(reason)
    _turn(f"code {area} {field} {code}")
    before = CodeAlias.objects.select_for_update().filter(area=area, field=field, code=code, ended_at=None).first()
    if before is not None:
        _ended(before, by, words)
    made = CodeAlias.objects.create(area=area, field=field, code=code, national=national, reason=words, set_by=by)
    detail = {"field": field, "code": code, "national": national, "reason": words}
    _note(by, "onboarding.code", f"area:{area}", detail)
    _publish_after()
    return made


@transaction.atomic
def unsay_code(*, by: str, number: int, reason: str) -> None:
    """What was said of a code holds no longer."""
    held = CodeAlias.objects.select_for_update().filter(pk=number).first()
    if held is None:
        raise Missing
    if held.ended_at is not None:
        raise UsageError("这条对照已经撤销。", "This entry is withdrawn already.")
    _ended(held, by, _reason(reason))
    detail = {"field": held.field, "code": held.code, "reason": held.ended_reason}
    _note(by, "onboarding.code-ended", f"area:{held.area}", detail)
    _publish_after()


def _ended(held: Snooze | CodeAlias, by: str, words: str) -> None:
    held.ended_at, held.ended_by, held.ended_reason = timezone.now(), by, words
    held.save(update_fields=["ended_at", "ended_by", "ended_reason"])


class Missing(Exception):
    """There is nothing of that number within the person's scope."""


def good_keys(held: Onboarding) -> Any:
    """The provider's keys that hold today."""
    return Key.objects.filter(onboarding=held, revoked_at=None).exclude(valid_until__lt=timezone.localdate())


def _environments(held: Onboarding) -> frozenset[str]:
    return frozenset(good_keys(held).values_list("environment", flat=True))


def _held(provider: str) -> Onboarding:
    """The connection, held until the transaction ends. Row security makes those of other areas missing."""
    held = Onboarding.objects.select_for_update().filter(pk=provider).first()
    if held is None:
        raise Missing
    return held


def _own_area(area: str) -> None:
    if queries.sees_all() and area.isascii() and area.isalnum() and len(area) <= 12:
        return  # the tree of areas may not be planted yet
    if area not in {one["code"] for one in queries.areas()}:
        raise UsageError("请选择辖区之内的区划。", "Choose an area within your scope.")


def _reason(words: str) -> str:
    if not words.strip():
        raise UsageError("请写明理由。", "Please give the reason.")
    return words.strip()[:2000]


def _turn(what: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [what])


def _tell(by: str, event: str, held: Onboarding) -> None:
    with connection.cursor() as cursor:
        tell(cursor, event, by=by, area=held.area, subject=held.provider, code=held.provider, name=held.name)


def _note(by: str, action: str, subject: str, detail: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        enter(cursor, by=by, action=action, subject=f"onboarding:{subject}", detail=detail)


def _publish_after() -> None:
    """Gates take it up within two seconds of the commit. Where it can't be written the page offers to try again."""
    transaction.on_commit(_published)


def _published() -> None:
    try:
        publish_now(settings.HOME)
    except (MingchaError, OSError) as error:
        _log.error("keys and strengths were not published: %s", type(error).__name__)
