"""Who may open what, and which rows anyone sees: the permission table and row security, tried one by one."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from python_calamine import CalamineWorkbook

from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.procedure.identity import finding_id
from tests.desk.factories import AREA, OTHER_AREA, Audits, flag

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow

LOGIN = 302  # to the login page
HERE = finding_id(AREA, "drug-for-children", "line", "H1|V1|L1")
TABLE = [
    # view               address               nobody supervisor reviewer knowledge leader admin
    ("home",             "/",                                   (LOGIN, 302, 302, 302, 302, 302)),
    ("health",           "/health",                             (200, 200, 200, 200, 200, 200)),
    ("login",            "/login",                              (200, 302, 302, 302, 302, 302)),
    ("logout",           "/logout",                             (LOGIN, 405, 405, 405, 405, 405)),
    ("password",         "/password",                           (LOGIN, 200, 200, 200, 200, 200)),
    ("password-done",    "/password/done",                      (LOGIN, 200, 200, 200, 200, 200)),
    ("accounts",         "/accounts",                           (LOGIN, 403, 403, 403, 403, 200)),
    ("findings",         "/findings",                           (LOGIN, 200, 200, 200, 200, 200)),
    ("findings-export",  "/findings/export",                    (LOGIN, 200, 200, 403, 200, 403)),
    ("finding",          f"/findings/{HERE}",                   (LOGIN, 200, 200, 200, 200, 200)),
    ("providers",        "/providers",                          (LOGIN, 200, 200, 200, 200, 200)),
    ("provider",         "/providers/H1",                       (LOGIN, 200, 200, 200, 200, 200)),
    ("audits",           "/audits",                             (LOGIN, 200, 200, 200, 200, 200)),
    ("audit-report",     "/audits/1/report",                    (LOGIN, 200, 200, 403, 200, 403)),
    ("library",          "/library",                            (LOGIN, 200, 200, 200, 200, 200)),
    ("rule",             "/library/rules/drug-for-children",    (LOGIN, 200, 200, 200, 200, 200)),
    ("rule-rows",        "/library/rules/drug-for-children/rows", (LOGIN, 200, 200, 200, 200, 200)),
    ("rule-rows-csv",    "/library/rules/drug-for-children/rows.csv", (LOGIN, 200, 200, 200, 200, 200)),
    ("rule-change",      "/library/rules/drug-for-children/change", (LOGIN, 403, 403, 405, 403, 403)),
    ("changes",          "/library/changes",                    (LOGIN, 403, 403, 200, 200, 403)),
    ("change",           "/library/changes/1",                  (LOGIN, 403, 403, 404, 404, 403)),
    ("change-trial",     "/library/changes/1/trial",            (LOGIN, 403, 403, 404, 404, 403)),
    ("change-edit",      "/library/changes/1/edit",             (LOGIN, 403, 403, 405, 403, 403)),
    ("change-move",      "/library/changes/1/move",             (LOGIN, 403, 403, 405, 405, 403)),
]  # fmt: skip
ROLES = (None, "supervisor", "reviewer", "knowledge", "leader", "admin")


@pytest.mark.parametrize(("view", "address", "statuses"), TABLE, ids=[row[0] for row in TABLE])
def test_every_address_by_every_role(
    audits: Audits, visit_as: Callable[[str | None], Client], view: str, address: str, statuses: tuple[int, ...]
) -> None:
    from django.urls import resolve

    audits.record([flag("L1")])
    assert resolve(address).view_name == view
    answers = [visit_as(role).get(address) for role in ROLES]
    for answer in answers:
        answer.close()
    assert tuple(answer.status_code for answer in answers) == statuses


def test_no_address_is_missing_from_the_table(django_desk: Home) -> None:
    from django.urls import get_resolver

    from mingcha.desk.shell.permissions import PERMISSIONS

    named = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    assert named == {row[0] for row in TABLE} == set(PERMISSIONS)


def test_what_lies_in_another_area_does_not_exist(audits: Audits, visit_as: Callable[[str | None], Client]) -> None:
    audits.record([flag("L1")])
    for name, status in (("county", 200), ("city", 200), ("elsewhere", 404)):
        client = visit_as(name)
        assert [client.get(at).status_code for at in (f"/findings/{HERE}", "/providers/H1")] == [status, status]
    assert b"H1" not in visit_as("elsewhere").get("/findings").content
    assert visit_as("county").get("/audits/1/report").status_code == 404  # it counts what others own


def test_a_finding_is_seen_from_the_fund_and_from_the_place_of_care(
    audits: Audits, visit_as: Callable[[str | None], Client]
) -> None:
    audits.record([flag("L1", care_area=OTHER_AREA)])
    assert [visit_as(name).get(f"/findings/{HERE}").status_code for name in ("county", "elsewhere")] == [200, 200]


def test_the_export_holds_the_scope_only_and_stands_in_the_trail(
    audits: Audits, visit_as: Callable[[str | None], Client], job: psycopg.Connection
) -> None:
    audits.record([flag("L1"), flag("L2", fund_area=OTHER_AREA, care_area=OTHER_AREA)])
    answer = visit_as("county").get("/findings/export?q=nothing")
    assert _lines(answer) == ["费用明细"]
    assert _lines(visit_as("county").get("/findings/export")) == ["费用明细", "L1"]
    noted = job.execute("SELECT by, detail->>'rows' FROM trail WHERE action = 'findings.export' ORDER BY id").fetchall()
    assert noted == [("county", "0"), ("county", "1")]


def _lines(answer: Any) -> list[str]:
    """The column of fee lines in an exported workbook."""
    sheet = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer.streaming_content))).get_sheet_by_index(0)
    answer.close()
    return [row[10] for row in sheet.to_python()]


def test_the_desk_is_neither_owner_nor_superuser(django_desk: Home) -> None:
    with connect(django_desk, "app") as app:
        found = app.execute(
            "SELECT current_user, rolsuper, rolbypassrls, rolcreaterole,"
            " (SELECT count(*) FROM pg_class WHERE relowner = r.oid) FROM pg_roles r WHERE rolname = current_user"
        ).fetchone()
    assert found == ("mingcha_app", False, False, False, 0)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("mingcha_app",)


def test_every_table_with_an_area_is_guarded(desk_home: Home) -> None:
    with connect(desk_home, "owner") as owner:
        guarded = owner.execute(
            "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity, count(p.oid) FROM pg_class c"
            " LEFT JOIN pg_policy p ON p.polrelid = c.oid"
            " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND EXISTS (SELECT FROM pg_attribute a"
            "  WHERE a.attrelid = c.oid AND a.attname IN ('fund_area', 'care_area', 'area'))"
            " GROUP BY 1, 2"
        ).fetchall()
    assert len(guarded) >= 6
    assert [name for name, forced, policies in guarded if not forced or not policies] == []


def test_without_a_scope_nothing_is_seen(audits: Audits, home: Home) -> None:
    audits.record([flag("L1")])
    with connect(home, "app") as app:
        for table in ("finding", "finding_line", "observation", "audit_count"):
            assert app.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() == (0,)
        app.execute("SELECT set_config('mingcha.scope', %s, true)", [AREA])
        assert app.execute("SELECT count(*) FROM finding").fetchone() == (1,)
