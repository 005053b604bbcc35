"""What pharmacies bought and sold, and the trace codes of the packs."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from mingcha.sample.city import FIRST_DAY, PHARMACY
from mingcha.sample.dictionaries import items
from mingcha.sample.draft import EARLY, LATE, NONE, Columns, size, taken
from mingcha.sample.money import UNIT
from mingcha.sample.render.arrow import coded, flags, glued, numbered, optional, spread, stacked, table, whole
from mingcha.sample.render.scene import Scene

_SALE, _RETURN, _PURCHASE = range(3)
_KINDS = ("sale", "sale_return", "purchase")
_CODES_PER_BLOCK = 10_000_000
_LINE_NUMBERS = [f"{number:05d}" for number in range(20_000)]


def _sold(scene: Scene) -> Columns:
    """Drug lines of pharmacies, refunds among them, in their last version."""
    lines = scene.draft.lines
    sold = scene.city.kind[scene.draft.visits["provider"][lines["visit"]]] == PHARMACY
    sold &= (items().list_type[lines["item"]] == "101") & (lines["version"] != EARLY)
    return taken(lines, sold)


def movement(scene: Scene) -> pa.Table:
    """A movement for each sale and return, and purchases a month ahead that cover them."""
    sold = _sold(scene)
    back = sold["refund_of"] > 0
    sales = table(
        "movement",
        size(sold),
        **_without_visit(scene.who(sold["visit"])),
        movement=glued(spread(scene.visit_texts, sold["visit"]).dictionary_decode(), numbered(sold["line"], "-", 5)),
        kind=coded(np.where(back, _RETURN, _SALE), _KINDS),
        **_goods(sold["item"]),
        quantity=whole(np.abs(sold["quantity"])),
        unit_price=whole(sold["price"]),
        moved_day=whole(sold["day"], pa.date32()),
        moved_second=optional(sold["second"], pa.int32()),
        settlement=scene.settlements(sold["visit"]),
    )
    return stacked("movement", sales, _purchases(scene, taken(sold, ~back)), _told_purchases(scene))


def _purchases(scene: Scene, sold: Columns) -> pa.Table:
    usual = scene.draft.visits["provider"][sold["visit"]] < scene.city.open
    sold = taken(sold, usual)
    provider = scene.draft.visits["provider"][sold["visit"]]
    month = (sold["day"] - FIRST_DAY) // 30
    key, first, inverse = np.unique(
        (provider * 100 + month) * 100_000 + sold["item"], return_index=True, return_inverse=True
    )
    units = np.rint(np.bincount(inverse, weights=sold["quantity"] // UNIT, minlength=len(key))).astype(np.int64)
    item, day = key % 100_000, FIRST_DAY + key // 100_000 % 100 * 30 - 1 - key % 9
    serial = scene.draft.block * 1_000_000 + np.arange(len(key))
    areas = scene.place(provider[first], np.full(len(key), 0)) if len(key) else {}
    return table(
        "movement",
        len(key),
        **{name: values for name, values in areas.items() if name in ("provider", "care_area_source")},
        movement=numbered(serial, "B", 14),
        kind=coded(np.full(len(key), _PURCHASE), _KINDS),
        **_goods(item),
        quantity=whole((units + 5) * UNIT),
        unit_price=whole(sold["price"][first] * 8 // 10),
        moved_day=whole(day, pa.date32()),
        batch_no=numbered(serial, "L", 14),
        supplier=coded(key % 5, [f"样例医药配送{n}部" for n in "甲乙丙丁戊"]),
    )


def _told_purchases(scene: Scene) -> pa.Table:
    """What reserved providers bought."""
    told = scene.draft.purchases
    number = size(told)
    areas = scene.place(told["provider"], np.zeros(number, dtype=np.int64))
    return table(
        "movement",
        number,
        **{name: values for name, values in areas.items() if name in ("provider", "care_area_source")},
        movement=numbered(scene.draft.block * 1_000_000 + np.arange(number), "D", 14),
        kind=coded(np.full(number, _PURCHASE), _KINDS),
        **_goods(told["item"]),
        quantity=whole(told["quantity"]),
        unit_price=whole(told["price"]),
        moved_day=whole(told["day"], pa.date32()),
    )


def _goods(item: np.ndarray) -> dict[str, pa.Array]:
    return {"item": coded(item, items().code), "item_name": coded(item, items().name)}


def _without_visit(who: dict[str, pa.Array]) -> dict[str, pa.Array]:
    return {name: values for name, values in who.items() if name != "visit"}


def trace(scene: Scene, later: bool) -> pa.Table:
    """One row for each pack sold or returned, as one file carries them: ordinary sales and what planted ones tell."""
    told = scene.draft.traces
    rows = _told(scene, told)
    if not later:
        sold = _sold(scene)
        ordinary = _ordinary(taken(sold, ~np.isin(sold["visit"], told["visit"])))
        rows = {name: np.concatenate([ordinary[name], rows[name]]) for name in rows}
    rows = taken(rows, (rows["version"] == LATE) == later)
    code = glued(
        coded(rows["valid"], ("6", "8")).dictionary_decode(),
        numbered(rows["made_for"], "", 6),
        numbered(rows["code"] + scene.draft.block * _CODES_PER_BLOCK, "", 13),
    )
    return table(
        "trace",
        len(rows["visit"]),
        **scene.who(rows["visit"]),
        code=code,
        kind=coded(1 - rows["sale"], _KINDS),
        event=glued(spread(scene.visit_texts, rows["visit"]).dictionary_decode(), numbered(rows["event"], "-", 5)),
        line=coded(rows["line"], _LINE_NUMBERS),
        settlement=scene.settlements(rows["visit"]),
        item=coded(rows["item"], items().code),
        moved_day=whole(rows["day"], pa.date32()),
        moved_second=optional(rows["second"], pa.int32()),
        is_split=flags(rows["split"]),
    )


def _ordinary(sold: Columns) -> Columns:
    """Codes of the packs: a charge gets new ones, its refund gives the last of them back."""
    units = np.abs(sold["quantity"]) // UNIT
    charge = sold["refund_of"] == 0
    first_code = np.cumsum(units * charge) - units * charge
    key = sold["visit"] * 100_000 + sold["line"]
    order = np.argsort(key, kind="stable")
    of = sold["visit"] * 100_000 + np.where(charge, sold["line"], sold["refund_of"])
    origin = order[np.searchsorted(key[order], of)] if len(order) else order
    begin = first_code[origin] + np.where(charge, 0, units[origin] - units)
    place = np.repeat(np.arange(len(units)), units)
    within = np.arange(len(place)) - np.repeat(np.cumsum(units) - units, units)
    return {
        "visit": sold["visit"][place],
        "line": sold["line"][place],
        "event": sold["line"][place],
        "item": sold["item"][place],
        "made_for": sold["item"][place],
        "code": begin[place] + within,
        "sale": charge[place].astype(np.int64),
        "split": np.zeros(len(place), dtype=np.int64),
        "day": sold["day"][place],
        "second": sold["second"][place],
        "valid": np.ones(len(place), dtype=np.int64),
        "version": np.zeros(len(place), dtype=np.int64),  # the sale is one event, whatever its line's version
    }


def _told(scene: Scene, told: Columns) -> Columns:
    """The planted codes, numbered in the upper half of the block; the item is that of the line they belong to."""
    lines = scene.draft.lines
    kept = np.flatnonzero(lines["version"] != EARLY)
    key = lines["visit"][kept] * 100_000 + lines["line"][kept]
    order = np.argsort(key, kind="stable")
    at = (
        kept[order[np.searchsorted(key[order], told["visit"] * 100_000 + told["line"])]]
        if len(told["visit"])
        else kept[:0]
    )
    kept = ("visit", "line", "event", "sale", "split", "day", "second", "version", "valid")
    chosen = {name: told[name] for name in kept}
    item = lines["item"][at]
    made_for = np.where(told["made_for"] == NONE, item, told["made_for"])
    return chosen | {"item": item, "made_for": made_for, "code": told["code"] + _CODES_PER_BLOCK // 2}
