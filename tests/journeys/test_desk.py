"""A supervisor's first minutes: log in, narrow the list, read a finding, look at the provider, take the list away."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook

from tests.journeys.conftest import Browser, Desk, broken_rules, look

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def log_in(page: Page, desk: Desk, role: str = "supervisor") -> None:
    """Through the form, as a person does."""
    page.goto(desk.address)
    page.get_by_label("用户名").fill(role)
    page.get_by_label("密码").fill(desk.passwords[role])
    page.get_by_role("button", name="登录").click()
    expect(page).to_have_url(re.compile("/findings$"))


def test_from_the_list_to_a_finding_and_back(desk: Desk, browser: Browser, tmp_path: Path) -> None:
    page = browser.page()
    log_in(page, desk)
    expect(page.locator(".pager")).to_contain_text("共 600 条")
    assert page.evaluate(_WHOLE_ROWS) >= 15, "a worklist shows fifteen rows at 1440×900"
    expect(page.locator(".chart canvas").first).to_be_visible()

    page.get_by_role("link", name=re.compile("^明确违规 200$")).click()
    expect(page).to_have_url(re.compile("tab=definite"))
    expect(page.locator(".pager")).to_contain_text("共 200 条")
    page.locator("select[name=rule]").select_option("drug-for-children")
    page.get_by_label("最小金额（元）").fill("1500")
    page.get_by_role("button", name="查询").click()
    expect(page).to_have_url(re.compile("least=1500.*tab=definite"))
    total = int(re.findall(r"共 (\d+) 条", page.locator(".pager").inner_text())[0])
    assert 0 < total < 200

    page.get_by_role("link", name="发生日期").click()
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("发生日期")
    days = page.locator("table.list tbody td:nth-child(10)").all_inner_texts()
    assert days == sorted(days, reverse=True)

    page.keyboard.press("j")
    page.keyboard.press("j")
    number = page.locator("tr.at td.code").first.inner_text()
    page.keyboard.press("Enter")
    expect(page.locator(".title")).to_contain_text(number)
    expect(page.locator(".steps-list")).to_contain_text("年龄超过限定")
    page.keyboard.press("n")
    expect(page.locator(".title")).not_to_contain_text(number)
    page.keyboard.press("p")
    expect(page.locator(".title")).to_contain_text(number)
    page.keyboard.press("u")
    expect(page).to_have_url(re.compile("least=1500"))
    expect(page.locator("tr.at td.code").first).to_have_text(number)

    with page.expect_download() as taken:
        page.get_by_role("link", name="导出").click()
    taken.value.save_as(tmp_path / "list.xlsx")
    sheet = CalamineWorkbook.from_path(str(tmp_path / "list.xlsx")).get_sheet_by_index(0).to_python()
    assert len(sheet) == total + 1
    assert browser.complaints == []


def test_the_back_button_returns_to_the_filter_before(desk: Desk, browser: Browser) -> None:
    page = browser.page()
    log_in(page, desk)
    page.get_by_role("link", name=re.compile("^可疑 ")).click()
    expect(page.locator(".pager")).to_contain_text("共 200 条")
    page.get_by_role("link", name="下一页").click()
    expect(page.locator(".pager")).to_contain_text("第 51–100 条")
    page.go_back()
    expect(page.locator(".pager")).to_contain_text("第 1–50 条")
    expect(page.locator(".tabs a[aria-current]")).to_contain_text("可疑")
    page.go_back()
    expect(page.locator(".pager")).to_contain_text("共 600 条")
    expect(page.locator(".side")).to_be_visible()
    assert browser.complaints == []


def test_the_provider_against_its_peers(desk: Desk, browser: Browser) -> None:
    page = browser.page()
    log_in(page, desk, "leader")
    page.get_by_role("link", name="定点机构").click()
    page.locator("table.list tbody tr").first.get_by_role("link").first.click()
    expect(page.locator(".title")).to_contain_text("居第 1 位")
    expect(page.locator(".indicators > div")).to_have_count(6)
    expect(page.locator(".chart canvas")).to_be_visible()
    assert browser.complaints == []


def test_columns_a_person_hides_stay_hidden(desk: Desk, browser: Browser) -> None:
    page = browser.page()
    log_in(page, desk, "reviewer")
    page.locator(".columns summary").click()
    page.get_by_label("医疗类别").uncheck()
    expect(page.get_by_role("columnheader", name="医疗类别")).to_be_hidden()
    page.reload()
    expect(page.get_by_role("columnheader", name="医疗类别")).to_be_hidden()
    page.get_by_role("link", name=re.compile("^提示 ")).click()
    expect(page).to_have_url(re.compile("tab=advisory"))
    expect(page.get_by_role("columnheader", name="医疗类别")).to_be_hidden()
    assert browser.complaints == []


@pytest.mark.parametrize("size", [(1440, 900), (1920, 1080), (1024, 768)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_every_page_passes_axe_at_every_width(desk: Desk, browser: Browser, size: tuple[int, int]) -> None:
    page = browser.page()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    log_in(page, desk, "supervisor")
    number = page.locator("table.list tbody tr").first.get_attribute("data-href")
    for address in (*PAGES, (number or "").lstrip("/")):
        page.goto(desk.address + address)
        assert broken_rules(page) == [], address
        look(page, f"{address.partition('?')[0].replace('/', '-')}-{size[0]}")


@pytest.mark.parametrize("size", [(1366, 768), (1280, 720), (2560, 1440), (1024, 768)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_no_page_is_wider_than_the_window(desk: Desk, browser: Browser, size: tuple[int, int]) -> None:
    page = browser.page()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    log_in(page, desk, "supervisor")
    number = page.locator("table.list tbody tr").first.get_attribute("data-href")
    wider = {}
    for address in (*PAGES, *MORE, (number or "").lstrip("/")):
        page.goto(desk.address + address)
        if (more := page.evaluate("document.documentElement.scrollWidth - innerWidth")) > 0:
            wider[address] = more
    assert wider == {}, "pixels beyond the window"
    assert browser.complaints == []


PAGES = ("findings", "providers", "providers/H610300", "audits", "password", "onboarding", "onboarding/strengths",
         "reminders", "reminders/list", "reminders/calls")  # fmt: skip
MORE = ("sampling", "review/terms", "money", "money/check", "library", "jobs", "me")
_WHOLE_ROWS = """() => {
    const pager = document.querySelector('.pager').getBoundingClientRect().top;
    return [...document.querySelectorAll('table.list tbody tr')]
        .filter(row => row.getBoundingClientRect().bottom <= pager).length;
}"""
