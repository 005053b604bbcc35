"""Generated worlds, steered to the knowledge in force, and packed into one dataset with nothing in common."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers

from mingcha.rules.frames import PROVIDER_MONTH, STAY_RECORD
from tests.spec.drawn import AREAS

FIRST = date(2026, 2, 24)
ITEMS = ("A", "B", "C", "D", "E", "T1", "T2")
World = dict[str, list[dict[str, Any]]]

CATALOGUE = [
    {"item": item, "area": "33", "item_class": known, "valid_from": FIRST - timedelta(days=9), "valid_until": until}
    for item, known, until in (
        ("A", "01", date(9999, 12, 31)), ("B", None, date(9999, 12, 31)), ("C", "03", date(9999, 12, 31)),
        ("D", "02", FIRST + timedelta(days=5)),
    )
]  # fmt: skip
"""The one catalogue of all worlds: it is everybody's, so whichever world brings it, all are judged by it."""

_RESULTS = (None, 299_999, 300_000, 400_000, 400_000)
_RECORDED = (None, None, 0, 1, 30, 60)

_days = st.integers(0, 9).map(lambda n: FIRST + timedelta(days=n))
_seconds = st.sampled_from([None, None, 0, 3599, 3600, 5400, 7199, 28_800, 50_400, 50_401, 86_399])
_births = st.sampled_from(
    [
        None, date(2008, 2, 29), date(2008, 3, 1), date(2008, 2, 28), date(1950, 5, 5), date(2020, 1, 1),
        date(2026, 2, 20),
    ]
)
_practitioners = st.sampled_from([None, "D1", "D1", "D2"])
_prescriptions = st.sampled_from([None, "R1", "R1", "R2"])
_care = st.sampled_from(["I", "I", "I", "O", "P", "P", "S", "E", None])
_diagnoses = st.sampled_from(["I10.100", "I10.900", "I11.900", "I11.900", "C50.900", "E11.900"])


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """One or two persons at one or two providers, a few visits, lines of known items, diagnoses and trace codes."""
    providers = [
        {
            "provider": "H1",
            "level": draw(st.sampled_from([1, 2, 3, None])),
            "type": "1",
            "valid_until": draw(st.none() | _days),
            "contract_status": draw(st.sampled_from(["1", "1", "2", None])),
        },
        {
            "provider": "H2", "type": draw(st.sampled_from(["1", "2"])), "level": draw(st.sampled_from([1, 2, 3])),
            "contract_status": "1",
        },
    ]
    visits: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 4))):
        visits.append(_visit(draw, number, visits))
    lines: list[dict[str, Any]] = []
    for number in range(draw(st.integers(0, 8))):
        lines.append(_line(draw, number, draw(st.sampled_from(visits)), lines))
    diagnoses = {
        (v["provider"], v["visit"], code): {**_of(v), "code": code, "source": "x", "day": v["start_day"], **AREAS}
        for v in visits
        for code in draw(st.lists(_diagnoses, max_size=2))
    }
    operations = [_operation(draw, number, draw(st.sampled_from(visits))) for number in range(draw(st.integers(0, 2)))]
    traces = [_trace(draw, number, lines) for number in range(draw(st.integers(0, 3)))]
    events: list[dict[str, Any]] = []
    for number in range(draw(st.integers(0, 3))):
        events.append(_event(draw, number, draw(st.sampled_from(visits)), events))
    settlements: list[dict[str, Any]] = []
    for number in range(draw(st.integers(0, 3))):
        settlements.append(_settlement(draw, number, draw(st.sampled_from(visits)), settlements))
    enrolments = [_enrolment(draw, number) for number in range(draw(st.integers(0, 3)))]
    return {
        "provider": providers,
        "visit": visits,
        "line": lines,
        "diagnosis": list(diagnoses.values()),
        "operation": operations,
        "trace": traces,
        "event": events,
        "order": [_order(draw, number, draw(st.sampled_from(visits))) for number in range(draw(st.integers(0, 3)))],
        "settlement": settlements,
        "practitioner": [_registered(draw, number) for number in range(draw(st.integers(0, 2)))],
        "balance": [_balance(draw, number) for number in range(draw(st.integers(0, 2)))],
        "brief": [_brief(draw, visit) for visit in visits if draw(st.booleans())],
        "routine": [_routine(draw, item) for item in ("A", "B") if draw(st.booleans())],
        "pen": [_pen(draw, doctor) for doctor in ("D1", "D2") if draw(st.booleans())],
        "census": [_night(draw, number) for number in range(draw(st.integers(0, 2)))],
        "enrolment": enrolments,
        "person": [_person(draw, number) for number in range(1, draw(st.integers(1, 3)))],
        "catalogue_item": CATALOGUE if draw(st.integers(0, 60)) == 0 else [],
        "meeting": [_meeting(draw, number) for number in range(draw(st.integers(0, 4)))],
        "provider_month": [_month(draw, provider) for provider in ("H1", "H2") if draw(st.booleans())],
        "report": [_report(draw, number, draw(st.sampled_from(visits))) for number in range(draw(st.integers(0, 4)))],
        "device": [_device(draw, number) for number in range(draw(st.integers(0, 2)))],
    }


def _event(draw: st.DrawFn, number: int, visit: dict[str, Any], earlier: list[dict[str, Any]]) -> dict[str, Any]:
    """An event; now and then a check of the other person where and soon after one was checked."""
    event = {
        **_of(visit), "event": f"E{number}", "kind": draw(st.sampled_from(["identity", "identity", "attendance", "round", "round", "consent", "trial"])),
        "day": visit["start_day"], "second": draw(_seconds), "result": draw(st.sampled_from(["absent", "passed", None])),
        "terminal": draw(st.sampled_from([None, "T1", "T1"])), "person": visit["person"], **AREAS,
    }  # fmt: skip
    if earlier and draw(st.integers(0, 2)) == 0:
        before = draw(st.sampled_from(earlier))
        before["kind"] = event["kind"] = "identity"
        event |= {name: before[name] for name in ("provider", "day", "terminal")}
        event |= {"visit": None, "person": 3 - before["person"]}
        if before["second"] is not None:
            event["second"] = min(86_399, before["second"] + draw(st.sampled_from([0, 600, 3599, 3600])))
    return event


def _order(draw: st.DrawFn, number: int, visit: dict[str, Any]) -> dict[str, Any]:
    item = draw(st.sampled_from([None, *ITEMS]))
    return {**_of(visit), "order_no": f"O{number}", "day": visit["start_day"], "item": item, "quantity": 10_000}


def _report(draw: st.DrawFn, number: int, visit: dict[str, Any]) -> dict[str, Any]:
    item = draw(st.sampled_from([None, "A", "B", "C", "D"]))
    return {
        **_of(visit), "report": f"R{number}", "part": item or "", "item": item,
        "person": draw(st.sampled_from([visit["person"], visit["person"], None])),
        "kind": draw(st.sampled_from(["imaging", "imaging", "lab", "pathology"])), "day": draw(_days), "second": None,
        "indicator": draw(st.sampled_from([None, "ALB", "ALB", "HB"])), "unit": draw(st.sampled_from([None, "g/L", "g/L"])),
        "indicator_name": draw(st.sampled_from([None, "白蛋白"])), "result": draw(st.sampled_from(_RESULTS)), **AREAS,
        "study": draw(st.sampled_from([None, None, "1.2"])), "conclusion": draw(st.sampled_from([None, "0f"])),
        "is_positive": draw(st.sampled_from([None, True, True, False])),
    }  # fmt: skip


def _device(draw: st.DrawFn, number: int) -> dict[str, Any]:
    return {
        "provider": draw(st.sampled_from(["H1", "H1", "H2"])), "device": f"D{number}", "valid_from": draw(_days),
        "device_class": draw(st.sampled_from(["ct", "petct", "mri"])), "valid_until": FIRST + timedelta(days=8),
    }  # fmt: skip


def _settlement(
    draw: st.DrawFn, number: int, visit: dict[str, Any], earlier: list[dict[str, Any]]
) -> dict[str, Any]:
    """A settlement; now and then of the sum of another person's, right after it, for a purchase."""
    settlement = {
        **_of(visit), "person": visit["person"], "settlement": f"S{number}", "day": draw(st.sampled_from([FIRST, draw(_days)])), "second": draw(_seconds),
        "total": draw(st.sampled_from([None, 100, 100, 120])), "own_expense": draw(st.sampled_from([None, 50, 500, 500])),
        "invoice": draw(st.sampled_from([None, "A", "A", "B"])), **AREAS,
        "payable": draw(st.sampled_from([None, 80, 90])), "pooled_pay": draw(st.sampled_from([None, 80, 85, 86])),
    }  # fmt: skip
    if earlier and draw(st.integers(0, 3)) == 0:
        before = draw(st.sampled_from(earlier))
        before["total"], before["provider"], visit["care"] = 100, visit["provider"], "P"
        settlement |= {"day": before["day"], "total": 100, "person": 3 - before["person"]}
        if before["second"] is not None:
            settlement["second"] = min(86_399, before["second"] + draw(st.sampled_from([0, 600, 1800, 1801])))
    return settlement


def _registered(draw: st.DrawFn, number: int) -> dict[str, Any]:
    return {
        "practitioner": draw(st.sampled_from(["D1", "D2"])), "provider": draw(st.sampled_from(["H1", "H2"])),
        "valid_from": FIRST - timedelta(days=number), "valid_until": draw(_days),
        "title": draw(st.sampled_from([None, "231", "233", "233"])),
    }  # fmt: skip


def _balance(draw: st.DrawFn, number: int) -> dict[str, Any]:
    return {
        "provider": "H1", "item": ITEMS[number], "day": draw(_days), "charged": draw(st.integers(1, 40)) * 10_000,
        "bought": draw(st.sampled_from([0, 100_000, 300_000])), "price": draw(st.none() | st.integers(1, 50_000)),
        "sold_at": draw(st.none() | st.integers(1, 300_000)),
        "list_type": draw(st.sampled_from(["101", "101", "301", None])), "person": None, "visit": None, **AREAS,
    }  # fmt: skip


def _brief(draw: st.DrawFn, visit: dict[str, Any]) -> dict[str, Any]:
    """What a visit was charged by category; mostly tests, so that many stand near the limits."""
    tests = draw(st.sampled_from([400, 500, 501, 800, 800]))
    return {
        **_of(visit), "person": visit["person"], "day": visit["start_day"], "nights": draw(st.sampled_from([1, 2, 2, 3])),
        "charges": 1_000, "exam": tests, "drug": draw(st.sampled_from([0, 100, 299, 300])),
        "treatment": draw(st.sampled_from([0, 0, 100, 300])), "unsorted": draw(st.sampled_from([0, 0, 0, 200])),
        "exams": draw(st.sampled_from([1, 2, 3])), **AREAS,
    }  # fmt: skip


def _routine(draw: st.DrawFn, item: str) -> dict[str, Any]:
    done = draw(st.sampled_from([None, 1, 3, 4]))
    return {"provider": "H1", "month": FIRST, "item": item, "done": done, "stays": draw(st.integers(2, 5)), **AREAS}


def _pen(draw: st.DrawFn, practitioner: str) -> dict[str, Any]:
    return {
        "provider": "H2", "month": FIRST, "practitioner": practitioner, "written": draw(st.sampled_from([None, 1, 3, 4])),
        "prescriptions": draw(st.integers(3, 6)), **AREAS,
    }  # fmt: skip


def _night(draw: st.DrawFn, number: int) -> dict[str, Any]:
    return {
        "provider": "H1", "day": FIRST + timedelta(days=number), "patients": draw(st.integers(1, 4)),
        "beds": draw(st.sampled_from([None, 2, 3])), "person": None, "visit": None, **AREAS,
    }  # fmt: skip


def _enrolment(draw: st.DrawFn, number: int) -> dict[str, Any]:
    start = draw(_days)
    return {
        "person": draw(st.sampled_from([1, 1, 2])), "insurance": draw(st.sampled_from(["310", "310", "390"])),
        "start_day": start - timedelta(days=number * 10), "fund_area": "330100",
        "end_day": draw(st.none() | st.integers(0, 9).map(lambda n: start + timedelta(days=n))),
    }  # fmt: skip


def _person(draw: st.DrawFn, number: int) -> dict[str, Any]:
    return {
        "person": number, "since": date(1, 1, 1), "sex": draw(st.sampled_from(["1", "2", None])),
        "birth_date": draw(_births), "death_date": draw(st.none() | _days),
    }  # fmt: skip


def _meeting(draw: st.DrawFn, number: int) -> dict[str, Any]:
    person = draw(st.sampled_from([1, 2]))
    return {
        "provider": "H1", "visit": draw(st.sampled_from(["V0", "V1"])), "earlier": f"E{number}", "person": person,
        "one": 1, "other": draw(st.sampled_from([2, 2, 3])), "day": FIRST + timedelta(days=draw(st.integers(0, 4))),
        "second": draw(st.integers(0, 86_399)), **AREAS,
    }  # fmt: skip


def _month(draw: st.DrawFn, provider: str) -> dict[str, Any]:
    """A provider's month; its peers are those of all worlds packed together."""
    charged = draw(st.sampled_from([999, 1_000, 1_000, 1_200]))
    named = {name: draw(st.sampled_from([0, 200, 250, 300, 300, charged])) for name in ("drug", "ct")}
    stays = {"stays": draw(st.sampled_from([1, 4, 4])), "infections": draw(st.sampled_from([0, 0, 0, 1, 4]))}
    untold = {name: draw(st.sampled_from([0, 0, 0, 400, None])) for name in ("unsorted", "uncoded")}
    none = dict.fromkeys(PROVIDER_MONTH.optional, 0)
    month = draw(st.sampled_from([date(2026, 1, 1), date(2026, 2, 1)]))
    return {"provider": provider, "month": month, **none, "charges": charged, **named, **stays, **untold, **AREAS}


def _of(visit: dict[str, Any]) -> dict[str, Any]:
    return {"provider": visit["provider"], "visit": visit["visit"]}


def _visit(draw: st.DrawFn, number: int, earlier: list[dict[str, Any]]) -> dict[str, Any]:
    """A visit; every other time a stay that follows an earlier one of the same person, here or elsewhere."""
    start = draw(_days)
    visit = {
        "provider": draw(st.sampled_from(["H1", "H2"])), "visit": f"V{number}",
        "person": draw(st.sampled_from([1, 1, 2])), "start_day": start, "start_second": draw(_seconds),
        "care": draw(_care), "end_day": draw(st.none() | st.integers(0, 9).map(lambda n: start + timedelta(days=n))),
        "sex": draw(st.sampled_from(["1", "2", None])), "birth_date": draw(_births),
        "insurance": draw(st.sampled_from(["310", "410", None])), "main_diagnosis": draw(st.none() | _diagnoses),
        "planned_readmission": draw(st.sampled_from([None, None, True, False])),
        "admission_way": draw(st.sampled_from([None, "1", "2", "2"])),
        "discharge_way": draw(st.sampled_from([None, "1", "2", "5"])),
        "program": draw(st.sampled_from([None, "M1", "M2", "M3"])), "practitioner": draw(_practitioners), **AREAS,
        **dict.fromkeys(STAY_RECORD.optional, draw(st.sampled_from(_RECORDED))),
    }  # fmt: skip
    if earlier and draw(st.booleans()):
        before = draw(st.sampled_from(earlier))
        before["care"] = visit["care"] = "I"
        before["end_day"] = before["end_day"] or before["start_day"]
        visit["person"] = before["person"]
        for name in ("provider", "main_diagnosis"):
            if draw(st.booleans()):
                visit[name] = before[name]
        visit["start_day"] = before["end_day"] + timedelta(days=draw(st.sampled_from([0, 1, 3, 5, 6, 15, 16])))
        visit["end_day"] = visit["start_day"]
    elif earlier and draw(st.integers(0, 2)) == 0:  # the same doctor, soon after, elsewhere
        before = draw(st.sampled_from(earlier))
        before["practitioner"] = visit["practitioner"] = "D1"
        visit |= {"start_day": before["start_day"], "provider": "H2" if before["provider"] == "H1" else "H1"}
        if before["start_second"] is not None:
            later = before["start_second"] + draw(st.sampled_from([0, 1800, 3599, 3600]))
            visit["start_second"] = min(86_399, later)
    elif earlier and draw(st.integers(0, 2)) == 0:  # out of the ward, while the stay goes on
        before = draw(st.sampled_from(earlier))
        before |= {"care": "I", "end_day": before["start_day"] + timedelta(days=4)}
        day = before["start_day"] + timedelta(days=draw(st.integers(0, 4)))
        visit |= {"person": before["person"], "care": draw(st.sampled_from(["O", "S", "P"])), "start_day": day}
    return visit


def _line(draw: st.DrawFn, number: int, visit: dict[str, Any], earlier: list[dict[str, Any]]) -> dict[str, Any]:
    """A line; every other time on the day, in the visit and near the hour of an earlier one."""
    amount = draw(st.integers(1, 5_000))
    line = {
        **_of(visit), "person": visit["person"], "line": f"L{number}", "item": draw(st.sampled_from(ITEMS)),
        "day": draw(_days), "second": draw(_seconds), "amount": amount, "in_scope": draw(st.integers(0, amount)),
        "quantity": draw(st.sampled_from([5_000, 10_000, 15_000, 30_000])),
        "unit_price": draw(st.none() | st.integers(20_000, 90_000)), "prescription": draw(_prescriptions),
        "days_supply": draw(st.sampled_from([None, 7, 14, 30])),
        "specialty": draw(st.sampled_from([None, "A21", "A21.01", "A04"])),
        "takehome": draw(st.sampled_from([None, True, False])), "practitioner": draw(_practitioners), **AREAS,
        "list_type": draw(st.sampled_from(["101", "101", "301", None])),
    }  # fmt: skip
    line |= {"code": draw(st.sampled_from([line["item"], line["item"], None])),
             "stated": draw(st.sampled_from([line["in_scope"], line["in_scope"], None]))}  # fmt: skip
    if visit["care"] == "P" and draw(st.booleans()):  # of a drug some rule knows, without a prescription
        line |= {"item": "A", "prescription": None}
    elif earlier and draw(st.integers(0, 15)) == 0:  # the doctor's other prescription of the day
        before = draw(st.sampled_from(earlier))
        before |= {"item": "T1", "prescription": "R1", "practitioner": "D1"}
        line |= {name: before[name] for name in ("provider", "visit", "person", "day", "practitioner")}
        line |= {"item": "T2", "prescription": draw(st.sampled_from(["R1", "R2", "R2", None]))}
    elif earlier and draw(st.booleans()):
        before = draw(st.sampled_from(earlier))
        line |= {name: before[name] for name in ("provider", "visit", "person", "day")}
        if before["second"] is not None:
            line["second"] = min(86_399, max(0, before["second"] + draw(st.sampled_from([-1800, 0, 1800, 21_600]))))
    return line


def _operation(draw: st.DrawFn, number: int, visit: dict[str, Any]) -> dict[str, Any]:
    return {
        **_of(visit), "person": visit["person"], "sequence": str(number), "day": visit["start_day"],
        "code": draw(st.sampled_from(["O1", "O2", "O2", "O3"])), "is_main": draw(st.sampled_from([True, True, False, None])),
        "practitioner": draw(_practitioners), "second": draw(_seconds), "end_second": draw(_seconds), **AREAS,
    }  # fmt: skip


def _trace(draw: st.DrawFn, number: int, lines: list[dict[str, Any]]) -> dict[str, Any]:
    line = draw(st.none() | st.sampled_from(lines)) if lines else None
    return {
        "provider": line["provider"] if line else draw(st.sampled_from(["H1", "H2"])),
        "visit": line["visit"] if line else None, "line": line["line"] if line else None,
        "person": line["person"] if line else None, "code": draw(st.sampled_from(["81", "81", "82"])),
        "kind": draw(st.sampled_from(["sale", "sale", "sale", "sale_return", "purchase"])), "event": f"e{number}",
        "day": draw(_days), "second": draw(_seconds), "is_split": draw(st.sampled_from([None, None, True, False])),
        "item": draw(st.sampled_from([None, "A", "A", "B"])), "well_formed": draw(st.booleans()), **AREAS,
    }  # fmt: skip


def collect(count: int, seed: int) -> list[World]:
    """So many worlds; the same for the same seed, whatever else is loaded."""
    found: list[World] = []

    @seeded(seed)
    @settings(
        max_examples=count, phases=[Phase.generate], database=None, deadline=None, derandomize=False,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(worlds())
    def gather(world: World) -> None:
        found.append(world)

    # Left alone, the library also draws constants it reads in the modules that happen to be loaded.
    providers.CONSTANTS_CACHE.cache.clear()
    with patch.object(providers.HypothesisProvider, "_local_constants", providers.Constants()):
        gather()
    providers.CONSTANTS_CACHE.cache.clear()
    return found


def packed(several: list[World]) -> World:
    """All of them as one dataset: persons, providers and codes carry the number of their world."""
    together: World = {}
    for number, world in enumerate(several):
        for frame, rows in world.items():
            together.setdefault(frame, []).extend(_numbered(row, number) for row in rows)
    return together


def _numbered(row: dict[str, Any], number: int) -> dict[str, Any]:
    changed = dict(row)
    for name in ("provider", "practitioner", "invoice", "study"):
        if row.get(name) is not None:
            changed[name] = f"{number}:{row[name]}"
    if row.get("person") is not None:
        changed["person"] = number * 10 + row["person"]
    if "event" in row and "code" in row:
        changed["code"] = f"{number}:{row['code']}"
    return changed


def shrink(world: World, fails: Callable[[World], bool]) -> World:
    """Leave rows out, one after another, as long as the world still fails."""
    smaller = True
    while smaller:
        smaller = False
        for frame, rows in world.items():
            for index in range(len(rows)):
                less = {**world, frame: rows[:index] + rows[index + 1 :]}
                if fails(less):
                    world, smaller = less, True
                    break
            if smaller:
                break
    return world
