"""What the settlement system says came in: a whole file is booked, or nothing of it."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from mingcha.desk.money.actions import receive
from mingcha.desk.money.forms import Returned
from mingcha.desk.review.actors import Actor
from mingcha.terms.errors import InputError, UsageError


def book(cursor: Any, *, actor: Actor, found: list[Returned]) -> tuple[int, int]:
    """Book the rows; how many were booked, and how many had been booked before (the same file twice books nothing).

    Two rows that agree in statement, day, amount and voucher are two receipts within one file, but the same receipts
    when they come again in another. InputError names the row that can't be booked.
    """
    seen, booked = Counter[tuple[Any, ...]](), 0
    for one in found:
        same = one[1:5]  # the manner may be corrected by hand in a file that is sent again: it is the same money
        seen[same] += 1
        token = uuid5(NAMESPACE_URL, f"mingcha:return:{same}:{seen[same]}")
        cursor.execute("SELECT id FROM money_statement WHERE number = %s AND status = 'approved'", [one.number])
        row = cursor.fetchone()
        if row is None:
            raise InputError(
                f"第 {one.row} 行：没有已审批的扣款单 {one.number}。整个文件没有登记。",
                f"Row {one.row}: there is no approved statement {one.number}. Nothing of the file was booked.",
            )
        try:
            booked += receive(
                cursor, actor=actor, statement=row[0], fen=one.fen, day=one.day, voucher=one.voucher, token=token,
                manner=one.manner,
            )  # fmt: skip
        except UsageError as error:
            raise InputError(
                f"第 {one.row} 行：{error.zh}整个文件没有登记。", f"Row {one.row}: {error.en} Nothing was booked."
            ) from error
    return booked, len(found) - booked
