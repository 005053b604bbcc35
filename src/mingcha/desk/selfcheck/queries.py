"""Reads of the self-check app; row security leaves a provider its own runs, and everybody else none."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from mingcha.desk.audit.evidence import fact_items, missing_words
from mingcha.desk.audit.queries import Row, rows
from mingcha.desk.selfcheck import uploads
from mingcha.desk.selfcheck.checking import REPORT

AT_ONCE = 100
"""Findings on a page."""
_RUN = """
SELECT r.*, coalesce(a.display_name, r.by) AS who, coalesce(j.done, 0) AS done
FROM selfcheck_run r LEFT JOIN account a ON a.username = r.by LEFT JOIN desk_job j ON j.id = r.job"""


def runs() -> list[Row]:
    """The newest hundred own runs."""
    return rows(f"{_RUN} ORDER BY r.id DESC LIMIT 100")


def run(number: int) -> Row | None:
    """One own run; None where there is none of this number."""
    found = rows(f"{_RUN} WHERE r.id = %s", [number])
    if not found:
        return None
    lack: dict[str, list[str]] = {}
    for one in found[0]["lacking"] or []:
        lack.setdefault(missing_words(one["missing"]), []).append(one["rule"])
    return found[0] | {"lack": sorted(lack.items())}


def by_rule(number: int) -> list[Row]:
    """How many findings each rule has in a run and what they claim, a line under every rule that claims it."""
    return rows(
        "SELECT rule, min(rule_name) AS name, count(*) AS n, sum(improper_fen)::bigint AS fen FROM selfcheck_finding"
        " WHERE run_id = %s GROUP BY rule ORDER BY fen DESC, rule",
        [number],
    )


def findings(number: int, rule: str, after: int) -> list[Row]:
    """A page of a run's findings, the dearest first, and one more row when there is a next page."""
    found = rows(
        "SELECT * FROM selfcheck_finding WHERE run_id = %s AND n > %s AND (%s = '' OR rule = %s) ORDER BY n LIMIT %s",
        [number, after, rule, rule, AT_ONCE + 1],
    )
    for one in found:
        one["facts"] = fact_items(one["why"])
        one["token"] = "—" if one["person"] is None else f"{one['person'] & 0xFFFFFFFF:08X}"
    return found


def refused(one: Row) -> Path | None:
    """The workbook of the refused rows; None while there is none."""
    place = uploads.place_of(settings.HOME, str(one["token"])) / REPORT
    return place if one["totals"] and place.exists() else None
