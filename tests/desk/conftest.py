"""A home of the test session with its own PostgreSQL and the desk's tables; emptied before each test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from mingcha.desk.migrate import ready
from mingcha.home import postgres
from mingcha.home.database import connect
from mingcha.home.directory import Home
from tests.desk.factories import AREA, OTHER_AREA, Audits

if TYPE_CHECKING:
    from django.test import Client

_TABLES = (
    "cannot_tell, audit_count, finding_line, observation, finding, audit, provider_directory, rule_directory, trail,"
    " rule_trial_hit, rule_trial, rule_version, rule_draft, onboarding_step, onboarding_key, onboarding_problem,"
    " document_delivery, document_event, document_finding, document, document_number, sampling_case, sampling_plan, money_instalment, money_plan, money_entry, money_posting, money_statement_line, money_statement,"
    " review_line_answer, review_view, review_opinion, review_paper, review_move, review_act, trail_seal,"
    " reminder_snooze, code_alias, reminder_day,"
    " onboarding, reminder_strength, reminder_mark, reminder_call, reminder, reaction, reminder_total, reminder_gap,"
    " disbursement_move, disbursement_row, disbursement_file, disbursement, benefit_paper, benefit_move, benefit_item, benefit_file,"
    " finding_count, finding_item, selfcheck_finding, selfcheck_run, desk_job, notice_told, notice, notice_count,"
    " notice_delivery, notice_person, notice_choice, notice_endpoint"
)


@pytest.fixture(scope="session")
def desk_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """One home for the session: making a database takes seconds."""
    path: Path = tmp_path_factory.mktemp("desk") / "home"
    os.environ["MINGCHA_HOME"] = str(path)
    home = Home.open(path)
    connect(home, "owner").close()
    ready(home)
    with connect(home, "owner") as owner:
        for table in _TABLES.split(", "):
            # An analyze amid a test's long transaction counts none of what it wrote, and the checks of its references
            # then read a whole index each.
            owner.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = false)".encode())
        owner.execute(
            "INSERT INTO facts.area (code, parent, name, level) VALUES ('610300', NULL, '宝鸡市', 2),"
            " (%s, '610300', '麟游县', 3), ('610300x', '610300', '凤翔区', 3), (%s, NULL, '源汇区', 3)",
            [AREA, OTHER_AREA],
        )
        # Tests open the same account in several browsers; tests/desk/test_sessions.py takes this away again.
        owner.execute("INSERT INTO facts.setting (key, value) VALUES ('session-single', '0')")
    yield home
    postgres.stop(home)


@pytest.fixture
def home(desk_home: Home) -> Home:
    """The home with no audits in it."""
    with connect(desk_home, "owner") as owner:
        owner.execute(f"TRUNCATE {_TABLES} RESTART IDENTITY CASCADE")
    return desk_home


@pytest.fixture
def audits(home: Home) -> Audits:
    """Records invented audits."""
    return Audits(home)


@pytest.fixture
def job(home: Home) -> Iterator[psycopg.Connection]:
    """A connection that sees every area."""
    with connect(home, "job", autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def django_desk(desk_home: Home) -> Home:
    """Django set up in this process, as the app role of the session's home, with one account per role."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "mingcha.desk.settings"
    import django

    django.setup()
    from mingcha.desk.accounts.actions import open_account

    for role in ("supervisor", "reviewer", "knowledge", "leader", "finance", "expert", "admin"):
        open_account(by="test", username=role, display_name="马骏", role=role, scope="*", password=PASSWORD)
    open_account(
        by="test", username="provider", display_name="吴洁", role="provider", scope=AREA, provider="H1",
        password=PASSWORD,
    )  # fmt: skip
    open_account(
        by="test", username="knowledge-too", display_name="秦岚", role="knowledge", scope=AREA, password=PASSWORD
    )
    for name, scope in (("county", AREA), ("city", "610300"), ("elsewhere", OTHER_AREA)):
        open_account(by="test", username=name, display_name="何敏", role="supervisor", scope=scope, password=PASSWORD)
    return desk_home


PASSWORD = "tall-green-door-42"


@pytest.fixture
def visit_as(django_desk: Home, home: Home) -> Callable[[str | None], Client]:
    """A browser of the named account, or of nobody."""
    from django.test import Client

    from mingcha.desk.accounts.models import Account

    def opened(name: str | None) -> Client:
        client = Client(SERVER_NAME="localhost")
        if name:
            client.force_login(Account.objects.get(username=name), "django.contrib.auth.backends.ModelBackend")
        return client

    return opened


@pytest.fixture
def people(django_desk: Home, home: Home) -> Iterator[Callable[..., Any]]:
    """Opens accounts that are gone after the test."""
    from mingcha.desk.accounts.actions import open_account

    with connect(home, "owner") as owner:
        before = [one for (one,) in owner.execute("SELECT id FROM account").fetchall()]

    def opened(username: str, role: str = "reviewer", scope: str = AREA, **more: Any) -> Any:
        return open_account(
            by="test", username=username, display_name="新人", role=role, scope=scope, password=PASSWORD, **more
        )

    yield opened
    with connect(home, "owner") as owner:
        owner.execute("TRUNCATE delegation, recusal, access_request")
        for table in ("former_password", "second_step", "recovery_code"):
            owner.execute(f"DELETE FROM {table} WHERE account_id <> ALL(%s)", [before])
        owner.execute("DELETE FROM account WHERE id <> ALL(%s)", [before])


@pytest.fixture
def settings_of(desk_home: Home) -> Iterator[Callable[..., None]]:
    """Sets a dated setting for the length of a test; only those it sets differ from the defaults."""
    with connect(desk_home, "owner") as owner:
        before = owner.execute("SELECT key, area, valid_from, value::text FROM facts.setting").fetchall()
        owner.execute("DELETE FROM facts.setting WHERE key LIKE 'session-%'")

    def put(key: str, value: str, area: str = "*", since: str = "1900-01-01") -> None:
        with connect(desk_home, "owner") as owner:
            owner.execute(
                "INSERT INTO facts.setting (key, area, valid_from, value) VALUES (%s, %s, %s, %s)",
                [key, area, since, value],
            )

    yield put
    with connect(desk_home, "owner") as owner:
        owner.execute("DELETE FROM facts.setting")
        owner.cursor().executemany("INSERT INTO facts.setting VALUES (%s, %s, %s, %s)", before)
