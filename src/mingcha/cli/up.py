"""`mingcha up`: the home, its database, desk and gate, ready to work; upgrades what an older version left."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from mingcha.terms.language import pick

if TYPE_CHECKING:
    from mingcha.home.directory import Home


@click.command(short_help=pick("启动：数据库、升级、工作台、接口服务", "Start database, desk and gate"))
@click.option("--host", default="127.0.0.1", show_default=True, help=pick("工作台监听地址", "address of the desk"))
@click.option("--port", type=int, help=pick("工作台端口，默认 8411", "port of the desk, else 8411"))
@click.option("--behind-proxy", is_flag=True, help=pick("由反向代理负责加密", "a proxy in front does the encryption"))
@click.option("--name", "names", multiple=True, help=pick("浏览器使用的主机名", "host name that browsers use"))
@click.option("--no-desk", is_flag=True, help=pick("不启动工作台", "don't start the desk"))
@click.option("--no-gate", is_flag=True, help=pick("不启动接口服务", "don't start the gate"))
@click.option("--json", "as_json", is_flag=True, help=pick("最后输出一行 JSON", "print one line of JSON last"))
def command(
    host: str, port: int | None, behind_proxy: bool, names: tuple[str, ...], no_desk: bool, no_gate: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """启动 Make the home where there is none, start PostgreSQL, upgrade, start desk and gate, print their addresses.

    The rules in force are published to the gate, which here answers this machine only; `mingcha gate --host` opens it.

    A database of an older version is dumped to the home's `postgres` folder first, then migrated. A home of a newer
    version is refused.
    """
    from mingcha.home.directory import Home
    from mingcha.home.upgrade import upgrade
    from mingcha.records.commit import recover
    from mingcha.records.lake import Lake

    home = Home.open()
    kept = upgrade(home)
    if kept:
        click.echo(pick(f"升级前的数据库已备份到 {kept}", f"The database as it was is kept in {kept}"), err=True)
    with Lake.open(home) as lake:
        recover(lake)
    address = None if no_desk else _desk(home, host, port, behind_proxy, names)
    gate = None if no_gate else _gate(home)
    if as_json:
        click.echo(json.dumps({"home": str(home.path), "desk": address, "gate": gate, "upgraded": kept is not None}))
        return
    click.echo(pick(f"数据目录 {home.path}", f"home {home.path}"))
    if address:
        click.echo(pick(f"工作台 {address}", f"desk {address}"))
    if gate:
        click.echo(pick(f"接口服务 {gate}", f"gate {gate}"))


def _desk(home: Home, host: str, port: int | None, behind_proxy: bool, names: tuple[str, ...]) -> str:
    from mingcha.desk.server import start

    return start(home, host, port, detach=True, behind_proxy=behind_proxy, names=names).address


def _gate(home: Home) -> str:
    from mingcha.desk.library.publishing import publish_library
    from mingcha.gate.server import start

    publish_library(home)
    return start(home, detach=True).address
