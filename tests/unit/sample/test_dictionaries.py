"""The dictionaries: enough of everything, nothing listed among the ordinary, every planted fact in the pack."""

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from mingcha.knowledge.pack import load
from mingcha.knowledge.shipped import shipped_pack
from mingcha.sample.care import visits
from mingcha.sample.chances import pools
from mingcha.sample.city import city
from mingcha.sample.dictionaries import diagnoses, items, operations, rows, violations
from mingcha.sample.people import people
from mingcha.sample.stories.coding import (
    diagnosis_for_person,
    diagnosis_forbidden,
    operation_for_diagnosis,
    operation_for_sex,
)
from mingcha.sample.stories.program import STORIES, rules

PACK = Path(__file__).parents[3] / "packs" / "national" / "rules"
DAILY = {"001109000010000", "001102000050000", "001201000040000"}
"""Ward items that a list caps at one a day: the city charges them once a day."""

SHARED_COLUMNS = (
    "sex", "age_min", "age_max", "insurance", "care", "level_min", "diagnoses", "ceiling", "levels", "window", "limit",
    "days", "within", "valid_from", "valid_to",
)  # fmt: skip


@cache
def knowledge(rule: str) -> list[dict[str, str]]:
    path = PACK / rule / "knowledge.csv"
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines())) if path.exists() else []


@cache
def all_named() -> set[str]:
    named = set()
    for path in PACK.iterdir():
        for row in knowledge(path.name):
            named.add(row["item"])
            named.update(filter(None, (row.get("partner") or "").split(";")))
            named.update(filter(None, (row.get("companions") or "").split(";")))
    return named


def test_there_are_thousands_of_items_with_codes_of_their_own():
    assert len(items().code) > 2_500
    assert len(items().index) == len(items().code)
    assert set(items().list_type) == {"101", "102", "201", "301"}
    assert (items().price >= 100).all()


@pytest.mark.slow
def test_no_ordinary_item_is_on_an_official_list():
    cells, _ = pools()
    drawn = {str(code) for code in items().code[sorted(set(cells.ravel().tolist()))]}
    names = {f"名称:{items().name[items().index[code]]}" for code in drawn}
    named = all_named()
    assert not drawn & named
    assert not names & named
    assert not drawn & {row["item"] for row in rows("listed_items")}


def test_every_rule_an_audit_runs_is_planted():
    pack = load(shipped_pack())
    waiting = {rule.id for rule in pack.rules if rule.waits}
    assert set(pack.audited) - waiting == set(rules())
    assert set(rules()) <= set(STORIES)


@pytest.mark.parametrize("rule", rules())
def test_every_planted_fact_stands_in_the_pack(rule):
    published = knowledge(rule)
    for fact in violations()[rule]:
        if not fact["item"] or not published:  # some rules have no rows: their facts only name what is charged
            continue
        named = {fact["item"], f"名称:{fact['name']}"}
        other = items().index.get(fact["partner"])
        partners = {fact["partner"], "名称:" if other is None else f"名称:{items().name[other]}"}
        matching = [
            row for row in published
            if row["item"] in named
            and ("partner" not in row or row["partner"] in partners)
            and ("others" not in row or partners & set(row["others"].split(";")))
            and fact["companions"] in ["", *(row.get("companions") or "").split(";")]
            and all((row.get(column) or "") == fact[column] for column in SHARED_COLUMNS if column in row)
        ]  # fmt: skip
        assert matching, (fact["item"], fact["name"])


def test_every_diagnosis_a_story_names_is_known():
    known = diagnoses().index
    for facts in violations().values():
        for fact in facts:
            assert fact["lawful_diagnosis"] in known or not fact["lawful_diagnosis"]
            if STORIES[fact["rule"]] in (diagnosis_forbidden, diagnosis_for_person):
                assert fact["partner"] in known
                assert fact["partner"].startswith(tuple(fact["diagnoses"].split(";")))
            if STORIES[fact["rule"]] in (operation_for_sex, operation_for_diagnosis):
                assert fact["partner"] in operations().index


@pytest.mark.slow
def test_ordinary_visits_never_lie_within_a_stay():
    place = city(9, 4_000)
    random = np.random.default_rng(9)
    found = visits(random, people(random, 4_000), place)
    stays = np.flatnonzero(found["care"] == 3)
    for stay in stays:
        own = (found["person"] == found["person"][stay]) & (np.arange(len(found["person"])) != stay)
        day = found["start"][own]
        assert not ((found["start"][stay] < day) & (day < found["end"][stay])).any()
        later = day[found["care"][own] == 3]
        assert (np.abs(later - found["start"][stay]) > 60).all()
