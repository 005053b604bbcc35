"""No page reads a table from end to end: the plan of every query of every list and item page, over many findings."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from mingcha.home.database import connect
from mingcha.home.directory import Home
from tests.desk.factories import AREA
from tests.desk.many import fill

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow

GUARDED = {
    "finding", "finding_line", "observation", "review_move", "review_paper", "review_opinion", "trail",
    "money_entry", "money_statement_line", "audit_count", "cannot_tell", "finding_count",
}  # fmt: skip
"""Tables that grow with every finding, audit or act."""
LISTS = (
    "", "tab=definite", "tab=lead", "tab=notified", "tab=closed", "tab=withdrawn", "tab=all", "sort=amount", "sort=day",
    "sort=-day&tab=all", "sort=amount&tab=all", "provider=H7", "provider=H290&tab=all", "rule=rule-3", "rule=rule-3&tab=all",
    "rule=rule-50&provider=H9&tab=all", "certainty=suspected&tab=closed", "q=示例项目77", "q=示例项目1&tab=all", "q=H29",
    "q=YD0123&tab=all", "q=V77&tab=all", "since=2026-03-01&until=2026-03-02", "since=2026-03-01&until=2026-03-02&tab=all",
    "least=900&tab=all", "least=990", "late=1", "mine=1", "person=77&tab=all", "practitioner=D77",
)  # fmt: skip
PAGES = ("providers", "providers/H7", "audits", "money", "trail", "trail?by=zhou", "trail?subject=finding:77",
         "trail?action=review.drop")  # fmt: skip
WHOLE = {"providers", "audits", "money", "trail"}


@pytest.fixture
def many(home: Home) -> Iterator[Home]:
    """The home with many findings; emptied afterwards, or every other test would be slow."""
    fill(home)
    yield home
    from tests.desk.conftest import _TABLES

    with connect(home, "owner") as owner:
        owner.execute(f"TRUNCATE {_TABLES} RESTART IDENTITY CASCADE".encode())


def test_no_page_reads_a_table_from_end_to_end(many: Home, visit_as: Callable[[str | None], Client]) -> None:
    with connect(many, "job") as job:
        one = "SELECT min(id) FROM finding WHERE step = %s AND provider = 'H1' AND care_area = %s"
        (own,), (open_one,) = (job.execute(one, [step, AREA]).fetchone() or ("",) for step in ("notified", "first"))
        last = "SELECT max(id) FROM money_statement WHERE provider = 'H1' AND fund_area = %s"
        (statement,) = job.execute(last, [AREA]).fetchone() or (0,)
    wrong, asked = list[str](), 0
    for name, pages in (
        ("supervisor", [f"findings?{q}" for q in LISTS] + [f"findings/{open_one}", f"findings/{open_one}/ties", *PAGES[:4], f"money/{statement}"]),
        ("county", [f"findings?{q}" for q in LISTS] + [f"findings/{open_one}", f"findings/{open_one}/ties", *PAGES[:4], f"money/{statement}"]),
        ("leader", list(PAGES)),
        ("provider", [f"portal?{q}" for q in LISTS] + [f"portal/findings/{own}", "portal/statistics", "money", f"money/{statement}"]),
    ):
        client = visit_as(name)
        for page in pages:
            text = _looked_at(client, f"/{page}", wrong, name)
            asked += 1
            if (following := re.search(r'href="(\?[^"]*after=[^"]*)"', text)) and "sort" in page:
                _looked_at(client, "/" + page.partition("?")[0] + following[1].replace("&amp;", "&"), wrong, name)
    assert asked > 100
    assert not wrong, "\n".join(dict.fromkeys(wrong))


def _looked_at(client: Client, page: str, wrong: list[str], name: str) -> str:
    """Open the page; every query of it is planned where it runs, and what reads a whole table is noted."""
    from django.db import connection

    def watch(execute: Any, query: str, params: Any, many: bool, context: Any) -> Any:
        if query.lstrip().upper().startswith(("SELECT", "WITH")) and "set_config" not in query:
            with context["connection"].connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (FORMAT JSON) {query}".encode(), params)
                told = cursor.fetchone()[0]
            plan = json.loads(told) if isinstance(told, str) else told
            wrong.extend(f"{name} {page}: {table} by {query[:2000]}" for table in _read_whole(plan[0]["Plan"]))
        return execute(query, params, many, context)

    with connection.execute_wrapper(watch):
        answer = client.get(page, headers={} if "?" not in page else {"HX-Request": "true"})
    assert answer.status_code == 200, page
    return answer.content.decode()


def _read_whole(plan: dict[str, Any], within: float = 1.0) -> Iterator[str]:
    """Tables read from end to end. A reading that a LIMIT is expected to stop before its half isn't one."""
    if plan["Node Type"] == "Seq Scan" and plan["Relation Name"] in GUARDED and within > 0.5:
        yield plan["Relation Name"]
    for part in plan.get("Plans", ()):
        stops = plan["Node Type"] == "Limit" and part["Node Type"] == "Seq Scan"
        yield from _read_whole(part, plan["Total Cost"] / part["Total Cost"] if stops else 1.0)
