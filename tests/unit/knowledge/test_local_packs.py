"""What a local pack makes of what it inherits, and what it is told when it can't be."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mingcha.knowledge.archive import fetch, fetch_local, keep, keep_library
from mingcha.knowledge.force import parameter
from mingcha.knowledge.library import Library
from mingcha.knowledge.local_loading import load_local
from mingcha.knowledge.pack import Pack, load
from mingcha.knowledge.why import standing
from mingcha.terms.errors import InputError, UsageError

from .local_packs import PARENTS, base, change, local
from .refusing import KNOWLEDGE

HEADER = KNOWLEDGE.splitlines()[0]
DOCUMENT = {"document": "示例市通知", "date": "2026-03-20"}


@pytest.fixture
def trial(tmp_path: Path) -> Pack:
    return load(base(tmp_path / "trial"))


def often(**fields: str) -> dict[str, str]:
    return change(parameter="most", from_="2026-04-01", **fields)


def row(name: str, item: int, limit: int, since: str = "2026-03-01", until: str = "") -> str:
    return f"{HEADER}\n{name},00110000000000{item},甲项,{limit},day,,{since},{until},示例市通知\n"


def test_a_local_value_counts_from_its_day_over_what_the_country_says_later(tmp_path: Path, trial: Pack) -> None:
    _, made = load_local(local(tmp_path / "c", often=often(change="tighten", value="1")), trial)
    values = [parameter(made.rule("often"), "most", date(2026, month, 1)) for month in (3, 4, 6)]
    assert values == [3, 1, 1]
    assert trial.rule("often").decided == ()


def test_where_a_local_value_ends_the_countrys_counts_again(tmp_path: Path, trial: Pack) -> None:
    pack = local(tmp_path / "c", often=often(change="loosen", value="9", to="2026-06-30", **DOCUMENT))
    _, made = load_local(pack, trial)
    days = (date(2026, 3, 31), date(2026, 4, 1), date(2026, 6, 30), date(2026, 7, 1))
    assert [parameter(made.rule("often"), "most", day) for day in days] == [3, 9, 9, 2]
    (decision,) = made.rule("often").decided
    assert (decision.before, decision.after, decision.document, decision.by) == (3, 9, "示例市通知", "示例市医疗保障局")


def test_a_row_of_the_area_stands_in_for_the_countrys_and_others_are_added(tmp_path: Path, trial: Pack) -> None:
    rows = row("x", 1, 30_000) + row("y", 9, 10_000).splitlines()[1] + "\n"
    caps = change(change="loosen", rows="[x]", from_="2026-03-01", **DOCUMENT) | {"knowledge": rows}
    _, made = load_local(local(tmp_path / "c", caps=caps), trial)
    rule = made.rule("caps")
    held = {(r.id, r.valid_from.isoformat(), r.valid_to and r.valid_to.isoformat()) for r in rule.knowledge}
    assert held == {
        ("a", "2025-01-01", "2026-02-28"), ("b", "2025-01-01", None),
        ("x", "2026-03-01", None), ("y", "2026-03-01", None),
    }  # fmt: skip
    assert [(d.change, d.before, d.after) for d in rule.decided] == [("loosen", ["a"], ["x"]), ("add", [], ["y"])]


def test_inherited_rows_can_end_for_a_time(tmp_path: Path, trial: Pack) -> None:
    caps = change(change="loosen", rows="[b]", from_="2026-03-01", to="2026-03-31", **DOCUMENT)
    _, made = load_local(local(tmp_path / "c", caps=caps), trial)
    library = Library.read(trial, [tmp_path / "c"], PARENTS)
    counts = [standing(library, "caps", "330502", None, date(2026, month, 15)).rows for month in (2, 3, 4)]
    assert counts == [2, 1, 2]
    assert made.hash == library.effective("330502").hash


WRONG = {
    "an unknown rule": ({"oftn": change(change="off", from_="2026-04-01", reason="x")}, "close to it: often"),
    "loosening without a document": ({"often": often(change="loosen", value="9")}, "loosening needs a document"),
    "loosening called tightening": ({"often": often(change="tighten", value="9")}, "loosens; write loosen"),
    "off without a reason": ({"often": change(change="off", from_="2026-04-01")}, "needs a reason"),
    "off without a day": ({"often": change(change="off", reason="x")}, "the field from is missing"),
    "nothing changes": ({"often": often(change="tighten", value="3", to="2026-05-31")}, "nothing changes"),
    "no such parameter": (
        {"often": change(change="tighten", parameter="mots", value="3", from_="2026-04-01")}, "no such parameter"),
    "not a number": ({"often": often(change="tighten", value="few")}, "not a whole number"),
    "a direction that can't be seen": (
        {"often": change(change="tighten", parameter="care", value="[O, E]", from_="2026-04-01")}, "can't be seen"),
    "an inherited row changed silently": ({"caps": {"knowledge": row("x", 1, 30_000)}}, "say tighten or loosen"),
    "the same row again": ({"caps": {"knowledge": row("x", 1, 10_000)}}, "nothing changes"),
    "an inherited id": ({"caps": {"knowledge": row("a", 7, 10_000)}}, "is an inherited row's already"),
    "a row nobody has": (
        {"caps": change(change="loosen", rows="[zz]", from_="2026-03-01", **DOCUMENT)}, "no knowledge row zz"),
    "ending rows called tightening": (
        {"caps": change(change="tighten", rows="[a]", from_="2026-03-01", **DOCUMENT)}, "loosens"),
    "an empty folder": ({"caps": {}}, "nothing is changed"),
    "a wholly new rule under an inherited id": ({"caps": {"rule": "id: caps\n"}}, "is an inherited rule"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_told_in_its_place(
    name: str, tmp_path: Path, trial: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules, said = WRONG[name]
    monkeypatch.setenv("MINGCHA_LANG", "en")
    with pytest.raises(InputError) as told:
        load_local(local(tmp_path / "c", **rules), trial)
    assert said in str(told.value)
    assert "rules/" in str(told.value)


def test_two_packs_of_a_place_and_places_nobody_knows_are_told(tmp_path: Path, trial: Pack) -> None:
    one = local(tmp_path / "a", often=often(change="tighten", value="1"))
    two = local(tmp_path / "b", name="other", often=often(change="tighten", value="1"))
    with pytest.raises(InputError, match="city"):
        Library.read(trial, [one, two], PARENTS)
    with pytest.raises(InputError, match="330599"):
        Library.read(trial, [local(tmp_path / "c", area="330599", often=often(change="tighten", value="1"))], PARENTS)
    with pytest.raises(InputError, match="trial"):
        Library.read(trial, [tmp_path / "trial"], PARENTS)


def three(tmp_path: Path, trial: Pack) -> Library:
    """A city, one of its counties, and one hospital of the city: named in an order that is not the tree's."""
    county = local(tmp_path / "b", name="county", area="330502",
                   often=change(change="off", from_="2026-07-01", reason="试点"))  # fmt: skip
    city = local(tmp_path / "a", often=often(change="tighten", value="1"))
    clinic = local(tmp_path / "h", name="clinic", head="provider: H9\n",
                   often=change(change="loosen", parameter="most", value="7", from_="2026-05-01", **DOCUMENT))  # fmt: skip
    return Library.read(trial, [county, clinic, city], PARENTS)


def test_each_area_has_what_those_above_it_decided(tmp_path: Path, trial: Pack) -> None:
    library = three(tmp_path, trial)

    def at(area: str | None, provider: str | None = None, day: date = date(2026, 8, 1)) -> tuple:
        found = standing(library, "often", area, provider, day)
        return found.parameters["most"], found.in_force, [d.pack for d in found.rule.decided]

    assert at("330503") == (1, True, ["city"])
    assert at("330502") == (1, False, ["city", "county"])
    assert at("330502", day=date(2026, 6, 30)) == (1, True, ["city", "county"])
    assert at("330503", "H9") == (7, True, ["city", "clinic"])
    assert at("330502", "H9") == (7, False, ["city", "county", "clinic"])
    assert at("330400") == at(None) == at("999999") == (2, True, [])
    with pytest.raises(UsageError, match="caps"):
        standing(library, "cap", None, None, date(2026, 8, 1))


def test_what_nobody_changed_is_one_rule_and_no_local_pack_changes_no_hash(tmp_path: Path, trial: Pack) -> None:
    library = three(tmp_path, trial)
    assert len({id(pack.rule("caps")) for pack in library.packs}) == 1
    assert Library.of(trial).hash == trial.hash != library.hash
    assert library.effective("330400").hash == trial.hash


def test_archives_give_back_what_was_kept(tmp_path: Path, trial: Pack) -> None:
    library = three(tmp_path, trial)
    keep_library(library, tmp_path / "kept")
    for pack in library.packs:
        assert fetch(pack.hash, tmp_path / "kept").hash == pack.hash
    again = [fetch_local(pack.hash, tmp_path / "kept") for pack in library.locals]
    assert Library.of(fetch(trial.hash, tmp_path / "kept"), again, PARENTS).hash == library.hash
    decided = fetch(library.effective("330502").hash, tmp_path / "kept").rule("often").decided
    assert [(d.pack, d.change, d.since) for d in decided] == [
        ("city", "tighten", date(2026, 4, 1)), ("county", "off", date(2026, 7, 1)),
    ]  # fmt: skip


def test_a_rule_of_the_areas_own_begins_with_its_pack(tmp_path: Path, trial: Pack) -> None:
    rule = (tmp_path / "trial/rules/often/rule.yaml").read_text("utf-8").replace("id: often", "id: ours")
    cases = (tmp_path / "trial/rules/often/cases.yaml").read_text("utf-8")
    library = Library.read(trial, [local(tmp_path / "c", ours={"rule": rule, "cases": cases})], PARENTS)
    days = (date(2025, 12, 31), date(2026, 1, 1))
    assert [standing(library, "ours", "330502", None, day).in_force for day in days] == [False, True]
    with pytest.raises(UsageError, match="city 1"):
        standing(library, "ours", "330400", None, days[1])
    keep(library.locals[0], tmp_path / "kept")
    assert [r.id for r in fetch_local(library.locals[0].hash, tmp_path / "kept").own.rules] == ["ours"]


def test_a_rule_that_holds_otherwise_somewhere_has_another_hash(tmp_path: Path, trial: Pack) -> None:
    before, after = Library.of(trial).rule_hashes, three(tmp_path, trial).rule_hashes
    assert before.keys() == after.keys()
    assert [rule for rule in before if before[rule] != after[rule]] == ["often"]


def test_a_value_for_some_counts_before_the_general_one(tmp_path: Path, trial: Pack) -> None:
    changes = "changes:\n" + "".join(
        f"  - {{change: loosen, parameter: most, value: {value}, from: 2026-04-01, document: x, {scope}}}\n"
        for value, scope in ((9, "insurance: '310'"), (8, "level: 3"), (7, "provider: H1, to: 2026-04-30"))
    )
    _, made = load_local(local(tmp_path / "c", often={"local": changes}), trial)
    rule = made.rule("often")

    def most(day: date = date(2026, 4, 15), **who: object) -> int:
        return parameter(rule, "most", day, **who)

    assert [most(), most(insurance="390", level=2), most(insurance="310"), most(level=3)] == [3, 3, 9, 8]
    assert most(insurance="310", level=3) == 9
    assert most(provider="H1", insurance="310") == 7
    assert most(date(2026, 5, 1), provider="H1", insurance="310") == 9
    assert most(date(2026, 3, 31), insurance="310") == 3
    found = standing(Library.read(trial, [tmp_path / "c"], PARENTS), "often", "330502", "H1", date(2026, 4, 2))
    assert found.parameters["most"] == 7
    assert [d.scope for d in found.rule.decided] == [(None, "310", None), (None, None, 3), ("H1", None, None)]
    keep(made, tmp_path / "kept")
    assert fetch(made.hash, tmp_path / "kept").rule("often").scoped == rule.scoped


SCOPED = {
    "rows can't be for some": (
        {"caps": change(change="loosen", rows="[a]", level="3", from_="2026-03-01", **DOCUMENT)}, "only a parameter"),
    "nothing changes for them": ({"often": often(change="tighten", value="3", insurance="'310'")}, "nothing changes"),
    "the level isn't a number": ({"often": often(change="tighten", value="1", level="three")}, "not a whole number"),
}  # fmt: skip


@pytest.mark.parametrize("name", SCOPED)
def test_a_mistake_about_whom_a_value_is_for_is_told(
    name: str, tmp_path: Path, trial: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules, said = SCOPED[name]
    monkeypatch.setenv("MINGCHA_LANG", "en")
    with pytest.raises(InputError, match=said):
        load_local(local(tmp_path / "c", **rules), trial)
