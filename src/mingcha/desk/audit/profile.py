"""What the page of a provider and the list of providers show: open findings compared with peers of the same kind."""

from __future__ import annotations

from statistics import median
from typing import Any

from mingcha.desk.audit.queries import Row, named, rows


def ranking(q: str = "") -> list[Row]:
    """Providers with open findings, the most money first."""
    return rows(
        """SELECT f.*, coalesce(p.name, f.provider) AS name, p.level AS provider_level, p.type AS provider_type, p.area
           FROM (
               SELECT provider, count(*) AS n, sum(counted_fen)::bigint AS fen, count(DISTINCT person) AS persons,
                      count(*) FILTER (WHERE certainty = 'definite') AS definite, count(DISTINCT rule) AS rules
               FROM finding WHERE tab = 'open' GROUP BY 1) f
           LEFT JOIN provider_directory p ON p.provider = f.provider
           WHERE %(q)s = '' OR p.name ILIKE %(like)s OR f.provider ILIKE %(like)s
           ORDER BY fen DESC, n DESC, 1 LIMIT 1000""",
        {"q": q, "like": f"%{q}%"},
    )


def provider(code: str) -> Row | None:
    """The provider, when it lies in the scope or has findings in it; None otherwise."""
    found = rows(
        """SELECT %(code)s AS provider, coalesce(p.name, %(code)s) AS name, p.level AS provider_level,
                  p.type AS provider_type, p.area, a.name AS area_name
           FROM (SELECT 1) one LEFT JOIN provider_directory p ON p.provider = %(code)s
           LEFT JOIN LATERAL (
               SELECT name FROM facts.area WHERE code = p.area ORDER BY valid_from DESC LIMIT 1) a ON true
           WHERE (p.provider IS NOT NULL AND facts.in_scope(NULL, p.area))
              OR EXISTS (SELECT 1 FROM finding f WHERE f.provider = %(code)s)""",
        {"code": code},
    )
    return found[0] if found else None


def assemble(one: Row) -> dict[str, Any]:
    """The page's contents for a provider that may be seen."""
    everyone = ranking()
    own = next((row for row in everyone if row["provider"] == one["provider"]), None)
    peers = [row for row in everyone if row["provider_type"] == one["provider_type"]
             and (one["provider_type"] == "2" or row["provider_level"] == one["provider_level"])]  # fmt: skip
    return {
        "provider": one,
        "own": own,
        "place": everyone.index(own) + 1 if own else None,
        "of": len(everyone),
        "indicators": _indicators(own, peers),
        "peers": len(peers),
        "months": _grouped(one["provider"], "to_char(f.day, 'YYYY-MM')", "1 DESC", 12)[::-1],
        "rules": _rules(one["provider"]),
        "persons": named(_grouped(one["provider"], "f.person", "fen DESC, n DESC", 10)),
        "practitioners": _practitioners(one["provider"]),
    }


def _grouped(provider: str, by: str, order: str, limit: int) -> list[Row]:
    name = "person" if by == "f.person" else "month"
    return rows(
        f"SELECT {by} AS {name}, count(*) AS n, sum(f.counted_fen)::bigint AS fen FROM finding f"
        f" WHERE f.provider = %s AND f.tab = 'open' AND {by} IS NOT NULL GROUP BY 1 ORDER BY {order} LIMIT {limit}",
        [provider],
    )


def _rules(provider: str) -> list[Row]:
    return rows(
        "SELECT f.rule, coalesce(r.name, f.rule) AS name, f.certainty, count(*) AS n, sum(f.counted_fen)::bigint AS fen"
        " FROM finding f LEFT JOIN rule_directory r ON r.rule = f.rule WHERE f.provider = %s AND f.tab = 'open'"
        " GROUP BY 1, 2, 3 ORDER BY fen DESC, n DESC LIMIT 10",
        [provider],
    )


def _practitioners(provider: str) -> list[Row]:
    return rows(
        "SELECT f.practitioner, max(f.practitioner_name) AS name, max(f.department) AS department, count(*) AS n,"
        " sum(f.counted_fen)::bigint AS fen FROM finding f WHERE f.provider = %s AND f.tab = 'open'"
        " AND f.practitioner IS NOT NULL GROUP BY 1 ORDER BY fen DESC, n DESC LIMIT 10",
        [provider],
    )


def _indicators(own: Row | None, peers: list[Row]) -> list[Row]:
    """Six numbers of the provider, each with the median of its peers; `unit` says how to write them."""
    kinds = [
        ("待核实疑点", "count", lambda r: r["n"]),
        ("涉及金额", "wan", lambda r: r["fen"]),
        ("明确违规占比", "share", lambda r: r["definite"] / r["n"]),
        ("涉及参保人", "count", lambda r: r["persons"]),
        ("每条疑点金额", "yuan", lambda r: r["fen"] / r["n"]),
        ("命中规则数", "count", lambda r: r["rules"]),
    ]
    made = []
    for name, unit, value in kinds:
        mine = value(own) if own else 0
        middle = median(value(row) for row in peers) if peers else None
        made.append({"name": name, "unit": unit, "value": mine, "median": middle,
                     "times": mine / middle if middle else None})  # fmt: skip
    return made
