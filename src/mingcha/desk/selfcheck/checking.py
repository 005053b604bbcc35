"""One self-check, in the process of its job: the files into a lake of their own, the library in force over it.

The lake lies in a home that is made for the run and thrown away after it, with a key of its own: the fund's lake never
hears of it, and its tokens mean nobody anywhere else. Reader and engine are those of `mingcha import` and `audit`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mingcha.desk.library.local_packs import opened
from mingcha.desk.selfcheck import uploads
from mingcha.engines.answers import flags, lacking
from mingcha.engines.duckdb import Scope
from mingcha.engines.effective import effective
from mingcha.engines.passes import run_passes
from mingcha.engines.reach import EVERYBODY
from mingcha.home.directory import Home
from mingcha.knowledge.library import Library
from mingcha.records.casts import literal
from mingcha.records.importing import Import
from mingcha.records.lake import Lake
from mingcha.records.report import write_report
from mingcha.records.tables import TABLES

MOST = 50_000
"""Findings of one run that are kept, those with the largest amounts."""
REPORT = "refused.xlsx"

Step = Callable[[int], None]
"""Called with how far it is, in hundredths."""


@dataclass(frozen=True)
class Checked:
    """What came of a self-check; money in fen."""

    totals: dict[str, Any]
    lacking: list[dict[str, Any]]
    found: list[dict[str, Any]]
    findings: int
    improper_fen: int
    pack: str


class OwnImport(Import):
    """An import that takes the rows of one provider and sends every other provider's back."""

    def __init__(self, lake: Lake, provider: str, by: str, progress: Callable[[str, int, int], None]) -> None:
        super().__init__(lake, by=by, progress=progress)
        self.provider = provider

    def _commit(self, digest: str, labels: list[str], counted: set[str], rows: int, replaces: str | None) -> int:
        for name in self.staging.staged:
            if "provider" in TABLES[name].names:
                self._send_back(name, name in counted)
        return super()._commit(digest, labels, counted, rows, replaces)

    def _send_back(self, name: str, counted: bool) -> None:
        """Move other providers' staged rows to the refused ones; rows derived beside counted ones just go."""
        con, own = self.lake.con, literal(self.provider)
        foreign = f"provider <> {own}"
        if counted:
            zh = f"不是本机构的数据：机构代码为“' || provider || '”，本机构为“' || {own} || '”。自查只受理本机构的数据"
            en = f"of another provider, ' || provider || '; yours is ' || {own} || '"
            picked = (f"source_file, '{name}', source_row, 'provider', '{zh}', '{en}', '', ext_money"
                      f" FROM staged_{name} WHERE {foreign}")  # fmt: skip
            con.execute(f"INSERT INTO mc_refused SELECT {picked.replace(', ext_money', ', ext_money, NULL')}")
            con.execute(f"INSERT INTO staged_quarantine SELECT {picked}")
        con.execute(f"DELETE FROM staged_{name} WHERE {foreign}")


def check(home: Home, folder: Path, provider: str, by: str, step: Step) -> Checked:
    """Run the library in force of `home` over the files in `folder`; the refused rows are written beside them.

    Raises InputError or UsageError for files that can't be read, PlatformError when there is no room. The files and
    the lake made of them are gone when this returns or raises.
    """
    own = Home.open(folder / "home", {})
    try:
        library = opened(home)
        with Lake.open(own) as lake:
            totals = _take(lake, folder, provider, by, step)
            return _judge(lake, library, provider, totals, step)
    finally:
        uploads.end(home, folder.name)


def _take(lake: Lake, folder: Path, provider: str, by: str, step: Step) -> dict[str, Any]:
    """Import the files; half of the way."""
    size = sum(file.stat().st_size for file in (folder / "files").rglob("*") if file.is_file()) or 1
    done = 0

    def progress(label: str, read: int, rows: int) -> None:
        nonlocal done
        del label, rows
        done += read
        step(min(50, 5 + 45 * done // size))

    run = OwnImport(lake, provider, by, progress)
    outcome = run.run([folder / "files"])
    lake.con.execute(r"UPDATE mc_refused SET source_file = regexp_replace(source_file, '^\d+/', '')")
    write_report(lake.con, outcome, folder / REPORT)
    told: dict[str, Any] = {**outcome.totals.as_dict()}
    told["skipped"] = [f"{Path(one.label).name}：{one.zh}" for one in outcome.skipped[:20]]
    told["reasons"] = [list(row) for row in lake.con.execute(
        "SELECT reason_zh, count(*) FROM mc_refused GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 20").fetchall()]  # fmt: skip
    return told


def _judge(lake: Lake, library: Library, provider: str, totals: dict[str, Any], step: Step) -> Checked:
    """Audit what was taken; the other half."""
    plan, at = effective(library, library.audited), 0

    def stepped(name: str) -> None:
        nonlocal at
        del name
        at += 1
        step(min(99, 50 + 49 * at // (len(plan.plans) + 3)))

    run_passes(lake.con, [(plan, EVERYBODY)], Scope((provider,)), stepped)
    rules = {rule.id: rule for rule in plan.rules}
    found = [row for batch in flags(lake.con, plan) for row in batch.to_pylist()]
    found.sort(key=lambda row: (-row["improper_fen"], row["rule"], row["key"]))
    items = _items(lake)
    kept = [
        {
            **{name: row[name] for name in ("rule", "certainty", "person", "visit", "line", "day", "improper_fen",
                                            "message")},
            "rule_name": rules[row["rule"]].name,
            "article": "；".join(f"{basis.document}{basis.article or ''}" for basis in rules[row["rule"]].basis),
            "item": items.get((row["visit"], row["line"]), (None, None))[0],
            "item_name": items.get((row["visit"], row["line"]), (None, None))[1],
            "why": json.loads(row["why"]),
        }
        for row in found[:MOST]
    ]  # fmt: skip
    (improper,) = lake.con.execute(
        "SELECT coalesce(sum(fen), 0)::BIGINT FROM (SELECT max(amount) AS fen FROM flag_line GROUP BY provider, visit,"
        " line)"
    ).fetchone() or (0,)
    lack = [{"rule": rules[one.rule].name, "missing": one.missing} for one in lacking(lake.con, plan)]
    return Checked(totals, lack, kept, len(found), improper, library.hash)


def _items(lake: Lake) -> dict[tuple[str, str], tuple[str, str]]:
    """Code and name of what every flagged line charges."""
    query = ("SELECT visit, line, item, item_name FROM facts.fee_line WHERE (visit, line) IN"
             " (SELECT (visit, line) FROM flag WHERE line IS NOT NULL)")  # fmt: skip
    return {(visit, line): (item, name) for visit, line, item, name in lake.con.execute(query).fetchall()}
