"""A provider's way to the gate: registered, given keys, tested, live; and how strong it is spoken to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from gmalg import SM2

from mingcha.desk.onboarding import publication
from mingcha.desk.onboarding.publication import spelt_out
from mingcha.home.directory import Home
from mingcha.knowledge import bundle
from mingcha.knowledge.bundle import Bundle, Secrecy, Strength
from mingcha.knowledge.library import Library
from mingcha.knowledge.pack import load
from mingcha.knowledge.shipped import shipped_pack
from mingcha.terms.calendar import today
from tests.desk.factories import AREA, OTHER_AREA

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow

Visit = Callable[[str | None], "Client"]
CODE, ELSEWHERE = "H61032900001", "H41110200001"
AT = f"/onboarding/providers/{CODE}"
RULE = "service-by-sex"


@pytest.fixture(autouse=True)
def gates(home: Home) -> Iterator[Home]:
    """A home whose rules are published, so that gates can be told of keys."""
    bundle.publish(home, Library.of(load(shipped_pack())), "2026-01-01T00:00:00+08:00", (), {})
    yield home


@pytest.fixture
def clerk(visit_as: Visit) -> Client:
    """Someone of the county who has registered a hospital."""
    client = visit_as("county")
    done(client, "/onboarding/register", provider=CODE, name="麟游县医院", area=AREA)
    return client


def done(client: Client, at: str, status: int = 302, /, **values: Any) -> str:
    """The page that answers, once what was posted has been committed and published."""
    answer = client.post(at, values)
    assert answer.status_code == status, answer.content.decode()
    return answer.content.decode()


def hand_out(client: Client, environment: str, status: int = 200, **more: Any) -> tuple[str, str]:
    """A new key's name and secret."""
    name = re.findall(r'name="key" value="(MK\w+)"', client.get(AT).content.decode())[0]
    page = done(client, f"{AT}/keys", status, environment=environment, key=name, **more)
    secret = re.findall(r'readonly value="(\w{32})"', page)
    return name, secret[0] if secret else ""


def given(home: Home) -> dict[str, str | None]:
    """The keys the gates have of the hospital, and until when."""
    return {key.id: key.until for key in bundle.current(home).keys.get(CODE, ())}


def test_from_adapting_to_live(clerk: Client, gates: Home, job: psycopg.Connection) -> None:
    assert "需要测试密钥" in clerk.get(AT).content.decode()
    assert "先发放测试密钥" in done(clerk, f"{AT}/move", 409, move="test")
    hand_out(clerk, "production", 409)  # not before the test
    test, secret = hand_out(clerk, "test")
    assert [(key.id, key.secret, key.environment) for key in bundle.current(gates).keys[CODE]] == [(test, secret, "test")]
    done(clerk, f"{AT}/move", move="test")
    done(clerk, f"{AT}/problems", words="3101 没有出院日期")
    production, _ = hand_out(clerk, "production")
    assert "没有解决" in done(clerk, f"{AT}/move", 409, move="go-live")
    number = re.findall(r"/problems/(\d+)/close", clerk.get(AT).content.decode())[0]
    done(clerk, f"{AT}/problems/{number}/close", how="厂商已补")
    done(clerk, f"{AT}/move", move="go-live")
    done(clerk, f"{AT}/move", 409, move="go-live")  # a double click moves once
    assert set(given(gates)) == {test, production}
    page = clerk.get("/onboarding").content.decode()
    assert "at-live" in page and "麟游县医院" in page and "还没有发布" not in page
    trail = [row[0] for row in job.execute("SELECT action FROM trail WHERE subject = %s ORDER BY id", [f"onboarding:{CODE}"])]
    assert trail == [f"onboarding.{a}" for a in ("register", "key", "test", "problem", "key", "solved", "go-live")]
    assert [row[0] for row in job.execute("SELECT status FROM onboarding_step ORDER BY id")] == ["adapting", "testing", "live"]
    told = job.execute("SELECT event, area, detail->>'name' FROM notice_told ORDER BY id").fetchall()
    assert told == [(f"connection-{what}", AREA, "麟游县医院") for what in ("problem", "solved")]
    assert "退回测试的理由" in clerk.get(AT).content.decode()
    assert "请写明" in done(clerk, f"{AT}/move", 409, move="back-to-test")


def test_a_secret_is_shown_once_and_sealed(clerk: Client, gates: Home, job: psycopg.Connection) -> None:
    name, secret = hand_out(clerk, "test")
    assert secret not in clerk.get(AT).content.decode() and name in clerk.get(AT).content.decode()
    again = done(clerk, f"{AT}/keys", 409, environment="test", key=name, last_day=str(today()))
    assert "已经发放过" in again and secret not in again
    kept = job.execute("SELECT sealed FROM onboarding_key").fetchone()
    assert kept is not None and secret.encode() not in bytes(kept[0])
    assert secret not in str(job.execute("SELECT detail FROM trail").fetchall())
    assert secret in (gates.bundle / "current.json").read_text() and (gates.bundle / "current.json").stat().st_mode & 0o77 == 0
    done(clerk, f"{AT}/keys", 409, environment="test", key="DROP TABLE")
    done(clerk, f"{AT}/keys", 409, environment="space", key="MK0123456789")


def test_an_old_key_holds_beside_its_successor_until_its_day(clerk: Client, gates: Home) -> None:
    old, _ = hand_out(clerk, "test")
    hand_out(clerk, "test", 409)
    hand_out(clerk, "test", 409, last_day="soon")
    hand_out(clerk, "test", 409, last_day=str(today() + timedelta(days=91)))
    last = today() + timedelta(days=7)
    new, _ = hand_out(clerk, "test", last_day=str(last))
    assert given(gates) == {old: str(last), new: None}
    third, _ = hand_out(clerk, "test", last_day=str(last + timedelta(days=9)))
    assert given(gates) == {old: str(last), new: str(last + timedelta(days=9)), third: None}, "no key's life is prolonged"
    done(clerk, f"{AT}/keys/{old}/revoke", 409, reason=" ")
    done(clerk, f"{AT}/keys/{old}/revoke", reason="泄露")
    assert set(given(gates)) == {new, third}
    done(clerk, f"{AT}/keys/{old}/revoke", 409, reason="再来")


def test_a_provider_signs_and_encrypts_the_national_way(clerk: Client, gates: Home, job: psycopg.Connection) -> None:
    x_and_y = SM2().generate_keypair()[1].hex()[2:]
    wrong = [
        ({"public_key": "12"}, "SM2"), ({"public_key": x_and_y[:-1] + "g", "client": "c"}, "SM2"),
        ({"public_key": x_and_y}, "客户端编号"), ({"encrypted": "1", "client": "short"}, "现在是 5 位"),
        ({"encrypted": "1", "client": "客户端编号的十六个字不是字母数字"}, "客户端编号"),
    ]  # fmt: skip
    for values, says in wrong:
        assert says in done(clerk, f"{AT}/secrecy", 409, **values)
    assert bundle.current(gates).secrecy == {}
    done(clerk, f"{AT}/secrecy", client="hospital-of-1234", public_key=f"04 {x_and_y}", encrypted="1")
    assert bundle.current(gates).secrecy == {CODE: Secrecy("hospital-of-1234", f"04{x_and_y}".upper(), True)}
    assert "SM4 加密、SM2 签名" in clerk.get(AT).content.decode()
    done(clerk, f"{AT}/secrecy")
    assert bundle.current(gates).secrecy == {} and "普通" in clerk.get(AT).content.decode()
    assert job.execute("SELECT count(*) FROM trail WHERE action = 'onboarding.secrecy'").fetchone() == (2,)


def test_what_lies_in_another_area_is_not_there(clerk: Client, visit_as: Visit, gates: Home) -> None:
    name, _ = hand_out(clerk, "test")
    done(clerk, f"{AT}/problems", words="断线")
    stranger = visit_as("elsewhere")
    assert stranger.get(AT).status_code == 404 and CODE not in stranger.get("/onboarding").content.decode()
    posts = {
        "secrecy": {"client": "c"}, "change": {"name": "x"}, "move": {"move": "test"}, f"keys/{name}/revoke": {"reason": "x"},
        "keys": {"environment": "test", "key": "MK0123456789"}, "problems": {"words": "x"}, "problems/1/close": {"how": "x"},
    }  # fmt: skip
    for at, values in posts.items():
        done(stranger, f"{AT}/{at}", 404, **values)
    assert "已经登记过" in done(stranger, "/onboarding/register", 409, provider=CODE, name="别名", area=OTHER_AREA)
    assert "辖区" in done(stranger, "/onboarding/register", 409, provider=ELSEWHERE, name="别处", area=AREA)
    done(stranger, "/onboarding/register", provider=ELSEWHERE, name="源汇区医院", area=OTHER_AREA)
    done(stranger, f"/onboarding/providers/{ELSEWHERE}/keys/{name}/revoke", 404, reason="x")
    done(stranger, f"/onboarding/providers/{ELSEWHERE}/problems/1/close", 404, how="x")
    assert set(given(gates)) == {name}
    assert visit_as("city").get(AT).status_code == 200


def test_the_directory_says_where_a_provider_is(visit_as: Visit, job: psycopg.Connection) -> None:
    job.execute("INSERT INTO provider_directory (provider, name, type, level, area) VALUES"
                " (%s, '源汇区医院', '1', '05', %s), (%s, '麟游县医院', '1', '06', %s)",
                [ELSEWHERE, OTHER_AREA, CODE, AREA])  # fmt: skip
    county = visit_as("county")
    page = county.get("/onboarding?tab=absent").content.decode()
    assert "麟游县医院" in page and "源汇区医院" not in page
    done(county, "/onboarding/register", 409, provider=ELSEWHERE, name="我的", area=AREA)
    done(county, "/onboarding/register", provider=CODE, name="别的名字", area="")
    assert "<h1>麟游县医院" in county.get(AT).content.decode()
    assert "麟游县医院" not in county.get("/onboarding?tab=absent").content.decode()
    for wrong in ("", "H 1", "医院12345", "H" * 31):
        done(county, "/onboarding/register", 409, provider=wrong, name="某院", area=AREA)
    assert "没有符合条件" in county.get("/onboarding?q=%25").content.decode()


@pytest.fixture
def authors(job: psycopg.Connection) -> Iterator[None]:
    """The county's clerk of rules, and one of the city."""
    from mingcha.desk.accounts.models import Account

    Account.objects.filter(username="city").update(role="knowledge")
    yield
    Account.objects.filter(username="city").update(role="supervisor")


def test_the_narrowest_strength_wins(clerk: Client, visit_as: Visit, gates: Home, authors: None) -> None:
    city, county, nation = visit_as("city"), visit_as("knowledge-too"), visit_as("leader")

    def told() -> tuple[str, str, str, str]:
        now = bundle.current(gates)
        places = ((AREA, CODE), (AREA, "H2"), ("610300", "H3"), (OTHER_AREA, "H4"))
        return tuple(now.strength(RULE, "definite", *place) for place in places)  # type: ignore[return-value]

    def set_it(who: Client, strength: str, status: int = 302, **place: str) -> None:
        done(who, "/onboarding/strengths/set", status, rule=RULE, strength=strength, reason="第3次局务会", **place)

    assert told() == ("justify",) * 4
    set_it(nation, "advise", area="*")
    assert told() == ("advise",) * 4
    set_it(city, "block", area="610300")
    assert told() == ("block", "block", "block", "advise")
    set_it(county, "justify", area=AREA)
    assert told() == ("justify", "justify", "block", "advise")
    set_it(county, "advise", provider=CODE)
    assert told() == ("advise", "justify", "block", "advise")
    assert "本机构" in county.get(AT).content.decode()
    page = county.get("/onboarding/strengths").content.decode()
    assert page.count("上级设定") == 2 and page.count("撤销…") == 2
    number = {row[1]: row[0] for row in _strengths(gates)}
    done(county, f"/onboarding/strengths/{number['610300']}/withdraw", 404, reason="我不同意")
    set_it(county, "advise", 409, area="610300")
    set_it(county, "advise", 409, area="*")
    set_it(county, "advise", 404, provider=ELSEWHERE)
    set_it(county, "shout", 409, area=AREA)
    done(county, "/onboarding/strengths/set", 409, rule="no-rule", strength="block", reason="x", area=AREA)
    done(county, "/onboarding/strengths/set", 409, rule=RULE, strength="block", reason=" ", area=AREA)
    done(county, f"/onboarding/strengths/{number[AREA + CODE]}/withdraw", reason="恢复")
    assert told() == ("justify", "justify", "block", "advise")
    set_it(county, "block", area=AREA)  # in place of what was set there
    assert told() == ("block", "block", "block", "advise")


def _strengths(home: Home) -> list[tuple[int, str]]:
    from mingcha.home.database import connect

    with connect(home) as pg:
        return pg.execute("SELECT id, area || coalesce(provider, '') FROM reminder_strength WHERE withdrawn_at IS NULL").fetchall()


def test_what_could_not_be_published_is_said_and_tried_again(
    clerk: Client, gates: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> Bundle:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(publication.bundle, "publish_terms", full)
    name, _ = hand_out(clerk, "test")
    assert "还没有发布到接口服务" in clerk.get(AT).content.decode()
    monkeypatch.undo()
    done(clerk, "/onboarding/publish")
    assert set(given(gates)) == {name} and "还没有发布" not in clerk.get(AT).content.decode()


def test_strengths_of_an_area_reach_what_lies_below() -> None:
    parents = {"61": None, "6103": "61", "610329": "6103", "41": None}
    found = spelt_out([(RULE, "*", None, "advise"), (RULE, "6103", None, "block"), (RULE, "9", None, "justify"),
                       (RULE, "41", "H1", "block")], parents)  # fmt: skip
    assert set(found) == {
        Strength(RULE, "block", None, "H1"), Strength(RULE, "advise"), Strength(RULE, "block", "6103"),
        Strength(RULE, "block", "610329"), Strength(RULE, "justify", "9"),
    }  # fmt: skip
