"""`mingcha pack import`: a published batch of knowledge points into a pack's tables."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mingcha.terms.language import pick

if TYPE_CHECKING:
    from mingcha.knowledge.batch_import import Diff

_SAID = {
    "new": ("新增", "new"), "changed": ("同批更正", "changed"), "superseded": ("取代旧批", "superseded"),
    "contradictions": ("自相矛盾", "contradictory"),
}  # fmt: skip
SHOWN = 10
DAY = click.DateTime(["%Y-%m-%d"])
FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.command("import", short_help=pick("导入公布的一批知识点", "Take in a published batch of knowledge points"))
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--batch", type=click.IntRange(1, 999), required=True, help=pick("第几批", "number of the batch"))
@click.option("--published", type=DAY, help=pick("公布日期；表题里有则不必写", "day, unless the title names it"))
@click.option("--document", help=pick("文件名称，写入依据", "name of the document, for the basis"))
@click.option("--pack", "folder", type=FOLDER, help=pick("写入哪个规则包", "pack to write into, else the national"))
@click.option("--dry-run", is_flag=True, help=pick("只比较，不写入", "compare only, write nothing"))
@click.option("--json", "as_json", is_flag=True, help=pick("最后输出一行 JSON", "print one line of JSON last"))
def import_(
    file: Path, batch: int, published: datetime | None, document: str | None, folder: Path | None, dry_run: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """导入公布的一批知识点。 Compare a published batch (xlsx or csv, as published) with a pack, and write what is new.

    The class of rule is read from a column, the title or the sheet's name. What is counted are codes: new ones, those
    whose wording this batch changes, those of an older batch it supersedes, unchanged ones, and those of which the file
    says two different things, which are left alone. A superseded row gets its last day and stays. A limit no column can
    hold becomes a reminder. The same file again is all unchanged.
    """
    from mingcha.knowledge.batch_classes import CLASSES
    from mingcha.knowledge.batch_import import compare, write
    from mingcha.knowledge.batch_table import read_batch
    from mingcha.knowledge.shipped import shipped_pack
    from mingcha.terms.errors import UsageError

    folder = folder or shipped_pack()
    read = read_batch(file, tuple(CLASSES), batch)
    diff = compare(folder, read.rows, batch)
    day = published.date() if published else date.fromisoformat(read.published) if read.published else None
    if diff.writes and not dry_run:
        if day is None:
            raise UsageError(
                "表题里没有公布日期，请用 --published 2026-07-10 这样的写法给出。",
                "The title names no day of publication; give it as --published 2026-07-10.",
            )
        write(folder, diff, document or f"智能监管规则库、知识库第{batch}批（国家医保局{day}公布）", day)
    _print(diff, dry_run, as_json)
    if as_json:
        told = diff.counts | {"batch": batch, "published": day and day.isoformat(), "dry_run": dry_run}
        click.echo(json.dumps(told | {"details": _details(diff)}, ensure_ascii=False))


def _details(diff: Diff) -> dict[str, list[dict[str, str]]]:
    return {
        word: [
            {"rule": p.rule, "item": p.item, "name": p.name, "text": p.text, "place": p.published.place("code")}
            for p in getattr(diff, word)
        ]
        for word in _SAID
    }


def _print(diff: Diff, dry_run: bool, as_json: bool) -> None:
    for word, (zh, en) in _SAID.items():
        points = getattr(diff, word)
        for point in points[:SHOWN]:
            line = f"{pick(zh, en)}  {point.rule}  {point.item} {point.name}: {point.text}"
            click.echo(line, err=as_json)
            if point.old:
                click.echo(f"    {pick('原', 'was')}: {point.old['basis']}", err=as_json)
        if len(points) > SHOWN:
            more = len(points) - SHOWN
            click.echo(pick(f"    …… 还有 {more} 条{zh}", f"    … {more} more {en}"), err=as_json)
    told = diff.counts
    written = pick("未写入", "nothing written") if dry_run or not diff.writes else pick("已写入", "written")
    click.echo(
        pick(
            f"第 {diff.batch} 批：新增 {told['new']:,}，更正 {told['changed']:,}，取代 {told['superseded']:,}，"
            f"不变 {told['unchanged']:,}，矛盾 {told['contradictions']:,}（按编码计，{written}）。",
            f"Batch {diff.batch}: {told['new']:,} new, {told['changed']:,} changed, {told['superseded']:,} superseded, "
            f"{told['unchanged']:,} unchanged, {told['contradictions']:,} contradictory (codes; {written}).",
        ),
        err=as_json,
    )
