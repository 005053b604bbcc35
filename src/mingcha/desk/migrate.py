"""Brings the desk's tables up to date as the owner role, in a process of its own (`python -m mingcha.desk.migrate`)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.terms.errors import PlatformError

_APPS = ("trail", "accounts", "audit", "review", "money", "benefits", "disbursements", "sampling", "library",
         "onboarding", "reminders", "jobs", "documents", "notices", "portal",
         "selfcheck")  # fmt: skip


def ready(home: Home, upgrade: bool = False) -> None:
    """The desk's tables are as this version needs them when this returns.

    New tables are made; those of an older version are changed only with `upgrade` (`mingcha up`, after its backup).
    """
    wanted, done = _wanted(), _applied(home)
    if wanted <= done:
        return
    if done & wanted and not upgrade:
        raise PlatformError(
            "工作台的数据表还是旧版本的结构。请先执行 mingcha up，它会备份并升级。",
            "The desk's tables still have an older version's shape. Run `mingcha up` first: it backs up and upgrades.",
        )
    migrate(home)


def migrate(home: Home) -> None:
    """Apply all migrations in a child process: this one may hold the app role, which must not change tables."""
    child = subprocess.run(
        [sys.executable, "-m", "mingcha.desk.migrate"],
        env=os.environ | {"MINGCHA_HOME": str(home.path), "MINGCHA_DESK_ROLE": "owner"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if child.returncode:
        reason = (child.stderr.strip().splitlines() or ["?"])[-1]
        raise PlatformError(
            f"工作台的数据表没有升级成功：{reason}。数据没有改变；请执行 mingcha doctor 查看原因。",
            f"The desk's tables could not be migrated: {reason}. Nothing was changed; see `mingcha doctor`.",
        )


def _wanted() -> set[tuple[str, str]]:
    here = Path(__file__).parent
    return {(app, file.stem) for app in _APPS for file in (here / app / "migrations").glob("0*.py")}


def _applied(home: Home) -> set[tuple[str, str]]:
    with connect(home, "owner") as owner:
        if owner.execute("SELECT to_regclass('public.django_migrations')").fetchone() == (None,):
            return set()
        return set(owner.execute("SELECT app, name FROM public.django_migrations").fetchall())


def main() -> None:
    """Apply all migrations under the role of the environment. Two at once wait for each other."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mingcha.desk.settings")
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('mingcha desk migrate'))")
    call_command("migrate", interactive=False, verbosity=0)


if __name__ == "__main__":
    main()
