"""The graph of whom a finding is tied to, as it is opened and walked through by keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from mingcha.procedure.identity import finding_id
from tests.desk.factories import AREA
from tests.journeys.conftest import Browser, Desk, broken_rules, look
from tests.journeys.test_desk import log_in

pytestmark = pytest.mark.slow

FIRST = finding_id(AREA, "drug-for-children", "line", "H610300|V0|L0000")


def opened(desk: Desk, page: Page, number: str) -> None:
    """The finding's page with its graph unfolded by keyboard."""
    page.goto(f"{desk.address}findings/{number}")
    page.locator(".ties-of > summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("svg.ties")).to_be_visible()


def test_the_graph_is_walked_by_keyboard(desk: Desk, browser: Browser) -> None:
    page = browser.page()
    log_in(page, desk)
    opened(desk, page, FIRST)
    expect(page.locator("svg.ties a.tie")).to_have_count(24)
    page.locator(".ties-of").scroll_into_view_if_needed()
    look(page, "finding-ties")
    page.locator(".ties-table > summary").click()
    assert page.locator(".ties-table tbody tr").count() == page.locator("svg.ties a").count() - 1, "all but itself"
    assert broken_rules(page) == []
    page.locator("svg.ties a.tie").first.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/findings/YD[A-Z0-9]+$"))
    assert not page.url.endswith(FIRST) and browser.complaints == []
