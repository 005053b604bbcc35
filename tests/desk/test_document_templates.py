"""An office's own Word templates: checked before they are taken, used from a day on, inherited, given up again."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from docx import Document

from mingcha.desk.documents import office_templates, rendering
from mingcha.desk.review.papers import place_of
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.terms.calendar import today
from mingcha.terms.errors import UsageError
from tests.desk.factories import AREA, OTHER_AREA, Audits
from tests.desk.test_documents import desk, drafted, notified  # noqa: F401  (desk is a fixture)

if TYPE_CHECKING:
    from django.test import Client

    Visit = Callable[[str | None], Client]

pytestmark = pytest.mark.slow
AT = "/documents/templates"


def word(*paragraphs: str) -> bytes:
    """A Word file with these paragraphs."""
    made, file = Document(), BytesIO()
    for one in paragraphs:
        made.add_paragraph(one)
    made.save(file)
    return file.getvalue()


def with_part(content: bytes, name: str, part: bytes, instead: bool = False) -> bytes:
    """The same Word file with one part more, or with that part exchanged."""
    file = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.infolist():
            if not (instead and one.filename == name):
                new.writestr(one, old.read(one))
        new.writestr(name, part)
    return file.getvalue()


def upload(client: Client, content: bytes, **change: Any) -> Any:
    told = {"area": AREA, "kind": "feedback", "since": str(today()), "reason": "本局版式", **change}
    return client.post(AT, told | {"file": SimpleUploadedFile("本局.docx", content)})


def texts(content: bytes) -> list[str]:
    return [one.text for one in Document(BytesIO(content)).paragraphs]


def signed(client: Client, number: int) -> bytes:
    assert client.post(f"/documents/{number}/move", {"move": "issue"}).status_code == 302
    return client.get(f"/documents/{number}/docx").content


OWN = word("本局专用 {{ organ }} {{ number }}", "{%p for one in rows %}", "{{ one.item }}", "{%p endfor %}")


@pytest.mark.usefixtures("clean")
def test_the_offices_own_words_are_used_until_given_up(
    desk: Visit, audits: Audits, home: Home, job: psycopg.Connection  # noqa: F811
) -> None:
    he, zhou = desk("he"), desk("zhou")
    first, second, third = (drafted(zhou, *notified(audits, home, name)) for name in ("L1", "L2", "L3"))
    assert texts(signed(zhou, first))[0] == "麟游县医疗保障局", "the shipped template begins with the organ"
    assert upload(he, OWN).status_code == 302
    assert "本局.docx" in he.get(AT).content.decode()
    assert texts(signed(zhou, second))[0].startswith("本局专用 麟游县医疗保障局 麟医保稽〔")
    assert not texts(zhou.get(f"/documents/{first}/docx").content)[0].startswith("本局专用"), "what is signed stays"
    assert he.get(f"{AT}/feedback?area={AREA}").content == OWN != he.get(f"{AT}/feedback").content
    gone = he.post(f"{AT}/withdraw", {"area": AREA, "kind": "feedback", "reason": "改版"})
    assert gone.status_code == 302
    assert texts(signed(zhou, third))[0] == "麟游县医疗保障局"
    again = he.post(f"{AT}/withdraw", {"area": AREA, "kind": "feedback", "reason": "改版"})
    assert again.status_code == 409 and "平台自带" in again.content.decode()
    told = [action for (action,) in job.execute("SELECT action FROM trail WHERE action LIKE 'document.template%'"
                                                " ORDER BY id").fetchall()]  # fmt: skip
    assert told == ["document.template", "document.template-off"]


@pytest.mark.usefixtures("clean")
def test_a_later_day_and_an_area_above(desk: Visit, home: Home, job: psycopg.Connection) -> None:  # noqa: F811
    he = desk("he")
    assert upload(he, OWN, since=str(today() + timedelta(days=3))).status_code == 302
    assert _in_force(home) == "", "not before its day"
    assert upload(desk("city"), OWN, area=AREA[:4] + "00").status_code == 302
    assert _in_force(home) == "本局.docx", "the city's, until the county's own day comes"
    wrong = upload(he, OWN, area=OTHER_AREA)
    assert wrong.status_code == 404, "another area doesn't exist"
    assert he.get(f"{AT}?area={OTHER_AREA}").status_code == 404
    assert he.get(f"{AT}/feedback?area={OTHER_AREA}").status_code == 404
    assert he.get(f"{AT}/nothing").status_code == 404
    assert upload(he, OWN, area="").status_code == 409, "no area is not one's own area"
    assert he.get(f"/documents/organ?area={OTHER_AREA}").status_code == 404


def _in_force(home: Home) -> str:
    with connect(home, "app") as app:
        app.execute("SELECT set_config('mingcha.scope', %s, true)", [AREA])
        return office_templates.in_force_name(app.cursor(), AREA, "feedback")


EXTERNAL = (b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            b'<Relationship Id="r9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s"'
            b' Target="http://elsewhere.test/x" TargetMode="External"/></Relationships>')  # fmt: skip


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"%PDF-1.7", "不是 Word 文件"),
        (b"", "不是 Word 文件"),
        (with_part(OWN, "word/vbaProject.bin", b"x"), "宏"),
        (with_part(OWN, "word/embeddings/a.bin", b"x"), "嵌入的对象"),
        (with_part(OWN, "word/_rels/x.xml.rels", EXTERNAL % b"attachedTemplate"), "文件之外"),
        (with_part(OWN, "word/media/big.bin", b"0" * (office_templates.UNPACKED + 1)), "过大"),
        (with_part(OWN, "word/document.xml", b"<w:document", instead=True), "不能填写"),
        (word("{{ organ }} {{ phone }} {{ stamp }}"), "phone、stamp"),
        (word("{{ organ "), "不能填写"),
        (word("{%p for one in rows %}", "{{ one.item }}"), "不能填写"),
        (word("{{ rows[0].nothing.at_all }}"), "nothing"),
        (word("{{ organ.__class__.__mro__ }}"), "不能"),
        (word("{% for n in range(9) %}{{ n }}{% endfor %}"), "range"),
    ],
    ids=["pdf", "empty", "macro", "object", "outside", "bomb", "torn", "fields", "brace", "loop", "row", "reach", "range"],
)
def test_what_can_be_no_template_is_refused_with_the_reason(content: bytes, says: str) -> None:
    with pytest.raises(UsageError) as told:
        office_templates.checked("模板.docx", content)
    assert says in told.value.zh, told.value.zh


def test_links_to_pages_and_shipped_templates_are_fine() -> None:
    assert office_templates.checked("a/b\\本局.docx", with_part(OWN, "word/_rels/x.xml.rels", EXTERNAL % b"hyperlink")) == "本局.docx"
    for kind in ("feedback", "decision", "opinion", "statement"):
        assert office_templates.checked("x.docx", rendering.shipped(kind)) == "x.docx"


@pytest.mark.usefixtures("clean")
def test_bad_forms_write_nothing_and_a_lost_file_is_told(
    desk: Visit, audits: Audits, home: Home, job: psycopg.Connection  # noqa: F811
) -> None:
    he, zhou = desk("he"), desk("zhou")
    for change, says in (({"reason": " "}, "理由"), ({"kind": "x"}, "种类"), ({"since": "2020-01-01"}, "今天"), ({"since": "x"}, "日期")):
        refused = upload(he, OWN, **change)
        assert refused.status_code == 409 and says in refused.content.decode()
    assert "请选择 Word 模板" in he.post(AT, {"area": AREA, "kind": "feedback"}).content.decode()
    assert job.execute("SELECT count(*) FROM facts.setting WHERE key LIKE 'document-template%'").fetchone() == (0,)
    assert upload(he, OWN).status_code == 302
    number = drafted(zhou, *notified(audits, home, "L1"))
    place_of(home, rendering.sha256(OWN)).write_bytes(b"other")
    refused = zhou.post(f"/documents/{number}/move", {"move": "issue"})
    assert refused.status_code == 409 and "缺失或已被改动" in refused.content.decode()
    assert job.execute("SELECT number FROM document WHERE id = %s", [number]).fetchone() == (None,)
    place_of(home, rendering.sha256(OWN)).unlink()


@pytest.fixture
def clean(home: Home) -> Any:
    """Templates that were set are gone after the test."""
    yield
    with connect(home, "owner") as owner:
        owner.execute("SELECT set_config('mingcha.scope', '*', true)")
        owner.execute("DELETE FROM facts.setting WHERE key LIKE 'document-template%'")
