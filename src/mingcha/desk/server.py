"""Starting and stopping the desk: gunicorn on port 8411, its pid and port kept in the home (DECISIONS 28)."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from mingcha.desk.migrate import ready
from mingcha.home.directory import Home
from mingcha.terms.errors import PlatformError, UsageError

PORT = 8411
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_WAIT = 60.0  # seconds until a started desk must answer
_children: list[subprocess.Popen[bytes]] = []
"""Desks this process started: they outlive it, and Python would complain of a handle let go."""
_APPLICATION = "mingcha.desk.wsgi:application"


@dataclass(frozen=True)
class Running:
    """A desk that answers: its address for a browser, and its process."""

    address: str
    host: str
    port: int
    pid: int


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
    chosen = _port(home, host, port)
    encrypted = host not in _LOOPBACK and not behind_proxy
    command, environment = _command(home, host, chosen, encrypted), _environment(home, host, names, encrypted)
    if behind_proxy:
        environment["MINGCHA_DESK_SECURE"] = "1"
    log = (home.logs / "desk.log").open("ab")
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
    )
    log.close()
    _children.append(process)
    started = Running(_address(host, chosen, encrypted), host, chosen, process.pid)
    _write(home, started)
    _await(home, started, process)
    if not detach:
        _stay(home, process)
    return started


def running(home: Home) -> Running | None:
    """The desk of this home, if its process lives and it answers."""
    noted = _read(home)
    if noted is None or _process(home, noted.pid) is None:
        return None
    return noted if _answers(home, noted) else None


def stop(home: Home, patience: float = 20.0) -> bool:
    """Let requests end, then stop; False when none was running."""
    noted = _read(home)
    process = _process(home, noted.pid) if noted else None
    if process is None:
        return False
    family = [process, *process.children(recursive=True)]
    with contextlib.suppress(psutil.NoSuchProcess):
        process.terminate()
    _, alive = psutil.wait_procs(family, timeout=patience)
    for one in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    psutil.wait_procs(alive, timeout=5)
    return True


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
        from mingcha.desk.tls import certificate

        files = certificate(home, host)
        command += ["--certfile", str(files.certificate), "--keyfile", str(files.key)]
    return command


def _quick() -> str:
    """A directory in memory for gunicorn's heartbeat, where there is one."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else "/tmp"


def _environment(home: Home, host: str, names: tuple[str, ...], encrypted: bool) -> dict[str, str]:
    from mingcha.desk.tls import own_names

    known = names if host in _LOOPBACK else (*names, *own_names(host))
    return os.environ | {
        "MINGCHA_HOME": str(home.path), "MINGCHA_DESK_ROLE": "app", "DJANGO_SETTINGS_MODULE": "mingcha.desk.settings",
        "MINGCHA_DESK_HOSTS": ",".join(known), "MINGCHA_DESK_SECURE": "1" if encrypted else "0",
    }  # fmt: skip


def _port(home: Home, host: str, wish: int | None) -> int:
    """The wished port or a PlatformError; without a wish last time's, else 8411, else any free one."""
    noted = _read(home)
    for port in [wish] if wish is not None else [noted.port if noted else PORT, PORT, 0]:
        with contextlib.suppress(OSError), _bound(host, port) as free:
            return free
    raise PlatformError(
        f"端口 {wish} 已被占用或不能使用。请换一个端口，或不指定端口由程序自选。",
        f"Port {wish} is taken or not allowed. Choose another one, or none to let the program choose.",
    )


@contextlib.contextmanager
def _bound(host: str, port: int) -> Iterator[int]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        yield probe.getsockname()[1]


def _address(host: str, port: int, encrypted: bool) -> str:
    shown = {"0.0.0.0": socket.gethostname(), "::": socket.gethostname()}.get(host, host)
    return f"{'https' if encrypted else 'http'}://{f'[{shown}]' if ':' in shown else shown}:{port}/"


def _await(home: Home, started: Running, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _WAIT
    while time.monotonic() < until and process.poll() is None:
        if _answers(home, started):
            return
        time.sleep(0.1)
    process.terminate()
    tail = "\n".join((home.logs / "desk.log").read_text(errors="replace").splitlines()[-5:])
    raise PlatformError(
        f"工作台没有启动。日志最后几行：\n{tail}", f"The desk didn't start. The log's last lines:\n{tail}"
    )


def _answers(home: Home, noted: Running) -> bool:
    """Whether this home's desk answers there; another program on the port is not it."""
    import ssl

    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(noted.host, noted.host)
    scheme = noted.address.partition(":")[0]
    unverified = ssl._create_unverified_context() if scheme == "https" else None  # our own process, found by its pid
    try:
        with urllib.request.urlopen(f"{scheme}://{host}:{noted.port}/health", timeout=5, context=unverified) as answer:
            return json.load(answer).get("home") == home.id
    except (urllib.error.URLError, OSError, ValueError):
        return False


def _stay(home: Home, process: subprocess.Popen[bytes]) -> None:
    """Wait for the desk to end; Ctrl-C ends it."""
    try:
        process.wait()
    except KeyboardInterrupt:
        stop(home)


def _process(home: Home, pid: int) -> psutil.Process | None:
    """The living desk process of that pid; pids are reused, so its command line and home must fit."""
    try:
        process = psutil.Process(pid)
        ours = _APPLICATION in process.cmdline() and process.environ().get("MINGCHA_HOME") == str(home.path)
        return process if ours and process.status() != psutil.STATUS_ZOMBIE else None
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None


def _read(home: Home) -> Running | None:
    try:
        return Running(**json.loads((home.path / "desk.json").read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def _write(home: Home, started: Running) -> None:
    draft = home.path / f"desk.json.{os.getpid()}"
    draft.write_text(json.dumps(asdict(started)))
    draft.replace(home.path / "desk.json")
