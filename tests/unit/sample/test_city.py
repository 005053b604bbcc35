"""The standing city: areas, providers of every level in every county, staff."""

import numpy as np

from mingcha.sample.city import CITY, COUNTIES, NEIGHBOUR, areas, city
from mingcha.terms.codes import LEVEL_OF_GRADE


def test_every_area_hangs_on_a_parent_up_to_one_root():
    tree = {area["code"]: area["parent"] for area in areas()}
    assert [code for code, parent in tree.items() if not parent] == ["330000"]
    assert all(parent in tree for parent in tree.values() if parent)
    assert {CITY, NEIGHBOUR, *COUNTIES} <= set(tree)


def test_levels_follow_from_the_grades():
    place = city(1, 5_000)
    hospitals = place.level >= 0
    assert [LEVEL_OF_GRADE[grade] for grade in place.grade[hospitals]] == place.level[hospitals].tolist()
    assert set(place.level) == {-1, 0, 1, 2, 3}


def test_the_smallest_city_has_enough_providers_for_every_story():
    place = city(3, 20)
    able = place.clock & place.scoped
    assert min(np.sum(able & (place.level == level)) for level in (0, 1, 2, 3, -1)) >= 2
    assert set(place.county) == set(range(len(COUNTIES)))


def test_codes_and_names_are_nobodys_twice():
    place = city(2, 500_000)
    assert len(set(place.code)) == len(place.code)
    assert len(set(place.name)) == len(place.name)
    assert len(place.practitioner) == place.staff_count.sum()


def test_every_department_has_staff_of_its_provider():
    place = city(4, 3_000)
    providers, departments = np.nonzero(place.has)
    first = place.staff_first[providers, departments]
    assert (place.staff_provider[first] == providers).all()
    assert (place.staff_department[first] == departments).all()
