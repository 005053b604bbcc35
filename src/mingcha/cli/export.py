"""`mingcha export`: take what is recorded out of the platform."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import click

from mingcha.terms.errors import InputError
from mingcha.terms.language import pick

COLUMNS = (
    "finding", "rule", "certainty", "frame", "key", "provider", "person", "visit", "line", "amount_fen", "message",
    "basis",
)  # fmt: skip


@click.group(short_help=pick("导出", "Take records out"))
def command() -> None:
    """导出 Take what is recorded out of the platform."""


@command.command(short_help=pick("导出疑点，一行明细一行", "Findings, one row a fee line"))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--tokens", is_flag=True, help=pick("人员编号换成代号", "tokens instead of person numbers"))
@click.option("--json", "as_json", is_flag=True, help=pick("最后输出一行 JSON", "print one line of JSON last"))
def findings(file: Path, tokens: bool, as_json: bool) -> None:
    """疑点 Write all findings in force to FILE (CSV, UTF-8), one row a fee line, amounts in fen.

    A finding on a visit without lines has one row with an empty line. Person numbers are personal data: the export is
    entered in the audit trail.
    """
    from getpass import getuser

    from mingcha.desk.audit.taking_out import findings_by_line
    from mingcha.home.directory import Home

    part = file.with_name(f"{file.name}.part")
    count = 0
    try:
        with part.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(COLUMNS)
            for row in findings_by_line(Home.open(), by=f"cli:{getuser()}", tokens=tokens):
                writer.writerow(row)
                count += 1
        part.replace(file)
    except OSError as error:
        raise InputError(
            f"不能写入 {file}：{error.strerror}。请换一个位置。",
            f"Can't write {file}: {error.strerror}. Choose another place.",
        ) from error
    if as_json:
        click.echo(json.dumps({"file": str(file), "rows": count}, ensure_ascii=False))
    else:
        click.echo(pick(f"已导出 {count:,} 行到 {file}", f"{count:,} rows written to {file}"))
