"""`mingcha explain`: which row, which knowledge, which article, step by step."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from mingcha.terms.language import pick

if TYPE_CHECKING:
    from mingcha.engines.explain import Part
    from mingcha.knowledge.pack import Rule


@click.command(short_help=pick("说明疑点：哪些行、哪条知识、哪条法规", "Why a finding was made"))
@click.argument("finding")
@click.option("--json", "as_json", is_flag=True, help=pick("最后输出一行 JSON", "print one line of JSON last"))
def command(finding: str, as_json: bool) -> None:
    """说明 Show which rows, which knowledge row and which article made FINDING, step by step."""
    from mingcha.desk.audit.replaying import observation
    from mingcha.engines.explain import explain
    from mingcha.home.directory import Home
    from mingcha.knowledge.archive import fetch

    home = Home.open()
    told = observation(home, finding)
    rule = fetch(told["pack_hash"], home.packs).rule(told["rule"])
    rows = [row for row in rule.knowledge if row.id in told["knowledge_ids"]]
    tree = explain(rule, told["why"])
    lines = _lines(home, told["finding"])
    if as_json:
        said = told | {
            "rule_name": rule.name,
            "basis": [_basis(rule, n) for n in range(len(rule.basis))],
            "knowledge": [
                {"id": r.id, "item": r.item, "name": r.name, "values": dict(r.values), "basis": r.basis} for r in rows
            ],
            "steps": _plain(tree),
            "lines": lines,
        }
        click.echo(json.dumps(said, ensure_ascii=False, default=str))
        return
    _print(told, rule, rows, tree, lines)


def _print(told: dict[str, Any], rule: Rule, rows: list[Any], tree: Part, lines: list[dict[str, Any]]) -> None:
    from mingcha.engines.explain import lines as indented

    certainty = {"definite": "明确违规", "suspected": "可疑", "advisory": "提示", "lead": "线索"}
    click.secho(f"{told['finding']}  {rule.name}", bold=True)
    click.echo(f"{pick('结论', 'Certainty')}  {pick(certainty[told['certainty']], told['certainty'])}")
    click.echo(told["message"])
    click.echo(f"\n{pick('一、被标记的行', '1. The row')}")
    where = told["provider_name"] or told["provider"]
    click.echo(f"  {where}（{told['provider']}） {told['day']}  {told['frame']} {told['key']}")
    click.echo(f"\n{pick('二、判断过程', '2. The condition')}")
    for line in indented(tree, 1):
        click.echo(line)
    click.echo(f"\n{pick('三、相关的行', '3. Related rows')}")
    for key in told["witnesses"] or [pick("没有：这一条只看它自己", "none: this finding looks at its own row only")]:
        click.echo(f"  {key}")
    click.echo(f"\n{pick('四、知识与依据', '4. Knowledge and basis')}")
    for row in rows:
        click.echo(f"  {row.id}  {row.name}  {row.basis}")
    for number in range(len(rule.basis)):
        click.echo(f"  {_basis(rule, number)}")
    click.echo(f"\n{pick('五、金额（元）', '5. Amount (yuan)')}")
    for line in lines:
        under = pick(f"，计入 {line['counted_under']}", f", counted under {line['counted_under']}")
        told_under = under if line["counted_under"] else ""
        amounts = pick(
            f"违规 {line['improper']}，本条计入 {line['counted']}",
            f"improper {line['improper']}, counted {line['counted']}",
        )
        click.echo(f"  {line['visit']} {line['line']}  {amounts}{told_under}")
    pack = told["pack_hash"][:12]
    total = f"{told['improper_fen'] / 100:,.2f}"
    click.echo(pick(f"  合计 {total}", f"  total {total}"))
    click.echo(
        pick(
            f"\n数据截至第 {told['watermark']} 批导入，规则第 {told['rule_version']} 版，规则包 {pack}。",
            f"\nFacts as of batch {told['watermark']}, rule version {told['rule_version']}, pack {pack}.",
        )
    )


def _basis(rule: Rule, number: int) -> str:
    basis = rule.basis[number]
    return " ".join(filter(None, (basis.document, basis.article, f"“{basis.text}”" if basis.text else None)))


def _plain(part: Part) -> dict[str, Any]:
    return {"says": part.says, "held": part.held, "joined_by": part.joined_by, "parts": [_plain(p) for p in part.parts]}


def _lines(home: Any, finding: str) -> list[dict[str, Any]]:
    from mingcha.home.database import connect

    with connect(home, "job") as pg:
        found = pg.execute(
            "SELECT provider, visit, line, improper_fen, counted_fen, counted_under FROM finding_line"
            " WHERE finding_id = %s ORDER BY provider, visit, line",
            [finding],
        ).fetchall()
    names = ("provider", "visit", "line", "improper_fen", "counted_fen", "counted_under")
    rows = [dict(zip(names, row, strict=True)) for row in found]
    return [
        r | {"improper": f"{r['improper_fen'] / 100:,.2f}", "counted": f"{r['counted_fen'] / 100:,.2f}"} for r in rows
    ]
