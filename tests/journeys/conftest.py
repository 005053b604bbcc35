"""A running desk over invented findings, and a headless Chromium that notes everything the console says."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from mingcha.desk import server
from mingcha.home import postgres
from mingcha.home.directory import Home
from tests.desk.factories import AREA, Audits, InventedPack, InventedRule, flag

expect.set_options(timeout=20_000)  # two cores may be shared with other suites
PICTURES = Path(os.environ.get("MINGCHA_PICTURES") or Path(__file__).parents[2] / "build" / "pictures")
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--lang=zh-CN"]  # fmt: skip
RULES = (
    InventedRule("drug-for-children", "限儿童使用药品用于成人", national_code="YP0121"),
    InventedRule("service-by-sex", "性别与项目不符", national_code="YL0312"),
    InventedRule("service-included-in-main", "重复收费：血液透析含一次性耗材，主项目已包含其内涵"),
)


@dataclass
class Desk:
    """Where the desk answers, and the passwords of its accounts."""

    home: Home
    address: str
    passwords: dict[str, str]


@dataclass
class Browser:
    """A context of Chromium, and what its console and its server complained about."""

    context: BrowserContext
    complaints: list[str] = field(default_factory=list)

    def page(self) -> Page:
        """A new tab whose complaints are noted: script errors, refused styles and scripts, failed requests."""
        page = self.context.new_page()
        page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("response", lambda r: self.complaints.append(f"{r.status} {r.url}") if r.status >= 400 else None)
        return page


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A home with 600 invented findings and a desk that serves it."""
    home = Home.open(tmp_path_factory.mktemp("journey") / "home")
    Audits(home, InventedPack(RULES)).record(invented(600))
    with opened(home) as desk:
        yield desk


@contextmanager
def opened(home: Home) -> Iterator[Desk]:
    """A desk that serves a home, with the demo's people."""
    started = server.start(home, port=None, detach=True)
    try:
        yield Desk(home, started.address, {a["username"]: a["password"] for a in server.demo_accounts(home)})
    finally:
        server.stop(home)
        postgres.stop(home)


def enter_as(page: Page, desk: Desk, name: str) -> Page:
    """Log out whoever was there, and in as somebody else."""
    page.context.clear_cookies()
    page.goto(desk.address)
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(desk.passwords[name])
    page.get_by_role("button", name="登录").click()
    expect(page.locator(".side")).to_be_visible()
    return page


def well(page: Page, name: str) -> None:
    """A picture of the page, which breaks no rule of axe."""
    look(page, name)
    assert broken_rules(page) == []


def invented(count: int) -> list[dict[str, Any]]:
    """Flags over a year, eight providers and three rules; always the same."""
    draw = random.Random(7)
    return [
        flag(
            f"L{n:04}", rule=RULES[n % 3].id, certainty=("definite", "suspected", "advisory")[n % 3],
            provider=f"H6103{n % 8:02}", key=f"H6103{n % 8:02}|V{n // 3}|L{n:04}", visit=f"V{n // 3}",
            person=draw.getrandbits(62), day=date(2025, 12, 1) + timedelta(days=n * 360 // count), fund_area=AREA,
            improper_fen=draw.randrange(100, 200_000), why=json.dumps({"age": 34, "sex": "1"}),
        )
        for n in range(count)
    ]  # fmt: skip


@pytest.fixture
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless, 1440×900."""
    path = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    if path is None and not os.environ.get("CI"):
        pytest.skip("no chromium on PATH; Debian: apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path, args=_SWITCHES, headless=True)
        context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        yield Browser(context)
        chromium.close()


def look(page: Page, name: str) -> None:
    """Keep a picture of the page as it is, for whoever looks at a run afterwards (CONTRIBUTING.md)."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")


def broken_rules(page: Page) -> list[str]:
    """Rules of WCAG A and AA that the page breaks, by axe-core run from outside the page's policy."""
    axe = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
    if not axe.exists():
        pytest.skip("axe-core is not installed; run npm ci")
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": axe.read_text("utf-8")})
    answer = session.send("Runtime.evaluate", {
        "expression": "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa']}).then(found => JSON.stringify("
                      "found.violations.map(v => v.id + ': ' + v.nodes[0].target + ' ' + v.nodes[0].failureSummary)))",
        "awaitPromise": True, "returnByValue": True,
    })  # fmt: skip
    return json.loads(answer["result"]["value"])
