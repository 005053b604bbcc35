"""Reads of the documents app: lists by state, one document with its history and deliveries, its files."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from mingcha.desk.audit.queries import Row, rows
from mingcha.desk.documents.rendering import sha256
from mingcha.desk.review.papers import place_of
from mingcha.procedure.documents import KINDS, MOVES, STATES
from mingcha.terms.errors import PlatformError

SHOWN = 50
"""Documents on a page of the list."""
ZIPPED = 200
"""Documents of one ZIP file at most."""
_LIST = """SELECT d.id, d.kind, d.area, d.provider, d.state, d.number, d.author, d.signer, d.drafted_at, d.signed_at,
    (d.content->>'fen')::bigint AS fen, jsonb_array_length(d.content->'rows') AS lines, d.content->>'title' AS title,
    coalesce(p.name, d.provider) AS provider_name, coalesce(a.display_name, d.author) AS author_name,
    coalesce(s.display_name, d.signer) AS signer_name,
    (SELECT min(v.at) FROM document_delivery v WHERE v.document_id = d.id AND v.how = 'portal') AS opened_at
    FROM document d LEFT JOIN provider_directory p ON p.provider = d.provider
    LEFT JOIN account a ON a.username = d.author LEFT JOIN account s ON s.username = d.signer"""

_WHOLE = _LIST.replace("SELECT", """SELECT d.content, d.statement_id, d.author_hands, d.docx_sha256, d.pdf_sha256,
    d.pdf_sm3,""", 1)


def counts() -> dict[str, int]:
    """Documents within the scope, by state."""
    return {row["state"]: row["n"] for row in rows("SELECT state, count(*) AS n FROM document GROUP BY 1")}


def page(tab: str, kind: str = "", q: str = "", before: int | None = None, limit: int = SHOWN) -> list[Row]:
    """The newest documents in a state (all for another word), one more than `limit` where there are more."""
    found = rows(
        f"{_LIST} WHERE (%(tab)s = '' OR d.state = %(tab)s) AND (%(kind)s = '' OR d.kind = %(kind)s)"
        " AND (%(q)s = '' OR strpos(concat_ws(' ', d.number, d.provider, p.name), %(q)s) > 0)"
        " AND (%(before)s::bigint IS NULL OR d.id < %(before)s) ORDER BY d.id DESC LIMIT %(limit)s",
        {"tab": tab if tab in STATES else "", "kind": kind if kind in KINDS else "", "q": q, "before": before,
         "limit": limit + 1},
    )  # fmt: skip
    return [named(one) for one in found]


def document(number: int) -> Row | None:
    """One document this person may see; None when there is none."""
    found = rows(f"{_WHOLE} WHERE d.id = %s", [number])
    return named(found[0]) if found else None


def named(one: Row) -> Row:
    """With the words of its kind and state."""
    return one | {"kind_words": KINDS[one["kind"]].zh, "state_words": STATES[one["state"]][0]}


def events(number: int) -> list[Row]:
    """What was done with it, the first first."""
    found = rows(
        "SELECT e.move, coalesce(a.display_name, e.by) AS who, e.reason, e.at FROM document_event e"
        " LEFT JOIN account a ON a.username = e.by WHERE e.document_id = %s ORDER BY e.id",
        [number],
    )
    return [one | {"words": MOVES[one["move"]].zh if one["move"] in MOVES else "起草"} for one in found]


def deliveries(number: int) -> list[Row]:
    """How and when it arrived."""
    return rows(
        "SELECT v.*, coalesce(a.display_name, v.by) AS who FROM document_delivery v"
        " LEFT JOIN account a ON a.username = v.by WHERE v.document_id = %s ORDER BY v.at",
        [number],
    )


def of_finding(number: str) -> list[Row]:
    """Documents that tell of a finding."""
    found = rows(
        f"{_LIST} JOIN document_finding t ON t.document_id = d.id WHERE t.finding_id = %s ORDER BY d.id DESC LIMIT 20",
        [number],
    )
    return [named(one) for one in found]


def of_statement(number: int) -> list[Row]:
    """Documents that tell of a statement."""
    return [named(one) for one in rows(f"{_LIST} WHERE d.statement_id = %s ORDER BY d.id DESC LIMIT 20", [number])]


def findings_of(number: int) -> list[str]:
    """The findings a document tells of."""
    found = rows("SELECT finding_id FROM document_finding WHERE document_id = %s ORDER BY 1 LIMIT 3000", [number])
    return [row["finding_id"] for row in found]


def organs(area: str) -> list[Row]:
    """What was set at the area for which days, the newest first."""
    return rows(
        "SELECT valid_from, value FROM facts.setting WHERE key = 'document-organ' AND area = %s"
        " ORDER BY valid_from DESC",
        [area],
    )


def templates_of(area: str, kind: str) -> list[Row]:
    """The templates that were set at the area itself for a kind, for which days, the newest first."""
    return rows(
        "SELECT s.valid_from, s.value->>'name' AS name, coalesce(a.display_name, s.value->>'by') AS who"
        " FROM facts.setting s LEFT JOIN account a ON a.username = s.value->>'by'"
        " WHERE s.key = %s AND s.area = %s ORDER BY s.valid_from DESC",
        [f"document-template-{kind}", area],
    )


def file_of(one: Row, form: str) -> bytes:
    """The signed PDF or Word file as it was fixed. PlatformError where it is gone or no longer the same bytes."""
    digest: Any = one[f"{form}_sha256"]
    place = place_of(settings.HOME, digest)
    content = place.read_bytes() if place.exists() else b""
    if sha256(content) != digest:
        raise PlatformError(
            f"文书 {one['number']} 的文件缺失或已被改动，请联系系统管理员从备份恢复。",
            f"The file of {one['number']} is missing or was altered; restore it from the backup.",
        )
    return content
