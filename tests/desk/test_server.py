"""The desk as a process: where it listens, whom it answers, how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import urllib.request
from collections.abc import Iterator
from urllib.error import URLError

import psutil
import pytest

from mingcha.desk import server
from mingcha.home import tls
from mingcha.home.directory import Home
from mingcha.terms.errors import PlatformError, UsageError

pytestmark = pytest.mark.slow


@pytest.fixture
def still(desk_home: Home) -> Iterator[Home]:
    """The session's home with no desk running, before and after."""
    yield desk_home
    server.stop(desk_home)


def asked(address: str, context: ssl.SSLContext | None = None) -> dict:
    with urllib.request.urlopen(address + "health", timeout=20, context=context) as answer:
        return json.load(answer)


def test_it_starts_once_answers_on_loopback_and_stops(still: Home) -> None:
    started = server.start(still, port=_free(), detach=True)
    assert asked(started.address) == {"status": "ok", "version": "0.1.0", "home": still.id, "role": "mingcha_app"}
    assert server.start(still, detach=True) == started
    assert server.stop(still) and not server.stop(still)
    assert server.running(still) is None
    again = server.start(still, detach=True)
    assert again.port == started.port, "the port is kept in the home"


def test_a_killed_desk_is_not_mistaken_for_a_running_one(still: Home) -> None:
    started = server.start(still, port=_free(), detach=True)
    os.kill(started.pid, signal.SIGKILL)
    psutil.Process(started.pid).wait(10)
    assert server.start(still, detach=True).pid != started.pid


def test_a_taken_port_is_said_or_evaded(still: Home) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        with pytest.raises(PlatformError, match=str(taken)):
            server.start(still, port=taken, detach=True)
        (still.path / "desk.json").write_text(
            json.dumps({"address": "", "host": "127.0.0.1", "port": taken, "pid": 1})
        )
        assert server.start(still, detach=True).port != taken


def test_beyond_loopback_it_speaks_tls_under_the_homes_own_authority(still: Home) -> None:
    started = server.start(still, host="0.0.0.0", port=_free(), detach=True)
    assert started.address.startswith("https://")
    context = ssl.create_default_context(cafile=str(tls.certificate(still, "0.0.0.0", "desk").authority))
    assert asked(f"https://localhost:{started.port}/", context)["status"] == "ok"
    with pytest.raises((URLError, ConnectionError)):
        urllib.request.urlopen(f"http://localhost:{started.port}/health", timeout=20)


def test_behind_a_proxy_the_host_names_are_needed(still: Home) -> None:
    with pytest.raises(UsageError):
        server.start(still, host="0.0.0.0", behind_proxy=True, detach=True)


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
