"""The stage on which a planted history is told: persons, visits and lines of its own, written like ordinary ones."""

from __future__ import annotations

import random as chance
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from mingcha.sample.care import BRIEF
from mingcha.sample.chances import CELLS, pools
from mingcha.sample.city import DAYS, FIRST_DAY, PHARMACY, SPECIALIST, City
from mingcha.sample.dictionaries import departments, diagnoses, items, operations
from mingcha.sample.draft import (
    BILLS,
    DEATHS,
    DIAGNOSES,
    EARLY,
    EMPLOYEE,
    ENROLMENTS,
    EVENT_KINDS,
    EVENT_RESULTS,
    EVENTS,
    INDICATORS,
    INPATIENT,
    INTERNET,
    KEPT,
    LATE,
    LINES,
    NONE,
    OPERATIONS,
    PERSONS,
    PHARMACY_VISIT,
    PROGRAMS,
    PURCHASES,
    RECORD_KINDS,
    RECORDS,
    REPORT_KINDS,
    REPORTS,
    RESIDENT,
    TRACES,
    VISITS,
    Columns,
)
from mingcha.sample.money import UNIT, amount_of, first_selfpay, half_up, own_expense
from mingcha.sample.stories.facts import ELSEWHERE
from mingcha.sample.stories.told import Told, crossing

LAST_DAY = FIRST_DAY + DAYS - 1


@dataclass
class Line:
    """A fee line of a story; `net` is its in-scope amount after refunds, `units` its quantity after them."""

    visit: Visit
    number: int
    day: int
    second: int
    quantity: int
    amount: int
    in_scope: int
    first: int
    own: int
    item: int
    price: int
    refunded: int = 0
    back: int = 0
    late: bool = False

    @property
    def net(self) -> int:
        """In-scope fen after refunds; the whole amount where the source gives no in-scope amount."""
        return self.in_scope - self.back

    @property
    def units(self) -> int:
        """Quantity after refunds, in ten-thousandths."""
        return self.quantity - self.refunded

    def refund(self, quantity: int | None = None, day: int | None = None) -> Line:
        """Take `quantity` (ten-thousandths, by default all) back on `day` (by default the same)."""
        taken = self.quantity if quantity is None else quantity
        self.visit.stage.take_back(self, taken, self.day if day is None else day)
        return self


@dataclass
class Visit:
    """A visit of a story and its place among the visits of the block."""

    stage: Stage
    place: int
    person: int
    provider: int
    care: int
    start: int
    end: int
    second: int
    practitioner: int
    lines: list[Line] = field(default_factory=list)
    used: int = 0
    late: bool = False

    def charge(self, code: str, quantity: int = 1, **more) -> Line:
        """A line for an item by its national code; see Stage.charge for what else may be said."""
        return self.stage.charge(self, items().index[code], quantity * UNIT, **more)

    @property
    def refunds(self) -> bool:
        return any(line.refunded for line in self.lines)


class Stage:
    """Collects the rows of a block's stories; `first_person` and `first_visit` are the places after ordinary ones."""

    def __init__(self, city: City, first_person: int, first_visit: int) -> None:
        self.city = city
        self.first_person, self.first_visit = first_person, first_visit
        self.random = chance.Random(0)
        self.home = ""
        self.persons: list[tuple[int, ...]] = []
        self.visits: list[tuple[int, ...]] = []
        self.early_visits: list[tuple[int, ...]] = []
        self.diagnoses: list[tuple[int, ...]] = []
        self.lines: list[tuple[int, ...]] = []
        self.traces: list[tuple[int, ...]] = []
        self.operations: list[tuple[int, ...]] = []
        self.enrolments: list[tuple[int, ...]] = []
        self.deaths: list[tuple[int, ...]] = []
        self.events: list[tuple[int, ...]] = []
        self.bills: list[tuple[int, ...]] = []
        self.purchases: list[tuple[int, ...]] = []
        self.reports: list[tuple[int, ...]] = []
        self.records: list[tuple[int, ...]] = []
        self.key: list[Told] = []
        self.near: list[Told] = []
        self.codes = 0
        self.seen: set[tuple[int, int]] = set()

    def person(
        self,
        *,
        sex: int | None = None,
        birth: int | None = None,
        age: tuple[int, int] = (25, 79),
        insurance: int | None = None,
    ) -> int:
        """A person of the story by place; `birth` as a day, or an age drawn within years at the year's first day."""
        draw = self.random
        if birth is None:
            birth = FIRST_DAY - round(draw.uniform(age[0] + 0.02, age[1] + 0.98) * 365.2425)
        birth -= birth == NONE  # nobody is born on the one day that stands for a missing date
        if insurance is None:
            insurance = EMPLOYEE if draw.random() < 0.5 and birth < FIRST_DAY - 18 * 366 else RESIDENT
        known = sex if sex is not None else draw.choice((1, 2))
        county, away = draw.randrange(5), draw.random() < 0.02
        if self.home:
            away = self.home == ELSEWHERE
        self.persons.append((0, known, birth, insurance, county, int(away)))
        return self.first_person + len(self.persons) - 1

    def provider(self, *levels: int, pharmacy: bool = False, other: tuple[int, ...] = ()) -> int:
        """A provider that sends clock times and in-scope amounts, of one of the levels (default 2 and 3)."""
        places = _able(self.city, levels or (2, 3), pharmacy)
        while True:
            place = places[self.random.randrange(len(places))]
            if place not in other:
                return place

    def day(self, first: int = FIRST_DAY + 5, last: int = LAST_DAY - 5) -> int:
        """A day within bounds, both included."""
        return self.random.randint(first, last)

    def visit(self, person: int, care: int, provider: int, start: int, *, end: int | None = None,
              second: int | None = None, diagnosis: str | None = None, more: tuple[str, ...] = (), planned: int = 0,
              insurance: int | None = None, filled: bool = True, early: dict[str, int] | None = None,
              late_diagnosis: str | None = None, died: bool = False, urgent: bool | None = None, sex: int | None = None,
              birth: int | None = None, practitioner: int | None = None, department: str = "",
              program: str = "") -> Visit:  # fmt: skip
        """A visit with its diagnoses and, if `filled`, ordinary lines. `early` are values its first version had.

        `diagnosis` "" is none at all; `more` are further ones, `late_diagnosis` one that only the later file brings.
        `sex` and `birth` are the person's own unless the visit tells others; `department` is the general one.
        Short stays are `urgent` unless told.
        """
        _, own_sex, own_birth, own_insurance, _, _ = self.persons[person - self.first_person]
        sex, birth = own_sex if sex is None else sex, own_birth if birth is None else birth
        clock = (8 * 3600 + self.random.randrange(3 * 3600)) if second is None else second
        seen_in = self._department(provider, care, department)
        staff = int(self.city.staff_first[provider, seen_in]) if seen_in != NONE else NONE
        staff = staff if practitioner is None else practitioner
        group = diagnoses().groups["internal"]
        main = diagnoses().index[diagnosis] if diagnosis else int(group[self.random.randrange(10)])
        main = NONE if diagnosis == "" else main
        last = start if end is None else end
        leaves = 11 * 3600 if care == INPATIENT else clock
        stay = planned if care == INPATIENT else NONE
        urgent = care == INPATIENT and last - start <= BRIEF if urgent is None else urgent
        row = [
            person, provider, care, own_insurance if insurance is None else insurance, sex, birth, start, clock, last,
            leaves,
            seen_in, staff, main, stay, int(died), int(urgent), PROGRAMS.index(program) if program else NONE, 0, 0,
            LATE if early else KEPT,
        ]  # fmt: skip
        place = self.first_visit + len(self.visits)
        self.visits.append(tuple(row))
        if early:
            before = dict(zip(VISITS, row, strict=True)) | early | {"version": EARLY}
            self.early_visits.append((place, *before.values()))
        visit = Visit(self, place, person, provider, care, start, last, clock, staff, late=bool(early))
        if main != NONE:
            self.diagnoses.append((place, main, 1, KEPT))
        for further in dict.fromkeys(diagnoses().index[code] for code in more):
            if further != main:  # a drawn main diagnosis may be the very one the story adds
                self.diagnoses.append((place, further, 0, KEPT))
        if late_diagnosis:
            self.diagnoses.append((place, diagnoses().index[late_diagnosis], 0, LATE))
        if filled:
            self._fill(visit, again=(person, start) in self.seen)
        self.seen.add((person, start))
        return visit

    def charge(self, visit: Visit, item: int, quantity: int, *, day: int | None = None, second: int | None = None,
               price: int | None = None, supply: int = NONE, prescription: int = 1, early: dict[str, int] | None = None,
               late: bool = False) -> Line:  # fmt: skip
        """A line of an item by place. `early`: values of its first version; `late`: only the later file has it."""
        visit.used += 1
        price = _book()[0][item] if price is None else price
        day = visit.start if day is None else day
        second = (visit.second + 60 * visit.used) % 86_400 if second is None else second
        version = LATE if early or late else KEPT
        row = self._line(visit, visit.used, 0, day, second, item, quantity, price, supply, prescription, version)
        self.lines.append(row)
        if early:
            values = {"item": item, "quantity": quantity, "price": price, "day": day, "second": second} | early
            self.lines.append(self._line(visit, visit.used, 0, values["day"], values["second"], values["item"],
                                         values["quantity"], values["price"], supply, prescription, EARLY))  # fmt: skip
        amount, first, own = row[8], row[9], row[10]
        scope = amount - first - own if self.city.scoped[visit.provider] else amount
        line = Line(
            visit, visit.used, day, second, quantity, amount, scope, first, own, item, price, late=version == LATE
        )
        visit.lines.append(line)
        return line

    def miscount(self, line: Line, fen: int) -> None:
        """The line charged last says so many fen more than quantity times price."""
        row = list(self.lines[-1])
        row[8] += fen
        self.lines[-1] = tuple(row)
        line.amount += fen
        line.in_scope += fen

    def at_own_expense(self, line: Line) -> None:
        """The line charged last is wholly paid by the person."""
        row = list(self.lines[-1])
        row[9], row[10] = 0, line.amount
        self.lines[-1] = tuple(row)
        line.first, line.own, line.in_scope = 0, line.amount, 0

    def take_back(self, line: Line, quantity: int, day: int) -> None:
        """A refund row for part or all of a line."""
        visit = line.visit
        visit.used += 1
        amount, first, own = (
            -half_up(value * quantity, line.quantity) for value in (line.amount, line.first, line.own)
        )
        self.lines.append((
            visit.place, visit.used, line.number, day, line.second, line.item, -quantity, line.price,
            amount, first, own, NONE, NONE, visit.practitioner, 1, LATE if line.late else KEPT,
        ))  # fmt: skip
        line.refunded += quantity
        line.back += -(amount - first - own) if self.city.scoped[visit.provider] else -amount

    def trace(self, line: Line, code: int, *, sale: bool = True, split: bool = False, day: int | None = None,
              second: int | None = None, event: int = 0, late: bool = False, made_for: int = NONE,
              valid: bool = True) -> None:  # fmt: skip
        """A trace code sold with a line, or come back; perhaps made for another item, or not written as codes are."""
        self.traces.append((
            line.visit.place, line.number, code, int(sale), int(split), line.day if day is None else day,
            line.second if second is None else second, event or line.number, LATE if late else KEPT, made_for,
            int(valid),
        ))  # fmt: skip

    def enrol(self, person: int, start: int, end: int = NONE, insurance: int | None = None) -> None:
        """An enrolment of the person, by default in the own insurance; told once, the ordinary one is not there."""
        own = self.persons[person - self.first_person][3]
        self.enrolments.append((person, own if insurance is None else insurance, start, end))

    def die(self, person: int, day: int) -> None:
        """The register says that the person died on the day."""
        self.deaths.append((person, day))

    def event(self, visit: Visit, kind: str, result: str = "", day: int | None = None, terminal: int = NONE) -> None:
        """An event of a visit; an identity check or a consent without a result never took place."""
        told = EVENT_RESULTS.index(result) if result else NONE
        when = visit.start if day is None else day
        self.events.append((visit.place, visit.provider, EVENT_KINDS.index(kind), told, when, visit.second, terminal))

    def sign_in(self, provider: int, day: int) -> None:
        """A pharmacist signs in on the day."""
        self.events.append((NONE, provider, EVENT_KINDS.index("attendance"), 0, day, 8 * 3600, NONE))

    def settle(self, visit: Visit, *, lag: int = 0, invoice_of: Visit | None = None, over: int = NONE) -> None:
        """The visit is settled so many days later, with the invoice of another one, or paid for too well.

        The fund then pays all that is in scope beyond the deductible, and `over` so many fen more.
        """
        self.bills.append((visit.place, lag, visit.place if invoice_of is None else invoice_of.place, over))

    def buy(self, provider: int, item: int, quantity: int, day: int) -> None:
        """A reserved provider buys so many units of an item at its list price."""
        self.purchases.append((provider, item, quantity * UNIT, _book()[0][item], day))

    def report(self, line: Line, kind: str = "", study: int = NONE) -> None:
        """A report on a line, in place of the ordinary ones; without a kind there is none."""
        told = REPORT_KINDS.index(kind) if kind else NONE
        self.reports.append((line.visit.place, line.item, told, line.day, NONE, NONE, study))

    def measure(self, visit: Visit, code: str, indicator: str, result: int, day: int) -> None:
        """A report of a test with its result in ten-thousandths."""
        known = [name for name, *_ in INDICATORS].index(indicator)
        row = (visit.place, items().index[code], REPORT_KINDS.index("lab"), day, known, result, NONE)
        self.reports.append(row)

    def record(self, visit: Visit, column: str, amount: int) -> None:
        """What the settlement list says of a stay, in minutes or days, in place of what was charged."""
        self.records.append((visit.place, RECORD_KINDS.index(column), amount))

    def operate(self, visit: Visit, code: str, *, sequence: int = 1, main: bool = True, after: int = 1,
                start: int = NONE, end: int = NONE, surgeon: int | None = None) -> None:  # fmt: skip
        """An operation of a stay, by default on the day after admission; `start` and `end` in seconds."""
        by = visit.practitioner if surgeon is None else surgeon
        known = operations().index[code]
        self.operations.append((visit.place, known, sequence - 1, int(main), after, start, end, by))

    def new_code(self) -> int:
        """A trace code not yet told of in this block."""
        self.codes += 1
        return self.codes

    def plant(self, rule: str, flagged: list[tuple[Line, int]], *witnesses: Line, crosses: str = "") -> None:
        """Flagged lines with the fen that are improper; the other lines the violation rests on are witnesses."""
        borders = crossing([line for line, _ in flagged] + list(witnesses), crosses)
        self.key += [Told(rule, line.visit.place, line.number, amount, "", borders) for line, amount in flagged]

    def plant_visit(self, rule: str, visit: Visit, *witnesses: Visit, crosses: str = "") -> None:
        """A flagged visit: each of its net lines with its own in-scope amount."""
        lines = [line for line in visit.lines if line.units > 0]
        seen = [line for other in witnesses for line in other.lines]
        if visit.late or any(other.late for other in witnesses):
            crosses = f"{crosses};file"
        if any(other.provider != visit.provider for other in witnesses):
            crosses = f"{crosses};provider"
        self.plant(rule, [(line, line.net) for line in lines], *seen, crosses=crosses)

    def plant_lead(self, rule: str, visit: Visit, *witnesses: Visit, amount: int = 0) -> None:
        """A flagged visit that is no lines': a row of the key that names none, with the fen of the finding, if any."""
        seen = [line for other in (visit, *witnesses) for line in other.lines]
        self.key.append(Told(rule, visit.place, 0, amount, "", crossing(seen, "")))

    def no_lead(self, rule: str, visit: Visit, why: str) -> None:
        """A visit that looks like a lead and is none."""
        self.near.append(Told(rule, visit.place, 0, 0, why))

    def plant_month(self, rule: str, visit: Visit) -> None:
        """A flagged month of the visit's provider: a row of the key that names neither person nor visit."""
        self.key.append(Told(rule, visit.place, 0, 0, wide=True))

    def no_month(self, rule: str, visit: Visit, why: str) -> None:
        """A month of the visit's provider that looks like a lead and is none."""
        self.near.append(Told(rule, visit.place, 0, 0, why, wide=True))

    def near_miss(self, rule: str, lines: list[Line], why: str) -> None:
        """Lines that look guilty and are not, with the money at stake and the reason."""
        self.near += [Told(rule, line.visit.place, line.number, line.net, why) for line in lines]

    def tables(self) -> dict[str, Columns]:
        """What was told, as columns; early versions of visits come last, after every referent."""
        visits = _columns(VISITS, self.visits)
        early = _columns(("of", *VISITS), self.early_visits)
        for name in VISITS:
            visits[name] = np.concatenate([visits[name], early[name]])
        visits["of"] = np.concatenate([np.full(len(self.visits), NONE), early["of"]])
        return {
            "persons": _columns(PERSONS, self.persons),
            "visits": visits,
            "diagnoses": _columns(DIAGNOSES, self.diagnoses),
            "lines": _columns(LINES, self.lines),
            "traces": _columns(TRACES, self.traces),
            "operations": _columns(OPERATIONS, self.operations),
            "enrolments": _columns(ENROLMENTS, self.enrolments),
            "deaths": _columns(DEATHS, self.deaths),
            "events": _columns(EVENTS, self.events),
            "bills": _columns(BILLS, self.bills),
            "purchases": _columns(PURCHASES, self.purchases),
            "reports": _columns(REPORTS, self.reports),
            "records": _columns(RECORDS, self.records),
        }

    def _line(
        self, visit, number, refund_of, day, second, item, quantity, price, supply, prescription, version
    ) -> tuple:
        amount = amount_of(price, quantity)
        item_class = _book()[1][item]
        return (
            visit.place, number, refund_of, day, second, item, quantity, price, amount,
            first_selfpay(amount, item_class), own_expense(amount, item_class),
            supply, prescription, visit.practitioner, 1, version,
        )  # fmt: skip

    def _department(self, provider: int, care: int, code: str) -> int:
        """Place of the department of a code, or of the general one; a pharmacy has none."""
        if care == PHARMACY_VISIT or self.city.kind[provider] == PHARMACY:
            return NONE
        return _place_of(code) if code else _department(self.city, provider)

    def _fill(self, visit: Visit, again: bool) -> None:
        """A few ordinary lines: consultation and medicines, or bed and care for each day of a stay.

        Who comes `again` on a day gets no further medicines: they would be too many for the prescriptions of a day.
        """
        index = items().index
        if visit.care == INPATIENT:
            for day in range(visit.start, max(visit.end, visit.start + 1)):
                for code in _DAILY:
                    self.charge(visit, index[code], UNIT, day=day, second=8 * 3600, prescription=NONE)
            self._ordinary(visit, "inpatient", self.random.randint(2, 4))
        elif visit.care == PHARMACY_VISIT:
            self._ordinary(visit, "pharmacy", 1)
        elif visit.care == INTERNET:
            self._ordinary(visit, "internet", 1)
        else:
            self.charge(visit, index[_CONSULTATION], UNIT, prescription=NONE)
            self._ordinary(visit, "outpatient", 0 if again else self.random.randint(1, 3))

    def _ordinary(self, visit: Visit, pool: str, number: int) -> None:
        for _ in range(number):
            self.charge(visit, self.ordinary(pool), UNIT)

    def ordinary(self, pool: str) -> int:
        """Place of an ordinary item of the general department: inpatient, outpatient, pharmacy or internet."""
        return _pool(pool)[self.random.randrange(CELLS)]


_DAILY = ("001109000010000", "001102000050000", "001201000040000")
_CONSULTATION = "001102000010000"


@cache
def _book() -> tuple[list[int], list[int]]:
    """Prices and classes of all items, as plain integers."""
    return items().price.tolist(), items().item_class.tolist()


@cache
def _pool(name: str) -> list[int]:
    cells, starts = pools()
    return cells[starts[name]].tolist()


@cache
def _able(city: City, levels: tuple[int, ...], pharmacy: bool) -> list[int]:
    able = city.clock & city.scoped & (city.kind != SPECIALIST) & ((city.kind == PHARMACY) == pharmacy)
    able[city.open :] = False
    return np.flatnonzero(able if pharmacy else able & np.isin(city.level, levels)).tolist()


@cache
def _place_of(department: str) -> int:
    return [entry.code for entry in departments()].index(department)


@cache
def _department(city: City, provider: int) -> int:
    able = np.flatnonzero(city.has[provider]).tolist()
    return 0 if 0 in able else able[0]


def _columns(names: tuple[str, ...], rows: list[tuple[int, ...]]) -> Columns:
    values = np.array(rows, dtype=np.int64).reshape(len(rows), len(names))
    return {name: values[:, place].copy() for place, name in enumerate(names)}
