"""Writes of the library app: every step in the life of a change to a rule, each one transaction with its actor."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import Any, cast

from django.conf import settings
from django.db import connection, transaction

from mingcha.desk.accounts.models import Role
from mingcha.desk.library import trial as trials
from mingcha.desk.library.models import Draft, Intent, Trial, Version
from mingcha.desk.library.shelf import known, shelved
from mingcha.desk.library.takedown import start as take_down
from mingcha.desk.notices.telling import tell
from mingcha.desk.trail.actions import enter
from mingcha.engines.cases import run_cases
from mingcha.knowledge.archive import rule_from
from mingcha.knowledge.hashing import canonical_json
from mingcha.knowledge.pack import Pack, Rule
from mingcha.knowledge.review import ERROR, WARNING, Remark, review
from mingcha.procedure.rule_life import after
from mingcha.terms.errors import UsageError

SIGNERS = frozenset({Role.LEADER.value})
"""Roles whose signature puts a change in force."""


def as_json(rule: Rule) -> dict[str, Any]:
    """The rule as a draft keeps it: what `archive.rule_from` reads back, without worked cases."""
    return json.loads(canonical_json(rule))


def content_of(draft: Draft) -> Rule | None:
    """The changed rule of a draft; None for a withdrawal."""
    return rule_from(draft.content) if draft.content else None


@transaction.atomic
def open_draft(*, by: str, rule: str, intent: str, reason: str, today: date) -> Draft:
    """Begin a change to a rule in force, from tomorrow. UsageError without a reason, or while another one is open."""
    if not reason.strip():
        raise UsageError(
            "请写明为什么要改：依据的文件、会议或发现的问题。", "Please say why: a document, a meeting, a problem."
        )
    with connection.cursor() as cursor:
        base = _base(cursor, rule, intent, today)
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"draft {rule}"])
    open_one = Draft.objects.filter(rule=rule).exclude(state__in=("signed", "discarded")).first()
    if open_one:
        raise UsageError(
            f"这条规则已有一项未办结的变更（{open_one.author} 起草，第 {open_one.pk} 号）。请先办结或作废它。",
            f"A change to this rule is under way, number {open_one.pk} by {open_one.author}. Close that first.",
        )
    draft = Draft.objects.create(
        rule=rule, intent=intent, state="draft", author=by, reason=reason.strip(),
        content=as_json(base) if intent == Intent.REVISE else None, base_version=base.version,
        valid_from=today + timedelta(days=1),
    )  # fmt: skip
    _note(by, "library.draft", draft, {"rule": rule, "intent": intent, "reason": draft.reason})
    return draft


def _base(cursor: Any, rule: str, intent: str, today: date) -> Rule:
    """What the change starts from; a withdrawn rule comes back by revising it."""
    try:
        base, in_force = known(cursor, rule, today)
    except KeyError as error:
        raise UsageError(f"没有规则 {rule}。", f"There is no rule {rule}.") from error
    if intent == Intent.WITHDRAW and not in_force:
        raise UsageError("这条规则已经停用。", "This rule is withdrawn already.")
    return base


@transaction.atomic
def edit_draft(*, by: str, draft_id: int, revision: int, edit: Callable[[Rule], Rule], what: dict[str, Any]) -> Draft:
    """Apply one edit to the changed rule. What was checked or tried before no longer counts.

    UsageError when someone else's edit came first (nothing is lost: theirs stays, this one was not applied);
    InputError from the edit itself.
    """
    draft = _locked(draft_id)
    draft.state = after("edit", draft.state, draft.intent, by=by, author=draft.author)
    if revision != draft.revision:
        raise UsageError(
            "您打开页面之后，这项变更又改过一次。下面是最新内容，请核对后再改。",
            "The change was edited after you opened the page. This is how it stands now; please look and try again.",
        )
    before = content_of(draft)
    if before is None:
        raise UsageError("停用没有可修改的内容。", "A withdrawal has no content to edit.")
    draft.content = cast(Any, as_json(edit(before)))  # a JSON field that may be null, to the type checker only null
    draft.revision += 1
    draft.remarks = []
    _save(draft)
    _note(by, "library.edit", draft, {"rule": draft.rule, "revision": draft.revision, **what})
    return draft


@transaction.atomic
def set_terms(*, by: str, draft_id: int, reason: str, valid_from: date, today: date) -> Draft:
    """Why, and from which day. UsageError for a day that is over, or after the change has gone for signature."""
    draft = _locked(draft_id)
    after("edit", draft.state, draft.intent, by=by, author=draft.author)
    if valid_from < today:
        raise UsageError(
            f"生效日期 {valid_from} 已经过去，请选今天或以后。", f"{valid_from} is past; choose today or later."
        )
    if not reason.strip():
        raise UsageError("请写明变更的理由。", "Please give the reason for the change.")
    draft.reason, draft.valid_from = reason.strip(), valid_from
    _save(draft)
    _note(by, "library.terms", draft, {"reason": draft.reason, "valid_from": str(valid_from)})
    return draft


@transaction.atomic
def check_draft(*, by: str, draft_id: int, today: date) -> Draft:
    """Review the change and judge the rule's worked cases with it; an error keeps it a draft."""
    draft = _locked(draft_id)
    state = after("check", draft.state, draft.intent, by=by, author=draft.author)
    new = content_of(draft)
    assert new is not None
    with connection.cursor() as cursor:
        pack = shelved(cursor, today)
    remarks = [*review(new, pack, today), *_cases(pack, new)]
    draft.remarks = [asdict(remark) for remark in remarks]
    if not any(remark.level == ERROR for remark in remarks):
        draft.state = state
    _save(draft)
    _note(by, "library.check", draft, {"errors": sum(r.level == ERROR for r in remarks), "remarks": len(remarks)})
    return draft


def _cases(pack: Pack, new: Rule) -> list[Remark]:
    """Worked cases that come out otherwise with the change: wanted perhaps, but someone has to look."""
    from mingcha.desk.library.shelf import shipped

    original = next((rule for rule in shipped().rules if rule.id == new.id), None)
    if original is None:
        return []
    judged = run_cases("memory", replace(pack, rules=(replace(new, cases=original.cases),)))
    return [
        Remark(
            WARNING,
            f"例子“{one.case.name}”的结论变了：{one.wrong}",
            f"the worked case “{one.case.name}” comes out otherwise: {one.wrong}",
        )
        for one in judged
        if one.wrong
    ]


@transaction.atomic
def begin_trial(*, by: str, draft_id: int, since: date | None, until: date | None) -> Trial:
    """Queue a trial of the change and begin it once this transaction is in; UsageError before it was checked."""
    draft = _locked(draft_id)
    if draft.author != by:
        raise UsageError("只有起草人可以试算。", "Only the person who drafted the change may try it.")
    if draft.state not in ("checked", "trialled"):
        raise UsageError("请先通过检查再试算。", "Please check the change first.")
    if since and until and since > until:
        raise UsageError(f"开始日期 {since} 晚于结束日期 {until}。", f"{since} is after {until}.")
    trial = Trial.objects.create(
        draft=draft, revision=draft.revision, shadow=False, state=Trial.State.QUEUED, by=by, since=since, until=until
    )
    _note(by, "library.trial", draft, {"trial": trial.pk, "since": str(since or ""), "until": str(until or "")})
    transaction.on_commit(lambda: trials.start(settings.HOME, trial.pk))
    return trial


@transaction.atomic
def move(*, by: str, draft_id: int, name: str, reason: str = "") -> Draft:
    """Shadow, submit, return or discard, as procedure.rule_life allows."""
    draft = _locked(draft_id)
    draft.state = after(name, draft.state, draft.intent, by=by, author=draft.author, reason=reason)
    _save(draft)
    _note(by, f"library.{name}", draft, {"rule": draft.rule, "reason": reason.strip()})
    if draft.state == "submitted":
        with connection.cursor() as cursor:
            tell(cursor, "change-waits", by=by, area="*")
    return draft


@transaction.atomic
def sign(*, by: str, draft_id: int, revision: int, today: date) -> Version:
    """The second signature: from its date the change is the rule. A withdrawal that begins today takes findings back.

    UsageError when the change is not what the signer has read, or the signer drafted it.
    """
    draft = _locked(draft_id)
    draft.state = after("sign", draft.state, draft.intent, by=by, author=draft.author)
    if revision != draft.revision:
        raise UsageError(
            "这项变更在您阅读之后改过，请重新阅读再签署。", "The change was edited after you read it; read it again."
        )
    if draft.valid_from < today:  # it waited for the signature past its date
        draft.valid_from = today
    last = Version.objects.filter(rule=draft.rule).order_by("-number").values_list("number", flat=True).first()
    version = Version.objects.create(
        rule=draft.rule, number=max(draft.base_version, last or 0) + 1, intent=draft.intent, content=draft.content,
        valid_from=draft.valid_from, draft=draft, author=draft.author, signer=by, reason=draft.reason,
    )  # fmt: skip
    _save(draft)
    detail = {"rule": draft.rule, "version": version.number, "valid_from": str(version.valid_from)}
    _note(by, "library.sign", draft, detail | {"author": draft.author, "intent": draft.intent})
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM rule_directory WHERE rule = %s", [draft.rule])
        (name,) = cursor.fetchone() or (draft.rule,)
        tell(cursor, "change-signed", by=by, area="*", subject=f"draft:{draft.pk}", rule=draft.rule, name=name,
             since=str(version.valid_from))  # fmt: skip
    if draft.intent == Intent.WITHDRAW and version.valid_from <= today:
        transaction.on_commit(lambda: take_down(settings.HOME, draft.rule, by))
    return version


def _locked(draft_id: int) -> Draft:
    """The draft, held until the transaction ends: two people at once act one after the other."""
    draft = Draft.objects.select_for_update().filter(pk=draft_id).first()
    if draft is None:
        raise UsageError(f"没有第 {draft_id} 号变更。", f"There is no change number {draft_id}.")
    return draft


def _save(draft: Draft) -> None:
    from django.utils import timezone

    draft.changed_at = timezone.now()
    draft.save()


def _note(by: str, action: str, draft: Draft, detail: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        enter(cursor, by=by, action=action, subject=f"rule-draft:{draft.pk}", detail=detail)


def note_rows(*, by: str, rule: str) -> None:
    """Write into the trail that a rule's knowledge rows were taken out as a file."""
    with connection.cursor() as cursor:
        enter(cursor, by=by, action="library.export", subject=f"rule:{rule}")
