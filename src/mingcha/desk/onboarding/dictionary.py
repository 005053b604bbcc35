"""Reads for the dictionary page: codes nobody knows, with who sent them, and what areas have said of their own."""

from __future__ import annotations

from mingcha.desk.audit.queries import Row, rows
from mingcha.terms.dictionaries import DICTIONARIES

_AREA_NAME = "(SELECT name FROM facts.area WHERE code = {} ORDER BY valid_from DESC LIMIT 1)"
_TOLD = """
    WITH RECURSIVE latest AS (
        SELECT DISTINCT ON (code) code, parent FROM facts.area WHERE valid_from <= current_date
        ORDER BY code, valid_from DESC
    ), up AS (
        SELECT DISTINCT care_area AS area, care_area AS code FROM reminder_gap WHERE kind = 'unknown'
        UNION SELECT up.area, latest.parent FROM latest JOIN up USING (code) WHERE latest.parent IS NOT NULL
    )
"""


def gaps(field: str = "", provider: str = "", limit: int = 300) -> list[Row]:
    """Unknown codes by provider and area, those nobody has said anything of first, then the most often sent."""
    found = rows(
        f"""{_TOLD} SELECT g.id, split_part(g.name, '=', 1) AS field, substr(g.name, strpos(g.name, '=') + 1) AS code,
               g.provider, coalesce(o.name, p.name, g.provider) AS provider_name, g.environment, g.care_area, g.calls,
               {_AREA_NAME.format("g.care_area")} AS area_name, g.first_at, g.last_at, g.call, c.msgid, c.infno,
               EXISTS (SELECT FROM code_alias a LEFT JOIN up ON up.area = g.care_area AND up.code = a.area
                       WHERE a.ended_at IS NULL AND g.name = a.field || '=' || a.code
                         AND (up.code IS NOT NULL OR a.area = '*' OR a.area = g.care_area)) AS told
            FROM reminder_gap g LEFT JOIN provider_directory p ON p.provider = g.provider
            LEFT JOIN onboarding o ON o.provider = g.provider LEFT JOIN reminder_call c ON c.id = g.call
            WHERE g.kind = 'unknown' AND (%(field)s = '' OR split_part(g.name, '=', 1) = %(field)s)
              AND (%(provider)s = '' OR g.provider = %(provider)s)
            ORDER BY told, g.calls DESC, g.id LIMIT {int(limit)}""",
        {"field": field, "provider": provider},
    )
    return [row | {"words": words(row["field"])} for row in found]


def aliases(field: str = "") -> list[Row]:
    """What areas have said of their codes and nobody has taken back; `above` marks what only an area above may."""
    found = rows(
        f"""SELECT a.*, coalesce(w.display_name, a.set_by) AS who, {_AREA_NAME.format("a.area")} AS area_name,
               NOT (facts.sees_all() OR a.area = ANY (facts.scope_areas())) AS above
            FROM code_alias a LEFT JOIN account w ON w.username = a.set_by
            WHERE a.ended_at IS NULL AND (%(field)s = '' OR a.field = %(field)s)
            ORDER BY a.field, a.code, a.area LIMIT 1000""",
        {"field": field},
    )
    return [row | {"words": words(row["field"]), "meaning": meaning(row["field"], row["national"])} for row in found]


def words(field: str) -> str:
    """What a field is called; itself where no list has it."""
    return DICTIONARIES[field].zh if field in DICTIONARIES else field


def meaning(field: str, code: str) -> str:
    """What a national code says; empty for none."""
    return DICTIONARIES[field].codes.get(code, "") if field in DICTIONARIES else ""


def fields() -> list[tuple[str, str]]:
    """Every field that has a list, with what it is called."""
    return [(one.field, one.zh) for one in DICTIONARIES.values()]
