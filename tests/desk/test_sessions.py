"""How long a login lasts, who ends it, and what must happen before anything else."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from mingcha.home.database import connect
from mingcha.home.directory import Home
from tests.desk.conftest import PASSWORD
from tests.desk.factories import AREA, Audits, flag

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow

Visit = Callable[[str | None], "Client"]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the clock of the sessions on by some seconds."""
    from mingcha.desk.accounts import sessions

    moved = [0.0]
    real = time.time
    monkeypatch.setattr(sessions.time, "time", lambda: real() + moved[0])

    def on(seconds: float) -> None:
        moved[0] += seconds

    return on


def test_an_idle_session_ends_and_says_so(
    settings_of: Callable[..., None], visit_as: Visit, later: Callable[[float], None]
) -> None:
    client = visit_as("supervisor")
    for _ in range(3):
        later(29 * 60)
        assert client.get("/providers").status_code == 200
    later(31 * 60)
    gone = client.get("/providers?q=x")
    assert (gone.status_code, gone["Location"]) == (302, "/login?why=idle&next=%2Fproviders%3Fq%3Dx")
    assert "有一段时间没有操作" in client.get(gone["Location"]).content.decode()
    assert client.get("/providers")["Location"].startswith("/login?next=")


def test_a_page_that_asks_by_itself_keeps_nobody_logged_in(
    settings_of: Callable[..., None], visit_as: Visit, later: Callable[[float], None]
) -> None:
    client, poll = visit_as("supervisor"), {"HX-Request": "true", "HX-Current-URL": "http://localhost/reminders"}
    for _ in range(4):
        later(8 * 60)
        answer = client.get("/reminders/newest?after=0", headers=poll)
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == "/login?why=idle&next=http%3A%2F%2Flocalhost%2Freminders"


def test_the_bell_leads_nobody_away_from_what_is_half_written(
    settings_of: Callable[..., None], visit_as: Visit, later: Callable[[float], None], people: Callable[..., Any]
) -> None:
    client, poll = visit_as("supervisor"), {"HX-Request": "true", "HX-Current-URL": "http://localhost/me"}
    assert client.get("/notices/bell", headers=poll).status_code == 200
    later(31 * 60)
    for _ in range(2):
        answer = client.get("/notices/bell", headers=poll)
        assert (answer.status_code, answer.content) == (204, b"")
        assert "HX-Redirect" not in answer
    assert client.get("/me")["Location"].startswith("/login?why=idle"), "the next page says why"
    assert client.get("/notices/bell", headers=poll).status_code == 204
    people("fresh", must_change=True)
    assert visit_as("fresh").get("/notices/bell", headers=poll).status_code == 200, "nor from changing a password"


def test_every_template_that_asks_by_itself_is_known() -> None:
    import re
    from pathlib import Path

    import mingcha.desk
    from mingcha.desk.shell.permissions import POLLING

    pages = "".join(file.read_text("utf-8") for file in Path(mingcha.desk.__file__).parent.rglob("*.html"))
    asking = re.findall(r"""hx-get="{% url '([a-z-]+)'[^"]*" hx-trigger="(?:every|load delay)""", pages)
    assert set(asking) == POLLING
    assert len(asking) == len(re.findall(r'hx-trigger="(?:every|load delay)', pages))


def test_a_session_ends_after_the_office_day(
    settings_of: Callable[..., None], visit_as: Visit, later: Callable[[float], None]
) -> None:
    settings_of("session-idle", "480")
    client = visit_as("supervisor")
    later(6 * 3600)
    assert client.get("/providers").status_code == 200
    later(4 * 3600 + 1)
    assert client.get("/providers")["Location"].startswith("/login?why=length")


def test_an_area_sets_its_own_limits(
    settings_of: Callable[..., None], visit_as: Visit, later: Callable[[float], None]
) -> None:
    settings_of("session-idle", "60")
    settings_of("session-idle", "5", area="610300")
    settings_of("session-idle", "90", area=AREA, since="2990-01-01")  # not yet
    county, everywhere = visit_as("county"), visit_as("supervisor")
    later(6 * 60)
    assert county.get("/providers")["Location"].startswith("/login?why=idle"), "the city above the county decides"
    assert everywhere.get("/providers").status_code == 200


def test_the_newer_login_ends_the_older(settings_of: Callable[..., None], visit_as: Visit) -> None:
    older = visit_as("supervisor")
    assert older.get("/providers").status_code == 200
    newer = visit_as("supervisor")
    gone = older.get("/providers")
    assert gone["Location"].startswith("/login?why=elsewhere")
    assert "另一处登录" in older.get(gone["Location"]).content.decode()
    assert newer.get("/providers").status_code == 200


def test_of_two_logins_at_once_one_stays(settings_of: Callable[..., None], django_desk: Home, home: Home) -> None:
    from django.db import connections
    from django.test import Client

    clients, ready = [Client(SERVER_NAME="localhost") for _ in range(4)], Barrier(4)

    def enter(client: Client) -> None:
        ready.wait()
        client.post("/login", {"username": "leader", "password": PASSWORD})
        connections.close_all()

    threads = [Thread(target=enter, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(client.get("/providers").status_code for client in clients) == [200, 302, 302, 302]


@pytest.fixture
def newcomer(people: Callable[..., Any]) -> Any:
    """An account that must change the password it was given."""
    return people("newcomer", must_change=True)


def test_a_given_password_is_changed_before_anything_else(newcomer: Any, audits: Audits, visit_as: Visit) -> None:
    audits.record([flag("L1")])
    client = visit_as(newcomer.username)
    assert client.get("/findings")["Location"] == "/password"
    assert client.get("/findings", headers={"HX-Request": "true"})["HX-Redirect"] == "/password"
    assert client.get("/reminders/export").status_code == 302
    assert "系统管理员给您的密码" in client.get("/password").content.decode()
    new = {"new_password1": "quiet-river-boat-7", "new_password2": "quiet-river-boat-7"}
    assert client.post("/password", {"old_password": PASSWORD} | new)["Location"] == "/password/done"
    assert client.get("/findings").status_code == 200


def test_the_last_five_passwords_are_not_chosen_again(newcomer: Any, visit_as: Visit, job: psycopg.Connection) -> None:
    client, words = visit_as(newcomer.username), [PASSWORD, *(f"quiet-river-boat-{n}" for n in "abcdef")]

    def change(old: str, new: str) -> bool:
        told = {"old_password": old, "new_password1": new, "new_password2": new}
        answer = client.post("/password", told)
        assert answer.status_code == 302 or "最近 5 次用过的密码" in answer.content.decode()
        return answer.status_code == 302

    assert not change(words[0], words[0])
    assert all(change(words[n], words[n + 1]) for n in range(4))
    assert not change(words[4], words[0]), "the fifth of the last five"
    assert change(words[4], words[5])
    assert change(words[5], words[0]), "the sixth is free again"
    entries = job.execute("SELECT count(*) FROM trail WHERE action = 'account.password'").fetchone()
    assert entries == (6,)


def test_a_password_past_its_days_must_be_changed(
    settings_of: Callable[..., None], newcomer: Any, visit_as: Visit, desk_home: Home
) -> None:
    with connect(desk_home, "owner") as owner:
        owner.execute(
            "UPDATE account SET must_change_password = false, password_at = now() - interval '91 days' WHERE id = %s",
            [newcomer.pk],
        )
    assert visit_as(newcomer.username).get("/providers").status_code == 200, "nobody set a limit"
    settings_of("password-days", "90")
    assert visit_as(newcomer.username).get("/providers")["Location"] == "/password"
