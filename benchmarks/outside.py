"""Recall and precision on settlements whose violations were planted by others, with their own key."""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from benchmarks.city import folder, forget, mingcha

PAIRED = "TRACE-101"
"""The key's rule that names both settlements of a doubled trace code: a pair counts once."""


@dataclass(frozen=True)
class Score:
    """By rule of the key: violations planted and found; findings in all, and those the key knows."""

    planted: Counter[str]
    found: Counter[str]
    findings: int
    known: int


def place() -> Path:
    """The reference data; beside the checkout, or where MINGCHA_SHARED says."""
    shared = Path(os.environ.get("MINGCHA_SHARED") or Path(__file__).parents[2] / "shared")
    return shared / "data" / "planted" / "settlements_1000.json"


def measure() -> Score:
    """Import the settlements into an empty home with their mapping, audit, and compare with the key."""
    told = json.loads(place().read_text("utf-8"))
    home, out = folder() / "home-outside", folder() / "outside.csv"
    forget(home)
    mingcha(home, "import", str(place()), "--mapping", "planted", "--json")
    mingcha(home, "audit", "--json")
    mingcha(home, "export", "findings", str(out))
    forget(home)
    with out.open(encoding="utf-8-sig", newline="") as file:
        flagged = {row["visit"] for row in csv.DictReader(file)}
    planted: Counter[str] = Counter()
    found: Counter[str] = Counter()
    named: set[str] = set()
    for rule, rows in _violations(told["embedded_truth"]):
        planted[rule] += 1
        found[rule] += bool(flagged & rows)
        named |= rows
    return Score(planted, found, len(flagged), len(flagged & named))


def _violations(key: list[dict[str, str]]) -> list[tuple[str, set[str]]]:
    """Each violation of the key as its rule and the settlements it lies in."""
    several: dict[tuple[str, str], set[str]] = {}
    for one in key:
        pair = one["note"].split("·")[0] if one["rule"] == PAIRED else one["row_id"]
        several.setdefault((one["rule"], pair), set()).add(one["row_id"])
    return [(rule, rows) for (rule, _), rows in several.items()]
