"""Work given out evenly or by hand, taken and taken back; never to who doesn't see it or keeps away."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from mingcha.desk.review.actions import Chosen
from mingcha.desk.review.actors import Actor
from mingcha.desk.review.assigning import assign
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.terms.calendar import today
from mingcha.terms.errors import UsageError
from tests.desk.factories import AREA, OTHER_AREA, Audits, flag

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow

MA, ZHOU = Actor("ma", "supervisor"), Actor("zhou", "reviewer")


@pytest.fixture
def give(home: Home, people: Callable[..., Any]) -> Iterator[Callable[..., dict[str, int]]]:
    """Assigns all findings in scope, as the app role; zhou and wang review in AREA, ling in another area."""
    for name, role, area in (("zhou", "reviewer", AREA), ("wang", "reviewer", "610300"), ("ling", "reviewer", OTHER_AREA),
                             ("ma", "supervisor", "610300"), ("sun", "finance", AREA)):  # fmt: skip
        people(name, role, area)

    def given(actor: Actor, *to: str, scope: str = "610300", numbers: Sequence[str] = ()) -> dict[str, int]:
        with connect(home, "app") as app, psycopg.ClientCursor(app) as cursor:
            cursor.execute("SELECT set_config('mingcha.scope', %s, true)", [scope])
            chosen = Chosen.numbers(numbers) if numbers else Chosen("true", {})
            return assign(cursor, actor=actor, chosen=chosen, to=to)

    yield given


def test_work_is_dealt_evenly_by_number_and_money(
    audits: Audits, give: Callable[..., dict[str, int]], job: psycopg.Connection
) -> None:
    audits.record([flag(f"L{n}", improper_fen=100 * (n + 1)) for n in range(40)])
    assert give(MA, "zhou", "wang") == {"wang": 20, "zhou": 20}
    money = dict(job.execute("SELECT assignee, sum(counted_fen)::bigint FROM finding GROUP BY 1").fetchall())
    assert money == {"zhou": 41_000, "wang": 41_000}
    (entry,) = job.execute("SELECT by, detail, items_digest FROM trail WHERE action = 'review.assign'").fetchall()
    assert entry[:2] == ("ma", {"given": {"wang": 20, "zhou": 20}}) and len(entry[2]) == 64
    assert give(MA) == {"": 40}
    told = job.execute("SELECT event, account, n FROM notice_told ORDER BY account").fetchall()
    assert told == [("assigned", "wang", 20), ("assigned", "zhou", 20)]
    assert job.execute("SELECT count(*) FROM finding WHERE assignee IS NOT NULL").fetchone() == (0,)


def test_nobody_gets_what_they_may_not_have(
    audits: Audits, give: Callable[..., dict[str, int]], home: Home, job: psycopg.Connection
) -> None:
    audits.record([flag("L1"), flag("L2"), flag("L1", provider="H2", key="H2|V1|L1")])
    for name in ("sun", "nobody"):
        with pytest.raises(UsageError, match="在岗的审核人员"):
            give(MA, name)
    with pytest.raises(UsageError, match="在岗的审核人员"):
        give(MA, "ling"), "of another area: not a colleague"
    with pytest.raises(UsageError, match="领取"):
        give(ZHOU, "wang")
    assert give(MA, "ling", scope="*") == {}, "who doesn't see the area gets nothing"
    with connect(home, "owner") as owner:
        owner.execute("INSERT INTO recusal (account, provider, reason, since) VALUES ('zhou', 'H2', '亲属', %s)", [today()])
    try:
        assert give(MA, "zhou", "wang") == {"wang": 2, "zhou": 1}
        assert job.execute("SELECT assignee FROM finding WHERE provider = 'H2'").fetchone() == ("wang",)
        assert give(ZHOU, "zhou") == {"zhou": 2}, "what is kept away from stays where it was"
    finally:
        with connect(home, "owner") as owner:
            owner.execute("DELETE FROM recusal")


def test_from_the_list_and_back(
    audits: Audits, give: Any, visit_as: Callable[[str | None], Client], job: psycopg.Connection
) -> None:
    audits.record([flag("L1"), flag("L2")])
    first = job.execute("SELECT id FROM finding ORDER BY id LIMIT 1").fetchone() or ("",)
    taken = visit_as("zhou").post("/findings/assign", {"number": first[0], "take": "zhou", "query": "tab=open"})
    assert taken["Location"] == "/findings?tab=open&given=1"
    assert "已分派 1 条" in visit_as("zhou").get(taken["Location"]).content.decode()
    mine = visit_as("zhou").get("/findings?mine=1").content.decode()
    assert first[0] in mine and "共 1 条" in mine
    assert visit_as("zhou").post("/findings/assign", {"all": "1", "give": "1", "to": "wang"}).status_code == 409
    page = visit_as("ma").get("/findings").content.decode()
    assert 'name="to" value="zhou"' in page and 'value="ling"' not in page
    visit_as("ma").post("/findings/assign", {"all": "1", "tab": "open", "give": "1", "to": ["zhou", "wang"]})
    assert job.execute("SELECT count(DISTINCT assignee) FROM finding").fetchone() == (2,)
    assert visit_as("ma").post("/findings/assign", {"all": "1", "give": "1"}).status_code == 409, "to whom"
    visit_as("ma").post("/findings/assign", {"all": "1", "tab": "open", "clear": "1"})
    assert job.execute("SELECT count(assignee) FROM finding").fetchone() == (0,)


def test_a_filter_is_kept_for_oneself(
    audits: Audits, visit_as: Callable[[str | None], Client], job: psycopg.Connection
) -> None:
    audits.record([flag("L1")])
    mine = visit_as("county")
    told = {"name": " 大额 ", "query": "least=500&tab=open&after=1~X&evil=<script>"}
    assert mine.post("/findings/views", told)["Location"].startswith("/findings?least=500")
    mine.post("/findings/views", told | {"query": "least=800"})
    page = mine.get("/findings?least=800").content.decode()
    assert page.count("大额</a>") == 1 and 'href="/findings?least=800"' in page
    assert "大额" not in visit_as("city").get("/findings").content.decode()
    for name in ("", "x" * 21):
        assert mine.post("/findings/views", {"name": name, "query": ""}).status_code == 409
    number = int(page.split("/findings/views/")[1].split("/")[0])
    assert visit_as("city").post(f"/findings/views/{number}/drop").status_code == 404
    assert mine.post(f"/findings/views/{number}/drop", {"query": "least=800"}).status_code == 302
    assert "大额" not in mine.get("/findings").content.decode()
    entries = job.execute("SELECT action FROM trail WHERE action LIKE 'review.%%view' ORDER BY id").fetchall()
    assert [action for (action,) in entries] == ["review.keep-view", "review.keep-view", "review.drop-view"]
    for n in range(20):
        mine.post("/findings/views", {"name": f"{n}", "query": ""})
    assert mine.post("/findings/views", {"name": "one more", "query": ""}).status_code == 409
