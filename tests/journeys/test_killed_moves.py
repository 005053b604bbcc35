"""kill -9 of web and database in the middle of a bulk move: all of it or nothing, and the same press finishes it once."""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import re
import signal
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.cookiejar import CookieJar
from urllib.parse import urlencode

import psutil
import pytest

from mingcha.desk import server
from mingcha.home import postgres
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.home.server import processes
from tests.desk.factories import AREA, Audits, InventedPack, flag
from tests.journeys.conftest import RULES, Desk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

MANY, KILLS = 6_000, 3


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    home = Home.open(tmp_path_factory.mktemp("killed") / "home")
    Audits(home, InventedPack(RULES)).record(flags(0))
    started = server.start(home, port=None, detach=True)
    yield Desk(home, started.address, {a["username"]: a["password"] for a in server.demo_accounts(home)})
    server.stop(home)
    postgres.stop(home)


def flags(turn: int) -> list[dict]:
    """As many findings as one press moves; those of each turn are others."""
    return [flag(f"L{turn}-{n}", rule=RULES[n % 3].id, key=f"H1|V{turn}|L{turn}-{n}", visit=f"V{turn}", fund_area=AREA,
                 improper_fen=100 + n) for n in range(MANY)]  # fmt: skip


class Clerk:
    """The reviewer's browser: it keeps cookies, follows redirects, and may find nobody there."""

    def __init__(self, office: Desk) -> None:
        self.at = office.address.rstrip("/")
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        login = {"username": "reviewer", "password": office.passwords["reviewer"]}
        self.send("/login", login | hidden(self.get("/login")))

    def get(self, path: str) -> str:
        return self.opener.open(self.at + path, timeout=60).read().decode()

    def send(self, path: str, form: dict[str, str]) -> str:
        return self.opener.open(self.at + path, urlencode(form).encode(), timeout=60).read().decode()

    def press(self, form: dict[str, str]) -> bool:
        """Whether anybody answered the press that it was done."""
        with contextlib.suppress(urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError):
            self.send("/findings/move", form)
            return True
        return False


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))


def kill_web(home: Home) -> None:
    """Whoever is answering, and not the one who starts them anew."""
    running = server.running(home)
    assert running is not None
    for worker in psutil.Process(running.pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            worker.kill()


def kill_backend(home: Home) -> None:
    """The database's process that is at it: all others are thrown out with it."""
    for process in _at_it(home):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def kill_database(home: Home) -> None:
    if alive := processes(home):
        os.kill(alive[0], signal.SIGKILL)


@pytest.mark.parametrize("kill", [kill_web, kill_backend, kill_database])
def test_a_bulk_move_is_whole_or_nothing_and_done_once(office: Desk, kill: Callable[[Home], None]) -> None:
    draw, turn = random.Random(kill.__name__), {kill_web: 1, kill_backend: 2, kill_database: 3}[kill] * 10
    _up(office)
    Audits(office.home, InventedPack(RULES)).record(flags(turn))
    interrupted, moved = 0, _moved(office.home)
    for _ in range(KILLS):
        clerk = _in(office)
        form = hidden(clerk.get("/findings?tab=first")) | {"all": "1", "move": "adopt"}
        answered: list[bool] = []
        press = threading.Thread(target=lambda: answered.append(clerk.press(form)))  # noqa: B023
        waiting = _waiting(office.home)
        press.start()
        until = time.monotonic() + 30
        while not _at_it(office.home) and press.is_alive() and time.monotonic() < until:
            time.sleep(0.002)
        time.sleep(draw.uniform(0.02, 0.2))
        kill(office.home)
        press.join(timeout=120)
        _up(office)
        left = _waiting(office.home)
        assert left in (0, waiting), "all of a press or nothing"
        assert left == 0 or answered == [False], "who was told that it is done can rely on it"
        interrupted += left != 0
        clerk = _in(office)
        assert _again(clerk, form), "the same press, once everybody is back"
        assert _waiting(office.home) == 0
        assert _again(clerk, form), "and once more, as a double click"
        moved += waiting
        assert _moved(office.home) == moved
        turn += 1
        Audits(office.home, InventedPack(RULES)).record(flags(turn))
    assert interrupted, "every kill came too early or too late to test anything"


def _at_it(home: Home) -> list[psutil.Process]:
    """The database's processes that do what the desk asked for; their titles say so."""
    found = []
    for process in psutil.Process(processes(home)[0]).children():
        with contextlib.suppress(psutil.NoSuchProcess, IndexError):
            title = process.cmdline()[0]
            if " mingcha_app " in title and not title.rstrip().endswith(" idle"):
                found.append(process)
    return found


def _again(clerk: Clerk, form: dict[str, str]) -> bool:
    form = form | {"csrfmiddlewaretoken": hidden(clerk.get("/findings"))["csrfmiddlewaretoken"]}
    until = time.monotonic() + 60
    while not (done := clerk.press(form)) and time.monotonic() < until:
        time.sleep(0.5)
    return done


def _up(office: Desk) -> None:
    """As `mingcha up` does: the database runs, and the desk answers."""
    until = time.monotonic() + 60
    while True:
        try:
            postgres.ensure(office.home)
            urllib.request.urlopen(office.address + "login", timeout=20).close()
            return
        except Exception:
            if time.monotonic() > until:
                raise
            time.sleep(0.5)


def _in(office: Desk) -> Clerk:
    """Logged in, however often that takes while connections of before are given up."""
    until = time.monotonic() + 60
    while True:
        try:
            return Clerk(office)
        except (urllib.error.URLError, http.client.HTTPException, ConnectionError):
            if time.monotonic() > until:
                raise
            time.sleep(0.5)


def _waiting(home: Home) -> int:
    with connect(home, "owner") as owner:
        owner.execute("SELECT set_config('mingcha.scope', '*', false)")
        return (owner.execute("SELECT count(*) FROM finding WHERE step = 'first'").fetchone() or (-1,))[0]


def _moved(home: Home) -> int:
    """How many findings left the first review; each by one move, and the trail tells every press once."""
    with connect(home, "owner") as owner:
        owner.execute("SELECT set_config('mingcha.scope', '*', false)")
        moves, findings, acts, told = owner.execute(
            "SELECT count(*), count(DISTINCT finding_id), (SELECT count(*) FROM review_act WHERE name = 'adopt'),"
            " (SELECT count(*) FROM trail WHERE action = 'review.adopt') FROM review_move WHERE before = 'first'"
        ).fetchone() or (-1, 0, 0, 0)
    assert (moves, acts) == (findings, told)
    return moves
