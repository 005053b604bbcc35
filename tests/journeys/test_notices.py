"""A reviewer sends findings to hospitals in one move; a hospital's bell shows one notice, which leads to the list."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from mingcha.home.directory import Home
from tests.desk.factories import Audits, InventedPack
from tests.journeys.conftest import RULES, Browser, Desk, broken_rules, enter_as, invented, look, opened

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk of its own with 240 findings of eight providers."""
    home = Home.open(tmp_path_factory.mktemp("notices") / "home")
    Audits(home, InventedPack(RULES)).record(invented(240))
    with opened(home) as desk:
        yield desk


def test_one_move_one_notice(office: Desk, browser: Browser) -> None:
    page = browser.page()
    enter_as(page, office, "provider")
    page.goto(f"{office.address}notices")
    expect(page.get_by_role("heading", name="没有未读的通知")).to_be_visible()
    assert broken_rules(page) == []
    look(page, "notices-none")
    enter_as(page, office, "reviewer")
    page.goto(f"{office.address}findings")
    page.get_by_label("全部 240 条").check()
    page.get_by_role("button", name="采信并反馈机构").click()
    expect(page.locator(".done")).to_contain_text("已办理 240 条")

    enter_as(page, office, "provider")
    expect(_bell(page)).to_have_text("1")
    assert broken_rules(page) == []
    page.locator("#bell").click()
    notice = page.get_by_role("button", name=re.compile("^30 条疑点待反馈"))
    expect(notice).to_be_visible()
    assert broken_rules(page) == []
    look(page, "notices-one")
    notice.click()
    expect(page).to_have_url(re.compile(r"/portal\?tab=notified$"))
    expect(page.locator(".pager")).to_contain_text("共 30 条")
    expect(page.locator("#bell b")).to_have_count(0)
    page.goto(f"{office.address}notices?tab=all")
    expect(page.locator("table.notices")).to_contain_text("已读")
    assert browser.complaints == []


def test_how_one_wants_to_be_told(office: Desk, browser: Browser) -> None:
    page = browser.page()
    enter_as(page, office, "admin")
    page.goto(f"{office.address}notices/channels")
    page.get_by_label("邮件服务器").fill("smtp.example.gov.cn")
    page.get_by_label("发件人").fill("mingcha@example.gov.cn")
    page.get_by_role("button", name="保存").first.click()
    expect(page.locator("main")).to_contain_text("经 smtp.example.gov.cn 发送")
    assert broken_rules(page) == []
    page.get_by_label("名称").fill("局办公系统")
    page.get_by_label("地址", exact=True).fill("https://oa.example.gov.cn/hooks/mingcha")
    page.get_by_role("button", name="新建").click()
    expect(page.get_by_label("密钥明文")).to_have_value(re.compile("^whsec_"))
    assert broken_rules(page) == []
    look(page, "notices-endpoint")
    page.goto(f"{office.address}notices/channels")
    page.get_by_text("逐项设定…").click()
    page.get_by_text("HTTP 网关的设定…").click()
    page.get_by_text("新建推送…").click()
    expect(page.get_by_role("link", name="局办公系统")).to_be_visible()
    assert broken_rules(page) == []
    look(page, "notices-channels")
    enter_as(page, office, "provider")
    page.goto(f"{office.address}notices/wishes")
    page.get_by_label("新的邮箱").fill("zhang.wei@hospital.example")
    page.get_by_role("button", name="保存").first.click()
    expect(page.locator(".addresses")).to_contain_text("zh***@hospital.example")
    page.get_by_label("每天早上一封").check()
    page.get_by_role("button", name="保存").last.click()
    expect(page.get_by_label("每天早上一封")).to_be_checked()
    assert broken_rules(page) == []
    look(page, "notices-wishes")
    assert browser.complaints == []


def _bell(page: Page) -> Locator:
    """The bell's number, looked for again until the desk has posted."""
    for _ in range(40):
        if page.locator("#bell b").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    return page.locator("#bell b")
