"""`mingcha backup`: the database's dump and the files it names, closed by a list of digests."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mingcha.terms.language import pick

if TYPE_CHECKING:
    from mingcha.records.backup import Progress


@click.command(short_help=pick("备份：数据库与数据文件", "Back up the database and the files"))
@click.argument("target", type=click.Path(path_type=Path))
@click.option(
    "--secrets",
    type=click.Path(path_type=Path),
    help=pick("另存密钥到这个文件，请与备份分开保管", "also write the keys to this file; keep it elsewhere"),
)
@click.option("--json", "as_json", is_flag=True, help=pick("最后输出一行 JSON", "print one line of JSON last"))
def command(target: Path, secrets: Path | None, as_json: bool) -> None:
    """备份 Write a backup to the new directory TARGET, or to one archive where TARGET ends in .tar.

    Imports and audits may go on meanwhile. The keys that open personal details are never inside; `--secrets` writes
    them to a file of their own, once, to be kept elsewhere. Both are entered in the audit trail.
    """
    from mingcha.desk.trail.actions import note_backup
    from mingcha.home.directory import Home
    from mingcha.records.backup import backup, write_keys

    home = Home.open()
    with bytes_bar(pick("备份", "backing up")) as progress:
        listing = backup(home, target, progress)
    if secrets:
        write_keys(home, secrets)
    size = sum(size for size, _ in listing.files.values())
    rows = sum(rows for rows, _ in listing.totals.values())
    note_backup(home, target=target.name, rows=rows, keys=secrets is not None)
    if as_json:
        told = {"target": str(target), "watermark": listing.watermark, "files": len(listing.files), "bytes": size}
        click.echo(json.dumps(told | {"totals": asdict(listing)["totals"]}))
        return
    click.echo(
        pick(
            f"已备份到 {target}：{rows:,} 行，{len(listing.files):,} 个文件，{size / 1e6:,.1f} MB。",
            f"Backed up to {target}: {rows:,} rows, {len(listing.files):,} files, {size / 1e6:,.1f} MB.",
        )
    )
    if not secrets:
        click.echo(
            pick(
                f"密钥不在备份里。请另行保管 {home.path}/secrets/keys.json（或加 --secrets 文件）。",
                f"The keys are not in it. Keep {home.path}/secrets/keys.json elsewhere (or add --secrets FILE).",
            ),
            err=True,
        )


@contextmanager
def bytes_bar(label: str) -> Iterator[Progress]:
    """A progress bar of bytes on stderr; restore shows the same."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn(label), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(file=sys.stderr), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, whole: bar.update(task, completed=done, total=whole)
