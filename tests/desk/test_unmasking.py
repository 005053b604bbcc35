"""Names and numbers are masked; shown once with a reason that stays; who looks is marked on what they see."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING

import psycopg
import pyarrow as pa
import pytest

from mingcha.home.directory import Home
from mingcha.procedure.identity import finding_id
from mingcha.records import identity
from tests.desk.factories import AREA, OTHER_AREA, Audits, flag

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow

Visit = Callable[[str | None], "Client"]
HERE = finding_id(AREA, "drug-for-children", "line", "H1|V1|L1")
NAME, NUMBER, PHONE = "欧阳明月", "610329198001019990", "13900008888"


@pytest.fixture
def token(audits: Audits, home: Home) -> int:
    """The token of a known person with a finding."""
    told = {"person_name": pa.array([NAME]), "id_number": pa.array([NUMBER]), "phone": pa.array([PHONE])}
    (made,) = identity.tokens(home, pa.array(["P-unmask-1"]), told, AREA).to_pylist()
    audits.record([flag("L1", person=made, care_area=OTHER_AREA)])
    return made


def test_a_name_is_shown_once_with_a_reason_that_stays(token: int, visit_as: Visit, job: psycopg.Connection) -> None:
    client, at = visit_as("county"), f"/findings/{HERE}"
    masked = client.get(at).content.decode()
    assert "欧**月" in masked and not any(word in masked for word in (NAME, NUMBER, PHONE))
    assert client.post(f"{at}/unmask", {"reason": " "}).status_code == 409
    shown = client.post(f"{at}/unmask", {"reason": "电话核实就诊"}).content.decode()
    assert all(word in shown for word in (NAME, NUMBER, PHONE))
    assert NAME not in client.get(at).content.decode(), "the next view is masked again"
    noted = job.execute("SELECT by, subject, detail::text FROM trail WHERE action = 'person.unmask'").fetchall()
    assert [(by, subject, json.loads(detail)) for by, subject, detail in noted] == [
        ("county", f"person:{token}", {"reason": "电话核实就诊", "finding": HERE})
    ]


@pytest.mark.parametrize(("name", "status"), [("knowledge", 403), ("admin", 403), ("finance", 403), ("leader", 200),
                                              ("reviewer", 200), ("elsewhere", 409)])  # fmt: skip
def test_who_may_see_names(token: int, visit_as: Visit, job: psycopg.Connection, name: str, status: int) -> None:
    """The place of care supervises the finding, yet may not open whose it is."""
    answer = visit_as(name).post(f"/findings/{HERE}/unmask", {"reason": "核实"})
    assert answer.status_code == status
    assert (NAME in answer.content.decode()) == (status == 200)
    entries = job.execute("SELECT count(*) FROM trail WHERE action = 'person.unmask'").fetchone()
    assert entries == (int(status == 200),)


def test_a_finding_of_another_area_is_not_there_to_unmask(audits: Audits, visit_as: Visit) -> None:
    audits.record([flag("L1")])
    assert visit_as("elsewhere").post(f"/findings/{HERE}/unmask", {"reason": "核实"}).status_code == 404


def test_pages_and_exports_say_who_took_them(token: int, visit_as: Visit) -> None:
    client = visit_as("county")
    assert 'class="marked"' in client.get(f"/findings/{HERE}").content.decode()
    tile = client.get("/watermark.svg")
    assert tile["Content-Type"] == "image/svg+xml" and tile["Cache-Control"] == "no-store"
    assert "何敏" in tile.content.decode() and "county" in tile.content.decode()
    for at in ("/findings/export", "/reminders/export"):
        answer = client.get(at)
        book = zipfile.ZipFile(BytesIO(b"".join(answer.streaming_content)))
        answer.close()
        sheets = [book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        assert any("&amp;L何敏 county " in sheet for sheet in sheets), at
