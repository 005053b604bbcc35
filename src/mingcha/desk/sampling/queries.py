"""Reads of the sampling app: plans with how far they are, cases, and what the answers say of all."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from mingcha.desk.audit.queries import Row, rows
from mingcha.procedure.sampling import Estimate, share, total, total_by_size

_DONE = """(SELECT count(*) FROM sampling_case c WHERE c.plan_id = p.id) AS cases,
    (SELECT count(*) FROM sampling_case c WHERE c.plan_id = p.id AND c.verdict IS NOT NULL) AS answered,
    (SELECT coalesce(sum(c.improper_fen), 0)::bigint FROM sampling_case c WHERE c.plan_id = p.id) AS found_fen"""
_PLANS = f"""
SELECT p.*, {_DONE}, coalesce(a.display_name, p.drawn_by) AS who, d.name AS provider_name
FROM sampling_plan p LEFT JOIN account a ON a.username = p.drawn_by
LEFT JOIN provider_directory d ON d.provider = p.provider"""


def plans() -> list[Row]:
    """The newest two hundred plans within the scope."""
    return rows(f"{_PLANS} ORDER BY p.id DESC LIMIT 200")


def plan(number: int) -> Row | None:
    """One plan within the scope; None when there is none."""
    found = rows(f"{_PLANS} WHERE p.id = %s", [number])
    return found[0] if found else None


def cases(number: int) -> list[Row]:
    """The plan's cases in the order drawn."""
    return rows(
        "SELECT c.*, coalesce(p.name, c.provider) AS provider_name, coalesce(a.display_name, c.expert) AS expert_name"
        " FROM sampling_case c LEFT JOIN provider_directory p ON p.provider = c.provider"
        " LEFT JOIN account a ON a.username = c.expert WHERE c.plan_id = %s ORDER BY c.n",
        [number],
    )


def case(number: int, n: int) -> Row | None:
    """One case, if it is this person's to see."""
    found = rows(
        "SELECT c.*, coalesce(p.name, c.provider) AS provider_name, p.level AS provider_level, p.type AS provider_type"
        " FROM sampling_case c LEFT JOIN provider_directory p ON p.provider = c.provider"
        " WHERE c.plan_id = %s AND c.n = %s",
        [number, n],
    )
    return found[0] if found else None


def waiting_for(account: str) -> list[Row]:
    """Cases given to an expert and not answered yet."""
    return rows(
        "SELECT c.plan_id, c.n, c.day, c.visit_type, c.total_fen, p.name, coalesce(d.name, c.provider) AS provider_name"
        " FROM sampling_case c JOIN sampling_plan p ON p.id = c.plan_id LEFT JOIN provider_directory d"
        " ON d.provider = c.provider WHERE c.expert = %s AND c.verdict IS NULL ORDER BY c.plan_id, c.n LIMIT 500",
        [account],
    )


def experts() -> list[Row]:
    """Whom cases may be given to."""
    chosen = "username, display_name, organisation"
    return rows(f"SELECT {chosen} FROM account WHERE role = 'expert' AND is_active ORDER BY display_name")


@dataclass(frozen=True)
class Result:
    """What a plan's answers say of its population, with the plan's confidence."""

    fen: Estimate
    share: Estimate
    strata: list[dict[str, Any]]


def result(one: Row, found: list[Row]) -> Result | None:
    """The estimate, once every case is answered; None before, for half a sample says nothing reliable."""
    if not found or any(case["verdict"] is None for case in found):
        return None
    confidence, population, most = one["confidence"], one["population"], one["population_fen"]
    by = defaultdict[str, list[Row]](list)
    for case in found:
        by[case["stratum"]].append(case)
    if one["method"] == "risk":
        drawn = [case for case in found for _ in range(case["times"])]
        fen = total_by_size([(case["improper_fen"], case["chance"]) for case in drawn], confidence, most)
        faults = total_by_size([(float(case["verdict"] == "fault"), case["chance"]) for case in drawn], confidence)
    else:
        fen = total({name: [c["improper_fen"] for c in cs] for name, cs in by.items()}, one["sizes"], confidence, most)
        faults = total(
            {name: [float(c["verdict"] == "fault") for c in cs] for name, cs in by.items()}, one["sizes"], confidence
        )
    strata = [
        {"name": name, "size": one["sizes"].get(name), "drawn": len(cs), "fen": sum(c["improper_fen"] for c in cs),
         "faults": sum(c["verdict"] == "fault" for c in cs)} for name, cs in sorted(by.items())
    ]  # fmt: skip
    return Result(fen, share(faults, population, sum(c["times"] for c in found), confidence), strata)
