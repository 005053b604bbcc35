"""A provider's statistics: its own numbers are its own, and others stay nameless and unseen, few ones altogether."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest
from python_calamine import CalamineWorkbook

from mingcha.home.database import connect
from mingcha.home.directory import Home
from tests.desk.factories import AREA, Audits, flag

if TYPE_CHECKING:
    from django.test import Client

    Visit = Callable[[str | None], Client]

pytestmark = pytest.mark.slow
AT = "/portal/statistics"
FEW = "同类机构不足 5 家，不显示"


def _alike(home: Home, providers: dict[str, tuple[str, str, str]]) -> None:
    """Providers of the register: type, level and area by code."""
    with connect(home, "owner") as owner:
        owner.execute("SELECT set_config('mingcha.scope', '*', true)")
        for code, (kind, level, area) in providers.items():
            owner.execute("INSERT INTO provider_directory (provider, name, type, level, area) VALUES (%s, %s, %s, %s, %s)"
                          " ON CONFLICT (provider) DO UPDATE SET type = excluded.type, level = excluded.level,"
                          " area = excluded.area", [code, f"某院{code}", kind, level, area])  # fmt: skip


def _notified(audits: Audits, visit_as: Visit, many: dict[str, int]) -> None:
    """Each provider is told of so many findings, of 100 fen the first, 200 the second and so on."""
    audits.record([
        flag(f"L{n}", provider=code, key=f"{code}|V1|L{n}", improper_fen=100 * (n + 1))
        for code, count in many.items() for n in range(count)
    ])  # fmt: skip
    told = visit_as("reviewer").post("/findings/move", {"all": "1", "query": "", "tab": "open", "move": "adopt",
                                                        "token": str(uuid4())})  # fmt: skip
    assert told.status_code == 302


def _standings(home: Home, own: str) -> dict[str, tuple[Any, ...]]:
    with connect(home, "app") as app:
        app.execute("SELECT set_config('mingcha.provider', %s, true)", [own])
        return {row[0]: row[1:] for row in app.execute("SELECT * FROM facts.peer_statistics()").fetchall()}


@pytest.fixture
def eight(audits: Audits, visit_as: Visit, home: Home) -> Home:
    """H1 with two findings among five like it; three more are of another level, kind or city."""
    _notified(audits, visit_as, {"H1": 2, **{f"H{n}": n for n in range(2, 7)}, "H7": 9, "H8": 9, "H9": 9})
    alike = {f"H{n}": ("1", "3", AREA) for n in range(1, 7)}
    _alike(home, {**alike, "H7": ("1", "2", AREA), "H8": ("2", "3", AREA), "H9": ("1", "3", "650100")})
    return home


def test_quartiles_are_of_others_of_the_same_kind(eight: Home) -> None:
    found = _standings(eight, "H1")
    assert found["told"] == (2, 5, 3, 4, 5), "two to six of the others, not nine of the unlike ones"
    assert found["fen"][0] == 300 and found["each"][0] == 150
    assert found["each"][3] == pytest.approx(250), "(100 + 200 + 300 + 400) / 4 of the one with four"
    assert found["definite"][0] == 1 and found["revoked"] == (None, None, None, None, None), "nothing has ended yet"
    assert found["changed"][1:] == (None,) * 4, "nobody was reminded"


def test_reminders_of_production_count_for_a_year(eight: Home, job: psycopg.Connection) -> None:
    for number in range(1, 7):
        for environment, age, changed in (("production", 10, number), ("production", 400, 9), ("test", 10, 9)):
            job.execute("INSERT INTO reminder_day (day, provider, environment, fund_area, care_area, department,"
                        " practitioner, n, changed) VALUES (current_date - %s::int, %s, %s, %s, %s, '', '', 10, %s)",
                        [age, f"H{number}", environment, AREA, AREA, changed])  # fmt: skip
    job.commit()
    assert _standings(eight, "H1")["changed"] == pytest.approx((0.1, 5, 0.3, 0.4, 0.5))


def test_of_fewer_than_five_nothing_is_told(eight: Home, visit_as: Visit) -> None:
    with connect(eight, "owner") as owner:
        owner.execute("SELECT set_config('mingcha.scope', '*', true)")
        owner.execute("DELETE FROM provider_directory WHERE provider = 'H6'")
    found = _standings(eight, "H1")
    assert found["told"] == (2, None, None, None, None), "not even how few"
    page = visit_as("provider").get(AT).content.decode()
    assert page.count(FEW) == 6


def test_nobody_else_learns_anything(eight: Home) -> None:
    assert _standings(eight, "") == _standings(eight, "H0") == {}, "an office and an unknown provider are like none"
    with connect(eight, "app") as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("SET ROLE mingcha_owner")
    with connect(eight, "app") as app:
        app.execute("SELECT set_config('mingcha.provider', 'H1', true)")
        app.execute("SELECT * FROM facts.peer_statistics()").fetchall()
        seen = app.execute("SELECT DISTINCT provider FROM finding_count WHERE provider <> ''").fetchall()
    assert seen == [("H1",)], "what the function may read ends with it"


def test_own_numbers_by_rule_month_and_as_a_table(eight: Home, visit_as: Visit, job: psycopg.Connection) -> None:
    client = visit_as("provider")
    number = job.execute("SELECT id FROM finding WHERE provider = 'H1' ORDER BY counted_fen LIMIT 1").fetchone() or ("",)
    appealed = {"move": "appeal", "reason": "有处方", "token": str(uuid4())}
    assert client.post(f"/findings/{number[0]}/move", appealed).status_code == 302
    page = client.get(AT).content.decode()
    assert '<svg class="spread"' in page and FEW in page, "told of some measures, too few for others"
    assert "某院H" not in page
    content = BytesIO(b"".join(client.get(f"{AT}/table").streaming_content))  # type: ignore[attr-defined]
    book = CalamineWorkbook.from_filelike(content)
    (row,) = book.get_sheet_by_name("按规则").to_python()[1:]
    assert row[1:] == [2, 3, 0, 1, 2, 0, 0], "findings, yuan, accepted, appealed, under way, upheld, revoked"
    assert [cells[1:] for cells in book.get_sheet_by_name("按月").to_python()[1:]] == [[2, 3]]
    assert book.get_sheet_by_name("同类比较").to_python()[1][1:] == [2, 3, 4, 5]
    nothing = client.get(f"{AT}?since=2001-01-01&until=2001-01-02").content.decode()
    assert "没有符合条件的疑点" in nothing
