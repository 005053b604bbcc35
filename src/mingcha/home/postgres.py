"""PostgreSQL of our own (DECISIONS 22): any command starts it, only `mingcha down` stops it.

Alive means: answers a connection. A pid proves nothing, so it is used only to signal a server that is surely ours
(its command line names this home). Nothing here depends on the process that started the server.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg

from mingcha.home.account import account, programs
from mingcha.home.directory import Home
from mingcha.terms.errors import PlatformError

READY, BUSY, SILENT = "ready", "busy", "silent"
_SUPERUSER = "mingcha_root"
_SETTINGS = {
    "listen_addresses": "", "unix_socket_permissions": "0700", "max_connections": "200", "timezone": "Asia/Shanghai",
    "log_timezone": "Asia/Shanghai", "jit": "off", "shared_buffers": "256MB", "max_wal_size": "2GB",
    "log_checkpoints": "off", "log_min_error_statement": "panic", "log_error_verbosity": "terse",
}  # fmt: skip  # the last two keep values of rows, and so personal data, out of the log
_ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/bin:/bin"}
_RECOVERY = 600.0  # seconds a crash recovery may take


def administrator(home: Home) -> dict[str, Any]:
    """Connection parameters of the superuser, for making roles and databases only."""
    socket = (home.postgres / "socket").read_text() if (home.postgres / "socket").exists() else "/nowhere"
    return {"host": socket, "user": _SUPERUSER, "password": home.secrets.password("root"), "dbname": "postgres"}


def state(home: Home) -> str:
    """READY, BUSY (starting, recovering or shutting down) or SILENT."""
    try:
        psycopg.connect(**administrator(home), connect_timeout=10).close()
        return READY
    except psycopg.OperationalError as error:
        if "password authentication" in str(error):
            raise PlatformError(
                f"数据库不接受 {home.path}/secrets 里的密码。密钥文件与这个目录不配套，请恢复原来的密钥。",
                f"The database refuses the password in {home.path}/secrets: these secrets belong to another home. "
                "Put the right ones back.",
            ) from error
        return BUSY if "database system is" in str(error) or "too many" in str(error) else SILENT


def ensure(home: Home) -> None:
    """The server answers when this returns; started, or recovered after a crash, when it didn't. Safe at once."""
    if state(home) == READY:
        return
    with _alone(home):
        if not (home.postgres / "data").exists():
            _initialise(home)
        starts, begun, heard = 0, time.monotonic(), time.monotonic()
        while (now := state(home)) != READY:
            alive, moment = _processes(home), time.monotonic()
            heard = moment if now == BUSY or not alive else heard
            if moment - begun > _RECOVERY or starts > 5:
                raise _unwell(home)
            if not alive:
                starts += 1
                _start(home)
            elif moment - heard > 20:  # deaf: its socket is gone, or orphans of a killed server don't leave
                for pid in alive:
                    os.kill(pid, signal.SIGQUIT)
            time.sleep(0.05)


def stop(home: Home) -> bool:
    """Shut the server down cleanly; False when none was running."""
    with _alone(home):
        if not (alive := _processes(home)):
            return False
        for wish, patience in ((signal.SIGINT, 60), (signal.SIGQUIT, 10), (signal.SIGKILL, 5)):
            os.kill(alive[0], wish)
            until = time.monotonic() + patience
            while time.monotonic() < until:
                if not (alive := _processes(home)):
                    return True
                time.sleep(0.05)
        raise _unwell(home)


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """One starter or stopper at a time; the lock falls with its holder, however that one ends."""
    with (home.postgres / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _named(directory: Path) -> Iterator[tuple[str, dict]]:
    """How the server names the directory, and what Popen needs for it (account.py tells why)."""
    user = account()
    if user is None:
        yield str(directory), {}
        return
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "pass_fds": (handle,)}
    try:
        yield f"/proc/self/fd/{handle}" if Path("/proc/self/fd").exists() else str(directory), who
    finally:
        os.close(handle)


def _initialise(home: Home) -> None:
    """A new data directory; complete or absent, by rename."""
    draft, user = Path(tempfile.mkdtemp(prefix="data.", dir=home.postgres)), account()
    with tempfile.NamedTemporaryFile("w", prefix="mingcha-") as password, _named(draft) as (name, who):
        password.write(home.secrets.password("root"))
        password.flush()
        if user:
            os.chown(draft, user.pw_uid, user.pw_gid)
            os.chown(password.name, user.pw_uid, user.pw_gid)
        made = subprocess.run(
            [programs(user) / "initdb", "-D", name, "-U", _SUPERUSER, "--auth=scram-sha-256", "--encoding=UTF8",
             "--locale-provider=builtin", "--locale=C.UTF-8", f"--pwfile={password.name}"],
            cwd="/", env=_ENVIRONMENT, capture_output=True, text=True, check=False, **who,
        )  # fmt: skip
    if made.returncode:
        (home.logs / "postgres.log").write_text(made.stdout + made.stderr)
        raise _unwell(home)
    draft.rename(home.postgres / "data")


def _start(home: Home) -> None:
    """Start the server as nobody's child. No process of it lives, so locks that a killed one left may go."""
    user, log, socket = account(), home.logs / "postgres.log", _socket(home)
    for lock in (home.postgres / "data" / "postmaster.pid", Path(socket) / ".s.PGSQL.5432.lock"):
        lock.unlink(missing_ok=True)
    settings = [part for key, value in _SETTINGS.items() for part in ("-c", f"{key}={value}")]
    with _named(home.postgres / "data") as (name, who), log.open("a") as output:
        subprocess.run(
            ["/bin/sh", "-c", '"$@" &', "sh", programs(user) / "postgres", "-D", name, "-k", socket,
             "-c", f"cluster_name={home.id}", *settings], cwd="/", env=_ENVIRONMENT, stdin=subprocess.DEVNULL,
            stdout=output, stderr=output, start_new_session=True, check=True, **who,
        )  # fmt: skip


def _socket(home: Home) -> str:
    """The private directory of the socket: short, because socket paths end at about a hundred characters."""
    note, user = home.postgres / "socket", account()
    owner = user.pw_uid if user else os.geteuid()
    known = Path(note.read_text()) if note.exists() else None
    if known and known.is_dir() and not known.is_symlink() and known.stat().st_uid == owner:
        return str(known)
    place = tempfile.mkdtemp(prefix="mingcha-", dir="/tmp")
    os.chown(place, owner, -1)
    draft = note.with_suffix(".new")
    draft.write_text(place)
    draft.replace(note)
    return place


def _processes(home: Home) -> list[int]:
    """The living processes of this home's server, postmaster first; their titles carry the home's id."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        title = " ".join(process.info["cmdline"] or ())
        if process.info["status"] != psutil.STATUS_ZOMBIE and f"cluster_name={home.id}" in title:
            found.insert(0, process.pid)
        elif process.info["status"] != psutil.STATUS_ZOMBIE and title.startswith(f"postgres: {home.id}:"):
            found.append(process.pid)
    return found


def _unwell(home: Home) -> PlatformError:
    log = home.logs / "postgres.log"
    tail = "\n".join(log.read_text().splitlines()[-5:]) if log.exists() else ""
    return PlatformError(
        f"数据库没有启动。日志 {log} 的最后几行：\n{tail}\n请检查磁盘空间和目录权限，再执行 mingcha doctor。",
        f"The database didn't start. The last lines of {log}:\n{tail}\nCheck disk space and permissions of the home, "
        "then run `mingcha doctor`.",
    )
