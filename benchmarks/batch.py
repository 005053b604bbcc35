"""T1 and T2: what the pack costs over a whole city, against reading the columns it needs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mingcha.engines.any_lines import sales
from mingcha.engines.duckdb import load_knowledge, run
from mingcha.engines.effective import effective
from mingcha.engines.frames import make_frames
from mingcha.engines.passes import run_passes
from mingcha.engines.reach import EVERYBODY, NEWS, find_reach, whole
from mingcha.engines.tallies import make_tallies
from mingcha.home.directory import Home
from mingcha.records.lake import Lake

COLUMNS = {
    "person": "sum(person)",
    "visit": "sum(strlen(visit))",
    "provider": "sum(strlen(provider))",
    "item": "sum(strlen(item))",
    "line": "sum(strlen(line))",
    "day": "sum(datediff('day', DATE '2000-01-01', day))",
    "second": "sum(service_second)",
    "quantity": "sum(quantity)",
    "unit_price": "sum(unit_price)",
    "in_scope": "sum(in_scope)",
}
"""The ten columns of a fee line that the rules need, and how each is summed: texts by their length in bytes, the
cheapest thing that still reads every value."""

SCAN = f"SELECT {', '.join(COLUMNS.values())} FROM lake.fee_line"


class City:
    """An open lake with the frames the engine reads, and the pack cut by kind."""

    def __init__(self, home: Path, pack: Any) -> None:
        self.lake = Lake.open(Home.open(home), read_only=True)
        self.pack = pack
        self.sales: Callable[[str], str] = sales

    @property
    def lines(self) -> int:
        row = self.lake.con.execute("SELECT count(*) FROM lake.fee_line").fetchone()
        return row[0] if row else 0

    def scan(self) -> None:
        """Sum the ten columns over every fee line."""
        self.lake.con.execute(SCAN).fetchall()

    def audit(self) -> Callable[[], None]:
        """The whole pack as an audit runs it, from the frames to the flags and their lines."""
        passes = [(effective(self.pack), EVERYBODY)]
        return lambda: run_passes(self.lake.con, passes)

    def day(self) -> Callable[[], None]:
        """An incremental audit of the newest day: those who had lines or sales on it, with their whole history."""
        chosen, mark = effective(self.pack), self.lake.watermark()
        whole_rules = {chosen.rules[k.rule].id for p in chosen.plans if whole(p, set()) for k in p.known}
        rest = {rule.id for rule in chosen.rules} - whole_rules
        parts = [(chosen.only(whole_rules), EVERYBODY)] if whole_rules else []

        def task() -> None:
            self.lake.con.execute(_TOUCHED)
            find_reach(self.lake.con, mark)
            run_passes(self.lake.con, [*parts, (chosen.only(rest), NEWS)])

        return task

    def frame(self) -> Callable[[], None]:
        """What all kinds share: the knowledge and the frames of the whole pack."""
        chosen = effective(self.pack)

        def task() -> None:
            load_knowledge(self.lake.con, chosen)
            self.sales = make_frames(self.lake.con, chosen)
            make_tallies(self.lake.con, chosen)

        return task

    def kind(self, rules: list[str]) -> Callable[[], None]:
        """The rules named, over frames that were made before."""
        chosen = effective(self.pack, rules)

        def task() -> None:
            load_knowledge(self.lake.con, chosen)
            run(self.lake.con, chosen, sales=self.sales)

        return task

    def kinds(self) -> dict[str, list[str]]:
        """The ids of the pack's rules by kind."""
        found: dict[str, list[str]] = {}
        for rule in self.pack.rules:
            found.setdefault(rule.kind, []).append(rule.id)
        return dict(sorted(found.items()))

    def flags(self) -> int:
        row = self.lake.con.execute("SELECT count(*) FROM flag WHERE verdict = 'flagged'").fetchone()
        return row[0] if row else 0

    def frames(self, at_least: int, persons: int = 2000) -> dict[str, list[dict[str, Any]]]:
        """Rows by frame of some persons with so many lines, for the memory engine; lines known to a rule or not."""
        self.lake.con.execute(
            "CREATE OR REPLACE TEMP TABLE chosen AS SELECT person FROM facts.net_fee_line WHERE person IS NOT NULL "
            f"GROUP BY person HAVING count(*) >= {at_least} ORDER BY hash(person) LIMIT {persons}"
        )
        queries = {
            "line": sales("person IN (FROM chosen)"),
            "visit": "FROM frame_visit SEMI JOIN chosen USING (person)",
            "diagnosis": "FROM frame_diagnosis AS d SEMI JOIN (FROM frame_visit SEMI JOIN chosen USING (person)) AS v "
            "ON v.provider = d.provider AND v.visit = d.visit",
            "provider": "FROM frame_provider",
        }
        return {name: self.lake.con.execute(query).to_arrow_table().to_pylist() for name, query in queries.items()}


_TOUCHED = """
CREATE OR REPLACE TEMP TABLE touched AS
WITH newest AS (SELECT max(day) AS day FROM facts.fee_line)
SELECT DISTINCT 'fee_line' AS t, provider, visit, person, NULL::VARCHAR AS code
FROM facts.fee_line SEMI JOIN newest USING (day)
UNION SELECT 'trace', provider, visit, person, code FROM facts.trace SEMI JOIN newest USING (day)
"""
