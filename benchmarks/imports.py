"""Rows per second of `mingcha import`, by format: the same fee lines in each, always into an empty home."""

from __future__ import annotations

import resource
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


FORMATS = (
    Format("Parquet", "parquet", 1_000_000),
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
    """Rows per second of wall time and per CPU-second of the importing process, by round."""

    wall: Series
    cpu: Series
    rows: int


def measure(source: int, rounds: int) -> dict[str, Imported]:
    """Import every format in turn, `rounds` times; the home and its database are made before the clock starts."""
    wall: dict[str, list[float]] = {form.name: [] for form in FORMATS}
    cpu: dict[str, list[float]] = {form.name: [] for form in FORMATS}
    counted: dict[str, int] = {}
    for form in FORMATS * rounds:
        file, home = written(form, source), folder() / "home-import"
        forget(home)
        mingcha(home, "import", str(folder() / "nothing.csv"), "--json") if _nothing() else None
        before, start = _children(), time.perf_counter()
        told = mingcha(home, "import", str(file), "--json")
        taken = time.perf_counter() - start
        counted[form.name] = told["rows_in"]
        wall[form.name].append(told["rows_in"] / (told.get("seconds") or taken))
        cpu[form.name].append(told["rows_in"] / (_children() - before))
        forget(home)
    return {
        form.name: Imported(Series(tuple(wall[form.name])), Series(tuple(cpu[form.name])), counted[form.name])
        for form in FORMATS
    }


def _children() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _nothing() -> bool:
    """A file without rows, whose import makes the home and the lake's tables."""
    (folder() / "nothing.csv").write_text("provider,visit,line,service_day,quantity,amount\n")
    return True
