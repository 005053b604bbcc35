"""Events around visits: identity checks, pharmacists signing in, and what stories tell of rounds, videos, invoices."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from mingcha.sample.city import PHARMACY
from mingcha.sample.draft import (
    EARLY,
    EVENT_KINDS,
    EVENT_RESULTS,
    INPATIENT,
    NONE,
    Columns,
    size,
    taken,
)
from mingcha.sample.render.arrow import coded, numbered, optional, spread, stacked, table, whole
from mingcha.sample.render.scene import Scene

_DATE, _INT = pa.date32(), pa.int32()
_PER_BLOCK = 1_000_000
_IDENTITY, _ATTENDANCE, _CONSENT = (EVENT_KINDS.index(kind) for kind in ("identity", "attendance", "consent"))
_TERMINALS = tuple(f"T{number:02d}" for number in range(100))


def event(scene: Scene) -> pa.Table:
    """Identity checks of inpatients and a quarter of the others, consents, pharmacists, and what is told."""
    return stacked("event", _checks(scene), _consents(scene), _attendance(scene), _told(scene))


def _checks(scene: Scene) -> pa.Table:
    visits = scene.draft.visits
    return _once(scene, (visits["care"] == INPATIENT) | (visits["number"] % 4 == 0), _IDENTITY, "E")


def _consents(scene: Scene) -> pa.Table:
    return _once(scene, scene.draft.visits["care"] == INPATIENT, _CONSENT, "C")


def _once(scene: Scene, chosen: np.ndarray, kind: int, letter: str) -> pa.Table:
    """One event for each of the visits but those of which a story tells of its kind."""
    visits, told = scene.draft.visits, scene.draft.events
    chosen[told["visit"][told["kind"] == kind]] = False
    checked = taken(visits, chosen & (visits["version"] != EARLY))
    number = size(checked)
    return table(
        "event",
        number,
        **scene.place(checked["provider"], checked["person"]),
        visit=numbered(checked["number"], "", 14),
        event=numbered(checked["number"], letter, 14),
        kind=coded(np.full(number, kind), EVENT_KINDS),
        event_day=whole(checked["start"], _DATE),
        event_second=optional(checked["start_second"], _INT),
        result=coded(np.zeros(number, dtype=np.int64), EVENT_RESULTS),
    )


def _attendance(scene: Scene) -> pa.Table:
    """One a pharmacy and day on which somebody of the block buys there."""
    visits = scene.draft.visits
    bought = (scene.city.kind[visits["provider"]] == PHARMACY) & (visits["provider"] < scene.city.open)
    days = np.unique(visits["provider"][bought] * 100_000 + visits["start"][bought])
    rows = {"provider": days // 100_000, "day": days % 100_000}
    return _events(scene, rows | {
        "visit": np.full(len(days), NONE), "kind": np.full(len(days), _ATTENDANCE), "result": days * 0,
        "second": days * 0 + 8 * 3600, "terminal": np.full(len(days), NONE),
    }, "A")  # fmt: skip


def _told(scene: Scene) -> pa.Table:
    told = scene.draft.events
    return _events(scene, taken(told, (told["result"] != NONE) | ~np.isin(told["kind"], (_IDENTITY, _CONSENT))), "F")


def _events(scene: Scene, rows: Columns, letter: str) -> pa.Table:
    number = size(rows)
    visits = scene.draft.visits
    of = np.maximum(rows["visit"], 0)
    areas = scene.place(rows["provider"], visits["person"][of])
    with_visit = rows["visit"] != NONE
    return table(
        "event",
        number,
        provider=areas["provider"],
        care_area_source=areas["care_area_source"],
        person=spread(scene.person_texts, np.where(with_visit, visits["person"][of], NONE)),
        visit=spread(scene.visit_texts, rows["visit"]),
        event=numbered(np.arange(number) + scene.draft.block * _PER_BLOCK, letter, 14),
        terminal=coded(rows["terminal"], _TERMINALS),
        kind=coded(rows["kind"], EVENT_KINDS),
        event_day=whole(rows["day"], _DATE),
        event_second=optional(rows["second"], _INT),
        result=coded(rows["result"], EVENT_RESULTS),
    )
