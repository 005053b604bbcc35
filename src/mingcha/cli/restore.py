"""`mingcha restore`: a backup into an empty home, checked; or the keys back into a home that lacks them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mingcha.terms.errors import UsageError
from mingcha.terms.language import pick

if TYPE_CHECKING:
    from mingcha.home.directory import Home

REPLAYED = 10


@click.command(short_help=pick("恢复：从备份到一个空目录", "Restore a backup into an empty home"))
@click.argument("source", type=click.Path(path_type=Path), required=False)
@click.option(
    "--secrets",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help=pick("当初另存的密钥文件", "the keys that were kept apart"),
)
@click.option("--json", "as_json", is_flag=True, help=pick("最后输出一行 JSON", "print one line of JSON last"))
def command(source: Path | None, secrets: Path | None, as_json: bool) -> int:
    """恢复 Fill the empty home (MINGCHA_HOME) from the backup SOURCE and check it.

    Every digest, the row and money totals, the chain of the audit trail, and ten findings computed again: exit code 0
    only if all of it holds.
    Without the keys (`--secrets`) facts and findings show, but nobody's name or number; they can be put back later
    with `mingcha restore --secrets FILE` alone.
    """
    from mingcha.home.directory import Home

    home = Home.open()
    if source is None:
        return _keys_only(home, secrets)
    from mingcha.cli.backup import bytes_bar
    from mingcha.desk.trail.verifying import verify
    from mingcha.records.restore import restore

    with bytes_bar(pick("恢复", "restoring")) as progress:
        listing = restore(home, source, secrets.read_text() if secrets else None, progress)
    replayed, differing = _replay(home)
    trail = verify(home)
    rows, money = (sum(column) for column in zip(*listing.totals.values(), strict=True))
    if as_json:
        told = {"home": str(home.path), "watermark": listing.watermark, "files": len(listing.files), "rows": rows}
        told |= {"money_fen": money, "replayed": replayed, "differing": differing}
        click.echo(json.dumps(told | {"trail": {"sealed": trail.sealed, "intact": trail.intact, "head": trail.head}}))
    else:
        click.echo(
            pick(
                f"已恢复到 {home.path}：{len(listing.files):,} 个文件、{rows:,} 行与备份一致；重算疑点 {replayed} 条，"
                f"不一致 {len(differing)} 条；操作审计 {trail.sealed:,} 条，{trail.fault_count} 处不一致。",
                f"Restored to {home.path}: {len(listing.files):,} files and {rows:,} rows as backed up; {replayed} "
                f"findings computed again, {len(differing)} differ; {trail.sealed:,} entries of the audit trail, "
                f"{trail.fault_count} differ.",
            )
        )
    return 0 if trail.intact and not differing else 1


def _keys_only(home: Home, secrets: Path | None) -> int:
    from mingcha.records.restore import put_keys_back

    if secrets is None:
        raise UsageError(
            "请给出备份的位置，或用 --secrets 给出密钥文件。", "Please name a backup, or the keys with --secrets."
        )
    put_keys_back(home, secrets.read_text())
    click.echo(pick("密钥已放回。", "The keys are back."))
    return 0


def _replay(home: Home) -> tuple[int, list[str]]:
    """Compute some findings again, spread over all of them; how many, and which came out otherwise."""
    from mingcha.desk.audit.replaying import replay
    from mingcha.desk.migrate import ready
    from mingcha.home.database import connect

    ready(home, upgrade=True)
    with connect(home) as pg:
        query = "SELECT id FROM finding WHERE state <> 'withdrawn' ORDER BY md5(id) LIMIT %s"
        chosen = [finding for (finding,) in pg.execute(query, [REPLAYED])]
    return len(chosen), [finding for finding in chosen if not replay(home, finding).identical]
