"""A leader reads who did what, has the chain verified, and learns what was altered behind the desk's back."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

from mingcha.home.database import connect
from tests.journeys.conftest import Browser, Desk, broken_rules
from tests.journeys.test_desk import log_in

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def test_from_a_failed_login_to_a_verified_chain(desk: Desk, browser: Browser) -> None:
    page = browser.page()
    page.goto(desk.address)
    page.get_by_label("用户名").fill("leader")
    page.get_by_label("密码").fill("not-the-password")
    page.get_by_role("button", name="登录").click()
    log_in(page, desk, "leader")
    page.get_by_role("link", name="操作审计").click()
    rows = page.locator("table.list tbody tr:has(td[title=leader])")  # the desk itself enters things meanwhile
    expect(rows.nth(0)).to_contain_text("登录")
    expect(rows.nth(1)).to_contain_text("登录失败")
    expect(rows.nth(1)).to_contain_text("来自 127.0.0.1")
    until = time.monotonic() + 60  # a running desk seals within seconds, a crowded machine takes longer
    while not re.fullmatch(r"\d+", rows.nth(0).locator("td").last.inner_text().strip()) and time.monotonic() < until:
        page.wait_for_timeout(500)
        page.reload()
    expect(rows.nth(0).locator("td").last).to_have_text(re.compile(r"^\d+$"))
    page.get_by_role("button", name="核验").click()
    expect(page.locator("#chain")).to_contain_text("条与封存时一致")
    assert not broken_rules(page)
    page.locator("select[name=action]").select_option("session.failed")
    page.get_by_role("button", name="查询").click()
    page.wait_for_url(re.compile("action=session.failed"))  # loaded: keys pressed before would go to the page before
    expect(rows.first).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator(".title h1")).to_contain_text("登录失败")
    expect(page.locator(".card", has_text="号封印").last).to_contain_text("到这条为止的链")
    assert not broken_rules(page)

    number = int(page.url.rsplit("/", 1)[1])
    with connect(desk.home, "owner", autocommit=True) as owner:
        owner.execute("UPDATE trail SET detail = jsonb_set(detail, '{address}', '\"127.0.0.2\"') WHERE id = %s", [number])
        page.keyboard.press("u")
        page.get_by_role("button", name="核验").click()
        expect(page.locator("#chain")).to_contain_text("1 处不一致")
        expect(page.locator("#chain").get_by_role("link", name=f"第 {number} 号")).to_be_visible()
        owner.execute("UPDATE trail SET detail = jsonb_set(detail, '{address}', '\"127.0.0.1\"') WHERE id = %s", [number])
        page.get_by_role("button", name="核验").click()
        expect(page.locator("#chain")).to_contain_text("条与封存时一致")
    assert not browser.complaints
