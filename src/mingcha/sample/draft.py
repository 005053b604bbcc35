"""A block of the city as plain integer arrays, before names, money and Arrow: what background and plants both write."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

NONE = -1
"""A missing value in the integer arrays of a draft."""

OUTPATIENT, EMERGENCY, SPECIAL, INPATIENT, PHARMACY_VISIT, INTERNET = range(6)
"""How care was given; places in VISIT_TYPES and CHANNELS."""

VISIT_TYPES = ("11", "13", "14", "21", "41", "11")
CHANNELS = ("2", "2", "2", "2", "2", "5")
INSURANCES = ("310", "390", "410", "510")
EMPLOYEE, RESIDENT, WORK_INJURY, MATERNITY = range(4)

UNORDERED = 9
"""Prescription of a line that nobody ordered."""

TAKEN_HOME = 8
"""Prescription of medicines taken home at discharge; they are ordered like the others."""

PROGRAMS = ("M01600", "M01602", "M03900")
"""Disease programmes under which stories are told."""

KEPT, EARLY, LATE = range(3)
"""Version of a row: the only one, one that a later file corrects, the correction in the later file."""

PERSONS = ("serial", "sex", "birth", "insurance", "county", "away")
VISITS = (
    "person", "provider", "care", "insurance", "sex", "birth", "start", "start_second", "end", "end_second",
    "department", "practitioner", "diagnosis", "planned", "died", "urgent", "program", "reversed", "number", "version",
)  # fmt: skip
DIAGNOSES = ("visit", "diagnosis", "main", "version")
LINES = (
    "visit", "line", "refund_of", "day", "second", "item", "quantity", "price", "amount", "first", "own",
    "days_supply", "prescription", "practitioner", "copies", "version",
)  # fmt: skip
OPERATIONS = ("visit", "operation", "sequence", "main", "after", "start", "end", "surgeon")
ENROLMENTS = ("person", "insurance", "start", "end")
DEATHS = ("person", "day")
TRIALS = ("CTR20250001", "CTR20259999")
"""Clinical trials into which stories take somebody: one whose protocol pays for an item, one that doesn't."""
EVENT_KINDS = ("identity", "attendance", "round", "video", "invoice", "consent", "trial")
EVENT_RESULTS = ("passed", "failed", "present", "absent", "seen", "nobody", "valid", "void", *TRIALS)
EVENTS = ("visit", "provider", "kind", "result", "day", "second", "terminal")
BILLS = ("visit", "lag", "invoice", "over")
PURCHASES = ("provider", "item", "quantity", "price", "day")
REPORT_KINDS = ("imaging", "lab", "pathology")
REPORTS = ("visit", "item", "kind", "day", "indicator", "result", "study")
INDICATORS = (("ALB", "白蛋白", "g/L"),)
"""Code, name and unit of what reports of tests tell in numbers."""
RECORDS = ("visit", "record", "amount")
RECORD_KINDS = (
    "ventilator_minutes", "icu_minutes", "special_nursing_days", "first_nursing_days", "second_nursing_days",
    "third_nursing_days",
)  # fmt: skip
"""Columns of a visit in which the settlement list says what a stay was given; told ones replace what was charged."""
TRACES = ("visit", "line", "code", "sale", "split", "day", "second", "event", "version", "made_for", "valid")

Columns = dict[str, np.ndarray]


@dataclass
class Draft:
    """The tables of one block of persons. Days count from 1970-01-01, seconds from midnight, money in fen.

    `visit` of a line, diagnosis or trace is a place among the visits; rows of one visit's versions share its `number`.
    A person with told `enrolments` has only those. An identity check or a report that a story tells takes the ordinary
    one's place; a told report without a kind was never written.
    """

    block: int
    persons: Columns
    visits: Columns
    diagnoses: Columns
    lines: Columns
    traces: Columns = field(default_factory=lambda: empty(TRACES))
    operations: Columns = field(default_factory=lambda: empty(OPERATIONS))
    enrolments: Columns = field(default_factory=lambda: empty(ENROLMENTS))
    deaths: Columns = field(default_factory=lambda: empty(DEATHS))
    events: Columns = field(default_factory=lambda: empty(EVENTS))
    bills: Columns = field(default_factory=lambda: empty(BILLS))
    purchases: Columns = field(default_factory=lambda: empty(PURCHASES))
    reports: Columns = field(default_factory=lambda: empty(REPORTS))
    records: Columns = field(default_factory=lambda: empty(RECORDS))


def empty(names: tuple[str, ...]) -> Columns:
    """A table without rows."""
    return {name: np.empty(0, dtype=np.int64) for name in names}


def joined(names: tuple[str, ...], *tables: Columns) -> Columns:
    """The rows of all tables, one after the other."""
    return {name: np.concatenate([table[name] for table in tables]).astype(np.int64, copy=False) for name in names}


def taken(table: Columns, rows: np.ndarray) -> Columns:
    """Some rows of a table: by a mask or by places."""
    return {name: values[rows] for name, values in table.items()}


def size(table: Columns) -> int:
    """The number of rows."""
    return len(next(iter(table.values())))
