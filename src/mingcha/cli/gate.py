"""`mingcha gate`: the service hospitals and pharmacies ask, and the histories it keeps."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from mingcha.terms.language import pick

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mingcha.engines.facts import Values
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


@command.command(short_help=pick("从数据湖重建参保人历史", "Make the histories of persons from the lake"))
@AS_JSON
def rebuild(as_json: bool) -> None:
    """Make every person's history again from the lake; running gates take it up within a second."""
    from mingcha.gate.history import write
    from mingcha.home.directory import Home

    home = Home.open()
    with _people(home) as (people, about, step):
        count = write(home.gate / "history", people, about, step)
    if as_json:
        click.echo(json.dumps({"persons": count} | about))
    else:
        click.echo(pick(f"已重建 {count:,} 人的历史。", f"The histories of {count:,} persons are made."))


@command.command(short_help=pick("核对参保人历史与数据湖", "Check the histories against the lake"))
@AS_JSON
@click.pass_context
def check(ctx: click.Context, as_json: bool) -> None:
    """Compare every person's history with the lake; exit code 1 when one differs."""
    from mingcha.gate.history import compare
    from mingcha.home.directory import Home

    home = Home.open()
    with _people(home) as (people, about, step):
        wrong = compare(home.gate / "history", people, step)
    if as_json:
        click.echo(json.dumps({"differing": len(wrong)} | about))
    elif wrong:
        click.echo(pick(f"{len(wrong):,} 人的历史与数据湖不一致。请运行 mingcha gate rebuild。",
                        f"The histories of {len(wrong):,} persons differ. Run `mingcha gate rebuild`."))  # fmt: skip
    else:
        click.echo(pick("历史与数据湖一致。", "The histories are what the lake says."))
    ctx.exit(1 if wrong else 0)


class _people:
    """The persons of the lake as of now, with a progress bar on stderr."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def __enter__(self) -> tuple[Iterator[tuple[int, Values]], dict[str, int | str], Callable[[], object]]:
        from rich.console import Console
        from rich.progress import Progress

        from mingcha.desk.library.local_packs import opened
        from mingcha.engines.effective import effective
        from mingcha.engines.histories import prepare, stream
        from mingcha.records.lake import Lake

        library = opened(self.home)
        asked = {rule.id for rule in library.rules if {"before", "during"} & set(rule.stages)}
        self.lake = Lake.open(self.home, read_only=True)
        mark = self.lake.as_of()
        self.bar = Progress(console=Console(stderr=True), transient=True)
        self.bar.start()
        task = self.bar.add_task(pick("参保人历史", "Histories"), total=None)
        total = prepare(self.lake.con, effective(library, asked))
        self.bar.update(task, total=total)
        about: dict[str, int | str] = {"watermark": mark, "library": library.hash}
        return stream(self.lake.con), about, lambda: self.bar.advance(task)

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
