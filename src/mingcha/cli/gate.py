"""`mingcha gate`: the service hospitals and pharmacies ask, and the histories it keeps."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from mingcha.terms.language import pick

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from mingcha.home.directory import Home

AS_JSON = click.option("--json", "as_json", is_flag=True, help=pick("最后输出一行 JSON", "print one line of JSON last"))


@click.group(invoke_without_command=True, short_help=pick("接口：事前提醒、事中审核", "Serve reminders to hospitals"))
@click.option("--host", default="127.0.0.1", show_default=True, help=pick("监听地址", "address to listen on"))
@click.option("--port", type=int, help=pick("端口，默认 8412", "port, else 8412"))
@click.option("--behind-proxy", is_flag=True, help=pick("由反向代理负责加密", "a proxy in front does the encryption"))
@click.option("--workers", type=int, help=pick("进程数，默认为核数", "processes, else as many as cores"))
@click.option("--limit-ms", type=click.IntRange(1, 60_000), default=200, show_default=True,
              help=pick("每次请求的时限（毫秒）", "time limit of a request in milliseconds"))
@click.option("--detach", is_flag=True, help=pick("在后台运行", "run in the background"))
@AS_JSON
@click.pass_context
def command(
    ctx: click.Context, host: str, port: int | None, behind_proxy: bool, workers: int | None, limit_ms: int,
    detach: bool, as_json: bool,
) -> None:  # fmt: skip
    """接口 Serve 3101, 3102 and 3103 until stopped; `POST /fsi/3101` takes the national envelope.

    It needs neither the desk nor the database, only what `mingcha up` or `mingcha gate publish` published.
    """
    if ctx.invoked_subcommand:
        return
    from mingcha.gate.server import running, start
    from mingcha.home.directory import Home

    home = Home.open()
    there = running(home)
    found = there or start(home, host, port, detach=True, behind_proxy=behind_proxy, workers=workers, limit_ms=limit_ms)
    if as_json:
        click.echo(json.dumps({"gate": found.address, "port": found.port, "pid": found.pid}))
    else:
        click.echo(pick(f"接口服务 {found.address}", f"gate {found.address}"))
    if not detach and there is None:
        _stay(home, found.pid)


@command.command(short_help=pick("发布现行规则给接口服务", "Publish the rules in force to the gates"))
@AS_JSON
def publish(as_json: bool) -> None:
    """Publish the library in force as one signed bundle; running gates take it up within two seconds."""
    from mingcha.desk.library.publishing import publish_library
    from mingcha.home.directory import Home

    told = publish_library(Home.open())
    if as_json:
        click.echo(json.dumps({"bundle": told.number, "library": told.library, "providers": len(told.providers)}))
    else:
        click.echo(pick(f"已发布第 {told.number} 版规则。", f"Bundle {told.number} is published."))


@command.command(short_help=pick("不停机重启接口服务", "Replace the gate's processes one by one"))
@AS_JSON
def restart(as_json: bool) -> None:
    """Replace every process by a new one that answers before the old one ends, as after an upgrade."""
    from mingcha.gate.server import restart as replace
    from mingcha.home.directory import Home

    found = replace(Home.open())
    if as_json:
        click.echo(json.dumps({"gate": found.address, "port": found.port, "pid": found.pid}))
    else:
        click.echo(pick("接口服务的进程已全部更换。", "All processes of the gate are replaced."))


@command.command(short_help=pick("把收到的报文收进数据湖", "Bring the messages taken in into the lake"))
@AS_JSON
def collect(as_json: bool) -> None:
    """Bring settlements, fee lines and whatever else the gate took in into the lake, each message once.

    Codes of an area's own are read as the area's dictionary says, and the histories follow. After an interruption,
    run it again. What is refused names provider, transaction and number.
    """
    from rich.console import Console
    from rich.progress import Progress

    from mingcha.home.directory import Home
    from mingcha.records.collecting import collect as bring
    from mingcha.records.lake import Lake
    from mingcha.records.taken import waiting

    home = Home.open()
    with Lake.open(home) as lake, Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(pick("收取报文", "Messages"), total=waiting(home))
        told = bring(lake, "gate", lambda _, read, __: bar.advance(task, read), _nationally(home))
    if told.batches and (home.gate / "history").exists():
        _brought_up(home)
    if as_json:
        click.echo(json.dumps({"messages": told.messages, "refused": len(told.refused), "batches": told.batches}
                              | told.totals.as_dict()))  # fmt: skip
        return
    totals = told.totals
    click.echo(
        pick(
            f"收取报文 {told.messages:,} 份：入库 {totals.accepted:,} 行，退回 {totals.quarantined:,} 行，"
            f"重复 {totals.duplicates:,} 行。",
            f"{told.messages:,} messages: {totals.accepted:,} rows accepted, {totals.quarantined:,} quarantined, "
            f"{totals.duplicates:,} duplicates.",
        )
    )
    for label in told.refused[:10]:
        click.echo(pick(f"无法导入，已另存：{label}", f"Can't be imported, put aside: {label}"))


def _nationally(home: Home) -> Callable[[Any], Any]:
    """How messages are read: with what the bundle in force says of the codes of their area."""
    from mingcha.gate.gaps import told_nationally
    from mingcha.knowledge import bundle

    if not bundle.stamp(home):
        return lambda message: message
    aliases_of = bundle.current(home).aliases_of
    return lambda message: told_nationally(message, aliases_of)


@command.command(short_help=pick("把提醒和反馈收进工作台", "Bring reminders and reactions to the desk"))
@click.option("--again", is_flag=True, help=pick("从头再读一遍，已有的不变", "read all of it once more"))
@AS_JSON
def deliver(again: bool, as_json: bool) -> None:
    """Bring what the gates noted into the desk's tables, each entry once; a running desk does so by itself."""
    from rich.console import Console
    from rich.progress import Progress

    from mingcha.desk.migrate import ready
    from mingcha.desk.reminders.delivering import deliver as bring
    from mingcha.desk.reminders.delivering import waiting
    from mingcha.home.directory import Home

    home = Home.open()
    ready(home)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(pick("收取流水", "Journals"), total=waiting(home, again))
        told = bring(home, again, lambda read: bar.advance(task, read))
    if as_json:
        click.echo(json.dumps(told._asdict()))
        return
    click.echo(
        pick(
            f"读取 {told.entries:,} 条：新的调用 {told.calls:,} 次，提醒 {told.reminders:,} 条，"
            f"反馈 {told.reactions:,} 条。",
            f"{told.entries:,} entries: {told.calls:,} new calls, {told.reminders:,} reminders, "
            f"{told.reactions:,} reactions.",
        )
    )


@command.command(short_help=pick("从数据湖更新参保人历史", "Bring the histories of persons up to date"))
@click.option("--all", "everybody", is_flag=True, help=pick("全部重建", "make all of them again"))
@AS_JSON
def rebuild(everybody: bool, as_json: bool) -> None:
    """Bring every person's history up to what the lake says; running gates take it up within a second.

    Where rules changed which items a history must hold, or there is none yet, all are made again; else those of whom
    something new was imported.
    """
    from mingcha.home.directory import Home

    told = _brought_up(Home.open(), everybody)
    if as_json:
        click.echo(json.dumps(told))
    else:
        click.echo(
            pick(f"已更新 {told['renewed']:,} 人的历史。", f"{told['renewed']:,} histories are brought up to date.")
        )


def _brought_up(home: Home, everybody: bool = False) -> dict[str, int | str]:
    """Make histories from the lake, all or what is new; how many, of how many, as of which batch."""
    from mingcha.engines.histories import renewed
    from mingcha.gate.history import about, update, write

    place = home.gate / "history"
    with _People(home, {} if everybody else about(place)) as found:
        if found.since is None:
            count = write(place, found.told, found.about, found.step)
        else:
            count = update(place, found.told, renewed(found.con), found.about, found.step)
    return {"renewed": count, **about(place)}


@command.command(short_help=pick("核对参保人历史与数据湖", "Check the histories against the lake"))
@AS_JSON
@click.pass_context
def check(ctx: click.Context, as_json: bool) -> None:
    """Compare every person's history with the lake; exit code 1 when one differs."""
    from mingcha.gate.history import compare
    from mingcha.home.directory import Home

    home = Home.open()
    with _People(home) as found:
        wrong = compare(home.gate / "history", found.told, found.step)
    if as_json:
        click.echo(json.dumps({"differing": len(wrong)} | found.about))
    elif wrong:
        click.echo(pick(f"{len(wrong):,} 人的历史与数据湖不一致。请运行 mingcha gate rebuild。",
                        f"The histories of {len(wrong):,} persons differ. Run `mingcha gate rebuild`."))  # fmt: skip
    else:
        click.echo(pick("历史与数据湖一致。", "The histories are what the lake says."))
    ctx.exit(1 if wrong else 0)


class _People:
    """Persons of the lake as of now, with a progress bar on stderr: all, or those with news since a store was made."""

    def __init__(self, home: Home, before: dict[str, Any] | None = None) -> None:
        self.home, self.before = home, before or {}

    def __enter__(self) -> _People:
        from rich.console import Console
        from rich.progress import Progress

        from mingcha.desk.library.local_packs import opened
        from mingcha.engines.effective import effective
        from mingcha.engines.histories import prepare, stream
        from mingcha.records.lake import Lake

        library = opened(self.home)
        asked = {rule.id for rule in library.rules if {"before", "during"} & set(rule.stages)}
        self.lake = Lake.open(self.home, read_only=True)
        self.con, mark = self.lake.con, self.lake.as_of()
        self.about: dict[str, Any] = {"watermark": mark, "library": library.hash}
        self.since: int | None = self.before.get("watermark") if self.before.get("library") == library.hash else None
        self.bar = Progress(console=Console(stderr=True), transient=True)
        self.bar.start()
        task = self.bar.add_task(pick("参保人历史", "Histories"), total=None)
        self.bar.update(task, total=prepare(self.con, effective(library, asked), self.since, mark))
        self.told, self.step = stream(self.con), lambda: self.bar.advance(task)
        return self

    def __exit__(self, *told: object) -> None:
        self.bar.stop()
        self.lake.close()


def _stay(home: Home, pid: int) -> None:
    """Wait for the gate to end; Ctrl-C ends it."""
    import contextlib

    import psutil

    from mingcha.gate.server import stop

    try:
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(pid).wait()
    except KeyboardInterrupt:
        stop(home)
