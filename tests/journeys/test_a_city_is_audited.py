"""From files to findings and back: sample, import, audit, export, replay, compact, back up, restore elsewhere."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow
IDENTITY = ("rule", "provider", "person", "visit", "line")


class Office:
    """A home used through the command line, as a clerk would."""

    def __init__(self, home: Path) -> None:
        self.environ = os.environ | {"MINGCHA_HOME": str(home), "MINGCHA_LANG": "zh"}
        self.environ.pop("DATABASE_URL", None)

    def run(self, *command: object, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "mingcha.cli", *map(str, command)],
            env=self.environ, capture_output=True, text=True, check=False, timeout=280,
        )  # fmt: skip
        assert done.returncode == code, done.stderr
        return done.stdout

    def json(self, *command: object, code: int = 0) -> dict[str, Any]:
        return json.loads(self.run(*command, "--json", code=code).strip().splitlines()[-1])


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A fresh home; its server is stopped at the end."""
    opened = Office(tmp_path / "home")
    yield opened
    opened.run("down")


def _by_line(path: Path) -> dict[tuple[str, ...], int]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {tuple(row[name] for name in IDENTITY): int(row["amount_fen"]) for row in csv.DictReader(file)}


def _fill(office: Office, city: Path, seed: int) -> dict[str, Any]:
    office.run("sample", city, "--lines", 12_000, "--seed", seed)
    told = office.json("import", city)
    assert told["rows_in"] == told["accepted"] + told["quarantined"] + told["duplicates"]
    money = [told[f"money_{part}_fen"] for part in ("accepted", "quarantined", "duplicate")]
    assert told["money_in_fen"] == sum(money)
    return told


@pytest.mark.parametrize("seed", [3, 20261122])
def test_every_plant_is_found_to_the_fen_and_nothing_else(office: Office, tmp_path: Path, seed: int) -> None:
    city, found = tmp_path / "city", tmp_path / "findings.csv"
    _fill(office, city, seed)
    audit = office.json("audit")
    assert audit["findings"] > 90
    office.run("export", "findings", found)
    assert _by_line(found) == _by_line(city / "key.csv")
    near = _by_line(city / "near_misses.csv")
    assert near
    assert not set(near) & set(_by_line(found))


def test_a_second_look_adds_nothing_and_every_finding_can_be_replayed(office: Office, tmp_path: Path) -> None:
    city, found, archive = tmp_path / "city", tmp_path / "findings.csv", tmp_path / "backup"
    first = _fill(office, city, seed=5)
    again = office.json("import", city)
    assert (again["accepted"], again["duplicates"]) == (0, first["rows_in"])
    audits = [office.json("audit") for _ in range(2)]
    assert audits[0]["findings"] == audits[1]["findings"]
    assert audits[0]["amount_fen"] == audits[1]["amount_fen"]
    office.run("export", "findings", found)
    with found.open(encoding="utf-8", newline="") as file:
        one_each = {row["rule"]: row["finding"] for row in csv.DictReader(file)}
    assert len(one_each) >= 30
    office.run("compact")
    for finding in list(one_each.values())[::6]:
        assert office.json("replay", finding)["identical"]
        told = office.json("explain", finding)
        assert told["steps"]["held"] is True
        assert told["basis"]
    office.run("backup", archive)
    elsewhere = Office(tmp_path / "elsewhere")
    try:
        elsewhere.run("restore", archive)
        assert elsewhere.json("audit")["findings"] == audits[0]["findings"]
        assert elsewhere.json("replay", next(iter(one_each.values())))["identical"]
    finally:
        elsewhere.run("down")


def test_a_clerks_mistakes_are_told_and_change_nothing(office: Office, tmp_path: Path) -> None:
    _fill(office, tmp_path / "city", seed=1)
    for command, code in (
        (("audit", "--rules", "no-such-rule"), 2),
        (("audit", "--from", "2026-05-01", "--to", "2026-01-01"), 2),
        (("audit", "--snapshot", "999"), 2),
        (("audit", "--area", "999999"), 2),
        (("explain", "YD0000000000000000"), 2),
        (("replay", "nonsense"), 2),
        (("import", tmp_path / "nowhere"), 2),
        (("export", "findings", tmp_path / "no" / "folder.csv"), 3),
    ):
        office.run(*command, code=code)
