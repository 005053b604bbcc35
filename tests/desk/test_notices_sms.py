"""SMS through each adapter: a gateway by template, the machine's own program, a folder; and the area's defaults."""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from mingcha.desk.notices.posting import post
from mingcha.desk.notices.sending import send_due
from mingcha.desk.notices.sms import field_of, filled
from mingcha.desk.notices.telling import tell
from mingcha.home.database import connect
from mingcha.home.directory import Home
from tests.desk.factories import AREA
from tests.desk.receivers import Hook, hook

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow

Visit = Callable[[str | None], "Client"]
NUMBER = "13900001234"
FORM = {"area": "*", "part": "sms", "adapter": "http", "signature": "明察"}
TEMPLATE = '{"to": ["{number}"], "body": {"text": "{text}", "key": "{password}"}, "serial": "{id}", "count": 1}'


@pytest.fixture
def gateway() -> Iterator[Hook]:
    with hook() as told:
        told.answer = (200, {}, b'{"data": {"code": 0}}', 0)
        yield told


@pytest.fixture
def by_sms(visit_as: Visit, settings_of: Any) -> Client:
    """The provider's account has given a number; its browser."""
    client = visit_as("provider")
    assert client.post("/notices/address", {"channel": "sms", "address": NUMBER}).status_code == 302
    return client


def chosen(visit_as: Visit, **more: Any) -> Any:
    return visit_as("admin").post("/notices/channels/set", FORM | more)


def happens(home: Home, n: int = 7) -> None:
    """Something urgent, twice: answers are due."""
    with connect(home, "app") as app:
        for area in (AREA, "610300"):
            tell(app.cursor(), "findings-due", by="clock", area=area, provider="H1", n=n, due="2026-11-25", subject=area)
        tell(app.cursor(), "findings-waiting", by="reviewer", area=AREA, provider="H1", n=n)
    post(home)


def sent(home: Home) -> int:
    with connect(home, "job", autocommit=True) as pg:
        return send_due(home, pg)


def states(job: psycopg.Connection) -> list[tuple[Any, ...]]:
    return job.execute("SELECT channel, state, attempts, error FROM notice_delivery ORDER BY id").fetchall()


@pytest.mark.usefixtures("by_sms")
def test_a_gateway_gets_what_its_template_says(
    home: Home, gateway: Hook, visit_as: Visit, job: psycopg.Connection
) -> None:
    answer = chosen(visit_as, url=gateway.url, template=TEMPLATE, headers="X-App: {user}\nAuthorization: Basic {password}",
                    user="bureau", password="hunter2", ok_field="data.code", ok_value="0")  # fmt: skip
    assert answer.status_code == 302, answer.content.decode()
    happens(home)
    assert sent(home) == 1
    ((headers, body, _),) = gateway.got
    told = json.loads(body)
    assert told["to"] == [NUMBER]
    assert told["count"] == 1
    assert told["body"] == {"text": "【明察】7 条疑点的反馈期限在 2026-11-25 前届满；另有 1 件事，详见工作台通知", "key": "hunter2"}
    assert (headers["x-app"], headers["authorization"]) == ("bureau", "Basic hunter2")
    assert states(job) == [("sms", "sent", 1, "")] * 2, "what isn't urgent goes by no SMS unless somebody wants it"
    everything = str(job.execute("SELECT detail::text FROM trail").fetchall()) + str(
        job.execute("SELECT value::text FROM facts.setting").fetchall())  # fmt: skip
    page = visit_as("admin").get("/notices/channels?area=*").content.decode()
    assert "hunter2" not in everything + page
    assert NUMBER not in everything + page + str(job.execute("SELECT * FROM notice_person").fetchall())


@pytest.mark.usefixtures("by_sms")
def test_a_gateway_that_declines_is_asked_again_and_given_up(
    home: Home, gateway: Hook, visit_as: Visit, job: psycopg.Connection
) -> None:
    chosen(visit_as, url=gateway.url, template=TEMPLATE, ok_field="data.code", ok_value="0")
    gateway.answer = (200, {}, '{"data": {"code": "余额不足"}}'.encode(), 0)
    happens(home)
    for attempt in range(1, 7):
        sent(home)
        state = "waiting" if attempt < 6 else "given_up"
        assert states(job) == [("sms", state, attempt, "the gateway said '余额不足'")] * 2
        job.execute("UPDATE notice_delivery SET next_at = now()")
    assert len({json.loads(body)["serial"] for _, body, _ in gateway.got}) == 1, "one number for all attempts"


def test_the_machines_own_program(
    home: Home, visit_as: Visit, by_sms: Client, job: psycopg.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen(visit_as, adapter="command", command="rm -rf /")
    happens(home)
    sent(home)
    assert {row[3] for row in states(job)} == {"MINGCHA_SMS_COMMAND isn't set on this machine"}, "never from the browser"
    place, program = tmp_path / "got", tmp_path / "send sms.py"
    program.write_text("import sys; open(sys.argv[1], 'wb').write(sys.stdin.buffer.read())")
    monkeypatch.setenv("MINGCHA_SMS_COMMAND", f"{sys.executable} '{program}' {place}")
    job.execute("UPDATE notice_delivery SET next_at = now()")
    sent(home)
    told = json.loads(place.read_text("utf-8"))
    assert told["number"] == NUMBER
    assert "反馈期限" in told["text"]
    monkeypatch.setenv("MINGCHA_SMS_COMMAND", "false")
    happens(home, 8)
    sent(home)
    assert states(job)[-1][1:] == ("waiting", 1, "the program ended with 1")


@pytest.mark.usefixtures("by_sms")
def test_a_spool_folder(home: Home, visit_as: Visit, job: psycopg.Connection) -> None:
    chosen(visit_as, adapter="folder")
    happens(home)
    sent(home)
    (file,) = (home.path / "outbox" / "sms").iterdir()
    head, _, text = file.read_bytes().partition(b"\n\n")
    assert head.decode() == f"To: 86{NUMBER}\nAlphabet: UCS"
    assert text.decode("utf-16-be").startswith("【明察】7 条疑点")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    job.execute("UPDATE notice_delivery SET state = 'waiting', ended_at = NULL, next_at = now()")
    sent(home)
    assert [one.name for one in (home.path / "outbox" / "sms").iterdir()] == [file.name], "once more is the same file"


@pytest.mark.parametrize(("change", "words"), [
    ({"adapter": "fax"}, "请选择短信"), ({"url": "x"}, "https://"), ({"template": "{"}, "模板"),
    ({"template": '{"a": "b"}'}, "模板"), ({"headers": "a b: c"}, "请求头"), ({"headers": "X: \x01"}, "请求头"),
])  # fmt: skip
def test_bad_settings_are_refused_in_words(visit_as: Visit, change: dict[str, str], words: str) -> None:
    answer = chosen(visit_as, **({"url": "https://sms.example/", "template": TEMPLATE} | change))
    assert answer.status_code == 409
    assert words in answer.content.decode()


def test_a_test_goes_at_once(gateway: Hook, visit_as: Visit, settings_of: Any) -> None:
    chosen(visit_as, url=gateway.url, template=TEMPLATE)
    trial = {"area": "*", "channel": "sms", "to": NUMBER}
    assert visit_as("admin").post("/notices/channels/try", trial).status_code == 302
    assert json.loads(gateway.got[0][1])["to"] == [NUMBER]
    for to, words in (("12", "11 位"), ("", "填写")):
        assert words in visit_as("admin").post("/notices/channels/try", trial | {"to": to}).content.decode()


def test_a_text_ends_no_field_of_a_template() -> None:
    told = filled({"a": "x{text}y", "b": ["{number}", 1]}, {"text": '"},{password}', "number": "1", "password": "p"})
    assert told == {"a": 'x"},{password}y', "b": ["1", 1]}
    assert field_of(b'{"a": {"b": [true]}}', "a.b") == "[True]"
    assert field_of(b"<html>", "a") == field_of(b"[1]", "a") == ""


@pytest.mark.usefixtures("by_sms")
def test_an_area_says_what_goes_unless_a_person_does(
    home: Home, visit_as: Visit, job: psycopg.Connection, by_sms: Client
) -> None:
    chosen(visit_as, adapter="folder")
    form = {"area": AREA, "part": "defaults", "want": ["findings-waiting/sms", "nonsense/sms", "assigned/x"]}
    assert visit_as("admin").post("/notices/channels/set", form).status_code == 302
    happens(home)
    events = "SELECT DISTINCT n.event FROM notice_delivery d JOIN notice n ON n.id = d.notice_id"
    assert job.execute(events).fetchall() == [("findings-waiting",)]
    page = by_sms.get("/notices/wishes").content.decode()
    assert 'value="findings-waiting/sms" aria-label="N 条疑点待反馈，请在期限内答复：短信" checked' in page
    by_sms.post("/notices/wishes/set", {"rhythm": "soon", "want": ["findings-due/sms"]})
    job.execute("DELETE FROM notice_delivery")
    happens(home, 9)
    assert job.execute(events).fetchall() == [("findings-due",)]
