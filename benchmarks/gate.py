"""The gate: one request in process, over HTTP beside a bare echo, at a constant rate, and with more than it can do.

The load comes from this process, on the same cores; what a gate could do alone is told as CPU a request.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import uvloop

from benchmarks.city import mingcha
from mingcha.gate.server import GATE, start, stop
from mingcha.gate.service import Gate
from mingcha.home.directory import Home
from mingcha.knowledge import bundle
from mingcha.knowledge.archive import keep_library
from mingcha.knowledge.bundle import publish
from mingcha.knowledge.library import Library
from mingcha.knowledge.pack import Pack, load
from mingcha.knowledge.shipped import shipped_pack
from mingcha.sample.caller import Manner, Told, play
from mingcha.sample.ward import Call, calls, visits

VISITS, SEED = 2_000, 1
REQUESTS = 3_000
RATE, SECONDS = 1_000.0, 20.0
CONNECTIONS, LOOP = 64, 16
"""At a constant rate, and in a closed loop: with more, each would wait longer than a crowd lets it."""
WARM = 3.0
"""Seconds in which connections are shared out and caches filled."""
TIMES = 5
"""How many times what it can do an overloaded gate is asked for."""
HEAVY = 8
"""Messages put into one, so that this process can ask for more than the gate can do."""
_ECHO = """
import os
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
ANSWER = b'{"infcode": 0, "output": {"result": []}, "padding": "' + b"x" * int(os.environ["ECHO_BYTES"]) + b'"}'
async def echo(request):
    await request.body()
    return Response(ANSWER, media_type="application/json")
app = Starlette(routes=[Route("/fsi/{infno}", echo, methods=["POST"])])
"""


@dataclass(frozen=True)
class Load:
    """What came of a load: the caller's figures and the server's CPU a request, in microseconds."""

    told: Told
    cpu: float

    @property
    def rate(self) -> float:
        """Whole checks a second."""
        return self.told.ok / self.told.seconds


def report(place: Path) -> list[str]:
    """The section of RESULTS.md, over the home of the ordinary city."""
    home = Home.open(place)
    mingcha(place, "gate", "publish")
    mingcha(place, "gate", "rebuild")
    made = calls(home, visits(home, VISITS, SEED))
    sizes = sorted(len(call.body) for call in made)
    lines = [
        "## The gate", "",
        f"{len(made):,} messages 3101 of {VISITS:,} visits drawn from the city, {statistics.mean(sizes) / 1000:.1f} kB",
        f"(the largest {sizes[-1] / 1000:.0f} kB), each under a new number, over {CONNECTIONS} connections from a",
        f"process on the same cores; {WARM:.0f} seconds before aren't counted.", "",
        "| | value | bar |", "|---|---|---|",
    ]  # fmt: skip
    lines += _in_process(home, made)
    lines += _growth(home, made)
    lines += _over_http(home, made)
    lines += _overloaded(home, made)
    lines += _reloaded(home, made)
    return [*lines, ""]


def _in_process(home: Home, made: list[Call]) -> list[str]:
    """A whole message: decoded, the history read, every rule asked, noted and encoded."""
    taken = sorted(_asked(home, made))
    return [
        f"| whole message in process, p50 | {taken[len(taken) // 2]:,.0f} µs | |",
        f"| whole message in process, p99 | {taken[len(taken) * 99 // 100]:,.0f} µs | |",
    ]


def _asked(home: Home, made: list[Call]) -> list[float]:
    """Microseconds of REQUESTS messages in a gate of this process."""
    gate = Gate(home, limit=60)

    async def ask() -> list[float]:
        taken = []
        for number in range(REQUESTS + 200):
            call = made[number % len(made)]
            body = call.body.replace(b'"msgid": "', b'"msgid": "%d-%d-' % (os.getpid(), time.time_ns()), 1)
            since = time.perf_counter()
            await gate.transaction(call.infno, body, {}, True, since)
            taken.append((time.perf_counter() - since) * 1e6)
        return taken[200:]

    try:
        return asyncio.run(ask())
    finally:
        gate.close()


def _growth(home: Home, made: list[Call]) -> list[str]:
    """The same requests with a thousand rows that matter to them, and with a hundred thousand besides."""
    pack = load(shipped_pack())
    asked = {order for call in made for order in _items(call)}
    small = _thousand(pack, asked)
    count = sum(len(rule.knowledge) for rule in small.rules)
    large = _padded(small, 100_000 - count)
    medians: dict[str, list[float]] = {"small": [], "large": []}
    with _home_beside(home) as other:
        for _ in range(3):
            for name, one in (("small", small), ("large", large)):
                publish(other, Library.of(one), "2026-01-01", bundle.current(home).providers, {})
                medians[name].append(statistics.median(_asked(other, made)))
    few, many = (statistics.median(medians[name]) for name in ("small", "large"))
    rounds = ", ".join(f"{b / a - 1:+.1%}" for a, b in zip(medians["small"], medians["large"], strict=True))
    return [
        f"| the same with {count:,} knowledge rows, p50 | {few:,.0f} µs | |",
        f"| the same with 100,000 rows, p50 | {many:,.0f} µs | |",
        f"| **latency for a hundred times the rows** | **{many / few - 1:+.1%}** ({rounds}) | < 10 % |",
    ]


def _items(call: Call) -> Iterator[str]:
    for person in json.loads(call.body)["input"]["data"]["patient_dtos"]:
        for visit in person["fsi_encounter_dtos"]:
            yield from (order["hilist_code"] for order in visit["fsi_order_dtos"])


def _thousand(pack: Pack, asked: set[str]) -> Pack:
    """The pack with some thousand rows, those that the requests meet first."""
    ranked = sorted(
        ((row.item not in asked, number, place) for number, rule in enumerate(pack.rules)
         for place, row in enumerate(rule.knowledge)),
    )[:1_000]  # fmt: skip
    kept = {(number, place) for _, number, place in ranked}
    rules = (
        replace(rule, knowledge=tuple(row for place, row in enumerate(rule.knowledge) if (number, place) in kept))
        for number, rule in enumerate(pack.rules)
    )
    return replace(pack, rules=tuple(rules))


def _padded(pack: Pack, more: int) -> Pack:
    """The pack with so many copies of rows under codes that nobody orders."""
    total = sum(len(rule.knowledge) for rule in pack.rules)
    times = more // total + 1
    rules = []
    for rule in pack.rules:
        many = ((n, row) for n in range(times) for row in rule.knowledge)
        copies = (replace(row, id=f"{row.id}~{n}", item=f"{row.item}~{n}") for n, row in many)
        rules.append(replace(rule, knowledge=(*rule.knowledge, *copies)))
    return replace(pack, rules=tuple(rules))


@contextmanager
def _home_beside(home: Home) -> Iterator[Home]:
    """A home of its own with the same secrets and histories, so that the kept one's bundle stays what it is."""
    place = home.path.with_name(f"{home.path.name}-gate")
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(home.path / "secrets", place / "secrets")
    shutil.copy(home.path / "home.json", place / "home.json")
    shutil.copytree(home.gate / "history", place / "gate" / "history")
    try:
        yield Home.open(place)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _over_http(home: Home, made: list[Call]) -> list[str]:
    with _gate(home):
        closed = _load(home, made, 0, SECONDS, LOOP)
        open_loop = _load(home, made, RATE, SECONDS)
    size = _answer_bytes(home, made)
    with _echo(home, size) as (address, server):
        echoed = _load_at(address, server, made, 0, SECONDS, LOOP)
        echoed_at_rate = _load_at(address, server, made, RATE, SECONDS / 2)
    told = open_loop.told
    return [
        f"| closed loop over {LOOP} connections, checks a second | {closed.rate:,.0f} | ≥ 2,000 |",
        f"| of {closed.told.sent:,} sent there: let pass, failed | {closed.told.shed:,}, {closed.told.failed:,} | |",
        f"| bare echo of the same framework, closed loop | {echoed.rate:,.0f} | |",
        f"| CPU of the gate a message | {closed.cpu:,.0f} µs | |",
        f"| CPU of the echo a message | {echoed.cpu:,.0f} µs | |",
        f"| **gate ÷ echo, CPU** | **{closed.cpu / echoed.cpu:.1f}** | |",
        f"| what two cores could answer without the caller beside them | {2e6 / closed.cpu:,.0f} a second | |",
        f"| CPU a message at {RATE:,.0f} a second: gate, echo | {open_loop.cpu:,.0f}, {echoed_at_rate.cpu:,.0f} µs | |",
        f"| the echo at {RATE:,.0f} a second: p50, p99 | {echoed_at_rate.told.quantile(0.5)}, "
        f"{echoed_at_rate.told.quantile(0.99)} ms | |",
        f"| at {RATE:,.0f} a second: p50, p99, p99.9 | {told.quantile(0.5)}, {told.quantile(0.99)}, "
        f"{told.quantile(0.999)} ms | p99 ≤ 20 ms |",
        f"| of {told.sent:,} sent: checked, let pass, failed | {told.ok:,}, {told.shed:,}, {told.failed:,} | |",
    ]  # fmt: skip


def _overloaded(home: Home, made: list[Call]) -> list[str]:
    """Heavy messages, at what one process can just do and at TIMES that."""
    heavy = [_heavy(made, place) for place in range(20)]
    with _gate(home, workers=1):
        able = _load(home, heavy, 0, SECONDS / 2, connections=4)
        calm = _load(home, heavy, able.rate / 2, SECONDS / 2)
        flooded = _load(home, heavy, able.rate * TIMES, SECONDS / 2, connections=256)
        memory = sum(one.memory_info().rss for one in _family(home)) >> 20
        after = _load(home, made, 50, 3)
    told = flooded.told
    return [
        f"| messages of {len(heavy[0].body) / 1000:.0f} kB, one process, closed loop | {able.rate:,.0f} a second | |",
        f"| half of that: p99 since sent | {calm.told.quantile(0.99, True)} ms | |",
        f"| {TIMES} times that: checked, let pass, failed | {told.ok:,}, {told.shed:,}, {told.failed:,} | failed 0 |",
        f"| {TIMES} times that: p99 of those checked, since sent | {told.quantile(0.99, True)} ms | |",
        f"| memory of the process then | {memory:,} MiB | |",
        f"| ordinary messages after it: failed | {after.told.failed} | 0 |",
    ]  # fmt: skip


def _heavy(made: list[Call], place: int) -> Call:
    """The persons of HEAVY messages in one."""
    chosen = [made[(place * HEAVY + number) % len(made)] for number in range(HEAVY)]
    whole, *parts = (json.loads(call.body) for call in chosen)
    for part in parts:
        whole["input"]["data"]["patient_dtos"] += part["input"]["data"]["patient_dtos"]
    return replace(chosen[0], body=json.dumps(whole, ensure_ascii=False).encode())


def _reloaded(home: Home, made: list[Call]) -> list[str]:
    """Another bundle while 200 messages a second come: how long until every answer is of it, and what was lost."""
    before = bundle.current(home)
    seen: list[tuple[float, int]] = []

    def note(call: Call, output: dict) -> None:
        del call
        seen.append((time.perf_counter(), output["exp_content"]["bundle"]))

    with _gate(home) as running:
        published = [0.0]

        pack = load(shipped_pack())
        rules = (replace(pack.rules[0], version=pack.rules[0].version + 1), *pack.rules[1:])
        other_library = Library.of(replace(pack, rules=rules))
        keep_library(other_library, home.packs)  # not in the time: it takes this process's time, and the caller's

        def other() -> None:
            time.sleep(3)
            publish(home, other_library, "2026-01-02", before.providers, before.keys)
            published[0] = time.perf_counter()

        thread = threading.Thread(target=other)
        thread.start()
        told = uvloop.run(play(running.address, made, 200, 12, CONNECTIONS, Manner(note)))
        thread.join()
    last_old = max((at for at, number in seen if number == before.number), default=0)
    mixed = {number for _, number in seen} - {before.number, before.number + 1}
    mingcha(home.path, "gate", "publish")
    return [
        f"| another library published: until the last answer of the old | {last_old - published[0]:.2f} s | < 2 s |",
        f"| meanwhile sent, let pass, failed, of no bundle known | {told.sent:,}, {told.shed:,}, {told.failed:,}, "
        f"{len(mixed)} | failed 0, 0 |",
    ]  # fmt: skip


def _load(home: Home, made: list[Call], rate: float, seconds: float, connections: int = CONNECTIONS) -> Load:
    running = GATE.running(home)
    assert running is not None
    return _load_at(running.address, psutil.Process(running.pid), made, rate, seconds, connections)


def _load_at(address: str, server: psutil.Process, made: list[Call], rate: float, seconds: float,
             connections: int = CONNECTIONS) -> Load:  # fmt: skip
    before: list[float] = []

    async def measured() -> Told:
        asyncio.get_running_loop().call_later(WARM, lambda: before.append(_cpu(server)))
        return await play(address, made, rate, seconds, connections, warm=WARM)

    told = uvloop.run(measured())
    answered = max(told.ok + told.shed + told.failed, 1)
    return Load(told, (_cpu(server) - before[0]) / answered * 1e6)


def _cpu(server: psutil.Process) -> float:
    times = [one.cpu_times() for one in (server, *server.children(recursive=True))]
    return sum(one.user + one.system for one in times)


def _family(home: Home) -> list[psutil.Process]:
    running = GATE.running(home)
    assert running is not None
    whole = psutil.Process(running.pid)
    return [whole, *whole.children(recursive=True)]


@contextmanager
def _gate(home: Home, workers: int = 2) -> Iterator:
    stop(home)
    running = start(home, detach=True, workers=workers)
    try:
        yield running
    finally:
        stop(home)


def _answer_bytes(home: Home, made: list[Call]) -> int:
    """The size of an answer, in the middle."""
    gate = Gate(home, limit=60)
    try:
        asked = (gate.transaction(call.infno, call.body, {}, True, time.perf_counter()) for call in made[:200])
        return int(statistics.median(len(asyncio.run(one)) for one in asked))
    finally:
        gate.close()


@contextmanager
def _echo(home: Home, size: int) -> Iterator[tuple[str, psutil.Process]]:
    """The same server with an application that reads a message and answers as many bytes."""
    place = home.path / "bench_echo.py"
    place.write_text(_ECHO)
    port = GATE.free_port(home, "127.0.0.1", None) + 17
    command = [
        sys.executable, "-m", "uvicorn", "bench_echo:app", "--app-dir", str(home.path), "--port", str(port),
        "--workers", "2", "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "error",
    ]  # fmt: skip
    process = subprocess.Popen(command, env=os.environ | {"ECHO_BYTES": str(size)})
    address = f"http://127.0.0.1:{port}/"
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"{address}fsi/0", b"{}", timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield address, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()
        place.unlink()
