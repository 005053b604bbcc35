"""Starting and stopping the desk: gunicorn on port 8411, its pid and port kept in the home (DECISIONS 28)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from mingcha.desk.migrate import ready
from mingcha.home.directory import Home
from mingcha.home.service import LOOPBACK, Running, Service
from mingcha.home.tls import certificate, own_names
from mingcha.terms.errors import PlatformError, UsageError

_APPLICATION = "mingcha.desk.wsgi:application"
DESK = Service("desk", "工作台", "desk", 8411, _APPLICATION)


def start(
    home: Home, host: str = "127.0.0.1", port: int | None = None, detach: bool = False, *,
    behind_proxy: bool = False, names: tuple[str, ...] = (),
) -> Running:  # fmt: skip
    """Start the desk, or return the one that runs. Without `detach` this returns when it has ended.

    Beyond loopback it speaks TLS with a certificate of the home's own authority, unless `behind_proxy`. `names` are
    further host names browsers may use. The port is the one of last time, else 8411, else a free one.
    """
    if found := running(home):
        return found
    if behind_proxy and not names:
        raise UsageError(
            "放在反向代理之后时，请用 --name 写明浏览器访问的主机名。",
            "Behind a proxy, please name the host that browsers use with --name.",
        )
    ready(home, upgrade=True)
    chosen = DESK.free_port(home, host, port)
    encrypted = host not in LOOPBACK and not behind_proxy
    command, environment = _command(home, host, chosen, encrypted), _environment(home, host, names, encrypted)
    if behind_proxy:
        environment["MINGCHA_DESK_SECURE"] = "1"
    started, process = DESK.start(home, command, environment, host, chosen, encrypted)
    if not detach:
        DESK.stay(home, process)
    return started


def running(home: Home) -> Running | None:
    """The desk of this home, if its process lives and it answers."""
    return DESK.running(home)


def stop(home: Home, patience: float = 20.0) -> bool:
    """Let requests end, then stop; False when none was running."""
    return DESK.stop(home, patience)


def demo_accounts(home: Home) -> list[dict[str, Any]]:
    """One account per role with new passwords: [{username, role, post, password}, …]. Shown once, stored nowhere."""
    child = subprocess.run(
        [sys.executable, "-m", "mingcha.desk.demo"], env=_environment(home, "127.0.0.1", (), False),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if child.returncode:
        raise PlatformError(
            f"没有建成演示账号：{child.stderr.strip()[-300:]}", f"No demo accounts: {child.stderr.strip()[-300:]}"
        )
    return json.loads(child.stdout)


def _command(home: Home, host: str, port: int, encrypted: bool) -> list[str]:
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    command = [
        sys.executable, "-m", "gunicorn", _APPLICATION, "--bind", bind, "--worker-class", "gthread", "--workers", "2",
        "--threads", "4", "--timeout", "120", "--graceful-timeout", "15", "--max-requests", "20000",
        "--max-requests-jitter", "2000", "--log-level", "warning", "--worker-tmp-dir", _quick(), "--no-control-socket",
    ]  # fmt: skip
    if encrypted:
        files = certificate(home, host, DESK.name)
        command += ["--certfile", str(files.certificate), "--keyfile", str(files.key)]
    return command


def _quick() -> str:
    """A directory in memory for gunicorn's heartbeat, where there is one."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else "/tmp"


def _environment(home: Home, host: str, names: tuple[str, ...], encrypted: bool) -> dict[str, str]:
    known = names if host in LOOPBACK else (*names, *own_names(host))
    return os.environ | {
        "MINGCHA_HOME": str(home.path), "MINGCHA_DESK_ROLE": "app", "DJANGO_SETTINGS_MODULE": "mingcha.desk.settings",
        "MINGCHA_DESK_HOSTS": ",".join(known), "MINGCHA_DESK_SECURE": "1" if encrypted else "0",
    }  # fmt: skip
