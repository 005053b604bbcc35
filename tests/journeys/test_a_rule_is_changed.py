"""A knowledge owner changes a rule in the browser, and a leader signs it; nothing the browser complains about."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Browser, Desk

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def enter(page: Page, desk: Desk, role: str) -> None:
    """Log in under a role and go to the library."""
    page.goto(desk.address)
    page.get_by_label("用户名").fill(role)
    page.get_by_label("密码").fill(desk.passwords[role])
    page.get_by_role("button", name="登录").click()
    page.get_by_role("link", name="规则与知识库").click()


def test_a_withdrawal_from_the_library_to_the_signature(desk: Desk, browser: Browser) -> None:
    page = browser.page()
    enter(page, desk, "knowledge")
    page.get_by_placeholder(re.compile("规则名称")).fill("区分性别")
    page.get_by_role("button", name="查询").click()
    page.get_by_role("link", name="药品区分性别使用").click()
    expect(page.locator(".condition")).to_have_text("患者性别 ≠ 知识点的“限定性别”")

    grid = page.locator(".grid")
    expect(grid.locator("tbody tr").nth(1)).to_contain_text("1")
    grid.evaluate("box => { box.scrollTop = box.scrollHeight }")
    expect(grid.locator("tbody")).to_contain_text(re.compile("6[45]\\d\\d"))
    page.get_by_placeholder(re.compile("项目名称、编码")).fill("安胎丸")
    expect(page.locator("[data-grid-count]")).not_to_have_text(re.compile("6,"))
    expect(grid.locator("tbody")).to_contain_text("安胎丸")
    page.get_by_placeholder(re.compile("项目名称、编码")).fill("没有这样的药")
    expect(grid.locator("tbody")).to_contain_text("没有符合条件的知识点")

    page.locator("summary", has_text="修订或停用").click()
    page.get_by_label("为什么要改").fill("旅途中的试验")
    page.get_by_role("radio", name=re.compile("停用")).check()
    page.get_by_role("button", name="起草变更").click()
    expect(page.locator(".title")).to_contain_text("停用：药品区分性别使用")
    change = page.url
    page.get_by_role("button", name="提交签署").click()
    expect(page.locator("main")).to_contain_text("起草人不能签署自己的变更")

    leader = browser.context.browser.new_context(locale="zh-CN").new_page()  # type: ignore[union-attr]
    enter(leader, desk, "leader")
    leader.goto(change)
    leader.get_by_role("button", name="签署", exact=True).click()
    expect(leader.locator(".title .state")).to_have_text("已签署")
    page.reload()
    expect(page.locator(".timeline")).to_contain_text("签署")
    assert browser.complaints == []
