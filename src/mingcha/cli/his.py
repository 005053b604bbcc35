"""`mingcha his`: plays wards and a pharmacy against a gate, and shows what their doctors would see."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from mingcha.terms.errors import InputError, PlatformError
from mingcha.terms.language import pick

if TYPE_CHECKING:
    from collections.abc import Callable

    from mingcha.home.directory import Home
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
@click.option("--react", type=click.FloatRange(0, 1), default=0.0, show_default=True,
              help=pick("对多大比例的提醒给出反馈（3103）", "share of reminders to react to with 3103"))
@click.option("--virtual", is_flag=True,
              help=pick("发送每条规则的虚拟病历并逐条核对", "send each rule's virtual record and check what comes"))
@click.option("--provider", default="H00000000000", show_default=True,
              help=pick("以哪家机构的名义发送虚拟病历", "in whose name to send virtual records"))
@click.option("--json", "as_json", is_flag=True, help=pick("最后输出一行 JSON", "print one line of JSON last"))
def command(
    rate: float, seconds: float, url: str | None, most: int, seed: int, connections: int, infno: str, react: float,
    virtual: bool, provider: str, as_json: bool,
) -> None:  # fmt: skip
    """模拟医院 Send the visits of this home's lake to the gate as a hospital's system would, and show its reminders.

    A visit is played from its fee lines, or from its orders where it has no fee lines.

    Latencies count from when a message was due, not from when it could be sent. A provider that was given keys here
    signs with its test key, or with the other where it has none; what is signed so counts as production.

    With --virtual it sends for every rule in force a visit that must be reminded of and one that must not, in the name
    of --provider, and says which rules did otherwise; exit code 1 if one did. Such visits never count as production.
    """
    import uvloop

    from mingcha.gate.server import running
    from mingcha.home.directory import Home
    from mingcha.sample.caller import Manner, play
    from mingcha.sample.ward import calls, visits

    home = Home.open()
    there = running(home) if url is None else None
    if url is None and there is None:
        raise PlatformError(
            "接口服务没有运行。请先运行 mingcha gate --detach，或用 --url 指明地址。",
            "No gate is running. Start one with `mingcha gate --detach`, or name one with --url.",
        )
    address = url or (there.address if there else "")
    if virtual:
        from mingcha.cli._his_virtual import run

        click.get_current_context().exit(0 if run(home, address, provider, _signing(home), as_json) else 1)
    made = calls(home, visits(home, most, seed), infno)
    if not made:
        raise InputError(
            "数据湖里还没有费用明细，也没有医嘱，无从模拟。请先导入，例如 mingcha sample 生成的样本。",
            "The lake has neither fee lines nor orders to play. Import some first, as those of `mingcha sample`.",
        )
    manner = Manner(_nobody if as_json else _shown, _signing(home), react)
    told = uvloop.run(play(address, made, rate, seconds, connections, manner))
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


def _signing(home: Home) -> Callable[[str], dict[str, str]]:
    """Headers for a provider as this home's bundle has its keys, the one for test before the other."""
    from mingcha.gate.signature import headers
    from mingcha.knowledge import bundle

    known = bundle.current(home).keys if bundle.stamp(home) else {}
    chosen = {provider: min(keys, key=lambda key: key.environment != "test") for provider, keys in known.items()}
    return lambda provider: headers(chosen[provider]) if provider in chosen else {}


def _nobody(call: Call, output: dict[str, Any]) -> None:
    del call, output


def _shown(call: Call, output: dict[str, Any]) -> None:
    """Reminders as they would stand before a doctor."""
    reminders = output["result"]
    if not reminders:
        return
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
