"""Where a home's own server is found: its socket, its processes, its log. postgres.py starts and stops it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import psutil
import psycopg

from mingcha.home.account import account
from mingcha.home.directory import Home
from mingcha.terms.errors import PlatformError

READY, BUSY, SILENT = "ready", "busy", "silent"
SUPERUSER = "mingcha_root"


def administrator(home: Home) -> dict[str, Any]:
    """Connection parameters of the superuser, for making roles and databases only."""
    note = home.postgres / "socket"
    socket = note.read_text() if note.exists() else "/nowhere"
    return {"host": socket, "user": SUPERUSER, "password": home.secrets.password("root"), "dbname": "postgres"}


def state(home: Home) -> str:
    """READY, BUSY (starting, recovering or shutting down) or SILENT; by connecting, for a pid proves nothing."""
    try:
        psycopg.connect(**administrator(home), connect_timeout=10).close()
        return READY
    except psycopg.OperationalError as error:
        if "password authentication" in str(error):
            raise PlatformError(
                f"数据库不接受 {home.path}/secrets 里的密码：密钥文件与这个目录不配套。请恢复原来的密钥。",
                f"The database refuses the password in {home.path}/secrets: these secrets belong to another home. "
                "Put the right ones back.",
            ) from error
        return BUSY if "database system is" in str(error) or "too many" in str(error) else SILENT


def socket_directory(home: Home) -> str:
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


def processes(home: Home) -> list[int]:
    """The living processes of this home's server, postmaster first; their titles carry the home's id."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        if process.info["status"] == psutil.STATUS_ZOMBIE:
            continue
        title = " ".join(process.info["cmdline"] or ())
        if f"cluster_name={home.id}" in title:
            found.insert(0, process.pid)
        elif title.startswith(f"postgres: {home.id}:"):
            found.append(process.pid)
    return found


def unwell(home: Home) -> PlatformError:
    """The error that says the server doesn't start, with the end of its log."""
    log = home.logs / "postgres.log"
    tail = "\n".join(log.read_text().splitlines()[-5:]) if log.exists() else ""
    return PlatformError(
        f"数据库没有启动。日志 {log} 的最后几行：\n{tail}\n请检查磁盘空间和目录权限，再执行 mingcha doctor。",
        f"The database didn't start. The last lines of {log}:\n{tail}\nCheck disk space and permissions of the home, "
        "then run `mingcha doctor`.",
    )
