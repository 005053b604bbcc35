"""`mingcha sample`: write the files of a made-up city with planted violations and their key."""

from __future__ import annotations

import json
from pathlib import Path

import click

from mingcha.terms.errors import UsageError
from mingcha.terms.language import pick


@click.command(short_help=pick("生成样本城市", "Write a sample city"))
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option("--lines", default=100_000, show_default=True, help=pick("费用明细行数，约数", "fee lines, roughly"))
@click.option("--seed", default=1, show_default=True, help=pick("随机种子", "seed of the random numbers"))
@click.option("--local", is_flag=True, help=pick("按城市自己的规则埋入", "plant by the city's own rules"))
@click.option("--json", "as_json", is_flag=True, help=pick("最后输出一行 JSON", "print one line of JSON last"))
def command(directory: Path, lines: int, seed: int, local: bool, as_json: bool) -> None:
    """生成一座虚构的城市：Parquet 文件、埋入的违规及其答案 key.csv。 Write a made-up city.

    DIRECTORY receives Parquet files in the layout of the tables, a folder a table; corrections are in `update-*`, which
    sort after `part-*` and must be imported after them, as `mingcha import` does. `key.csv` holds every planted line
    with its amount, `near_misses.csv` what must not fire. The same seed and number of lines give the same files.

    With --local the city has rules of its own, and the key is theirs: put its areas into the tree (`mingcha areas
    DIRECTORY/areas.csv`) and install the pack (`mingcha pack install sample-city`) before the audit.
    """
    _check(directory, lines, seed)
    totals = _write(directory, lines, seed, local)
    if as_json:
        click.echo(json.dumps(totals))
        return
    click.echo(
        pick(
            f"{directory}：费用明细 {totals['fee_lines']:,} 行，各表共 {totals['rows']:,} 行；"
            f"埋入违规 {totals['planted_lines']:,} 行（key.csv），"
            f"似是而非 {totals['near_misses']:,} 行（near_misses.csv）。\n"
            f"导入：mingcha import {directory}",
            f"{directory}: {totals['fee_lines']:,} fee lines, {totals['rows']:,} rows in all; "
            f"{totals['planted_lines']:,} planted lines (key.csv), "
            f"{totals['near_misses']:,} near-misses (near_misses.csv).\n"
            f"Import them: mingcha import {directory}",
        )
    )


def _check(directory: Path, lines: int, seed: int) -> None:
    from mingcha.sample.size import LEAST_LINES, MOST_LINES

    if not LEAST_LINES <= lines <= MOST_LINES:
        raise UsageError(
            f"行数须在 {LEAST_LINES:,} 与 {MOST_LINES:,} 之间，收到的是 {lines:,}。",
            f"The number of lines must lie between {LEAST_LINES:,} and {MOST_LINES:,}; you gave {lines:,}.",
        )
    if seed < 0:
        raise UsageError("种子不能是负数。", "The seed can't be negative.")
    if directory.is_dir() and any(directory.iterdir()):
        raise UsageError(
            f"文件夹 {directory} 不是空的。请换一个，或先清空它：样本不会覆盖已有的文件。",
            f"The folder {directory} is not empty. Choose another or empty it: a sample never overwrites files.",
        )


def _write(directory: Path, lines: int, seed: int, local: bool) -> dict[str, float]:
    """Write the city with a progress bar on standard error; what was written, and the seconds it took."""
    import time

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from mingcha.sample.writing import plan, write

    begun = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(pick("生成费用明细", "Writing fee lines"), total=lines)
        totals = write(directory, plan(lines, seed, local), seed, progress=lambda done: bar.advance(task, done))
        bar.update(task, completed=lines)
    return {
        "fee_lines": totals.lines,
        "rows": totals.rows,
        "persons": totals.persons,
        "providers": totals.providers,
        "planted_lines": totals.planted,
        "near_misses": totals.near_misses,
        "seconds": round(time.monotonic() - begun, 3),
    }
