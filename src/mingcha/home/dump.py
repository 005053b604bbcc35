"""The database as one file, and back: PostgreSQL's own dump programs from the wheel."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from mingcha.home import database
from mingcha.home.account import programs
from mingcha.home.directory import Home
from mingcha.home.postgres import ensure
from mingcha.home.server import administrator
from mingcha.terms.errors import PlatformError


def dump(home: Home, file: Path) -> None:
    """Everything in the database at one moment, as pg_dump's custom format."""
    _run(home, "pg_dump", "--format=custom", "--compress=gzip:1", f"--file={file}")


def load(home: Home, file: Path) -> None:
    """Fill this home's empty database from a dump; its roles keep this home's passwords."""
    if home.database_url:
        raise PlatformError(
            "明察不向 DATABASE_URL 指定的数据库恢复：请用该服务器自己的备份，或取消 DATABASE_URL 再恢复到本机。",
            "Mingcha doesn't restore into a database named by DATABASE_URL: use that server's own backup, or unset "
            "DATABASE_URL and restore into a home of its own.",
        )
    ensure(home)
    with psycopg.connect(**administrator(home), autocommit=True) as admin:
        database.roles(home, admin)
    _run(home, "pg_restore", "--exit-on-error", "--no-password", str(file))
    database.schemas(home)


def _run(home: Home, program: str, *options: str) -> None:
    target = home.database_url or make_conninfo(**administrator(home) | {"dbname": database.NAME, "password": None})
    done = subprocess.run(
        [programs(None) / program, f"--dbname={target}", *options],
        env=os.environ | {"LC_ALL": "C"} | ({} if home.database_url else {"PGPASSWORD": home.secrets.password("root")}),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["?"])[-1]
        raise PlatformError(f"{program} 没有完成：{reason}", f"{program} did not finish: {reason}")
