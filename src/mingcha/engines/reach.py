"""Whose rows a run reads: everybody's, one person's, or those of whom something new is known since an import batch.

Most kinds look at one person's rows, trace codes pass from person to person, and the rest compare across persons. The
first two can be run over a part of the lake with the same answers as over all of it (`spread`); the last can't.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from mingcha.engines.effective import Plan
from mingcha.records import digest
from mingcha.records.contract import Table
from mingcha.records.tables import TABLES
from mingcha.rules.algebra import Aggregate, Column, Exists
from mingcha.rules.frames import FRAMES
from mingcha.rules.kind import Check, Kind


@dataclass(frozen=True)
class Reach:
    """What `engines.frames` keeps: conditions on a row's `person`, on a trace row's `code` and on a fee line's person.

    A row of a visit that names no person is kept with its visit, if that is among `visits`. Fee lines at hand are those
    of the persons and of `buyer`, to whom trace codes in reach were sold.
    """

    persons: str
    codes: str
    lines: str
    visits: str = "SELECT provider, visit FROM frame_visit"


EVERYBODY = Reach("person IS NOT NULL", "TRUE", "person IS NOT NULL")

_UNNAMED = "SELECT code FROM facts.trace SEMI JOIN frame_visit USING (provider, visit) WHERE person IS NULL"
NEWS = Reach(
    "person IN (FROM reach_person)",
    f"code IN (FROM reach_code UNION {_UNNAMED})",
    "person IN (FROM reach_person UNION FROM buyer)",
    "SELECT provider, visit FROM frame_visit UNION SELECT provider, visit FROM reach_visit",
)
"""Those whom `find_news` found."""


def one(person: int) -> Reach:
    """One person, and the way of every trace code that was sold to them."""
    mine = f"person = {int(person)} AND person_bucket = {int(person) % digest.BUCKETS}"
    codes = f"code IN (SELECT code FROM facts.trace WHERE {mine} UNION {_UNNAMED})"
    return Reach(mine, codes, f"person IN (SELECT {int(person)} UNION FROM buyer)")


_OF_PROVIDERS = ("provider", "department")
_VISIT = frozenset({"provider", "visit"})


def _table(frame: str) -> str | None:
    """The table of the lake a frame is made of; None for one that is counted together from several."""
    name = FRAMES[frame].drawn_from
    return "fee_line" if name == "line" else name if name in TABLES else None


def spread(kind: Kind, choice: str) -> str:
    """Within what the rows that a kind compares stay: "person", "code" (of a trace), or "whole" for neither.

    A visit is one person's. A register, whose rows are nobody's, may be asked from anywhere. What a provider sends and
    what only audits read is no person's matter.
    """
    if kind.needed(choice) or not kind.at_hand:
        return "whole"
    check = kind.checks[choice]
    aggregates = tuple(check.aggregates().values())
    if kind.frame.name == "trace":
        return "code" if all("code" in _keys(a) for a in aggregates) else "whole"
    if "person" not in kind.frame.columns:
        return "whole"
    return "person" if all(_personal(a) for a in aggregates) else "whole"


def in_news(kind: Kind, choice: str) -> bool:
    """Whether an audit may leave it at the rows in reach of news: each is a person's, and what it is compared with too.

    So are kinds over registers: a gate or a part of the lake couldn't ask them, in an audit they stand by. Who ever
    sent what a kind needs is asked of everybody, and is news itself when it changes (`engines.registers.sent`).
    """
    if spread(kind, choice) != "whole":
        return True
    related = kind.checks[choice].aggregates().values()
    if kind.frame.drawn_from == "trace":
        return all("code" in _keys(aggregate) for aggregate in related)
    own = "person" in kind.frame.required or kind.frame.required.keys() >= _VISIT
    return own and not kind.frame.wide and all(map(_personal, related))


def _personal(aggregate: Aggregate | Exists) -> bool:
    keys = _keys(aggregate)
    if "person" in keys or keys >= _VISIT:
        return True
    return (
        isinstance(aggregate, Exists)
        and "person" not in FRAMES[aggregate.frame].columns
        and bool(_table(aggregate.frame))
    )


def _keys(aggregate: Aggregate | Exists) -> set[str]:
    """The columns that are equal in the row and in those it is compared with."""
    if isinstance(aggregate, Exists):
        return {theirs for _, theirs in aggregate.same}
    return {node.name for node in aggregate.same if isinstance(node, Column)}


def tables(kind: Kind, check: Check) -> set[str]:
    """The tables of the lake a kind reads."""
    frames = {kind.frame.name} | {a.frame for a in check.aggregates().values() if isinstance(a, Exists)}
    frames |= {parent.frame for name in tuple(frames) for parent in FRAMES[name].parents.values()}
    return {table for name in frames if (table := _table(name))}


def whole(plan: Plan, changed: set[str]) -> bool:
    """Whether a plan has to be run over everything when only those tables brought news.

    So it must when it compares across persons, or asks a register in which something changed. Of the registers of
    providers and departments that isn't so: a change puts everybody who was at that provider in reach.
    """
    if not in_news(plan.kind, plan.choice):
        return True
    return any(not _of_people(TABLES[t]) and t not in _OF_PROVIDERS and t in changed
               for t in tables(plan.kind, plan.kind.checks[plan.choice]))  # fmt: skip


def _of_people(table: Table) -> bool:
    return "person" in table.names and table.name != "movement"


def find_news(con: duckdb.DuckDBPyConnection, since: int, mark: int) -> set[str]:
    """Fill `reach_person`, `reach_visit` and `reach_code` with what batches after `since` up to `mark` bear upon.

    Rows count that are new, and rows that went out of force. Returns the names of the tables that have any. The views
    must stand at `mark`.
    """
    con.execute("CREATE OR REPLACE TEMP TABLE touched (t VARCHAR, provider VARCHAR, visit VARCHAR, person BIGINT,"
                " code VARCHAR)")  # fmt: skip
    for table in TABLES.values():
        for query in _touched(table, since, mark):
            con.execute(f"INSERT INTO touched {query}")
    find_reach(con, mark)
    return {name for (name,) in con.execute("SELECT DISTINCT t FROM touched").fetchall()}


def find_reach(con: duckdb.DuckDBPyConnection, mark: int) -> None:
    """Fill `reach_person`, `reach_visit` and `reach_code` from `touched`: t, provider, visit, person, code."""
    con.execute(_REACH.format(mark=mark, visit_key=digest.of(("provider", "visit"))))


def _touched(table: Table, since: int, mark: int) -> Iterator[str]:
    """New rows, and old ones that newer batches replaced."""
    own = ", ".join(name if name in table.names else "NULL" for name in ("provider", "visit", "person", "code"))
    select = f"SELECT DISTINCT '{table.name}', {own} FROM lake.{table.name}"
    yield f"{select} WHERE batch_seq > {since} AND batch_seq <= {mark}"
    gone = (
        "SELECT row_key, row_content, old_batch AS batch_seq FROM lake.supersession "
        f"WHERE table_name = '{table.name}' AND by_batch > {since} AND by_batch <= {mark} AND old_batch <= {since}"
    )
    yield f"{select} SEMI JOIN ({gone}) USING (row_key, row_content, batch_seq)"


# Whatever belongs to a visit is of the visit's person, also where it doesn't name one.
_REACH = """
CREATE OR REPLACE TEMP TABLE reach_visit AS
SELECT DISTINCT provider, visit, {visit_key} AS row_key FROM touched WHERE visit IS NOT NULL;
CREATE OR REPLACE TEMP TABLE reach_person AS
SELECT person FROM touched WHERE person IS NOT NULL
UNION SELECT person FROM lake.visit SEMI JOIN reach_visit USING (row_key, provider, visit)
WHERE batch_seq <= {mark} AND person IS NOT NULL;
CREATE OR REPLACE TEMP TABLE reach_provider AS
SELECT DISTINCT provider FROM touched WHERE t IN ('provider', 'department');
INSERT INTO reach_person
SELECT person FROM (
    SELECT person FROM facts.visit SEMI JOIN reach_provider USING (provider)
    UNION SELECT person FROM facts.fee_line SEMI JOIN reach_provider USING (provider))
WHERE person IS NOT NULL AND person NOT IN (FROM reach_person);
CREATE OR REPLACE TEMP TABLE reach_code AS
SELECT code FROM touched WHERE t = 'trace'
UNION SELECT code FROM facts.trace WHERE person IN (FROM reach_person)
UNION SELECT code FROM facts.trace SEMI JOIN reach_visit USING (provider, visit) WHERE person IS NULL;
"""
