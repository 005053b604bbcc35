"""Statistics and reminders as an Excel file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any, BinaryIO

import xlsxwriter

from mingcha.desk.audit.models import Certainty
from mingcha.desk.audit.queries import Row
from mingcha.desk.audit.report import write_sheet
from mingcha.desk.onboarding.models import StrengthChoice
from mingcha.desk.reminders import queries
from mingcha.desk.reminders.forms import DIMENSIONS, ENVIRONMENTS, Filter
from mingcha.desk.reminders.models import Outcome, Verdict
from mingcha.procedure.onboarding import ENVIRONMENTS as PLACES
from mingcha.terms.calendar import SHANGHAI

LIMIT = 100_000
"""Reminders an export holds at most; fewer days give the rest."""
_GROUP = [
    ("触发", 10), ("提示次数", 10), ("已修改", 10), ("坚持并说明", 12), ("未处理", 10), ("等待反馈", 10),
    ("采纳率", 10), ("避免金额（元）", 16), ("复核", 8), ("其中误报", 10),
]  # fmt: skip
_ROWS = [
    ("提醒编号", 36), ("环境", 8), ("环节", 8), ("规则", 28), ("规则名称", 30), ("强度", 10), ("程度", 10),
    ("机构编号", 16), ("机构名称", 28), ("科室", 14), ("医师", 14), ("就诊ID", 20), ("首次提示", 18), ("最近提示", 18),
    ("次数", 8), ("涉及金额（元）", 15), ("结果", 12), ("理由", 36), ("反馈时间", 18), ("复核", 10), ("提醒内容", 60),
]  # fmt: skip


def write(file: BinaryIO, chosen: Filter, mark: str = "") -> int:
    """A sheet a dimension and one of the reminders; how many of these there were. `mark` says who took it."""
    counter = count()
    with xlsxwriter.Workbook(file, {"constant_memory": True, "default_date_format": "yyyy-mm-dd hh:mm"}) as book:
        money, part = book.add_format({"num_format": "#,##0.00"}), book.add_format({"num_format": "0.0%"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for by, words in DIMENSIONS.items():
            groups = queries.groups(replace(chosen, by=by), LIMIT)
            columns = [(words, 30), ("机构", 28), *_GROUP]
            write_sheet(book, f"按{words}", columns, map(_group, groups), {8: part, 9: money}, mark)
        rows = (_cells(row) for row in _counted(queries.every(chosen, LIMIT), counter))
        write_sheet(book, "提醒", _ROWS, rows, {12: moment, 13: moment, 15: money, 18: moment}, mark)
        told = [("起止", f"{chosen.since} 至 {chosen.until}"), ("环境", ENVIRONMENTS[chosen.environment]),
                ("未处理", f"{queries.IGNORED_AFTER} 小时没有反馈"), ("采纳率", "已修改 ÷（触发 − 等待反馈）"),
                ("避免金额", "已修改的提醒所涉金额之和")]  # fmt: skip
        write_sheet(book, "说明", [("项目", 12), ("说明", 60)], told, {})
    return next(counter)


def _counted(found: Iterable[Row], counter: Iterator[int]) -> Iterator[Row]:
    for row in found:
        next(counter)
        yield row


def _group(row: Row) -> list[Any]:
    settled = row["n"] - row["waiting"]
    return [
        row["name"], row.get("provider_name", ""), row["n"], row["times"], row["changed"], row["insisted"],
        row["ignored"], row["waiting"], row["changed"] / settled if settled else None, row["avoided_fen"] / 100,
        row["judged"], row["false_alarms"],
    ]  # fmt: skip


def _cells(row: Row) -> list[Any]:
    return [
        row["number"], PLACES[row["environment"]][0], "事前" if row["stage"] == "before" else "事中", row["rule"],
        row["rule_name"], StrengthChoice(row["strength"]).label, Certainty(row["certainty"]).label, row["provider"],
        row["provider_name"], row["department"], row["practitioner"], row["visit"], _local(row["first_at"]),
        _local(row["last_at"]), row["times"], row["amount_fen"] / 100,
        Outcome(row["outcome"]).label if row["outcome"] else "未处理" if row["ignored"] else "等待反馈", row["reason"],
        _local(row["reacted_at"]), Verdict(row["verdict"]).label if row["verdict"] else None, row["message"],
    ]  # fmt: skip


def _local(moment: Any) -> Any:
    """Wall time: a spreadsheet knows no zones."""
    return moment.astimezone(SHANGHAI).replace(tzinfo=None) if moment else None
