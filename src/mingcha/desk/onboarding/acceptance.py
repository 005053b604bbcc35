"""What a provider's own calls say about its system: virtual records rule by rule, and what its messages lack."""

from __future__ import annotations

from typing import Any

from mingcha.desk.audit.queries import Row, rows
from mingcha.desk.library.queries import pack
from mingcha.desk.onboarding.dictionary import words
from mingcha.desk.onboarding.queries import rule_names
from mingcha.engines.virtual import Known, Record, Virtual, message, virtual, visit_number
from mingcha.engines.words import word
from mingcha.terms.calendar import today
from mingcha.terms.codes import LEVEL_OF_GRADE

RIGHT, WRONG, UNSENT = "right", "wrong", "unsent"
_FIELDS = {
    "gend": "性别", "brdy": "出生日期", "med_type": "医疗类别", "insutype": "险种类型",
    "dscg_main_dise_codg": "主要诊断", "drord_begn_date": "医嘱开始时刻", "pric": "单价", "rxno": "处方号",
    "drord_dr_codg": "开单医师", "hilist_code": "医保目录编码",
}  # fmt: skip


def virtual_of(one: Row) -> Virtual:
    """The virtual records for a connection's provider."""
    known = Known(LEVEL_OF_GRADE.get(one["provider_level"] or "")) if one["provider_type"] is not None else None
    return virtual(pack(today()), known)


def messages(one: Row) -> list[dict[str, Any]]:
    """The virtual records as messages, each with its rule and whether it must be reminded of."""
    return [
        {"rule_id": record.rule.id, "rule_name": record.rule.name, "case": record.case.name, "remind": record.hit,
         "message": message(record, one["provider"], one["area"])}
        for record in virtual_of(one).records
    ]  # fmt: skip


def assemble(one: Row) -> dict[str, Any]:
    """The acceptance page of one connection."""
    made = virtual_of(one)
    told = _told(one["provider"])
    judged = [
        {"rule": record.rule, "hit": _judge(record, told), "hit_number": record.number,
         "miss": _judge(_find(made.records, record.rule.id, False), told),
         "miss_number": visit_number(record.rule.id, False)}
        for record in made.records if record.hit
    ]  # fmt: skip
    sent = [row for row in judged if UNSENT not in (row["hit"], row["miss"])]
    gaps = _gaps(one["provider"])
    return {
        "judged": sorted(judged, key=lambda row: (WRONG not in (row["hit"], row["miss"]), row["rule"].name)),
        "left": made.left, "sent": len(sent), "rules": len(judged),
        "right": sum(row["hit"] == RIGHT for row in judged), "silent": sum(row["hit"] == WRONG for row in judged),
        "false": sum(row["miss"] == WRONG for row in judged), "gaps": gaps,
        "blanks": [gap for gap in gaps if gap["kind"] == "blank"],
        "strangers": [gap for gap in gaps if gap["kind"] == "unknown"],
        "lacking": [gap for gap in gaps if gap["kind"] == "lacking"], "own": _own(one["provider"]),
    }  # fmt: skip


def _find(records: tuple[Record, ...], rule: str, hit: bool) -> Record | None:
    number = visit_number(rule, hit)
    return next((record for record in records if record.number == number), None)


def _judge(record: Record | None, told: dict[str, set[str]]) -> str:
    """Whether the last call about a virtual visit was answered as it should; empty where there is no such visit."""
    if record is None:
        return ""
    if record.number not in told:
        return UNSENT
    return RIGHT if (record.rule.id in told[record.number]) == record.hit else WRONG


def _told(provider: str) -> dict[str, set[str]]:
    """The rules reminded of in the last call about each virtual visit."""
    found = rows(
        """SELECT c.visit, array_agg(m.rule) FILTER (WHERE m.last_at >= c.at) AS rules
           FROM (SELECT DISTINCT ON (visit) visit, at FROM reminder_call
                 WHERE provider = %(provider)s AND visit LIKE 'XN____________%%' ORDER BY visit, at DESC, id DESC) c
           LEFT JOIN reminder m ON m.provider = %(provider)s AND m.visit = c.visit GROUP BY 1""",
        {"provider": provider},
    )
    return {row["visit"]: set(row["rules"] or ()) for row in found}


def _gaps(provider: str) -> list[Row]:
    """What its calls lacked, in how many of them, the most first."""
    names = rule_names()
    found = rows(
        "SELECT kind, name, rule, sum(calls)::bigint AS calls, max(last_at) AS last_at FROM reminder_gap"
        " WHERE provider = %s GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3",
        [provider],
    )
    for row in found:
        field, _, code = row["name"].partition("=")
        row["words"] = (_FIELDS.get(field) or words(field)) if row["kind"] != "lacking" else word(row["name"])[0]
        row["field"], row["code"], row["rule_name"] = field, code, names.get(row["rule"], row["rule"])
    return found


def _own(provider: str) -> Row:
    """Its own calls, virtual ones left out."""
    return rows(
        "SELECT count(*) AS calls, coalesce(sum(orders), 0)::bigint AS orders, min(at) AS since, max(at) AS until,"
        " count(*) FILTER (WHERE NOT whole) AS partial FROM reminder_call WHERE provider = %s"
        " AND visit NOT LIKE 'XN____________%%'",
        [provider],
    )[0]
