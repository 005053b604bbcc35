"""`mingcha his --virtual`: every rule's virtual record sent to a gate, and what came of it, rule by rule."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from mingcha.terms.errors import PlatformError
from mingcha.terms.language import pick

if TYPE_CHECKING:
    from mingcha.engines.virtual import Record, Virtual
    from mingcha.home.directory import Home


@dataclass(frozen=True)
class Played:
    """The rules that were reminded of as they should, those that weren't, those that were wrongly, and refused ones."""

    triggered: list[str]
    silent: list[str]
    false: list[str]
    refused: dict[str, str]


def run(home: Home, address: str, provider: str, headers: Callable[[str], dict[str, str]], as_json: bool) -> bool:
    """Send the virtual records in a provider's name and tell what came of them; whether all came out as they should."""
    from mingcha.engines.virtual import Known, virtual
    from mingcha.knowledge import bundle

    current = bundle.current(home)
    known = [row for row in current.providers if row["provider"] == provider]
    made = virtual(bundle.library_of(home, current).base, Known(known[-1]["level"]) if known else None)
    told = _play(made, address, provider, headers)
    if as_json:
        left = {one.rule.id: pick(one.zh, one.en) for one in made.left}
        counts = {name: len(getattr(told, name)) for name in ("triggered", "silent", "false", "refused")}
        click.echo(json.dumps(counts | {"rules": {**vars(told), "left": left}}, ensure_ascii=False))
    else:
        _show(made, told)
    return not (told.silent or told.false or told.refused)


def _play(made: Virtual, address: str, provider: str, headers: Callable[[str], dict[str, str]]) -> Played:
    from mingcha.engines.virtual import message

    told, number = Played([], [], [], {}), f"{time.time_ns()}"
    for record in made.records:
        answer = _post(address, record, message(record, provider, number=number), headers(provider))
        if answer.get("infcode") not in (0, "0"):
            told.refused[record.rule.id] = str(answer.get("err_msg", ""))
            continue
        reminded = record.rule.id in {one["rule_id"] for one in answer["output"]["result"]}
        if record.hit:
            (told.triggered if reminded else told.silent).append(record.rule.id)
        elif reminded:
            told.false.append(record.rule.id)
    return told


def _post(address: str, record: Record, body: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
    sent = json.dumps(body, ensure_ascii=False).encode()
    request = urllib.request.Request(f"{address.rstrip('/')}/fsi/{record.infno}", sent, headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except (OSError, ValueError, urllib.error.URLError) as error:
        raise PlatformError(
            f"接口服务 {address} 没有应答：{error}。请检查地址，或用 mingcha gate --detach 启动。",
            f"The gate {address} doesn't answer: {error}. Check the address, or start it with `mingcha gate --detach`.",
        ) from error


def _show(made: Virtual, told: Played) -> None:
    names = {one.rule.id: one.rule.name for one in (*made.records, *made.left)}
    for words, rules in (
        (pick("应提醒而没有", "Not reminded of"), told.silent),
        (pick("不应提醒而提醒了", "Wrongly reminded of"), told.false),
        (pick("被拒绝", "Refused"), list(told.refused)),
    ):
        for rule in rules:
            click.echo(f"{words}  {names[rule]}  {rule}  {told.refused.get(rule, '')}")
    for one in made.left:
        click.echo(f"{pick('没有虚拟病历', 'No virtual record')}  {one.rule.name}  {pick(one.zh, one.en)}")
    click.echo(
        pick(
            f"应提醒的 {len(told.triggered) + len(told.silent)} 条规则提醒了 {len(told.triggered)} 条，"
            f"误提醒 {len(told.false)} 条，被拒绝 {len(told.refused)} 条；{len(made.left)} 条规则没有虚拟病历。",
            f"{len(told.triggered)} of {len(told.triggered) + len(told.silent)} rules were reminded of, "
            f"{len(told.false)} wrongly, {len(told.refused)} refused; {len(made.left)} have no virtual record.",
        )
    )
