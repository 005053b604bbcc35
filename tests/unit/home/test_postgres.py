"""The server of our own: started by whoever comes, recovered after kill -9, stopped by `down` alone."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from mingcha.home import disk
from mingcha.home.database import applied, connect, dsn, keys_fit, migrations, parameters, prepare
from mingcha.home.directory import Home
from mingcha.home.postgres import ensure, stop
from mingcha.home.server import READY, SILENT, administrator, processes, state
from mingcha.home.upgrade import upgrade
from mingcha.records.health import UNGUARDED
from mingcha.records.lake import Lake
from mingcha.terms.errors import PlatformError

pytestmark = pytest.mark.slow

CONNECT = """
import sys
from pathlib import Path
from mingcha.home.database import connect
from mingcha.home.directory import Home
with connect(Home.open(Path(sys.argv[1]), environ={})) as pg:
    print(pg.execute("SELECT count(*) FROM facts.import_batch").fetchone()[0])
"""


def connecting(place: Path) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", CONNECT, place], stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_four_processes_make_one_new_home_at_once(tmp_path: Path) -> None:
    several = [connecting(tmp_path / "home") for _ in range(4)]
    told = [process.communicate(timeout=120) for process in several]
    assert [out for out, _ in told] == [b"0\n"] * 4, told
    home = Home.open(tmp_path / "home", environ={})
    assert stop(home) and state(home) == SILENT and not processes(home)


def test_the_server_outlives_the_kill_of_who_started_it(home: Home) -> None:
    process = connecting(home.path)
    process.stdout.readline()  # type: ignore[union-attr]
    process.kill()
    process.communicate()
    assert state(home) == READY


def test_thirty_kills_of_the_postmaster_lose_nothing_that_was_committed(home: Home) -> None:
    chance = random.Random(36)
    with connect(home, "owner") as owner:
        owner.execute("CREATE TABLE public.kept (n int PRIMARY KEY)")
    for n in range(30):
        with connect(home, "owner") as owner:
            owner.execute("INSERT INTO public.kept VALUES (%s)", [n])
        alive = processes(home)
        victims = alive if chance.random() < 0.3 else alive[:1]  # sometimes all of them, sometimes orphans stay
        for pid in victims:
            os.kill(pid, signal.SIGKILL)
    with connect(home, "owner") as owner:
        assert owner.execute("SELECT array_agg(n ORDER BY n) FROM public.kept").fetchone() == ([*range(30)],)


def test_a_lock_naming_a_living_stranger_is_no_obstacle(home: Home) -> None:
    connect(home).close()
    os.kill(processes(home)[0], signal.SIGKILL)
    (home.postgres / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n/nowhere\n0\n5432\n\n\n")
    ensure(home)
    assert state(home) == READY


def test_a_lost_socket_directory_is_made_again(home: Home) -> None:
    connect(home).close()
    stop(home)
    Path((home.postgres / "socket").read_text()).rmdir()
    connect(home).close()


def test_stopping_twice_is_harmless_and_the_next_command_starts_again(home: Home) -> None:
    connect(home).close()
    assert stop(home)
    assert not stop(home)
    connect(home).close()


def test_no_role_ignores_row_security_and_every_area_is_guarded(running: Home) -> None:
    with connect(running, "owner") as owner:
        strong = "SELECT rolname FROM pg_roles WHERE rolname LIKE 'mingcha_%' AND (rolsuper OR rolbypassrls)"
        assert owner.execute(strong).fetchall() == [("mingcha_root",)]
        assert owner.execute(UNGUARDED).fetchall() == []


def test_a_session_sees_the_subtree_of_its_scope_and_nothing_without_one(home: Home) -> None:
    with connect(home) as job:
        job.execute(
            "INSERT INTO facts.area (code, parent, name, level) VALUES ('33', NULL, 'p', 1), ('3301', '33', 'c', 2), "
            "('330106', '3301', 'x', 3), ('3302', '33', 'd', 2)"
        )
        job.execute("INSERT INTO facts.area VALUES ('330106', '3302', 'x', 3, current_date)")  # it moved today
        seal = "INSERT INTO facts.identity (token, blind, fund_area, sealed) VALUES (%s, %s, %s, 'x')"
        for n, area in enumerate(("3301", "330106", "3302", None)):
            job.execute(seal, [n, bytes([n]) * 32, area])
    seen = {}
    with connect(home, "app") as app:
        for scope in ("", "3301", "3302", "33", "*"):
            with app.transaction():
                app.execute("SELECT set_config('mingcha.scope', %s, true)", [scope])
                seen[scope] = [t for (t,) in app.execute("SELECT token FROM facts.identity ORDER BY token")]
        assert app.execute("SELECT count(*) FROM facts.identity").fetchone() == (0,)
    assert seen == {"": [], "3301": [0], "3302": [1, 2], "33": [0, 1, 2], "*": [0, 1, 2, 3]}


def test_the_app_may_not_change_batches_or_people(running: Home) -> None:
    for statement in ("DELETE FROM facts.identity", "UPDATE facts.import_batch SET by = 'x'", "TRUNCATE facts.area"):
        with connect(running, "app") as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute(statement.encode())


def test_times_are_shanghai_wall_time(running: Home) -> None:
    with connect(running) as pg:
        assert pg.execute("SELECT current_setting('TimeZone')").fetchone() == ("Asia/Shanghai",)


def test_no_password_stands_in_the_servers_log(running: Home) -> None:
    connect(running).close()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(dsn(running, "job").replace(running.secrets.password("job"), "wrong"))
    log = (running.logs / "postgres.log").read_text()
    assert not [role for role in ("root", "owner", "app", "job") if running.secrets.password(role) in log]


def test_an_older_schema_waits_for_up_which_dumps_it_first(home: Home) -> None:
    prepare(home)
    with connect(home, "owner") as owner:
        owner.execute("DELETE FROM facts.migration WHERE number > 1")
        owner.execute("DROP TABLE facts.message_part, facts.import_file")
        owner.execute("DROP FUNCTION facts.own_provider, facts.own_account, facts.setting_at")
    with pytest.raises(PlatformError, match="mingcha up"):
        prepare(home)
    kept = upgrade(home)
    assert kept and kept.stat().st_size and applied(home) == migrations()[-1][0]
    assert upgrade(home) is None


def test_a_newer_schema_is_refused(home: Home) -> None:
    with connect(home, "owner") as owner:
        owner.execute("INSERT INTO facts.migration (number) VALUES (9999)")
    with pytest.raises(PlatformError, match="9999"):
        prepare(home)


def test_a_full_disk_stops_work_with_a_sentence(running: Home) -> None:
    with pytest.raises(PlatformError, match="GB"):
        disk.require(running, 1 << 60)


def test_a_bureaus_database_serves_one_home(running: Home, tmp_path: Path) -> None:
    """DATABASE_URL: an account that owns the database and may create roles, but is no superuser."""
    connect(running).close()
    server = administrator(running)
    with psycopg.connect(**server, autocommit=True) as root:
        root.execute("CREATE ROLE bureau LOGIN CREATEROLE PASSWORD 'pw'")
        root.execute("GRANT mingcha_app, mingcha_job TO bureau WITH ADMIN OPTION")
        root.execute("CREATE DATABASE bureau OWNER bureau")
    environ = {"DATABASE_URL": f"postgresql://bureau:pw@/bureau?host={server['host']}"}
    try:
        home = Home.open(tmp_path / "one", environ=environ)
        with connect(home) as job:
            assert job.execute("SELECT current_user, current_database(), facts.sees_all()").fetchone() == (
                "mingcha_job", "bureau", True,
            )  # fmt: skip
        assert keys_fit(home) and parameters(home, "owner")["user"] == "bureau" and not processes(home)
        with Lake.open(home) as lake:
            assert lake.watermark() == 0
        with pytest.raises(PlatformError, match="DATABASE_URL"):
            connect(Home.open(tmp_path / "two", environ=environ))
    finally:
        with psycopg.connect(**server, autocommit=True) as root:
            for role in ("app", "job"):  # roles belong to the whole server: give the session's home its own back
                told = sql.SQL("ALTER ROLE {} PASSWORD {}")
                root.execute(told.format(sql.Identifier(f"mingcha_{role}"), running.secrets.password(role)))
