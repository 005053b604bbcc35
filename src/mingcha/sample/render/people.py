"""Persons and their enrolments. Names, numbers, telephones and addresses cannot be anybody's."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from mingcha.sample.draft import NONE, RESIDENT, size
from mingcha.sample.render.arrow import coded, glued, numbered, optional, table, whole
from mingcha.sample.render.scene import Scene

_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_NAMES = [a + b + c for a in _SURNAMES for b in _STEMS for c in _BRANCHES]
_ROADS = [f"样例路{n}号" for n in range(1, 400)]
INSURANCE_CODES = ("310", "390", "410", "510")
PERSON_TYPES = ("1101", "1201", "1403", "1501")


def person_type(insurance: np.ndarray, age: np.ndarray) -> np.ndarray:
    """Place in PERSON_TYPES: at work, retired, minor, adult resident."""
    return np.where(insurance == RESIDENT, np.where(age < 18, 2, 3), np.where(age >= 60, 1, 0))


def person(scene: Scene) -> pa.Table:
    """One row a person; the identity number begins with 999999, an area that does not exist."""
    persons = scene.draft.persons
    serial = persons["serial"]
    birth = np.datetime_as_string(persons["birth"].astype("datetime64[D]"))
    digits = pa.array(np.char.replace(birth, "-", "").tolist(), pa.string())
    areas = scene.place(np.zeros(size(persons), dtype=np.int64), np.arange(size(persons)))
    return table(
        "person",
        size(persons),
        person=scene.person_texts,
        sex=coded(persons["sex"], ("", "1", "2")),
        birth_date=whole(persons["birth"], pa.date32()),
        death_date=optional(_deaths(scene), pa.date32()),
        person_name=coded(serial * 7919 % len(_NAMES), _NAMES),
        id_number=glued("999999", digits, numbered(serial % 10_000, "", 4)),
        phone=numbered(serial % 100_000_000, "000", 8),
        home_address=coded(serial % len(_ROADS), _ROADS),
        fund_area_source=areas["fund_area_source"],
    )


def _deaths(scene: Scene) -> np.ndarray:
    days = np.full(size(scene.draft.persons), NONE)
    days[scene.draft.deaths["person"]] = scene.draft.deaths["day"]
    return days


def enrolment(scene: Scene) -> pa.Table:
    """One row a person, enrolled some years ago and since; of some what a story tells instead."""
    persons, told = scene.draft.persons, scene.draft.enrolments
    first = np.datetime64("2016-01-01").astype("datetime64[D]").astype(np.int64)
    ordinary = np.setdiff1d(np.arange(size(persons)), told["person"])
    person = np.concatenate([ordinary, told["person"]])
    number = len(person)
    insurance = np.concatenate([np.minimum(persons["insurance"][ordinary], RESIDENT), told["insurance"]])
    start = np.concatenate([first + persons["serial"][ordinary] * 31 % 3000, told["start"]])
    end = np.concatenate([np.full(len(ordinary), NONE), told["end"]])
    areas = scene.place(np.zeros(number, dtype=np.int64), person)
    return table(
        "enrolment",
        number,
        person=areas["person"],
        insurance=coded(insurance, INSURANCE_CODES),
        person_type=coded(person_type(insurance, (first - persons["birth"][person]) / 365.25), PERSON_TYPES),
        status=coded((end != NONE).astype(np.int64), ("1", "2")),
        start_day=whole(start, pa.date32()),
        end_day=optional(end, pa.date32()),
        fund_area_source=areas["fund_area_source"],
    )
