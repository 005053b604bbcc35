"""A city puts its own pack in force: what its rows are found for changes, the neighbour's stays, all can be undone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.test_a_city_is_audited import Office, _by_line, office

pytestmark = pytest.mark.slow
__all__ = ["office"]

PACK = """\
pack: trial-city
issuer: 示例市医疗保障局
version: 1
valid_from: 2026-01-01
extends: national
area: "330500"
sources:
  - document: 示例市通知
"""
OFF = "changes:\n  - {change: off, from: 2025-01-01, reason: 本市另行规定}\n"
LOOSER = "changes:\n  - {change: loosen, parameter: most, value: 400, from: 2025-01-01, document: 示例市通知}\n"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "pack"
    for rule, text in (("service-by-sex", OFF), ("frequent-outpatient-visits", LOOSER)):
        (folder / "rules" / rule).mkdir(parents=True)
        (folder / "rules" / rule / "local.yaml").write_text(text, "utf-8")
    (folder / "pack.yaml").write_text(PACK, "utf-8")
    return folder


def _exported(office: Office, to: Path) -> dict[tuple[str, ...], int]:
    office.run("export", "findings", to)
    return _by_line(to)


def test_a_city_has_its_own_rules(office: Office, tmp_path: Path, pack: Path) -> None:
    city = tmp_path / "city"
    office.run("sample", city, "--lines", 10_000, "--seed", 3)
    office.json("import", city)
    first = office.json("audit")
    before = _exported(office, tmp_path / "before.csv")
    assert office.run("pack", "install", pack, code=3) == ""  # its area isn't in the tree yet
    office.run("areas", city / "areas.csv")
    told = office.json("pack", "install", pack, "--by", "wang")
    assert (told["pack"], told["area"]) == ("trial-city", "330500")
    assert [p["installed_by"] for p in office.json("pack", "list")["packs"]] == ["wang"]

    _why(office)
    second = office.json("audit")
    assert second["pack"] != first["pack"]
    after = _exported(office, tmp_path / "after.csv")
    gone = {row[0] for row in before.keys() - after.keys()}
    assert gone == {"service-by-sex", "frequent-outpatient-visits"}
    assert not after.keys() - before.keys()
    assert len(after) > len(before) // 2  # other rules, and persons insured elsewhere, are as they were

    _again(office, tmp_path)
    assert office.run("pack", "remove", "trial-city", "--reason", "x", "--by", "li") != ""
    third = office.json("audit")
    assert (third["pack"], third["findings"]) == (first["pack"], first["findings"])
    assert _exported(office, tmp_path / "undone.csv") == before


def _why(office: Office) -> None:
    city = office.json("pack", "why", "service-by-sex", "--area", "330502", "--date", "2026-03-01")
    assert (city["in_force"], city["off"]["from"]) == (False, "2025-01-01")
    assert [layer["pack"] for layer in city["layers"]] == ["national", "trial-city"]
    assert city["layers"][1]["changes"][0]["reason"] == "本市另行规定"
    assert office.json("pack", "why", "service-by-sex", "--area", "330483")["in_force"] is True
    assert office.json("pack", "why", "frequent-outpatient-visits", "--area", "330503")["parameters"]["most"] == 400
    office.run("pack", "why", "service-by-sexx", code=2)
    office.run("pack", "why", "service-by-sex", "--area", "990000", code=2)


def _again(office: Office, tmp_path: Path) -> None:
    """The same pack again adds nothing; what was found can be recomputed and explained."""
    office.run("pack", "install", tmp_path / "pack")
    assert len(office.json("pack", "list")["packs"]) == 1
    with (tmp_path / "after.csv").open(encoding="utf-8-sig") as file:
        finding = file.readlines()[1].split(",")[0]
    assert office.json("replay", finding)["identical"]
    assert office.json("explain", finding)["finding"] == finding
