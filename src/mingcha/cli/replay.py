"""`mingcha replay`: compute a finding again and say whether it is the same."""

from __future__ import annotations

import json

import click

from mingcha.terms.language import pick


@click.command(short_help=pick("按当时的数据与规则重算疑点", "Compute a finding again"))
@click.argument("finding")
@click.option("--json", "as_json", is_flag=True, help=pick("最后输出一行 JSON", "print one line of JSON last"))
def command(finding: str, as_json: bool) -> int:
    """重算 Compute FINDING again from the facts and the pack it was made with.

    Exit code 0 when it comes out the same in every part, 1 when anything differs.
    """
    from mingcha.desk.audit.replaying import replay
    from mingcha.home.directory import Home

    result = replay(Home.open(), finding)
    if as_json:
        told = {**vars(result), "identical": result.identical}
        click.echo(json.dumps(told, ensure_ascii=False, default=str))
        return 0 if result.identical else 1
    of = pick(
        f"第 {result.watermark} 批数据、规则包 {result.pack[:12]}", f"batch {result.watermark}, pack {result.pack[:12]}"
    )
    if result.identical:
        click.echo(pick(f"{result.finding}：按{of}重算，完全一致。", f"{result.finding}: identical, as of {of}."))
        return 0
    if result.recomputed is None:
        click.echo(
            pick(f"{result.finding}：按{of}重算，没有命中。", f"{result.finding}: not flagged again, as of {of}.")
        )
        return 1
    click.echo(pick(f"{result.finding}：按{of}重算，以下不一致：", f"{result.finding}: differs as of {of}:"))
    for name in result.differing:
        click.echo(f"  {name}: {result.recorded[name]!r} → {result.recomputed[name]!r}")
    return 1
