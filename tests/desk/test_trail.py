"""The audit trail on the real database: only appended to, chained in the order of commits, every change found."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from mingcha.desk.trail import sealing
from mingcha.desk.trail.actions import enter
from mingcha.desk.trail.sealing import seal, seal_waiting
from mingcha.desk.trail.verifying import verify
from mingcha.home.database import connect
from mingcha.home.directory import Home

pytestmark = pytest.mark.slow


@pytest.fixture
def owner(home: Home) -> Iterator[psycopg.Connection]:
    """Someone with all rights over the tables."""
    with connect(home, "owner", autocommit=True) as connection:
        yield connection


def write(pg: psycopg.Connection, count: int, mark: str = "x") -> None:
    for n in range(count):
        detail = {"rows": n, "mark": mark}
        enter(pg.cursor(), by="zhoujia", action="findings.export", subject=f"finding:{mark}{n}", detail=detail,
              items_digest="ab" * 32)  # fmt: skip


def told(home: Home) -> list[tuple[str, int | None]]:
    return [(fault.what, fault.entry) for fault in verify(home).faults]


@pytest.mark.parametrize("role", ["app", "job"])
def test_the_trail_is_only_appended_to(home: Home, role: str) -> None:
    with connect(home, role) as pg:
        write(pg, 2)
    seal_waiting(home)
    forbidden = [
        "UPDATE trail SET by = 'x'", "DELETE FROM trail", "TRUNCATE trail", "UPDATE trail_seal SET n = n + 10",
        "DELETE FROM trail_seal", "TRUNCATE trail_seal", "ALTER TABLE trail DISABLE TRIGGER ALL",
        "INSERT INTO trail (at, by, action, subject, detail) VALUES ('2020-01-01', 'x', 'x', 'x', '{}')",
        "INSERT INTO trail (id, by, action, subject, detail) VALUES (-1, 'x', 'x', 'x', '{}')",
    ]  # fmt: skip
    if role == "app":
        forbidden.append("INSERT INTO trail_seal SELECT n + 1, entry + 1, at, digest, '\\x00' FROM trail_seal")
    with connect(home, role, autocommit=True) as pg:
        for statement in forbidden:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                pg.execute(statement.encode())
        assert pg.execute("SELECT count(*) FROM trail").fetchone() == (2,)


def test_what_commits_late_is_sealed_when_it_appears(home: Home, job: psycopg.Connection) -> None:
    with connect(home, "app") as slow, connect(home, "app") as undone:
        write(slow, 1, "slow")
        write(undone, 1, "undone")
        write(job, 3, "quick")
        first = seal(job)
        assert (first.sealed, first.settled) == (3, 0), "two numbers are still on their way"
        write(job, 1, "quick")
        assert seal(job, first.settled) == (1, 0)
        undone.rollback()
        slow.commit()
        last = seal(job, first.settled)
        assert last.sealed == 1
        assert last.settled == 6, "nothing below the newest number can appear any more"
    assert seal(job, last.settled) == (0, 6)
    order = job.execute("SELECT n, subject FROM trail_seal s JOIN trail t ON t.id = s.entry ORDER BY n").fetchall()
    assert order == [(1, "finding:quick0"), (2, "finding:quick1"), (3, "finding:quick2"), (4, "finding:quick0"),
                     (5, "finding:slow0")]  # fmt: skip
    report = verify(home)
    assert (report.intact, report.sealed, report.waiting) == (True, 5, 0)


def test_an_old_trail_that_was_never_sealed_is_not_dated_back(
    home: Home, owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner.execute("INSERT INTO trail (at, by, action, subject, detail) SELECT now() - n * interval '1 day', 'x',"
                  " 'findings.export', 'findings', '{}' FROM generate_series(100, 1, -1) n")  # fmt: skip
    monkeypatch.setattr(sealing, "BLOCK", 30)
    assert seal_waiting(home) == 100
    assert told(home) == []


def test_many_writers_and_two_sealers_leave_one_whole_chain(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BLOCK", 3)  # a pass takes several blocks
    over, wrong = threading.Event(), list[BaseException]()

    def guarded(work: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                work()
            except BaseException as error:
                wrong.append(error)

        return run

    def writing() -> None:
        with connect(home, "app", autocommit=True) as pg:
            for n in range(40):
                with pg.transaction(force_rollback=n % 5 == 0):
                    write(pg, 1 + n % 3)
                    time.sleep(0.002 * (n % 4))

    def sealer() -> None:
        settled = 0
        with connect(home, "job", autocommit=True) as pg:
            while not over.is_set():
                settled = seal(pg, settled).settled

    writers = [threading.Thread(target=guarded(writing)) for _ in range(6)]
    sealers = [threading.Thread(target=guarded(sealer)) for _ in range(2)]
    for thread in (*writers, *sealers):
        thread.start()
    for thread in writers:
        thread.join()
    time.sleep(0.5)
    over.set()
    for thread in sealers:
        thread.join()
    assert not wrong
    report = verify(home)
    with connect(home, "job") as pg:
        (entries,) = pg.execute("SELECT count(*) FROM trail").fetchone() or (0,)
    assert (report.intact, report.sealed, report.waiting) == (True, entries, 0)
    assert entries == 6 * sum(1 + n % 3 for n in range(40) if n % 5)


_SEALER = """
from mingcha.desk.trail.sealing import seal_waiting
from mingcha.home.directory import Home
print("begin", flush=True)
seal_waiting(Home.open())
"""


def test_a_killed_sealer_leaves_a_chain_that_goes_on(home: Home, job: psycopg.Connection) -> None:
    many, killed, before = 20_000, 0, 0
    for n in range(5):
        job.execute("INSERT INTO trail (by, action, subject, detail) SELECT 'x', 'findings.export', 'findings', '{}'"
                    " FROM generate_series(1, %s)", [many])  # fmt: skip
        process = subprocess.Popen([sys.executable, "-c", _SEALER], env=os.environ | {"MINGCHA_HOME": str(home.path)},
                                   stdout=subprocess.PIPE)  # fmt: skip
        assert process.stdout and process.stdout.readline() == b"begin\n"
        time.sleep(0.15 + 0.12 * n)
        process.send_signal(signal.SIGKILL)
        killed += process.wait(timeout=60) != 0
        process.stdout.close()
        report = verify(home)
        assert report.intact
        assert report.sealed in (before, many * (n + 1)), "a pass is done or not"
        assert report.sealed + report.waiting == many * (n + 1)
        before = report.sealed
    assert killed > 2
    seal_waiting(home)
    report = verify(home)
    assert (report.intact, report.sealed, report.waiting) == (True, many * 5, 0)


CHANGED = {
    "bigint": "{0} + 1000",
    "timestamp with time zone": "{0} + interval '1 microsecond'",
    "character varying": "left({0}, -1) || chr(ascii(right({0}, 1)) + 1)",
    "text": "left({0}, -1) || chr(ascii(right({0}, 1)) + 1)",
    "jsonb": "jsonb_set({0}, '{{mark}}', '\"y\"')",
    "bytea": "set_byte({0}, 31, get_byte({0}, 31) # 1)",
}
"""The smallest change of a value, by type."""


@pytest.mark.parametrize(("table", "key"), [("trail", "id"), ("trail_seal", "n")])
def test_one_byte_in_any_column_is_found(home: Home, owner: psycopg.Connection, table: str, key: str) -> None:
    write(owner, 5)
    seal_waiting(home)
    owner.execute(f"CREATE TEMP TABLE kept AS SELECT * FROM {table}".encode())
    columns = owner.execute(
        "SELECT column_name, data_type FROM information_schema.columns"
        " WHERE table_name = %s AND table_schema = 'public' ORDER BY ordinal_position",
        [table],
    ).fetchall()
    assert [name for name, _ in columns] == (
        ["id", "at", "by", "action", "subject", "detail", "items_digest"]
        if table == "trail" else ["n", "entry", "at", "digest", "hash"]
    )  # fmt: skip
    for name, kind in columns:
        change = CHANGED[kind].format(f'"{name}"')
        owner.execute(f'UPDATE {table} SET "{name}" = {change} WHERE {key} = 3'.encode())
        found = told(home)
        if table == "trail":
            assert found == [("deleted" if name == "id" else "changed", 3)], name
        else:
            assert found, name
        owner.execute(f"DELETE FROM {table}".encode())
        owner.execute(f"INSERT INTO {table} SELECT * FROM kept".encode())
        assert told(home) == []
    if table == "trail":
        owner.execute("UPDATE trail SET items_digest = NULL WHERE id = 3")
        assert told(home) == [("changed", 3)], "nothing instead of something"


def test_what_was_deleted_or_put_in_later_is_found(home: Home, owner: psycopg.Connection) -> None:
    write(owner, 6)
    seal_waiting(home)
    noted = verify(home).head
    owner.execute("INSERT INTO trail (at, by, action, subject, detail) VALUES (now() - interval '3 days', 'x',"
                  " 'findings.export', 'findings', '{}')")  # fmt: skip
    seal_waiting(home)
    assert told(home) == [("backdated", 7)]
    owner.execute("DELETE FROM trail WHERE id IN (2, 7)")
    owner.execute("DELETE FROM trail_seal WHERE entry = 7")
    assert told(home) == [("deleted", 2)]
    owner.execute("DELETE FROM trail_seal WHERE entry = 2")
    assert told(home) == [("missing", None)]
    owner.execute("DELETE FROM trail_seal")
    seal_waiting(home)
    report = verify(home, [noted])
    assert not report.faults, "a chain that was made anew fits its entries"
    assert report.heads == {noted: None}, "but the head that somebody noted is not in it"
    assert not report.intact


def verified(*words: str, code: int) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([sys.executable, "-m", "mingcha.cli", "verify-trail", "--by", "auditor", *words],
                          env=os.environ | {"MINGCHA_LANG": "zh"}, capture_output=True, text=True)  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    return done


def test_the_command_says_what_is_wrong_and_keeps_heads(
    home: Home, owner: psycopg.Connection, tmp_path: Path
) -> None:
    write(owner, 3)
    kept = tmp_path / "heads.txt"
    first = json.loads(verified("--kept", str(kept), "--json", code=0).stdout.splitlines()[-1])
    assert (first["intact"], first["sealed"], first["waiting"], first["heads"]) == (True, 3, 0, {})
    assert kept.read_text().split()[:2] == ["3", first["head"]]
    again = verified("--kept", str(kept), code=0).stdout
    assert "是封印 3" in again, "the kept head is found again"
    assert "4 条操作记录已封存，与封存时一致" in again, "the first verification is an entry, too"
    assert len(kept.read_text().splitlines()) == 2
    noted = owner.execute("SELECT by, detail->'intact' FROM trail WHERE action = 'trail.verify'").fetchall()
    assert noted == [("auditor", True)] * 2

    owner.execute("UPDATE trail SET by = 'zhoujib' WHERE id = 2")
    wrong = json.loads(verified("--json", code=1).stdout.splitlines()[-1])
    assert [(fault["what"], fault["entry"]) for fault in wrong["faults"]] == [("changed", 2)]
    owner.execute("DELETE FROM trail_seal")
    assert "可能被重新做过" in verified("--head", first["head"], code=1).stdout
    assert "64 位十六进制数" in verified("--head", "66c7", code=2).stderr
    assert len(kept.read_text().splitlines()) == 2
