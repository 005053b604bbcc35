"""What a finding page reads from the lake: the visit, its diagnoses and fee lines, witnesses elsewhere.

One read-only connection serves the process, behind a lock: each look-up is narrowed to one person's bucket and a span
of days, so it takes milliseconds. Facts are shown as they are in force now; rows newer than what the audit saw say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from threading import RLock
from typing import Any

from django.conf import settings

from mingcha.records.lake import Lake
from mingcha.terms.errors import MingchaError

Row = dict[str, Any]

# Named columns only: DuckLake looks up statistics for every column a query touches.
_VISIT = """v.provider, v.visit, v.visit_type, v.insurance, v.sex, v.birth_date, v.start_day, v.start_second, v.end_day,
    v.end_second, v.main_diagnosis, v.main_diagnosis_name"""
_LINE = """v.provider, v.visit, v.line, v.refund_of, v.service_day, v.service_second, v.item, v.item_name, v.spec,
    v.quantity, v.unit_price, v.amount, v.in_scope, v.days_supply, v.batch_seq"""
_LONGEST_STAY = timedelta(days=400)
AROUND, AROUND_MOST = timedelta(days=182), 300
"""How far from a finding's day the person's other visits are shown, and how many at most."""
_lock = RLock()
_open: Lake | None = None
_seen = -1


@contextmanager
def snapshot() -> Iterator[Lake]:
    """One transaction over the lake for all look-ups of a page: its catalogue is read once, and they agree.

    The views are renewed when a new batch has come in.
    """
    global _open, _seen  # one connection a process; opening costs a second, looking up a few milliseconds
    with _lock:
        if _open is None:
            _open = Lake.open(settings.HOME, read_only=True, role="app", threads=2)
            _open.con.execute("SET memory_limit = '1GB'")
            _seen = _open.watermark()
        elif (newest := _open.watermark()) != _seen:
            _open.as_of(newest)
            _seen = newest
        _open.con.execute("BEGIN")
        try:
            yield _open
        finally:
            _open.con.execute("ROLLBACK")  # nothing was written


def _rows(lake: Lake, query: str, values: Iterable[Any]) -> list[Row]:
    found = lake.con.execute(query, list(values))
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def warm() -> None:
    """Open the connection before the first person asks; a lake that is not there yet is not an error."""
    with suppress(MingchaError), snapshot():
        pass


def forget() -> None:
    """Close the connection; for tests and for a worker that ends."""
    global _open
    with _lock:
        if _open is not None:
            _open.close()
        _open = None


def visit_of(lake: Lake, finding: Row) -> Row | None:
    """The visit a finding belongs to, with the person's age in completed years at its start."""
    if finding["visit"] is None:
        return None
    first, last = finding["day"] - _LONGEST_STAY, finding["day"] + timedelta(days=1)
    query = f"SELECT {_VISIT} FROM facts.visit v WHERE {_NARROW} AND v.visit = ?"
    found = _rows(lake, query, [*_narrow(finding, first, last), finding["visit"]])
    if not found:
        return None
    born, begun = found[0]["birth_date"], found[0]["start_day"]
    age = None if born is None else begun.year - born.year - ((begun.month, begun.day) < (born.month, born.day))
    return found[0] | {"age": age}


def lines_of(lake: Lake, finding: Row, visit: Row | None) -> list[Row]:
    """The fee lines of the finding's visit in order of time, refunds among them."""
    if finding["visit"] is None:
        return []
    first = visit["start_day"] if visit else finding["day"] - _LONGEST_STAY
    last = (visit["end_day"] if visit and visit["end_day"] else finding["day"]) + timedelta(days=45)
    return _rows(
        lake,
        f"SELECT {_LINE} FROM facts.fee_line v WHERE {_NARROW} AND v.visit = ?"
        " ORDER BY v.service_day, v.service_second NULLS FIRST, v.line",
        [*_narrow(finding, min(first, finding["day"]), last), finding["visit"]],
    )


def diagnoses_of(lake: Lake, finding: Row) -> list[Row]:
    """The diagnoses of the visit, the main one first."""
    if finding["visit"] is None:
        return []
    return _rows(
        lake,
        "SELECT DISTINCT v.code, v.name, coalesce(v.is_main, false) AS is_main FROM facts.diagnosis v"
        f" WHERE {_NARROW} AND v.visit = ? ORDER BY is_main DESC, v.code LIMIT 40",
        [*_narrow(finding, finding["day"] - _LONGEST_STAY, finding["day"] + _LONGEST_STAY), finding["visit"]],
    )


def lines_elsewhere(lake: Lake, finding: Row, keys: list[str]) -> list[Row]:
    """Witness lines by key (provider|visit|line) outside the finding's visit; those of the same person."""
    parts = [key.split("|") for key in keys]
    wanted = [(p[0], p[1], "|".join(p[2:])) for p in parts if len(p) >= 3]
    if not wanted or finding["person"] is None:
        return []
    return _rows(
        lake,
        f"SELECT {_LINE} FROM facts.fee_line v WHERE v.person_bucket = ? AND v.person = ?"
        " AND (v.provider, v.visit, v.line) IN"
        f" ({', '.join('(?, ?, ?)' for _ in wanted)}) ORDER BY v.service_day, v.service_second NULLS FIRST, v.line",
        [finding["person"] & 7, finding["person"], *(value for key in wanted for value in key)],
    )


def visits_around(lake: Lake, finding: Row, areas: list[str] | None) -> list[Row]:
    """The person's visits that begin within half a year of the finding's day, in order of time.

    At whatever provider, as long as fund or place of care is one of `areas` (None: all).
    """
    if finding["person"] is None:
        return []
    first, last, person = finding["day"] - AROUND, finding["day"] + AROUND, finding["person"]
    marks = ", ".join("?" * len(areas or ()))
    within = "true" if areas is None else f"(v.fund_area IN ({marks}) OR v.care_area IN ({marks}))"
    return _rows(
        lake,
        f"SELECT {_VISIT}, (SELECT sum(s.total)::BIGINT FROM facts.settlement s WHERE s.person_bucket = ?"
        " AND s.person = ? AND s.provider = v.provider AND s.visit = v.visit AND s.day BETWEEN ? AND ?) AS total"
        f" FROM facts.visit v WHERE v.person_bucket = ? AND v.person = ? AND v.day BETWEEN ? AND ? AND {within}"
        f" ORDER BY v.start_day, v.start_second NULLS FIRST, v.provider, v.visit LIMIT {AROUND_MOST}",
        [person & 7, person, first, last + AROUND, person & 7, person, first, last, *(areas or ()), *(areas or ())],
    )


def visits_elsewhere(lake: Lake, finding: Row, keys: list[str]) -> list[Row]:
    """Witness visits by key (provider|visit) of the same person."""
    wanted = [(p[0], "|".join(p[1:])) for p in (key.split("|") for key in keys) if len(p) >= 2]
    if not wanted or finding["person"] is None:
        return []
    return _rows(
        lake,
        f"SELECT {_VISIT} FROM facts.visit v WHERE v.person_bucket = ? AND v.person = ? AND (v.provider, v.visit) IN"
        f" ({', '.join('(?, ?)' for _ in wanted)}) ORDER BY v.start_day",
        [finding["person"] & 7, finding["person"], *(value for key in wanted for value in key)],
    )


def traces(lake: Lake, keys: list[str]) -> list[Row]:
    """Trace code events by key (provider|code|kind|event). A code passes from person to person: no name is read."""
    wanted = [(p[0], p[1], p[2], "|".join(p[3:])) for p in (key.split("|") for key in keys) if len(p) >= 4]
    if not wanted:
        return []
    return _rows(
        lake,
        "SELECT v.provider, v.code, v.kind, v.day, v.moved_day, v.moved_second, v.visit, v.line FROM facts.trace v"
        f" WHERE (v.provider, v.code, v.kind, v.event) IN ({', '.join('(?, ?, ?, ?)' for _ in wanted)})"
        " ORDER BY v.day, v.moved_second",
        [value for key in wanted for value in key],
    )


_NARROW = "v.provider = ? AND (? IS NULL OR (v.person_bucket = ? AND v.person = ?)) AND v.day BETWEEN ? AND ?"


def _narrow(finding: Row, first: date, last: date) -> list[Any]:
    person = finding["person"]
    return [finding["provider"], person, None if person is None else person & 7, person, first, last]
