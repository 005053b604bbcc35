"""Answers by line: part accepted, part disputed, singly and by Excel; sums hold to the fen, and nothing typed is lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from threading import Thread
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from python_calamine import CalamineWorkbook

from mingcha.desk.review.actions import Chosen, move
from mingcha.desk.review.actors import Actor
from mingcha.desk.review.splitting import LineAnswer, appeal
from mingcha.desk.trail.words import FIELDS
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.procedure.identity import finding_id
from mingcha.terms.errors import UsageError
from tests.desk.factories import AREA, Audits, flag, line

if TYPE_CHECKING:
    from django.test import Client

    Visit = Callable[[str | None], Client]

pytestmark = pytest.mark.slow

BOTH = finding_id(AREA, "drug-for-children", "line", "H1|V1|L1")
OTHER = finding_id(AREA, "drug-for-children", "line", "H2|V1|L1")
CLAIMS = {"L1": 700, "L2": 300}


@pytest.fixture
def told(audits: Audits, visit_as: Visit) -> Client:
    """The provider, told of one finding over two lines; another provider was told of a finding, too."""
    both, other = flag("L1"), flag("L1", provider="H2", key="H2|V1|L1")
    audits.record([both, other], [line(both, "L1", 700), line(both, "L2", 300), line(other)])
    fields = {"token": str(uuid4()), "move": "adopt", "number": [BOTH, OTHER]}
    assert visit_as("reviewer").post("/findings/move", fields).status_code == 302
    return visit_as("provider")


def _split(client: Client, number: str = BOTH, token: str = "", **typed: Any) -> Any:
    """Send the form: for each line what is disputed, in yuan, and why."""
    fields: dict[str, Any] = {"token": token or str(uuid4()), "visit": ["V1"] * 2, "line": list(CLAIMS)}
    fields["claim"] = [str(fen) for fen in CLAIMS.values()]
    fields["disputed"] = [typed.get(name, ("", ""))[0] for name in CLAIMS]
    fields["why"] = [typed.get(name, ("", ""))[1] for name in CLAIMS]
    return client.post(f"/portal/findings/{number}/split", fields)


def _kept(job: psycopg.Connection) -> list[Any]:
    query = "SELECT line, claim_fen, accepted_fen, disputed_fen, reason FROM review_line_answer ORDER BY line"
    return job.execute(query).fetchall()


def _step(job: psycopg.Connection, number: str = BOTH) -> Any:
    return (job.execute("SELECT step FROM finding WHERE id = %s", [number]).fetchone() or (None,))[0]


def test_one_line_is_accepted_and_part_of_another_disputed(told: Client, job: psycopg.Connection) -> None:
    token = str(uuid4())
    for _ in range(2):  # pressed twice
        answer = _split(told, token=token, L1=("2.50", "退费已冲减"))
        assert answer.status_code == 302 and "?done=" in answer["Location"]
    assert _step(job) == "appealed"
    assert _kept(job) == [("L1", 700, 450, 250, "退费已冲减"), ("L2", 300, 300, 0, "")]
    (reason,) = job.execute("SELECT reason FROM review_move WHERE name = 'appeal'").fetchone() or ("",)
    assert reason.startswith("逐行答复：认可 7.50 元，申诉 2.50 元。") and "退费已冲减" in reason
    entries = job.execute("SELECT subject, detail FROM trail WHERE action = 'review.split'").fetchall()
    assert [subject for subject, _ in entries] == [f"finding:{BOTH}"]
    detail = entries[0][1] if isinstance(entries[0][1], dict) else json.loads(entries[0][1])
    assert detail == {"findings": 1, "lines": 2, "accepted_fen": 750, "disputed_fen": 250}
    assert {"accepted_fen", "disputed_fen"} <= set(FIELDS), "the trail tells them in words"
    assert "您的逐行答复" in told.get(f"/portal/findings/{BOTH}").content.decode()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"L1": ("7.01", "退费已冲减")}, "申诉金额不能超过明细金额 7.00 元"),
        ({"L1": ("两元", "退费已冲减")}, "第 L1 号明细的金额要写成"),
        ({"L1": ("-1", "退费已冲减")}, "第 L1 号明细的金额要写成"),
        ({"L1": ("2.505", "退费已冲减")}, "第 L1 号明细的金额要写成"),
        ({"L1": ("2.50", ""), "L2": ("3.00", "退费已冲减")}, "请写明这条明细的申诉理由"),
        ({"L2": ("", "退费已冲减")}, "写了理由，但没有申诉金额"),
        ({}, "没有一行申诉"),
    ],
)
def test_wrong_input_is_told_by_line_and_loses_nothing(
    told: Client, job: psycopg.Connection, typed: dict[str, tuple[str, str]], words: str
) -> None:
    answer = _split(told, **typed)
    page = answer.content.decode()
    assert answer.status_code == 409 and words in page
    for amount, why in typed.values():
        assert f'value="{amount}"' in page and f'value="{why}"' in page
    assert _step(job) == "notified" and _kept(job) == []


def test_sums_that_no_longer_hold_are_refused(told: Client, job: psycopg.Connection) -> None:
    """The form said 7.00 for the line; the office made it 6.00 meanwhile."""
    job.execute("UPDATE finding_line SET decided_fen = 600 WHERE finding_id = %s AND line = 'L1'", [BOTH])
    job.commit()
    answer = _split(told, L1=("2.50", "退费已冲减"))
    assert answer.status_code == 409 and "刚刚有变化" in answer.content.decode()
    assert _step(job) == "notified" and _kept(job) == []
    broken = {"token": str(uuid4()), "visit": "V1", "line": ["L1", "L2"], "claim": "700", "disputed": "1", "why": "x"}
    assert told.post(f"/portal/findings/{BOTH}/split", broken).status_code == 409


def test_only_the_own_provider_splits(told: Client, visit_as: Visit, job: psycopg.Connection) -> None:
    assert _split(told, OTHER, L1=("1", "退费已冲减")).status_code == 404
    assert _split(visit_as("reviewer"), L1=("1", "退费已冲减")).status_code == 403
    assert _split(told, L1=("2.50", "退费已冲减")).status_code == 302
    late = _split(told, L1=("1.00", "退费已冲减"))
    assert late.status_code == 409 and "没有办理" in late.content.decode()
    assert len(_kept(job)) == 2


def test_the_reviewer_adopts_what_was_accepted_with_one_click(
    told: Client, visit_as: Visit, job: psycopg.Connection
) -> None:
    _split(told, L1=("2.50", "退费已冲减"))
    supervisor = visit_as("supervisor")
    plain, filled = (supervisor.get(f"/findings/{BOTH}{more}").content.decode() for more in ("", "?fill=provider"))
    assert "机构逐行答复" in plain and "按机构认可的金额填入" in plain and "退费已冲减" in plain
    assert 'name="yuan" inputmode="decimal" value="7.00"' in plain
    assert 'name="yuan" inputmode="decimal" value="4.50"' in filled
    fields = {"token": str(uuid4()), "move": "uphold", "reason": "部分采纳", "line": ["H1|V1|L1", "H1|V1|L2"],
              "was": ["7.00", "3.00"], "yuan": ["4.50", "3.00"]}  # fmt: skip
    assert supervisor.post(f"/findings/{BOTH}/move", fields).status_code == 302
    found = job.execute("SELECT step, outcome, counted_fen FROM finding WHERE id = %s", [BOTH]).fetchone()
    assert found == ("upheld", "partly", 750)


def test_who_comes_second_finds_it_answered(told: Client, home: Home, job: psycopg.Connection) -> None:
    """Two people of the insurance office at once: one accepts, one splits; the finding is answered once."""
    done: dict[str, Any] = {}

    def race(name: str) -> None:
        actor = Actor(name, "provider")
        lines = [LineAnswer("V1", "L1", 700, 250, "退费已冲减"), LineAnswer("V1", "L2", 300, 0)]
        with connect(home, "job") as conn, conn.cursor() as cursor:
            if name == "split":
                done[name] = appeal(cursor, actor=actor, name="appeal", splits={BOTH: lines}, token=uuid4())
            else:
                done[name] = move(cursor, actor=actor, name="accept", chosen=Chosen.numbers([BOTH]), token=uuid4())

    both = [Thread(target=race, args=(name,)) for name in ("split", "accept")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(one.moved for one in done.values()) == [0, 1]
    assert len(_kept(job)) == (2 if done["split"].moved else 0)
    assert _step(job) == ("appealed" if done["split"].moved else "final")


def test_the_database_keeps_the_sum(told: Client, home: Home, job: psycopg.Connection) -> None:
    with pytest.raises(UsageError, match="申诉金额须在"), connect(home, "job") as conn, conn.cursor() as cursor:
        lines = [LineAnswer("V1", "L1", 700, 701, "多"), LineAnswer("V1", "L2", 300, 0)]
        appeal(cursor, actor=Actor("wu", "provider"), name="appeal", splits={BOTH: lines}, token=uuid4())
    assert _step(job) == "notified", "what was refused was done nowhere"
    job.rollback()
    assert _split(told, L1=("2.50", "退费已冲减")).status_code == 302
    with pytest.raises(psycopg.errors.CheckViolation), connect(home, "owner") as owner:
        owner.execute("SELECT set_config('mingcha.scope', '*', true)")
        owner.execute("UPDATE review_line_answer SET disputed_fen = disputed_fen + 1")


def _table(provider: Client) -> list[list[Any]]:
    got = provider.get("/portal/table")
    content = b"".join(got.streaming_content)
    got.close()
    return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()


def _send(provider: Client, rows: list[list[Any]], told: dict[str, tuple[Any, str, str]]) -> Any:
    file = BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            cells = [*row[:-3], *(told.get(row[6], ("", "", "")) if at else row[-3:])]
            for column, cell in enumerate(cells):
                sheet.write(at, column, cell if isinstance(cell, int | float) else str(cell))
    upload = SimpleUploadedFile("答复.xlsx", file.getvalue())
    return provider.post("/portal/answers", {"token": str(uuid4()), "table": upload})


def test_the_table_carries_lines(told: Client, job: psycopg.Connection) -> None:
    rows = _table(told)
    assert [(row[0], row[6], row[8]) for row in rows[1:]] == [(BOTH, "L1", 7), (BOTH, "L2", 3)]
    wrong: list[tuple[dict[str, tuple[Any, str, str]], str]] = [
        ({"L1": ("", "申诉", "退费")}, "第 3 行"),
        ({"L1": (8, "申诉", "退费"), "L2": ("", "认可", "")}, "不超过明细金额 7.00 元，不是 8.00 元"),
        ({"L1": (2.5, "认可", ""), "L2": ("", "认可", "")}, "认可的行不填申诉金额"),
        ({"L1": (2.5, "申诉", ""), "L2": ("", "认可", "")}, "申诉没有写理由"),
        ({"L1": ("二", "申诉", "退费"), "L2": ("", "认可", "")}, "要写成 12.50 这样"),
    ]
    for filled, words in wrong:
        answer = _send(told, rows, filled)
        assert answer.status_code == 409 and words in answer.content.decode(), words
    short = _send(told, rows[:2], {"L1": (2.5, "申诉", "退费")})
    assert short.status_code == 409 and "不等于疑点金额 10.00 元" in short.content.decode()
    assert _step(job) == "notified" and _kept(job) == []
    assert _send(told, rows, {"L1": (2.5, "申诉", "退费"), "L2": ("", "认可", "")}).status_code == 302
    assert _step(job) == "appealed"
    assert _kept(job) == [("L1", 700, 450, 250, "退费"), ("L2", 300, 300, 0, "")]


def test_a_table_that_accepts_every_line_accepts_the_finding(told: Client, job: psycopg.Connection) -> None:
    rows = _table(told)
    assert _send(told, rows, dict.fromkeys(CLAIMS, ("", "认可", ""))).status_code == 302
    assert _step(job) == "final" and _kept(job) == []
