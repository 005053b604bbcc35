"""A notice of findings: drafted, signed by a second person, opened by the provider."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from mingcha.desk import server
from mingcha.desk.review.actors import Actor
from mingcha.home import postgres
from mingcha.home.database import connect
from mingcha.home.directory import Home
from tests.desk.factories import AREA, Audits, InventedPack
from tests.desk.test_money import Office
from tests.journeys.conftest import RULES, Browser, Desk, enter_as, invented, well

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk of its own, with findings that wait for their providers."""
    home = Home.open(tmp_path_factory.mktemp("documents") / "home")
    Audits(home, InventedPack(RULES)).record(invented(120))
    started = server.start(home, port=None, detach=True)
    Office(home).move(Actor("reviewer-before", "reviewer"), "adopt")
    yield Desk(home, started.address, {a["username"]: a["password"] for a in server.demo_accounts(home)})
    server.stop(home)
    postgres.stop(home)


def test_from_the_draft_to_the_receipt(office: Desk, browser: Browser) -> None:
    with connect(office.home, "owner") as owner:
        (own,) = owner.execute("SELECT provider FROM account WHERE username = 'provider'").fetchone() or ("",)
        owner.execute(
            "INSERT INTO facts.setting (key, area, value) VALUES ('document-organ', %s,"
            """ '{"name": "麟游县医疗保障局", "word": "麟医保稽", "contact": "稽核科 0917-0000000"}')""",
            [AREA],
        )
    page = enter_as(browser.page(), office, "reviewer")
    page.goto(f"{office.address}documents")
    expect(page.locator(".empty")).to_contain_text("还没有文书")
    well(page, "documents-none")
    page.get_by_role("button", name="批量起草反馈通知").click()
    expect(page.locator(".done")).to_contain_text("8 家机构")
    well(page, "documents-drafted")
    page.goto(f"{office.address}documents?tab=draft&q={own}")
    page.locator("tbody tr a").first.click()
    expect(page.locator(".paper img")).to_be_visible()
    assert page.request.get(f"{page.url}/page.png").headers["content-type"] == "image/png"
    well(page, "document-draft")
    page.get_by_role("button", name="送签").click()
    expect(page.locator(".moves")).to_contain_text("等待另一位")
    at = page.url

    page = enter_as(browser.page(), office, "leader")
    page.goto(at)
    page.get_by_role("button", name="签发", exact=True).click()
    expect(page.locator(".title")).to_contain_text("麟医保稽〔")
    well(page, "document-signed")

    page = enter_as(browser.page(), office, "provider")
    page.goto(f"{office.address}portal/documents")
    well(page, "portal-documents")
    answer = page.request.get(f"{office.address}portal/documents/{at.rsplit('/', 1)[1]}/pdf")
    assert answer.status == 404, "the receipt comes first"
    page.get_by_role("button", name="签收并打开").first.click(no_wait_after=True)
    expect(page).to_have_url(re.compile(r"/pdf$"))
    page = enter_as(browser.page(), office, "reviewer")
    page.goto(at)
    expect(page.locator("main")).to_contain_text("机构门户")
    expect(page.locator(".title .state")).to_have_text("已送达")
    well(page, "document-delivered")
    # A PDF names no icon, so the browser asks for /favicon.ico; what fails otherwise is noted with its address, too.
    assert [words for words in browser.complaints if not words.startswith("Failed to load resource")] == []
