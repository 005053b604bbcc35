"""PostgreSQL of our own (DECISIONS 22): any command starts it, only `mingcha down` stops it.

Alive means: answers a connection. Processes are looked for only to signal a server that is surely this home's, or to
know that none is left and the locks of a killed one may go. Nothing depends on the process that started the server.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mingcha.home.account import account, programs, reachable
from mingcha.home.directory import Home
from mingcha.home.server import BUSY, READY, SUPERUSER, processes, socket_directory, state, unwell

_SETTINGS = {
    "listen_addresses": "", "unix_socket_permissions": "0700", "max_connections": "200", "timezone": "Asia/Shanghai",
    "log_timezone": "Asia/Shanghai", "jit": "off", "shared_buffers": "256MB", "max_wal_size": "2GB",
    "log_checkpoints": "off", "log_min_error_statement": "panic", "log_error_verbosity": "terse",
}  # fmt: skip
"""The last two keep the values of rows, and so personal data, out of the log."""

_ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/bin:/bin"}
_RECOVERY = 600.0  # seconds a recovery after a crash may take
_DEAF = 20.0  # seconds after which a living server that doesn't answer is ended: its socket is gone
_LONG_LOG = 5_000_000  # bytes; a longer log begins anew at the next start


def ensure(home: Home) -> None:
    """The server answers when this returns: started, or recovered after a crash, where it didn't. Safe at once."""
    if state(home) == READY:
        return
    with _alone(home):
        if not (home.postgres / "data").exists():
            _initialise(home)
        starts, begun, heard = 0, time.monotonic(), time.monotonic()
        while (now := state(home)) != READY:
            alive, moment = processes(home), time.monotonic()
            heard = moment if now == BUSY or not alive else heard
            if moment - begun > _RECOVERY or starts > 5:
                raise unwell(home)
            if not alive:
                starts += 1
                _start(home)
            elif moment - heard > _DEAF:  # orphans of a killed server leave by themselves long before
                for pid in alive:
                    _signal(pid, signal.SIGQUIT)
            time.sleep(0.05)


def stop(home: Home) -> bool:
    """Shut the server down cleanly, less gently when it doesn't listen; False when none was running."""
    with _alone(home):
        if not (alive := processes(home)):
            return False
        for wish, patience in ((signal.SIGINT, 60), (signal.SIGQUIT, 10), (signal.SIGKILL, 5)):
            _signal(alive[0], wish)
            until = time.monotonic() + patience
            while time.monotonic() < until:
                if not (alive := processes(home)):
                    return True
                time.sleep(0.05)
        raise unwell(home)


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """One starter or stopper at a time; the lock falls with its holder, however that one ends."""
    with (home.postgres / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _signal(pid: int, wish: signal.Signals) -> None:
    with suppress(ProcessLookupError):  # gone meanwhile, which is what was wished
        os.kill(pid, wish)


def _initialise(home: Home) -> None:
    """A new data directory; complete or absent, by rename."""
    for broken in home.postgres.glob("data.*"):
        shutil.rmtree(broken)
    draft, user = Path(tempfile.mkdtemp(prefix="data.", dir=home.postgres)), account()
    with tempfile.NamedTemporaryFile("w", prefix="mingcha-") as password, reachable(draft) as (name, who):
        password.write(home.secrets.password("root"))
        password.flush()
        if user:
            os.chown(draft, user.pw_uid, user.pw_gid)
            os.chown(password.name, user.pw_uid, user.pw_gid)
        made = subprocess.run(
            [programs(user) / "initdb", "-D", name, "-U", SUPERUSER, "--auth=scram-sha-256", "--encoding=UTF8",
             "--locale-provider=builtin", "--locale=C.UTF-8", f"--pwfile={password.name}"],
            cwd="/", env=_ENVIRONMENT, capture_output=True, text=True, check=False, **who,
        )  # fmt: skip
    if made.returncode:
        (home.logs / "postgres.log").write_text(made.stdout + made.stderr)
        raise unwell(home)
    draft.rename(home.postgres / "data")


def _start(home: Home) -> None:
    """Start the server as nobody's child. No process of it lives, so locks that a killed one left may go."""
    user, log, socket = account(), home.logs / "postgres.log", socket_directory(home)
    for lock in (home.postgres / "data" / "postmaster.pid", Path(socket) / ".s.PGSQL.5432.lock"):
        lock.unlink(missing_ok=True)
    if log.exists() and log.stat().st_size > _LONG_LOG:
        log.replace(log.with_suffix(".1.log"))
    settings = [part for key, value in _SETTINGS.items() for part in ("-c", f"{key}={value}")]
    with reachable(home.postgres / "data") as (name, who), log.open("a") as output:
        subprocess.run(
            ["/bin/sh", "-c", '"$@" &', "sh", programs(user) / "postgres", "-D", name, "-k", socket,
             "-c", f"cluster_name={home.id}", *settings], cwd="/", env=_ENVIRONMENT, stdin=subprocess.DEVNULL,
            stdout=output, stderr=output, start_new_session=True, check=True, **who,
        )  # fmt: skip
