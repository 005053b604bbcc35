"""T4: a generic rule engine (zen-engine, decision tables in Rust) on the same lines and knowledge rows as ours.

Limits of an item become rows of one decision table with the policy "collect", the shape its makers give such rules.
"""

from __future__ import annotations

import gc
import json
import statistics
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

from benchmarks import check
from benchmarks.batch import City
from mingcha.engines import facts as memory_facts
from mingcha.engines.effective import effective
from mingcha.engines.memory import Memory
from mingcha.engines.passes import run_passes
from mingcha.engines.reach import EVERYBODY
from mingcha.terms.codes import CARE_CLASSES, INSURANCES

RULES = ("service-by-sex", "service-for-children", "service-by-setting", "drug-for-children", "drug-in-old-age")
MORE = ("drug-by-sex", "drug-children-only-product", "drug-by-setting", "drug-by-provider-level")
"""Rules of the same kind with many rows, added for the second measurement."""
REQUESTS = 2_000
INPUTS = ("item", "day", "sex", "age", "insurance", "care", "level")


@dataclass(frozen=True)
class Compared:
    """Microseconds a line of both engines: medians over the requests. `hits` were the same of both."""

    rows: int
    lines: int
    hits: int
    ours: float
    theirs: float
    empty: float


def there() -> bool:
    """Whether the library is installed (`make bench` does it; see deploy/bench.lock)."""
    return find_spec("zen") is not None


def table(pack: Any, rules: Iterable[str]) -> list[dict[str, str]]:
    """One row of the decision table for each limit of each knowledge row of those rules."""
    made = []
    for name in rules:
        for row in pack.rule(name).knowledge:
            until = (row.valid_to.toordinal() if row.valid_to else 9_999_999) + 1
            day = f"[{row.valid_from.toordinal()}..{until})"
            for field, cell in _violating(row.values):
                item = json.dumps(row.item, ensure_ascii=False)
                made.append({"item": item, "day": day, field: cell, "rule": json.dumps(name)})
    return made


def _violating(limits: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """By limit, the values that break it; a missing value breaks none."""
    if limits["sex"]:
        yield "sex", json.dumps({"1": "2", "2": "1"}[limits["sex"]])
    if limits["age_min"] is not None:
        yield "age", f"< {limits['age_min']}"
    if limits["age_max"] is not None:
        yield "age", f"> {limits['age_max']}"
    if limits["level_min"] is not None:
        yield "level", f"< {limits['level_min']}"
    for field, every in (("insurance", INSURANCES), ("care", CARE_CLASSES)):
        if limits[field]:
            yield field, ", ".join(json.dumps(code) for code in every if code not in limits[field])


def graph(rows: list[dict[str, str]]) -> str:
    """The decision table as the JSON document the engine loads."""

    def node(name: str, kind: str, content: dict[str, Any] | None = None) -> dict[str, Any]:
        return {"id": name, "name": name, "type": kind, "position": {"x": 0, "y": 0}, "content": content or {}}

    def field(name: str) -> dict[str, str]:
        return {"id": name, "name": name, "field": name}

    content = {
        "hitPolicy": "collect", "inputs": [field(name) for name in INPUTS], "outputs": [field("rule")],
        "rules": [{"_id": str(n), **dict.fromkeys(INPUTS, ""), **row} for n, row in enumerate(rows)],
    }  # fmt: skip
    nodes = [node("in", "inputNode"), node("table", "decisionTableNode", content), node("out", "outputNode")]
    ways = (("in", "table"), ("table", "out"))
    edges = [{"id": f"{a}-{b}", "sourceId": a, "targetId": b, "type": "edge"} for a, b in ways]
    return json.dumps({"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges})


def report(city: City) -> list[str]:
    """The section of RESULTS.md."""
    head = ["## A generic rule engine beside it (T4)", ""]
    if not there():
        return [*head, "Left out: zen-engine isn't installed (sh deploy/setup.sh bench).", ""]
    run_passes(city.lake.con, [(effective(city.pack, (*RULES, *MORE)), EVERYBODY)])
    frames, table = city.frames(check.HISTORY + check.LINES, persons=500), []
    for rules, requests in ((RULES, REQUESTS), ((*RULES, *MORE), REQUESTS // 10)):
        items = sorted({row.item for rule in rules for row in city.pack.rule(rule).knowledge})
        done = measure(city.pack, rules, check.People(frames, items, seed=1), requests)
        table.append(f"| {len(rules)} rules, {done.rows:,} rows | {done.lines:,} | {done.hits:,} | {done.ours:.1f} "
                     f"| {done.theirs:.1f} | {done.theirs / done.ours:.0f} | {done.empty:.1f} |")  # fmt: skip
    return [
        *head,
        f"zen-engine {version('zen-engine')}: limits of an item as rows of one decision table (policy collect), one",
        f"evaluation a line; the same requests of {check.LINES} lines, the same hits. Ours also looks at the history",
        f"({check.HISTORY} lines), merges and explains. Medians, in µs a line; `closures` calibrates, as in T7.",
        "",
        "| knowledge | lines | hits | ours | zen-engine | ÷ | closures |", "|---|---|---|---|---|---|---|", *table, "",
    ]  # fmt: skip


def measure(pack: Any, rules: tuple[str, ...], people: check.People, requests: int) -> Compared:
    """Check the same requests with both. AssertionError where they don't find the same.

    Neither side's clock runs while the request is prepared: ours gets row objects, theirs one flat object a line. Ours
    also looks at the history, merges and explains what it found; theirs names the rule.
    """
    import zen

    rows = table(pack, rules)
    decision = zen.ZenEngine().create_decision(zen.ZenDecisionContent(graph(rows)))
    memory = Memory(effective(pack, rules))
    ours, theirs, hits, lines = [], [], 0, 0
    for history, request in (people.draw() for _ in range(requests)):
        facts, ready, flat = memory_facts.Facts(history), check.decoded(request), list(_flat(history, request))
        gc.collect(0)
        start = time.perf_counter_ns()
        found = memory.check(facts, ready)
        between = time.perf_counter_ns()
        told = [decision.evaluate(line)["result"] for line in flat]
        end = time.perf_counter_ns()
        mine = sorted((r.key, r.rule) for r in found if r.verdict == "flagged")
        other = {(line["key"], hit["rule"]) for line, several in zip(flat, told, strict=True) for hit in several}
        assert mine == sorted(other), f"{mine} but {sorted(other)}"
        hits, lines = hits + len(mine), lines + len(flat)
        ours.append((between - start) / 1000 / len(flat))
        theirs.append((end - between) / 1000 / len(flat))
    return Compared(len(rows), lines, hits, statistics.median(ours), statistics.median(theirs), check.calibrate())


def _flat(history: check.World, request: check.World) -> Iterator[dict[str, Any]]:
    """Each line with what its visit and provider say, as the table asks for it."""
    visits = {(row["provider"], row["visit"]): row for row in (*history["visit"], *request["visit"])}
    asked = {row["provider"] for row in request["line"]}
    providers = [row for row in history["provider"] if row["provider"] in asked]
    for line in request["line"]:
        visit, day = visits[line["provider"], line["visit"]], line["day"]
        birth = visit["birth_date"]
        age = birth and day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
        as_of = (p for p in providers if p["valid_from"] <= day < p["valid_until"])
        level = next((p["level"] for p in as_of if p["provider"] == line["provider"]), None)
        yield {
            "key": f"{line['provider']}|{line['visit']}|{line['line']}", "item": line["item"], "day": day.toordinal(),
            "sex": visit["sex"], "age": age, "insurance": visit["insurance"], "care": visit["care"], "level": level,
        }  # fmt: skip
