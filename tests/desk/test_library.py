"""The life of a rule in the desk: drafted, edited, checked, signed by a second person, in force, and taken back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from mingcha.desk.library.shelf import compose, in_force, shipped, signed
from mingcha.home.directory import Home
from mingcha.terms.calendar import today
from tests.desk.factories import Audits, flag, pack_of

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow

Visit = Callable[[str | None], "Client"]
RULE = "frequent-admissions"


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Programs the desk would have begun; what they do is tested for itself."""
    begun: list[Any] = []
    monkeypatch.setattr("mingcha.desk.library.trial.start", lambda home, trial: begun.append(("trial", trial)))
    monkeypatch.setattr("mingcha.desk.library.actions.take_down", lambda home, rule, by: begun.append((rule, by)))
    yield begun


def begin(client: Client, intent: str = "revise", rule: str = RULE, reason: str = "第3次局务会") -> str:
    """The address of a new change."""
    answer = client.post(f"/library/rules/{rule}/change", {"intent": intent, "reason": reason})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def move(client: Client, at: str, name: str, status: int = 302, **more: Any) -> str:
    answer = client.post(f"{at}/move", {"move": name, **more})
    assert answer.status_code == status, answer.content.decode()
    return answer.content.decode()


def edit(client: Client, at: str, status: int = 302, **values: Any) -> str:
    revision = re.search(r'name="revision" value="(\d+)"', client.get(at).content.decode())
    answer = client.post(f"{at}/edit", {"revision": revision[1] if revision else "1", **values})
    assert answer.status_code == status, answer.content.decode()
    return answer.content.decode()


def tried(job: psycopg.Connection, at: str) -> None:
    """As a finished trial leaves a change."""
    job.execute("UPDATE rule_draft SET state = 'trialled' WHERE id = %s", [int(at.rsplit("/", 1)[1])])


def test_from_draft_to_force(visit_as: Visit, job: psycopg.Connection, home: Home, started: list[Any]) -> None:
    author, leader = visit_as("knowledge"), visit_as("leader")
    at = begin(author)
    edit(author, at, edit="parameter", name="most", value="4", since="2026-01-01")
    edit(author, at, edit="terms", reason="第4次局务会", valid_from=str(today()))
    page = author.get(at).content.decode()
    assert "与现行版本有 1 处不同" in page and "次数上限" in page
    move(author, at, "submit", 409)  # neither checked nor tried
    move(author, at, "check")
    move(author, at, "try", since="2026-01-01", until="2026-06-30")
    assert [kind for kind, _ in started] == ["trial"]
    tried(job, at)
    move(author, at, "submit")
    move(author, at, "sign", 404)  # a knowledge owner signs nothing
    assert [version.rule for version in signed(job.cursor())] == []
    page = leader.get(at).content.decode()
    assert "退回修改" in page
    move(leader, at, "sign", revision=re.search(r'name="revision" value="(\d+)"', page)[1])  # type: ignore[index]
    rule = in_force(home).rule(RULE)
    assert rule.version == shipped().rule(RULE).version + 1
    assert (date(2026, 1, 1), 4) in rule.parameters["most"]
    assert "第 2 版" in visit_as("supervisor").get(f"/library/rules/{RULE}").content.decode()
    steps = [row[0] for row in job.execute("SELECT action FROM trail WHERE subject LIKE 'rule-draft:%' ORDER BY id")]
    assert steps == [f"library.{step}" for step in ("draft", "edit", "terms", "check", "trial", "submit", "sign")]
    assert [event for (event,) in job.execute("SELECT event FROM notice_told ORDER BY id")] == ["change-waits", "change-signed"]


def test_an_author_who_leads_does_not_sign_alone(visit_as: Visit, job: psycopg.Connection) -> None:
    author = visit_as("knowledge")
    at = begin(author)
    job.execute("UPDATE rule_draft SET state = 'trialled'")
    move(author, at, "submit")
    from mingcha.desk.accounts.models import Account

    Account.objects.filter(username="knowledge").update(role="leader")
    try:
        assert "起草人不能签署" in move(visit_as("knowledge"), at, "sign", 409, revision="1")
    finally:
        Account.objects.filter(username="knowledge").update(role="knowledge")
    with pytest.raises(psycopg.errors.CheckViolation):
        from mingcha.home.database import connect

        with connect(Home.open(), "owner") as owner:
            owner.execute(
                "INSERT INTO rule_version (rule, number, intent, valid_from, draft_id, author, signer, reason)"
                " SELECT rule, 9, 'withdraw', valid_from, id, author, author, '' FROM rule_draft"
            )


def test_an_edit_makes_it_a_draft_again(visit_as: Visit, job: psycopg.Connection) -> None:
    author = visit_as("knowledge")
    at = begin(author)
    job.execute("UPDATE rule_draft SET state = 'trialled'")
    edit(author, at, edit="strength", certainty="advisory")
    assert job.execute("SELECT state, revision FROM rule_draft").fetchone() == ("draft", 2)


def test_two_people_and_two_tabs(visit_as: Visit, job: psycopg.Connection) -> None:
    author = visit_as("knowledge")
    at = begin(author)
    answer = author.post(f"/library/rules/{RULE}/change", {"intent": "revise", "reason": "又一个"})
    assert answer.status_code == 409 and "已有一项未办结的变更" in answer.content.decode()
    author.post(f"{at}/edit", {"revision": "1", "edit": "strength", "certainty": "advisory"})
    late = author.post(f"{at}/edit", {"revision": "1", "edit": "strength", "certainty": "lead"})
    assert late.status_code == 409 and "又改过一次" in late.content.decode()
    assert job.execute("SELECT content->>'certainty', revision FROM rule_draft").fetchone() == ("advisory", 2)


def test_what_is_signed_is_what_was_read(visit_as: Visit, job: psycopg.Connection) -> None:
    author, leader = visit_as("knowledge"), visit_as("leader")
    at = begin(author)
    edit(author, at, edit="strength", certainty="advisory")
    tried(job, at)
    move(author, at, "submit")
    assert "重新阅读" in move(leader, at, "sign", 409, revision="1")
    move(leader, at, "sign", revision="2")
    assert "不能“签署”" in move(leader, at, "sign", 409, revision="2")  # a double click signs once
    assert len(signed(job.cursor())) == 1


def test_a_change_waits_for_its_day(visit_as: Visit, job: psycopg.Connection, home: Home) -> None:
    author, leader = visit_as("knowledge"), visit_as("leader")
    at = begin(author)
    edit(author, at, edit="strength", certainty="advisory")
    tried(job, at)
    move(author, at, "submit")
    move(leader, at, "sign", revision="2")
    assert in_force(home).rule(RULE).certainty != "advisory"
    later = compose(shipped(), signed(job.cursor()), today() + timedelta(days=1))
    assert later.rule(RULE).certainty == "advisory"
    assert later.hash != shipped().hash


def test_a_withdrawal_needs_no_trial_and_takes_its_findings_back(
    visit_as: Visit, home: Home, started: list[Any], audits: Audits
) -> None:
    audits.record([flag("L1", rule=RULE), flag("L2")], pack=pack_of(RULE, "drug-for-children"))
    author, leader = visit_as("knowledge"), visit_as("leader")
    at = begin(author, "withdraw")
    edit(author, at, edit="terms", reason="接口停用", valid_from=str(today()))
    assert "1 条疑点" in author.get(at).content.decode()
    move(author, at, "submit-withdrawal")
    move(leader, at, "sign", revision="1")
    assert started == [(RULE, "leader")]
    assert RULE not in [rule.id for rule in in_force(home).rules]
    assert "已停用" in author.get(f"/library/rules/{RULE}").content.decode()
    assert author.post(f"/library/rules/{RULE}/change", {"intent": "withdraw", "reason": "再停"}).status_code == 409
    assert begin(author)  # it comes back by being revised


def test_rows_come_from_a_file(visit_as: Visit, job: psycopg.Connection) -> None:
    author = visit_as("knowledge")
    at = begin(author, rule="service-daily-cap")
    text = author.get("/library/rules/service-daily-cap/rows.csv").content.decode()
    head, first = text.splitlines()[:2]
    edit(author, at, edit="rows", table=SimpleUploadedFile("rows.csv", (head + "\n" + first).encode()))
    assert "edit" in str(job.execute("SELECT action FROM trail ORDER BY id DESC LIMIT 1").fetchone())
    wrong = SimpleUploadedFile("rows.csv", f"{head}\n{first.replace('2025', 'soon', 1)}".encode())
    assert "第 2 行" in edit(author, at, 409, edit="rows", table=wrong)
    ended = first.split(",")[0]
    edit(author, at, edit="row-end", row=ended, last="2026-12-31")
    assert "2026-12-31" in author.get(at).content.decode()


@pytest.mark.parametrize(
    "values",
    [
        {"edit": "parameter", "name": "most", "value": "viele", "since": "2026-01-01"},
        {"edit": "parameter", "name": "most", "value": "3", "since": "gestern"},
        {"edit": "parameter", "name": "rest", "value": "3", "since": "2026-01-01"},
        {"edit": "strength", "certainty": "sure"},
        {"edit": "words", "zh": " "},
        {"edit": "rows"},
        {"edit": "terms", "reason": "有", "valid_from": "2020-01-01"},
        {"edit": "terms", "reason": " ", "valid_from": "2099-01-01"},
        {"edit": "everything"},
    ],
    ids=lambda values: "-".join(values.values())[:40],
)
def test_a_wrong_edit_is_told_and_changes_nothing(visit_as: Visit, job: psycopg.Connection, values: Any) -> None:
    author = visit_as("knowledge")
    at = begin(author)
    before = job.execute("SELECT content, reason, valid_from, revision FROM rule_draft").fetchone()
    assert "没有办成" in edit(author, at, 409, **values)
    assert job.execute("SELECT content, reason, valid_from, revision FROM rule_draft").fetchone() == before


def test_a_county_changes_nothing_for_all(visit_as: Visit) -> None:
    at = begin(visit_as("knowledge"))
    county = visit_as("knowledge-too")
    assert county.get("/library/rules/drug-by-sex").status_code == 200
    assert county.get(at).status_code == 404
    assert county.post("/library/rules/drug-by-sex/change", {"intent": "revise", "reason": "x"}).status_code == 404
    assert county.post(f"{at}/move", {"move": "discard", "reason": "x"}).status_code == 404


def test_the_list_finds_rules_by_name_code_and_item(visit_as: Visit) -> None:
    client = visit_as("supervisor")

    def found(query: str) -> list[str]:
        text = client.get(f"/library?{query}").content.decode()
        return sorted(set(re.findall(r'<a href="/library/rules/([\w-]+)"', text)))

    assert len(found("")) == len(shipped().rules)
    assert found("q=频繁住院") == [RULE] == found(f"q={RULE}")
    assert "herbs-never-payable" in found("q=阿胶") or found("q=丹参注射液")
    assert found("q=%25nothing") == []
    assert set(found("category=medical")) == {r.id for r in shipped().rules if r.category == "medical"}
    assert found("certainty=lead") == sorted(r.id for r in shipped().rules if r.certainty == "lead")


def test_the_grid_gives_any_stretch_and_filters(visit_as: Visit) -> None:
    client = visit_as("supervisor")
    rows = shipped().rule("drug-by-sex").knowledge
    answer = client.get("/library/rules/drug-by-sex/rows?start=6400").json()
    assert (answer["total"], len(answer["rows"])) == (len(rows), len(rows) - 6400)
    one = client.get(f"/library/rules/drug-by-sex/rows?q={rows[17].item}").json()
    assert rows[17].item in one["rows"][0]
    assert client.get("/library/rules/drug-by-sex/rows?start=x&state=over").json()["total"] == 0
    assert client.get("/library/rules/no-such-rule/rows").status_code == 404
