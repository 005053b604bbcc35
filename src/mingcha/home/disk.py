"""Free space: work that writes stops before the disk is full, while everything can still be put in order."""

from __future__ import annotations

import shutil

from mingcha.home.directory import Home
from mingcha.terms.errors import PlatformError

FLOOR = 0.05
"""Share of the disk that stays free (DECISIONS 32): PostgreSQL without space for its log stops altogether."""


def free(home: Home) -> tuple[int, int]:
    """Bytes that may still be written before the floor, and the size of the disk."""
    usage = shutil.disk_usage(home.path)
    return int(usage.free - usage.total * FLOOR), usage.total


def require(home: Home, wanted: int = 0) -> None:
    """PlatformError unless `wanted` bytes can be written and the floor stays free."""
    left, total = free(home)
    if left < wanted or left <= 0:
        raise PlatformError(
            f"磁盘空间不足：{home.path} 所在磁盘共 {_gib(total)}，留出 {FLOOR:.0%} 后还能写 {_gib(max(left, 0))}，"
            f"这一步需要 {_gib(wanted)}。已停在完整的状态；请腾出空间后再执行同一条命令。",
            f"Not enough disk space: of the {_gib(total)} disk of {home.path}, {_gib(max(left, 0))} may still be "
            f"written ({FLOOR:.0%} stay free), and this step needs {_gib(wanted)}. Nothing is half done; free some "
            "space and run the same command again.",
        )


def _gib(size: int) -> str:
    return f"{size / 2**30:.1f} GB"
