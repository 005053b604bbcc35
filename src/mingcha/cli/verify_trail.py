"""`mingcha verify-trail`: is what people did still written down as they did it?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mingcha.terms.errors import InputError, UsageError
from mingcha.terms.language import pick

if TYPE_CHECKING:
    from mingcha.desk.trail.verifying import Report


@click.command(short_help=pick("核验操作审计的链", "Walk the chain of the audit trail"))
@click.option("--head", "heads", multiple=True, help=pick("以前记下的链头，可重复", "a head noted before; repeatable"))
@click.option(
    "--kept",
    type=click.Path(path_type=Path, dir_okay=False),
    help=pick("存放链头的文件：逐个核对，完好则记入新的链头", "file of noted heads: each is checked, a new one added"),
)
@click.option("--by", help=pick("操作人，默认当前系统用户", "who does it; by default the system's user"))
@click.option("--json", "as_json", is_flag=True, help=pick("最后输出一行 JSON", "print one line of JSON last"))
def command(heads: tuple[str, ...], kept: Path | None, by: str | None, as_json: bool) -> int:
    """核验操作审计 Walk the chain over all entries of the audit trail and say which are not as they were sealed.

    Finds a changed byte in any column, deleted entries, altered, moved or deleted seals, and entries dated back. Exit
    code 1 then. What waits is sealed first. The head printed last stands for everything before it: write it down or
    keep it in a file elsewhere (`--kept`), and a chain that somebody made anew no longer holds it.
    """
    from getpass import getuser

    from mingcha.desk.migrate import ready
    from mingcha.desk.trail.actions import note_verification
    from mingcha.desk.trail.sealing import seal_waiting
    from mingcha.desk.trail.verifying import verify
    from mingcha.home.directory import Home

    home = Home.open()
    ready(home)
    noted = [_whole(head) for head in (*heads, *(_kept(kept) if kept else ()))]
    seal_waiting(home)
    report = verify(home, noted)
    note_verification(home, by=by or f"cli:{getuser()}", report=report)
    seal_waiting(home)
    if kept and report.intact and report.head not in report.heads:
        _keep(kept, report)
    click.echo(json.dumps(_json(report), ensure_ascii=False) if as_json else _said(report))
    return 0 if report.intact else 1


def _whole(head: str) -> str:
    """A head as verify wants it; UsageError for what can't be one."""
    head = head.strip().lower()
    if len(head) != 64 or set(head) - set("0123456789abcdef"):
        raise UsageError(
            f"{head!r} 不是链头：链头是 64 位十六进制数。请从当时的记录里完整抄录。",
            f"{head!r} is no head: a head has 64 hexadecimal digits. Please copy all of it from where it was noted.",
        )
    return head


def _kept(file: Path) -> list[str]:
    """The heads of a kept file, a line each with the number of its seal and the time; none where it isn't there."""
    try:
        lines = file.read_text("utf-8").splitlines() if file.exists() else []
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"读不了 {file}：{error}。", f"Can't read {file}: {error}.") from error
    wrong = [line for line in lines if len(line.split()) < 2]
    if wrong:
        raise InputError(
            f"{file} 里有一行不是链头记录：{wrong[0]!r}。每行应为“封印号 链头 时间”。",
            f"A line of {file} is no noted head: {wrong[0]!r}. Each is seal, head, time.",
        )
    return [line.split()[1] for line in lines]


def _keep(file: Path, report: Report) -> None:
    try:
        with file.open("a", encoding="utf-8") as out:
            out.write(f"{report.sealed} {report.head} {report.sealed_at:%Y-%m-%dT%H:%M:%S%z}\n")
    except OSError as error:
        raise InputError(
            f"写不了 {file}：{error.strerror}。请换一个位置。", f"Can't write {file}: {error.strerror}."
        ) from error


def _json(report: Report) -> dict[str, object]:
    faults = [{"what": f.what, "entry": f.entry, "seal": f.seal, "message": pick(f.zh, f.en)} for f in report.faults]
    return {
        "intact": report.intact, "sealed": report.sealed, "head": report.head, "waiting": report.waiting,
        "sealed_at": report.sealed_at and report.sealed_at.isoformat(), "fault_count": report.fault_count,
        "faults": faults, "heads": report.heads,
    }  # fmt: skip


def _said(report: Report) -> str:
    lines = [f"✗ {pick(fault.zh, fault.en)}" for fault in report.faults]
    if (more := report.fault_count - len(report.faults)) > 0:
        lines.append(pick(f"… 另有 {more:,} 处", f"… and {more:,} more"))
    for head, seal in report.heads.items():
        if seal is None:
            lines.append(
                pick(
                    f"✗ 链里没有以前记下的链头 {head}：整条链可能被重新做过",
                    f"✗ the chain doesn't hold the noted head {head}: all of it may have been made anew",
                )
            )
        else:
            short = f"{head[:16]}…"
            lines.append(pick(f"✓ 记下的链头 {short} 是封印 {seal:,}", f"✓ the noted head {short} is seal {seal:,}"))
    told = pick(f"{report.sealed:,} 条操作记录已封存", f"{report.sealed:,} entries are sealed")
    if report.waiting:
        since = f"{report.waiting_since:%Y-%m-%d %H:%M}"
        told += pick(f"，{report.waiting:,} 条待封存（自 {since}）", f", {report.waiting:,} wait since {since}")
    whole = pick("，与封存时一致", ", all as they were") if not report.fault_count else ""
    return "\n".join([*lines, told + whole, pick(f"链头 {report.head}", f"head {report.head}")])
