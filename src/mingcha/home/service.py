"""A service of the home: a process in the background that answers on a port, kept in mind in a file of its name.

Desk and gate are started, found and stopped alike (DECISIONS 28).
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import psutil

from mingcha.home.directory import Home
from mingcha.terms.errors import PlatformError

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_WAIT = 180.0  # seconds until a started service must answer; one that ends is noticed at once
_children: list[subprocess.Popen[bytes]] = []
"""Services this process started: they outlive it, and Python would complain of a handle let go."""


@dataclass(frozen=True)
class Running:
    """A service that answers: its address, and its process."""

    address: str
    host: str
    port: int
    pid: int


@dataclass(frozen=True)
class Service:
    """What tells one service from another: its name, its names for people, its usual port, a word of its command."""

    name: str
    zh: str
    en: str
    port: int
    marker: str

    def start(self, home: Home, command: list[str], environment: Mapping[str, str], host: str, port: int,
              encrypted: bool) -> tuple[Running, subprocess.Popen[bytes]]:  # fmt: skip
        """Start it and wait until it answers. PlatformError, with the end of its log, when it doesn't."""
        with self._log(home).open("ab") as log:
            process = subprocess.Popen(
                command, env=dict(environment), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        _children.append(process)
        started = Running(_address(host, port, encrypted), host, port, process.pid)
        self._write(home, started)
        self._await(home, started, process)
        return started, process

    def running(self, home: Home) -> Running | None:
        """The service of this home, if its process lives and it answers."""
        noted = self._read(home)
        if noted is None or self._process(home, noted.pid) is None:
            return None
        return noted if _answers(home, noted) else None

    def stop(self, home: Home, patience: float = 20.0) -> bool:
        """Let requests end, then stop; False when none was running."""
        noted = self._read(home)
        process = self._process(home, noted.pid) if noted else None
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

    def stay(self, home: Home, process: subprocess.Popen[bytes]) -> None:
        """Wait for it to end; Ctrl-C ends it."""
        try:
            process.wait()
        except KeyboardInterrupt:
            self.stop(home)

    def free_port(self, home: Home, host: str, wish: int | None) -> int:
        """The wished port or a PlatformError; without a wish last time's, else the usual one, else any free one."""
        noted = self._read(home)
        for port in [wish] if wish is not None else [noted.port if noted else self.port, self.port, 0]:
            with contextlib.suppress(OSError), _bound(host, port) as free:
                return free
        raise PlatformError(
            f"端口 {wish} 已被占用或不能使用。请换一个端口，或不指定端口由程序自选。",
            f"Port {wish} is taken or not allowed. Choose another one, or none to let the program choose.",
        )

    def _log(self, home: Home) -> Any:
        return home.logs / f"{self.name}.log"

    def _await(self, home: Home, started: Running, process: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + _WAIT
        while time.monotonic() < until and process.poll() is None:
            if _answers(home, started):
                return
            time.sleep(0.1)
        process.terminate()
        tail = "\n".join(self._log(home).read_text(errors="replace").splitlines()[-5:])
        raise PlatformError(
            f"{self.zh}没有启动。日志最后几行：\n{tail}", f"The {self.en} didn't start. The log's last lines:\n{tail}"
        )

    def _process(self, home: Home, pid: int) -> psutil.Process | None:
        """The living process of that pid; pids are reused, so its command line and home must fit."""
        try:
            process = psutil.Process(pid)
            ours = self.marker in process.cmdline() and process.environ().get("MINGCHA_HOME") == str(home.path)
            return process if ours and process.status() != psutil.STATUS_ZOMBIE else None
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return None

    def _read(self, home: Home) -> Running | None:
        try:
            return Running(**json.loads((home.path / f"{self.name}.json").read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def _write(self, home: Home, started: Running) -> None:
        draft = home.path / f"{self.name}.json.{os.getpid()}"
        draft.write_text(json.dumps(asdict(started)))
        draft.replace(home.path / f"{self.name}.json")


def _answers(home: Home, noted: Running) -> bool:
    """Whether this home's service answers there; another program on the port is not it."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(noted.host, noted.host)
    scheme = noted.address.partition(":")[0]
    unverified = ssl._create_unverified_context() if scheme == "https" else None  # our own process, found by its pid
    try:
        with urllib.request.urlopen(f"{scheme}://{host}:{noted.port}/health", timeout=5, context=unverified) as answer:
            return json.load(answer).get("home") == home.id
    except (urllib.error.URLError, OSError, ValueError):
        return False


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
