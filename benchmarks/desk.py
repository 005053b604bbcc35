"""The desk under fifty people: real HTTP against the server that `mingcha up` starts, over millions of findings."""

from __future__ import annotations

import gzip
import html
import json
import os
import random
import re
import statistics
import subprocess
import sys
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

from benchmarks import findings
from mingcha.desk import server
from mingcha.home.database import connect
from mingcha.home.directory import Home

USERS, THINK, SECONDS = 50, 10.0, 180.0
"""Virtual users, seconds each thinks between two pages (half to one and a half of it), seconds it lasts."""
BAR = 300.0
"""Milliseconds within which 95 of 100 pages are there."""
WORDS = ("阿莫西林", "复方", "血液", "示例诊所1", "H330522")
"""What users type into the keyword box: items, half of a name, a provider, the beginning of a code."""
_ROW = re.compile(r'data-href="([^"]+)"')
_AFTER, _BEFORE = re.compile(r'href="(\?[^"]*after=[^"]*)"'), re.compile(r'href="(\?[^"]*before=[^"]*)"')


@dataclass
class Told:
    """Milliseconds by action, and what went wrong."""

    taken: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    bytes: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)


class User:
    """One person with a browser: logs in, then opens pages and thinks."""

    def __init__(self, address: str, account: dict, choices: dict[str, list[str]], told: Told, seed: int) -> None:
        self.address, self.account, self.choices, self.told = urlsplit(address), account, choices, told
        self.random, self.cookies, self.list, self.rows = random.Random(seed), dict[str, str](), "", list[str]()
        self.base = "/portal" if account["provider"] else "/findings"

    def log_in(self) -> None:
        """Through the form. RuntimeError when the desk doesn't let this account in."""
        page = self._ask("GET", "/login")[1]
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        form = {name: self.account[name] for name in ("username", "password")}
        status, page = self._ask("POST", "/login", form | {"csrfmiddlewaretoken": token[1] if token else ""})
        if status != 302:
            raise RuntimeError(f"{self.account['username']} was not let in: {status}")

    def work(self, until: float) -> None:
        """Open a page, think, open the next one, until the time is over."""
        time.sleep(self.random.uniform(0, THINK))
        self._list("first page", self.base)
        while time.monotonic() < until:
            time.sleep(self.random.uniform(0.5, 1.5) * THINK)
            actions = [self._tab, self._sort, self._filter, self._filter, self._next, self._next, self._previous,
                       self._item, self._item, self._item, self._first]  # fmt: skip
            self.random.choice(actions)()

    def _first(self) -> None:
        self._list("first page", self.base)

    def _tab(self) -> None:
        mine = ("notified", "deducted", "closed", "all")
        office = ("open", "definite", "suspected", "final", "signed", "closed", "withdrawn", *mine)
        tab = self.random.choice(mine if self.account["provider"] else office)
        self._list("tab", f"{self.base}?tab={tab}")

    def _sort(self) -> None:
        self._list("sort", f"{self.base}?sort={self.random.choice(('-amount', 'amount', '-day', 'day'))}")

    def _filter(self) -> None:
        kinds = {
            "provider": lambda: {"provider": self.random.choice(self.choices["provider"])},
            "rule": lambda: {"rule": self.random.choice(self.choices["rule"])},
            "rule and provider": lambda: {one: self.random.choice(self.choices[one]) for one in ("rule", "provider")},
            "keyword": lambda: {"q": self.random.choice(WORDS)},
            "number": lambda: {"q": self.random.choice(self.choices["number"])},
            "dates": lambda: {"since": "2026-03-01", "until": "2026-03-31"},
            "amount": lambda: {"least": str(self.random.choice((500, 2000, 10_000)))},
            "late": lambda: {"late": "1"},
        }
        kind = self.random.choice(sorted(kinds))
        tab = self.random.choice(("notified", "all") if self.account["provider"] else ("open", "open", "all", "closed"))
        self._list(f"filter: {kind}", f"{self.base}?{urlencode(kinds[kind]() | {'tab': tab})}")

    def _next(self) -> None:
        self._turn("next page", _AFTER)

    def _previous(self) -> None:
        self._turn("previous page", _BEFORE)

    def _turn(self, name: str, link: re.Pattern[str]) -> None:
        found = link.search(self.list)
        if found:
            self._list(name, self.base + html.unescape(found[1]))
        else:
            self._first()

    def _item(self) -> None:
        if not self.rows:
            return self._first()
        self._ask("GET", html.unescape(self.random.choice(self.rows)), name="item page")
        return None

    def _list(self, name: str, path: str) -> None:
        fragment = name != "first page" and not self.account["provider"]
        status, page = self._ask("GET", path, name=name, fragment=fragment)
        if status == 200:
            self.list, self.rows = page, _ROW.findall(page)

    def _ask(
        self, method: str, path: str, form: dict[str, str] | None = None, name: str = "", fragment: bool = False
    ) -> tuple[int, str]:
        headers = {"Accept-Encoding": "gzip", "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        headers |= {"HX-Request": "true"} if fragment else {}
        headers |= {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        since = time.perf_counter()
        line = HTTPConnection(self.address.hostname or "", self.address.port, timeout=60)
        try:
            line.request(method, quote(path, safe="/?=&%~+:;,-"), urlencode(form) if form else None, headers)
            answer = line.getresponse()
            body = answer.read()
        except OSError as error:
            self.told.wrong.append(f"{path}: {error!r}")
            return 0, ""
        finally:
            line.close()
        if name:
            self.told.taken[name].append((time.perf_counter() - since) * 1000)
            self.told.bytes[name].append(len(body))
            if answer.status != 200:
                self.told.wrong.append(f"{path}: {answer.status}")
        self._keep(answer)
        if answer.getheader("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        return answer.status, body.decode(errors="replace")

    def _keep(self, answer: HTTPResponse) -> None:
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            key, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[key] = value


def report(count: int, seconds: float = SECONDS, users: int = USERS) -> list[str]:
    """The section of RESULTS.md, over a home with so many findings."""
    place = findings.home(count)
    home = Home.open(place, environ={})
    sizes, choices = _prepared(home)
    server.stop(home)
    running = server.start(home, detach=True)
    try:
        told = _measured(running.address, _people(home, users), choices, seconds)
    finally:
        server.stop(home)
    everything = sorted(one for taken in told.taken.values() for one in taken)
    lines = [
        f"## The desk with {sizes['finding']:,} findings", "",
        f"{users} virtual users with {THINK:.0f} s think time for {seconds:.0f} s over HTTP, from a process on the",
        "same cores; four in five see everything or one county, one in ten is a provider. Rows: "
        + ", ".join(f"{name} {n:,}" for name, n in sizes.items()) + ".", "",
        "| action | pages | p50 ms | p95 ms | p99 ms | kB sent |", "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for name, taken in sorted(told.taken.items()):
        cells = [f"{len(taken):,}", *(_ms(taken, share) for share in (0.5, 0.95, 0.99))]
        lines.append(f"| {name} | {' | '.join(cells)} | {statistics.median(told.bytes[name]) / 1000:.0f} |")
    lines.append(f"| **all** | {len(everything):,} | {_ms(everything, 0.5)} | **{_ms(everything, 0.95)}** "
                 f"(bar {BAR:.0f}) | {_ms(everything, 0.99)} | |")  # fmt: skip
    return [*lines, "", f"Failed: {len(told.wrong)}. {' '.join(told.wrong[:3])}", ""]


def _ms(taken: list[float], share: float) -> str:
    ranked = sorted(taken)
    return f"{ranked[min(int(len(ranked) * share), len(ranked) - 1)]:,.0f}" if ranked else "—"


def _measured(address: str, people: list[dict], choices: dict[str, list[str]], seconds: float) -> Told:
    told = Told()
    users = [User(address, account, choices, told, seed) for seed, account in enumerate(people)]
    for user in users:
        user.log_in()
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=user.work, args=(until,)) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def _prepared(home: Home) -> tuple[dict[str, int], dict[str, list[str]]]:
    """The database's rows, and what users filter by: providers and rules of every size."""
    with connect(home, "job") as job:
        sizes = {name: (job.execute(f"SELECT count(*) FROM {name}".encode()).fetchone() or (0,))[0]
                 for name in ("finding", "finding_line", "observation", "review_move")}  # fmt: skip
        sizes["open"] = (job.execute("SELECT count(*) FROM finding WHERE step = 'first'").fetchone() or (0,))[0]
        choices = {}
        for name in ("provider", "rule"):
            every = job.execute(f"SELECT {name} FROM finding GROUP BY 1 ORDER BY count(*) DESC, 1".encode())
            ranked = [one for (one,) in every]
            choices[name] = [*ranked[:5], *ranked[5::max(1, len(ranked) // 10)]]
        choices["number"] = [one for (one,) in job.execute("SELECT id FROM finding ORDER BY id LIMIT 20")]
    return sizes, choices


def _people(home: Home, count: int) -> list[dict]:
    environment = os.environ | {"MINGCHA_HOME": str(home.path), "MINGCHA_DESK_ROLE": "app"}
    child = subprocess.run([sys.executable, "-m", "benchmarks.desk_people", str(count)], env=environment,
                           stdout=subprocess.PIPE, text=True, check=True, cwd=Path(__file__).parents[1])  # fmt: skip
    return json.loads(child.stdout)
