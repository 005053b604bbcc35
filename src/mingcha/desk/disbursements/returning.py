"""What the bank's return file says of each row: booked whole or not at all, once, and never taken back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from mingcha.desk.benefits.entries import Fault
from mingcha.desk.benefits.sheets import Faulty, read_sheet
from mingcha.desk.benefits.terms import terms_of
from mingcha.desk.disbursements.actions import Held, held_by, in_post, lock
from mingcha.desk.money.forms import read_day, read_fen
from mingcha.desk.notices.telling import tell
from mingcha.desk.trail.actions import enter
from mingcha.procedure.disbursements import ENTRY, refuse_held
from mingcha.terms.calendar import today
from mingcha.terms.errors import InputError, UsageError

if TYPE_CHECKING:
    from mingcha.desk.review.actors import Actor

COLUMNS = {"拨付编号": "batch", "待遇编号": "item", "金额": "fen", "结果": "result", "原因": "why", "日期": "day"}
"""Headings of a return file, in any order; the reason's column may be missing where nothing failed."""

_NEEDED = ("拨付编号", "待遇编号", "金额", "结果", "日期")
_RESULTS = {"成功": "paid", "失败": "failed"}


@dataclass(frozen=True)
class Told:
    """What a file said: rows paid and failed that weren't known before, and rows that were."""

    paid: int
    failed: int
    known: int


def book(cursor: Any, *, actor: Actor, number: int, name: str, content: bytes) -> Told:
    """Book a return file for a sent batch. Faulty with every row that doesn't fit; then nothing is booked.

    A row that was told before with the same result is known; the same file twice changes nothing. When no row waits
    any more, the batch is returned.
    """
    held = lock(cursor, number)
    actor = in_post(cursor, actor, ENTRY, terms_of(cursor, held.fund_area).staffing)
    refuse_held(ENTRY, actor.hands, held_by(cursor, number))
    digest = hashlib.sha256(content).hexdigest()
    cursor.execute("SELECT rows FROM disbursement_file WHERE (disbursement_id, sha256) = (%s, %s)", [number, digest])
    if row := cursor.fetchone():
        return Told(0, 0, row[0])
    if held.step not in ("sent", "returned"):
        raise UsageError("这批还没有报送，不能登记回盘。", "The batch wasn't sent yet.")
    rows = _read(content)
    new = _fitting(cursor, held, rows)
    cursor.execute(
        "INSERT INTO disbursement_file (fund_area, disbursement_id, sha256, name, rows, told, by)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING id",
        [held.fund_area, number, digest, name[:200], len(rows), len(new), actor.name],
    )
    file = cursor.fetchone()[0]
    cursor.executemany(
        "UPDATE disbursement_row SET result = %s, why = %s, day = %s, file_id = %s"
        " WHERE disbursement_id = %s AND n = %s",
        [(one["result"], one["why"], one["day"], file, number, n) for n, one in new.items()],
    )
    failed = sum(one["result"] == "failed" for one in new.values())
    _close(cursor, held, actor, failed)
    detail = {"rows": len(rows), "paid": len(new) - failed, "failed": failed, "file": file}
    enter(cursor, by=actor.name, action="disbursements.book", subject=f"disbursement:{number}", detail=detail,
          items_digest=digest)  # fmt: skip
    return Told(len(new) - failed, failed, len(rows) - len(new))


def _read(content: bytes) -> list[tuple[int, dict[str, Any]]]:
    """The rows of a return file with their places. InputError for no such file, Faulty for what can't be read."""
    sheet = read_sheet(content)
    names = [COLUMNS.get(str(cell).strip().removesuffix("（元）"), "") for cell in sheet[0]] if sheet else []
    if missing := [words for words in _NEEDED if COLUMNS[words] not in names]:
        raise InputError(
            f"回盘文件第一行缺少这些列：{'、'.join(missing)}。", f"The first row lacks headings: {', '.join(missing)}."
        )
    found, faults = list[tuple[int, dict[str, Any]]](), list[Fault]()
    for at, cells in enumerate(sheet[1:], 2):
        if any(str(cell).strip() for cell in cells):
            found.append((at, _row(dict(zip(names, cells, strict=False)), at, faults)))
    if not found:
        raise InputError("回盘文件里没有数据行。", "The return file has no rows.")
    if faults:
        raise Faulty(faults)
    return found


def _row(cells: Mapping[str, Any], at: int, faults: list[Fault]) -> dict[str, Any]:
    told = {name: str(cells.get(name, "")).strip() for name in ("batch", "item", "why")}
    row: dict[str, Any] = told | {
        "fen": 0,
        "day": today(),
        "result": _RESULTS.get(str(cells.get("result", "")).strip()),
    }
    for words, name, read in (("金额", "fen", read_fen), ("日期", "day", read_day)):
        try:
            row[name] = read(cells.get(name, ""))
        except UsageError as error:
            faults.append(Fault(words, error.zh, at))
    if row["result"] is None:
        faults.append(Fault("结果", "应为“成功”或“失败”。", at))
    if row["result"] == "failed" and not row["why"]:
        faults.append(Fault("原因", "失败的要写明原因。", at))
    if isinstance(row["day"], date) and row["day"] > today():
        faults.append(Fault("日期", "不能晚于今天。", at))
    return row


def _fitting(cursor: Any, held: Held, rows: list[tuple[int, dict[str, Any]]]) -> dict[int, dict[str, Any]]:
    """What is new, by the batch's row. Faulty for rows of another batch, another sum, or another result than before."""
    cursor.execute(
        "SELECT b.number, r.n, r.fen, r.result FROM disbursement_row r JOIN benefit_item b ON b.id = r.item_id"
        " WHERE r.disbursement_id = %s AND r.result <> 'out'",
        [held.id],
    )
    known = {item: (n, fen, result) for item, n, fen, result in cursor.fetchall()}
    new, faults, seen = dict[int, dict[str, Any]](), list[Fault](), set[str]()
    for at, one in rows:
        n, fen, result = known.get(one["item"], (0, 0, ""))
        if one["batch"] != held.number:
            faults.append(Fault("拨付编号", f"不是 {held.number}。", at))
        elif not n:
            faults.append(Fault("待遇编号", f"{one['item']} 不在这批里。", at))
        elif one["item"] in seen:
            faults.append(Fault("待遇编号", f"{one['item']} 在文件里出现了两次。", at))
        elif one["fen"] != fen:
            faults.append(Fault("金额", f"报送的是 {fen / 100:,.2f} 元，回盘是 {one['fen'] / 100:,.2f} 元。", at))
        elif result not in ("waiting", one["result"]):
            faults.append(Fault("结果", f"{one['item']} 以前的回盘是另一个结果。", at))
        elif result == "waiting":
            new[n] = one
        seen.add(one["item"])
    if faults:
        raise Faulty(faults)
    return new


def _close(cursor: Any, held: Held, actor: Actor, failed: int) -> None:
    """The batch is returned when no row waits; finance learns of rows that failed."""
    cursor.execute(
        "UPDATE disbursement SET step = 'returned' WHERE id = %s AND step = 'sent' AND NOT EXISTS ("
        " SELECT FROM disbursement_row WHERE disbursement_id = %s AND result = 'waiting')",
        [held.id, held.id],
    )
    step = "returned" if cursor.rowcount or held.step == "returned" else "sent"
    cursor.execute(
        "INSERT INTO disbursement_move (token, disbursement_id, fund_area, name, level, before, after, by, acting_for,"
        " rows, fen) VALUES (%s, %s, %s, 'book', 'entry', %s, %s, %s, %s, %s, %s)",
        [str(uuid4()), held.id, held.fund_area, held.step, step, actor.name, actor.acting_for, held.rows, held.fen],
    )
    if failed:
        tell(cursor, "disbursement-failed", by=actor.name, area=held.fund_area, n=failed, subject=held.number,
             number=held.number, batch=held.id)  # fmt: skip
