"""Reads of the portal. Row security leaves a provider its own findings, from the notification on."""

from __future__ import annotations

from mingcha.desk.audit.queries import Row, rows

TABS = {
    "notified": "待答复",
    "appealed": "申诉复核中",
    "panel": "合议中",
    "final": "待终审",
    "signed": "待扣款",
    "deducted": "已扣款",
    "closed": "已撤销",
    "all": "全部",
}
"""The worklist's tabs that a provider has, in its words."""


def standing(provider: str) -> Row:
    """How many wait for an answer, by when, and what the others come to; money in fen."""
    sums = rows(
        "SELECT coalesce(sum(n) FILTER (WHERE step IN ('notified', 'upheld')), 0)::bigint AS waiting,"
        " coalesce(sum(fen) FILTER (WHERE step IN ('notified', 'upheld')), 0)::bigint AS waiting_fen,"
        " coalesce(sum(n) FILTER (WHERE step IN ('appealed', 'panel')), 0)::bigint AS disputed,"
        " coalesce(sum(fen) FILTER (WHERE step IN ('appealed', 'panel')), 0)::bigint AS disputed_fen,"
        " coalesce(sum(fen) FILTER (WHERE step IN ('final', 'signed')), 0)::bigint AS coming_fen,"
        " coalesce(sum(fen) FILTER (WHERE step = 'deducted'), 0)::bigint AS deducted_fen"
        " FROM finding_count WHERE provider = %s AND rule = '' AND month = ''",
        [provider],
    )[0]
    due = rows(
        "SELECT min(due) AS first_due, count(*) FILTER (WHERE due <= current_date + 3) AS soon FROM finding"
        " WHERE provider = %s AND tab = 'notified'",
        [provider],
    )[0]
    return sums | due


def waiting() -> list[Row]:
    """Every finding that waits for the provider's answer, the earliest deadline first; for the table to fill in."""
    return rows(
        "SELECT f.*, coalesce(r.name, f.rule) AS rule_name, o.message FROM finding f LEFT JOIN rule_directory r USING"
        " (rule) LEFT JOIN observation o ON o.id = f.latest_observation WHERE f.tab = 'notified'"
        " ORDER BY f.due, f.id LIMIT 20000"
    )


def steps() -> dict[str, str]:
    """The step of every finding the provider knows of, by number."""
    return {row["id"]: row["step"] for row in rows("SELECT id, step FROM finding")}
