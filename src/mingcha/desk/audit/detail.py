"""Everything the page of one finding shows, put together from the database, the lake and the pack's archive."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import Http404

from mingcha.desk.audit import evidence, facts
from mingcha.desk.audit.queries import _COLUMNS, _FROM, Row, named, rows
from mingcha.knowledge.archive import fetch
from mingcha.knowledge.pack import Pack
from mingcha.records.lake import Lake
from mingcha.terms.errors import MingchaError


def finding(number: str) -> Row | None:
    """The finding of that number within the scope, with its newest observation; None when there is none."""
    found = rows(
        f"SELECT {_COLUMNS}, f.frame, f.key, f.rule_version, f.latest_observation, f.first_audit_id {_FROM}"
        " WHERE f.id = %s",
        [number],
    )
    return named(found)[0] if found else None


def found_or_404(number: str) -> Row:
    """The same, or the page that says there is none."""
    found = finding(number)
    if found is None:
        raise Http404
    return found


def observations(number: str) -> list[Row]:
    """What audits saw of the finding, the newest first."""
    return rows(
        "SELECT o.*, a.started_at, a.by, a.pack_version FROM observation o JOIN audit a ON a.id = o.audit_id"
        " WHERE o.finding_id = %s ORDER BY o.id DESC",
        [number],
    )


def booked_lines(number: str) -> list[Row]:
    """The lines that carry the amount, and under which finding each is counted."""
    return rows(
        "SELECT l.*, coalesce(l.decided_fen, l.improper_fen) AS claim_fen, u.rule AS under_rule,"
        " coalesce(r.name, u.rule) AS under_name FROM finding_line l"
        " LEFT JOIN finding u ON u.id = l.counted_under LEFT JOIN rule_directory r ON r.rule = u.rule"
        " WHERE l.finding_id = %s ORDER BY l.provider, l.visit, l.line",
        [number],
    )


def others_on_lines(number: str) -> list[Row]:
    """Other findings that claim one of the same lines."""
    return rows(
        f"SELECT {_COLUMNS}, f.withdrawn_reason {_FROM} WHERE f.id <> %(id)s AND EXISTS (SELECT 1 FROM finding_line m"
        " JOIN finding_line t ON (t.provider, t.visit, t.line) = (m.provider, m.visit, m.line)"
        " WHERE m.finding_id = %(id)s AND t.finding_id = f.id) ORDER BY f.counted_fen DESC, f.id LIMIT 20",
        {"id": number},
    )


@lru_cache(maxsize=4)
def pack_of(pack_hash: str) -> Pack | None:
    """The archived pack, kept at hand because it never changes; None when the archive is missing."""
    try:
        return fetch(pack_hash, settings.HOME.packs)
    except MingchaError:
        return None


def assemble(found: Row, outside: bool = False) -> dict[str, Any]:
    """The page's contents for a finding that is in scope. To those outside the office, nothing of other providers."""
    seen = observations(found["id"])
    flagged = next((o for o in seen if o["verdict"] == "flagged"), seen[0])
    pack = pack_of(flagged["pack_hash"])
    rule = next((r for r in pack.rules if r.id == found["rule"]), None) if pack else None
    known = [row for row in rule.knowledge if row.id in set(flagged["knowledge_ids"])] if rule else []
    booked = booked_lines(found["id"])
    with facts.snapshot() as lake:
        visit = facts.visit_of(lake, found)
        diagnoses = facts.diagnoses_of(lake, found)
        lines = _lines(lake, found, visit, flagged, booked)
    if outside:
        lines = _own(lines, found["provider"])
    return {
        "finding": found,
        "of_provider": found["person"] is None and found["visit"] is None,
        "observations": seen,
        "flagged": flagged,
        "newest": seen[0],
        "rule": rule,
        "knowledge": known,
        "visit": visit,
        "diagnoses": diagnoses,
        "booked": booked,
        "booked_fen": {name: sum(b[f"{name}_fen"] for b in booked) for name in ("improper", "counted")},
        "others": others_on_lines(found["id"]),
        "steps": evidence.steps(rule, known, flagged, _witness_words(lines)),
        **lines,
    }


def _own(lines: dict[str, Any], provider: str) -> dict[str, Any]:
    """Without what happened at other providers; how much that is, is told."""
    kept = {name: [row for row in lines[name] if row["provider"] == provider]
            for name in ("other_lines", "other_visits", "other_traces")}  # fmt: skip
    return lines | kept | {"untold": lines["untold"] + sum(len(lines[name]) - len(kept[name]) for name in kept)}


def _witness_words(lines: dict[str, Any]) -> list[str]:
    here = sorted((line for line in lines["lines"] if line["witness"]), key=lambda line: line["witness"])
    return [evidence.witness_words(row) for row in (*here, *lines["other_lines"], *lines["other_visits"],
                                                          *lines["other_traces"])]  # fmt: skip


def _lines(lake: Lake, found: Row, visit: Row | None, flagged: Row, booked: list[Row]) -> dict[str, Any]:
    """Fee lines of the visit with their part in the finding, and the witnesses outside of it."""
    witnesses = {str(key): place for place, key in enumerate(flagged["witnesses"], 1)}
    guilty = {(b["provider"], b["visit"], b["line"]): b for b in booked}
    lines, here = facts.lines_of(lake, found, visit), set()
    for line in lines:
        key = "|".join((line["provider"], line["visit"], line["line"]))
        line["guilty"] = guilty.get((line["provider"], line["visit"], line["line"]))
        line["witness"] = witnesses.get(key)
        line["newer"] = line["batch_seq"] > flagged["watermark"]
        here.add(key)
    for place, line in enumerate(line for line in lines if line["guilty"]):
        line["first"] = place == 0
    elsewhere = [key for key in witnesses if key not in here]
    other_lines = facts.lines_elsewhere(lake, found, elsewhere)
    if found["frame"] == "meeting":  # two purchases in one: whichever was this person's is shown
        elsewhere = sorted({"|".join((p, visit)) for p, *two in (key.split("|") for key in elsewhere) for visit in two})
    other_visits = facts.visits_elsewhere(lake, found, [key for key in elsewhere if key.count("|") == 1])
    other_traces = facts.traces(lake, elsewhere) if found["frame"] == "trace" else []
    for row in (*other_lines, *other_visits, *other_traces):
        row["provider_name"] = _provider_name(row["provider"])
    for row in other_traces:
        row["said_kind"] = evidence.say("kind", row["kind"])
    return {
        "lines": lines,
        "other_lines": other_lines,
        "other_visits": other_visits,
        "other_traces": other_traces,
        "untold": max(0, len(elsewhere) - len(other_lines) - len(other_visits) - len(other_traces)),
    }


def _provider_name(provider: str) -> str:
    found = rows("SELECT name FROM provider_directory WHERE provider = %s", [provider])
    return found[0]["name"] if found else provider
