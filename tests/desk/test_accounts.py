"""What administrators do to accounts, to whose, and what can't be done."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from mingcha.home.database import connect
from mingcha.home.directory import Home
from tests.desk.conftest import PASSWORD
from tests.desk.factories import AREA, OTHER_AREA

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow

Visit = Callable[[str | None], "Client"]


def act(client: Client, username: str, name: str, status: int, reason: str = "工作调整") -> str:
    """The answer to a button of the account page."""
    answer = client.post(f"/accounts/of/{username}/act", {"act": name, "reason": reason})
    assert answer.status_code == status, answer.content.decode()
    return answer.content.decode()


NEW = {
    "username": "lijing",
    "display_name": "李静",
    "organisation": "麟游县医疗保障局",
    "role": "reviewer",
    "scope": [AREA],
}


def test_an_account_is_opened_and_its_password_shown_once(
    people: Any, visit_as: Visit, job: psycopg.Connection
) -> None:
    from django.test import Client

    admin = visit_as("admin")
    shown = admin.post("/accounts/open", NEW).content.decode()
    password = re.findall(r'value="([a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4})"', shown)[0]
    assert password not in admin.get("/accounts/of/lijing").content.decode()
    told = job.execute("SELECT detail::text FROM trail WHERE action = 'account.open'").fetchall()
    assert [json.loads(detail) for (detail,) in told] == [{"role": "reviewer", "scope": AREA}]
    client = Client(SERVER_NAME="localhost")
    assert client.post("/login", {"username": "lijing", "password": password}).status_code == 302
    assert client.get("/findings")["Location"] == "/password"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"username": "li jing"}, "不能有空格"),
        ({"username": "admin"}, "已经有人使用"),
        ({"display_name": " "}, "填写姓名"),
        ({"role": "king"}, "选择岗位"),
        ({"scope": ["nowhere"]}, "自己辖区之内"),
        ({"scope": []}, "自己辖区之内"),
        ({"role": "provider"}, "要填写机构编号"),
        ({"provider": "H1"}, "要填写机构编号"),
        ({"role": "provider", "provider": "H999"}, "机构目录里没有"),
    ],
)
def test_what_cannot_be_an_account_is_said(people: Any, visit_as: Visit, wrong: dict[str, Any], words: str) -> None:
    answer = visit_as("admin").post("/accounts/open", NEW | wrong)
    assert answer.status_code == 409
    assert words in answer.content.decode()


def test_changes_stand_in_the_trail_old_and_new(people: Any, visit_as: Visit, job: psycopg.Connection) -> None:
    people("lijing")
    admin, told = visit_as("admin"), {name: value for name, value in NEW.items() if name != "username"}
    assert admin.post("/accounts/of/lijing/change", told | {"role": "leader", "reason": "晋升"}).status_code == 302
    ((detail,),) = job.execute("SELECT detail::text FROM trail WHERE action = 'account.change'").fetchall()
    assert json.loads(detail) == {
        "old": {"display_name": "新人", "organisation": "", "role": "reviewer"},
        "new": {"display_name": "李静", "organisation": "麟游县医疗保障局", "role": "leader"}, "reason": "晋升",
    }  # fmt: skip
    page = admin.get("/accounts/of/lijing").content.decode()
    assert "岗位：审核岗 → 分管领导" in page and "晋升" in page
    assert admin.post("/accounts/of/lijing/change", told | {"role": "leader", "reason": "晋升"}).status_code == 409
    assert admin.post("/accounts/of/lijing/change", told | {"reason": " "}).status_code == 409


def test_disabled_reset_ended_and_unlocked(people: Any, visit_as: Visit, job: psycopg.Connection) -> None:
    from django.test import Client

    people("lijing")
    admin, person, stranger = visit_as("admin"), visit_as("lijing"), Client(SERVER_NAME="localhost")
    act(admin, "lijing", "end-sessions", 302)
    assert person.get("/findings")["Location"].startswith("/login?why=administrator")
    for _ in range(5):
        stranger.post("/login", {"username": "lijing", "password": "wrong"})
    assert "lijing" in admin.get("/accounts?state=locked").content.decode()
    assert stranger.post("/login", {"username": "lijing", "password": PASSWORD}).status_code == 429
    act(admin, "lijing", "unlock", 302)
    assert stranger.post("/login", {"username": "lijing", "password": PASSWORD}).status_code == 302
    act(admin, "lijing", "disable", 302)
    assert stranger.get("/findings").status_code == 302
    assert stranger.post("/login", {"username": "lijing", "password": PASSWORD}).status_code == 200
    act(admin, "lijing", "disable", 409)
    act(admin, "lijing", "enable", 302)
    act(admin, "lijing", "enable", 409)
    password = re.findall(r'value="([a-z2-9-]{14})"', act(admin, "lijing", "reset-password", 200))[0]
    assert stranger.post("/login", {"username": "lijing", "password": PASSWORD}).status_code == 200
    assert stranger.post("/login", {"username": "lijing", "password": password}).status_code == 302
    act(admin, "lijing", "disable", 409, reason="")
    act(admin, "lijing", "crown", 404)
    done = [
        name
        for (name,) in job.execute(
            "SELECT action FROM trail WHERE subject = 'account:lijing' AND action LIKE 'account.%%' ORDER BY id"
        )
    ]
    assert done == ["account.open", "account.end-sessions", "account.unlock", "account.disable", "account.enable",
                    "account.reset-password"]  # fmt: skip


def test_nobody_changes_the_own_account(people: Any, visit_as: Visit) -> None:
    admin = visit_as("admin")
    for name in ("disable", "reset-password", "end-sessions", "unlock"):
        assert "自己的账号不能由自己办理" in act(admin, "admin", name, 409)
    change = {name: value for name, value in NEW.items() if name != "username"} | {"reason": "想要"}
    assert admin.post("/accounts/of/admin/change", change).status_code == 409
    assert "保存调整" not in admin.get("/accounts/of/admin").content.decode()


def test_a_county_administrator_sees_and_opens_its_own_only(people: Any, visit_as: Visit, home: Home) -> None:
    people("countyadmin", "admin", AREA)
    people("both", "reviewer", f"{AREA},{OTHER_AREA}")
    client = visit_as("countyadmin")
    listed = client.get("/accounts").content.decode()
    assert "countyadmin" in listed and "knowledge-too" in listed
    assert not re.search("elsewhere|/of/both|/of/city|/of/admin", listed)
    for name in ("elsewhere", "both", "city", "admin", "nobody"):
        assert client.get(f"/accounts/of/{name}").status_code == 404
        act(client, name, "disable", 404)
        change = {key: value for key, value in NEW.items() if key != "username"} | {"reason": "想要"}
        assert client.post(f"/accounts/of/{name}/change", change).status_code == 404
    for scope in (["*"], [OTHER_AREA], ["610300"], [AREA, OTHER_AREA]):
        assert client.post("/accounts/open", NEW | {"scope": scope}).status_code == 409
    assert client.post("/accounts/open", NEW).status_code == 200
    limit = {"key": "session-idle", "value": "20", "since": "2990-01-01", "reason": "试"}
    assert client.post("/accounts/limits", limit | {"area": "*"}).status_code == 409
    assert client.post("/accounts/limits", limit | {"area": OTHER_AREA}).status_code == 409


def test_the_database_refuses_to_write_accounts_of_other_areas(people: Any, home: Home) -> None:
    with connect(home, "app") as app:
        app.execute("SELECT set_config('mingcha.scope', %s, true), set_config('mingcha.account', 'x', true)", [AREA])
        for name, changed in (("elsewhere", 0), ("admin", 0), ("county", 1)):
            assert (
                app.execute("UPDATE account SET display_name = display_name WHERE username = %s", [name]).rowcount
                == changed
            )
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            app.execute("UPDATE account SET scope = '*' WHERE username = 'county'")


def test_the_last_administrator_stays(people: Any, visit_as: Visit) -> None:
    people("second", "admin", "*")
    people("countyadmin", "admin", AREA)
    second = visit_as("second")
    act(second, "countyadmin", "disable", 302)
    act(second, "admin", "disable", 302)
    act(second, "admin", "enable", 302)


def test_of_two_administrators_who_disable_each_other_one_stays(people: Any, visit_as: Visit, home: Home) -> None:
    from django.db import connections

    people("second", "admin", "*")
    clients = {"second": visit_as("admin"), "admin": visit_as("second")}
    ready, answers = Barrier(2), {}

    def disable(whom: str) -> None:
        ready.wait()
        answers[whom] = clients[whom].post(f"/accounts/of/{whom}/act", {"act": "disable", "reason": "对方"}).status_code
        connections.close_all()

    threads = [Thread(target=disable, args=(whom,)) for whom in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with connect(home, "owner") as owner:
        left = owner.execute(
            "SELECT count(*) FROM account WHERE role = 'admin' AND is_active AND scope = '*'"
        ).fetchone()
        owner.execute("UPDATE account SET is_active = true WHERE username = 'admin'")
    assert left == (1,)
    assert answers[min(answers, key=lambda one: answers[one])] == 302


def test_a_limit_is_set_from_a_day_on(people: Any, visit_as: Visit, home: Home, job: psycopg.Connection) -> None:
    admin, at = visit_as("admin"), "/accounts/limits"
    told = {"key": "session-idle", "area": AREA, "value": "20", "since": "2990-01-01", "reason": "县里要求"}
    try:
        assert admin.post(at, told).status_code == 302
        page = admin.get(at, {"area": AREA}).content.decode()
        assert "2990-01-01 起 20" in page
        for wrong in ({"value": "2"}, {"value": "many"}, {"since": "2020-01-01"}, {"since": "soon"}, {"key": "home"},
                      {"area": "nowhere"}, {"area": f"{AREA},{OTHER_AREA}"}, {"reason": ""}):  # fmt: skip
            assert admin.post(at, told | wrong).status_code == 409, wrong
        noted = job.execute("SELECT subject, detail::text FROM trail WHERE action = 'account.limit'").fetchall()
        assert [(subject, json.loads(detail)["new"]) for subject, detail in noted] == [
            (f"setting:session-idle@{AREA}", 20)
        ]
    finally:
        with connect(home, "owner") as owner:
            owner.execute("DELETE FROM facts.setting WHERE valid_from = '2990-01-01'")
