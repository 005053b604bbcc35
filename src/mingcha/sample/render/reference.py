"""The tables that every person shares: providers, departments, staff and the catalogue."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from mingcha.sample.city import CITY, COUNTIES, PHARMACY, SUSPENDED, City
from mingcha.sample.dictionaries import departments, items, leaves_catalogue
from mingcha.sample.draft import NONE
from mingcha.sample.render.arrow import coded, optional, table, whole

_SINCE = np.datetime64("2024-01-01", "D").astype(np.int64)


def _since(number: int, day: np.int64 = _SINCE) -> pa.Array:
    return whole(np.full(number, day), pa.date32())


def _constant(value: str, number: int) -> pa.Array:
    return coded(np.zeros(number, dtype=np.int64), (value,))


def provider(city: City) -> pa.Table:
    """One row a provider, in force since 2024; of the suspended one before, meanwhile and after."""
    rests = city.reserved("suspended")
    place = np.concatenate([np.arange(len(city.code)), [rests, rests]])
    number = len(place)
    since, until = np.full(number, _SINCE), np.full(number, NONE)
    since[-2:] = SUSPENDED[0], SUSPENDED[1] + 1
    until[[rests, -2]] = SUSPENDED[0] - 1, SUSPENDED[1]
    pharmacy = (city.kind[place] == PHARMACY).astype(np.int64)
    return table(
        "provider",
        number,
        provider=coded(place, city.code),
        name=coded(place, city.name),
        type=coded(pharmacy, ("1", "2")),
        level=coded(place, city.grade),
        ownership=coded((place % 3 == 0).astype(np.int64), ("1", "2")),
        beds=whole(city.beds[place], pa.int32(), city.beds[place] == 0),
        area=coded(city.county[place], COUNTIES),
        address=coded(place, [f"样例大道{n + 1}号" for n in range(len(city.code))]),
        contract_status=coded((since == SUSPENDED[0]).astype(np.int64), ("1", "2")),
        valid_from=whole(since, pa.date32()),
        valid_to=optional(until, pa.date32()),
    )


def department(city: City) -> pa.Table:
    """One row a provider and department."""
    provider_place, kind = np.nonzero(city.has)
    return table(
        "department",
        len(kind),
        provider=coded(provider_place, city.code),
        department=coded(kind, [entry.code for entry in departments()]),
        name=coded(kind, [entry.name for entry in departments()]),
        specialty=coded(kind, [entry.code for entry in departments()]),
        valid_from=_since(len(kind)),
    )


def practitioner(city: City) -> pa.Table:
    """One row a doctor; the names are numbers, nobody's names. One practises at two of the reserved hospitals.

    The first of a department is its chief, and so on down.
    """
    seat = city.staff_first[city.reserved("first-seat"), 0]
    place = np.concatenate([np.arange(len(city.practitioner)), [seat]])
    number = len(place)
    rank = place - city.staff_first[city.staff_provider[place], city.staff_department[place]]
    at = np.concatenate([city.staff_provider, [city.reserved("second-seat")]])
    return table(
        "practitioner",
        number,
        practitioner=coded(place, city.practitioner),
        name=coded(place, [f"医师{n + 1:05d}" for n in range(len(city.practitioner))]),
        kind=_constant("1", number),
        provider=coded(at, city.code),
        department=coded(city.staff_department[place], [entry.code for entry in departments()]),
        title=coded(np.minimum(rank, 3), ("231", "232", "233", "234")),
        licence_scope=coded(city.staff_department[place], [entry.name for entry in departments()]),
        valid_from=_since(number),
    )


def catalogue_item() -> pa.Table:
    """One row an item, for the whole city."""
    dictionary = items()
    number = len(dictionary.code)
    place = np.arange(number)
    until = np.full(number, NONE)
    for code, day in leaves_catalogue().items():
        until[dictionary.index[code]] = np.datetime64(day, "D").astype(np.int64) - 1
    return table(
        "catalogue_item",
        number,
        item=coded(place, dictionary.code),
        name=coded(place, dictionary.name),
        list_type=coded(place, dictionary.list_type),
        item_class=coded(dictionary.item_class, ("01", "02", "03")),
        generic=coded(place, dictionary.generic),
        spec=coded(place, dictionary.spec),
        dosage_form=coded(place, dictionary.dosage_form),
        unit=coded(place, dictionary.unit),
        area=_constant(CITY, number),
        valid_from=_since(number),
        valid_to=optional(until, pa.date32()),
    )
