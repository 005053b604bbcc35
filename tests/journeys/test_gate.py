"""The gate as a running service: it says beforehand what the audit says afterwards, and goes on whatever is taken away."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
import uvloop

from mingcha.desk.audit.running import run_audit
from mingcha.gate.journal import entries
from mingcha.gate.server import GATE, start, stop
from mingcha.gate.service import Gate
from mingcha.home import postgres
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.knowledge.pack import load
from mingcha.knowledge.shipped import shipped_pack
from mingcha.records.importing import Import
from mingcha.records.lake import Lake
from mingcha.sample.caller import play
from mingcha.sample.ward import calls, visits
from mingcha.sample.writing import plan, write
from tests.gate import message

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

LINES, SEED, KILLS = 12_000, 11, 30


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """An audited sample city with its rules published and its histories made."""
    place = tmp_path_factory.mktemp("gate")
    write(place / "city", plan(LINES, SEED), SEED)
    home = Home.open(place / "home", environ={})
    with Lake.open(home) as lake:
        Import(lake).run([place / "city"])
    run_audit(home, load(shipped_pack()), by="test")
    assert run(home, "gate", "publish")["bundle"] == 1
    assert run(home, "gate", "rebuild")["persons"] > 100
    yield home
    stop(home)
    postgres.stop(home)


def run(home: Home, *command: str, code: int = 0) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "mingcha.cli", *command, "--json"], env=os.environ | {"MINGCHA_HOME": str(home.path)},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def post(address: str, told: dict[str, Any]) -> dict[str, Any]:
    """Send a message; the answer."""
    request = urllib.request.Request(f"{address}fsi/{told['infno']}", json.dumps(told).encode())
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def feedback(number: str) -> dict[str, Any]:
    told = message("3103", number)
    told["input"] = {"data": {"warn_type": "1", "warns": [{"warn_rslt_id": number, "dspo_way": "2"}]}}
    return told


def fee_line(number: str) -> dict[str, Any]:
    told = message("2204", number)
    told["input"] = {"feedetail": [{
        "feedetl_sn": number, "mdtrt_id": "KILL", "psn_no": "P1", "fee_ocur_time": "2026-03-10 08:30:00",
        "med_list_codg": "XA01", "det_item_fee_sumamt": 12.5, "cnt": 5, "pric": 2.5,
    }]}  # fmt: skip
    return told


def test_it_says_beforehand_what_the_audit_says_afterwards(home: Home) -> None:
    """Every finding of a rule that both run, at the visit it is about, from the messages a ward would have sent."""
    gate = Gate(home, limit=60)
    stage = gate.judge.stages["3101"]
    asked = {stage.plan.rules[known.rule].id for plan in stage.plan.plans for known in plan.known
             if plan.kind.at_hand and plan.kind.frame.name in ("line", "visit", "diagnosis", "operation")}  # fmt: skip
    with connect(home) as pg:
        found = pg.execute(
            "SELECT DISTINCT rule, provider, visit FROM finding WHERE visit IS NOT NULL AND rule = ANY(%s)", [list(asked)]
        ).fetchall()
    wanted = {(rule, provider, visit) for rule, provider, visit in found}
    told = set()
    for call in calls(home, sorted({(provider, visit) for _, provider, visit in wanted})):
        answer = ask(gate, call.infno, call.body)
        told |= {(r["rule_id"], call.provider, call.visit) for r in answer["output"]["result"]}
    gate.close()
    assert len(wanted) > 100 and len({rule for rule, _, _ in wanted}) > 20
    assert not wanted - told, sorted(wanted - told)[:10]


def ask(gate: Gate, infno: str, body: bytes) -> dict[str, Any]:
    import asyncio

    return json.loads(asyncio.run(gate.transaction(infno, body, {}, True, time.perf_counter())))


def test_histories_are_checked_against_the_lake(home: Home) -> None:
    assert run(home, "gate", "check")["differing"] == 0


def test_a_simulated_hospital_is_answered_and_counted(home: Home) -> None:
    start(home, detach=True, workers=2)
    told = run(home, "his", "--rate", "20", "--seconds", "5", "--visits", "50")
    assert told["sent"] == 100 and told["ok"] + told["shed"] == 100 and not told["failed"]
    assert 0 < told["p50_ms"] <= told["p99_ms"] <= told["p999_ms"]
    address = GATE.running(home)
    assert address is not None
    with urllib.request.urlopen(f"{address.address}metrics") as answer:
        counts = dict(line.split() for line in answer.read().decode().splitlines() if not line.startswith("#"))
    assert int(counts["mingcha_gate_requests_total"]) >= 100 and "mingcha_gate_seconds_count" in counts
    with urllib.request.urlopen(f"{address.address}ready") as answer:
        told = json.load(answer)
    assert told["bundle"] == 1 and told["persons"] > 100 and told["checks"]["3101"] > 50


def test_it_answers_with_the_database_down(home: Home) -> None:
    running = start(home, detach=True, workers=2)
    assert postgres.stop(home)
    assert post(running.address, message(number="down"))["infcode"] == 0
    assert post(running.address, feedback("down-too"))["infcode"] == 0


def test_a_message_too_large_is_not_read(home: Home) -> None:
    running = start(home, detach=True, workers=2)
    line = http.client.HTTPConnection("127.0.0.1", running.port, timeout=20)
    line.putrequest("POST", "/fsi/3101")
    line.putheader("content-length", str(100 << 20))
    line.endheaders()
    answer = line.getresponse()
    assert answer.status == 413 and "4 MB" in json.load(answer)["err_msg"]
    line.close()


def test_another_bundle_takes_effect_within_two_seconds_and_no_answer_is_dropped(home: Home) -> None:
    running = start(home, detach=True, workers=2)
    from mingcha.knowledge import bundle

    now = bundle.current(home)
    seen: list[tuple[float, int]] = []
    end = threading.Event()

    def keep_asking() -> None:
        number = 0
        while not end.is_set():
            number += 1
            told = post(running.address, message(number=f"swap-{number}"))
            assert told["infcode"] == 0
            if number_of := told["output"]["exp_content"].get("bundle"):  # none where it was let pass, on a busy machine
                seen.append((time.monotonic(), number_of))

    asking = threading.Thread(target=keep_asking)
    asking.start()
    strengths = (bundle.Strength("service-by-sex", "block"),)
    bundle.publish(home, bundle.library_of(home, now), "2026-01-02", now.providers, {}, strengths)
    published = time.monotonic()
    deadline = published + 60
    while time.monotonic() < deadline and sum(number == now.number + 1 for _, number in seen) < 20:
        time.sleep(0.1)
    end.set()
    asking.join()
    assert {number for _, number in seen} == {now.number, now.number + 1}


def test_more_than_it_can_do_is_let_pass_and_the_rest_is_answered_soon(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One process is asked for five times what it can do: nobody fails, and whoever is judged doesn't wait long."""
    stop(home)
    monkeypatch.setenv("MINGCHA_GATE_RATE", "1000000")  # the provider's own limit would end it before
    running = start(home, detach=True, workers=1)
    made = calls(home, visits(home, 200))
    whole = json.loads(made[0].body)
    for call in made[1:8]:
        whole["input"]["data"]["patient_dtos"] += json.loads(call.body)["input"]["data"]["patient_dtos"]
    heavy = [replace(made[0], body=json.dumps(whole, ensure_ascii=False).encode())]
    able = uvloop.run(play(running.address, heavy, 0, 4, connections=4))
    before = psutil.Process(running.pid).memory_info().rss
    flood = uvloop.run(play(running.address, heavy, able.ok / able.seconds * 5, 4, connections=128))
    assert able.ok > 50 and not able.failed and not flood.failed and flood.shed > flood.ok / 2 > 10
    assert flood.quantile(0.99, since_sent=True) < 500, "a machine with other work is slow; no queue of seconds"
    assert psutil.Process(running.pid).memory_info().rss - before < 256 << 20
    calm = uvloop.run(play(running.address, made, 20, 2))
    assert calm.ok == calm.sent
    stop(home)


def test_a_restart_under_load_fails_nobody(home: Home) -> None:
    running = start(home, detach=True, workers=2)
    before = {one.pid for one in workers(psutil.Process(running.pid))}
    made = calls(home, visits(home, 50))
    done = threading.Event()

    def anew() -> None:
        time.sleep(1)
        run(home, "gate", "restart")
        done.set()

    restarting = threading.Thread(target=anew)
    restarting.start()
    told = uvloop.run(play(running.address, made, 30, 30))
    restarting.join()
    assert done.is_set() and not before & {one.pid for one in workers(psutil.Process(running.pid))}
    assert (told.sent, told.failed) == (900, 0) and told.ok > 600, (told.ok, told.shed)


def test_thirty_kills_lose_nothing_that_was_acknowledged(home: Home) -> None:
    """Workers, now and then the whole service, and collecting are killed while reactions and fee lines come in.

    Every reaction that was acknowledged is in the journal, every fee line is in the lake, once.
    """
    draw = random.Random(5)
    acknowledged: list[str] = []
    end = threading.Event()
    address = [start(home, detach=True, workers=2).address]

    def keep_telling() -> None:
        number = 0
        while not end.is_set():
            number += 1
            name = f"kill-{number}"
            try:
                if post(address[0], feedback(name) if number % 2 else fee_line(name))["infcode"] == 0:
                    acknowledged.append(name)
            except (OSError, urllib.error.URLError, http.client.HTTPException):
                time.sleep(0.02)

    telling = threading.Thread(target=keep_telling)
    telling.start()
    for kill in range(KILLS):
        if kill % 10 == 4:
            collecting = subprocess.Popen([sys.executable, "-m", "mingcha.cli", "gate", "collect"],
                                          env=os.environ | {"MINGCHA_HOME": str(home.path)},
                                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
            time.sleep(draw.uniform(1, 4))
            collecting.kill()
            collecting.wait()
        time.sleep(draw.uniform(0.05, 0.4))
        running = GATE._read(home)
        assert running is not None
        with_it = psutil.Process(running.pid)
        family = workers(with_it)
        if kill % 6 == 5:
            for one in (with_it, *family):
                with contextlib.suppress(psutil.Error):
                    one.send_signal(signal.SIGKILL)
            psutil.wait_procs([with_it, *family], timeout=10)
            address[0] = start(home, detach=True, workers=2).address
        elif family:
            with contextlib.suppress(psutil.Error):
                draw.choice(family).send_signal(signal.SIGKILL)
    time.sleep(1)
    address[0] = start(home, detach=True, workers=2).address
    end.set()
    telling.join()
    kept = {e["msgid"] for _, e in entries(home.spool / "gate") if e["kind"] == "feedback"}
    reactions = {name for name in acknowledged if int(name[5:]) % 2}
    assert len(reactions) > 20 and not reactions - kept
    GATE.stop(home, 20)
    run(home, "gate", "collect")
    assert run(home, "gate", "collect")["messages"] == 0
    assert run(home, "gate", "check")["differing"] == 0, "the histories followed"
    with Lake.open(home, read_only=True) as lake:
        found = lake.con.execute("SELECT line FROM facts.fee_line WHERE visit = 'KILL'").fetchall()
    lines = [line for (line,) in found]
    assert len(lines) == len(set(lines)) > 20 and not set(acknowledged) - reactions - set(lines)
    address[0] = start(home, detach=True, workers=2).address
    assert post(address[0], message(number="after"))["infcode"] == 0


def workers(service: psutil.Process) -> list[psutil.Process]:
    """The living processes that answer."""
    found = []
    for one in service.children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if "resource_tracker" not in " ".join(one.cmdline()):
                found.append(one)
    return found


def test_a_drawn_visit_is_the_same_each_time(home: Home) -> None:
    assert visits(home, 20, seed=3) == visits(home, 20, seed=3) != visits(home, 20, seed=4)


def test_a_gate_without_rules_says_what_to_do(tmp_path: Path) -> None:
    from mingcha.terms.errors import PlatformError

    with pytest.raises(PlatformError, match="mingcha up"):
        start(Home.open(tmp_path / "home", environ={}), detach=True)


def test_virtual_records_come_out_as_they_should(home: Home) -> None:
    start(home, detach=True, workers=2)
    told = run(home, "his", "--virtual")
    assert told["triggered"] > 60 and told["silent"] == told["false"] == told["refused"] == 0
    assert "invoice-settled-twice" in told["rules"]["left"]
