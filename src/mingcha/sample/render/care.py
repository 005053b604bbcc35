"""Visits, diagnoses, operations and orders."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from mingcha.sample.dictionaries import departments, diagnoses, items, operations
from mingcha.sample.draft import (
    CHANNELS,
    EARLY,
    INPATIENT,
    INSURANCES,
    NONE,
    PROGRAMS,
    VISIT_TYPES,
    Columns,
    size,
)
from mingcha.sample.render.arrow import coded, flags, numbered, optional, table, whole
from mingcha.sample.render.people import PERSON_TYPES, person_type
from mingcha.sample.render.records import recorded
from mingcha.sample.render.scene import Scene

_DATE, _INT = pa.date32(), pa.int32()


def visit(scene: Scene, rows: Columns) -> pa.Table:
    """Visits as one file carries them; `rows` of the draft's visits."""
    number = size(rows)
    stay = rows["care"] == INPATIENT
    age = (rows["start"] - rows["birth"]) / 365.25
    names = [department.name for department in departments()]
    return table(
        "visit",
        number,
        visit=numbered(rows["number"], "", 14),
        **scene.place(rows["provider"], rows["person"]),
        visit_type=coded(rows["care"], VISIT_TYPES),
        insurance=coded(rows["insurance"], INSURANCES),
        person_type=coded(person_type(rows["insurance"], age), PERSON_TYPES),
        sex=coded(rows["sex"], ("", "1", "2")),
        birth_date=optional(rows["birth"], _DATE),
        start_day=whole(rows["start"], _DATE),
        start_second=optional(rows["start_second"], _INT),
        end_day=optional(rows["end"], _DATE),
        end_second=optional(rows["end_second"], _INT),
        department=coded(rows["department"], [department.code for department in departments()]),
        department_name=coded(rows["department"], names),
        practitioner=coded(rows["practitioner"], scene.city.practitioner),
        main_diagnosis=coded(rows["diagnosis"], diagnoses().code),
        main_diagnosis_name=coded(rows["diagnosis"], diagnoses().name),
        admission_way=coded(np.where(stay, rows["urgent"], NONE), ("2", "1")),
        discharge_way=coded(np.where(stay & (rows["end"] != NONE), rows["died"], NONE), ("1", "5")),
        planned_readmission=flags(rows["planned"]),
        channel=coded(rows["care"], CHANNELS),
        **recorded(scene, rows),
        disease_program=coded(rows["program"], PROGRAMS),
    )


def diagnosis(scene: Scene, rows: Columns) -> pa.Table:
    """Diagnoses of the visits; the source names the registration they came with."""
    number = size(rows)
    visits = scene.draft.visits
    stay = visits["care"][rows["visit"]] == INPATIENT
    return table(
        "diagnosis",
        number,
        **scene.who(rows["visit"]),
        code=coded(rows["diagnosis"], diagnoses().code),
        name=coded(rows["diagnosis"], diagnoses().name),
        kind=coded(np.zeros(number, dtype=np.int64), ("1",)),
        is_main=flags(rows["main"]),
        in_out=coded(np.where(stay, 1, 0), ("1", "2")),
        source=coded(stay.astype(np.int64), ("2203", "2402")),
        day_source=whole(visits["start"][rows["visit"]], _DATE),
    )


def operation(scene: Scene) -> pa.Table:
    """One operation for two in three surgical stays, the day after admission; and what stories tell."""
    visits = scene.draft.visits
    # The time of the end is told only in stories: most sources leave it out.
    surgery = [department.code for department in departments()].index("A04")
    done = (visits["care"] == INPATIENT) & (visits["department"] == surgery) & (visits["number"] % 3 != 0)
    done &= (visits["end"] - visits["start"] > 1) & (visits["version"] != EARLY)
    ordinary, told, dictionary = np.flatnonzero(done), scene.draft.operations, operations()
    places = np.concatenate([ordinary, told["visit"]])
    chosen = np.concatenate([visits["number"][ordinary] * 13 % dictionary.ordinary, told["operation"]])
    sequence = np.concatenate([np.zeros(len(ordinary), dtype=np.int64), told["sequence"]])
    main = np.concatenate([np.ones(len(ordinary), dtype=np.int64), told["main"]])
    none = np.full(len(ordinary), NONE)
    surgeon = np.concatenate([visits["practitioner"][ordinary], told["surgeon"]])
    start, end = (np.concatenate([none, told[name]]) for name in ("start", "end"))
    day = visits["start"][places] + np.concatenate([np.ones(len(ordinary), dtype=np.int64), told["after"]])
    second = np.where(visits["start_second"][places] == NONE, NONE, 9 * 3600 + visits["number"][places] % 14400)
    second = np.where(start == NONE, second, start)
    return table(
        "operation",
        len(places),
        **scene.who(places),
        sequence=coded(sequence, ("1", "2", "3")),
        code=coded(chosen, dictionary.code),
        name=coded(chosen, dictionary.name),
        is_main=flags(main),
        start_day=whole(day, _DATE),
        start_second=optional(second, _INT),
        end_day=whole(day, _DATE),
        end_second=optional(end, _INT),
        practitioner=coded(surgeon, scene.city.practitioner),
    )


def order_line(scene: Scene) -> pa.Table:
    """Orders of inpatients; the fee lines name them as their prescription."""
    orders, _ = scene.orders
    number = size(orders)
    dictionary = items()
    return table(
        "order_line",
        number,
        **scene.who(orders["visit"]),
        order_no=order_texts(scene, orders["visit"], np.arange(number)),
        is_long_term=flags((orders["end"] > orders["start"]).astype(np.int64)),
        item=coded(orders["item"], dictionary.code),
        item_name=coded(orders["item"], dictionary.name),
        spec=coded(orders["item"], dictionary.spec),
        dosage_form=coded(orders["item"], dictionary.dosage_form),
        quantity=whole(orders["quantity"]),
        unit_price=whole(orders["price"]),
        amount=whole(orders["amount"]),
        start_day=whole(orders["start"], _DATE),
        end_day=whole(orders["end"], _DATE),
        practitioner=coded(orders["practitioner"], scene.city.practitioner),
        department=coded(
            scene.draft.visits["department"][orders["visit"]], [department.code for department in departments()]
        ),
    )


def order_texts(scene: Scene, visit: np.ndarray, order: np.ndarray) -> pa.Array:
    """The numbers of orders: unique in their block."""
    del visit
    return numbered(order + scene.draft.block * 1_000_000, "O", 12)
