"""Starting and stopping the gate: uvicorn on port 8412, its pid and port kept in the home (DECISIONS 28)."""

from __future__ import annotations

import os
import sys

from mingcha.home.directory import Home
from mingcha.home.service import LOOPBACK, Running, Service
from mingcha.home.tls import certificate
from mingcha.knowledge import bundle

_APPLICATION = "mingcha.gate.app:application"
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
    command = [
        sys.executable, "-m", "uvicorn", _APPLICATION, "--factory", "--host", host, "--port", str(chosen),
        "--workers", str(workers or os.cpu_count() or 1), "--loop", "uvloop", "--http", "httptools", "--ws", "none",
        "--no-access-log", "--log-level", "warning", "--no-proxy-headers", "--no-server-header", "--backlog", "4096",
        "--timeout-graceful-shutdown", "15",
    ]  # fmt: skip
    if encrypted:
        files = certificate(home, host)
        command += ["--ssl-certfile", str(files.certificate), "--ssl-keyfile", str(files.key)]
    environment = os.environ | {
        "MINGCHA_HOME": str(home.path), "MINGCHA_GATE_LIMIT_MS": str(limit_ms),
        "MINGCHA_GATE_LOCAL": "0" if behind_proxy else "1",
    }  # fmt: skip
    started, process = GATE.start(home, command, environment, host, chosen, encrypted)
    if not detach:
        GATE.stay(home, process)
    return started


def running(home: Home) -> Running | None:
    """The gate of this home, if its process lives and it answers."""
    return GATE.running(home)


def stop(home: Home, patience: float = 20.0) -> bool:
    """Let requests end, then stop; False when none was running."""
    return GATE.stop(home, patience)
