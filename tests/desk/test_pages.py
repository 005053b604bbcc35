"""The pages over invented audits: filters, counts, order, paging, neighbours, and what they say."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

import pytest

from mingcha.home.directory import Home
from tests.desk.conftest import PASSWORD
from tests.desk.factories import Audits, flag, line, pack_of

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow

Visit = Callable[[str | None], "Client"]


def listed(client: Client, query: str = "") -> list[str]:
    """The numbers of the findings listed, in order."""
    text = client.get(f"/findings?{query}").content.decode()
    return re.findall(r'<td class="code"><a href="/findings/(YD\w{16})', text)


@pytest.fixture
def three(audits: Audits) -> Audits:
    audits.record([
        flag("L1", improper_fen=100, day=date(2026, 1, 5)),
        flag("L2", improper_fen=300, day=date(2026, 2, 5), certainty="suspected", rule="service-by-sex"),
        flag("L3", improper_fen=200, day=date(2026, 3, 5), provider="H2", key="H2|V1|L3"),
    ])  # fmt: skip
    return audits


@pytest.mark.parametrize(
    ("query", "amounts"),
    [
        ("", ["3.00", "2.00", "1.00"]),
        ("sort=amount", ["1.00", "2.00", "3.00"]),
        ("sort=-day", ["2.00", "3.00", "1.00"]),
        ("tab=definite", ["2.00", "1.00"]),
        ("certainty=suspected", ["3.00"]),
        ("provider=H2", ["2.00"]),
        ("rule=service-by-sex", ["3.00"]),
        ("since=2026-02-01&until=2026-02-28", ["3.00"]),
        ("least=2", ["3.00", "2.00"]),
        ("q=service", ["3.00"]),
        ("q=H2", ["2.00"]),
        ("q=%25", []),
        ("tab=withdrawn", []),
        ("since=nonsense&least=-1&sort=upside&tab=none&person=x&after=~~", ["3.00", "2.00", "1.00"]),
    ],
)
def test_filters_and_order(three: Audits, visit_as: Visit, query: str, amounts: list[str]) -> None:
    text = visit_as("supervisor").get(f"/findings?{query}", headers={"HX-Request": "true"}).content.decode()
    assert re.findall(r'<td class="n"[^>]*>(?:<span[^>]*>\*</span>)?([\d.,]+)</td>', text) == amounts


def test_tabs_count_what_they_list(three: Audits, visit_as: Visit) -> None:
    three.record([flag("L1", improper_fen=100, day=date(2026, 1, 5))])  # the two others are withdrawn
    text = visit_as("supervisor").get("/findings").content.decode()
    counts = dict(re.findall(r"tab=(\w+)[^>]*>[^<]*<small>([\d,]+)</small>", text))
    assert counts == {
        "open": "1", "definite": "1", "suspected": "0", "advisory": "0", "notified": "0", "appealed": "0", "final": "0",
        "withdrawn": "2", "all": "3",
    }  # fmt: skip


def test_pages_follow_each_other_without_gap_or_repeat(audits: Audits, visit_as: Visit) -> None:
    audits.record([flag(f"L{n:03}", improper_fen=100 * (n // 40)) for n in range(120)])
    client, seen, address = visit_as("supervisor"), [], "/findings"
    while address:
        text = client.get(address).content.decode()
        seen.append(re.findall(r'<td class="code"><a href="/findings/(YD\w{16})', text))
        following = re.search(r'href="(\?[^"]*after=[^"]*)"', text)
        address = "/findings" + following[1].replace("&amp;", "&") if following else ""
    assert [len(page) for page in seen] == [50, 50, 20]
    assert len({number for page in seen for number in page}) == 120
    back = re.search(r'href="(\?[^"]*before=[^"]*)"', text)
    assert back
    assert seen[1] == re.findall(
        r'<td class="code"><a href="/findings/(YD\w{16})',
        client.get("/findings" + back[1].replace("&amp;", "&")).content.decode(),
    )


def test_the_finding_page_leads_to_its_neighbours_in_the_filter(three: Audits, visit_as: Visit) -> None:
    client = visit_as("supervisor")
    numbers = listed(client, "tab=definite")
    text = client.get(f"/findings/{numbers[0]}?tab=definite").content.decode()
    assert f'href="/findings/{numbers[1]}?tab=definite"' in text
    assert text.count('aria-disabled="true"') == 1  # there is none before the first


def test_the_finding_page_says_under_which_finding_a_line_is_counted(audits: Audits, visit_as: Visit) -> None:
    low, high = flag("L1", improper_fen=600), flag("L1", rule="service-by-sex", improper_fen=900)
    audits.record([low, high], [line(low, in_scope_fen=1000), line(high, in_scope_fen=1000)])
    client = visit_as("supervisor")
    first, second = listed(client)
    assert f'计入 <a class="code" href="/findings/{first}">' in client.get(f"/findings/{second}").content.decode()
    assert "同一费用的其他疑点" in client.get(f"/findings/{first}").content.decode()


def test_a_withdrawn_finding_says_why(audits: Audits, visit_as: Visit) -> None:
    audits.record([flag("L1")])
    audits.record([], pack=pack_of("service-by-sex"))
    client = visit_as("supervisor")
    (number,) = listed(client, "tab=withdrawn")
    assert "规则已停用" in client.get(f"/findings/{number}").content.decode()


def test_before_the_first_audit_the_list_says_what_to_do(home: Home, visit_as: Visit) -> None:
    assert "还没有机审结果" in visit_as("supervisor").get("/findings").content.decode()


def test_pages_are_never_cached_and_carry_a_strict_policy(three: Audits, visit_as: Visit) -> None:
    answer = visit_as("supervisor").get("/findings")
    assert answer["Cache-Control"] == "no-store"
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "nonce" not in policy
    text = answer.content.decode()
    assert " style=" not in text and "onclick" not in text
    assert not re.findall(r"<script(?![^>]*(?:src=|application/json))", text)


def test_a_wrong_password_tells_nothing_and_five_lock(visit_as: Visit) -> None:
    client = visit_as(None)
    answers = [
        client.post("/login", {"username": name, "password": "wrong"})
        for name in ("leader", "nobody-here", "leader", "leader", "leader", "leader")
    ]
    texts = {re.sub(r'value="[^"]*"', "", answer.content.decode()) for answer in answers[:2]}
    assert len(texts) == 1
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    right = client.post("/login", {"username": "leader", "password": PASSWORD})
    assert right.status_code == 429
    from axes.utils import reset

    reset(username="leader")


def test_changing_the_password_keeps_this_session_and_ends_others(visit_as: Visit) -> None:
    here, there = visit_as("reviewer"), visit_as("reviewer")
    form = {"old_password": PASSWORD, "new_password1": "small-red-roof-17", "new_password2": "small-red-roof-17"}
    assert here.post("/password", form | {"old_password": "wrong"}).status_code == 200
    assert here.post("/password", form).headers["Location"] == "/password/done"
    assert here.get("/findings").status_code == 200
    assert there.get("/findings").status_code == 302
    from mingcha.desk.accounts.models import Account

    reviewer = Account.objects.get(username="reviewer")
    reviewer.set_password(PASSWORD)
    reviewer.save()
