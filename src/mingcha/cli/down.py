"""`mingcha down`: the only command that stops the platform's own PostgreSQL."""

from __future__ import annotations

import click

from mingcha.terms.language import pick


@click.command(short_help=pick("停止：工作台、接口服务与数据库", "Stop desk, gate and database"))
def command() -> None:
    """停止 Stop the desk and the gate, then the platform's own PostgreSQL.

    A database named by DATABASE_URL is left alone.
    """
    from mingcha.desk.server import stop as stop_desk
    from mingcha.gate.server import stop as stop_gate
    from mingcha.home.directory import Home
    from mingcha.home.postgres import stop

    home = Home.open()
    desk, gate = stop_desk(home), stop_gate(home)
    database = home.database_url is None and stop(home)
    if desk or gate or database:
        click.echo(pick("已停止。", "Stopped."))
    else:
        click.echo(pick("没有在运行。", "Nothing was running."))
