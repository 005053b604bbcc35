"""An audit as a document: ranked totals for the terminal, an Excel workbook and a self-contained printable page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mingcha.home.database import connect
from mingcha.terms.errors import UsageError

if TYPE_CHECKING:
    import psycopg

    from mingcha.home.directory import Home

CERTAINTY_WORDS = {"definite": "明确违规", "suspected": "可疑", "advisory": "提示", "lead": "线索"}
_MONEY = "#,##0.00"


class Ranked(NamedTuple):
    """Findings and counted money of one rule or provider in one audit."""

    code: str
    name: str
    findings: int
    counted_fen: int


class Listed(NamedTuple):
    """One finding of an audit as a row of the workbook."""

    finding: str
    rule: str
    rule_name: str
    certainty: str
    provider: str
    provider_name: str
    visit: str | None
    line: str | None
    day: Any
    item_name: str | None
    improper_fen: int
    counted_fen: int
    message: str


def ranked(home: Home, audit: int) -> tuple[list[Ranked], list[Ranked]]:
    """Rules and providers of the audit, the most money first."""
    with connect(home, "job") as connection:
        return _ranked(connection, audit, "rule"), _ranked(connection, audit, "provider")


def _ranked(connection: psycopg.Connection, audit: int, by: str) -> list[Ranked]:
    query = {
        "rule": "SELECT c.rule, coalesce(d.name, c.rule), sum(c.findings)::bigint, sum(c.counted_fen)::bigint"
        " FROM audit_count c LEFT JOIN rule_directory d USING (rule)"
        " WHERE c.audit_id = %s AND c.findings > 0 GROUP BY 1, 2 ORDER BY 4 DESC, 3 DESC, 1",
        "provider": "SELECT c.provider, coalesce(d.name, c.provider), sum(c.findings)::bigint,"
        " sum(c.counted_fen)::bigint FROM audit_count c LEFT JOIN provider_directory d USING (provider)"
        " WHERE c.audit_id = %s AND c.findings > 0 GROUP BY 1, 2 ORDER BY 4 DESC, 3 DESC, 1",
    }[by]
    return [Ranked(*row) for row in connection.execute(query.encode(), [audit]).fetchall()]


def _head(connection: psycopg.Connection, audit: int) -> dict[str, Any]:
    row = connection.execute(
        "SELECT a.id, a.by, to_char(a.started_at, 'YYYY-MM-DD HH24:MI'), a.watermark, a.pack_version, a.pack_hash,"
        " coalesce(sum(c.findings), 0), coalesce(sum(c.lines), 0), coalesce(sum(c.counted_fen), 0),"
        " (SELECT coalesce(sum(count), 0) FROM cannot_tell WHERE audit_id = a.id)"
        " FROM audit a LEFT JOIN audit_count c ON c.audit_id = a.id WHERE a.id = %s GROUP BY a.id",
        [audit],
    ).fetchone()
    if row is None:
        raise UsageError(f"没有编号为 {audit} 的机审。", f"There is no audit number {audit}.")
    names = ("id", "by", "at", "watermark", "version", "pack", "findings", "lines", "fen", "unknown")
    return dict(zip(names, row, strict=True))


def _findings(connection: psycopg.Connection, audit: int) -> Iterator[Listed]:
    """The findings this audit flagged, in the order of the list. Streams.

    What an audit flagged is what its pack and filter flagged: the findings whose newest observation, as of this audit,
    says so. Findings it saw unchanged have no observation of their own (DECISIONS 1).
    """
    with connection.cursor(name="report") as cursor:
        cursor.execute(
            "SELECT f.id, f.rule, coalesce(r.name, f.rule), f.certainty, f.provider, coalesce(p.name, f.provider),"
            " f.visit, f.line, f.day, f.item_name, f.improper_fen, f.counted_fen, o.message"
            " FROM finding f JOIN audit a ON a.id = %(audit)s"
            " JOIN LATERAL (SELECT verdict, message FROM observation o WHERE o.finding_id = f.id"
            "  AND o.audit_id <= a.id ORDER BY o.audit_id DESC LIMIT 1) o ON o.verdict = 'flagged'"
            " LEFT JOIN rule_directory r ON r.rule = f.rule LEFT JOIN provider_directory p ON p.provider = f.provider"
            " WHERE (a.scope->'providers' IS NULL OR a.scope->'providers' ? f.provider)"
            " AND (a.scope->'rules' IS NULL OR a.scope->'rules' ? f.rule)"
            " AND (a.scope->>'since' IS NULL OR f.day >= (a.scope->>'since')::date)"
            " AND (a.scope->>'until' IS NULL OR f.day <= (a.scope->>'until')::date)"
            " ORDER BY f.counted_fen DESC, f.id",
            {"audit": audit},
        )
        for row in cursor:
            yield Listed(*row)


def write_excel(home: Home, audit: int, target: Path) -> None:
    """A workbook: totals, rules, providers, and every finding. Streams, so size is bounded by the disk."""
    import xlsxwriter

    with connect(home, "job") as connection, xlsxwriter.Workbook(str(target), {"constant_memory": True}) as book:
        head = _head(connection, audit)
        bold, money = book.add_format({"bold": True, "bg_color": "#eaf1fb"}), book.add_format({"num_format": _MONEY})
        sheet = book.add_worksheet("概况")
        sheet.set_column(0, 1, 24)
        for at, (label, value) in enumerate(_summary(head)):
            sheet.write(at, 0, label, bold)
            sheet.write(at, 1, value, money if label.endswith("（元）") else None)
        for title, by in (("规则排名", "rule"), ("机构排名", "provider")):
            rows = ((r.code, r.name, r.findings, r.counted_fen / 100) for r in _ranked(connection, audit, by))
            write_sheet(book, title, _RANKING_COLUMNS, rows, {3: money})
        date = book.add_format({"num_format": "yyyy-mm-dd"})
        write_sheet(book, "疑点明细", FINDING_COLUMNS, map(finding_cells, _findings(connection, audit)), {
            8: date, 10: money, 11: money,
        })  # fmt: skip


_RANKING_COLUMNS = [("代码", 26), ("名称", 40), ("疑点数", 10), ("涉及金额（元）", 16)]

FINDING_COLUMNS = [
    ("疑点编号", 21), ("规则", 26), ("规则名称", 30), ("违规程度", 10), ("机构编号", 16), ("机构名称", 30),
    ("就诊ID", 20), ("费用明细", 20), ("发生日期", 12), ("项目名称", 26), ("违规金额（元）", 15),
    ("计入金额（元）", 15), ("命中说明", 60),
]  # fmt: skip
"""Headings and widths of the sheet of findings; money is at 10 and 11, the day at 8."""


def finding_cells(row: Listed) -> list[Any]:
    """The cells of one finding, money in yuan."""
    money = [row.improper_fen / 100, row.counted_fen / 100]
    return [*row[:3], CERTAINTY_WORDS.get(row.certainty, row.certainty), *row[4:10], *money, row.message]


def write_sheet(
    book: Any, title: str, columns: list[tuple[str, int]], rows: Iterable[Iterable[Any]], formats: dict[int, Any],
    mark: str = "",
) -> None:  # fmt: skip
    """A sheet with a frozen, filtered heading; `formats` by column number, `mark` at the foot of each printed page.

    Any formula stays text.
    """
    sheet = book.add_worksheet(title)
    if mark:
        sheet.set_footer("&L" + mark.replace("&", "&&")[:180] + "&R&P / &N")
    head = book.add_format({"bold": True, "bg_color": "#eaf1fb", "border": 1, "border_color": "#c9d6ea"})
    for at, (name, width) in enumerate(columns):
        sheet.set_column(at, at, width)
        sheet.write_string(0, at, name, head)
    sheet.freeze_panes(1, 0)
    last = 0
    for last, row in enumerate(rows, 1):
        for at, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(last, at, value)
            else:
                sheet.write(last, at, value, formats.get(at))
    sheet.autofilter(0, 0, max(last, 1), len(columns) - 1)


def _summary(head: dict[str, Any]) -> list[tuple[str, Any]]:
    return [
        ("机审编号", head["id"]), ("执行人", head["by"]), ("开始时间", head["at"]),
        ("数据水位（批次）", head["watermark"]),
        ("规则包版本", head["version"]), ("规则包哈希", head["pack"]), ("疑点数", head["findings"]),
        ("涉及明细行", head["lines"]), ("涉及金额（元）", head["fen"] / 100), ("缺资料不能判断（行）", head["unknown"]),
    ]  # fmt: skip


def write_html(home: Home, audit: int, target: Path, limit: int = 500) -> None:
    """One file without links to anything else: opens offline, prints on A4. Lists the `limit` largest findings."""
    target.write_text(html(home, audit, limit), "utf-8")


def html(home: Home, audit: int, limit: int = 500) -> str:
    """The page of write_html."""
    from mingcha.desk.audit.paper import page

    with connect(home, "job") as connection:
        head = _head(connection, audit)
        largest = [row for row, _ in zip(_findings(connection, audit), range(limit), strict=False)]
        return page(head, _ranked(connection, audit, "rule"), _ranked(connection, audit, "provider"), largest)
