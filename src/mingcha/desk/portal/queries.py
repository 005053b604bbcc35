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


def waiting(most: int = 20_000) -> list[Row]:
    """Every own line of the findings that wait for an answer, the earliest deadline first; for the table to fill in.

    At most `most` rows, and of no finding only a part. A finding without lines is one row.
    """
    found = rows(
        "SELECT f.*, coalesce(r.name, f.rule) AS rule_name, o.message, coalesce(l.visit, f.visit) AS line_visit,"
        " coalesce(l.line, f.line) AS own_line, coalesce(l.decided_fen, l.improper_fen, f.counted_fen) AS claim_fen"
        " FROM finding f LEFT JOIN rule_directory r USING (rule)"
        " LEFT JOIN observation o ON o.id = f.latest_observation"
        " LEFT JOIN finding_line l ON l.finding_id = f.id AND l.provider = f.provider"
        " WHERE f.tab = 'notified' ORDER BY f.due, f.id, l.visit, l.line LIMIT %s",
        [most + 1],
    )
    if len(found) <= most:
        return found
    return [row for row in found if row["id"] != found[-1]["id"]]


def claims() -> dict[str, dict[tuple[str, str], int]]:
    """The own lines of every finding that waits: fen by (visit, line), by finding."""
    found: dict[str, dict[tuple[str, str], int]] = {}
    for row in rows(
        "SELECT f.id, l.visit, l.line, coalesce(l.decided_fen, l.improper_fen) AS fen FROM finding f"
        " JOIN finding_line l ON l.finding_id = f.id AND l.provider = f.provider WHERE f.tab = 'notified'"
    ):
        found.setdefault(row["id"], {})[row["visit"], row["line"]] = row["fen"]
    return found


def steps() -> dict[str, str]:
    """The step of every finding the provider knows of, by number."""
    return {row["id"]: row["step"] for row in rows("SELECT id, step FROM finding")}
