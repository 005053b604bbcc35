"""The drawing of whom a finding is tied to: within the areas, at most sixty nodes, every one a link, a table beside."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.procedure.identity import finding_id
from tests.desk.factories import AREA, OTHER_AREA, Audits, flag

if TYPE_CHECKING:
    from django.test import Client

HERE = finding_id(AREA, "drug-for-children", "line", "H1|V1|L1")
Opened = Callable[[str], str]


@pytest.fixture
def opened(visit_as: Callable[[str | None], Client]) -> Opened:
    """The fragment of the first finding as somebody sees it."""
    return lambda name: visit_as(name).get(f"/findings/{HERE}/ties").content.decode()


def number_of(key: str, rule: str = "drug-for-children", area: str = AREA) -> str:
    """The number of an invented finding."""
    return finding_id(area, rule, "line", key)


def drawn(page: str) -> list[str]:
    """The findings drawn as dots, in order."""
    return re.findall(r'<a class="tie [a-z]+" href="/findings/([^"]+)"', page)


def test_a_finding_alone_has_its_own_nodes(audits: Audits, opened: Opened) -> None:
    audits.record([flag("L1")])
    page = opened("county")
    assert drawn(page) == [] and page.count('<a class="hub ') == 4, "itself, the person, the provider, the rule"
    assert "4 个节点" in page and 'href="/providers/H1"' in page and "/library/rules/drug-for-children" in page


def test_ties_by_person_and_by_rule_within_the_areas(audits: Audits, opened: Opened) -> None:
    far = {"provider": "H9", "fund_area": OTHER_AREA, "care_area": OTHER_AREA}
    audits.record([
        flag("L1"), flag("L2", rule="service-by-sex", provider="H2", key="H2|V2|L2"),
        flag("L3", person=43, key="H1|V3|L3"), flag("L4", person=44, rule="service-by-sex", key="H1|V4|L4"),
        flag("L5", key="H9|V5|L5", **far),
    ])  # fmt: skip
    county = opened("county")
    assert sorted(drawn(county)) == sorted([number_of("H2|V2|L2", "service-by-sex"), number_of("H1|V3|L3")])
    assert 'href="/providers/H2"' in county and 'href="/providers/H9"' not in county
    assert len(re.findall(r"<tr><td>同一参保人</td>", county)) == 1, "the table says the same"
    everything = opened("supervisor")
    assert number_of("H9|V5|L5", area=OTHER_AREA) in drawn(everything)


def test_of_many_the_largest_are_drawn_and_the_rest_counted(audits: Audits, opened: Opened) -> None:
    same_person = [flag(f"P{n}", rule="service-by-sex", key=f"H{n % 4 + 2}|V{n}|P{n}", provider=f"H{n % 4 + 2}",
                        improper_fen=100 + n) for n in range(80)]  # fmt: skip
    same_rule = [flag(f"R{n}", person=100 + n, key=f"H1|W{n}|R{n}", improper_fen=9_000 - n) for n in range(30)]
    audits.record([flag("L1"), *same_person, *same_rule])
    page = opened("county")
    nodes = page.count('<a class="hub ') + len(drawn(page))
    assert 50 < nodes <= 60 and f"{nodes} 个节点" in page and len(set(drawn(page))) == len(drawn(page))
    by_rule, by_person = (len(re.findall(rf"<tr><td>{words}", page)) for words in ("同一规则", "同一参保人"))
    assert by_rule > 20 and by_person > 20, "no tie crowds out the other"
    told = [int(n) for n in re.findall(r"另有 (\d+) 条疑点未画出</td>", page)]
    assert sum(told) == 110 - by_rule - by_person
    assert number_of("H5|V79|P79", "service-by-sex") in drawn(page), "the largest"
    assert number_of("H2|V0|P0", "service-by-sex") not in drawn(page)


def test_what_was_withdrawn_ties_nobody(audits: Audits, opened: Opened) -> None:
    audits.record([flag("L1"), flag("L2", key="H1|V2|L2")])
    assert len(drawn(opened("county"))) == 1
    audits.record([flag("L1")])
    assert drawn(opened("county")) == []


def test_a_provider_of_the_evidence_is_named_only_within_the_areas(audits: Audits, opened: Opened, home: Home) -> None:
    audits.record([flag("L1", witnesses='["H7|V1|L1", "H8|V2|L2", "H1|V1|L9"]')])
    with connect(home, "owner") as owner:
        owner.execute("SELECT set_config('mingcha.scope', '*', true)")
        owner.execute(
            "INSERT INTO provider_directory (provider, name, area) VALUES ('H7', '近处卫生院', %s), ('H8', '远处医院', %s)"
            " ON CONFLICT (provider) DO UPDATE SET name = excluded.name, area = excluded.area", [AREA, OTHER_AREA]
        )  # fmt: skip
    county = opened("county")
    assert "近处卫生院" in county and "远处医院" not in county and "另有 1 家证据所在机构" in county
    assert "远处医院" in opened("supervisor")


def test_the_page_fetches_it_only_when_it_is_opened(audits: Audits, visit_as: Callable[[str | None], Client]) -> None:
    audits.record([flag("L1")])
    page = visit_as("county").get(f"/findings/{HERE}").content.decode()
    assert f'hx-get="/findings/{HERE}/ties" hx-trigger="toggle once"' in page and '<svg class="ties"' not in page
