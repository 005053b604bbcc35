"""The files of a city: blocks drawn by several processes, each writing whole files, in bounded memory."""

from __future__ import annotations

import csv
import gc
import io
import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from mingcha.sample.block import Block, make
from mingcha.sample.city import areas, city
from mingcha.sample.render import reference, reports
from mingcha.sample.size import Size
from mingcha.sample.stories.program import number_of_stories, rehearse

MOST_BLOCKS_PER_FILE = 16
ROWS_PER_GROUP = 120_000
KEY = ("rule", "provider", "person", "visit", "line", "amount_fen")


@dataclass(frozen=True)
class Part:
    """What a process made of one group of blocks."""

    lines: int
    rows: int
    key: str
    near_misses: str
    plants: str
    planted: int
    near: int


@dataclass
class Totals:
    """What was written in all: fee lines, rows of every table, planted lines, near-misses."""

    lines: int = 0
    rows: int = 0
    planted: int = 0
    near_misses: int = 0
    persons: int = 0
    providers: int = 0


def plan(lines: int, seed: int, local: bool = False) -> Size:
    """The size of a city of about that many fee lines: what the stories need is measured on a rehearsal."""
    stories = number_of_stories(lines)
    turns = min(stories, 24)
    rehearsal = rehearse(city(seed, 0), seed, turns, local)
    return Size.of(lines, len(rehearsal.lines) / turns, stories, local)


def write(directory: Path, size: Size, seed: int, *, blocks_per_file: int | None = None,
          processes: int | None = None, progress: Callable[[int], None] = lambda lines: None) -> Totals:  # fmt: skip
    """Write the whole city below `directory`, which must be empty or missing; `progress` hears of lines written."""
    directory.mkdir(parents=True, exist_ok=True)
    blocks_per_file = blocks_per_file or max(1, min(MOST_BLOCKS_PER_FILE, -(-size.blocks // 2)))
    place = city(seed, size.persons)
    rows = 0
    for name, table in _shared(seed, size).items():
        _write(directory / f"{name}.parquet", [table])
        rows += table.num_rows
    totals = Totals(rows=rows, persons=size.persons, providers=len(place.code))
    _csv(directory / "areas.csv", ("code", "parent", "name", "level"), [tuple(row.values()) for row in areas()])
    with (
        (directory / "key.csv").open("w", encoding="utf-8", newline="") as key,
        (directory / "near_misses.csv").open("w", encoding="utf-8", newline="") as near,
        (directory / "plants.csv").open("w", encoding="utf-8", newline="") as plants,
    ):
        key.write(",".join(KEY) + "\n")
        near.write(",".join((*KEY, "why")) + "\n")
        plants.write(",".join((*KEY, "crosses")) + "\n")
        for part in _parts(directory, size, seed, blocks_per_file, processes):
            _note(part, key, near, plants)
            totals.lines += part.lines
            totals.rows += part.rows
            totals.planted += part.planted
            totals.near_misses += part.near
            progress(part.lines)
    return totals


def write_part(directory: str, size: Size, seed: int, part: int, blocks_per_file: int) -> Part:
    """Write one file of each table: the blocks `part × blocks_per_file` and following."""
    place = city(seed, size.persons)
    first = part * blocks_per_file
    writers: dict[Path, pq.ParquetWriter] = {}
    key: list[tuple[str, ...]] = []
    near: list[tuple[str, ...]] = []
    lines = rows = 0
    try:
        for number in range(first, min(first + blocks_per_file, size.blocks)):
            with _collector_at_rest():
                block = make(seed, size, place, number)
            for name, stem, table in _named(block):
                if table.num_rows:
                    _append(writers, Path(directory) / name / f"{stem}-{part:05d}.parquet", table)
                    rows += table.num_rows
                    lines += table.num_rows if name == "fee_line" else 0
            key += block.key
            near += block.near_misses
    finally:
        for writer in writers.values():
            writer.close()
    return Part(
        lines=lines,
        rows=rows,
        key=_text([row[:6] for row in key]),
        near_misses=_text([row[:7] for row in near]),
        plants=_text([(*row[:6], row[7]) for row in key]),
        planted=len(key),
        near=len(near),
    )


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """A block makes many small tuples and a knot of cycles: collecting once, at its end, saves a fifth of the time."""
    awake = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.collect()
        if awake:
            gc.enable()


def _named(block: Block) -> Iterator[tuple[str, str, pa.Table]]:
    """Table, beginning of the file name, rows. Corrections sort after the rest by name, and so are read after it."""
    for name, table in block.tables.items():
        yield name, "part", table
    for name, table in block.later.items():
        yield name, "update", table


def _parts(directory: Path, size: Size, seed: int, blocks_per_file: int, processes: int | None) -> Iterator[Part]:
    """The parts in order; at most two per process are under way, so memory doesn't grow with the city."""
    number = -(-size.blocks // blocks_per_file)
    workers = min(processes or os.cpu_count() or 1, number)
    if workers < 2:
        for part in range(number):
            yield write_part(str(directory), size, seed, part, blocks_per_file)
        return
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        waiting: list[Future[Part]] = []
        for part in range(number):
            waiting.append(pool.submit(write_part, str(directory), size, seed, part, blocks_per_file))
            if len(waiting) > 2 * workers:
                yield waiting.pop(0).result()
        for future in waiting:
            yield future.result()


def _shared(seed: int, size: Size) -> dict[str, pa.Table]:
    place = city(seed, size.persons)
    return {
        "provider": reference.provider(place),
        "department": reference.department(place),
        "practitioner": reference.practitioner(place),
        "device": reports.device(place),
        "catalogue_item": reference.catalogue_item(),
    }


def _append(writers: dict[Path, pq.ParquetWriter], path: Path, table: pa.Table) -> None:
    if path not in writers:
        path.parent.mkdir(parents=True, exist_ok=True)
        writers[path] = pq.ParquetWriter(
            path, table.schema, compression="zstd", store_schema=False, write_statistics=False
        )
    writers[path].write_table(table.cast(writers[path].schema), row_group_size=ROWS_PER_GROUP)


def _write(path: Path, tables: list[pa.Table]) -> None:
    with pq.ParquetWriter(path, tables[0].schema, compression="zstd", store_schema=False) as writer:
        for table in tables:
            writer.write_table(table)


def _csv(path: Path, header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    path.write_text(",".join(header) + "\n" + _text(rows), encoding="utf-8")


def _text(rows: list[tuple[str, ...]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()


def _note(part: Part, key: TextIO, near: TextIO, plants: TextIO) -> None:
    key.write(part.key)
    near.write(part.near_misses)
    plants.write(part.plants)
