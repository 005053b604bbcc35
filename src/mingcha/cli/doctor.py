"""`mingcha doctor`: is everything as it should be?"""

from __future__ import annotations

import json

import click

from mingcha.terms.language import pick


@click.command(short_help=pick("体检：逐项检查并说明怎么办", "Check everything and say what to do"))
@click.option("--json", "as_json", is_flag=True, help=pick("最后输出一行 JSON", "print one line of JSON last"))
def command(as_json: bool) -> int:
    """体检 Check disk, database, keys, roles, row security, batches, files and calendar; say what to do.

    Starts the database where it isn't running and settles what a killed import left. Exit code 1 when a check fails.
    """
    from mingcha.home.directory import Home
    from mingcha.records.health import FAIL, OK, WARN, examine

    home, found = Home.open(), []
    marks = {OK: "✓", WARN: "!", FAIL: "✗"}
    for finding in examine(home):
        found.append(finding)
        if not as_json:
            click.echo(f"{marks[finding.result]} {finding.check:13} {pick(finding.zh, finding.en)}")
    failed = [finding.check for finding in found if finding.result == FAIL]
    if as_json:
        checks = [{"check": f.check, "result": f.result, "message": pick(f.zh, f.en)} for f in found]
        click.echo(json.dumps({"ok": not failed, "checks": checks}, ensure_ascii=False))
    return 1 if failed else 0
