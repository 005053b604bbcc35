"""What a provider and an expert see and do: their own, from the day they are told, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from python_calamine import CalamineWorkbook

from mingcha.home.directory import Home
from mingcha.procedure.identity import finding_id
from mingcha.terms.errors import InputError
from tests.desk.factories import AREA, Audits, flag

if TYPE_CHECKING:
    from django.test import Client

    Visit = Callable[[str | None], Client]

pytestmark = pytest.mark.slow

L1, L2, L3 = (finding_id(AREA, "drug-for-children", "line", f"H1|V1|L{n}") for n in (1, 2, 3))
OTHER = finding_id(AREA, "drug-for-children", "line", "H2|V1|L1")
PDF = b"%PDF-1.7\n%\xe2\xe3\n1 0 obj"
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452")


def _told(audits: Audits, visit_as: Visit) -> Client:
    """Four findings; the provider was told of two of its three, and another provider of the fourth."""
    audits.record([*(flag(f"L{n}") for n in (1, 2, 3)), flag("L1", provider="H2", key="H2|V1|L1")])
    told = _post(visit_as("reviewer"), "/findings/move", move="adopt", number=[L1, L2, OTHER])
    assert told.status_code == 302
    return visit_as("provider")


def _post(client: Client, address: str, **fields: Any) -> Any:
    return client.post(address, {"token": str(uuid4()), **fields})


def _step(job: psycopg.Connection, number: str) -> Any:
    return (job.execute("SELECT step FROM finding WHERE id = %s", [number]).fetchone() or (None,))[0]


def test_a_provider_sees_what_it_was_told_of(audits: Audits, visit_as: Visit) -> None:
    provider = _told(audits, visit_as)
    listed = provider.get("/portal").content.decode()
    assert L1 in listed and L2 in listed and L3 not in listed and OTHER not in listed
    seen = [provider.get(f"/portal/findings/{number}").status_code for number in (L1, L3, OTHER)]
    assert seen == [200, 404, 404]
    assert _post(provider, f"/findings/{L3}/move", move="accept").status_code == 404
    page = provider.get(f"/portal/findings/{L1}").content.decode()
    assert "医保部门" in page and "马骏" not in page.split("<main", 1)[1], "whoever decided isn't named"


def test_one_is_accepted_and_one_appealed(audits: Audits, visit_as: Visit, job: psycopg.Connection) -> None:
    provider = _told(audits, visit_as)
    answer = _post(provider, f"/findings/{L1}/move", move="accept", next=L2)
    assert answer.status_code == 302 and answer["Location"].startswith(f"/portal/findings/{L2}?done=")
    assert _post(provider, f"/findings/{L2}/move", move="appeal").status_code == 409, "an appeal has a reason"
    assert _post(provider, f"/findings/{L2}/move", move="appeal", reason="有处方").status_code == 302
    assert [_step(job, number) for number in (L1, L2)] == ["final", "appealed"]
    assert _post(provider, f"/findings/{L1}/move", move="sign").status_code == 409
    assert "已办理 1 条" in provider.get(answer["Location"]).content.decode()


def test_papers_are_what_they_are(audits: Audits, visit_as: Visit, job: psycopg.Connection) -> None:
    provider = _told(audits, visit_as)
    at = f"/findings/{L1}/papers"
    for name, content in (("病历.pdf", b"MZ\x90"), ("空.pdf", b""), ("宏.xlsx", _macro())):
        refused = provider.post(at, {"papers": SimpleUploadedFile(name, content)})
        assert refused.status_code == 409, name
    assert job.execute("SELECT count(*) FROM review_paper").fetchone() == (0,)
    for _ in range(2):  # the same file twice is one
        assert provider.post(at, {"papers": SimpleUploadedFile("..\\..\\病历.pdf", PDF)}).status_code == 302
    assert job.execute("SELECT name, type, size FROM review_paper").fetchall() == [("病历.pdf", "application/pdf", 20)]
    (number,) = job.execute("SELECT id FROM review_paper").fetchone() or (0,)
    for who, status in (("provider", 200), ("reviewer", 200), ("elsewhere", 404), ("expert", 404)):
        got = visit_as(who).get(f"/papers/{number}")
        assert got.status_code == status, who
        if status == 200:
            assert b"".join(got.streaming_content) == PDF and "sandbox" in got["Content-Security-Policy"]
        got.close()
    provider.post(at, {"papers": SimpleUploadedFile("化验单.png", PNG)})
    (picture,) = job.execute("SELECT id FROM review_paper WHERE type = 'image/png'").fetchone() or (0,)
    for who, page in (("provider", f"/portal/findings/{L1}"), ("supervisor", f"/findings/{L1}")):
        shown = visit_as(who).get(page).content.decode()
        assert shown.count("<img src=\"/papers/") == 1 and f'<img src="/papers/{picture}"' in shown, "pictures alone"
    assert provider.post(f"/findings/{OTHER}/papers", {"papers": SimpleUploadedFile("a.pdf", PDF)}).status_code == 404


def _macro() -> bytes:
    import zipfile

    file = BytesIO()
    with zipfile.ZipFile(file, "w") as book:
        book.writestr("xl/workbook.xml", "<x/>")
        book.writestr("xl/vbaProject.bin", "x")
    return file.getvalue()


def test_the_table_goes_out_and_comes_back(audits: Audits, visit_as: Visit, job: psycopg.Connection) -> None:
    provider = _told(audits, visit_as)
    got = provider.get("/portal/table")
    rows = CalamineWorkbook.from_filelike(BytesIO(b"".join(got.streaming_content))).get_sheet_by_index(0).to_python()
    got.close()
    assert sorted(row[0] for row in rows[1:]) == sorted([L1, L2])
    wrong = _send(provider, rows, {L1: ("同意", ""), L2: ("申诉", "")})
    text = wrong.content.decode()
    assert wrong.status_code == 409 and "第 2 行" in text and "第 3 行" in text and "申诉没有写理由" in text
    assert [_step(job, number) for number in (L1, L2)] == ["notified", "notified"], "nothing was done"
    good = _send(provider, rows, {L1: ("认可", ""), L2: ("申诉", "家长代购，附处方")})
    assert good.status_code == 302
    assert [_step(job, number) for number in (L1, L2)] == ["final", "appealed"]
    reason = job.execute("SELECT reason FROM review_move WHERE finding_id = %s AND name = 'appeal'", [L2]).fetchone()
    assert reason == ("家长代购，附处方",)
    again = _send(provider, rows, {L1: ("认可", "")})
    assert again.status_code == 409 and "不能再答复" in again.content.decode()


def _send(provider: Client, rows: list[list[Any]], told: dict[str, tuple[str, str]]) -> Any:
    file = BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            answer, reason = told.get(row[0], ("", "")) if at else row[-2:]
            for column, cell in enumerate([*row[:-2], answer, reason]):
                sheet.write(at, column, str(cell))
    upload = SimpleUploadedFile("答复.xlsx", file.getvalue())
    return provider.post("/portal/answers", {"token": str(uuid4()), "table": upload})


@pytest.mark.parametrize("content", [b"", b"nothing", b"PK\x03\x04broken"])
def test_what_is_no_table_is_told(django_desk: Home, content: bytes) -> None:
    from mingcha.desk.portal import answers

    with pytest.raises(InputError, match="打不开"):
        answers.read(content, {})


def test_an_expert_sees_the_one_finding_and_says_so_once(
    audits: Audits, visit_as: Visit, job: psycopg.Connection
) -> None:
    provider = _told(audits, visit_as)
    expert, supervisor = visit_as("expert"), visit_as("supervisor")
    _post(provider, f"/findings/{L1}/move", move="appeal", reason="有处方")
    assert _post(supervisor, f"/findings/{L1}/ask", expert="expert").status_code == 409, "not with the panel yet"
    _post(supervisor, f"/findings/{L1}/move", move="ask-panel", reason="临床争议")
    assert _post(supervisor, f"/findings/{L1}/ask", expert="leader").status_code == 409, "no expert"
    assert expert.get(f"/opinions/{L1}").status_code == 404
    assert _post(supervisor, f"/findings/{L1}/ask", expert="expert", question="是否合理").status_code == 302
    assert L1 in expert.get("/opinions").content.decode()
    page = expert.get(f"/opinions/{L1}").content.decode()
    assert "是否合理" in page and expert.get(f"/opinions/{L2}").status_code == 404
    assert _post(expert, f"/opinions/{L1}", verdict="uphold", words=" ").status_code == 409
    assert _post(expert, f"/opinions/{L1}", verdict="uphold", words="说明书限儿童").status_code == 302
    assert _post(expert, f"/opinions/{L1}", verdict="revoke", words="改主意").status_code == 409
    assert job.execute("SELECT verdict, words FROM review_opinion").fetchall() == [("uphold", "说明书限儿童")]
    told = job.execute("SELECT event, account FROM notice_told WHERE event ~ '^opinion' ORDER BY id").fetchall()
    assert told == [("opinion-asked", "expert"), ("opinion-given", "supervisor")]
    assert re.search(r"说明书限儿童", supervisor.get(f"/findings/{L1}").content.decode())


def test_nobody_outside_writes_what_others_see(audits: Audits, visit_as: Visit, job: psycopg.Connection) -> None:
    _told(audits, visit_as)
    expert = visit_as("expert")
    for address in ("/findings", f"/findings/{L1}", "/providers", "/audits", "/library", "/trail"):
        assert expert.get(address).status_code in (403, 404), address
        assert visit_as("provider").get(address).status_code in (403, 404), address
    assert _post(visit_as("provider"), "/findings/move", move="accept", all="1", tab="all").status_code == 302
    assert [_step(job, number) for number in (L1, L2, L3, OTHER)] == ["final", "final", "first", "notified"]
