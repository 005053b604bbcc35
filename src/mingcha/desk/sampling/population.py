"""What a sample is drawn from: the visits settled in a span of days, read from the lake as of one watermark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import connection

from mingcha.desk.audit.queries import rows
from mingcha.desk.shell.templatetags.words import care_words, provider_kind
from mingcha.procedure.sampling import Unit
from mingcha.terms.errors import UsageError

if TYPE_CHECKING:
    from mingcha.records.lake import Lake

MOST = 2_000_000
"""Visits of one population."""
STRATA = {"level": "机构级别", "care": "医疗类别", "provider": "定点机构"}
UNKNOWN = "未知"
RISK = 10
"""By risk, what open findings on a visit claim counts ten times beside what was settled."""


@dataclass(frozen=True)
class Frame:
    """Which visits: of an area (`*`: all), perhaps one provider, settled from day to day."""

    area: str
    provider: str
    since: date
    until: date
    method: str
    strata: str


@dataclass(frozen=True)
class Visit:
    """One visit of the population. `total_fen` nets reversals."""

    provider: str
    visit: str
    person: int | None
    day: date
    visit_type: str | None
    area: str
    total_fen: int

    @property
    def key(self) -> str:
        return f"{self.provider}|{self.visit}"


def read(lake: Lake, frame: Frame, areas: list[str] | None) -> dict[str, Visit]:
    """The population by key; `areas` as areas_of tells. UsageError where it is larger than MOST."""
    conditions, values = ["settled_day BETWEEN ? AND ?"], list[Any]([frame.since, frame.until])
    if areas is not None:
        conditions.append(f"fund_area IN ({', '.join('?' * len(areas))})")
        values += areas
    if frame.provider:
        conditions.append("provider = ?")
        values.append(frame.provider)
    found = lake.con.execute(
        "SELECT provider, visit, any_value(person), max(settled_day), any_value(visit_type), any_value(fund_area),"
        f" sum(total)::BIGINT FROM facts.settlement WHERE {' AND '.join(conditions)} GROUP BY provider, visit"
        f" HAVING sum(total) > 0 LIMIT {MOST + 1}",
        values,
    ).fetchall()
    if len(found) > MOST:
        raise UsageError(f"超过 {MOST:,} 次就诊，请缩短日期或选一家机构。", f"More than {MOST:,} visits; narrow it.")
    return {visit.key: visit for visit in (Visit(*row) for row in found)}


def context(population: Mapping[str, Visit], frame: Frame) -> dict[str, Any]:
    """What drawing needs and the lake doesn't keep as of a watermark, to be kept with the plan."""
    if frame.method == "risk":
        found = rows(
            "SELECT provider || '|' || visit AS key, sum(improper_fen)::bigint AS fen FROM finding WHERE state = 'open'"
            " AND visit IS NOT NULL AND (%(provider)s = '' OR provider = %(provider)s) GROUP BY 1",
            {"provider": frame.provider},
        )
        return {"claimed": {row["key"]: row["fen"] for row in found if row["key"] in population}}
    if frame.method == "stratified" and frame.strata == "level":
        kinds = {row["provider"]: provider_kind(row) for row in rows(
            "SELECT provider, level AS provider_level, type AS provider_type FROM provider_directory")}  # fmt: skip
        return {"levels": {name: kinds.get(name, UNKNOWN) for name in {one.provider for one in population.values()}}}
    return {}


def units(population: Mapping[str, Visit], frame: Frame, told: Mapping[str, Any]) -> list[Unit]:
    """The population for drawing: each visit with its stratum and size, from itself and the plan's context alone."""
    claimed, levels = told.get("claimed", {}), told.get("levels", {})

    def stratum(visit: Visit) -> str:
        if frame.method != "stratified":
            return ""
        if frame.strata == "provider":
            return visit.provider
        if frame.strata == "level":
            return levels.get(visit.provider, UNKNOWN)
        return care_words(visit.visit_type) or UNKNOWN

    return [Unit(key, stratum(one), one.total_fen + RISK * claimed.get(key, 0)) for key, one in population.items()]


def areas_of(area: str) -> list[str] | None:
    """The area and all below it; None for all. UsageError for one outside the session's scope."""
    with connection.cursor() as cursor:
        if area == "*":
            cursor.execute("SELECT facts.sees_all()")
            if cursor.fetchone() == (True,):
                return None
        else:
            cursor.execute("SELECT facts.in_scope(NULL, %s)", [area])
            if cursor.fetchone() == (True,):
                cursor.execute(_BELOW, [area])
                return [code for (code,) in cursor.fetchall()]
    raise UsageError("请选择自己辖区之内的区划。", "Choose an area within your own.")


_BELOW = """
WITH RECURSIVE latest AS (
    SELECT DISTINCT ON (code) code, parent FROM facts.area WHERE valid_from <= current_date
    ORDER BY code, valid_from DESC
), down AS (SELECT %s AS code UNION SELECT latest.code FROM latest JOIN down ON latest.parent = down.code)
SELECT code FROM down ORDER BY code"""

