"""`mingcha audit`: run the pack over the lake, record what it finds, say where the money is."""

from __future__ import annotations

import json
import time
from datetime import datetime
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from mingcha.terms.errors import UsageError
from mingcha.terms.language import pick

if TYPE_CHECKING:
    from rich.table import Table

    from mingcha.desk.audit.report import Ranked
    from mingcha.desk.audit.running import Engine, Filter, Outcome
    from mingcha.home.directory import Home
    from mingcha.knowledge.library import Library

EngineName = Literal["duckdb", "spark", "memory"]
ENGINES = click.Choice(["duckdb", "spark", "memory"])
DAY = click.DateTime(["%Y-%m-%d"])


@click.command(short_help=pick("机审：对湖中全部或部分费用运行规则", "Run the rules over the facts"))
@click.option("--area", "areas", multiple=True, help=pick("只审这个区划及其下级", "only this area and those below it"))
@click.option("--provider", "providers", multiple=True, help=pick("只审这家机构", "only this provider"))
@click.option("--from", "since", type=DAY, help=pick("从哪一天（服务日期）", "first day of service"))
@click.option("--to", "until", type=DAY, help=pick("到哪一天，含当天", "last day of service, included"))
@click.option("--rules", multiple=True, help=pick("只用这些规则，逗号分隔", "only these rules, comma separated"))
@click.option("--snapshot", type=int, help=pick("只看到第几批导入为止", "facts up to this import batch"))
@click.option("--since", "base", help=pick("增量：接着第几批的机审，或 last", "incremental: from that batch, or last"))
@click.option("--engine", type=ENGINES, default="duckdb", show_default=True, help=pick("引擎", "which engine"))
@click.option("--master", help=pick("Spark 主节点，如 spark://主机:7077", "Spark master, as spark://host:7077"))
@click.option("--pack", "packs", multiple=True, type=click.Path(path_type=Path),
              help=pick("规则包目录，可多次，地方规则包叠在上面", "folder of a rule pack; again for local ones"))
@click.option("--excel", type=click.Path(path_type=Path), help=pick("另存 Excel 报告", "also write an Excel report"))
@click.option("--html", type=click.Path(path_type=Path), help=pick("另存网页报告", "also write an HTML report"))
@click.option("--json", "as_json", is_flag=True, help=pick("最后输出一行 JSON", "print one line of JSON last"))
def command(
    areas: tuple[str, ...], providers: tuple[str, ...], since: datetime | None, until: datetime | None,
    rules: tuple[str, ...], snapshot: int | None, base: str | None, engine: EngineName, master: str | None,
    packs: tuple[Path, ...], excel: Path | None, html: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """机审 Run the rules over the facts, record findings, print where the money is.

    The same command over the same facts adds nothing. A filter only narrows what may be flagged: history and other
    providers are always read, and findings outside the filter stay as they are. Rows of an area with a local pack are
    judged by the rules as they stand there. With --since only those are judged again of whom something new is known,
    and rules that changed; the findings are those of an audit of everything.
    """
    from mingcha.desk.audit.running import Engine, Filter
    from mingcha.desk.library.local_packs import opened
    from mingcha.home.directory import Home

    started = time.monotonic()
    home = Home.open()
    library = opened(home, packs)
    chosen = tuple(part.strip() for text in rules for part in text.split(",") if part.strip())
    _known_rules(library, chosen)
    first, last = (d.date() if d else None for d in (since, until))
    if first and last and first > last:
        raise UsageError(f"开始日期 {first} 晚于结束日期 {last}。", f"--from {first} is after --to {last}.")
    if master and engine != "spark":
        raise UsageError("--master 只与 --engine spark 同用。", "--master goes with --engine spark.")
    ran = Engine(engine, master)
    outcome = _audit(home, library, Filter(areas, providers, chosen, first, last), snapshot, _batch(base), ran)
    if not any((areas, providers, chosen, first, last, packs)):
        _beside(outcome)
    _write_reports(outcome, excel, html)
    summary: dict[str, Any] = {
        "audit": outcome.recorded.audit,
        "watermark": outcome.watermark,
        "snapshot": outcome.snapshot,
        "pack": outcome.library.hash,
        "findings": outcome.recorded.findings,
        "lines": outcome.recorded.lines,
        "amount_fen": outcome.recorded.amount_fen,
        "no_data": [vars(lack) for lack in outcome.lacking],
        "seconds": round(time.monotonic() - started, 3),
    }
    if outcome.base:
        summary |= {"since": outcome.base.watermark, "persons": outcome.persons}
    if as_json:
        click.echo(json.dumps(summary, ensure_ascii=False))
    else:
        _print_tables(outcome, summary["seconds"])


def _batch(since: str | None) -> int | Literal["last"] | None:
    """What --since names. UsageError for anything but a number or `last`."""
    if since is None or since == "last":
        return since
    if not since.isdigit():
        raise UsageError(
            f"--since 后面写导入批次的编号或 last，收到的是“{since}”。",
            f"--since takes the number of an import batch or `last`, not {since!r}.",
        )
    return int(since)


def _audit(
    home: Home, library: Library, narrowed: Filter, snapshot: int | None, since: int | Literal["last"] | None,
    engine: Engine,
) -> Outcome:
    """Run it under a progress bar on stderr."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from mingcha.desk.audit.running import run_audit, steps

    columns = (TextColumn(pick("机审", "Audit")), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=steps(library, narrowed.rules))

        def step(name: str) -> None:
            bar.update(task, description=name, advance=1)

        by = f"cli:{getuser()}"
        return run_audit(
            home, library, by=by, narrowed=narrowed, watermark=snapshot, since=since, engine=engine, step=step
        )


def _beside(outcome: Outcome) -> None:
    """Changes in shadow, over the facts a whole audit has just seen: what each would have found, on stderr."""
    from mingcha.desk.library.trial import shadows

    for rule, report in shadows(outcome.home, f"cli:{getuser()}", outcome.watermark):
        new, old = report["total"]["new_n"], report["total"]["old_n"]
        click.echo(
            pick(
                f"影子运行 {rule}：现行命中 {old:,}，变更后 {new:,}；详见工作台“规则变更”。",
                f"In shadow, {rule}: {old:,} flagged by the rule in force, {new:,} by the change; see the desk.",
            ),
            err=True,
        )


def _write_reports(outcome: Outcome, excel: Path | None, html: Path | None) -> None:
    from mingcha.desk.audit.report import write_excel, write_html

    for target, write in ((excel, write_excel), (html, write_html)):
        if target is not None:
            write(outcome.home, outcome.recorded.audit, target)
            click.echo(pick(f"报告已写入 {target}", f"Report written to {target}"), err=True)


def _print_tables(outcome: Outcome, seconds: float) -> None:
    """Rules and providers by money, the largest first, and what the run came to."""
    from rich.console import Console

    from mingcha.desk.audit.report import ranked

    console = Console()
    by_rule, by_provider = ranked(outcome.home, outcome.recorded.audit)
    console.print(_ranking(pick("规则", "Rule"), by_rule))
    console.print(_ranking(pick("机构", "Provider"), by_provider[:20]))
    if outcome.lacking:
        console.print(_no_data(outcome))
    told = outcome.recorded
    console.print(
        pick(
            f"第 {told.audit} 次机审：疑点 {told.findings:,} 条，涉及明细 {told.lines:,} 行，"
            f"{told.amount_fen / 100:,.2f} 元（一行只计一次）。"
            f"新增 {told.added:,}，有变化 {told.changed:,}，撤回 {told.withdrawn:,}，"
            f"缺资料不能判断 {told.cannot_tell:,}。用时 {seconds:.1f} 秒。",
            f"Audit {told.audit}: {told.findings:,} findings on {told.lines:,} lines, "
            f"{told.amount_fen / 100:,.2f} yuan, each line counted once. "
            f"New {told.added:,}, changed {told.changed:,}, withdrawn {told.withdrawn:,}; "
            f"{told.cannot_tell:,} rows could not be judged for missing data. {seconds:.1f} s.",
        )
    )


def _no_data(outcome: Outcome) -> Table:
    """The rules that providers can't be judged by, and what those never sent."""
    from rich.table import Table

    from mingcha.engines.words import word

    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column(pick("无数据的规则", "Rules without data"), overflow="fold")
    table.add_column(pick("没有上传", "Never sent"))
    table.add_column(pick("机构数", "Providers"), justify="right")
    for lack in outcome.lacking:
        rule = next(rule for rule in outcome.library.rules if rule.id == lack.rule)
        missing = f"{pick(*word(lack.missing))}  [dim]{lack.missing}[/dim]"
        table.add_row(f"{pick(rule.name, rule.name_en)}  [dim]{rule.id}[/dim]", missing, f"{lack.providers:,}")
    return table


def _ranking(head: str, rows: list[Ranked]) -> Table:
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column(head, overflow="fold")
    table.add_column(pick("疑点", "Findings"), justify="right")
    table.add_column(pick("金额（元）", "Yuan"), justify="right")
    for code, name, count, fen in rows:
        table.add_row(f"{name}  [dim]{code}[/dim]", f"{count:,}", f"{fen / 100:,.2f}")
    return table


def _known_rules(library: Library, chosen: tuple[str, ...]) -> None:
    """UsageError naming rules the pack does not have, and the nearest ones it has."""
    from difflib import get_close_matches

    known = [rule.id for rule in library.rules]
    for rule in chosen:
        if rule not in known:
            near = "、".join(get_close_matches(rule, known, 3)) or "、".join(known[:3])
            raise UsageError(
                f"规则包里没有“{rule}”。相近的有：{near}；全部规则见 mingcha pack check。",
                f"The pack has no rule {rule!r}. Close to it: {near}. `mingcha pack check` lists them all.",
            )
