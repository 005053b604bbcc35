"""`mingcha compact`: nightly maintenance of the lake."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from mingcha.terms.language import pick


@click.command(short_help=pick("整理：合并小文件、清理残留", "Merge small files and clear what was left behind"))
@click.option(
    "--keep-hours",
    default=24,
    show_default=True,
    help=pick("旧文件为仍在读取的程序保留多久", "how long replaced files stay for those still reading them"),
)
@click.option("--json", "as_json", is_flag=True, help=pick("最后输出一行 JSON", "print one line of JSON last"))
def command(keep_hours: int, as_json: bool) -> None:
    """整理 Merge each partition's small files and clear what killed imports left. No row and no replay changes."""
    from mingcha.desk.trail.actions import note_command
    from mingcha.home import disk
    from mingcha.home.directory import Home
    from mingcha.records.compaction import compact
    from mingcha.records.lake import Lake

    home = Home.open()
    disk.require(home)
    with Lake.open(home) as lake:
        done = compact(lake, keep_hours=keep_hours)
    note_command(home, action="records.compact", subject="lake", detail=asdict(done))
    if as_json:
        click.echo(json.dumps(asdict(done)))
        return
    click.echo(
        pick(
            f"数据文件由 {done.files_before:,} 个合并为 {done.files_after:,} 个，清理 {done.removed:,} 个。",
            f"{done.files_before:,} files became {done.files_after:,}; {done.removed:,} were cleared away.",
        )
    )
