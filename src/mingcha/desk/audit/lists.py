"""Copies of names for lists, refreshed by each audit: rules from the pack, providers and visits from the lake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from mingcha.desk.audit.handover import copy_table

if TYPE_CHECKING:
    import psycopg

    from mingcha.knowledge.pack import Pack
    from mingcha.records.lake import Lake

_DESCRIBED = ("finding", "visit_type", "department", "practitioner", "item_name")


def refresh(cursor: psycopg.Cursor, *, pack: Pack, lake: Lake | None) -> None:
    """The rule directory from the pack; the provider directory from the newest rows of the lake."""
    cursor.executemany(
        "INSERT INTO rule_directory (rule, name, category, national_code, kind, severity, certainty)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (rule) DO UPDATE SET name = excluded.name,"
        " category = excluded.category, national_code = excluded.national_code, kind = excluded.kind,"
        " severity = excluded.severity, certainty = excluded.certainty",
        [
            (rule.id, rule.name, rule.category, rule.national_code, rule.kind, rule.severity, rule.certainty)
            for rule in pack.rules
        ],
    )
    if lake is None:
        return
    providers = lake.con.execute(
        "SELECT provider, arg_max(name, coalesce(valid_from, DATE '1900-01-01')), arg_max(type, coalesce(valid_from,"
        " DATE '1900-01-01')), arg_max(level, coalesce(valid_from, DATE '1900-01-01')), arg_max(area,"
        " coalesce(valid_from, DATE '1900-01-01')) FROM facts.provider GROUP BY provider"
    ).fetchall()
    cursor.executemany(
        "INSERT INTO provider_directory (provider, name, type, level, area) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT (provider) DO UPDATE SET name = excluded.name, type = excluded.type, level = excluded.level,"
        " area = excluded.area WHERE (provider_directory.name, provider_directory.type, provider_directory.level,"
        " provider_directory.area) IS DISTINCT FROM (excluded.name, excluded.type, excluded.level, excluded.area)",
        providers,
    )


def describe(cursor: psycopg.Cursor, *, lake: Lake | None) -> None:
    """Kind of care, department, practitioner and item of the findings this audit wrote, for the columns of the list."""
    if lake is None:
        return
    cursor.execute("SELECT finding, provider, visit, line FROM staged WHERE rewrites AND visit IS NOT NULL")
    rows = cursor.fetchall()
    if not rows:
        return
    names = ("finding", "provider", "visit", "line")
    wanted = pa.table({name: pa.array([row[i] for row in rows], pa.string()) for i, name in enumerate(names)})
    lake.con.register("wanted", wanted)
    try:
        known = lake.con.execute(
            "SELECT w.finding, v.visit_type, coalesce(l.department, v.department_name, v.department),"
            " coalesce(l.practitioner, v.practitioner), l.item_name FROM wanted w"
            " LEFT JOIN facts.visit v USING (provider, visit)"
            " LEFT JOIN (SELECT provider, visit, line, item_name, practitioner, department FROM facts.fee_line"
            "  SEMI JOIN wanted USING (provider, visit, line)) l USING (provider, visit, line)"
        ).to_arrow_table()
    finally:
        lake.con.unregister("wanted")
    cursor.execute(
        f"CREATE TEMP TABLE described ({', '.join(f'{name} text' for name in _DESCRIBED)}) ON COMMIT DROP"
    )
    copy_table(cursor, "described", known.rename_columns(list(_DESCRIBED)))
    cursor.execute(
        "UPDATE finding f SET visit_type = d.visit_type, department = d.department, practitioner = d.practitioner,"
        " item_name = d.item_name FROM described d WHERE f.id = d.finding"
    )
