"""`mingcha his`: plays wards and a pharmacy against a gate, and shows what their doctors would see."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from mingcha.terms.errors import InputError, PlatformError
from mingcha.terms.language import pick

if TYPE_CHECKING:
    from mingcha.sample.ward import Call

STRENGTHS = {"advise": ("提示", "advice"), "justify": ("须填理由", "give a reason"), "block": ("拦截", "blocked")}


@click.command(short_help=pick("模拟医院系统，向接口服务发送处方", "Play a hospital's system against the gate"))
@click.option("--rate", type=click.FloatRange(0), default=5.0, show_default=True,
              help=pick("每秒请求数；0 为答完即发", "messages a second; 0 sends as soon as one is answered"))
@click.option("--seconds", type=click.FloatRange(0.1), default=10.0, show_default=True,
              help=pick("时长（秒）", "for how long"))
@click.option("--url", help=pick("接口服务地址，默认为本机的", "address of the gate, else this home's"))
@click.option("--visits", "most", type=click.IntRange(1), default=500, show_default=True,
              help=pick("从数据湖抽取的就诊数", "visits drawn from the lake"))
@click.option("--seed", type=int, default=1, show_default=True, help=pick("抽取用的种子", "seed of the draw"))
@click.option("--connections", type=click.IntRange(1, 4096), default=64, show_default=True,
              help=pick("连接数", "connections"))
@click.option("--infno", type=click.Choice(["3101", "3102"]), default="3101", show_default=True,
              help=pick("交易", "transaction"))
@click.option("--json", "as_json", is_flag=True, help=pick("最后输出一行 JSON", "print one line of JSON last"))
def command(
    rate: float, seconds: float, url: str | None, most: int, seed: int, connections: int, infno: str, as_json: bool
) -> None:
    """模拟医院 Send the visits of this home's lake to the gate as a hospital's system would, and show its reminders.

    Latencies count from when a message was due, not from when it could be sent.
    """
    import asyncio

    from mingcha.gate.server import running
    from mingcha.home.directory import Home
    from mingcha.sample.caller import play
    from mingcha.sample.ward import calls, visits

    home = Home.open()
    there = running(home) if url is None else None
    if url is None and there is None:
        raise PlatformError(
            "接口服务没有运行。请先运行 mingcha gate --detach，或用 --url 指明地址。",
            "No gate is running. Start one with `mingcha gate --detach`, or name one with --url.",
        )
    made = calls(home, visits(home, most, seed), infno)
    if not made:
        raise InputError(
            "数据湖里还没有费用明细，无从模拟。请先导入，例如 mingcha sample 生成的样本。",
            "The lake has no fee lines to play. Import some first, as those of `mingcha sample`.",
        )
    address = url or (there.address if there else "")
    told = asyncio.run(play(address, made, rate, seconds, None if as_json else _shown, connections))
    summary = told.summary()
    if as_json:
        click.echo(json.dumps(summary))
        return
    click.echo(
        pick(
            f"发送 {told.sent:,}，完成审核 {told.ok:,}，繁忙放行 {told.shed:,}，失败 {told.failed:,}；"
            f"提醒 {told.reminders:,} 条。"
            f"时延 p50 {summary['p50_ms']} 毫秒，p99 {summary['p99_ms']} 毫秒。",
            f"Sent {told.sent:,}, checked {told.ok:,}, let pass {told.shed:,}, failed {told.failed:,}; "
            f"{told.reminders:,} reminders. Latency p50 {summary['p50_ms']} ms, p99 {summary['p99_ms']} ms.",
        )
    )


def _shown(call: Call, reminders: list[dict[str, Any]]) -> None:
    """Reminders as they would stand before a doctor."""
    about = pick(f"机构 {call.provider} 就诊 {call.visit}", f"provider {call.provider} visit {call.visit}")
    click.secho(about, bold=True)
    for one in reminders:
        strength = pick(*STRENGTHS.get(one["strength"], (one["strength"],) * 2))
        click.echo(f"  [{strength}] {one['rule_name']}  {one['vola_amt']:.2f}")
        click.echo(f"      {one['vola_cont']}")
        at_fault = [d["rx_id"] for d in one["judge_result_detail_dtos"] if d["vola_item_type"] == "1"]
        if named := "、".join(dict.fromkeys(call.items[rx] for rx in at_fault if rx in call.items)):
            click.echo(pick(f"      项目：{named}", f"      items: {named}"))
        click.echo(f"      {one['vola_evid'][:120]}")
