"""A draft with the texts that several tables share: numbers of visits, persons, areas, providers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from mingcha.sample.city import COUNTIES, NEIGHBOUR, City
from mingcha.sample.draft import EARLY, INPATIENT, LATE, NONE, UNORDERED, Columns, Draft, taken
from mingcha.sample.render.arrow import coded, glued, numbered, spread

_AREAS = (*COUNTIES, NEIGHBOUR)


@dataclass(frozen=True, eq=False)
class Scene:
    """What the tables of one block are rendered from."""

    draft: Draft
    city: City

    @cached_property
    def numbers(self) -> np.ndarray:
        """The number of every visit that other rows refer to; early versions, which come last, only repeat one."""
        visits = self.draft.visits
        return visits["number"][visits["version"] != EARLY]

    @cached_property
    def visit_texts(self) -> pa.Array:
        """The same as texts."""
        return numbered(self.numbers, "", 14)

    def settlements(self, visit: np.ndarray) -> pa.Array:
        """The settlements of rows of these visits."""
        return spread(numbered(self.numbers, "S", 14), visit)

    @cached_property
    def person_areas(self) -> np.ndarray:
        """Place of each person's fund area."""
        persons = self.draft.persons
        return np.where(persons["away"] == 1, len(COUNTIES), persons["county"])

    @cached_property
    def person_texts(self) -> pa.Array:
        """The national person number of every person."""
        area = coded(self.person_areas, _AREAS).dictionary_decode()
        return glued(area, numbered(self.draft.persons["serial"], "", 14))

    def who(self, visit: np.ndarray) -> dict[str, pa.Array]:
        """provider, visit, person and the two areas for rows of these visits."""
        visits = self.draft.visits
        return {"visit": spread(self.visit_texts, visit)} | self.place(
            visits["provider"][visit], visits["person"][visit]
        )

    def place(self, provider: np.ndarray, person: np.ndarray) -> dict[str, pa.Array]:
        """provider, person and the two areas."""
        return {
            "provider": coded(provider, self.city.code),
            "person": spread(self.person_texts, person),
            "fund_area_source": coded(self.person_areas[person], _AREAS),
            "care_area_source": coded(self.city.county[provider], COUNTIES),
        }

    @cached_property
    def orders(self) -> tuple[Columns, np.ndarray]:
        """Inpatient orders, one a visit and drug, and for each fee line its order (NONE where it has none)."""
        from mingcha.sample.charges import kinds

        lines = self.draft.lines
        care = self.draft.visits["care"][lines["visit"]]
        ordered = (care == INPATIENT) & (kinds()[lines["item"]] <= 1) & (lines["prescription"] != UNORDERED)
        of = np.full(len(ordered), NONE)
        places = np.flatnonzero(ordered)
        key, first, inverse = np.unique(
            lines["visit"][places] * 1_000_000 + lines["item"][places], return_index=True, return_inverse=True
        )
        of[places] = inverse
        number = len(key)
        counted = (lines["version"][places] != EARLY) & (lines["refund_of"][places] == 0)
        at, day = inverse[counted], lines["day"][places][counted]
        start, end = np.full(number, 2**40), np.zeros(number, dtype=np.int64)
        np.minimum.at(start, at, day)
        np.maximum.at(end, at, day)
        orders = {
            "visit": key // 1_000_000,
            "item": key % 1_000_000,
            "start": start,
            "end": end,
            "quantity": _summed(at, lines["quantity"][places][counted], number),
            "amount": _summed(at, lines["amount"][places][counted], number),
            "price": lines["price"][places][first],
            "practitioner": lines["practitioner"][places][first],
        }
        return orders, of

    def files(self, rows: Columns) -> tuple[Columns, Columns]:
        """The rows of the first file and those of the later one (corrections)."""
        late = rows["version"] == LATE
        return taken(rows, ~late), taken(rows, late)


def _summed(group: np.ndarray, values: np.ndarray, number: int) -> np.ndarray:
    return np.rint(np.bincount(group, weights=values, minlength=number)).astype(np.int64)
