"""Copies of names for lists, refreshed by each audit: rules from the pack, providers and visits from the lake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from mingcha.desk.audit.handover import copy_table

if TYPE_CHECKING:
    import psycopg

    from mingcha.knowledge.library import Library
    from mingcha.knowledge.pack import Pack
    from mingcha.records.lake import Lake

_DESCRIBED = ("finding", "visit_type", "department", "practitioner", "practitioner_name", "item_name")


def refresh(cursor: psycopg.Cursor, *, pack: Pack | Library, lake: Lake | None) -> None:
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
    """Kind of care, department, practitioner and item of the findings to be written, into the table `described`."""
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
        known = lake.con.execute(_DESCRIBE).to_arrow_table()
    finally:
        lake.con.unregister("wanted")
    copy_table(cursor, "described", known.rename_columns(list(_DESCRIBED)))


# A line's own department and practitioner before those of its visit; names where the directories have them.
_DESCRIBE = """
SELECT w.finding, any_value(v.visit_type), any_value(coalesce(d.name, v.department_name, v.department)),
       any_value(coalesce(l.practitioner, v.practitioner)), any_value(n.name), any_value(l.item_name)
FROM wanted AS w
LEFT JOIN facts.visit AS v ON v.provider = w.provider AND v.visit = w.visit
LEFT JOIN (SELECT provider, visit, line, item_name, practitioner, department FROM facts.fee_line
           SEMI JOIN wanted USING (provider, visit, line)) AS l
       ON l.provider = w.provider AND l.visit = w.visit AND l.line = w.line
LEFT JOIN (SELECT provider, department, any_value(name) AS name FROM facts.department GROUP BY ALL) AS d
       ON d.provider = w.provider AND d.department = coalesce(l.department, v.department)
LEFT JOIN (SELECT practitioner, any_value(name) AS name FROM facts.practitioner GROUP BY ALL) AS n
       ON n.practitioner = coalesce(l.practitioner, v.practitioner)
GROUP BY w.finding
"""
