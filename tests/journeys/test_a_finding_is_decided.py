"""One month's findings on their way: first review by keyboard and in bulk, the hospital's answer, appeal, panel, signature."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import xlsxwriter
from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook

from mingcha.home.directory import Home
from tests.desk.factories import Audits, InventedPack, line
from tests.journeys.conftest import RULES, Browser, Desk, broken_rules, enter_as, invented, look, opened

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk of its own: what is decided here would be missing elsewhere."""
    home = Home.open(tmp_path_factory.mktemp("review") / "home")
    flags = invented(240)
    paid = [line(one, settled_fund_fen=700, settled_in_scope_fen=1000) for one in flags]
    Audits(home, InventedPack(RULES)).record(flags, paid)
    with opened(home) as desk:
        yield desk


def _own(office: Desk) -> str:
    """The provider the portal's account speaks for."""
    from mingcha.home.database import connect

    with connect(office.home, "owner") as owner:
        return (owner.execute("SELECT provider FROM account WHERE username = 'provider'").fetchone() or ("",))[0]


def test_from_the_first_review_to_the_money(office: Desk, browser: Browser, tmp_path: Path) -> None:
    page = browser.page()
    _first_review(page, office)
    disputed = _the_hospital_answers(page, office, tmp_path)
    _the_panel(page, office, disputed)
    enter_as(page, office, "leader")
    page.goto(f"{office.address}findings?tab=final")
    expect(page.locator(".pager")).to_contain_text("共 29 条")
    page.get_by_label("全部 29 条").check()
    look(page, "worklist-final")
    page.get_by_role("button", name="签发").click()
    expect(page.locator(".done")).to_contain_text("签发：已办理 29 条")
    page.goto(f"{office.address}findings/{disputed}?tab=signed")
    expect(page.locator(".state").first).to_have_text("待扣款")
    look(page, "finding-signed")
    _the_money(page, office)
    refused = [told for told in browser.complaints if not told.startswith(("409", "Failed to load resource"))]
    assert refused == [], "nothing but the move without a reason was refused"


def _first_review(page: Page, office: Desk) -> None:
    """By keyboard, then all that is left."""
    enter_as(page, office, "reviewer")
    provider = _own(office)
    page.goto(f"{office.address}findings?provider={provider}")
    expect(page.locator(".pager")).to_contain_text("共 30 条")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#decide")).to_contain_text("待初审")
    look(page, "finding-first")
    first = page.locator(".title .code").first.inner_text()
    page.keyboard.press("a")  # adopted, and on to the next
    expect(page.locator(".done")).to_contain_text("已办理 1 条")
    expect(page.locator(".title .code").first).not_to_have_text(first)
    page.keyboard.press("d")
    page.keyboard.type("有处方，家长代购")
    page.get_by_role("button", name=re.compile("^不采信")).click()
    expect(page.locator(".done")).to_contain_text("不采信：已办理 1 条")

    page.goto(f"{office.address}findings?provider={provider}")
    expect(page.locator(".pager")).to_contain_text("共 28 条")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator(".picked")).to_have_text("已选 1 条")
    look(page, "worklist-picked")
    page.get_by_label("全部 28 条").check()
    expect(page.locator(".picked")).to_have_text("已选全部 28 条")
    page.get_by_role("button", name="采信并反馈机构").click()
    expect(page.locator(".done")).to_contain_text("已办理 28 条")
    assert broken_rules(page) == []


def _the_hospital_answers(page: Page, office: Desk, tmp_path: Path) -> str:
    """One is appealed with a record, the others are accepted by table; which was appealed."""
    enter_as(page, office, "provider")
    expect(page).to_have_url(re.compile("/portal$"))
    expect(page.locator(".pager")).to_contain_text("共 29 条")
    look(page, "portal")
    assert broken_rules(page) == []
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#decide")).to_contain_text("您的答复")
    disputed = page.locator(".title .code").first.inner_text()
    record = tmp_path / "病历.pdf"
    record.write_bytes(b"%PDF-1.7\n1 0 obj")
    page.get_by_label("附件文件").set_input_files(record)
    page.get_by_role("button", name="上传").click()
    expect(page.locator(".papers")).to_contain_text("病历.pdf")
    look(page, "portal-finding")
    assert broken_rules(page) == []
    page.locator("#opinion").fill("患儿监护人代购，处方见附件")
    page.get_by_role("button", name="申诉", exact=True).click()
    expect(page.locator(".done")).to_contain_text("申诉：已办理 1 条")
    _by_table(page, office, tmp_path)
    expect(page.locator(".empty")).to_contain_text("没有待答复的疑点")
    look(page, "portal-empty")
    page.get_by_role("link", name="本机构统计").click()
    expect(page.get_by_role("heading", name="与同类机构比较")).to_be_visible()
    expect(page.locator(".chart canvas")).to_be_visible()
    look(page, "portal-statistics")
    assert broken_rules(page) == []
    return disputed


def _the_panel(page: Page, office: Desk, disputed: str) -> None:
    """The second reviewer asks three experts, and the panel says what most of them said."""
    enter_as(page, office, "supervisor")
    page.goto(f"{office.address}findings?tab=appealed")
    page.locator("table.list tbody a", has_text=disputed).click()
    expect(page.locator("#decide")).to_contain_text("待复核")
    expect(page.locator(".papers")).to_contain_text("病历.pdf")
    look(page, "finding-appealed")
    assert broken_rules(page) == []
    page.locator("#opinion").fill("处方日期晚于费用")
    page.get_by_role("button", name=re.compile("^送合议")).click()
    page.goto(f"{office.address}findings/{disputed}?tab=panel")
    for expert in ("郑恺", "沈青", "韩树"):
        page.get_by_label(expert).check()
    page.get_by_label("请专家判断什么").fill("处方日期与费用日期是否矛盾")
    page.get_by_role("button", name="发出邀请").click()
    expect(page.get_by_text("未答复")).to_have_count(3)
    page.get_by_role("button", name=re.compile("^合议维持")).click()
    expect(page.locator(".told")).to_contain_text("请写明合议维持的理由")

    for expert, verdict in (("expert", "支持认定"), ("expert2", "不支持认定"), ("expert3", "部分支持")):
        enter_as(page, office, expert)
        page.locator("table.list tbody a", has_text=disputed).click()
        page.get_by_label(verdict, exact=True).check()
        page.get_by_label("意见和理由").fill("处方应先于费用。")
        if expert == "expert":
            look(page, "opinion")
            assert broken_rules(page) == []
        page.get_by_role("button", name="署名提交").click()
        expect(page.get_by_text("没有等待您意见的疑点")).to_be_visible()

    enter_as(page, office, "supervisor")
    page.goto(f"{office.address}findings/{disputed}?tab=panel")
    page.locator("#opinion").fill("三名专家多数支持")
    page.get_by_role("button", name=re.compile("^合议维持")).click()
    expect(page.locator(".done")).to_contain_text("合议维持：已办理 1 条")


def _the_money(page: Page, office: Desk) -> None:
    """Finance drafts the statement, the leader approves it, money comes in, and the books add up."""
    enter_as(page, office, "finance").goto(f"{office.address}money")
    page.get_by_role("button", name=re.compile("^拟定")).click()
    expect(page.locator(".title")).to_contain_text("待审批")
    at = page.url
    enter_as(page, office, "leader").goto(at)
    page.get_by_role("button", name="审批并扣款").click()
    expect(page.locator(".title")).to_contain_text("待到账")
    assert broken_rules(page) == []
    whole = re.search(r"未收\s*([\d,.]+)", page.locator(".facts").inner_text())
    assert whole
    enter_as(page, office, "finance").goto(at)
    page.get_by_label("到账金额（元）").fill("100.00")
    page.get_by_label("凭证号").fill("PZ-2026-001")
    page.get_by_role("button", name="登记到账").click()
    expect(page.locator(".title")).to_contain_text("部分到账")
    _by_instalments(page, office, at)
    page.get_by_label("到账金额（元）").fill(f"{float(whole[1].replace(',', '')) - 100:.2f}")
    page.get_by_label("凭证号").fill("PZ-2026-002")
    page.get_by_role("button", name="登记到账").click()
    expect(page.locator(".title")).to_contain_text("已结清")
    page.goto(f"{office.address}money/check")
    expect(page.get_by_text("分毫不差")).to_be_visible()
    assert broken_rules(page) == []


def _by_instalments(page: Page, office: Desk, at: str) -> None:
    """What is open may be paid by instalments: finance drafts, the leader grants."""
    page.get_by_label("按月均分，期数").fill("12")
    page.locator("form.plan [name=reason]").fill("医院正在清偿历史欠款，申请一年内按月缴清")
    page.get_by_role("button", name="拟定分期").click()
    expect(page.get_by_text("分期 12 期")).to_be_visible()
    assert broken_rules(page) == []
    enter_as(page, office, "leader").goto(at)
    page.get_by_role("button", name="同意分期").click()
    expect(page.get_by_text("执行中")).to_be_visible()
    look(page, "instalments")
    assert broken_rules(page) == []
    enter_as(page, office, "finance").goto(at)


def _by_table(page: Page, office: Desk, tmp_path: Path) -> None:
    """All that is left is accepted with the table, which goes out and comes back."""
    page.goto(f"{office.address}portal")
    with page.expect_download() as taken:
        page.get_by_role("link", name="下载答复表").click()
    taken.value.save_as(tmp_path / "out.xlsx")
    rows = CalamineWorkbook.from_path(str(tmp_path / "out.xlsx")).get_sheet_by_index(0).to_python()
    with xlsxwriter.Workbook(tmp_path / "back.xlsx") as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            for column, cell in enumerate([*row[:-2], *(("认可", "") if at else row[-2:])]):
                sheet.write(at, column, str(cell))
    page.get_by_text("上传答复表…").click()
    page.get_by_label("填好的答复表").set_input_files(tmp_path / "back.xlsx")
    page.get_by_role("button", name="上传并办理").click()
    expect(page.locator(".done")).to_contain_text("认可：已办理 28 条")
