"""T6: what ten times the knowledge rows cost over the same facts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count, cycle

from benchmarks import check
from benchmarks.batch import City
from benchmarks.measure import interleaved
from mingcha.engines.effective import effective
from mingcha.engines.memory import Memory
from mingcha.engines.passes import run_passes
from mingcha.engines.reach import EVERYBODY
from mingcha.knowledge.pack import Pack, Row

TIMES = 10
CHARGED = 100
"""One copy in so many stands under a code that is charged in the city, as when an area adds its own rows; the others
under codes that nobody charges, as most rows of a national list are to any one city."""
REQUESTS = 3_000


def tenfold(pack: Pack, charged: Sequence[str] = ()) -> Pack:
    """The pack with nine copies of every row; all that differs is the item, and the row's id.

    Without charged codes to spread them over, nobody charges any copy.
    """
    places, codes = count(1), cycle(charged)
    rules = (
        replace(rule, knowledge=(*rule.knowledge, *_copies(rule.knowledge, places, codes))) for rule in pack.rules
    )
    return replace(pack, rules=tuple(rules))


def _copies(rows: Sequence[Row], places: Iterator[int], codes: Iterator[str]) -> Iterator[Row]:
    for number in range(1, TIMES):
        for row in rows:
            code = next(codes, None) if next(places) % CHARGED == 0 else None
            yield replace(row, id=f"{row.id}~{number}", item=code or f"{row.item}~{number}")


def charged(city: City) -> list[str]:
    """Codes that are charged in the city and that no rule knows, in an order that means nothing."""
    known = {row.item for rule in city.pack.rules for row in rule.knowledge}
    query = "SELECT item FROM facts.fee_line WHERE item IS NOT NULL GROUP BY item ORDER BY hash(item)"
    return [item for (item,) in city.lake.con.execute(query).fetchall() if item not in known]


def report(city: City, rounds: int) -> list[str]:
    """The section of RESULTS.md: an audit of everything, and one request in process, with ten times the rows."""
    codes = charged(city)
    packs = {"ordinary": city.pack, "unused": tenfold(city.pack), "spread": tenfold(city.pack, codes)}
    plans = {name: effective(pack) for name, pack in packs.items()}
    run = {name: lambda plan=plan: run_passes(city.lake.con, [(plan, EVERYBODY)]) for name, plan in plans.items()}
    taken = interleaved({"scan": city.scan, **run}, rounds)
    engines = {name: Memory(plan) for name, plan in plans.items()}
    frames, items = city.frames(check.HISTORY + check.LINES), sorted(engines["ordinary"].by_item)
    checked = {
        name: check.measure(memory, check.People(frames, items, seed=1), REQUESTS) for name, memory in engines.items()
    }
    newly = len(plans["spread"].items & set(codes))
    words = {"ordinary": "ordinary rows", "unused": "ten times, unused", "spread": "ten times, spread"}
    table = []
    for name, plan in plans.items():
        audit, done = taken[name], checked[name]
        table.append(
            f"| {words[name]} | {len(plan.known):,} | {audit.show()} | {(audit / taken['ordinary']).show()} "
            f"| {done.p50:.1f} µs | {done.p50 / checked['ordinary'].p50:.2f} | {done.empty:.1f} µs |"
        )
    return [
        "## Ten times the knowledge rows (T6)", "",
        "Nine copies of every row, the same facts, the same requests. Unused: every copy under a code nobody charges.",
        f"Spread: one copy in a hundred under a code that is charged, so that rules know {newly:,} codes more of the",
        f"{len(codes):,} charged ones that none knew; that is more work, and not for more rows alone. Bar: ≤ 1.3.",
        f"Calibration: a scan takes {taken['scan'].show('.3f')} CPU-seconds, {check.CLOSURES} empty closures what",
        "stands last.", "",
        "| | knowledge rows | audit, CPU-seconds | ÷ | in process, p50 | ÷ | closures |",
        "|---|---|---|---|---|---|---|", *table, "",
    ]  # fmt: skip
