"""What the platform beneath us says when it breaks off, as a sentence for the person at the keyboard."""

from __future__ import annotations

import errno

from mingcha.terms.errors import MingchaError, PlatformError

_LOST = (
    "connection", "server closed", "terminating", "postmaster", "the database system is", "i/o error", "is aborted",
)  # fmt: skip


def told(error: BaseException) -> MingchaError | None:
    """The error as one of ours when the database went away or the disk is full; None for a fault of the program."""
    if isinstance(error, MingchaError):
        return error
    said = str(error).lower()
    module = type(error).__module__.partition(".")[0].lstrip("_")
    if "no space left" in said or (isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)):
        return PlatformError(
            "磁盘写满了。这一步没有留下半截数据；请腾出空间，再执行同一条命令。",
            "The disk is full. This step left nothing half done; free some space and run the same command again.",
        )
    if module in ("psycopg", "duckdb") and any(word in said for word in _LOST):
        return PlatformError(
            "数据库在运行中断开了。这一步要么全部完成，要么没有发生；请再执行同一条命令。",
            "The database went away meanwhile. This step is wholly done or not at all; run the same command again.",
        )
    return None
