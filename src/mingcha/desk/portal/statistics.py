"""A provider's own numbers by rule and month, and where it stands among others of its kind, who stay nameless."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, BinaryIO

import xlsxwriter

from mingcha.desk.audit.forms import Filter
from mingcha.desk.audit.queries import Row, rows
from mingcha.desk.audit.report import write_sheet

FEWEST = 5
"""Other providers there must be before their quartiles are told (facts.peer_statistics)."""
MEASURES = {
    "told": ("已反馈疑点", "条", 1.0), "fen": ("涉及金额", "万元", 1e6), "each": ("每条疑点的金额", "元", 100.0),
    "definite": ("明确违规占比", "%", 0.01), "revoked": ("有结论的疑点中撤销占比", "%", 0.01),
    "changed": ("近一年提醒采纳率", "%", 0.01),
}  # fmt: skip
"""What providers are compared in: name, unit, and what of the measure makes one of the unit."""
_PARTS = ("own", "low", "middle", "high")
_COLUMNS = [("规则", 40), ("疑点数", 10), ("金额（元）", 14), ("认可", 10), ("申诉", 10), ("处理中", 10),
            ("成立", 10), ("撤销", 10)]  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """One measure: the own value and the others' quartiles in its unit, None where there is none or too few have one.

    `box` is where low, middle, high and own lie on a line of a hundred.
    """

    name: str
    unit: str
    own: float | None
    low: float | None
    middle: float | None
    high: float | None

    @property
    def box(self) -> dict[str, float] | None:
        """Places on a line that begins with nothing and ends a little beyond the largest; None without others."""
        told = {"low": self.low, "middle": self.middle, "high": self.high, "own": self.own}
        known = {name: value for name, value in told.items() if value is not None}
        if self.low is None:
            return None
        most = max(known.values()) * 1.05 or 1.0
        placed = {name: round(100 * value / most, 1) for name, value in known.items()}
        return placed | {"width": max(0.8, round(placed["high"] - placed["low"], 1))}


def standings() -> list[Standing]:
    """The session's provider among others of its type and level in its city. Row security is the function's own."""
    told = {row["measure"]: row for row in rows("SELECT * FROM facts.peer_statistics()")}
    return [
        Standing(name, unit, *(_in_unit(told.get(measure, {}).get(part), one) for part in _PARTS))
        for measure, (name, unit, one) in MEASURES.items()
    ]


def _in_unit(value: float | None, one: float) -> float | None:
    return None if value is None else value / one


def by_rule(chosen: Filter) -> list[Row]:
    """Own findings by rule, the most money first: how many, answered how, and what became of them; money in fen."""
    return rows(
        f"""SELECT f.rule, coalesce(r.name, f.rule) AS name, count(*) AS n, sum(f.counted_fen)::bigint AS fen,
                   count(*) FILTER (WHERE m.accepted) AS accepted, count(*) FILTER (WHERE m.appealed) AS appealed,
                   count(*) FILTER (WHERE f.step IN ('notified', 'appealed', 'upheld', 'panel', 'final')) AS under_way,
                   count(*) FILTER (WHERE f.step IN ('signed', 'deducted')) AS upheld,
                   count(*) FILTER (WHERE f.step = 'revoked') AS revoked
            FROM finding f LEFT JOIN rule_directory r ON r.rule = f.rule LEFT JOIN LATERAL (
                SELECT bool_or(name = 'accept') AS accepted, bool_or(name IN ('appeal', 'appeal-again')) AS appealed
                FROM review_move WHERE finding_id = f.id
            ) m ON true
            WHERE {_OWN} GROUP BY 1, 2 ORDER BY fen DESC, n DESC, 1""",
        _values(chosen),
    )


def by_month(chosen: Filter) -> list[Row]:
    """Own findings by the month of what was charged, the last twelve that have any."""
    return rows(
        f"SELECT to_char(f.day, 'YYYY-MM') AS month, count(*) AS n, sum(f.counted_fen)::bigint AS fen FROM finding f"
        f" WHERE {_OWN} GROUP BY 1 ORDER BY 1 DESC LIMIT 12",
        _values(chosen),
    )[::-1]


_OWN = """f.provider = %(provider)s
    AND f.step IN ('notified', 'appealed', 'upheld', 'panel', 'final', 'signed', 'deducted', 'revoked')
    AND (%(since)s::date IS NULL OR f.day >= %(since)s) AND (%(until)s::date IS NULL OR f.day <= %(until)s)"""


def _values(chosen: Filter) -> dict[str, Any]:
    return {"provider": chosen.provider, "since": chosen.since, "until": chosen.until}


def write(file: BinaryIO, chosen: Filter, mark: str) -> int:
    """The page as a workbook; how many rules it holds."""
    found = by_rule(chosen)
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        money = book.add_format({"num_format": "#,##0.00"})
        cells = [[row["name"], row["n"], row["fen"] / 100, row["accepted"], row["appealed"], row["under_way"],
                  row["upheld"], row["revoked"]] for row in found]  # fmt: skip
        write_sheet(book, "按规则", _COLUMNS, cells, {2: money}, mark)
        months = [[row["month"], row["n"], row["fen"] / 100] for row in by_month(chosen)]
        write_sheet(book, "按月", [("月份", 10), ("疑点数", 10), ("金额（元）", 14)], months, {2: money}, mark)
        few = f"同类机构不足 {FEWEST} 家，不显示"
        peers = [[f"{one.name}（{one.unit}）", one.own, *(few if value is None else value for value in
                  (one.low, one.middle, one.high))] for one in standings()]  # fmt: skip
        columns = [("指标", 30), ("本机构", 14), ("同类下四分位", 14), ("同类中位数", 14), ("同类上四分位", 14)]
        write_sheet(book, "同类比较", columns, peers, dict.fromkeys(range(1, 5), money), mark)
    return len(found)
