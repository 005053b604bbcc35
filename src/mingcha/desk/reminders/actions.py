"""Writes of the reminders app: a reviewer's verdict on what was insisted against, and what left the house."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from mingcha.desk.reminders.models import Outcome, Reminder, Verdict
from mingcha.desk.trail.actions import enter
from mingcha.terms.errors import UsageError


class Missing(Exception):
    """There is no such reminder within the person's scope."""


@transaction.atomic
def judge(*, by: str, number: int, verdict: str, reason: str) -> None:
    """Say whether a reminder that was insisted against was a false alarm. A later verdict takes an earlier one's place.

    UsageError without a reason, or where nobody insisted.
    """
    with connection.cursor() as cursor:
        # A delivery locks a day's counts and then reminders; who locked a reminder first would meet it halfway.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('mingcha deliver'))")
    held = Reminder.objects.select_for_update().filter(pk=number).first()
    if held is None:
        raise Missing
    if held.outcome != Outcome.INSISTED:
        raise UsageError(
            "医师没有坚持这条提醒，不需要复核。", "Nobody insisted against this reminder; it needs no review."
        )
    if verdict not in Verdict.values:
        raise UsageError("请选择误报或提醒正确。", "Choose false alarm or right.")
    if not reason.strip():
        raise UsageError("请写明复核的理由。", "Please give the reason.")
    held.verdict, held.verdict_reason, held.verdict_by = verdict, reason.strip()[:2000], by
    held.verdict_at = timezone.now()
    held.save(update_fields=["verdict", "verdict_reason", "verdict_by", "verdict_at"])
    detail = {"rule": held.rule, "verdict": verdict, "reason": held.verdict_reason}
    with connection.cursor() as cursor:
        enter(cursor, by=by, action="reminders.judge", subject=f"reminder:{number}", detail=detail)


@transaction.atomic
def unmask(*, by: str, call: dict[str, Any], reason: str) -> None:
    """Note who opens the message of a call, and why, before anything is shown.

    UsageError without a reason, or where the person is insured outside the reader's areas.
    """
    if not reason.strip():
        raise UsageError("请写明查看的理由。", "Please say why you need to see it.")
    if not call["own"]:
        raise UsageError("这个人的参保地不在您的辖区，不能查看。", "The person is insured outside your areas.")
    detail = {"reason": reason.strip()[:500], "provider": call["provider"]}
    with connection.cursor() as cursor:
        enter(cursor, by=by, action="reminders.unmask", subject=f"reminder-call:{call['id']}", detail=detail)


@transaction.atomic
def note_export(*, by: str, rows: int, query: str) -> None:
    """Write into the trail that reminders left the house: who, how many, under which filter."""
    with connection.cursor() as cursor:
        enter(cursor, by=by, action="reminders.export", subject="reminders", detail={"rows": rows, "query": query})
