"""Reports of what was examined and tested, as far as rules ask for them, and the devices hospitals registered."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mingcha.sample.city import PHARMACY, City
from mingcha.sample.dictionaries import items, reported_items
from mingcha.sample.draft import EARLY, INDICATORS, NONE, REPORT_KINDS, Columns, size, taken
from mingcha.sample.money import UNIT
from mingcha.sample.render.arrow import coded, glued, numbered, optional, table, whole
from mingcha.sample.render.scene import Scene

_PER_BLOCK = 1_000_000
_KEY = 1_000_000
_SCANNERS, _SMALLER = ("ct", "mri"), ("ultrasound", "dr")
_SINCE = np.datetime64("2024-01-01", "D").astype(np.int64)


def report(scene: Scene) -> pa.Table:
    """One report a visit and item that is reported on, but for those of which a story tells."""
    rows = _ordinary(scene)
    told = scene.draft.reports
    rows = {name: np.concatenate([rows[name], told[name][told["kind"] != NONE]]) for name in rows}
    number = size(rows)
    return table(
        "report",
        number,
        **scene.who(rows["visit"]),
        report=numbered(np.arange(number) + scene.draft.block * _PER_BLOCK, "R", 14),
        kind=coded(rows["kind"], REPORT_KINDS),
        item=coded(rows["item"], items().code),
        item_name=coded(rows["item"], items().name),
        indicator=coded(rows["indicator"], [code for code, _, _ in INDICATORS]),
        indicator_name=coded(rows["indicator"], [name for _, name, _ in INDICATORS]),
        result=optional(rows["result"], pa.int64()),
        unit=coded(rows["indicator"], [unit for _, _, unit in INDICATORS]),
        study=_studies(scene, rows["study"]),
        performed_day=whole(rows["day"], pa.date32()),
        reported_day=whole(rows["day"], pa.date32()),
    )


def _studies(scene: Scene, study: np.ndarray) -> pa.Array:
    """The unique numbers of the images of told reports."""
    texts = glued("1.2.156.", numbered(np.maximum(study, 0) + scene.draft.block * _PER_BLOCK, "", 1))
    return pc.call_function("if_else", [pa.array(study == NONE), pa.scalar(None, pa.string()), texts])


def _ordinary(scene: Scene) -> Columns:
    """One a visit and item; of tests one for each unit that is still charged, and one of what was all taken back."""
    lines, told = scene.draft.lines, scene.draft.reports
    kind = _kinds()[lines["item"]]
    places = np.flatnonzero((kind != NONE) & (lines["version"] != EARLY))
    key, first, of = np.unique(
        lines["visit"][places] * _KEY + lines["item"][places], return_index=True, return_inverse=True
    )
    units = -(-np.bincount(of, lines["quantity"][places], len(key)).astype(np.int64) // UNIT)
    number = np.where(kind[places[first]] == REPORT_KINDS.index("lab"), np.maximum(units, 1), 1)
    number[np.isin(key, told["visit"] * _KEY + told["item"])] = 0
    at = np.repeat(places[first], number)
    none = np.full(len(at), NONE)
    rows = taken({"visit": lines["visit"], "item": lines["item"], "kind": kind, "day": lines["day"]}, at)
    return rows | {"indicator": none, "result": none, "study": none}


@cache
def _kinds() -> np.ndarray:
    """By item, the kind of its report; NONE where rules ask for none."""
    kinds = np.full(len(items().code), NONE)
    for place, kind in reported_items().items():
        kinds[place] = REPORT_KINDS.index(kind)
    return kinds


def device(city: City) -> pa.Table:
    """One row a hospital and class of device; one of the reserved hospitals has no scanner."""
    classes = (*_SCANNERS, *_SMALLER)
    place = np.repeat(np.flatnonzero(city.kind != PHARMACY), len(classes))
    what = np.tile(np.arange(len(classes)), len(place) // len(classes))
    owned = (what >= len(_SCANNERS)) | ((city.level[place] > 0) & (place != city.reserved("no-scanner")))
    place, what = place[owned], what[owned]
    return table(
        "device",
        len(place),
        provider=coded(place, city.code),
        device=coded(what, [f"D{number + 1}" for number in range(len(classes))]),
        device_class=coded(what, classes),
        valid_from=whole(np.full(len(place), _SINCE), pa.date32()),
        valid_to=optional(np.full(len(place), NONE), pa.date32()),
    )
