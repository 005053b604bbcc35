"""An administrator opens an account; the person changes the password, sets up codes and logs in with one."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Browser, Desk, broken_rules

pytestmark = [pytest.mark.slow, pytest.mark.browser]

OWN = "quiet-river-boat-7"


def log_in(page: Page, desk: Desk, username: str, password: str) -> None:
    """Through the form, as a person does."""
    page.goto(desk.address + "login")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


def seen(page: Page, pictures: Path, name: str) -> None:
    """The page as it looks, kept beside the test's other files; and nothing in it that some can't read."""
    page.screenshot(path=pictures / f"{name}.png")
    assert broken_rules(page) == [], name


def log_out(page: Page) -> None:
    page.locator(".who summary").click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("button", name="登录")).to_be_visible()


def test_from_the_administrator_to_a_login_with_a_code(desk: Desk, browser: Browser, tmp_path: Path) -> None:
    page = browser.page()
    log_in(page, desk, "admin", desk.passwords["admin"])
    page.get_by_role("link", name="账号", exact=True).click()
    seen(page, tmp_path, "accounts")
    page.get_by_role("link", name="开立账号").click()
    page.get_by_label("用户名").fill("lijing")
    page.get_by_label("姓名").fill("李静")
    page.get_by_label("单位").fill("麟游县医疗保障局")
    page.get_by_label("岗位").select_option("reviewer")
    page.get_by_label(re.compile("^辖区")).select_option("*")
    seen(page, tmp_path, "open")
    page.get_by_role("button", name="开立账号").click()
    password = page.get_by_label("密码", exact=True).input_value()
    seen(page, tmp_path, "handed")
    page.get_by_role("link", name="已经告知本人").click()
    expect(page.locator(".timeline")).to_contain_text("开通账号")
    seen(page, tmp_path, "account")
    for address in ("accounts/limits", "accounts/requests", "areas", "recusals", "me"):
        page.goto(desk.address + address)
        seen(page, tmp_path, address.replace("/", "-"))
    log_out(page)

    log_in(page, desk, "lijing", password)
    expect(page).to_have_url(re.compile("/password$"))
    page.get_by_label("现在的密码").fill(password)
    page.get_by_label("新密码", exact=True).fill(OWN)
    page.get_by_label("再输一次新密码").fill(OWN)
    page.get_by_role("button", name="修改密码").click()
    expect(page.get_by_role("status").first).to_contain_text("密码已修改")

    page.locator(".who summary").click()
    page.get_by_role("link", name="动态验证码").click()
    page.get_by_role("button", name="开始启用").click()
    secret = page.locator("span.code.keep").inner_text()
    expect(page.locator("img[alt^=二维码]")).to_have_js_property("complete", True)
    assert page.locator("img[alt^=二维码]").evaluate("image => image.naturalWidth") > 100
    seen(page, tmp_path, "second-step")
    page.get_by_label(re.compile("6 位数字")).fill(pyotp.TOTP(secret).generate_otp(int(time.time()) // 30 - 1))
    page.get_by_role("button", name="启用", exact=True).click()
    expect(page.locator(".recovery li")).to_have_count(10)
    seen(page, tmp_path, "recovery")
    log_out(page)

    log_in(page, desk, "lijing", OWN)
    expect(page).to_have_url(re.compile("/login/code$"))
    seen(page, tmp_path, "code")
    page.get_by_label(re.compile("6 位数字")).fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="登录").click()
    expect(page).to_have_url(re.compile("/findings$"))

    page.locator("table.list tbody tr a").first.click()
    expect(page.locator("body.marked")).to_be_visible()
    page.screenshot(path=tmp_path / "finding.png")
    assert browser.complaints == []
