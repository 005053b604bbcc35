"""A hospital's first day: registered and given a key in the desk, answered by the gate, counted in the desk again."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from mingcha.desk import server
from mingcha.gate.server import start, stop
from mingcha.gate.signature import headers
from mingcha.home import postgres
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.knowledge.bundle import SigningKey, publish
from mingcha.knowledge.library import Library
from mingcha.knowledge.pack import load
from mingcha.knowledge.shipped import shipped_pack
from tests.gate import PROVIDER, message, order
from tests.journeys.conftest import Browser, broken_rules

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(600)]

AREA = "330501"


@dataclass
class Office:
    """A desk and a gate of one home."""

    home: Home
    desk: str
    gate: str
    passwords: dict[str, str]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Both run, the rules are published, and nobody has been let in."""
    home = Home.open(tmp_path_factory.mktemp("let-in") / "home", environ={})
    publish(home, Library.of(load(shipped_pack())), "2026-01-01T00:00:00+08:00", (), {})
    desk = server.start(home, detach=True)
    with connect(home, "owner") as owner:
        owner.execute("INSERT INTO facts.area (code, parent, name, level) VALUES (%s, NULL, '湖州市', 2)", [AREA])
    gate = start(home, detach=True, workers=1)
    yield Office(home, desk.address, gate.address, {a["username"]: a["password"] for a in server.demo_accounts(home)})
    stop(home)
    server.stop(home)
    postgres.stop(home)


def log_in(page: Page, office: Office, role: str) -> None:
    page.goto(office.desk)
    page.get_by_label("用户名").fill(role)
    page.get_by_label("密码").fill(office.passwords[role])
    page.get_by_role("button", name="登录").click()
    expect(page).to_have_url(re.compile("/findings$"))


def post(office: Office, told: dict[str, Any], key: SigningKey | None = None) -> dict[str, Any]:
    """The gate's answer to a message, signed if there is a key."""
    body = json.dumps(told, ensure_ascii=False).encode()
    signed = headers(key) if key else {}
    request = urllib.request.Request(f"{office.gate}fsi/{told['infno']}", body, signed)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def men_only() -> str:
    """An item that only men may receive; the message is about a woman."""
    rule = next(rule for rule in load(shipped_pack()).rules if rule.id == "service-by-sex")
    return next(row.item for row in rule.knowledge if row.values.get("sex") == "1" and row.valid_to is None)


def hand_out(page: Page, words: str) -> SigningKey:
    """A key as the page shows it, once."""
    page.get_by_role("button", name=words).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已发放")
    assert broken_rules(page) == []
    name, secret = page.locator("dd.code").first.inner_text(), page.get_by_label("密钥明文").input_value()
    page.get_by_role("link", name="已经交付，返回").click()
    expect(page.locator("body")).not_to_contain_text(secret)
    return SigningKey(name, secret)


def test_from_the_first_key_to_the_first_number(office: Office, browser: Browser) -> None:
    page = browser.page()
    log_in(page, office, "supervisor")
    page.get_by_role("link", name="机构接入").click()
    page.locator("summary", has_text="登记机构").click()
    page.get_by_label("机构编号").fill(PROVIDER)
    page.get_by_label("机构名称 目录里有的不用填").fill("湖州市第一医院")
    page.get_by_label("区划 目录里有的以目录为准").fill(AREA)
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.locator("h1")).to_contain_text("湖州市第一医院")
    assert post(office, message(number="near"))["infcode"] == 0, "without a key this machine may try"

    test = hand_out(page, "发放测试密钥")
    _within_two_seconds(lambda: post(office, message(number="bare"))["infcode"] == -1)
    assert "签名" in post(office, message(number="bare"))["err_msg"]
    assert post(office, message(number="tried"), test)["infcode"] == 0
    page.get_by_role("button", name="开始测试").click()
    key = hand_out(page, "发放生产密钥")
    page.get_by_role("button", name="上线").click()
    expect(page.locator("h1 .state")).to_have_text("上线")

    sent = message(number="real", orders=[order("R1"), order("R2", men_only(), sumamt="88.50")])
    answers: list[dict[str, Any]] = []
    _within_two_seconds(lambda: answers.append(post(office, sent, key)) or answers[-1]["infcode"] == 0)
    (reminder,) = answers[-1]["output"]["result"]
    reaction = message("3103", "F1")
    reaction["input"] = {"data": {"warn_type": "1", "warns": [{"warn_rslt_id": reminder["jr_id"], "dspo_way": "2"}]}}
    assert post(office, reaction)["infcode"] == -1, "nobody reacts in its name without its key"
    assert post(office, reaction, key)["infcode"] == 0

    page.get_by_role("link", name="提醒监控").click()
    expect(page.locator("#newest")).to_contain_text(reminder["rule_name"])  # it came without a reload, or is there
    expect(page.locator("#newest")).not_to_contain_text("还没有提醒")
    page.reload()
    assert page.locator(".tile b").all_inner_texts() == ["1", "100.0%", "0", "0", "0.01"]
    assert broken_rules(page) == []
    page.locator("#newest").get_by_role("link", name=reminder["rule_name"]).first.click()
    expect(page.locator("h1")).to_contain_text(reminder["rule_name"])
    assert broken_rules(page) == []

    page.get_by_role("link", name="机构接入").click()
    page.get_by_role("link", name="湖州市第一医院").click()
    assert broken_rules(page) == []
    page.get_by_role("link", name="接入验收").click()
    expect(page.locator("h1")).to_contain_text("接入验收")
    assert broken_rules(page) == []
    page.go_back()
    page.locator("tr", has_text=key.id).get_by_text("作废…").click()
    page.locator(f"#why-{key.id}").fill("人员离职")
    page.get_by_role("button", name=f"作废 {key.id}").click()
    _within_two_seconds(lambda: post(office, message(number="late"), key)["infcode"] == -1)
    assert post(office, message(number="late"), test)["infcode"] == 0
    assert browser.complaints == []


def _within_two_seconds(true: Any) -> None:
    """The gate looks twice a second; a busy machine gets a little more before this fails."""
    begun = time.monotonic()
    while not true():
        assert time.monotonic() - begun < 6
        time.sleep(0.1)
