"""Rows per second of `mingcha import`, by format: a year's fee lines into a home that has all else of the city.

Beside them, in the same rounds, what the machine gives at best: DuckDB copying the file as it is to one Parquet file.
"""

from __future__ import annotations

import resource
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.city import folder, forget, mingcha, sample
from benchmarks.measure import Series


@dataclass(frozen=True)
class Format:
    """How fee lines are written, and how many of them are enough to measure."""

    name: str
    suffix: str
    lines: int
    encoding: str = "utf-8"
    strangers: bool = False  # into an empty home: every person is registered and sealed on the way


FORMATS = (
    Format("Parquet", "parquet", 1_000_000),
    Format("Parquet, nobody known", "parquet", 1_000_000, strangers=True),
    Format("CSV, UTF-8", "csv", 1_000_000),
    Format("CSV, GB18030", "csv", 1_000_000, "gb18030"),
    Format("Excel", "xlsx", 50_000),
)


AS_TEXT = """* EXCLUDE (service_second) REPLACE (
    service_day + to_seconds(coalesce(service_second, 0)) AS service_day,
    quantity / 10000 AS quantity, unit_price / 10000 AS unit_price, amount / 100 AS amount, in_scope / 100 AS in_scope,
    own_expense / 100 AS own_expense, over_ceiling / 100 AS over_ceiling, first_selfpay / 100 AS first_selfpay,
    takehome::INTEGER AS takehome)"""
"""How a hospital's export says the same: one column of day and time, yuan, units, 1 and 0."""


def written(form: Format, source: int) -> Path:
    """The file of that format, made from the sample city's fee lines on first use."""
    place = folder() / f"fee_line-{form.encoding}-{form.lines}.{form.suffix}"
    if place.exists():
        return place
    import duckdb

    columns = "*" if form.suffix == "parquet" else AS_TEXT
    read = f"SELECT {columns} FROM read_parquet('{sample(source)}/fee_line/*.parquet') LIMIT {form.lines}"
    with duckdb.connect() as con:
        if form.suffix == "parquet":
            con.execute(f"COPY ({read}) TO '{place}' (FORMAT parquet)")
        elif form.suffix == "csv":
            con.execute(f"COPY ({read}) TO '{place}' (FORMAT csv, HEADER)")
        else:
            _excel(con.execute(read).to_arrow_table(), place)
    if form.encoding != "utf-8":
        place.write_text(place.read_text("utf-8"), form.encoding)
    return place


def _excel(table, place: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(place, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("费用明细")
        sheet.write_row(0, 0, table.column_names)
        for number, row in enumerate(zip(*(column.to_pylist() for column in table.columns), strict=True), 1):
            sheet.write_row(number, 0, ["" if value is None else str(value) for value in row])


@dataclass(frozen=True)
class Imported:
    """Rows per second of wall time and per CPU-second, by round, and rows per second of a plain copy beside it."""

    wall: Series
    cpu: Series
    plain: Series
    rows: int


def measure(source: int, rounds: int) -> dict[str, Imported]:
    """Import every format in turn, `rounds` times; the home and its database are made before the clock starts."""
    wall: dict[str, list[float]] = {form.name: [] for form in FORMATS}
    cpu: dict[str, list[float]] = {form.name: [] for form in FORMATS}
    plain: dict[str, list[float]] = {form.name: [] for form in FORMATS}
    counted: dict[str, int] = {}
    known = town(source)
    for form in FORMATS * rounds:
        file, home = written(form, source), folder() / "home-import"
        forget(home)
        if form.strangers:
            mingcha(home, "import", str(_nothing()), "--json")
        else:
            subprocess.run(["cp", "-a", known, home], check=True)
            mingcha(home, "up", "--no-desk")
        before = _children()
        told = mingcha(home, "import", str(file), "--json")
        counted[form.name] = told["rows_in"]
        wall[form.name].append(told["rows_in"] / told["seconds"])
        cpu[form.name].append(told["rows_in"] / (_children() - before))
        plain[form.name].append(told["rows_in"] / _copied(form, file))
        forget(home)
    return {
        form.name: Imported(
            *(Series(tuple(rates[form.name])) for rates in (wall, cpu, plain)), rows=counted[form.name]
        )
        for form in FORMATS
    }


def town(source: int) -> Path:
    """A stopped home with the sample city's providers, people and visits, and no fee line; made on first use."""
    place, done = folder() / f"town-{source}", folder() / f"town-{source}.complete"
    if not done.is_file():
        forget(place)
        others = [str(one) for one in sorted(sample(source).iterdir()) if one.is_dir() and one.name != "fee_line"]
        mingcha(place, "import", *others, "--json")
        mingcha(place, "down")
        done.touch()
    return place


def _copied(form: Format, file: Path) -> float:
    """Seconds of DuckDB's own way from this file to one Parquet file, everything as it is; 0 for Excel."""
    import duckdb

    if form.suffix == "xlsx":
        return float("inf")
    reader = f"read_parquet('{file}')"
    if form.suffix == "csv":
        reader = f"read_csv('{file}', all_varchar = true, encoding = '{form.encoding}', header = true)"
    with duckdb.connect() as con:
        start = time.perf_counter()
        try:
            con.execute(f"COPY (FROM {reader}) TO '{folder() / 'plain.parquet'}' (FORMAT parquet)")
        except duckdb.Error:  # DuckDB itself reads no GB18030
            return float("inf")
        return time.perf_counter() - start


def _children() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _nothing() -> Path:
    """A file without rows, whose import makes the home and the lake's tables."""
    place = folder() / "nothing.csv"
    place.write_text("provider,visit,line,service_day,quantity,amount\n")
    return place
