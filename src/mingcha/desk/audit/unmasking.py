"""Showing whose a finding is: for one view of the page, with a reason, entered in the trail."""

from __future__ import annotations

from django.db import connection, transaction

from mingcha.desk.audit.queries import Row
from mingcha.desk.trail.actions import enter
from mingcha.terms.errors import UsageError


@transaction.atomic
def unmask(*, by: str, found: Row, reason: str) -> None:
    """Note who looks at whom, and why, before anything is shown. The person is named by token only.

    UsageError without a reason, or where nothing about the person may be opened.
    """
    if not reason.strip():
        raise UsageError("请写明查看的理由。", "Please say why you need to see it.")
    if not found["who"]:
        raise UsageError(
            "这个人的信息不在您的辖区，或者已经删除，不能查看。", "Who this is lies outside your areas or was erased."
        )
    with connection.cursor() as cursor:
        detail = {"reason": reason.strip()[:500], "finding": found["id"]}
        enter(cursor, by=by, action="person.unmask", subject=f"person:{found['person']}", detail=detail)
