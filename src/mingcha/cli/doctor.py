"""`mingcha doctor`: is everything as it should be?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import click

from mingcha.terms.errors import MingchaError
from mingcha.terms.language import pick

if TYPE_CHECKING:
    from mingcha.home.directory import Home
    from mingcha.records.health import Finding


@click.command(short_help=pick("体检：逐项检查并说明怎么办", "Check everything and say what to do"))
@click.option("--json", "as_json", is_flag=True, help=pick("最后输出一行 JSON", "print one line of JSON last"))
def command(as_json: bool) -> int:
    """体检 Check disk, database, keys, roles, row security, batches, files, calendar, trail, books; say what to do.

    Starts the database where it isn't running and settles what a killed import left. Exit code 1 when a check fails.
    """
    from mingcha.home.directory import Home
    from mingcha.records.health import FAIL, OK, WARN

    home, found = Home.open(), []
    marks = {OK: "✓", WARN: "!", FAIL: "✗"}
    for finding in _examined(home):
        found.append(finding)
        if not as_json:
            click.echo(f"{marks[finding.result]} {finding.check:13} {pick(finding.zh, finding.en)}")
    failed = [finding.check for finding in found if finding.result == FAIL]
    if as_json:
        checks = [{"check": f.check, "result": f.result, "message": pick(f.zh, f.en)} for f in found]
        click.echo(json.dumps({"ok": not failed, "checks": checks}, ensure_ascii=False))
    return 1 if failed else 0


def _examined(home: Home) -> Iterator[Finding]:
    """The checks of the facts, then those of the desk."""
    from mingcha.records.health import FAIL, Finding, examine

    yield from examine(home)
    try:
        yield _trail(home)
    except MingchaError as error:
        yield Finding("trail", FAIL, error.zh, error.en)
    else:
        yield _counts(home)
        yield _money(home)


def _trail(home: Home) -> Finding:
    """Whether what people did is still written as it was sealed, and whether somebody seals."""
    from mingcha.desk.migrate import ready
    from mingcha.desk.trail.verifying import verify
    from mingcha.records.health import FAIL, OK, WARN, Finding
    from mingcha.terms.calendar import SHANGHAI

    ready(home)
    report = verify(home)
    if not report.intact:
        first = report.faults[0]
        return Finding(
            "trail", FAIL, f"操作审计有 {report.fault_count:,} 处与封存时不一致：{first.zh}。请 mingcha verify-trail",
            f"the audit trail differs in {report.fault_count:,} places: {first.en}. See mingcha verify-trail",
        )  # fmt: skip
    if report.waiting_since and (datetime.now(SHANGHAI) - report.waiting_since).total_seconds() > STALE:
        return Finding(
            "trail", WARN, f"{report.waiting:,} 条操作记录待封存。启动工作台，或 mingcha verify-trail",
            f"{report.waiting:,} entries of the trail wait to be sealed: start the desk, or mingcha verify-trail",
        )  # fmt: skip
    return Finding(
        "trail", OK, f"{report.sealed:,} 条操作记录与封存时一致", f"{report.sealed:,} entries are as they were sealed"
    )


def _counts(home: Home) -> Finding:
    """Whether the numbers on tabs, cards and bells are those of a recount; what differed is put right."""
    from mingcha.desk.audit.folding import settle
    from mingcha.desk.notices.posting import recount
    from mingcha.records.health import OK, WARN, Finding

    if wrong := settle(home) + recount(home):
        return Finding(
            "counts", WARN, f"疑点或通知的计数有 {wrong:,} 处与重新清点不符，已更正。如再次出现，请联系技术支持",
            f"{wrong:,} counts of findings or notices differed from a recount and were put right;"
            " if it recurs, please report it",
        )  # fmt: skip
    return Finding("counts", OK, "疑点与通知的计数与重新清点一致", "the counts are those of a recount")


def _money(home: Home) -> Finding:
    """Whether what was decided, deducted and received adds up to the fen."""
    from mingcha.desk.money.books import DIFFERENCES, differences
    from mingcha.home.database import connect
    from mingcha.records.health import FAIL, OK, Finding

    with connect(home, "job") as job, job.cursor() as cursor:
        wrong = differences(cursor)
    if wrong:
        first = f"{DIFFERENCES[wrong[0]['what']]}（{wrong[0]['subject']}）"
        return Finding(
            "money", FAIL, f"资金有 {len(wrong):,} 处不一致：{first}。请打开“扣款与资金 · 核对”",
            f"the books differ in {len(wrong):,} places ({wrong[0]['what']} {wrong[0]['subject']}): see /money/check",
        )  # fmt: skip
    return Finding("money", OK, "扣款、撤销、到账与疑点分毫不差", "deductions, reversals and receipts add up")


STALE = 600.0
"""Seconds an entry may wait: a running desk seals it within a few."""
