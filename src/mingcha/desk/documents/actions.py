"""Moves of documents: edited, submitted, signed, delivered, voided. Each in the caller's transaction.

The signature renders both forms and takes the number in one transaction: what fails, or is killed, takes none. The row
of the organ's word and year is locked until then, so two signatures follow each other and no number is left out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings

from mingcha.desk.documents import office_templates, rendering
from mingcha.desk.documents.drafting import SETTING, organ_of
from mingcha.desk.notices.telling import tell
from mingcha.desk.review.papers import keep
from mingcha.desk.trail.actions import enter
from mingcha.desk.trail.settings import Change, put
from mingcha.procedure import documents
from mingcha.procedure.documents import FITTING, HOW, KINDS, MOVES, SECOND
from mingcha.terms.calendar import today
from mingcha.terms.errors import UsageError

EDITED = ("title", "addressee", "contact")
LISTS = ("body", "after", "attachments")
LONGEST = 20_000
"""Characters of one field of a draft."""


@dataclass(frozen=True)
class Hands:
    """Who acts, and the login names the act counts for: with a lent post, the lender's as well."""

    name: str
    all: tuple[str, ...]

    @property
    def list(self) -> list[str]:
        """The login names, for the database."""
        return [*self.all]


@dataclass(frozen=True)
class Delivery:
    """How a document reached whom it is for, when, and who took it."""

    how: str
    day: date
    received_by: str


def act(cursor: Any, *, by: Hands, document: int, name: str, reason: str = "") -> str:
    """Make one of the moves that change nothing but the state, or sign; the state it leads to.

    UsageError as procedure.documents.after, and where the organ has no word yet.
    """
    one = _locked(cursor, document)
    state = _after(one, name, by, reason)
    if state == "signed":
        _sign(cursor, by, one)
    else:
        cursor.execute("UPDATE document SET state = %s WHERE id = %s", [state, document])
    _note(cursor, by.name, name, one, reason)
    enter(cursor, by=by.name, action=f"document.{name}", subject=f"document:{document}",
          detail={"status": state} | ({"reason": reason.strip()} if reason.strip() else {}))  # fmt: skip
    _tell(cursor, by.name, name, one)
    return state


def edit(cursor: Any, *, by: Hands, document: int, told: dict[str, Any]) -> None:
    """Change what a draft says: EDITED texts and LISTS of paragraphs. UsageError for an empty title or too much."""
    one = _locked(cursor, document)
    _after(one, "edit", by, "")
    old = {name: one["content"][name] for name in (*EDITED, *LISTS)}
    new = {name: told[name] for name in (*EDITED, *LISTS)}
    if not new["title"] or not new["addressee"]:
        raise UsageError("标题和受文单位不能空着。", "Title and addressee can't be empty.")
    if any(len(json.dumps(value, ensure_ascii=False)) > LONGEST for value in new.values()):
        raise UsageError(f"每一栏最多 {LONGEST:,} 字。", f"A field holds {LONGEST:,} characters at most.")
    changed = [name for name in new if new[name] != old[name]]
    if not changed:
        return
    content = json.dumps(one["content"] | new, ensure_ascii=False)
    cursor.execute("UPDATE document SET content = %s::jsonb WHERE id = %s", [content, document])
    _note(cursor, by.name, "edit", one, "")
    detail = {"old": {name: old[name] for name in changed}, "new": {name: new[name] for name in changed}}
    enter(cursor, by=by.name, action="document.edit", subject=f"document:{document}", detail=detail)


def deliver(cursor: Any, *, by: str, document: int, delivery: Delivery) -> bool:
    """Record that it arrived; False when that way is recorded already. UsageError for an impossible day or way."""
    one = _locked(cursor, document)
    if delivery.how not in HOW or not delivery.received_by.strip():
        raise UsageError("请选择送达方式，并填写签收人或见证人。", "Say how it arrived and who took it.")
    if one["state"] not in ("signed", "delivered"):
        documents.after("deliver", one["kind"], one["state"], by=by, author=one["author"])
    if not (one["signed_on"] <= delivery.day <= today()):
        raise UsageError("送达日期应在签发之后，且不晚于今天。", "It can't arrive before the signature.")
    cursor.execute(
        "INSERT INTO document_delivery (document_id, how, area, provider, day, received_by, by)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        [document, delivery.how, one["area"], one["provider"], delivery.day, delivery.received_by.strip()[:60], by],
    )
    if not cursor.rowcount:
        return False
    if one["state"] == "signed":
        cursor.execute("UPDATE document SET state = 'delivered' WHERE id = %s", [document])
    _note(cursor, by, "deliver", one, HOW[delivery.how][0])
    enter(cursor, by=by, action="document.deliver", subject=f"document:{document}",
          detail={"how": delivery.how, "day": str(delivery.day)})  # fmt: skip
    return True


def set_organ(cursor: Any, *, by: str, area: str, since: date, told: dict[str, str], reason: str) -> None:
    """Name, word and contact of the organ that issues an area's documents, from a day on.

    UsageError for a word that can't stand in a number, an area out of scope, a past day, or without a reason.
    """
    documents.number(told["word"], since, 1)
    if not told["name"] or not reason.strip():
        raise UsageError("请填写机关名称和理由。", "Give the organ's name and the reason.")
    if since < today():
        raise UsageError("生效日期不能早于今天。", "It can't hold before today.")
    put(cursor, by=by, key=SETTING, action="document.organ", change=Change(area, since, told, reason.strip()))


def day_words(day: date) -> str:
    """A day as documents write it."""
    return f"{day.year}年{day.month}月{day.day}日"


def _sign(cursor: Any, by: Hands, one: dict[str, Any]) -> None:
    word, day = organ_of(cursor, one["area"]).word, today()
    if not word:
        raise UsageError(
            "还没有设定机关代字，不能编号。请监管岗或分管领导在“文书”页的“机关代字”中设定。",
            "The organ has no word for its numbers yet; a supervisor or leader sets it.",
        )
    documents.number(word, day, 1)
    _unchanged(cursor, one)
    cursor.execute(
        "INSERT INTO document_number (word, year, last) VALUES (%s, %s, 1)"
        " ON CONFLICT (word, year) DO UPDATE SET last = document_number.last + 1 RETURNING last",
        [word, day.year],
    )
    (sequence,) = cursor.fetchone()
    number = documents.number(word, day, sequence)
    told = rendering.fields(one["content"], number=number, day=day_words(day))
    made = rendering.render(office_templates.in_force(cursor, one["area"], one["kind"]).content, told)
    cursor.execute(
        "UPDATE document SET state = 'signed', signer = %s, signed_at = now(), word = %s, year = %s, sequence = %s,"
        " number = %s, docx_sha256 = %s, pdf_sha256 = %s, pdf_sm3 = %s WHERE id = %s",
        [by.name, word, day.year, sequence, number, keep(settings.HOME, made.docx), keep(settings.HOME, made.pdf),
         made.pdf_sm3, one["id"]],
    )  # fmt: skip


def _unchanged(cursor: Any, one: dict[str, Any]) -> None:
    """What is signed holds on the day of the signature. UsageError where findings moved on, or amounts are others."""
    if one["kind"] == "statement":
        cursor.execute("SELECT s.status = 'approved' FROM money_statement s JOIN document d ON d.statement_id = s.id"
                       " WHERE d.id = %s", [one["id"]])  # fmt: skip
        row = cursor.fetchone()
        if row is None or not row[0]:
            raise UsageError("扣款单已不是审批通过的状态，请弃稿。", "The statement isn't approved any longer.")
        return
    cursor.execute(
        "WITH held AS (SELECT step, counted_fen FROM finding WHERE id IN (SELECT finding_id FROM document_finding"
        " WHERE document_id = %s) ORDER BY id FOR SHARE)"
        " SELECT count(*) FILTER (WHERE step <> ALL(%s)), coalesce(sum(counted_fen), 0)::bigint FROM held",
        [one["id"], list(FITTING[one["kind"]])],
    )
    moved, fen = cursor.fetchone()
    if moved or fen != one["content"]["fen"]:
        raise UsageError(
            f"起草之后疑点有了变化：{moved} 条已转到别的环节，金额由 {one['content']['fen'] / 100:,.2f} 元变为"
            f" {fen / 100:,.2f} 元。请退回、弃稿后重新起草。",
            "Findings moved on or changed their amounts since the draft; discard it and draft anew.",
        )


def _after(one: dict[str, Any], name: str, by: Hands, reason: str) -> str:
    """The state the move leads to; an act with a lent post is the lender's, too."""
    shared = set(by.all) & set(one["author_hands"])
    who = one["author"] if MOVES[name].whose == SECOND and shared else by.name
    return documents.after(name, one["kind"], one["state"], by=who, author=one["author"], reason=reason)


def _locked(cursor: Any, document: int) -> dict[str, Any]:
    cursor.execute(
        "SELECT id, kind, area, provider, content::text, state, number, author, author_hands,"
        " (signed_at AT TIME ZONE 'Asia/Shanghai')::date AS signed_on FROM document WHERE id = %s FOR UPDATE",
        [document],
    )
    row = cursor.fetchone()
    if row is None:
        raise UsageError("没有这份文书，请回到列表再看。", "There is no such document; go back to the list.")
    one = dict(zip([column[0] for column in cursor.description], row, strict=True))
    return one | {"content": json.loads(one["content"])}


def _tell(cursor: Any, by: str, name: str, one: dict[str, Any]) -> None:
    """Who signs, who drafted and who receives; drafts thrown away concern nobody else."""
    here = {"by": by, "area": one["area"]}
    if name == "submit":
        tell(cursor, "documents-wait", **here)
    elif name == "return":
        tell(cursor, "document-back", by=by, account=one["author"], document=one["id"], title=one["content"]["title"])
    elif name == "void":
        tell(cursor, "document-voided", **here, provider=one["provider"], number=one["number"])
    elif name in ("sign", "issue"):
        tell(cursor, "documents-came", **here, provider=one["provider"])
        if by != one["author"]:
            tell(cursor, "documents-signed", by=by, account=one["author"])


def _note(cursor: Any, by: str, move: str, one: dict[str, Any], reason: str) -> None:
    cursor.execute(
        "INSERT INTO document_event (document_id, area, provider, move, by, reason) VALUES (%s, %s, %s, %s, %s, %s)",
        [one["id"], one["area"], one["provider"], move, by, reason.strip()[:2000]],
    )


MADE = tuple(name for name in MOVES if name not in ("edit", "deliver"))
"""The moves `act` makes."""
BY_SECOND = tuple(name for name in MADE if MOVES[name].whose == SECOND)
"""Those of them that a second person makes."""
assert set(KINDS) == {"feedback", "decision", "opinion", "statement"}, "the table's CHECK names them"
