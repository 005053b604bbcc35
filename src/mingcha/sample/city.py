"""The city that does not change while people fall ill: areas, providers, departments, staff. All names are invented."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from mingcha.sample.dictionaries import departments, rows

CITY = "330500"
COUNTIES = ("330502", "330503", "330521", "330522", "330523")
COUNTY_WEIGHTS = (0.32, 0.20, 0.16, 0.18, 0.14)
NEIGHBOUR = "330483"
"""Where the few cross-region persons are insured."""

FIRST_DAY = np.datetime64("2025-10-01", "D").astype(np.int64).item()
DAYS = 365
"""Service days run from 2025-10-01 to 2026-09-30, so that every published batch (up to 2026-06-29) is met in force."""

_WORDS = [a + b for a, b in zip("青云明白望听松竹鹿采南嘉清和景若怀长扶凌归漱枕栖",
                                "禾岫溪泽舒澜涧里鸣薇乔树晏畅行水瑾庚摇霄鹤石流梧", strict=True)]  # fmt: skip
_PLACES = ["东亭", "西渚", "北岸", "中洲", "上庄", "下沙", "前溪", "后坞", "石埭", "柳塘", "桑田", "莲浦"]

TERTIARY, SECONDARY, PRIMARY, CLINIC, PHARMACY, SPECIALIST = range(6)
_CLASSES = (
    # suffix, grades, level, share, least number, beds, departments
    ("综合医院", ("02", "03"), 3, 0.04, 3, 1100, 10),
    ("医院", ("05", "06"), 2, 0.10, 4, 360, 9),
    ("卫生院", ("08", "09", "11"), 1, 0.24, 6, 60, 3),
    ("诊所", ("11",), 0, 0.22, 4, 0, 1),
    ("大药房", ("",), -1, 0.40, 10, 0, 0),
    # Ordinary people don't go there: what they charge is told by stories. Among hospitals of level 1 nobody else has
    # months big enough to be compared with theirs.
    ("专科医院", ("10",), 1, 0.0, 16, 80, 3),
)
RESERVED = (
    ("unattended", PHARMACY), ("suspended", PHARMACY), ("shelf", PHARMACY), ("empty-shelf", PHARMACY),
    ("depot", SECONDARY), ("crowded", SECONDARY), ("first-seat", SECONDARY), ("second-seat", SECONDARY),
    ("no-scanner", SECONDARY), ("crowded-till", PHARMACY),
)  # fmt: skip
"""Providers at the end of the city to which no ordinary care goes: where a story is told of a whole provider."""

CROWDED_BEDS = 2
SUSPENDED = (FIRST_DAY + 120, FIRST_DAY + 180)
"""First and last day on which the contract of the suspended pharmacy rests."""

_PRIMARY_DEPARTMENTS = ("A02", "A50", "A20")
_CLINIC_DEPARTMENTS = ("A02",)
_STAFF = (4, 3, 2, 1, 0, 2)


@dataclass(frozen=True, eq=False)
class City:
    """Providers and staff as arrays; `staff_first[p, d]` and `staff_count[p, d]` index `practitioner`.

    `level` 3, 2, 1, 0 as the catalogue counts, -1 for pharmacies; `clock` false where a source sends dates only;
    `scoped` false where a source sends no in-scope amount.
    """

    code: np.ndarray
    name: np.ndarray
    kind: np.ndarray
    grade: np.ndarray
    level: np.ndarray
    county: np.ndarray
    beds: np.ndarray
    clock: np.ndarray
    scoped: np.ndarray
    has: np.ndarray
    practitioner: np.ndarray
    staff_provider: np.ndarray
    staff_department: np.ndarray
    staff_first: np.ndarray
    staff_count: np.ndarray

    @property
    def open(self) -> int:
        """How many providers take ordinary patients; those after them are reserved."""
        return len(self.code) - len(RESERVED)

    def of_kind(self, kind: int) -> np.ndarray:
        """Places of the providers of a kind that take ordinary patients."""
        return np.flatnonzero(self.kind[: self.open] == kind)

    def reserved(self, name: str) -> int:
        """Place of the provider reserved under a name."""
        return self.open + [known for known, _ in RESERVED].index(name)


def areas() -> list[dict[str, str]]:
    """The area tree of the city and its neighbour: code, parent, name, level (province, city, county)."""
    return rows("areas")


def provider_number(persons: int) -> int:
    """How many providers a city of that many simulated persons has, beside the reserved ones."""
    return int(min(3000, 26 + persons // 180))


@cache
def city(seed: int, persons: int) -> City:
    """The city of a seed and size; the same arguments give the same city in every process."""
    random = np.random.default_rng([seed, 1])
    kind = np.concatenate([_kinds(provider_number(persons)), [of for _, of in RESERVED]])
    number = len(kind)
    ordinary = np.arange(number) < number - len(RESERVED)
    county = np.empty(number, dtype=np.int64)
    for of_kind in range(len(_CLASSES)):  # every county has some of each kind before any has more
        places = np.flatnonzero(kind == of_kind)
        county[places] = (np.arange(len(places)) + random.integers(len(COUNTIES))) % len(COUNTIES)
    grade = np.array([_CLASSES[k][1][i % len(_CLASSES[k][1])] for i, k in enumerate(kind)], dtype=object)
    level = np.array([_CLASSES[k][2] for k in kind])
    level[grade == "11"] = 0
    code = np.array([_provider_code(i, kind[i], county[i]) for i in range(number)], dtype=object)
    has = _departments_of(kind)
    staff_count = np.array([_STAFF[k] for k in kind])[:, None] * has
    staff_first = np.concatenate([[0], np.cumsum(staff_count.ravel())[:-1]]).reshape(staff_count.shape)
    owner = np.repeat(np.arange(staff_count.size), staff_count.ravel())
    clock = ~((kind == CLINIC) & (np.arange(number) % 3 == 0))
    scoped = ~((kind == PHARMACY) & (np.arange(number) % 8 == 0) & ordinary)
    return City(
        code=code,
        name=_names(kind, random),
        kind=kind,
        grade=grade,
        level=level,
        county=county,
        beds=np.where(np.arange(number) == number - len(RESERVED) + 5, CROWDED_BEDS, [_CLASSES[k][5] for k in kind]),
        clock=clock,
        scoped=scoped,
        has=has,
        practitioner=np.array([f"D330500{i + 1:06d}" for i in range(len(owner))], dtype=object),
        staff_provider=owner // has.shape[1],
        staff_department=owner % has.shape[1],
        staff_first=staff_first,
        staff_count=staff_count,
    )


def _kinds(number: int) -> np.ndarray:
    counts = [max(least, round(number * share)) for _, _, _, share, least, _, _ in _CLASSES]
    return np.repeat(np.arange(len(_CLASSES)), counts)


def _provider_code(place: int, kind: int, county: int) -> str:
    return f"{'P' if kind == PHARMACY else 'H'}{COUNTIES[county]}{place + 1:05d}"


def _departments_of(kind: np.ndarray) -> np.ndarray:
    codes = [department.code for department in departments()]
    has = np.zeros((len(kind), len(codes)), dtype=np.int64)
    for place, k in enumerate(kind):
        if k == PRIMARY:
            has[place, [codes.index(code) for code in _PRIMARY_DEPARTMENTS]] = 1
        elif k == CLINIC:
            has[place, [codes.index(code) for code in _CLINIC_DEPARTMENTS]] = 1
        elif k != PHARMACY:
            has[place, : _CLASSES[k][6]] = 1
    return has


def _names(kind: np.ndarray, random: np.random.Generator) -> np.ndarray:
    pairs = [f"{a}{b}" for b in ("", *_PLACES) for a in _WORDS]
    order = random.permutation(len(pairs))
    names, seen = [], {}
    for place, k in enumerate(kind):
        base = pairs[order[place % len(pairs)]] + _CLASSES[k][0]
        seen[base] = seen.get(base, 0) + 1
        names.append(base if seen[base] == 1 else f"{base}{seen[base]}店" if k == PHARMACY else f"{base}{seen[base]}部")
    return np.array(names, dtype=object)
