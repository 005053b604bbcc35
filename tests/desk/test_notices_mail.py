"""Notices by e-mail: folded, held back in quiet hours, sent again, given up, and at most doubled by a kill."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingcha.desk.notices.posting import post
from mingcha.desk.notices.quiet import Quiet, next_round, release
from mingcha.desk.notices.sending import WAITS, send_due
from mingcha.desk.notices.telling import tell, tell_each
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.home.tls import certificate
from mingcha.terms.calendar import SHANGHAI, works
from tests.desk.factories import AREA
from tests.desk.receivers import MailServer, mail_server

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow

Visit = Callable[[str | None], "Client"]
TO = "zhang.wei@hospital.example"


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server."""
    with mail_server() as told:
        yield told


@pytest.fixture
def by_mail(settings_of: Callable[..., None], server: MailServer, visit_as: Visit) -> Client:
    """The provider's account wants mail, by that server, at any hour; its browser."""
    settings_of("notices-mail", mail_settings(server))
    settings_of("notices-quiet", json.dumps({"since": "00:00", "until": "00:00", "rest_days": False}))
    client = visit_as("provider")
    assert client.post("/notices/address", {"channel": "email", "address": TO}).status_code == 302
    return client


def mail_settings(server: MailServer, security: str = "none", **more: Any) -> str:
    told = {"host": "127.0.0.1", "port": server.port, "security": security, "user": "", "sender": "mingcha@bureau.example"}
    return json.dumps(told | more)


def told(home: Home, *numbers: int) -> None:
    """The provider is told of findings, of a window that is over."""
    for n in numbers:
        with connect(home, "app") as app:
            tell(app.cursor(), "findings-waiting", by="reviewer", area=AREA, provider="H1", n=n)
    with connect(home, "job") as job:
        job.execute("UPDATE notice_told SET at = date_bin('30 min', now(), timestamptz '2020-01-01 00:00+08')"
                    " - interval '1 hour' WHERE posted_at IS NULL")  # fmt: skip
    post(home)


def sent(home: Home) -> int:
    with connect(home, "job", autocommit=True) as pg:
        return send_due(home, pg)


def states(job: psycopg.Connection) -> list[tuple[Any, ...]]:
    return job.execute("SELECT state, attempts, error FROM notice_delivery ORDER BY id").fetchall()


def now_due(job: psycopg.Connection) -> None:
    job.execute("UPDATE notice_delivery SET next_at = now() WHERE state IN ('waiting', 'sending')")


@pytest.mark.usefixtures("by_mail")
def test_what_was_told_within_a_window_is_one_mail(home: Home, server: MailServer, job: psycopg.Connection) -> None:
    told(home, 12, 3)
    with connect(home, "app") as app:
        tell(app.cursor(), "statement-issued", by="leader", provider="H1", subject="KK1", statement=1, number="KK1")
    post(home)
    assert sent(home) == 1
    (mail,) = server.taken
    assert mail["To"] == TO
    assert mail["Subject"] == "【明察】2 件事等您办理"
    assert "15 条疑点待反馈" in server.texts[0]
    assert "扣款单 KK1 已签发" in server.texts[0]
    assert "http" not in server.texts[0], "nobody has said where the desk is"
    assert states(job) == [("sent", 1, "")] * 2
    assert sent(home) == 0


@pytest.mark.usefixtures("by_mail")
def test_the_window_must_be_over(home: Home, server: MailServer, job: psycopg.Connection) -> None:
    with connect(home, "app") as app:
        tell(app.cursor(), "findings-waiting", by="reviewer", area=AREA, provider="H1", n=1)
    post(home)
    (left,) = job.execute("SELECT next_at - now() FROM notice_delivery").fetchone() or (timedelta(),)
    assert timedelta() < left <= timedelta(minutes=31)
    assert sent(home) == 0
    told(home, 4)
    now_due(job)
    assert sent(home) == 1
    assert "2 件事" in str(server.taken[0]["Subject"]), "two windows, one mail"


def test_links_lead_to_the_desk(
    home: Home, server: MailServer, by_mail: Client, settings_of: Callable[..., None]
) -> None:
    settings_of("notices-links", json.dumps({"address": "https://mingcha.example"}))
    told(home, 12)
    sent(home)
    assert "https://mingcha.example/portal?tab=notified" in server.texts[0]
    assert str(server.taken[0]["Subject"]).strip() == "【明察】12 条疑点待反馈，请在期限内答复"


def test_what_was_read_is_not_mailed(home: Home, server: MailServer, by_mail: Client, job: psycopg.Connection) -> None:
    told(home, 12)
    by_mail.post("/notices/read", {"all": "1"})
    assert sent(home) == 0
    assert states(job) == [("dropped", 0, "")]
    told(home, 5)
    assert sent(home) == 1
    assert "5 条疑点待反馈" in server.texts[0]


def test_what_nobody_wants_is_not_planned(home: Home, by_mail: Client, job: psycopg.Connection) -> None:
    by_mail.post("/notices/wishes/set", {"rhythm": "soon", "want": ["statement-issued/email"]})
    told(home, 12)
    assert states(job) == []
    by_mail.post("/notices/address", {"channel": "email", "address": ""})
    with connect(home, "app") as app:
        tell(app.cursor(), "statement-issued", by="leader", provider="H1", subject="KK1", statement=1, number="KK1")
    post(home)
    assert states(job) == []
    entries = job.execute("SELECT action, detail FROM trail WHERE action ~ '^notices' ORDER BY id").fetchall()
    assert [action for action, _ in entries] == ["notices.address", "notices.wishes", "notices.address-gone"]
    assert entries[1][1]["new"]["findings-waiting email"] is False
    assert "statement-issued email" not in entries[1][1]["new"], "unchanged"
    assert TO not in str(entries)


@pytest.mark.usefixtures("by_mail")
def test_a_recipient_that_is_refused_is_given_up_another_failure_is_tried_again(
    home: Home, server: MailServer, job: psycopg.Connection
) -> None:
    told(home, 1)
    server.refuse[TO] = 451
    for attempt in (1, 2):
        assert sent(home) == 1
        assert states(job) == [("waiting", attempt, "the server refused the recipient (451)")]
        assert sent(home) == 0, "not before its time"
        now_due(job)
    server.refuse[TO] = 550
    sent(home)
    assert states(job) == [("given_up", 3, "the server refused the recipient (550)")]
    assert TO not in str(job.execute("SELECT error FROM notice_delivery").fetchall())


@pytest.mark.usefixtures("by_mail")
def test_a_server_that_is_down_is_tried_for_three_days(home: Home, job: psycopg.Connection, settings_of: Any) -> None:
    told(home, 1)
    with connect(home, "owner") as owner:
        owner.execute("UPDATE facts.setting SET value = jsonb_set(value, '{port}', '9') WHERE key = 'notices-mail'")
    for attempt in range(1, len(WAITS) + 1):
        sent(home)
        assert states(job) == [("waiting", attempt, "the server can't be reached: ConnectionRefusedError")]
        now_due(job)
    sent(home)
    assert [state for state, _, _ in states(job)] == ["given_up"]
    assert 60 < sum(WAITS) / 3600 < 84


def test_the_password_is_sealed_and_used(
    home: Home, server: MailServer, visit_as: Visit, job: psycopg.Connection, settings_of: Callable[..., None]
) -> None:
    admin = visit_as("admin")
    server.users["mingcha"] = "correct horse"
    form = {"area": "*", "part": "mail", "host": "127.0.0.1", "port": server.port, "security": "none", "user": "mingcha",
            "sender": "mingcha@bureau.example"}  # fmt: skip
    trial = {"area": "*", "channel": "email", "to": TO}
    for password, said in (("wrong", 409), ("correct horse", 302), ("", 302)):
        assert admin.post("/notices/channels/set", form | {"password": password}).status_code == 302
        answer = admin.post("/notices/channels/try", trial)
        assert answer.status_code == said, answer.content.decode()
    assert len(server.taken) == 2, "none given keeps the one before"
    assert "服务器不认用户名和密码" in _refused(admin, form | {"password": "wrong"}, trial)
    page = admin.get("/notices/channels?area=*").content.decode()
    assert "已保存，不改就不填" in page
    stored = str(job.execute("SELECT value::text FROM facts.setting").fetchall())
    everything = page + stored + str(job.execute("SELECT detail::text FROM trail").fetchall())
    assert "correct horse" not in everything
    assert "notices.try" in str(job.execute("SELECT action FROM trail").fetchall())


def test_a_password_goes_to_no_other_server(people: Callable[..., Any], visit_as: Visit, settings_of: Any) -> None:
    form = {"area": "*", "part": "mail", "host": "smtp.example", "port": 25, "security": "none", "user": "u",
            "sender": "a@b.example"}  # fmt: skip
    admin, here = visit_as("admin"), "/notices/channels/set"
    assert admin.post(here, form | {"password": "correct horse"}).status_code == 302
    assert admin.post(here, form | {"sender": "c@d.example"}).status_code == 302
    for change in ({"host": "evil.example"}, {"port": 26}):
        assert "请重新填写密码" in admin.post(here, form | change).content.decode()
    people("admin-here", "admin", AREA)
    answer = visit_as("admin-here").post(here, form | {"area": AREA})
    assert "请重新填写密码" in answer.content.decode(), "an area below doesn't get the password of the one above"


def _refused(admin: Client, form: dict[str, Any], trial: dict[str, Any]) -> str:
    admin.post("/notices/channels/set", form)
    return admin.post("/notices/channels/try", trial).content.decode()


@pytest.mark.parametrize(("change", "words"), [
    ({"host": "a b"}, "邮件服务器写主机名"), ({"port": "0"}, "端口为"), ({"port": "x"}, "端口为"),
    ({"security": "ssl"}, "加密方式"), ({"sender": "a\nBcc: b@c"}, "发件人写邮箱"), ({"area": "411102x"}, "辖区"),
    ({"part": "quiet", "since": "25:00"}, "时间写成"), ({"part": "links", "address": "javascript:x"}, "工作台地址"),
])  # fmt: skip
def test_bad_settings_are_refused_in_words(visit_as: Visit, change: dict[str, str], words: str) -> None:
    form = {"area": "*", "part": "mail", "host": "smtp.example", "port": "25", "security": "none", "sender": "a@b"}
    answer = visit_as("admin").post("/notices/channels/set", form | change)
    assert answer.status_code == 409
    assert words in answer.content.decode()


def test_an_area_is_set_from_within_only(people: Callable[..., Any], visit_as: Visit, settings_of: Any) -> None:
    people("admin-here", "admin", AREA)
    form = {"part": "quiet", "since": "20:00", "until": "07:00"}
    for area, said in ((AREA, 302), ("411102", 409), ("*", 409)):
        assert visit_as("admin-here").post("/notices/channels/set", form | {"area": area}).status_code == said


def test_tls_with_an_unknown_authority_is_refused(
    home: Home, visit_as: Visit, settings_of: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = certificate(home, "127.0.0.1", "desk")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    with mail_server(context) as server:
        settings_of("notices-mail", mail_settings(server, "tls"))
        trial = {"area": "*", "channel": "email", "to": TO}
        answer = visit_as("admin").post("/notices/channels/try", trial)
        assert "不能建立加密连接" in answer.content.decode()
        monkeypatch.setenv("SSL_CERT_FILE", str(files.authority))
        assert visit_as("admin").post("/notices/channels/try", trial).status_code == 302
        assert len(server.taken) == 1


def test_starttls_is_asked_for_before_anything_is_said(
    home: Home, server: MailServer, visit_as: Visit, settings_of: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    files, trial = certificate(home, "127.0.0.1", "desk"), {"area": "*", "channel": "email", "to": TO}
    settings_of("notices-mail", mail_settings(server, "starttls"))
    monkeypatch.setenv("SSL_CERT_FILE", str(files.authority))
    answer = visit_as("admin").post("/notices/channels/try", trial)
    assert answer.status_code == 409, "a server that can't is not spoken to in the clear"
    assert server.taken == []
    server.starttls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.starttls.load_cert_chain(files.certificate, files.key)
    assert visit_as("admin").post("/notices/channels/try", trial).status_code == 302
    assert (len(server.taken), server.secured) == (1, 1)


@pytest.mark.usefixtures("by_mail")
def test_killed_between_sending_and_recording_it_goes_once_more_with_its_number(
    home: Home, server: MailServer, job: psycopg.Connection
) -> None:
    told(home, 12)
    process: list[subprocess.Popen[bytes]] = []

    def kill() -> None:
        if process:  # the server has the mail, the sender has not heard of it
            process[0].kill()
            process.pop().wait()

    server.on_taken = kill
    environment = os.environ | {"MINGCHA_HOME": str(home.path), "MINGCHA_DESK_ROLE": "app"}
    process.append(subprocess.Popen([sys.executable, "-m", "mingcha.desk.notices.sending"], env=environment))
    running = process[0]
    assert running.wait(120) == -9
    assert [(state, attempts) for state, attempts, _ in states(job)] == [("sending", 1)]
    assert sent(home) == 0, "its claim still holds"
    now_due(job)
    assert sent(home) == 1
    assert [mail["Message-ID"] for mail in server.taken] == [server.taken[0]["Message-ID"]] * 2
    assert states(job) == [("sent", 2, "")]
    assert job.execute("SELECT count(*) FROM notice").fetchone() == (1,), "at the desk it is one"


@pytest.mark.usefixtures("by_mail")
def test_two_senders_at_once_send_each_message_once(home: Home, server: MailServer, job: psycopg.Connection) -> None:
    from threading import Thread

    for n in range(1, 6):
        told(home, n)
        job.execute("UPDATE notice SET slot = slot - interval '1 day'")
    threads = [Thread(target=sent, args=[home]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sent(home)
    lines = [line for text in server.texts for line in text.splitlines() if line.startswith("·")]
    assert len(lines) == len(set(lines)) == 5
    assert {state for state, _, _ in states(job)} == {"sent"}


NIGHT = Quiet()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(("moment", "goes"), [
    ("2026-11-23 12:00", "2026-11-23 12:00"),  # a Monday
    ("2026-11-23 21:00", "2026-11-24 08:00"), ("2026-11-24 03:00", "2026-11-24 08:00"),
    ("2026-11-24 08:00", "2026-11-24 08:00"), ("2026-11-27 22:00", "2026-11-30 08:00"),  # over a weekend
    ("2026-10-01 12:00", "2026-10-08 08:00"),  # National Day
    ("2026-10-10 12:00", "2026-10-10 12:00"),  # a Saturday that was made a working day
])  # fmt: skip
def test_quiet_hours_end_on_the_morning_of_a_working_day(moment: str, goes: str) -> None:
    assert release(at(moment), NIGHT) == at(goes)


def test_quiet_hours_of_all_sorts() -> None:
    noon = Quiet(time(12), time(14), rest_days=False)
    assert release(at("2026-11-28 13:00"), noon) == at("2026-11-28 14:00")
    never = Quiet(time(0), time(0), rest_days=False)
    assert release(at("2026-11-28 03:00"), never) == at("2026-11-28 03:00")
    own = Quiet(told={at("2026-11-24 00:00").date(): False})
    assert release(at("2026-11-23 22:00"), own) == at("2026-11-25 08:00")
    assert next_round(at("2026-11-23 08:00")) == at("2026-11-23 08:00")
    assert next_round(at("2026-11-23 08:01")) == at("2026-11-24 08:00")


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2026, 11, 30), timezones=st.just(UTC)), st.times(), st.times(),
    st.booleans(),
)  # fmt: skip
def test_a_released_moment_is_never_quiet_and_never_early(moment: datetime, since: time, until: time, rest: bool) -> None:
    quiet = Quiet(since, until, rest)
    free = release(moment, quiet)
    assert free >= moment
    assert not quiet.holds(free.time())
    assert works(free.date()) or not rest
    assert release(free, quiet) == free


@pytest.mark.usefixtures("django_desk")
def test_at_night_only_what_is_urgent_goes(
    home: Home, server: MailServer, visit_as: Visit, settings_of: Callable[..., None], job: psycopg.Connection
) -> None:
    settings_of("notices-mail", mail_settings(server))
    client = visit_as("reviewer")
    client.post("/notices/address", {"channel": "email", "address": TO})
    now = datetime.now(SHANGHAI)
    hours = {"since": f"{now - timedelta(hours=1):%H:%M}", "until": f"{now + timedelta(hours=2):%H:%M}"}
    assert client.post("/notices/wishes/set", {"rhythm": "soon", "want": ["assigned/email", "assigned-due/email"]} | hours).status_code == 302
    with connect(home, "app") as app:
        tell_each(app.cursor(), "assigned", by="leader", given={"reviewer": 3})
        tell(app.cursor(), "assigned-due", by="clock", account="reviewer", n=2, due="2026-11-25")
    post(home)
    sent(home)
    assert len(server.taken) == 1
    assert "2 条疑点在 2026-11-25 前到期" in server.texts[0]
    (waits,) = job.execute("SELECT next_at FROM notice_delivery WHERE state = 'waiting'").fetchone() or (now,)
    assert waits - now > timedelta(minutes=100)
