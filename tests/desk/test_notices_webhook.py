"""Webhooks and robots: signed, tried again under one number, never redirected, switched off, rotated, sent once more."""

from __future__ import annotations

import base64
import hmac
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote_plus, urlsplit

import psycopg
import pytest

from mingcha.desk.notices import http, webhook
from mingcha.desk.notices.posting import post
from mingcha.desk.notices.sending import Failure, send_due
from mingcha.desk.notices.telling import tell
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.terms.errors import UsageError
from tests.desk.factories import AREA, OTHER_AREA
from tests.desk.receivers import Hook, hook

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow

Visit = Callable[[str | None], "Client"]
SECRET = re.compile(r'value="(whsec_[^"]+)"')


@pytest.fixture
def receiver() -> Iterator[Hook]:
    with hook() as told:
        yield told


def made(admin: Client, url: str, kind: str = "webhook", **more: Any) -> str:
    """Make an endpoint; its secret as the page shows it, empty for a robot."""
    form = {"area": "*", "name": "局办公系统", "kind": kind, "url": url} | more
    answer = admin.post("/notices/endpoints/add", form)
    assert answer.status_code == (200 if kind == "webhook" else 302), answer.content.decode()
    return unescape(SECRET.findall(answer.content.decode())[0]) if kind == "webhook" else ""


def happens(home: Home, n: int = 12, area: str = AREA, provider: str = "H1") -> None:
    with connect(home, "app") as app:
        tell(app.cursor(), "findings-waiting", by="reviewer", area=area, provider=provider, n=n)
    with connect(home, "job") as job:
        job.execute("UPDATE notice_told SET at = now() - interval '2 hours' WHERE posted_at IS NULL")
    post(home)


def sent(home: Home) -> int:
    with connect(home, "job", autocommit=True) as pg:
        return send_due(home, pg)


def states(job: psycopg.Connection) -> list[tuple[Any, ...]]:
    return job.execute("SELECT state, attempts, error FROM notice_delivery ORDER BY id").fetchall()


def now_due(job: psycopg.Connection) -> None:
    job.execute("UPDATE notice_delivery SET next_at = now() WHERE state IN ('waiting', 'sending')")


def good(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Whether one of the signatures is the secret's, computed as the standard's text says."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body.decode()}".encode()
    key = base64.b64decode(secret.split("_", 1)[1])
    mine = "v1," + base64.b64encode(hmac.new(key, signed, "sha256").digest()).decode()
    return mine in headers["webhook-signature"].split(" ")


def test_a_signature_is_the_standards() -> None:
    """The example of the standard's own libraries."""
    secret, number = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    signed = webhook.signature(secret, number, 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_happened_is_sent_signed_and_once(
    home: Home, receiver: Hook, visit_as: Visit, job: psycopg.Connection, settings_of: Callable[..., None]
) -> None:
    settings_of("notices-links", json.dumps({"address": "https://mingcha.example", "internal": True}))
    secret = made(visit_as("admin"), receiver.url)
    happens(home)
    assert sent(home) == 1
    ((headers, body, path),) = receiver.got
    assert path == "/hooks/mingcha?key=s3cret"
    assert good(secret, headers, body)
    assert not good(webhook.new_secret(), headers, body)
    told = json.loads(body)
    assert told["type"] == "findings-waiting"
    assert told["data"] == {"n": 12, "text": "12 条疑点待反馈，请在期限内答复", "area": AREA, "provider": "H1",
                            "link": "https://mingcha.example/portal?tab=notified"}  # fmt: skip
    assert states(job) == [("sent", 1, "")]
    assert job.execute("SELECT count(*) FROM notice_count WHERE account LIKE 'endpoint%'").fetchone() == (0,)
    assert sent(home) == 0


def test_tried_again_it_has_the_same_number_and_body(
    home: Home, receiver: Hook, visit_as: Visit, job: psycopg.Connection
) -> None:
    secret = made(visit_as("admin"), receiver.url)
    happens(home)
    for status, said in ((500, "500"), (302, "302, a redirect, which is not followed"), (204, "")):
        receiver.answer = (status, {"Location": f"{receiver.url}&elsewhere"}, b"x" * 100_000, 0)
        sent(home)
        assert states(job)[0][2] == (said and f"the server answered {said}")
        now_due(job)
    assert len(receiver.got) == 3, "the redirect was not followed"
    assert len({(headers["webhook-id"], body) for headers, body, _ in receiver.got}) == 1
    assert all(good(secret, headers, body) for headers, body, _ in receiver.got)
    assert states(job) == [("sent", 3, "")]


def test_a_slow_receiver_is_left(
    home: Home, receiver: Hook, visit_as: Visit, job: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "STEP", 0.5)
    made(visit_as("admin"), receiver.url)
    happens(home)
    receiver.answer = (204, {}, b"", 3)
    sent(home)
    assert states(job) == [("waiting", 1, "no answer: TimeoutError")]


def test_a_receiver_that_drips_is_cut_off(receiver: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time, the whole of five seconds doesn't."""
    monkeypatch.setattr(http, "WHOLE", 0.6)
    def drip(handler: Any) -> None:
        import time

        handler.rfile.read(int(handler.headers["Content-Length"]))
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(50):
            handler.wfile.write(b"x")
            time.sleep(0.1)

    from tests.desk import receivers

    monkeypatch.setattr(receivers._Http, "do_POST", drip)
    assert len(http.post(receiver.url, b"{}", {}, internal=True).body) < 50


@pytest.mark.parametrize("url", [
    "http://127.0.0.1:1/", "http://[::1]:1/", "http://10.1.2.3/", "http://192.168.0.1/", "http://localhost:1/",
    "http://[::ffff:10.0.0.1]/",
])  # fmt: skip
def test_internal_addresses_are_refused_where_the_area_says_so(url: str) -> None:
    with pytest.raises(Failure, match="internal address"):
        http.post(url, b"{}", {}, internal=False)


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest", "http://0.0.0.0/", "http://224.0.0.1/"])
def test_some_addresses_are_never_asked(url: str) -> None:
    with pytest.raises(Failure, match="internal address"):
        http.post(url, b"{}", {}, internal=True)


@pytest.mark.parametrize("url", [
    "ftp://x/", "file:///etc/passwd", "javascript:alert(1)", "http://", "https://user:pass@host/", "http://a b/",
    "http://host/\r\nX: y", "http://host:99999/", "http://主机/", "",
])  # fmt: skip
def test_an_address_that_is_none_is_refused_in_words(url: str) -> None:
    with pytest.raises(UsageError, match="https://"):
        http.checked_url(url)


def test_the_setting_reaches_the_sender(
    home: Home, receiver: Hook, visit_as: Visit, job: psycopg.Connection, settings_of: Callable[..., None]
) -> None:
    settings_of("notices-links", json.dumps({"internal": False}))
    made(visit_as("admin"), receiver.url)
    happens(home)
    sent(home)
    assert receiver.got == []
    assert states(job)[0][2] == "the name leads to an internal address, which the area doesn't allow"


def test_after_three_days_it_is_switched_off_and_told(
    home: Home, receiver: Hook, visit_as: Visit, job: psycopg.Connection
) -> None:
    admin = visit_as("admin")
    made(admin, receiver.url)
    receiver.answer = (500, {}, b"", 0)
    happens(home)
    sent(home)
    happens(home, 3)
    job.execute("UPDATE notice_endpoint SET failing_since = now() - interval '73 hours'")
    now_due(job)
    sent(home)
    assert job.execute("SELECT state FROM notice_endpoint").fetchone() == ("broken",)
    assert {state for state, _, _ in states(job)} == {"given_up"}
    post(home)
    assert "推送“局办公系统”连续失败，已停用" in admin.get("/notices").content.decode()
    got = len(receiver.got)
    happens(home, 4)
    assert sent(home) == 0
    assert len(receiver.got) == got
    receiver.answer = (204, {}, b"", 0)
    assert admin.post("/notices/endpoints/1/act", {"act": "on"}).status_code == 302
    happens(home, 5)
    assert sent(home) == 1
    assert job.execute("SELECT state, failing_since FROM notice_endpoint").fetchone() == ("on", None)


def test_gone_is_gone_at_once(home: Home, receiver: Hook, visit_as: Visit, job: psycopg.Connection) -> None:
    made(visit_as("admin"), receiver.url)
    receiver.answer = (410, {}, b"", 0)
    happens(home)
    sent(home)
    assert states(job) == [("given_up", 1, "the server answered 410")]
    assert job.execute("SELECT state FROM notice_endpoint").fetchone() == ("broken",)


def test_both_secrets_sign_while_one_replaces_the_other(
    home: Home, receiver: Hook, visit_as: Visit, job: psycopg.Connection
) -> None:
    admin = visit_as("admin")
    old = made(admin, receiver.url)
    page = admin.post("/notices/endpoints/1/act", {"act": "rotate"}).content.decode()
    new = unescape(SECRET.findall(page)[0])
    happens(home)
    sent(home)
    headers, body, _ = receiver.got[0]
    assert good(old, headers, body)
    assert good(new, headers, body)
    with connect(home, "owner") as owner:
        owner.execute("SELECT set_config('mingcha.scope', '*', true)")
        owner.execute("UPDATE notice_endpoint SET former_until = now() - interval '1 second'")
    happens(home, 3)
    sent(home)
    headers, body, _ = receiver.got[1]
    assert good(new, headers, body)
    assert not good(old, headers, body)
    shown = admin.get("/notices/endpoints/1").content.decode() + str(job.execute("SELECT detail::text FROM trail").fetchall())
    stored = str(job.execute("SELECT * FROM notice_endpoint").fetchall())
    assert new not in shown + stored
    assert "s3cret" not in shown + stored, "an address may hold a key"


def test_sent_once_more_by_hand_it_has_its_old_number(home: Home, receiver: Hook, visit_as: Visit) -> None:
    admin = visit_as("admin")
    made(admin, receiver.url)
    happens(home)
    sent(home)
    assert admin.post("/notices/endpoints/1/act", {"act": "again", "delivery": "1"}).status_code == 302
    sent(home)
    assert [headers["webhook-id"] for headers, _, _ in receiver.got] == [receiver.got[0][0]["webhook-id"]] * 2
    for bad in ("9", "x", ""):
        assert admin.post("/notices/endpoints/1/act", {"act": "again", "delivery": bad}).status_code == 404
    assert admin.post("/notices/endpoints/1/act", {"act": "nonsense"}).status_code == 404


def test_a_test_tells_what_the_receiver_says(receiver: Hook, visit_as: Visit) -> None:
    admin = visit_as("admin")
    made(admin, receiver.url)
    assert admin.post("/notices/endpoints/1/act", {"act": "try"}).headers["Location"].endswith("?tried=1")
    assert json.loads(receiver.got[0][1])["data"]["test"] is True
    receiver.answer = (403, {}, b"", 0)
    answer = admin.post("/notices/endpoints/1/act", {"act": "try"})
    assert answer.status_code == 409
    assert "服务器答复 403" in answer.content.decode()


def test_an_area_hears_of_its_own_and_of_what_it_chose(
    home: Home, receiver: Hook, people: Any, visit_as: Visit, job: psycopg.Connection
) -> None:
    people("admin-here", "admin", AREA)
    here = visit_as("admin-here")
    made(here, receiver.url, area=AREA)
    assert here.post("/notices/endpoints/add", {"area": "*", "name": "x", "kind": "webhook", "url": receiver.url}).status_code == 409
    made(visit_as("admin"), receiver.url + "&all", event=["appeals-came"])
    happens(home, 1, AREA)
    happens(home, 2, OTHER_AREA, "H9")
    sent(home)
    assert [json.loads(body)["data"]["n"] for _, body, _ in receiver.got] == [1]
    for act in ({"act": "try"}, {"act": "rotate"}, {"act": "off"}, {"act": "again", "delivery": "1"}):
        assert here.post("/notices/endpoints/2/act", act).status_code == 404
    assert here.get("/notices/endpoints/2").status_code == 404
    assert here.get("/notices/endpoints/1").status_code == 200
    for name in ("admin-here", "admin", "supervisor", "county"):
        client, page = visit_as(name), visit_as(name).get("/notices?tab=all").content.decode()
        assert "没有这样的通知" in page, "what an endpoint is told is nobody's own notice"
        number = job.execute("SELECT max(id) FROM notice WHERE recipient = 'endpoint:1'").fetchone() or (0,)
        assert client.post(f"/notices/{number[0]}/open").status_code == 404


def test_robots_of_chat_groups(
    home: Home, receiver: Hook, visit_as: Visit, job: psycopg.Connection, settings_of: Callable[..., None]
) -> None:
    settings_of("notices-quiet", json.dumps({"since": "00:00", "until": "00:00", "rest_days": False}))
    admin = visit_as("admin")
    made(admin, receiver.url, "dingtalk", secret="SECabc")
    receiver.answer = (200, {}, b'{"errcode": 310000, "errmsg": "sign not match"}', 0)
    happens(home)
    sent(home)
    assert states(job) == [("waiting", 1, "the robot answered errcode 310000")]
    receiver.answer = (200, {}, b'{"errcode":0,"errmsg":"ok"}', 0)
    now_due(job)
    sent(home)
    _, body, path = receiver.got[-1]
    assert json.loads(body) == {"msgtype": "text", "text": {"content": "【明察】H1：12 条疑点待反馈，请在期限内答复"}}
    query = parse_qs(urlsplit(path).query)
    signed = hmac.new(b"SECabc", f"{query['timestamp'][0]}\nSECabc".encode(), "sha256").digest()
    assert f"sign={quote_plus(base64.b64encode(signed))}" in path
    assert states(job) == [("sent", 2, "")]
    assert admin.post("/notices/endpoints/1/act", {"act": "rotate"}).status_code == 409


def test_a_group_is_left_in_peace_at_night(
    home: Home, receiver: Hook, visit_as: Visit, settings_of: Callable[..., None]
) -> None:
    settings_of("notices-quiet", json.dumps({"since": "00:00", "until": "23:59", "rest_days": False}))
    made(visit_as("admin"), receiver.url, "wecom")
    happens(home)
    assert sent(home) == 0


def test_killed_between_sending_and_recording_it_goes_once_more_with_its_number(
    home: Home, receiver: Hook, visit_as: Visit, job: psycopg.Connection
) -> None:
    made(visit_as("admin"), receiver.url)
    happens(home)
    process: list[subprocess.Popen[bytes]] = []

    def kill() -> None:
        if process:
            process.pop().kill()

    receiver.on_got = kill
    environment = os.environ | {"MINGCHA_HOME": str(home.path), "MINGCHA_DESK_ROLE": "app"}
    started = subprocess.Popen([sys.executable, "-m", "mingcha.desk.notices.sending"], env=environment)
    process.append(started)
    assert started.wait(120) == -9
    assert [(state, attempts) for state, attempts, _ in states(job)] == [("sending", 1)]
    now_due(job)
    assert sent(home) == 1
    assert len({headers["webhook-id"] for headers, _, _ in receiver.got}) == 1
    assert states(job) == [("sent", 2, "")]


def test_the_receiver_of_the_guide_takes_each_message_once(
    home: Home, visit_as: Visit, job: psycopg.Connection
) -> None:
    """The sample in docs/how-to, as a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    admin = visit_as("admin")
    secret = made(admin, f"http://127.0.0.1:{port}/")
    sample = Path(__file__).parents[2] / "docs" / "how-to" / "webhook_receiver.py"
    with subprocess.Popen([sys.executable, sample, str(port), secret], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True) as process:  # fmt: skip
        try:
            happens(home)
            for _ in range(200):  # until it listens
                sent(home)
                if states(job)[0][0] == "sent":
                    break
                now_due(job)
                sleep(0.1)
            admin.post("/notices/endpoints/1/act", {"act": "again", "delivery": "1"})
            sent(home)
            assert states(job) == [("sent", 1, "")]
            admin.post("/notices/endpoints/1/act", {"act": "rotate"})
            with connect(home, "owner") as owner:
                owner.execute("SELECT set_config('mingcha.scope', '*', true)")
                owner.execute("UPDATE notice_endpoint SET former_until = now() - interval '1 second'")
            happens(home, 3)
            sent(home)
            assert states(job)[1] == ("waiting", 1, "the server answered 401"), "it knows the old secret only"
        finally:
            process.kill()
        assert process.stdout
        taken = process.stdout.read().splitlines()
    assert [line.split(" ", 1)[1] for line in taken] == ["findings-waiting 12 条疑点待反馈，请在期限内答复"]
