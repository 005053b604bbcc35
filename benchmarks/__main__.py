"""`make bench`: prints the measured ratios; `--write` also keeps them in benchmarks/RESULTS.md."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from benchmarks import bulk, check, desk, gate, imports, outside, rule_engine, spark_sql, tenfold
from benchmarks.batch import COLUMNS, City
from benchmarks.city import home
from benchmarks.measure import Series, interleaved, machine

PARTS = ("batch", "check", "tenfold", "spark", "engine", "gate", "desk", "bulk", "import", "outside")
_OF_THE_CITY = {"batch", "check", "tenfold", "spark", "engine"}
RESULTS = Path(__file__).with_name("RESULTS.md")


def main() -> None:
    """Measure what was asked for, print it, and keep it with `--write`."""
    asked = argparse.ArgumentParser(prog="make bench BENCH_ARGS=…", description=__doc__)
    asked.add_argument("--lines", type=int, default=1_000_000, help="fee lines; growth is to ten times")
    asked.add_argument("--findings", type=int, default=500_000, help="findings of the desk's home; a 25th are open")
    asked.add_argument("--seconds", type=float, default=desk.SECONDS, help="how long the desk's users work")
    asked.add_argument("--rounds", type=int, default=5, help="rounds, interleaved")
    asked.add_argument("--only", choices=PARTS, nargs="+", action="extend", metavar="PART",
                       help=f"some of {', '.join(PARTS)}; may be said several times")  # fmt: skip
    asked.add_argument("--no-growth", action="store_true", help="leave out the city of ten times the size")
    asked.add_argument("--write", action="store_true", help=f"keep the result in {RESULTS.name}")
    wish = asked.parse_args()
    wish.only = wish.only or PARTS
    report = ["# Measured", "", machine(), ""]
    print("\n".join(report))
    for part in parts(wish):
        print("\n".join(part), flush=True)
        report += part
    if wish.write:
        RESULTS.write_text("\n".join(report) + "\n", encoding="utf-8")


def parts(wish: argparse.Namespace) -> Iterator[list[str]]:
    """The sections asked for, each as soon as it is measured."""
    if _OF_THE_CITY & set(wish.only):
        yield from city(wish)
    if "gate" in wish.only:
        yield gate.report(home(wish.lines))
    if "desk" in wish.only:
        yield desk.report(wish.findings, wish.seconds)
    if "bulk" in wish.only:
        yield bulk.report(wish.findings)
    if "import" in wish.only:
        yield importing(wish)
    if "outside" in wish.only:
        yield outsiders()
    yield ["", f"Load at the end: {machine().rsplit('load ', 1)[1].split(',')[0]}."]


def city(wish: argparse.Namespace) -> Iterator[list[str]]:
    """What is measured over the sample city: T1 to T7."""
    from mingcha.knowledge.pack import load
    from mingcha.knowledge.shipped import shipped_pack

    pack = load(shipped_pack())
    small = City(home(wish.lines), pack)
    if "batch" in wish.only:
        large = None if wish.no_growth else City(home(wish.lines * 10), pack)
        yield batch(small, large, wish.rounds)
    if "check" in wish.only:
        yield checking(small)
    if "tenfold" in wish.only:
        yield tenfold.report(small, min(wish.rounds, 3))
    if "spark" in wish.only:
        yield spark_sql.report(small, min(wish.rounds, 3))
    if "engine" in wish.only:
        yield rule_engine.report(small)


def batch(small: City, large: City | None, rounds: int) -> list[str]:
    """T1 by kind, and T2, from one interleaved run."""
    tasks = {"scan": small.scan, "pack": small.audit(), "day": small.day(), "frames": small.frame()}
    tasks |= {f"kind {name}": small.kind(rules) for name, rules in small.kinds().items()}
    if large is not None:
        tasks |= {"pack ×10": large.audit(), "scan ×10": large.scan, "day ×10": large.day()}
    taken = interleaved(tasks, rounds)
    ratio = taken["pack"] / taken["scan"]
    report = [
        f"## The whole pack over {small.lines:,} fee lines (T1)", "",
        f"{len(small.pack.rules)} rules, {sum(len(rule.knowledge) for rule in small.pack.rules):,} knowledge rows, "
        f"{len(small.kinds())} kinds. CPU-seconds of the process, {rounds} rounds interleaved, median (min–max).",
        f"The scan sums {len(COLUMNS)} columns of every fee line in the lake's Parquet files: "
        f"{', '.join(f'`{name}`' for name in COLUMNS)}; texts by their length in bytes.", "",
        "| | CPU-seconds | ÷ scan | bar |", "|---|---|---|---|",
        f"| scan | {taken['scan'].show('.3f')} | 1 | |",
        f"| **pack** | {taken['pack'].show()} | **{ratio.show('.1f')}** | ≤ 25 |",
    ]  # fmt: skip
    kinds = {name: series for name, series in taken.items() if name == "frames" or name.startswith("kind ")}
    for name, series in sorted(kinds.items(), key=lambda pair: -pair[1].median):
        report.append(f"| {name} | {series.show('.3f')} | {(series / taken['scan']).show('.1f')} | |")
    report += ["", "`frames` is what all kinds share: cutting the fee lines down to the items some rule knows.", ""]
    if large is not None:
        report += growth(small, large, taken)
    return report + daily(taken)


def daily(taken: dict[str, Series]) -> list[str]:
    """T5: an incremental audit of one day against an audit of everything."""
    report = ["## One day of a year (T5)", "", "| | CPU-seconds | ÷ pack | bar |", "|---|---|---|---|"]
    for size, bar in (("", ""), (" ×10", "≤ 3 %")):
        if f"day{size}" in taken:
            ratio = taken[f"day{size}"] / taken[f"pack{size}"]
            report.append(f"| day{size} | {taken[f'day{size}'].show()} | {ratio.show('.1%')} | {bar} |")
    return [*report, "", "Those who had lines or sales on the newest day are judged again, with all their history.", ""]


def growth(small: City, large: City, taken: dict[str, Series]) -> list[str]:
    """T2: what ten times the lines cost, per line."""
    factor = large.lines / small.lines
    per_line = (taken["pack ×10"] / taken["pack"]).scaled(1 / factor)
    ratio = taken["pack ×10"] / taken["scan ×10"]
    return [
        f"## Growth to {large.lines:,} lines (T2)", "", "| | value | bar |", "|---|---|---|",
        f"| pack, CPU-seconds | {taken['pack ×10'].show()} | |",
        f"| pack ÷ scan at that size | {ratio.show('.1f')} | |",
        f"| **cost of {factor:.1f}× lines ÷ {factor:.1f}** | **{per_line.show()}** | ≤ 1.1 |", "",
    ]  # fmt: skip


def checking(small: City) -> list[str]:
    """T7 over persons of the city."""
    from mingcha.engines.effective import effective
    from mingcha.engines.memory import Memory

    small.audit()()
    memory = Memory(effective(small.pack))
    people = check.People(small.frames(check.HISTORY + check.LINES), sorted(memory.by_item), seed=1)
    done = check.measure(memory, people)
    return [
        f"## One request in process (T7): {check.LINES} lines, history of {check.HISTORY}", "",
        f"{done.requests:,} requests drawn from {len(people.lines):,} persons with enough lines; nothing is decoded.",
        f"In {check.KNOWN:.0%} of them one line is swapped for an item that some rule knows.",
        f"Calibration in the same run: {check.CLOSURES} calls of an empty closure take {done.empty:.1f} µs.", "",
        "| | value | bar |", "|---|---|---|",
        f"| **p50** | **{done.p50:.1f} µs** | ≤ 100 µs (60 with the first rules) |",
        f"| p50 of the quietest {check.CHUNK} | {done.p50_quiet:.1f} µs | |",
        f"| p99 | {done.p99:.1f} µs | ≤ 1,000 µs |",
        f"| p50 ÷ calibration | {done.p50 / done.empty:.2f} | |",
        f"| requests with a flag | {done.hits:.1%} | |", "",
    ]  # fmt: skip


def outsiders() -> list[str]:
    """What others planted, found or not."""
    report = ["", "## Violations planted by others", ""]
    if not outside.place().exists():
        return [*report, "Left out: the reference data isn't beside the checkout (MINGCHA_SHARED)."]
    score = outside.measure()
    report += ["A thousand fictional settlements with their own key; the misses are explained in",
               "[docs/explanation/outside-truth.md](../docs/explanation/outside-truth.md).", "",
               "| rule of the key | planted | found |", "|---|---|---|"]  # fmt: skip
    report += [f"| {rule} | {count} | {score.found[rule]} |" for rule, count in sorted(score.planted.items())]
    recall = sum(score.found.values()) / sum(score.planted.values())
    return [*report, "", f"Recall {recall:.0%}; precision {score.known} of {score.findings} flagged settlements."]


def importing(wish: argparse.Namespace) -> list[str]:
    """Rows per second by format."""
    bars = {"Parquet": "≥ 200,000", "CSV, UTF-8": "≥ 100,000", "CSV, GB18030": "≥ 100,000"}
    report = [
        "## Import", "",
        "A year's fee lines of the sample city into a home that has its providers, people and visits. `plain copy` is",
        "DuckDB writing the same file to one Parquet file, nothing checked, in the same minute.", "",
        "| format | rows | rows/s, wall | rows per CPU-second | plain copy, rows/s | bar (wall) |",
        "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for name, done in imports.measure(wish.lines, min(wish.rounds, 5)).items():
        plain = done.plain.show(",.0f") if done.plain.median else ""
        report.append(
            f"| {name} | {done.rows:,} | {done.wall.show(',.0f')} | {done.cpu.show(',.0f')} | {plain} "
            f"| {bars.get(name, '')} |"
        )
    return report


if __name__ == "__main__":
    main()
