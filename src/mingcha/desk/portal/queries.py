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


def standing() -> Row:
    """How many wait for an answer, by when, and what the others come to; money in fen."""
    return rows(
        "SELECT count(*) FILTER (WHERE step IN ('notified', 'upheld')) AS waiting,"
        " min(due) FILTER (WHERE step IN ('notified', 'upheld')) AS first_due,"
        " count(*) FILTER (WHERE step IN ('notified', 'upheld') AND due <= current_date + 3) AS soon,"
        " coalesce(sum(counted_fen) FILTER (WHERE step IN ('notified', 'upheld')), 0)::bigint AS waiting_fen,"
        " count(*) FILTER (WHERE step IN ('appealed', 'panel')) AS disputed,"
        " coalesce(sum(counted_fen) FILTER (WHERE step IN ('appealed', 'panel')), 0)::bigint AS disputed_fen,"
        " coalesce(sum(counted_fen) FILTER (WHERE step IN ('final', 'signed')), 0)::bigint AS coming_fen,"
        " coalesce(sum(counted_fen) FILTER (WHERE step = 'deducted'), 0)::bigint AS deducted_fen FROM finding"
    )[0]


def waiting() -> list[Row]:
    """Every finding that waits for the provider's answer, the earliest deadline first; for the table to fill in."""
    return rows(
        "SELECT f.*, coalesce(r.name, f.rule) AS rule_name, o.message FROM finding f LEFT JOIN rule_directory r USING"
        " (rule) LEFT JOIN observation o ON o.id = f.latest_observation WHERE f.step IN ('notified', 'upheld')"
        " ORDER BY f.due, f.id LIMIT 20000"
    )


def steps() -> dict[str, str]:
    """The step of every finding the provider knows of, by number."""
    return {row["id"]: row["step"] for row in rows("SELECT id, step FROM finding")}
