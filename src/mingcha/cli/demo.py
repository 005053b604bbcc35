"""`mingcha demo`: from nothing to a sample city in the desk, each step the command a user would type."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import click

from mingcha.terms.errors import UsageError
from mingcha.terms.language import pick

if TYPE_CHECKING:
    from mingcha.home.directory import Home

STEPS = 5


@click.command(short_help=pick("演示：样例城市，从导入到工作台", "A sample city, from import to the desk"))
@click.option("--lines", default=300_000, show_default=True, help=pick("费用明细行数，约数", "fee lines, roughly"))
@click.option("--seed", default=1, show_default=True, help=pick("随机种子", "seed of the random numbers"))
@click.option("--detach", is_flag=True, help=pick("工作台启动后立即返回", "return once the desk answers"))
def command(lines: int, seed: int, detach: bool) -> None:
    """演示：生成样例城市，导入、审核，打开工作台。 Make a sample city, import and audit it, open the desk.

    Prints the findings by rule and provider, the desk's address and one account per role. Ctrl-C ends the desk, and
    `mingcha down` everything. A home with other data is left alone.
    """
    from mingcha.desk import server
    from mingcha.desk.migrate import ready
    from mingcha.home.directory import Home
    from mingcha.records.areas import plant, read

    home = Home.open()
    _only_demo_data(home)
    city = home.path / "spool" / "demo-city"
    _say(1, pick("启动数据库，建立辖区", "Starting the database"))
    ready(home, upgrade=True)
    _say(2, pick(f"生成样例城市（约 {lines:,} 条费用明细）", f"Making a sample city of about {lines:,} fee lines"))
    shutil.rmtree(city, ignore_errors=True)
    _run("sample", str(city), "--lines", str(lines), "--seed", str(seed), "--local", "--json")
    plant(home, read(city / "areas.csv"))
    _run("pack", "install", "sample-city", "--by", "demo", "--json")
    _say(3, pick("导入", "Importing"))
    told = _run("import", str(city), "--by", "demo", "--json")
    click.echo(_imported(told), err=True)
    _say(4, pick("审核", "Auditing"))
    _run("audit")
    _say(5, pick("启动工作台", "Starting the desk"))
    desk = server.start(home, detach=True)
    _show(desk.address, server.demo_accounts(home), detach)
    if not detach:
        _stay(home)


def _say(step: int, what: str) -> None:
    click.secho(f"\n[{step}/{STEPS}] {what}", bold=True, err=True)


def _run(*arguments: str) -> dict[str, Any]:
    """Run a command of our own in a process of its own; with --json, the object it ends with."""
    as_json = "--json" in arguments
    done = subprocess.run(
        [sys.executable, "-m", "mingcha.cli", *arguments], stdout=subprocess.PIPE if as_json else None, text=True
    )
    if done.returncode:  # it has told on standard error what is wrong
        sys.exit(done.returncode)
    return json.loads(done.stdout.splitlines()[-1]) if as_json else {}


def _only_demo_data(home: Home) -> None:
    """UsageError when the home holds batches that no demo imported: sample findings must not mix with real ones."""
    from mingcha.home.database import connect

    with connect(home) as con:
        row = con.execute('SELECT count(*) FROM facts.import_batch WHERE "by" <> %s', ["demo"]).fetchone()
    if row and row[0]:
        raise UsageError(
            f"数据目录 {home.path} 里已有导入的数据，演示数据不会混进去。"
            "请另选目录，例如：MINGCHA_HOME=~/mingcha-demo make demo",
            f"The home {home.path} holds imported data, and the demo doesn't mix with it. "
            "Choose another home, as in: MINGCHA_HOME=~/mingcha-demo make demo",
        )


def _imported(told: dict[str, Any]) -> str:
    rows, taken, again = told["rows_in"], told["accepted"], told["duplicates"]
    return pick(
        f"收到 {rows:,} 行：入库 {taken:,}，重复 {again:,}，退回 {told['quarantined']:,}。"
        f"用时 {told['seconds']:.0f} 秒。",
        f"{rows:,} rows in: {taken:,} accepted, {again:,} duplicates, {told['quarantined']:,} refused. "
        f"{told['seconds']:.0f} seconds.",
    )


def _show(address: str, accounts: list[dict[str, Any]], detach: bool) -> None:
    """The address and the accounts, on standard output: they are what the demo is run for."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=pick("演示账号", "Demo accounts"), title_justify="left")
    for name in (pick("岗位", "role"), pick("用户名", "user name"), pick("密码", "password")):
        table.add_column(name)
    for account in accounts:
        table.add_row(pick(account["post"], account["role"]), account["username"], account["password"])
    console = Console()
    console.print()
    console.print(table)
    console.print(pick("工作台：", "The desk: ") + address, style="bold", highlight=False)
    console.print(
        pick("它在后台运行；结束：mingcha down", "It runs in the background; `mingcha down` ends it.")
        if detach
        else pick("按 Ctrl-C 结束工作台。", "Ctrl-C ends the desk."),
        highlight=False,
    )


def _stay(home: Home) -> None:
    """Stay until Ctrl-C, or until the desk ends by itself."""
    import time

    from mingcha.desk import server

    try:
        while server.running(home):
            time.sleep(2)
    except KeyboardInterrupt:
        server.stop(home)
        click.echo(pick("工作台已停止。", "The desk has stopped."), err=True)
