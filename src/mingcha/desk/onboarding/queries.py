"""Reads for the onboarding pages: connections with their state, keys without secrets, strengths, what was done."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from mingcha.desk.audit.queries import Row, rows
from mingcha.desk.library.queries import pack
from mingcha.desk.onboarding.models import EVERYWHERE
from mingcha.knowledge.bundle import ADVISE, JUSTIFY
from mingcha.procedure.onboarding import ENVIRONMENTS, MOVES, STATES
from mingcha.terms.calendar import today

PAGE = 100
ABSENT = "absent"
"""The tab of providers the directory knows and nobody has registered."""
_ASKED = {"before", "during"}

_AREA_NAME = "(SELECT name FROM facts.area WHERE code = {} ORDER BY valid_from DESC LIMIT 1)"
_GOOD = "k.revoked_at IS NULL AND (k.valid_until IS NULL OR k.valid_until >= %(today)s)"
_CONNECTIONS = f"""
    SELECT o.*, {_AREA_NAME.format("o.area")} AS area_name, p.level AS provider_level, p.type AS provider_type,
           (SELECT max(at) FROM onboarding_step s WHERE s.onboarding_id = o.provider) AS since,
           k.test, k.production, k.ends, b.problems
    FROM onboarding o LEFT JOIN provider_directory p ON p.provider = o.provider
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE environment = 'test') AS test,
               count(*) FILTER (WHERE environment = 'production') AS production, min(valid_until) AS ends
        FROM onboarding_key k WHERE k.onboarding_id = o.provider AND {_GOOD}) k
    CROSS JOIN LATERAL (
        SELECT count(*) AS problems FROM onboarding_problem b
        WHERE b.onboarding_id = o.provider AND b.closed_at IS NULL) b
"""


@dataclass(frozen=True)
class Chosen:
    """The board's filter; empty means all."""

    tab: str = ""
    q: str = ""
    area: str = ""
    page: int = 1


def board(chosen: Chosen) -> list[Row]:
    """The connections under the filter, those with open problems first, then the newest move."""
    if chosen.tab == ABSENT:
        return _absent(chosen)
    values = _values(chosen)
    return rows(
        f"{_CONNECTIONS} WHERE {_CONDITION} AND (%(tab)s = '' OR o.status = %(tab)s)"
        f" ORDER BY b.problems = 0, since DESC NULLS LAST, o.provider LIMIT {PAGE} OFFSET %(offset)s",
        values,
    )


_CONDITION = """(%(q)s = '' OR o.name ILIKE %(like)s OR o.provider ILIKE %(like)s OR o.system ILIKE %(like)s)
    AND (%(area)s = '' OR o.area = %(area)s)"""
_ABSENT = """FROM provider_directory o WHERE facts.in_scope(NULL, o.area)
    AND NOT EXISTS (SELECT FROM onboarding r WHERE r.provider = o.provider)
    AND (%(q)s = '' OR o.name ILIKE %(like)s OR o.provider ILIKE %(like)s) AND (%(area)s = '' OR o.area = %(area)s)"""


def _values(chosen: Chosen) -> dict[str, Any]:
    plain = re.sub(r"([\\%_])", r"\\\1", chosen.q)
    return {"q": chosen.q, "like": f"%{plain}%", "area": chosen.area, "tab": chosen.tab, "today": today(),
            "offset": (chosen.page - 1) * PAGE}  # fmt: skip


def _absent(chosen: Chosen) -> list[Row]:
    return rows(
        f"SELECT o.provider, o.name, o.area, {_AREA_NAME.format('o.area')} AS area_name, o.level AS provider_level,"
        f" o.type AS provider_type {_ABSENT} ORDER BY o.type, o.level DESC NULLS LAST, o.name"
        f" LIMIT {PAGE} OFFSET %(offset)s",
        _values(chosen),
    )


def counts(chosen: Chosen) -> dict[str, int]:
    """How many connections stand in each state under the filter; '' is all of them, ABSENT who isn't there yet."""
    values = _values(chosen)
    found = {row["status"]: row["n"] for row in rows(
        f"SELECT o.status, count(*) AS n FROM onboarding o WHERE {_CONDITION} GROUP BY 1", values)}  # fmt: skip
    absent = rows(f"SELECT count(*) AS n {_ABSENT}", values)[0]["n"]
    return {"": sum(found.values()), **{state: found.get(state, 0) for state in STATES}, ABSENT: absent}


def connection(code: str) -> Row | None:
    """One connection; None where there is none within the scope."""
    found = rows(f"{_CONNECTIONS} WHERE o.provider = %(code)s", {"code": code, "today": today()})
    return found[0] if found else None


def steps(code: str) -> list[Row]:
    """When the connection became what, the newest first."""
    return rows(
        "SELECT s.*, coalesce(a.display_name, s.by) AS who FROM onboarding_step s"
        " LEFT JOIN account a ON a.username = s.by WHERE s.onboarding_id = %s ORDER BY s.id DESC",
        [code],
    )


def keys(code: str) -> list[Row]:
    """The keys handed out, without their secrets: good ones first, then the newest."""
    return rows(
        f"""SELECT k.id, k.environment, k.issued_at, k.valid_until, k.revoked_at, k.revoked_reason, {_GOOD} AS good,
                   coalesce(a.display_name, k.issued_by) AS who, coalesce(r.display_name, k.revoked_by) AS revoker
            FROM onboarding_key k LEFT JOIN account a ON a.username = k.issued_by
            LEFT JOIN account r ON r.username = k.revoked_by
            WHERE k.onboarding_id = %(code)s ORDER BY {_GOOD} DESC, k.issued_at DESC, k.id""",
        {"code": code, "today": today()},
    )


def problems(code: str) -> list[Row]:
    """The problems of a connection, open ones first."""
    return rows(
        "SELECT b.*, coalesce(a.display_name, b.opened_by) AS who, coalesce(c.display_name, b.closed_by) AS closer"
        " FROM onboarding_problem b LEFT JOIN account a ON a.username = b.opened_by"
        " LEFT JOIN account c ON c.username = b.closed_by"
        " WHERE b.onboarding_id = %s ORDER BY b.closed_at IS NOT NULL, b.id DESC",
        [code],
    )


def log(code: str) -> list[Row]:
    """Who did what to the connection, the newest first."""
    found = rows(
        "SELECT t.at, t.action, t.detail, coalesce(a.display_name, t.by) AS who FROM trail t"
        " LEFT JOIN account a ON a.username = t.by WHERE t.subject = %s ORDER BY t.id DESC LIMIT 100",
        [f"onboarding:{code}"],
    )
    return [row | {"words": _said(row["action"].partition(".")[2], row["detail"])} for row in found]


def _said(action: str, detail: Row) -> str:
    """What was done, as a sentence's end."""
    if action == "key":
        return f"发放{ENVIRONMENTS[detail['environment']][0]}密钥 {detail['key']}"
    if action == "revoke":
        return f"作废密钥 {detail['key']}"
    if action.startswith("strength"):
        verb = "撤销" if action.endswith("withdrawn") else "设定"
        return f"{verb}提醒强度：{rule_names().get(detail['rule'], detail['rule'])}"
    if action.startswith("snooze"):
        verb = "提前恢复提示" if action.endswith("ended") else f"暂停提示到 {detail['until']}"
        return f"{verb}：{rule_names().get(detail['rule'], detail['rule'])}"
    return MOVES[action].zh if action in MOVES else _DONE.get(action, action)


_DONE = {
    "register": "登记", "change": "修改联系方式", "problem": "记录问题", "solved": "关闭问题",
    "secrecy": "登记报文的签名和加密方式",
}  # fmt: skip


_STRENGTHS = f"""
    SELECT s.*, coalesce(a.display_name, s.set_by) AS who, coalesce(p.name, s.provider) AS provider_name,
           {_AREA_NAME.format("s.area")} AS area_name, s.provider IS NULL AND NOT (facts.sees_all()
               OR s.area = ANY (facts.scope_areas())) AS above
    FROM reminder_strength s LEFT JOIN account a ON a.username = s.set_by
    LEFT JOIN onboarding p ON p.provider = s.provider
"""


def strengths(rule: str = "", area: str = "") -> list[Row]:
    """Strengths in force, of areas before those of providers; `above` marks what only an area above may change."""
    names = rule_names()
    found = rows(
        f"{_STRENGTHS} WHERE s.withdrawn_at IS NULL AND (%(rule)s = '' OR s.rule = %(rule)s)"
        " AND (%(area)s = '' OR s.area = %(area)s)"
        " ORDER BY s.rule, s.provider IS NOT NULL, s.area, s.provider LIMIT 1000",
        {"rule": rule, "area": area},
    )
    return [row | {"rule_name": names.get(row["rule"], row["rule"])} for row in found]


def strengths_at(code: str, area: str) -> list[Row]:
    """What holds for one provider, one row a rule: its own, else that of the nearest area above it."""
    found = rows(
        f"""WITH RECURSIVE latest AS (
                SELECT DISTINCT ON (code) code, parent FROM facts.area WHERE valid_from <= current_date
                ORDER BY code, valid_from DESC
            ), up AS (
                SELECT %(area)s::text AS code, 0 AS far
                UNION SELECT latest.parent, up.far + 1 FROM latest JOIN up USING (code) WHERE latest.parent IS NOT NULL
            )
            SELECT DISTINCT ON (s.rule) s.* FROM ({_STRENGTHS}) s LEFT JOIN up ON up.code = s.area
            WHERE s.withdrawn_at IS NULL AND (s.provider = %(code)s
                OR s.provider IS NULL AND (up.code IS NOT NULL OR s.area = %(all)s))
            ORDER BY s.rule, s.provider IS NULL, up.far NULLS LAST""",
        {"code": code, "area": area, "all": EVERYWHERE},
    )
    names = rule_names()
    return [row | {"rule_name": names.get(row["rule"], row["rule"])} for row in found]


def strength_at(rule: str, code: str, area: str) -> str:
    """How strong a rule's reminders are at a provider, as a gate works it out."""
    set_there = [row["strength"] for row in strengths_at(code, area) if row["rule"] == rule]
    certainty = next((one.certainty for one in pack(today()).rules if one.id == rule), "")
    return set_there[0] if set_there else JUSTIFY if certainty == "definite" else ADVISE


def snoozes(running: bool, provider: str = "") -> list[Row]:
    """Snoozes that hold today, or those that ended, the newest first."""
    names = rule_names()
    found = rows(
        f"""SELECT s.*, coalesce(a.display_name, s.set_by) AS who, coalesce(e.display_name, s.ended_by) AS ender,
                   coalesce(p.name, s.provider) AS provider_name
            FROM reminder_snooze s LEFT JOIN account a ON a.username = s.set_by
            LEFT JOIN account e ON e.username = s.ended_by LEFT JOIN onboarding p ON p.provider = s.provider
            WHERE {"" if running else "NOT"} (s.ended_at IS NULL AND s.until >= %(today)s)
              AND (%(provider)s = '' OR s.provider = %(provider)s) ORDER BY s.id DESC LIMIT 500""",
        {"today": today(), "provider": provider},
    )
    return [row | {"rule_name": names.get(row["rule"], row["rule"])} for row in found]


def registered() -> list[Row]:
    """Providers within the scope that are registered, for choosing one."""
    return rows("SELECT provider, name FROM onboarding ORDER BY name LIMIT 5000")


def rule_names() -> dict[str, str]:
    """Names of the rules a gate may remind of, by id."""
    return {rule.id: rule.name for rule in pack(today()).rules if _ASKED & set(rule.stages)}


def directory(provider: str) -> Row | None:
    """What the facts say of a provider: its name and area."""
    found = rows("SELECT provider, name, area FROM provider_directory WHERE provider = %s", [provider])
    return found[0] if found else None


def areas() -> list[Row]:
    """The areas within the person's scope, as the tree stands today."""
    return rows(
        "SELECT * FROM (SELECT DISTINCT ON (code) code, name, level FROM facts.area WHERE valid_from <= current_date"
        " ORDER BY code, valid_from DESC) latest WHERE facts.in_scope(NULL, code) ORDER BY level, code"
    )


def sees_all() -> bool:
    """Whether the person answers for every area."""
    return rows("SELECT facts.sees_all() AS yes")[0]["yes"]
