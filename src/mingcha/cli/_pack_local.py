"""`mingcha pack install`, `list`, `remove` and `why`: packs of areas, and what they make of a rule."""

from __future__ import annotations

import json
from datetime import date, datetime
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mingcha.terms.language import pick

if TYPE_CHECKING:
    from mingcha.home.directory import Home
    from mingcha.knowledge.local import LocalPack
    from mingcha.knowledge.pack import Decision, Pack
    from mingcha.knowledge.why import Standing

DAY = click.DateTime(["%Y-%m-%d"])
JSON = click.option("--json", "as_json", is_flag=True, help=pick("最后输出一行 JSON", "print one line of JSON last"))
FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
BY = click.option("--by", help=pick("操作人，默认当前系统用户", "who does it; by default the system's user"))
_WORDS = {
    "tighten": ("收紧", "tightened"), "loosen": ("放宽", "loosened"), "add": ("增加", "added"),
    "off": ("停用", "switched off"), "new": ("地方规则", "a rule of its own"),
}  # fmt: skip


@click.command(short_help=pick("装上地方规则包", "Put a local pack in force"))
@click.argument("path", type=click.Path(path_type=Path))
@BY
@JSON
def install(path: Path, by: str | None, as_json: bool) -> None:
    """装上地方规则包。 Check the local pack in PATH and put it in force in its area.

    PATH is a folder, or the name of a local pack that came with the product (sample-city).
    It takes the place of the pack the area had. The next audit judges the area's rows by it; who installed it, and
    what, stands in the audit trail.
    """
    from mingcha.desk.library.local_packs import install as put
    from mingcha.home.directory import Home
    from mingcha.knowledge.pack import load
    from mingcha.knowledge.shipped import shipped_local, shipped_pack

    folder = path if path.is_dir() else shipped_local(str(path))
    pack = put(by=by or f"cli:{getuser()}", home=Home.open(), base=load(shipped_pack()), folder=folder)
    if as_json:
        told = {"pack": pack.name, "version": pack.own.version, "area": pack.area, "provider": pack.provider}
        click.echo(json.dumps(told | {"hash": pack.hash}, ensure_ascii=False))
        return
    where = f"{pack.area} {pack.provider}" if pack.provider else pack.area
    click.echo(
        pick(f"{pack.label} 已在 {where} 生效，下次机审起使用。", f"{pack.label} holds in {where} from the next audit.")
    )


@click.command("list", short_help=pick("列出装着的地方规则包", "List the local packs in force"))
@JSON
def list_(as_json: bool) -> None:
    """列出装着的地方规则包。 List the local packs in force, by area."""
    from rich.console import Console
    from rich.table import Table

    from mingcha.desk.library.local_packs import installed
    from mingcha.home.directory import Home

    found = installed(Home.open())
    if as_json:
        click.echo(json.dumps({"packs": [pack._asdict() for pack in found]}, ensure_ascii=False, default=str))
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in (("区划", "area"), ("机构", "provider"), ("规则包", "pack"), ("版本", "version"), ("哈希", "hash"),
                    ("时间", "since"), ("操作人", "by")):  # fmt: skip
        table.add_column(pick(*heading))
    for pack in found:
        at = f"{pack.installed_at:%Y-%m-%d %H:%M}"
        table.add_row(pack.area, pack.provider or "", pack.name, pack.version, pack.hash[:12], at, pack.installed_by)
    Console().print(table if found else pick("没有装地方规则包。", "No local pack is installed."))


@click.command(short_help=pick("移除地方规则包", "Take a local pack out of force"))
@click.argument("name")
@click.option("--reason", required=True, help=pick("为什么移除", "why it is removed"))
@BY
@JSON
def remove(name: str, reason: str, by: str | None, as_json: bool) -> None:
    """移除地方规则包。 Take the local pack NAME out of force; what it found can still be explained and replayed."""
    from mingcha.desk.library.local_packs import remove as take_out
    from mingcha.home.directory import Home
    from mingcha.knowledge.pack import load
    from mingcha.knowledge.shipped import shipped_pack

    take_out(by=by or f"cli:{getuser()}", home=Home.open(), base=load(shipped_pack()), name=name, reason=reason)
    if as_json:
        click.echo(json.dumps({"removed": name}, ensure_ascii=False))
    else:
        click.echo(pick(f"{name} 已移除，下次机审起不再使用。", f"{name} is removed from the next audit on."))


@click.command(short_help=pick("一条规则在某地某日怎样适用、谁定的", "What applies of a rule, and who decided it"))
@click.argument("rule")
@click.option("--area", help=pick("统筹区（参保地）区划代码", "fund area"))
@click.option("--provider", help=pick("定点机构编码", "provider"))
@click.option("--insurance", help=pick("险种代码，如 310", "insurance, such as 310"))
@click.option("--level", type=int, help=pick("机构级别 1、2、3", "the provider's level: 1, 2, 3"))
@click.option("--date", "day", type=DAY, help=pick("哪一天，默认今天", "the day; by default today"))
@click.option("--pack", "packs", multiple=True, type=FOLDER, help=pick("另加的规则包目录", "folder of a pack to add"))
@JSON
def why(
    rule: str, area: str | None, provider: str | None, insurance: str | None, level: int | None, day: datetime | None,
    packs: tuple[Path, ...], as_json: bool,
) -> None:  # fmt: skip
    """规则为何如此。 Say what of RULE applies in an area, to a provider, on a day, and who decided each layer of it.

    Counts the packs that are installed, and those given with --pack.
    """
    from mingcha.desk.library.local_packs import opened
    from mingcha.home.directory import Home
    from mingcha.knowledge.why import standing
    from mingcha.terms.errors import UsageError

    home = Home.open()
    names = _names(home)
    if area is not None and area not in names:
        raise UsageError(
            f"区划树里没有 {area}。请核对六位代码，或先用 mingcha areas 录入。",
            f"The tree has no area {area}. Check the six digits, or put it in with `mingcha areas`.",
        )
    when = day.date() if day else date.today()
    found = standing(opened(home, packs), rule, area, provider, when, insurance=insurance, level=level)
    told = _told(found, area, provider, names)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, default=str))
    else:
        _print(found, told)


def _names(home: Home) -> dict[str, str]:
    from mingcha.records.areas import tree

    return {code: area.name for code, area in tree(home).items()}


def _told(found: Standing, area: str | None, provider: str | None, names: dict[str, str]) -> dict[str, Any]:
    rule, pack = found.rule, found.pack
    own = any(decision.change == "new" for decision in rule.decided)
    law = [" ".join(filter(None, (basis.document, basis.article))) for basis in rule.basis]
    first = {"area": "national", "area_name": pick("国家", "nation"), "pack": pack.name, "issuer": pack.issuer,
             "changes": [], "basis": law}  # fmt: skip
    layers: list[dict[str, Any]] = [] if own else [first]
    for decision in rule.decided:
        place = (decision.area, decision.provider)
        if not layers or (layers[-1]["area"], layers[-1].get("provider")) != place:
            layers.append({
                "area": decision.area, "area_name": names.get(decision.area, ""), "provider": decision.provider,
                "pack": decision.pack, "version": decision.version, "changes": [],
            })  # fmt: skip
        layers[-1]["changes"].append(_change(decision, found))
    return {
        "rule": rule.id, "name": pick(rule.name, rule.name_en), "area": area, "provider": provider, "date": found.day,
        "in_force": found.in_force, "waiting": found.waiting,
        "off": {"from": found.pause.since, "to": found.pause.until} if found.pause else None,
        "certainty": rule.certainty, "parameters": found.parameters, "rows": found.rows, "pack_hash": pack.hash,
        "layers": layers,
    }  # fmt: skip


def _change(decision: Decision, found: Standing | None = None) -> dict[str, Any]:
    from mingcha.knowledge.pack import SCOPES

    told = {
        "change": decision.change, "what": decision.what, "before": decision.before, "after": decision.after,
        "from": decision.since, "to": decision.until, "document": decision.document, "date": decision.date,
        "by": decision.by, "reason": decision.reason,
    }  # fmt: skip
    if decision.scope:
        told["for"] = {name: part for name, part in zip(SCOPES, decision.scope, strict=True) if part is not None}
    return told | ({"applies": found.counts(decision)} if found else {})


def _mine(pack: Pack, local: LocalPack) -> list[tuple[str, Decision]]:
    """The local pack's own decisions, by rule."""
    place = (local.area, local.provider)
    return [(rule.id, d) for rule in pack.rules for d in rule.decided if (d.area, d.provider) == place]


def summary(pack: Pack, local: LocalPack) -> dict[str, Any]:
    """What `pack check` tells of a local pack beside the numbers."""
    changes = [{"rule": rule} | _change(decision) for rule, decision in _mine(pack, local)]
    return {"pack": local.name, "version": local.own.version, "hash": local.hash, "area": local.area,
            "provider": local.provider, "extends": local.extends, "changes": changes}  # fmt: skip


def changed(pack: Pack, local: LocalPack) -> str:
    """What the local pack changes, rule by rule, as `pack why` says it."""
    lines, last = [], None
    for rule, decision in _mine(pack, local):
        lines += [f"{pack.rule(rule).name}  {rule}"] if rule != last else []
        lines += _change_lines(_change(decision))
        last = rule
    return "\n".join(lines)


def _print(found: Standing, told: dict[str, Any]) -> None:
    state = (
        pick("停用中", "switched off") if found.pause
        else pick("等待地方知识点", "waiting for rows of an area") if found.waiting
        else pick("适用", "in force") if found.in_force
        else pick("当日不适用", "not in force that day")
    )  # fmt: skip
    click.secho(f"{told['name']}  {found.rule.id}", bold=True)
    place = " ".join(filter(None, (told["area"], told["provider"]))) or pick("全国", "the country")
    click.echo(f"{place}  {found.day}  {state}")
    for name, value in found.parameters.items():
        click.echo(f"  {name} = {_said(value)}")
    if found.rows:
        click.echo(pick(f"  知识点 {found.rows:,} 行", f"  {found.rows:,} knowledge rows"))
    for number, layer in enumerate(told["layers"], 1):
        where = " ".join(filter(None, (layer["area_name"], layer["area"], layer.get("provider"))))
        click.echo(f"{number}. {where}  {layer['pack']}")
        for law in layer.get("basis", ()):
            click.echo(f"   {law}")
        for change in layer["changes"]:
            for line in _change_lines(change):
                click.echo(line)


def _change_lines(change: dict[str, Any]) -> list[str]:
    if change["what"] == "rows":
        gone, came = len(change["before"] or ()), len(change["after"] or ())
        what = pick(f"知识点 +{came} −{gone}", f"rows +{came} −{gone}")
    elif change["change"] in ("off", "new"):
        what = ""
    else:
        of = " ".join(f"{name}={part}" for name, part in change.get("for", {}).items())
        name = " ".join(filter(None, (change["what"].removeprefix("parameter "), of)))
        what = f"{name}: {_said(change['before'])} → {_said(change['after'])}"
    until = f" – {change['to']}" if change["to"] else pick(" 起", " on")
    silent = "" if change.get("applies", True) else pick("（当日未生效）", " (not that day)")
    lines = [f"   {' '.join(filter(None, (pick(*_WORDS[change['change']]), what)))}  {change['from']}{until}{silent}"]
    grounds = " ".join(str(part) for part in (change["document"], change["date"]) if part)
    for label, text in ((pick("文件", "document"), grounds), (pick("决定", "decided by"), change["by"]),
                        (pick("理由", "reason"), change["reason"])):  # fmt: skip
        if text:
            lines.append(f"     {label}: {text}")
    return lines


def _said(value: Any) -> str:
    return "、".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
