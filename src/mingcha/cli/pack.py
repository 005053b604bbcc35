"""`mingcha pack`: look after packs of rules; `check` reads one, checks it and runs its cases on every engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mingcha.cli import _pack_local as local
from mingcha.cli._pack_import import import_
from mingcha.terms.language import pick

if TYPE_CHECKING:
    from rich.table import Table

    from mingcha.engines.cases import Outcome
    from mingcha.knowledge.local import LocalPack
    from mingcha.knowledge.pack import Pack


@click.group(short_help=pick("规则包", "Packs of rules"))
def command() -> None:
    """规则包 Packs of rules and knowledge."""


for _part in (import_, local.install, local.list_, local.remove, local.why):
    command.add_command(_part)


@command.command(short_help=pick("检查规则包并运行案例", "Check a pack and run its cases"))
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option(
    "--pack",
    "above",
    multiple=True,
    type=local.FOLDER,
    help=pick("上级规则包目录，从上到下", "folder of a pack above a local one, topmost first"),
)
@local.JSON
def check(path: Path | None, above: tuple[Path, ...], as_json: bool) -> None:
    """检查规则包，并在每个引擎上运行它的案例。 Read a pack, say everything that is wrong with it, run its cases.

    PATH is the pack's folder; without it, the national pack that came with the product. A local pack is checked as
    laid over the national one, or over those given with --pack; its changes are listed, and its cases are judged by
    the rules as they then stand. Ends with 1 when a case fails, with 3 when the pack can't be read.
    """
    from rich.console import Console

    from mingcha.engines.cases import run_cases
    from mingcha.engines.world import ENGINES
    from mingcha.knowledge.local_loading import read_chain
    from mingcha.knowledge.shipped import shipped_pack

    told = Console(stderr=True)
    with told.status(pick("读取规则包……", "Reading the pack …")):
        pack, area = read_chain([*above, path or shipped_pack()])
    outcomes: list[Outcome] = []
    for engine in ENGINES:
        with told.status(pick(f"在 {engine} 引擎上运行案例……", f"Running cases on {engine} …")):
            outcomes += run_cases(engine, pack)
    failed = [outcome for outcome in outcomes if outcome.wrong]
    if not as_json:
        _show(pack, area, outcomes)
    for outcome in failed:
        told.print(
            f"{outcome.rule} · {outcome.case.name} · {outcome.engine}: {outcome.wrong}", markup=False, soft_wrap=True
        )
    if as_json:
        more = local.summary(pack, area) if area is not None else {}
        click.echo(json.dumps(_summary(pack, outcomes) | more, ensure_ascii=False, default=str))
    if failed:
        raise SystemExit(1)


def _show(pack: Pack, area: LocalPack | None, outcomes: list[Outcome]) -> None:
    """The rules as a table, what a local pack changes, and the sums in a sentence."""
    from rich.console import Console

    shown = Console()
    shown.print(_table(pack, outcomes))
    if area is not None:
        shown.print(local.changed(pack, area), markup=False, highlight=False, soft_wrap=True)
    rows = sum(len(rule.knowledge) for rule in pack.rules)
    good, waiting = sum(1 for outcome in outcomes if not outcome.wrong), sum(1 for rule in pack.rules if rule.waits)
    shown.print(
        pick(
            f"{len(pack.rules)} 条规则（其中 {waiting} 条等地方给出知识点），{rows:,} 条知识点；"
            f"{len(outcomes)} 次案例运行，{good} 次符合。",
            f"{len(pack.rules)} rules ({waiting} of them wait for an area's rows), {rows:,} knowledge rows; "
            f"{good} of {len(outcomes)} case runs as expected.",
        ),
        highlight=False,
        soft_wrap=True,
    )


def _table(pack: Pack, outcomes: list[Outcome]) -> Table:
    from rich.table import Table

    title = f"{pack.name} {pack.version} · {pack.hash[:12]}"
    table = Table(title=title)
    table.add_column(pick("规则", "rule"), no_wrap=True)
    table.add_column(pick("名称", "name"))
    for heading in (pick("知识点", "rows"), pick("案例", "cases")):
        table.add_column(heading, justify="right")
    for rule in pack.rules:
        mine = [outcome for outcome in outcomes if outcome.rule == rule.id]
        good = sum(1 for outcome in mine if not outcome.wrong)
        name = pick(rule.name, rule.name_en)
        waiting = pick("待地方", "local")
        rows = waiting if rule.waits else f"{len(rule.knowledge):,}" if rule.knowledge else "—"
        table.add_row(rule.id, name, rows, f"{good}/{len(mine)}")
    return table


def _summary(pack: Pack, outcomes: list[Outcome]) -> dict[str, object]:
    from mingcha.knowledge.coverage import points_by_batch, rows_told, rules_by_template

    errors = [{"rule": o.rule, "case": o.case.name, "engine": o.engine, "wrong": o.wrong} for o in outcomes if o.wrong]
    return {
        "pack": pack.name,
        "version": pack.version,
        "hash": pack.hash,
        "rules": len(pack.rules),
        "kinds": len({rule.kind for rule in pack.rules}),
        "templates_covered": len(rules_by_template(pack)),
        "knowledge_rows": sum(len(rule.knowledge) for rule in pack.rules),
        "rows_local": {rule.id: rows_told([rule]) for rule in pack.rules if rule.waits},
        "official_rows_by_batch": points_by_batch(pack),
        "cases": sum(len(rule.cases) for rule in pack.rules),
        "engines": sorted({outcome.engine for outcome in outcomes}),
        "errors": errors,
    }
