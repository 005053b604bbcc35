"""Frames: what one row of a condition is, which columns it has, and which parents it reaches by a dot."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from mingcha.rules.algebra import AlgebraError, Column, Kind, Side

INT, TEXT, DATE, BOOL, TEXTS = Kind.INT, Kind.TEXT, Kind.DATE, Kind.BOOL, Kind.TEXTS


@dataclass(frozen=True)
class Parent:
    """A many-to-one step: these columns equal the parent's key; `as_of` picks the version valid on the row's day."""

    frame: str
    on: tuple[tuple[str, str], ...]
    as_of: bool = False


@dataclass(frozen=True)
class Frame:
    """One kind of row. `required` columns are never missing; `order` is the total order "earlier" means (DECISIONS 9).

    `index` is the key under which an engine keeps rows at hand. A frame may show rows that another one holds too, its
    `source`, and `only` those with certain values. `at_hand` frames are kept for a doctor who waits; kinds over others
    are for audits alone. A `wide` frame compares providers, over all their persons.
    """

    name: str
    key: tuple[str, ...]
    required: dict[str, Kind]
    optional: dict[str, Kind]
    index: tuple[str, ...]
    day: str = "day"
    second: str | None = "second"
    item: str = "item"  # the column knowledge is keyed by
    parents: dict[str, Parent] = field(default_factory=dict)
    source: str = ""
    only: dict[str, str] = field(default_factory=dict)
    at_hand: bool = True
    wide: bool = False

    def column(self, side: Side, name: str) -> Column:
        """The column, through parents if the name has a dot; AlgebraError if there is none."""
        head, _, rest = name.partition(".")
        if rest:
            parent = self.parents.get(head)
            if parent is None:
                raise AlgebraError(f"{self.name} has no parent {head}")
            inner = FRAMES[parent.frame].column(side, rest)
            return Column(side, name, inner.kind, True)
        if name in self.required:
            return Column(side, name, self.required[name], False)
        if name in self.optional:
            return Column(side, name, self.optional[name], True)
        raise AlgebraError(f"{self.name} has no column {name}")

    @property
    def columns(self) -> dict[str, Kind]:
        return {**self.required, **self.optional}

    @property
    def drawn_from(self) -> str:
        """The name of the rows it shows: its own, or its source's."""
        return self.source or self.name


@dataclass(frozen=True)
class Reader:
    """Attribute access to a frame's columns: `row.visit.sex` instead of `frame.column(Side.ROW, "visit.sex")`."""

    frame: Frame
    side: Side
    path: str = ""

    def __getattr__(self, name: str) -> Any:
        here = self.frame
        for step in filter(None, self.path.split(".")):
            here = FRAMES[here.parents[step].frame]
        dotted = f"{self.path}.{name}" if self.path else name
        if name in here.parents and name not in here.columns:
            return Reader(self.frame, self.side, dotted)
        return self.frame.column(self.side, dotted)

    def parent(self, step: str) -> Reader:
        """The parent where a column has the same name, as `line.visit` the key and `line.visit.sex` beyond it."""
        return Reader(self.frame, self.side, f"{self.path}.{step}" if self.path else step)


AREAS = {"fund_area": TEXT, "care_area": TEXT}

PROVIDER = Frame(
    name="provider", key=("provider",), index=("provider",), day="valid_from", second=None,
    required={"provider": TEXT},
    optional={
        "level": INT, "level_text": TEXT, "type": TEXT, "area": TEXT, "contract_status": TEXT, "valid_from": DATE,
        "valid_until": DATE,
    },
)  # fmt: skip

VISIT = Frame(
    name="visit", key=("provider", "visit"), index=("person",), day="start_day", second="start_second",
    required={"provider": TEXT, "visit": TEXT, "person": INT, "start_day": DATE, **AREAS},
    optional={
        "start_second": INT, "end_day": DATE, "end_second": INT, "visit_type": TEXT, "care": TEXT, "insurance": TEXT,
        "sex": TEXT, "birth_date": DATE, "main_diagnosis": TEXT, "planned_readmission": BOOL, "discharge_way": TEXT,
        "program": TEXT, "admission_way": TEXT,
    },
    parents={"facility": Parent("provider", (("provider", "provider"),), as_of=True)},
)  # fmt: skip

_OF_VISIT = {"encounter": Parent("visit", (("provider", "provider"), ("visit", "visit")))}

LINE = Frame(
    name="line", key=("provider", "visit", "line"), index=("person", "item"),
    required={
        "provider": TEXT, "visit": TEXT, "line": TEXT, "person": INT, "day": DATE, "item": TEXT,
        "quantity": INT, "amount": INT, "in_scope": INT, **AREAS,
    },
    optional={"second": INT, "unit_price": INT, "days_supply": INT, "prescription": TEXT, "settlement": TEXT,
              "specialty": TEXT, "takehome": BOOL, "practitioner": TEXT},
    parents={
        **_OF_VISIT,
        "facility": Parent("provider", (("provider", "provider"),), as_of=True),
    },
)  # fmt: skip
"""Fee lines whose item some rule knows, net of refunds."""

SALE = replace(LINE, name="sale", source="line")
"""Any fee line, known to a rule or not: what a trace code was sold on."""

BASKET = replace(LINE, name="basket", source="line", index=("provider", "visit"))
"""Any fee line of the visits in which a rule asks what else was charged."""

HISTORY = replace(LINE, name="history", source="line", index=("person",))
"""Any fee line of the persons of whom a rule asks what they had before."""

DIAGNOSIS = Frame(
    name="diagnosis", key=("provider", "visit", "code"), index=("provider", "visit"), second=None, item="code",
    required={"provider": TEXT, "visit": TEXT, "code": TEXT, "day": DATE, **AREAS},
    optional={"person": INT, "source": TEXT}, parents=_OF_VISIT,
)  # fmt: skip
"""A diagnosis that several messages name is one: its source is no part of the key."""

OPERATION = Frame(
    name="operation", key=("provider", "visit", "sequence"), index=("provider", "visit"), item="code",
    required={"provider": TEXT, "visit": TEXT, "sequence": TEXT, "code": TEXT, "day": DATE, **AREAS},
    optional={"second": INT, "person": INT, "is_main": BOOL}, parents=_OF_VISIT,
)  # fmt: skip

TRACE = Frame(
    name="trace", key=("provider", "code", "kind", "event"), index=("code",),
    required={"provider": TEXT, "code": TEXT, "kind": TEXT, "event": TEXT, "day": DATE, **AREAS},
    optional={"second": INT, "person": INT, "visit": TEXT, "line": TEXT, "is_split": BOOL},
    parents={"sale": Parent("sale", (("provider", "provider"), ("visit", "visit"), ("line", "line")))},
)  # fmt: skip

ENROLMENT = Frame(
    name="enrolment", key=("person", "insurance", "start_day"), index=("person",), day="start_day", second=None,
    required={"person": INT, "insurance": TEXT, "start_day": DATE},
    optional={"end_day": DATE, "fund_area": TEXT}, at_hand=False,
)  # fmt: skip

PERSON = Frame(
    name="person", key=("person",), index=("person",), day="since", second=None,
    required={"person": INT, "since": DATE},
    optional={"sex": TEXT, "birth_date": DATE, "death_date": DATE}, at_hand=False,
)  # fmt: skip
"""The register of insured persons; nothing in it has a day, so `since` is the first of all days."""

EVENT = Frame(
    name="event", key=("provider", "event"), index=("provider", "visit"),
    required={"provider": TEXT, "event": TEXT, "kind": TEXT, "day": DATE},
    optional={"visit": TEXT, "second": INT, "result": TEXT, "terminal": TEXT, "person": INT}, at_hand=False,
)  # fmt: skip

IDENTITY = replace(EVENT, name="identity", source="event", only={"kind": "identity"})
"""Checks of who the person is."""

ATTENDANCE = replace(EVENT, name="attendance", source="event", only={"kind": "attendance"}, index=("provider", "day"))
"""Pharmacists who signed in."""

TRIAL = replace(EVENT, name="trial", source="event", only={"kind": "trial"}, index=("provider", "person"))
"""Who was taken into a clinical trial of the provider, on which day; the result is the number of the trial."""

CONSENT = replace(EVENT, name="consent", source="event", only={"kind": "consent"})
"""Consents to care at own expense."""

SWIPE = replace(
    IDENTITY, name="swipe", index=("provider", "day"), required={**EVENT.required, **AREAS},
)  # fmt: skip
"""Checks of identity as they followed each other at a provider's terminals."""

ORDER = Frame(
    name="order", key=("provider", "visit", "order_no"), index=("provider", "visit"), second=None,
    required={"provider": TEXT, "visit": TEXT, "order_no": TEXT, "day": DATE},
    optional={"item": TEXT, "quantity": INT}, at_hand=False,
)  # fmt: skip
"""Lines of orders and prescriptions."""

REPORT = Frame(
    name="report", key=("provider", "report", "part"), index=("provider", "visit"),
    required={"provider": TEXT, "report": TEXT, "part": TEXT, "kind": TEXT, "day": DATE, **AREAS},
    optional={
        "item": TEXT, "indicator": TEXT, "indicator_name": TEXT, "second": INT, "visit": TEXT, "person": INT,
        "result": INT, "unit": TEXT, "images": INT, "study": TEXT, "is_positive": BOOL, "conclusion": TEXT,
    }, at_hand=False,
)  # fmt: skip
"""Reports of examinations and tests in force; a part is an item with its indicator. The day is when it was done."""

IMAGING = replace(REPORT, name="imaging", source="report", only={"kind": "imaging"})
"""Reports of examinations."""

LAB = replace(REPORT, name="lab", source="report", only={"kind": "lab"})
"""Reports of tests."""

MEASUREMENT = replace(LAB, name="measurement", index=("person",))
"""Reports of tests of a person, at whatever provider."""

ALIKE_STUDY = replace(REPORT, name="alike_study", source="report", index=("study",))
"""Reports by the unique number of their images, at whatever provider."""

ALIKE_CONCLUSION = replace(REPORT, name="alike_conclusion", source="report", index=("provider", "conclusion"))
"""A provider's reports by what they conclude."""

PATHOLOGY = replace(REPORT, name="pathology", source="report", only={"kind": "pathology"})
"""Reports of pathologists."""

DEVICE = Frame(
    name="device", key=("provider", "device", "valid_from"), index=("provider",), day="valid_from", second=None,
    required={"provider": TEXT, "device": TEXT, "device_class": TEXT, "valid_from": DATE, "valid_until": DATE},
    optional={}, at_hand=False,
)  # fmt: skip
"""Devices a provider registered, and from when until which day, that one excluded."""

SETTLEMENT = Frame(
    name="settlement", key=("provider", "settlement"), index=("person",),
    required={"provider": TEXT, "settlement": TEXT, "person": INT, "day": DATE, **AREAS},
    optional={"visit": TEXT, "second": INT, "total": INT, "own_expense": INT, "invoice": TEXT, "payable": INT,
              "pooled_pay": INT},
    parents=_OF_VISIT, at_hand=False,
)  # fmt: skip
"""Settlements in force: neither reversals nor what they reversed.

`payable` is what is in scope beyond the deductible, from which the pooled fund paid its share.
"""

TILL = replace(SETTLEMENT, name="till", source="settlement", index=("provider", "day"))
"""Settlements by provider and day."""

SEAT = replace(
    VISIT, name="seat", source="visit", index=("practitioner",), at_hand=False,
    optional={**VISIT.optional, "practitioner": TEXT},
)  # fmt: skip
"""Visits by the practitioner who saw the person."""

STAY_RECORD = Frame(
    name="stay_record", key=("provider", "visit"), index=("provider", "visit"), day="start_day", second=None,
    source="visit", required={"provider": TEXT, "visit": TEXT, "person": INT, "start_day": DATE, **AREAS},
    optional=dict.fromkeys((
        "ventilator_minutes", "icu_minutes", "special_nursing_days", "first_nursing_days", "second_nursing_days",
        "third_nursing_days",
    ), INT), at_hand=False,
)  # fmt: skip
"""What the settlement list says a stay was given: minutes and days."""

SURGERY = replace(
    OPERATION, name="surgery", source="operation", index=("practitioner", "day"), at_hand=False,
    optional={**OPERATION.optional, "practitioner": TEXT, "end_second": INT},
)  # fmt: skip
"""Operations by the surgeon, with their end."""

PRACTITIONER = Frame(
    name="practitioner", key=("practitioner", "provider", "valid_from"), index=("practitioner",), day="valid_from",
    second=None, required={"practitioner": TEXT, "provider": TEXT, "valid_from": DATE},
    optional={"valid_until": DATE, "title": TEXT}, at_hand=False,
)  # fmt: skip
"""Who is registered where, by which title, and from when until which day, that one excluded."""

SIGNED = replace(LINE, name="signed", source="line", index=("provider", "visit"), at_hand=False)
"""Any fee line of visits with a line whose practitioner was not registered there all along."""

PRESCRIBED = replace(LINE, name="prescribed", source="line", at_hand=False)
"""Fee lines whose item some rule knows, with who prescribed them."""

DOSE = replace(SIGNED, name="dose")
"""Antibiotics (ATC J01) of visits with an operation."""

STRAY = replace(SIGNED, name="stray")
"""Any fee line of stays with a line outside their days."""

MISCOUNTED = replace(SIGNED, name="miscounted")
"""Any fee line of visits with a line whose amount is not quantity times price."""

DISPENSED = replace(SIGNED, name="dispensed", index=("person",))
"""Any fee line of visits outside hospitals' wards and pharmacies on days with more than three lines of drugs.

Western drugs begin with X, patent ones with Z. Fewer lines can't be too many drugs for one prescription.
"""

CATALOGUE = Frame(
    name="catalogue_item", key=("item", "area", "valid_from"), index=("item",), day="valid_from", second=None,
    required={"item": TEXT, "area": TEXT, "valid_from": DATE, "valid_until": DATE},
    optional={"item_class": TEXT}, at_hand=False,
)  # fmt: skip
"""What is in the catalogue, in which class (01 甲, 02 乙, 03 丙), from when until which day, that one excluded."""

UNLISTED = replace(
    SIGNED, name="unlisted", optional={**LINE.optional, "code": TEXT, "list_type": TEXT, "stated": INT},
)  # fmt: skip
"""Any fee line of visits with a line that some day's catalogue lacks.

`code` is the national code alone, `stated` the in-scope amount as the source gave it.
"""

PACK = replace(
    TRACE, name="pack", source="trace", at_hand=False,
    optional={**TRACE.optional, "item": TEXT, "well_formed": BOOL},
)  # fmt: skip
"""Trace codes with the item they stand for, and whether they are written as such codes are."""

BALANCE = Frame(
    name="balance", key=("provider", "item"), index=("provider", "item"), second=None,
    required={"provider": TEXT, "item": TEXT, "day": DATE, "charged": INT, "bought": INT, **AREAS},
    optional={"list_type": TEXT, "price": INT, "sold_at": INT, "person": INT, "visit": TEXT}, at_hand=False,
    parents={"facility": Parent("provider", (("provider", "provider"),), as_of=True)},
)  # fmt: skip
"""What a provider that sends its stock charged of an item and what it had bought of it, up to the last sale.

`price` is the highest it bought at (or charged, of what it never bought), `sold_at` the highest it charged.
"""

ROUTINE = Frame(
    name="routine", key=("provider", "month", "item"), index=("provider",), day="month", second=None, at_hand=False,
    required={"provider": TEXT, "month": DATE, "item": TEXT, **AREAS}, optional={"done": INT, "stays": INT},
)  # fmt: skip
"""In how many of the stays that began in a month an item was charged that some rule knows."""

PEN = Frame(
    name="pen", key=("provider", "month", "practitioner"), index=("provider",), day="month", second=None,
    at_hand=False, required={"provider": TEXT, "month": DATE, "practitioner": TEXT, **AREAS},
    optional={"written": INT, "prescriptions": INT},
)  # fmt: skip
"""How many purchases of a pharmacy's month rest on a prescription of the practitioner, and of anybody."""

CENSUS = Frame(
    name="census", key=("provider", "day"), index=("provider", "day"), second=None,
    required={"provider": TEXT, "day": DATE, "patients": INT, **AREAS},
    optional={"beds": INT, "person": INT, "visit": TEXT}, at_hand=False,
)  # fmt: skip
"""How many stays a provider had on a night, and its approved beds; the person is the one who came last."""

BRIEF = Frame(
    name="brief", key=("provider", "visit"), index=("provider", "visit"), second=None, at_hand=False,
    required={"provider": TEXT, "visit": TEXT, "person": INT, "day": DATE, **AREAS},
    optional=dict.fromkeys(("nights", "charges", "drug", "exam", "treatment", "unsorted", "exams"), INT),
    parents=_OF_VISIT,
)  # fmt: skip
"""A stay of at most seven nights without an operation: what was charged by category, and how many sorts of tests."""

PROVIDER_MONTH = Frame(
    name="provider_month", key=("provider", "month"), index=("month",), day="month", second=None,
    at_hand=False, wide=True,
    required={"provider": TEXT, "month": DATE, **AREAS},
    optional=dict.fromkeys((
        "charges", "drug", "exam", "consumable", "treatment", "ct", "mri", "unsorted", "uncoded",
        "stays", "bed_days", "readmissions", "infections",
    ), INT),
    parents={"facility": Parent("provider", (("provider", "provider"),), as_of=True)},
)  # fmt: skip
"""What a provider charged and did in a calendar month, named by its first day: money in fen, the rest counted.

The columns are sums over fee lines and visits (engines.tallies), and so add up over any division of the persons.
"""

MEETING = Frame(
    name="meeting", key=("provider", "visit", "earlier"), index=("provider",), at_hand=False, wide=True,
    required={
        "provider": TEXT, "visit": TEXT, "earlier": TEXT, "person": INT, "one": INT, "other": INT, "day": DATE,
        "second": INT, **AREAS,
    },
    optional={},
)  # fmt: skip
"""A purchase (`visit`) in a pharmacy at most ten minutes after another person's (`earlier`): one row a pair.

`one` and `other` are the two persons in the order of their tokens, whoever came first that day. A purchase
without a time of day meets nobody.
"""

FRAMES = {
    frame.name: frame
    for frame in (
        PROVIDER, VISIT, LINE, SALE, BASKET, HISTORY, DIAGNOSIS, OPERATION, TRACE, ENROLMENT, PERSON, EVENT, IDENTITY,
        ATTENDANCE, TRIAL, CONSENT, SWIPE, SETTLEMENT, SEAT, SURGERY, PRACTITIONER, SIGNED, PRESCRIBED, DOSE, STRAY,
        MISCOUNTED, DISPENSED, CATALOGUE, UNLISTED, PACK, BALANCE, CENSUS, BRIEF, TILL, ROUTINE, PEN, ORDER,
        PROVIDER_MONTH, MEETING, REPORT, IMAGING, LAB, PATHOLOGY, DEVICE, MEASUREMENT, STAY_RECORD, ALIKE_STUDY,
        ALIKE_CONCLUSION,
    )
}  # fmt: skip


def told_by(frame: Frame, name: str) -> str | None:
    """Where a row of the frame has its provider, insurance or provider's level: a column, one of a parent, or None."""
    if name in frame.columns:
        return name
    steps = ((step, FRAMES[parent.frame]) for step, parent in frame.parents.items())
    return next((f"{step}.{name}" for step, there in steps if name in there.columns), None)


def row(frame: Frame) -> Reader:
    """The row under examination."""
    return Reader(frame, Side.ROW)


def other(frame: Frame) -> Reader:
    """A related row."""
    return Reader(frame, Side.OTHER)
