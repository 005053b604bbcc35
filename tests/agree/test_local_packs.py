"""With local packs, every row is judged as if its area's pack were the only one; and both engines say so."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from mingcha.engines.effective import effective
from mingcha.engines.world import evaluate
from mingcha.knowledge.library import Library
from mingcha.knowledge.local import Amendment, Change, LocalPack
from mingcha.knowledge.pack import Pack, Row, Scoped
from mingcha.rules.finding import Result
from tests.agree.steering import steering_pack
from tests.agree.worlds import FIRST, World, collect, packed

BASE = steering_pack().pack
PARENTS = {"330000": None, "330500": "330000", "330502": "330500", "330400": "330000"}
AREAS = ("330500", "330502", "330400", "000000")
SINCE = FIRST


def _change(
    change: str, parameter: str | None = None, value: Any = None, *rows: str, until: date | None = None
) -> Change:
    return Change(change, parameter, value, rows, SINCE, until, "文件", None, None, "试")


def _local(name: str, area: str, provider: str | None, *amendments: Amendment) -> LocalPack:
    return LocalPack(Pack(name, name, "1", SINCE, (), ()), BASE.name, area, provider, amendments)


def _ids(rule: str) -> list[Row]:
    return list(BASE.rule(rule).knowledge)


def library() -> Library:
    """A city that tightens, loosens, ends rows, adds rows and switches off; a county of it; and one hospital."""
    first = _ids("price_ceiling")[0]
    cheaper = Row("mine", first.item, "甲", {**first.values, "ceiling": 30_000}, SINCE, None, "文件")
    ended = _ids("diagnosis_required")[0]
    city = _local(
        "city", "330500", None,
        Amendment("visit_after_death-0", (_change("loosen", "days", 30),), (), ()),
        Amendment("price_ceiling", (_change("tighten", None, None, "mine"),), (cheaper,), ()),
        Amendment("diagnosis_required", (_change("loosen", None, None, ended.id, until=date(2026, 2, 28)),), (), ()),
        Amendment("not_payable", (_change("off", until=date(2026, 2, 28)),), (), ()),
    )  # fmt: skip
    county = _local(
        "county", "330502", None,
        Amendment("visit_after_death-0", (_change("tighten", "days", 0),), (), ()),
        Amendment("overlapping_stays-0", (_change("off"),), (), ()),
    )  # fmt: skip
    clinic = _local("clinic", "330500", "1:H1", Amendment("supply_overlap", (_change("off"),), (), ()))
    return Library.of(BASE, [clinic, county, city], PARENTS)


def _placed(world: World, area: str) -> World:
    return {f: [row | {"fund_area": area} if "fund_area" in row else row for row in rows] for f, rows in world.items()}


def _without_numbers(results: list[Result]) -> list[Result]:
    return sorted(results, key=lambda r: (r.rule, r.frame, r.key))


@pytest.mark.slow
def test_every_area_is_judged_by_its_own_pack_on_both_engines() -> None:
    made, several = library(), collect(400, seed=9)
    assert len(made.packs) == 5
    area = [AREAS[n % len(AREAS)] for n in range(len(several))]
    area[1] = "330500"  # the world of the hospital that has a pack of its own
    worlds = [_placed(world, area[n]) for n, world in enumerate(several)]
    everything = packed(worlds)
    together = {engine: evaluate(engine, effective(made), everything) for engine in ("memory", "duckdb")}
    assert together["memory"] == together["duckdb"]
    apart = []
    for group in {id(g.pack): g for g in made.groups}.values():
        mine = {f: [r for r in rows if _belongs(r, made, group.pack, area)] for f, rows in everything.items()}
        apart += evaluate("memory", effective(group.pack), mine)
    assert _comparable(_without_numbers(apart)) == _comparable(together["memory"])


def _comparable(results: list[Result]) -> list[Result]:
    """Without the hospital's world, whose rows lie in two groups, and shares, which look at peers in all areas."""
    return [r for r in results if not r.key.startswith("1:") and not r.rule.startswith("indicator_share")]


def _belongs(row: dict[str, Any], made: Library, pack: Pack, area: list[str]) -> bool:
    if not row.keys() & {"provider", "person"}:
        return True  # a catalogue is nobody's
    number = int(row["provider"].split(":")[0]) if "provider" in row else row["person"] // 10
    return number == 1 or made.effective(area[number], row.get("provider")) is pack


@pytest.mark.slow
def test_each_change_shows_in_the_answers() -> None:
    """Each amendment changes some answer where it holds, and none elsewhere."""
    made, world = library(), packed(collect(400, seed=10))
    base = {area: _flagged(Library.of(BASE), world, area) for area in AREAS}
    now = {area: _flagged(made, world, area) for area in AREAS}
    assert now["330400"] == base["330400"] and now["000000"] == base["000000"]
    changed = {area: {rule for rule, _ in base[area] ^ now[area]} for area in AREAS}
    assert changed["330500"] >= {"visit_after_death-0", "price_ceiling", "diagnosis_required", "not_payable"}
    assert "overlapping_stays-0" in {rule for rule, _ in base["330502"]}
    assert "overlapping_stays-0" not in {rule for rule, _ in now["330502"]}
    hospital = {rule for rule, key in base["330500"] - now["330500"] if key.startswith("1:H1|")}
    assert hospital <= changed["330500"] | {"supply_overlap"}
    assert not [key for rule, key in now["330500"] if rule == "supply_overlap" and key.startswith("1:H1|")]


def _flagged(made: Library, world: World, area: str) -> set[tuple[str, str]]:
    return {
        (r.rule, r.key) for r in evaluate("memory", effective(made), _placed(world, area)) if r.verdict == "flagged"
    }


SCOPED = (
    ("frequent_visits-0", (("most", 3, {"insurance": "310"}), ("most", 0, {"provider": "0:H2"}))),
    ("frequent_visits-0", (("within", 2, {"level": 1}), ("within", 9, {"insurance": "410", "level": 3}))),
    ("readmission_gap-0", (("days", 1, {"insurance": "410"}), ("days", 30, {"level": 2}))),
    ("readmission_gap-1", (("same_provider", True, {"insurance": "310"}),)),
    ("overlapping_stays-1", (("care", ("E",), {"level": 3}), ("care", ("S",), {"insurance": "410"}))),
    ("earlier_treatment", (("days", 0, {"insurance": "310"}), ("days", 9, {"level": 3}))),
    ("duplicate_therapy", (("overlap", 9, {"insurance": "410"}), ("longest", 20, {"level": 1}))),
)


def _scoped() -> Pack:
    """The steering pack with values for some insurances, levels and one provider, one of them only from a day on."""
    rules = {rule.id: rule for rule in BASE.rules}
    for name, values in SCOPED:
        made = [Scoped(parameter, SINCE, value, **scope) for parameter, value, scope in values]
        made += [replace(one, valid_from=date(2026, 3, 2), value=None) for one in made if one.provider is None][:1]
        rules[name] = replace(rules[name], scoped=(*rules[name].scoped, *made))
    return replace(BASE, rules=tuple(rules[name] for name in sorted(rules)))


@pytest.mark.slow
def test_values_for_some_insurances_levels_and_providers_agree() -> None:
    made, world = effective(_scoped()), packed(collect(800, seed=11))
    memory, duckdb = (evaluate(engine, made, world) for engine in ("memory", "duckdb"))
    assert memory == duckdb
    before = {(r.rule, r.key): r for r in evaluate("memory", effective(BASE), world)}
    after = {(r.rule, r.key): r for r in memory}
    differing = {key[0] for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert differing >= {"readmission_gap-0", "overlapping_stays-1", "earlier_treatment", "duplicate_therapy"}


@pytest.mark.parametrize("engine", ["memory", "duckdb"])
def test_a_value_for_an_insurance_holds_for_its_visits(engine: str) -> None:
    def visits(person: int, insurance: str | None) -> list[dict[str, Any]]:
        return [
            {
                "provider": "H1", "visit": f"{person}-{n}", "person": person, "start_day": FIRST, "care": "O",
                "insurance": insurance, "fund_area": "330400", "care_area": "330400",
            }
            for n in range(4)
        ]  # fmt: skip

    world = {
        "provider": [{"provider": "H1", "level": 2}],
        "visit": visits(1, "310") + visits(2, "410") + visits(3, None),
    }
    found = [r for r in evaluate(engine, effective(_scoped()), world) if r.rule == "frequent_visits-0"]
    assert Counter(r.person for r in found if r.verdict == "flagged") == {1: 1, 2: 3, 3: 3}
