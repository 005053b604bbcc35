"""Starting and stopping the gate: uvicorn on port 8412, its pid and port kept in the home (DECISIONS 28)."""

from __future__ import annotations

import os
import signal
import sys
import time

import psutil

from mingcha.home.directory import Home
from mingcha.home.service import LOOPBACK, Running, Service
from mingcha.home.tls import certificate
from mingcha.knowledge import bundle
from mingcha.terms.errors import PlatformError

_APPLICATION = "mingcha.gate.app:application"
_READY = 60
"""Seconds a process may take to compile the rules; one that doesn't answer its parent for so long is replaced."""
GATE = Service("gate", "接口服务", "gate", 8412, _APPLICATION)


def start(home: Home, host: str = "127.0.0.1", port: int | None = None, detach: bool = False, *,
          behind_proxy: bool = False, workers: int | None = None, limit_ms: int = 200) -> Running:  # fmt: skip
    """Start the gate, or return the one that runs. Without `detach` this returns when it has ended.

    Beyond loopback it speaks TLS with a certificate of the home's own authority, unless `behind_proxy`; then nobody
    counts as being on this machine. PlatformError when no bundle was published.
    """
    if found := GATE.running(home):
        return found
    bundle.current(home)
    home.gate.mkdir(parents=True, exist_ok=True)
    chosen = GATE.free_port(home, host, port)
    encrypted = host not in LOOPBACK and not behind_proxy
    many = workers or max(2, os.cpu_count() or 1)  # with two, one can be replaced while the other answers
    command = [
        sys.executable, "-m", "uvicorn", _APPLICATION, "--factory", "--host", host, "--port", str(chosen),
        "--workers", str(many), "--loop", "uvloop", "--http", "httptools", "--ws", "none",
        "--no-access-log", "--log-level", "warning", "--no-proxy-headers", "--no-server-header", "--backlog", "4096",
        "--timeout-graceful-shutdown", "15", "--timeout-worker-healthcheck", str(_READY),
    ]  # fmt: skip
    if encrypted:
        files = certificate(home, host, GATE.name)
        command += ["--ssl-certfile", str(files.certificate), "--ssl-keyfile", str(files.key)]
    environment = os.environ | {
        "MINGCHA_HOME": str(home.path), "MINGCHA_GATE_LIMIT_MS": str(limit_ms),
        "MINGCHA_GATE_LOCAL": "0" if behind_proxy else "1", "MINGCHA_GATE_PROCESSES": str(many),
    }  # fmt: skip
    started, process = GATE.start(home, command, environment, host, chosen, encrypted)
    if not detach:
        GATE.stay(home, process)
    return started


def restart(home: Home, patience: float = 2.0 * _READY) -> Running:
    """Replace every process by a new one, which answers before the old one ends; no request is lost meanwhile.

    PlatformError when none runs, when it has one process only, or when the new ones don't come up: the old ones go on.
    """
    found = GATE.running(home)
    if found is None:
        raise PlatformError("接口服务没有运行。请运行 mingcha gate --detach。",
                            "No gate is running. Start one with `mingcha gate --detach`.")  # fmt: skip
    whole = psutil.Process(found.pid)
    old = set(whole.children())
    if len([one for one in old if _answering(one)]) < 2:
        raise PlatformError(
            "接口服务只有一个进程，不能不停机重启。请用 mingcha down 停止后再启动，或用 --workers 2 启动。",
            "The gate has one process only and can't be replaced while it runs. Start it with --workers 2.",
        )
    whole.send_signal(signal.SIGHUP)
    until = time.monotonic() + patience
    while time.monotonic() < until:
        now = {one for one in whole.children() if _answering(one)}
        if now and not now & old:
            return found
        time.sleep(0.2)
    raise PlatformError(
        "新的进程没有按时就绪，原来的继续服务。请看 logs/gate.log。",
        "The new processes weren't ready in time; the old ones go on. See logs/gate.log.",
    )


def _answering(process: psutil.Process) -> bool:
    """Whether it is one of those that answer, and not multiprocessing's own helper."""
    try:
        return process.is_running() and "resource_tracker" not in " ".join(process.cmdline())
    except psutil.Error:
        return False


def running(home: Home) -> Running | None:
    """The gate of this home, if its process lives and it answers."""
    return GATE.running(home)


def stop(home: Home, patience: float = 20.0) -> bool:
    """Let requests end, then stop; False when none was running."""
    return GATE.stop(home, patience)
