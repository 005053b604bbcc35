"""The person's visits around a finding: those within the own areas, by provider, and which of them have findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from mingcha.home.directory import Home
from mingcha.procedure.identity import finding_id
from mingcha.records import identity
from mingcha.records.importing import Import
from mingcha.records.lake import Lake
from mingcha.records.mapping import NONE
from tests.desk.factories import AREA, OTHER_AREA, Audits, flag

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow

DAY = date(2024, 3, 10)
HERE, THERE, FAR = "H61032900901", "H61032900902", "H41110200903"


@pytest.fixture(scope="module")
def person(desk_home: Home, tmp_path_factory: pytest.TempPathFactory) -> int:
    """Someone with a stay, two visits near it, one in another area for another fund, and one a year before."""
    rows = ["mdtrt_id,fixmedins_code,psn_no,med_type,begntime,endtime,dscg_maindiag_name,insuplc_admdvs,mdtrtarea_admvs"]
    for visit, provider, begun, days, area in (
        ("AV1", HERE, DAY, 6, AREA), ("AV2", THERE, DAY + timedelta(days=2), 0, AREA),
        ("AV3", THERE, DAY - timedelta(days=90), 0, AREA), ("AV4", FAR, DAY + timedelta(days=30), 0, OTHER_AREA),
        ("AV5", HERE, DAY - timedelta(days=300), 0, AREA),
    ):  # fmt: skip
        rows.append(f"{visit},{provider},AROUND-1,21,{begun},{begun + timedelta(days=days)},肺炎,{area},{area}")
    file: Path = tmp_path_factory.mktemp("around") / "visit.csv"
    file.write_text("\n".join(rows), "utf-8")
    with Lake.open(desk_home) as lake:
        assert Import(lake, NONE, by="test").run([file]).totals.accepted == 5
    return identity.tokens(desk_home, pa.array(["AROUND-1"]))[0].as_py()


@pytest.fixture
def opened(person: int, audits: Audits, visit_as: Callable[[str | None], Client]) -> Iterator[Callable[[str], str]]:
    """The fragment of the stay's finding, as somebody sees it. The visit of the third month before is flagged, too."""
    common = {"person": person, "fund_area": AREA, "improper_fen": 500}
    audits.record([
        flag("L1", provider=HERE, visit="AV1", key=f"{HERE}|AV1|L1", day=DAY, **common),
        flag("L2", provider=THERE, visit="AV3", key=f"{THERE}|AV3|L2", day=DAY - timedelta(days=90), **common),
    ])  # fmt: skip
    number = finding_id(AREA, "drug-for-children", "line", f"{HERE}|AV1|L1")
    yield lambda name: visit_as(name).get(f"/findings/{number}/visits").content.decode()
    from mingcha.desk.audit import facts

    facts.forget()


def test_visits_within_the_own_areas(opened: Callable[[str], str]) -> None:
    page = opened("county")
    assert "的 3 次就诊，2 家机构" in page and page.count("<rect") == 3, "not a year ago, not another area's"
    assert page.count('class="mark here"') == page.count('class="mark flagged"') == 1
    other = finding_id(AREA, "drug-for-children", "line", f"{THERE}|AV3|L2")
    assert page.count(f"/findings/{other}") == 2, "in the drawing and in its table"
    assert FAR not in page and "AROUND-1" not in page
    everything = opened("supervisor")
    assert "的 4 次就诊，3 家机构" in everything and FAR in everything


def test_a_stay_is_as_long_as_it_was(opened: Callable[[str], str]) -> None:
    import re

    widths = [float(width) for width in re.findall(r'<rect[^>]* width="([0-9.]+)"', opened("county"))]
    assert sorted(widths)[:2] == [6.0, 6.0] and max(widths) == pytest.approx(796 * 6 / 364, abs=0.2)
