"""A home of the test session with its own PostgreSQL and the desk's tables; emptied before each test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from mingcha.desk.migrate import migrate
from mingcha.home import postgres
from mingcha.home.database import connect
from mingcha.home.directory import Home
from tests.desk.factories import AREA, OTHER_AREA, Audits

_TABLES = (
    "cannot_tell, audit_count, finding_line, observation, finding, audit, provider_directory, rule_directory, trail"
)


@pytest.fixture(scope="session")
def desk_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """One home for the session: making a database takes seconds."""
    path: Path = tmp_path_factory.mktemp("desk") / "home"
    os.environ["MINGCHA_HOME"] = str(path)
    home = Home.open(path)
    connect(home, "owner").close()
    migrate(home)
    with connect(home, "owner") as owner:
        owner.execute(
            "INSERT INTO facts.area (code, parent, name, level) VALUES ('610300', NULL, '宝鸡市', 2),"
            " (%s, '610300', '麟游县', 3), ('610300x', '610300', '凤翔区', 3), (%s, NULL, '源汇区', 3)",
            [AREA, OTHER_AREA],
        )
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
