"""`mingcha areas`: the tree that says who sees what."""

from __future__ import annotations

import json
from pathlib import Path

import click

from mingcha.terms.language import pick


@click.command(short_help=pick("区划：录入或补充区划树", "Put areas into the tree"))
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help=pick("最后输出一行 JSON", "print one line of JSON last"))
def command(file: Path, as_json: bool) -> None:
    """区划 Put the areas of FILE into the tree: a CSV with code, parent, name, level, and valid_from, valid_to.

    The tree says whose facts an account sees: those of its area and of all areas below it. A later row of the same
    code (with `valid_from`) moves or renames an area; nothing is ever deleted.
    """
    from mingcha.desk.trail.actions import note_command
    from mingcha.home.directory import Home
    from mingcha.records.areas import plant, read

    areas, home = read(file), Home.open()
    plant(home, areas)
    note_command(home, action="records.areas", subject="area:*", detail={"rows": len(areas), "file": file.name})
    if as_json:
        click.echo(json.dumps({"areas": len(areas)}))
    else:
        click.echo(pick(f"已录入 {len(areas):,} 个区划。", f"{len(areas):,} areas are in the tree."))
