"""Fee lines and the settlements that add them up to the fen."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from mingcha.sample.dictionaries import departments, items
from mingcha.sample.draft import (
    EARLY,
    EMPLOYEE,
    INPATIENT,
    INSURANCES,
    LATE,
    NONE,
    PHARMACY_VISIT,
    RESIDENT,
    SPECIAL,
    TAKEN_HOME,
    UNORDERED,
    VISIT_TYPES,
    Columns,
    size,
    taken,
)
from mingcha.sample.money import half_up
from mingcha.sample.render.arrow import coded, flags, numbered, optional, spread, stacked, table, whole
from mingcha.sample.render.scene import Scene

_LINE_NUMBERS = [f"{number:05d}" for number in range(20_000)]
_DEDUCTIBLES = np.array([300, 400, 700, 1100, 0]) * 100  # by level 0, 1, 2, 3, pharmacies last
_STAY_PERCENT = np.array([[92, 92, 88, 85, 0], [85, 85, 75, 65, 0]])  # employees, residents
_VISIT_PERCENT = np.array([[70, 70, 60, 50, 0], [60, 55, 50, 40, 0]])
_CATASTROPHIC_FROM, _CATASTROPHIC_PERCENT = 1_500_000, 60
_ACCOUNT_LIMIT = 30_000


def fee_line(scene: Scene, places: np.ndarray) -> pa.Table:
    """Fee lines as one file carries them, `places` in the draft's lines; a copied line comes twice."""
    draft, city = scene.draft, scene.city
    every = np.repeat(places, np.where(draft.lines["version"][places] == EARLY, 1, draft.lines["copies"][places]))
    rows = taken(draft.lines, every)
    visits = taken(draft.visits, rows["visit"])
    dictionary = items()
    item = rows["item"]
    department = [entry.code for entry in departments()]
    in_scope = rows["amount"] - rows["first"] - rows["own"]
    unscoped = ~city.scoped[visits["provider"]]
    back = (rows["refund_of"] > 0) & (visits["reversed"] == 1)
    return table(
        "fee_line",
        size(rows),
        line=coded(rows["line"], _LINE_NUMBERS),
        **scene.who(rows["visit"]),
        refund_of=coded(np.where(rows["refund_of"] > 0, rows["refund_of"], NONE), _LINE_NUMBERS),
        settlement=_settlement_texts(scene, rows["visit"], back),
        service_day=whole(rows["day"], pa.date32()),
        service_second=optional(rows["second"], pa.int32()),
        item=coded(item, dictionary.code),
        item_name=coded(item, dictionary.name),
        hospital_item=coded(item, _own_codes()),
        list_type=coded(item, dictionary.list_type),
        charge_type=coded(item, dictionary.charge_type),
        item_class=coded(dictionary.item_class[item], ("01", "02", "03")),
        spec=coded(item, dictionary.spec),
        quantity=whole(rows["quantity"]),
        unit_price=whole(rows["price"]),
        amount=whole(rows["amount"]),
        in_scope=whole(in_scope, mask=unscoped),
        own_expense=whole(rows["own"]),
        over_ceiling=whole(np.zeros(size(rows), dtype=np.int64)),
        first_selfpay=whole(rows["first"]),
        days_supply=optional(rows["days_supply"], pa.int32()),
        prescription=_prescriptions(scene, every),
        takehome=flags(np.where(visits["care"] == INPATIENT, rows["prescription"] == TAKEN_HOME, NONE)),
        tcm_way=coded(np.where(dictionary.list_type[item] == "102", 0, NONE), ("1",)),
        department=coded(visits["department"], department),
        practitioner=coded(rows["practitioner"], city.practitioner),
        executing_department=coded(visits["department"], department),
    )


def settlement(scene: Scene, later: bool) -> pa.Table:
    """Settlements of the first file, or of the later one: those whose lines a correction changed."""
    visits = scene.draft.visits
    before, after = (_totals(scene, version) for version in (LATE, EARLY))
    changed = np.any([before[name] != after[name] for name in before], axis=0)
    chosen = np.flatnonzero((visits["version"] != EARLY) & (changed | (not later)))
    totals = taken(after if later else before, chosen)
    rows = taken(visits, chosen) | totals | {"place": chosen} | _billed(scene, chosen)
    paid = _pay(rows, scene)
    normal = _settlements(scene, rows, paid, 1)
    undone = np.flatnonzero(rows["reversed"] == 1)
    return stacked("settlement", normal, _settlements(scene, taken(rows, undone), taken(paid, undone), -1))


def _billed(scene: Scene, chosen: np.ndarray) -> Columns:
    """Days after the visit on which each is settled, the number of its invoice, and what is paid beyond the base."""
    told, numbers = scene.draft.bills, scene.draft.visits["number"]
    lag, invoice = np.zeros(size(scene.draft.visits), dtype=np.int64), numbers.copy()
    over = np.full(len(numbers), NONE)
    lag[told["visit"]], invoice[told["visit"]] = told["lag"], numbers[told["invoice"]]
    over[told["visit"]] = told["over"]
    return {"lag": lag[chosen], "invoice": invoice[chosen], "over": over[chosen]}


def _totals(scene: Scene, without: int) -> Columns:
    """Sums of a visit's lines, all but the rows of one version; a reversed visit counts its charges only."""
    lines, visits = scene.draft.lines, scene.draft.visits
    counted = lines["version"] != without
    counted &= ~((visits["reversed"][lines["visit"]] == 1) & (lines["refund_of"] > 0))
    kept = taken(lines, counted)
    sums = {}
    for name in ("amount", "first", "own"):
        summed = np.bincount(kept["visit"], weights=kept[name], minlength=size(visits))
        sums["total" if name == "amount" else name] = np.rint(summed).astype(np.int64)
    return sums


def _pay(rows: Columns, scene: Scene) -> Columns:
    """What funds and person pay: deductible, percentage by insurance and level, catastrophic insurance, account."""
    level = scene.city.level[rows["provider"]]
    stay = rows["care"] == INPATIENT
    in_scope = rows["total"] - rows["first"] - rows["own"]
    deductible = np.minimum(in_scope, np.where(stay, _DEDUCTIBLES[level], 0))
    person = (rows["insurance"] == RESIDENT).astype(np.int64)
    percent = np.where(
        stay, _STAY_PERCENT[person, level], _VISIT_PERCENT[person, level] + 15 * (rows["care"] == SPECIAL)
    )
    percent = np.where(rows["insurance"] > RESIDENT, 100, np.where(rows["care"] == PHARMACY_VISIT, 0, percent))
    base = in_scope - deductible
    pooled = np.where(rows["over"] == NONE, half_up(base * percent, 100), base + rows["over"])
    rest = np.maximum(base - pooled - _CATASTROPHIC_FROM, 0) * stay
    catastrophic = half_up(rest * _CATASTROPHIC_PERCENT, 100)
    borne = rows["total"] - pooled - catastrophic
    account = np.where(rows["insurance"] == EMPLOYEE, np.minimum(borne, _ACCOUNT_LIMIT), 0)
    return {
        "total": rows["total"], "in_scope": in_scope, "own_expense": rows["own"], "first_selfpay": rows["first"],
        "deductible_paid": deductible, "pooled_pay": pooled, "catastrophic_pay": catastrophic,
        "fund_total": pooled + catastrophic, "person_total": borne, "account_pay": account, "cash_pay": borne - account,
        "civil_pay": borne * 0, "large_amount_pay": borne * 0, "assistance_pay": borne * 0, "other_pay": borne * 0,
        "family_pay": borne * 0, "hospital_pay": borne * 0, "over_ceiling": borne * 0,
    }  # fmt: skip


def _settlements(scene: Scene, rows: Columns, paid: Columns, sign: int) -> pa.Table:
    number = len(rows["place"])
    provider = rows["provider"]
    unscoped = ~scene.city.scoped[provider]
    money = {name: whole(sign * values) for name, values in paid.items()}
    money["in_scope"] = whole(sign * paid["in_scope"], mask=unscoped)
    own = numbered(rows["number"], "S", 14)
    last = np.where(rows["end"] == NONE, rows["start"], rows["end"]) + rows["lag"]
    second = np.where(rows["end_second"] == NONE, NONE, np.minimum(rows["end_second"] + 1800, 86_399))
    return table(
        "settlement",
        number,
        settlement=own if sign > 0 else numbered(rows["number"], "V", 14),
        original_settlement=own if sign < 0 else pa.nulls(number, pa.string()),
        **scene.who(rows["place"]),
        insurance=coded(rows["insurance"], INSURANCES),
        visit_type=coded(rows["care"], VISIT_TYPES),
        settled_day=whole(last, pa.date32()),
        settled_second=optional(second, pa.int32()),
        **money,
        invoice=numbered(rows["invoice"], "I", 14),
        clearing_way=coded(np.where(rows["care"] == INPATIENT, 1, 0), ("01", "05")),
    )


def _settlement_texts(scene: Scene, visit: np.ndarray, back: np.ndarray) -> pa.Array:
    both = pa.concat_arrays([numbered(scene.numbers, "S", 14), numbered(scene.numbers, "V", 14)])
    return spread(both, visit + len(scene.numbers) * back)


def _prescriptions(scene: Scene, places: np.ndarray) -> pa.Array:
    """Order numbers for inpatients, visit-wide prescription numbers for the others, null without one."""
    _, order = scene.orders
    written = scene.draft.lines["prescription"][places]
    ordered, visit = order[places], scene.draft.lines["visit"][places]
    plain = (ordered == NONE) & (written != NONE) & (written != UNORDERED)
    key = np.where(plain, scene.draft.visits["number"][visit] * 10 + written, NONE)
    values, index = np.unique(key[plain], return_inverse=True)
    orders = np.arange(ordered.max(initial=NONE) + 1) + scene.draft.block * 1_000_000
    texts = pa.concat_arrays([numbered(orders, "O", 12),
                              numbered(values, "R", 15)])  # fmt: skip
    spots = np.where(ordered == NONE, NONE, ordered)
    spots[plain] = ordered.max(initial=NONE) + 1 + index
    return spread(texts, spots)


def _own_codes() -> np.ndarray:
    return np.array([f"Y{place:05d}" for place in range(len(items().code))], dtype=object)
