"""Documents: drafted from findings and statements, signed by a second person, numbered without gaps, delivered."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest
from docx import Document

from mingcha.desk.documents import rendering
from mingcha.desk.review.actors import Actor
from mingcha.desk.review.papers import place_of
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.terms.calendar import today
from mingcha.terms.errors import MingchaError, PlatformError, UsageError
from tests.desk.factories import AREA, Audits
from tests.desk.test_money import HE, SUN, UNTIL, ZHOU, Office, record, settled

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow

Visit = Callable[[str | None], "Client"]
HOSTILE = '#eval("1") ] } $x$ {{ 7*7 }} {% raw %} <w:p> & \\'


@pytest.fixture
def desk(visit_as: Visit, home: Home, people: Callable[..., Any]) -> Iterator[Visit]:
    """A reviewer, two leaders and finance of AREA, whose organ has a word."""
    for name, role in (("zhou", "reviewer"), ("he", "leader"), ("he-too", "leader"), ("sun", "finance")):
        people(name, role)
    with connect(home, "owner") as owner:
        owner.execute("SELECT set_config('mingcha.scope', '*', true)")
        owner.execute(
            "INSERT INTO facts.setting (key, area, value) VALUES ('document-organ', %s,"
            """ '{"name": "麟游县医疗保障局", "word": "麟医保稽", "contact": "稽核科"}')""",
            [AREA],
        )
    yield visit_as
    with connect(home, "owner") as owner:
        owner.execute("DELETE FROM facts.setting WHERE key = 'document-organ'")


def notified(audits: Audits, home: Home, *names: str, provider: str = "H1") -> list[str]:
    numbers = record(audits, *(settled(name, provider=provider, key=f"{provider}|V1|{name}") for name in names))
    Office(home).move(ZHOU, "adopt", *numbers)
    return numbers


def drafted(client: Client, *numbers: str, kind: str = "feedback", **more: str) -> int:
    answer = client.post("/documents/draft", {"number": numbers, "kind": kind, "token": str(uuid4())} | more)
    assert answer.status_code == 302, answer.content.decode()[-1500:]
    return int(answer["Location"].rsplit("/", 1)[1])


def test_a_notice_from_the_draft_to_the_receipt(desk: Visit, audits: Audits, home: Home, job: psycopg.Connection) -> None:
    numbers = notified(audits, home, "L1", "L2")
    zhou, he = desk("zhou"), desk("he")
    token = str(uuid4())
    one = drafted(zhou, *numbers, token=token)
    assert drafted(zhou, *numbers, token=token) == one, "a form sent twice drafts once"
    page = zhou.get(f"/documents/{one}").content.decode()
    assert "签发时编号" in page and "起草人不能" not in page
    assert zhou.get(f"/documents/{one}/page.png").content.startswith(b"\x89PNG")
    assert zhou.get(f"/documents/{one}/pdf").content.startswith(b"%PDF-")
    assert zhou.post(f"/documents/{one}/edit", {
        "title": "初审反馈通知", "addressee": HOSTILE, "body": "第一段\n第二段\x0b", "after": "", "attachments": "清单", "contact": "x",
    }).status_code == 302  # fmt: skip
    assert zhou.post(f"/documents/{one}/move", {"move": "submit"}).status_code == 302
    assert zhou.post(f"/documents/{one}/sign", {"move": "sign"}).status_code == 403, "a reviewer has no signature"
    assert "还没有收到文书" in desk("provider").get("/portal/documents").content.decode()
    assert he.post(f"/documents/{one}/sign", {"move": "sign"}).status_code == 302
    again = he.post(f"/documents/{one}/sign", {"move": "sign"})
    assert again.status_code == 409 and "已签发" in again.content.decode()
    row = job.execute("SELECT number, state, signer, author FROM document").fetchone()
    assert row == (f"麟医保稽〔{today().year}〕1号", "signed", "he", "zhou")
    word = Document(BytesIO(zhou.get(f"/documents/{one}/docx").content))
    assert HOSTILE + "：" in [line.text for line in word.paragraphs] and len(word.tables[0].rows) == 4

    wu = desk("provider")
    assert wu.get(f"/portal/documents/{one}/pdf").status_code == 404, "the receipt comes first"
    for _ in range(2):
        assert wu.post(f"/portal/documents/{one}/open").status_code == 302
    assert wu.get(f"/portal/documents/{one}/pdf").content == zhou.get(f"/documents/{one}/pdf").content
    assert job.execute("SELECT how, received_by, by FROM document_delivery").fetchall() == [("portal", "吴洁", "provider")]
    assert zhou.post(f"/documents/{one}/deliver", {"how": "hand", "day": str(today()), "received_by": "吴洁"}).status_code == 302
    assert zhou.post(f"/documents/{one}/deliver", {"how": "hand", "day": str(today()), "received_by": "吴洁"}).status_code == 409
    assert "机构门户" in zhou.get(f"/documents/{one}").content.decode()
    done = job.execute("SELECT action FROM trail WHERE action LIKE 'document.%' ORDER BY id").fetchall()
    assert [name.removeprefix("document.") for (name,) in done] == ["draft", "edit", "submit", "sign", "deliver", "deliver"]


def test_what_was_signed_never_changes(desk: Visit, audits: Audits, home: Home, job: psycopg.Connection) -> None:
    one = drafted(desk("zhou"), *notified(audits, home, "L1"))
    assert desk("zhou").post(f"/documents/{one}/move", {"move": "issue"}).status_code == 302
    for change in ("content = '{}'", "number = 'x'", "state = 'draft'", "pdf_sha256 = 'x'"):
        with pytest.raises(psycopg.errors.RaiseException), connect(home, "app") as app:
            app.execute("SELECT set_config('mingcha.scope', '*', true)")
            app.execute(f"UPDATE document SET {change} WHERE id = {one}".encode())
    assert desk("he").post(f"/documents/{one}/sign", {"move": "void"}).status_code == 409, "a reason is wanted"
    assert desk("he").post(f"/documents/{one}/sign", {"move": "void", "reason": "有误"}).status_code == 302
    assert job.execute("SELECT state, number FROM document").fetchone() == ("voided", f"麟医保稽〔{today().year}〕1号")
    (digest,) = job.execute("SELECT pdf_sha256 FROM document").fetchone() or ("",)
    place = place_of(home, digest)
    kept = place.read_bytes()
    try:
        place.write_bytes(kept + b"x")
        answer = desk("zhou").get(f"/documents/{one}/pdf")
        assert answer.status_code == 409 and "已被改动" in answer.content.decode()
        assert desk("zhou").get("/documents/zip?tab=voided").status_code == 409
    finally:
        place.write_bytes(kept)


def test_nobody_signs_the_own_draft_even_with_a_lent_post(desk: Visit, audits: Audits, home: Home) -> None:
    office = Office(home)
    numbers = notified(audits, home, "L1", "L2", "L3")
    office.move(Actor("wu", "provider"), "accept", *numbers[:2])
    office.move(HE, "sign", *numbers[:2])
    one = drafted(desk("he"), *numbers[:2], kind="decision")
    refused = desk("he").post(f"/documents/{one}/move", {"move": "issue"})
    assert refused.status_code == 409, "a decision wants a second person"
    assert desk("he").post(f"/documents/{one}/move", {"move": "submit"}).status_code == 302
    assert desk("he").post(f"/documents/{one}/sign", {"move": "sign"}).status_code == 409
    from mingcha.desk.documents import actions

    lent = actions.Hands("zhou", ("zhou", "he"))  # who stands in for the author is the author's hand
    with pytest.raises(UsageError, match="起草人不能签发"):
        office.do(actions.act, by=lent, document=one, name="sign")
    assert desk("he-too").post(f"/documents/{one}/sign", {"move": "sign"}).status_code == 302
    wrong = desk("zhou").post("/documents/draft", {"number": numbers[2], "kind": "decision", "token": str(uuid4())})
    assert wrong.status_code == 409 and "待机构反馈" in wrong.content.decode()


def test_numbers_have_no_gap_when_two_sign_at_once(desk: Visit, audits: Audits, home: Home, job: psycopg.Connection) -> None:
    numbers = notified(audits, home, "L1", "L2", "L3", "L4")
    documents = [drafted(desk("zhou"), number) for number in numbers]
    for one in documents:
        desk("zhou").post(f"/documents/{one}/move", {"move": "submit"})
    from mingcha.desk.documents import actions

    office, gate, refused = Office(home), Barrier(8), []

    def sign(one: int, by: str) -> None:
        gate.wait()
        try:
            office.do(actions.act, by=actions.Hands(by, (by,)), document=one, name="sign")
        except UsageError as error:
            refused.append(error.zh)

    racing = [Thread(target=sign, args=(one, by)) for one in documents for by in ("he", "he-too")]
    for thread in racing:
        thread.start()
    for thread in racing:
        thread.join()
    assert len(refused) == 4 and all("已签发" in words for words in refused), "of two who sign one, one is told"
    assert [row[0] for row in job.execute("SELECT sequence FROM document ORDER BY 1").fetchall()] == [1, 2, 3, 4]


def test_a_failed_rendering_takes_no_number(
    desk: Visit, audits: Audits, home: Home, job: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = drafted(desk("zhou"), *notified(audits, home, "L1"))
    with monkeypatch.context() as without:
        without.setattr(rendering, "chinese_fonts", lambda: ())
        answer = desk("zhou").post(f"/documents/{one}/move", {"move": "issue"})
        assert answer.status_code == 409 and "fonts-noto-cjk" in answer.content.decode()
        assert desk("zhou").get(f"/documents/{one}/docx").content.startswith(b"PK"), "Word needs no font"
        assert "fonts-noto-cjk" in desk("zhou").get(f"/documents/{one}").content.decode()
    assert job.execute("SELECT count(*) FROM document_number").fetchone() == (0,)
    assert desk("zhou").post(f"/documents/{one}/move", {"move": "issue"}).status_code == 302
    assert job.execute("SELECT sequence FROM document").fetchone() == (1,)


def test_what_changed_since_the_draft_is_not_signed(
    desk: Visit, audits: Audits, home: Home, job: psycopg.Connection
) -> None:
    numbers = notified(audits, home, "L1", "L2")
    zhou = desk("zhou")
    one = drafted(zhou, *numbers)
    assert desk("provider").post(f"/findings/{numbers[0]}/move", {"move": "accept", "token": str(uuid4())}).status_code == 302
    refused = zhou.post(f"/documents/{one}/move", {"move": "issue"})
    assert refused.status_code == 409 and "1 条已转到别的环节" in refused.content.decode()
    assert job.execute("SELECT state, number FROM document WHERE id = %s", [one]).fetchone() == ("draft", None)
    assert job.execute("SELECT count(*) FROM document_number").fetchone() == (0,), "no number was taken"
    assert zhou.post(f"/documents/{one}/move", {"move": "discard", "reason": "疑点已变"}).status_code == 302
    again = drafted(zhou, numbers[1])
    assert zhou.post(f"/documents/{again}/move", {"move": "issue"}).status_code == 302


def test_who_signs_who_drafted_and_who_receives_are_told(
    desk: Visit, audits: Audits, home: Home, job: psycopg.Connection
) -> None:
    numbers = notified(audits, home, "L1", "L2")
    zhou, he = desk("zhou"), desk("he")
    one = drafted(zhou, *numbers)
    for who, at, form in (
        (zhou, "move", {"move": "submit"}), (he, "sign", {"move": "return", "reason": "缺附件"}),
        (zhou, "move", {"move": "submit"}), (he, "sign", {"move": "sign"}),
        (he, "sign", {"move": "void", "reason": "文号有误"}),
    ):  # fmt: skip
        assert who.post(f"/documents/{one}/{at}", form).status_code == 302, form
    told = job.execute("SELECT event, account, provider FROM notice_told WHERE event LIKE 'document%%' ORDER BY id")
    assert told.fetchall() == [
        ("documents-wait", None, None), ("document-back", "zhou", None), ("documents-wait", None, None),
        ("documents-came", None, "H1"), ("documents-signed", "zhou", None), ("document-voided", None, "H1"),
    ]  # fmt: skip
    again = drafted(zhou, *numbers)
    assert zhou.post(f"/documents/{again}/move", {"move": "discard", "reason": "不用了"}).status_code == 302
    assert job.execute("SELECT count(*) FROM notice_told WHERE event LIKE 'document%%'").fetchone() == (6,)


def test_a_provider_can_only_receive(desk: Visit, audits: Audits, home: Home, job: psycopg.Connection) -> None:
    numbers = notified(audits, home, "L1")
    one = drafted(desk("zhou"), *numbers)
    assert desk("zhou").post(f"/documents/{one}/move", {"move": "issue"}).status_code == 302
    for wish in ("UPDATE document SET state = 'voided'", "DELETE FROM document_delivery",
                 "INSERT INTO document_delivery (document_id, how, area, provider, day, received_by, by)"
                 f" VALUES ({one}, 'hand', '{AREA}', 'H1', current_date, 'x', 'x')"):  # fmt: skip
        with connect(home, "app") as app:
            app.execute("SELECT set_config('mingcha.provider', 'H1', true)")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(wish)
    assert job.execute("SELECT state FROM document WHERE id = %s", [one]).fetchone() == ("signed",)


def test_every_provider_gets_one_notice_of_all_that_waits(desk: Visit, audits: Audits, home: Home, job: psycopg.Connection) -> None:
    one = [settled(f"L{n}") for n in range(3)]
    two = [settled(f"M{n}", provider="H2", key=f"H2|V1|M{n}") for n in range(2)]
    Office(home).move(ZHOU, "adopt", *record(audits, *one, *two))
    answer = desk("zhou").post("/documents/draft", {"all": "1", "token": str(uuid4())})
    assert answer["Location"].endswith("made=2")
    found = job.execute("SELECT provider, jsonb_array_length(content->'rows') FROM document ORDER BY 1").fetchall()
    assert found == [("H1", 3), ("H2", 2)]
    none = desk("zhou").post("/documents/draft", {"all": "1", "token": str(uuid4())})
    assert none.status_code == 409 and "没有需要起草的" in none.content.decode()
    for (document,) in job.execute("SELECT id FROM document ORDER BY id").fetchall():
        desk("zhou").post(f"/documents/{document}/move", {"move": "issue"})
    archive = desk("zhou").get("/documents/zip?tab=signed")
    with zipfile.ZipFile(BytesIO(b"".join(archive.streaming_content))) as held:  # pyright: ignore[reportArgumentType]
        assert len(held.namelist()) == 2 and all(held.read(name).startswith(b"%PDF-") for name in held.namelist())
    archive.close()
    mine = desk("provider").get("/portal/documents").content.decode()
    assert mine.count("签收并打开") == 1, "a provider sees its own alone"
    others = job.execute("SELECT id FROM document WHERE provider = 'H2'").fetchone() or (0,)
    assert desk("provider").post(f"/portal/documents/{others[0]}/open").status_code == 404


def test_other_areas_and_wrong_forms(desk: Visit, audits: Audits, home: Home) -> None:
    (number,) = notified(audits, home, "L1")
    one = drafted(desk("zhou"), number)
    there = desk("elsewhere")
    for view in ("", "/page.png", "/pdf", "/docx"):
        assert there.get(f"/documents/{one}{view}").status_code == 404
    for view in ("edit", "move", "deliver"):
        assert there.post(f"/documents/{one}/{view}", {"move": "submit"}).status_code == 404
    assert there.post("/documents/draft", {"number": number, "kind": "feedback", "token": str(uuid4())}).status_code == 404
    zhou = desk("zhou")
    for form in ({"move": "sign"}, {"move": ""}, {"move": "discard"}):
        assert zhou.post(f"/documents/{one}/move", form).status_code == 409
    late = {"how": "hand", "day": "2020-01-01", "received_by": "x"}
    assert zhou.post(f"/documents/{one}/deliver", late).status_code == 409, "a draft isn't delivered"
    assert zhou.post(f"/documents/{one}/move", {"move": "issue"}).status_code == 302
    for form in (late, late | {"how": "portal"}, late | {"day": "明天"}, late | {"how": "鸽子"}):
        assert zhou.post(f"/documents/{one}/deliver", form).status_code == 409
    assert zhou.get("/documents?tab=nothing&kind=x&before=abc&q=%27").status_code == 200


def test_without_a_word_nothing_is_signed_and_a_leader_sets_it(desk: Visit, audits: Audits, home: Home) -> None:
    one = drafted(desk("zhou"), *notified(audits, home, "L1"))
    with connect(home, "owner") as owner:
        owner.execute("DELETE FROM facts.setting WHERE key = 'document-organ'")
    answer = desk("zhou").post(f"/documents/{one}/move", {"move": "issue"})
    assert answer.status_code == 409 and "机关代字" in answer.content.decode()
    form = {"area": AREA, "name": "麟游县医疗保障局", "word": "麟医保稽", "contact": "", "since": str(today()), "reason": "启用"}
    for wrong in ({"word": "A1"}, {"since": "2020-01-01"}, {"reason": " "}, {"area": ""}, {"name": ""}):
        assert desk("he").post("/documents/organ", form | wrong).status_code == 409
    assert desk("he").post("/documents/organ", form).status_code == 302
    assert "麟医保稽" in desk("he").get("/documents/organ").content.decode()
    assert desk("zhou").post(f"/documents/{one}/move", {"move": "issue"}).status_code == 302


def test_who_keeps_away_from_a_provider_drafts_and_signs_nothing_of_it(
    desk: Visit, audits: Audits, home: Home, job: psycopg.Connection
) -> None:
    (number,) = notified(audits, home, "L1")
    one = drafted(desk("zhou"), number)
    he = desk("he")
    with connect(home, "owner") as owner:
        owner.execute(
            "INSERT INTO recusal (account, provider, reason, since)"
            " SELECT name, 'H1', 'x', current_date - 1 FROM unnest(ARRAY['zhou', 'he']) AS name"
        )
    for form in ({"number": number, "kind": "feedback"}, {"all": "1"}):
        answer = desk("zhou").post("/documents/draft", form | {"token": str(uuid4())})
        assert answer.status_code == 409
    assert desk("zhou").post(f"/documents/{one}/move", {"move": "issue"}).status_code == 409
    assert he.post(f"/documents/{one}/sign", {"move": "sign"}).status_code == 409
    assert job.execute("SELECT count(*), max(state) FROM document").fetchone() == (1, "draft")


def test_the_notice_of_an_approved_statement(desk: Visit, audits: Audits, home: Home, job: psycopg.Connection) -> None:
    office = Office(home)
    office.sign(*record(audits, settled("L1"), settled("L2", 501)))
    statement = office.draft(until=UNTIL, by=SUN)
    form = {"statement": str(statement), "token": str(uuid4())}
    assert desk("sun").post("/documents/draft", form).status_code == 409, "it isn't approved yet"
    office.approve(statement, by=Actor("boss", "leader"))
    one = drafted(desk("sun"), **{"statement": str(statement)})
    (fen,) = job.execute("SELECT (content->>'fen')::int FROM document").fetchone() or (0,)
    assert fen == office.balance(statement)["deducted_fen"]
    again = desk("sun").post("/documents/draft", {"statement": str(statement), "token": str(uuid4())})
    assert again.status_code == 409, "one notice of a statement"
    assert f"/documents/{one}" in desk("sun").get(f"/money/{statement}").content.decode()


def test_a_template_cannot_reach_what_it_should_not() -> None:
    content = {"organ": "x", "title": "x", "addressee": "x", "body": [], "after": [], "attachments": [], "contact": "",
               "staffing": "", "rows": [], "fen": 0}  # fmt: skip
    told = rendering.fields(content, number="x", day="x")
    for inside in ("{{ nothing }}", "{{ title.__class__.__mro__ }}", "{% if %}"):
        file, word = BytesIO(), Document()
        word.add_paragraph(inside)
        word.save(file)
        with pytest.raises(MingchaError):
            rendering.docx(file.getvalue(), told)


def test_shipped_templates_are_what_the_script_writes() -> None:
    from mingcha.desk.documents.shipping import write

    for kind in ("feedback", "decision", "opinion", "statement"):
        ours, written = (zipfile.ZipFile(BytesIO(one)) for one in (rendering.shipped(kind), write(kind)))
        assert ours.read("word/document.xml") == written.read("word/document.xml")


def test_without_fonts_the_pdf_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "chinese_fonts", lambda: ())
    with pytest.raises(PlatformError, match="fonts-noto-cjk"):
        rendering.pdf({"rows": []})


def test_a_long_table_flows_over_pages() -> None:
    row = {"visit": HOSTILE, "item": HOSTILE, "day": "2026-01-01", "rule": "限儿童", "amount": "1.00", "basis": HOSTILE}
    content = {"organ": "麟游县医疗保障局", "title": HOSTILE, "addressee": HOSTILE, "body": [HOSTILE], "after": [HOSTILE],
               "attachments": [HOSTILE], "contact": HOSTILE, "staffing": HOSTILE, "rows": [row] * 200, "fen": 20_000}  # fmt: skip
    made = rendering.pdf(rendering.fields(content, number="x", day="x"))
    pages = re.search(rb"/Type/Pages/Count (\d+)", made)
    assert pages and int(pages[1]) > 5


