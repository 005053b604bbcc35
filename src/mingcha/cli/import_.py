"""`mingcha import`: files into the lake, refused rows back to the sender."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mingcha.terms.errors import UsageError
from mingcha.terms.language import pick

if TYPE_CHECKING:
    from mingcha.records.importing import Outcome


@click.command(name="import")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="PATH…")
@click.option("--mapping", metavar="FILE", help="映射文件或自带映射的名字。Mapping file, or name of a shipped mapping.")
@click.option(
    "--report", type=click.Path(path_type=Path), metavar="FILE.xlsx", help="退回清单。Refused rows for the sender."
)
@click.option(
    "--template",
    type=click.Path(path_type=Path),
    metavar="FILE.xlsx",
    help="只写出空白模板。Only write an empty template.",
)
@click.option("--by", default="import", show_default=True, help="谁在导入。Who imports.")
@click.option("--json", "as_json", is_flag=True, help="最后一行输出 JSON。End with one line of JSON.")
def command(
    paths: tuple[Path, ...], mapping: str | None, report: Path | None, template: Path | None, by: str, as_json: bool
) -> int:
    """导入文件或文件夹：CSV、Excel、Parquet、国家接口报文。Import files or folders.

    Every row ends accepted, quarantined with line, column and reason, or as a duplicate. The same file again adds
    nothing. After an interruption, run the same command again.
    """
    if template:
        from mingcha.records.template import write_template

        write_template(template)
        click.echo(pick(f"模板已写到 {template}", f"The template is at {template}"), err=True)
    if not paths:
        if template:
            return 0
        raise UsageError("请给出要导入的文件或文件夹。", "Please name the files or folders to import.")
    outcome = _run(list(paths), mapping, report, by)
    if as_json:
        click.echo(json.dumps({**outcome.totals.as_dict(), "seconds": outcome.seconds}))
    else:
        _tell(outcome, report)
    return 0


def _run(paths: list[Path], mapping: str | None, report: Path | None, by: str) -> Outcome:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

    from mingcha.desk.trail.actions import note_command
    from mingcha.home.directory import Home
    from mingcha.records.importing import Import
    from mingcha.records.lake import Lake
    from mingcha.records.mapping import NONE, load
    from mingcha.records.report import write_report

    chosen = load(mapping) if mapping else NONE
    size = sum(
        file.stat().st_size
        for path in paths
        for file in (path.rglob("*") if path.is_dir() else [path])
        if file.is_file()
    )
    columns = (
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(),
        TextColumn("{task.fields[rows]:,} " + pick("行", "rows")),
        TextColumn("{task.fields[rate]:,.0f}/s"), TimeElapsedColumn(),
    )  # fmt: skip
    home = Home.open()
    with Lake.open(home) as lake, Progress(*columns, console=Console(file=sys.stderr), transient=True) as bar:
        task = bar.add_task(pick("导入", "import"), total=size, rows=0, rate=0)

        def progress(label: str, read: int, rows: int) -> None:
            one = bar.tasks[0]
            total = one.fields["rows"] + rows
            bar.update(task, advance=read, description=label[-30:], rows=total, rate=total / (one.elapsed or 1))

        run = Import(lake, chosen, by, progress)
        outcome = run.run(paths)
        if report:
            write_report(lake.con, outcome, report)
        watermark, totals = lake.watermark(), outcome.totals
    detail = {"rows": totals.rows_in, "accepted": totals.accepted, "quarantined": totals.quarantined,
              "duplicates": totals.duplicates, "fen": totals.money_accepted_fen, "watermark": watermark,
              "file": "、".join(path.name for path in paths[:5]), "account": by}  # fmt: skip
    note_command(home, action="records.import", subject=f"batch:{watermark}", detail=detail)
    return outcome


def _tell(outcome: Outcome, report: Path | None) -> None:
    from rich.console import Console
    from rich.table import Table

    totals = outcome.totals
    table = Table(show_edge=False)
    for name in (pick("", ""), pick("行数", "rows"), pick("金额（元）", "yuan")):
        table.add_column(name, justify="right" if name else "left")
    for name, rows, fen in (
        (pick("收到", "in"), totals.rows_in, totals.money_in_fen),
        (pick("入库", "accepted"), totals.accepted, totals.money_accepted_fen),
        (pick("退回", "quarantined"), totals.quarantined, totals.money_quarantined_fen),
        (pick("重复", "duplicates"), totals.duplicates, totals.money_duplicate_fen),
    ):
        table.add_row(name, f"{rows:,}", f"{fen / 100:,.2f}")
    console = Console()
    console.print(table)
    if totals.superseded:
        console.print(
            pick(
                f"其中 {totals.superseded:,} 行更正了以前的版本。",
                f"{totals.superseded:,} rows replaced an earlier version.",
            )
        )
    if outcome.unchanged:
        names = "、".join(outcome.unchanged[:5])
        console.print(pick(f"以前导入过、内容没有变：{names}", f"Imported before, unchanged: {names}"))
    for one in outcome.skipped[:10]:
        console.print(pick(f"未导入 {one.label}：{one.zh}", f"Not imported, {one.label}: {one.en}"))
    if len(outcome.skipped) > 10:
        more = len(outcome.skipped) - 10
        console.print(pick(f"还有 {more} 个文件未导入。", f"{more} more files were not imported."))
    if totals.quarantined and not report:
        console.print(
            pick(
                "退回的行可用 --report 退回清单.xlsx 交还报送方。", "Give refused rows back with --report refused.xlsx."
            )
        )
    console.print(pick(f"用时 {outcome.seconds:.1f} 秒", f"{outcome.seconds:.1f} seconds"))
