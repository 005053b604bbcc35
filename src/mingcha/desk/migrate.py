"""Brings the desk's tables up to date as the owner role, in a process of its own (`python -m mingcha.desk.migrate`)."""

from __future__ import annotations

import os
import subprocess
import sys

from mingcha.home.directory import Home
from mingcha.terms.errors import PlatformError


def migrate(home: Home) -> None:
    """Migrate in a child process: this one may hold the app role, which must not change tables."""
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


def main() -> None:
    """Apply all migrations under the role of the environment."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mingcha.desk.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)


if __name__ == "__main__":
    main()
