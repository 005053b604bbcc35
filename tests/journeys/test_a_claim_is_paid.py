"""A manual claim: entered, through five levels and the payment by the demo's people, each at their own desk."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from mingcha.home.database import connect
from mingcha.home.directory import Home
from tests.desk.factories import AREA, Audits, InventedPack
from tests.journeys.conftest import RULES, Browser, Desk, enter_as, invented, look, opened, well

pytestmark = [pytest.mark.slow, pytest.mark.browser]

HEAD = "类别,单据号,参保人编号,姓名,机构名称,就医地,就医日期,受理日期,费用总额,申请金额,外伤"
LONG = "西安交通大学医学院第一附属医院东院区（国际陆港医院）骨科与创伤诊疗中心"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk of its own in a county, with the demo's people."""
    home = Home.open(tmp_path_factory.mktemp("claims") / "home")
    Audits(home, InventedPack(RULES)).record(invented(12))
    with connect(home, "owner") as owner:
        owner.execute("INSERT INTO facts.area (code, parent, name, level) VALUES ('610300', NULL, '宝鸡市', 2),"
                      " (%s, '610300', '麟游县', 3)", [AREA])  # fmt: skip
    with opened(home) as desk:
        yield desk


def _batch(rows: int) -> bytes:
    """A file of applications with everything a row may have, and long names."""
    text = HEAD
    for n in range(rows):
        kind, place = ("手工报销", "生育津贴", "零星报销")[n % 3], "310101" if n % 9 == 0 else ""
        text += (f"\n{kind},FP{n:08},61032919800101{n:03}X,欧阳{'一二三四五六七八九十'[n % 10]}华,{LONG if n % 4 else '县医院'},"
                 f"{place},2026-10-08,2026-10-{10 + n % 20},{9000 + 700 * n}.55,{8000 + 700 * n}.05,{'是' if n % 7 == 0 else '否'}")  # fmt: skip
    return text.encode()


def test_five_people_and_the_signature(office: Desk, browser: Browser) -> None:
    page = enter_as(browser.page(), office, "reviewer")
    page.goto(f"{office.address}benefits")
    expect(page.locator(".empty")).to_contain_text("还没有待遇申请")
    well(page, "benefits-none")
    page.goto(f"{office.address}benefits/new")
    well(page, "benefits-new")
    faulty = _batch(2).decode().replace("生育津贴", "生育").replace("8700.05", "九百").encode()
    page.get_by_label("Excel 或 CSV 文件").set_input_files(
        {"name": "十月.csv", "mimeType": "text/csv", "buffer": faulty}
    )
    page.get_by_role("button", name="录入文件").click()
    expect(page.locator("tbody")).to_contain_text("生育")
    well(page, "benefits-faults")
    browser.complaints.clear()  # the refusal was a 409
    page.goto(f"{office.address}benefits/new")
    page.get_by_label("Excel 或 CSV 文件").set_input_files(
        {"name": "十月.csv", "mimeType": "text/csv", "buffer": _batch(64)}
    )
    page.get_by_role("button", name="录入文件").click()
    expect(page.locator(".done")).to_contain_text("新增 64 件")
    well(page, "benefits-list")
    page.set_viewport_size({"width": 1920, "height": 1080})
    look(page, "benefits-list-wide")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_label("全部 64 件").check()
    page.get_by_role("button", name="通过…").click()
    expect(page.locator("h2")).to_contain_text("将通过 64 件")
    well(page, "benefits-confirm")
    page.get_by_role("button", name="确认通过 64 件").click()
    expect(page.locator(".done")).to_contain_text("已办理 64 件")

    for name, opinion in (
        ("reviewer2", "合规"),
        ("reviewer3", "重点已核"),
        ("supervisor", "已外调核实"),
        ("leader", "同意"),
    ):
        page = enter_as(browser.page(), office, name)
        page.goto(f"{office.address}benefits")
        page.locator("table.benefits tbody tr a").first.click()
        expect(page.locator("#decide")).to_be_visible()
        page.get_by_label("意见", exact=True).fill(opinion)
        if name == "reviewer2":
            page.get_by_label("就医地费用信息已调取并核实").check()
        well(page, f"benefit-{name}")
        page.get_by_role("button", name="通过", exact=True).click()
        expect(page.locator(".done")).to_contain_text("已办理 1 件")
    with connect(office.home, "job") as job:
        found = job.execute("SELECT step FROM benefit_item ORDER BY received, id LIMIT 1").fetchone()
    assert found == ("signed",)
    page.goto(f"{office.address}benefits?tab=signed")
    page.locator("table.benefits tbody tr a").first.click()
    expect(page.locator(".way")).to_contain_text(
        re.compile("初审.*周佳.*审核.*冯雪.*复审.*田野.*稽核.*马骏.*领导审签.*何敏")
    )
    well(page, "benefit-signed")
    page.goto(f"{office.address}benefits/terms?area={AREA}")
    expect(page.locator("form.terms")).to_be_visible()
    well(page, "benefits-terms")
    assert browser.complaints == []


def test_the_batch_is_signed_by_four_and_returned(office: Desk, browser: Browser) -> None:
    with connect(office.home, "owner") as owner:  # as if five people had passed the rest as well
        owner.execute("SELECT set_config('mingcha.scope', '*', true)")
        owner.execute("UPDATE benefit_item SET step = 'signed', confirmed_by = 'reviewer2', confirmed_at = now()"
                      " WHERE id <= 30 AND step <> 'signed'")  # fmt: skip
    page = enter_as(browser.page(), office, "finance")
    page.goto(f"{office.address}disbursements")
    well(page, "disbursements-none")
    page.get_by_role("link", name="录入一批").click()
    well(page, "disbursements-new")
    page.get_by_role("button", name="录入所选的待遇").click()
    expect(page.locator("h1")).to_contain_text("BF00000001")
    well(page, "disbursement-entry")
    page.get_by_role("button", name="提交复核").click()
    expect(page.locator("#decide")).to_contain_text("由另一个人办理")
    at = page.url
    for name, button in (("finance2", "通过"), ("supervisor", "签发"), ("leader", "签发")):
        page = enter_as(browser.page(), office, name)
        page.goto(at)
        page.get_by_label("意见", exact=True).fill("同意")
        well(page, f"disbursement-{name}")
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.locator(".timeline")).to_contain_text("同意")
    page = enter_as(browser.page(), office, "finance")
    page.goto(at)
    page.get_by_role("button", name="报送").click()
    expect(page.locator("#decide")).to_contain_text("等待回盘")
    with connect(office.home, "job") as job:
        rows = job.execute("SELECT b.number, r.fen FROM disbursement_row r JOIN benefit_item b ON b.id = r.item_id"
                           " ORDER BY r.n").fetchall()  # fmt: skip
    text = "拨付编号,待遇编号,金额,结果,原因,日期" + "".join(
        f"\nBF00000001,{number},{fen / 100:.2f},{'失败,收款账户已销户，请与参保人核对' if n % 10 == 0 else '成功,'},2026-11-20"
        for n, (number, fen) in enumerate(rows)
    )
    page.get_by_label("回盘文件").set_input_files({"name": "回盘.csv", "mimeType": "text/csv", "buffer": text.encode()})
    page.get_by_role("button", name="登记回盘").click()
    expect(page.locator(".done")).to_contain_text("成功 27 笔，失败 3 笔")
    expect(page.locator(".facts")).to_contain_text("回盘失败")
    well(page, "disbursement-returned")
    page.goto(f"{office.address}disbursements")
    expect(page.locator("main")).to_contain_text("1 个统筹区有已审签")
    well(page, "disbursements-list")
    page.set_viewport_size({"width": 1920, "height": 1080})
    look(page, "disbursements-list-wide")
    assert browser.complaints == []
