"""One-time codes: enrolled, asked for, served once, demanded, reset."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable
from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any

import psycopg
import pyotp
import pytest

from mingcha.home.directory import Home
from tests.desk.conftest import PASSWORD
from tests.desk.factories import AREA

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow

Visit = Callable[[str | None], "Client"]
AT = "/second-step"


def now(secret: str, steps: int = 0) -> str:
    """The code of this half-minute, or of one `steps` later."""
    return pyotp.TOTP(secret).generate_otp(int(time.time()) // 30 + steps)


def enrol(client: Client) -> tuple[str, list[str]]:
    """Set codes up, as a person does; the secret and the recovery codes. Uses up the code of the half-minute before."""
    assert client.post(AT, {"act": "begin"}).status_code == 302
    secret = re.findall(r'<span class="code keep">([A-Z2-7]{32})</span>', client.get(AT).content.decode())[0]
    picture = client.get("/second-step/qr.svg")
    assert picture["Content-Type"] == "image/svg+xml" and b"<svg" in picture.content
    shown = client.post(AT, {"act": "confirm", "code": now(secret, -1)}).content.decode()
    return secret, re.findall(r"<li>([a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4})</li>", shown)


def knock(username: str = "lijing", password: str = PASSWORD) -> Client:
    """A browser that gave name and password."""
    from django.test import Client

    client = Client(SERVER_NAME="localhost")
    assert client.post("/login?next=/providers", {"username": username, "password": password}).status_code in (200, 302)
    return client


@pytest.mark.parametrize(("second", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")])
def test_codes_are_those_of_the_standard(django_desk: Home, second: int, code: str) -> None:
    """RFC 6238, appendix B: the last six digits of its SHA-1 values."""
    from mingcha.desk.accounts.second_step import matching_step

    secret = base64.b32encode(b"12345678901234567890").decode()
    assert matching_step(secret, code, second) == second // 30
    assert matching_step(secret, code, second + 30) == second // 30, "a clock may be a step late"
    assert matching_step(secret, code, second + 90) is None
    assert matching_step(secret, "１２３４５６", second) is None


def test_enrolled_the_login_asks_for_a_code(people: Any, visit_as: Visit, job: psycopg.Connection) -> None:
    people("lijing")
    secret, codes = enrol(visit_as("lijing"))
    assert len(set(codes)) == 10
    client = knock()
    assert client.get("/findings")["Location"].startswith("/login"), "the password alone opens nothing"
    assert "手机上的 6 位数字" in client.get("/login/code?next=/providers").content.decode()
    assert client.post("/login/code", {"code": "000000"}).status_code == 200
    code = now(secret)
    assert client.post("/login/code?next=/providers", {"code": code})["Location"] == "/providers"
    assert client.get("/findings").status_code == 200
    again = knock()
    assert again.post("/login/code", {"code": code}).status_code == 200, "the same code serves once"
    assert again.post("/login/code?next=//evil.example", {"code": now(secret, 1)})["Location"] == "/"
    done = [
        name
        for (name,) in job.execute(
            "SELECT action FROM trail WHERE subject = 'account:lijing' AND action LIKE 'account.%%' ORDER BY id"
        )
    ]
    assert done[1:] == ["account.second-step-begin", "account.second-step"]


def test_the_secret_is_sealed_and_bound_to_its_account(people: Any, visit_as: Visit, desk_home: Home) -> None:
    from mingcha.desk.accounts import second_step
    from mingcha.desk.accounts.models import SecondStep
    from mingcha.home.database import connect
    from mingcha.terms.errors import PlatformError

    people("lijing")
    other = people("other")
    secret, codes = enrol(visit_as("lijing"))
    with connect(desk_home, "owner") as owner:
        kept = owner.execute("SELECT sealed FROM second_step").fetchone()
        digests = owner.execute("SELECT digest FROM recovery_code").fetchall()
        owner.execute("UPDATE second_step SET account_id = %s", [other.pk])
    assert kept and secret.encode() not in kept[0]
    assert not any(code.replace("-", "").encode() in digest for code in codes for (digest,) in digests)
    assert SecondStep.objects.filter(account=other).exists()
    with pytest.raises(PlatformError):
        second_step.use(by="other", account=other, code=now(secret))


def test_of_two_at_once_with_one_code_one_gets_in(people: Any, visit_as: Visit) -> None:
    from django.db import connections

    people("lijing")
    secret, recovery = enrol(visit_as("lijing"))
    for code in (now(secret), recovery[0]):
        clients, ready, answers = [knock() for _ in range(4)], Barrier(4), []

        def give(client: Client, code: str, ready: Barrier, answers: list[int]) -> None:
            ready.wait()
            answers.append(client.post("/login/code", {"code": code}).status_code)
            connections.close_all()

        threads = [Thread(target=give, args=(client, code, ready, answers)) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == [200, 200, 200, 302]


def test_a_recovery_code_opens_once(people: Any, visit_as: Visit, job: psycopg.Connection) -> None:
    people("lijing")
    _, codes = enrol(visit_as("lijing"))
    assert knock().post("/login/code", {"code": codes[3].upper().replace("-", " ")}).status_code == 302
    client = knock()
    assert client.post("/login/code", {"code": codes[3]}).status_code == 200
    assert client.post("/login/code", {"code": codes[4]}).status_code == 302
    assert "还有 8 个" in client.get(AT).content.decode()
    assert job.execute("SELECT count(*) FROM trail WHERE action = 'account.recovery'").fetchone() == (2,)


def test_wrong_codes_close_the_account_for_a_while(people: Any, visit_as: Visit) -> None:
    from axes.utils import reset

    people("lijing")
    secret, _ = enrol(visit_as("lijing"))
    client = knock()
    answers = [client.post("/login/code", {"code": "000000"}).status_code for _ in range(5)]
    assert answers == [200] * 4 + [429]
    assert client.post("/login/code", {"code": now(secret)}).status_code == 429
    reset(username="lijing")
    assert client.post("/login/code", {"code": now(secret)}).status_code == 302


def test_a_password_waits_five_minutes_for_its_code(
    people: Any, visit_as: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mingcha.desk.accounts import entry_views
    from mingcha.desk.accounts.models import Account

    people("lijing")
    secret, _ = enrol(visit_as("lijing"))
    late, changed = knock(), knock()
    account = Account.objects.get(username="lijing")
    account.set_password("quiet-river-boat-7")
    account.save()
    assert changed.post("/login/code", {"code": now(secret)})["Location"] == "/login"
    late = knock(password="quiet-river-boat-7")
    real = time.time
    monkeypatch.setattr(entry_views.time, "time", lambda: real() + 301)
    assert late.post("/login/code", {"code": now(secret)})["Location"] == "/login"


def test_ended_with_a_code_only(people: Any, visit_as: Visit) -> None:
    people("lijing")
    client = visit_as("lijing")
    secret, codes = enrol(client)
    assert client.post(AT, {"act": "begin"}).status_code == 409
    assert client.get("/second-step/qr.svg").status_code == 404, "a secret in force is shown to nobody"
    assert client.post(AT, {"act": "end", "code": "000000"}).status_code == 409
    fresh = client.post(AT, {"act": "renew", "code": now(secret)}).content.decode()
    assert not any(code in fresh for code in codes)
    assert client.post(AT, {"act": "end", "code": codes[0]}).status_code == 409, "the old ones are gone"
    assert client.post(AT, {"act": "end", "code": now(secret, 1)}).status_code == 302
    assert knock().get("/findings").status_code == 200


def test_a_post_must_have_codes_where_an_area_says_so(
    people: Any, visit_as: Visit, settings_of: Callable[..., None]
) -> None:
    people("lijing")
    admin = visit_as("admin")
    told = {"key": "second-step-roles", "area": AREA, "roles": ["reviewer"], "since": time.strftime("%Y-%m-%d"),
            "reason": "省里要求"}  # fmt: skip
    assert admin.post("/accounts/limits", told | {"roles": ["king"]}).status_code == 409
    from mingcha.terms.calendar import today

    assert admin.post("/accounts/limits", told | {"since": str(today())}).status_code == 302
    assert visit_as("reviewer").get("/findings").status_code == 200, "of all areas, not of this one"
    client = visit_as("lijing")
    assert client.get("/findings")["Location"] == AT
    secret, _ = enrol(client)
    assert client.get("/findings").status_code == 200
    assert client.post(AT, {"act": "end", "code": now(secret)}).status_code == 409
    reset = {"act": "reset-second-step", "reason": "手机丢失"}
    assert admin.post("/accounts/of/lijing/act", reset).status_code == 302
    assert client.get("/findings")["Location"].startswith("/login?why=administrator")
    assert knock().get("/findings")["Location"] == AT
    assert admin.post("/accounts/of/lijing/act", reset).status_code == 409
