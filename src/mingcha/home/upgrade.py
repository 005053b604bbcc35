"""Upgrading the database of a home: dumped first, then migrated (DECISIONS 30)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from mingcha import __version__
from mingcha.home import disk
from mingcha.home.database import applied, migrations, prepare
from mingcha.home.directory import Home
from mingcha.home.dump import dump
from mingcha.home.postgres import ensure


def upgrade(home: Home) -> Path | None:
    """Bring the home to this version; returns the dump made before, None when nothing was older.

    Facts in the lake never change, so the dump alone brings the older state back. The desk migrates its own tables.
    """
    if home.database_url is None:
        ensure(home)
    kept = None
    older = home.version != __version__ or applied(home) < migrations()[-1][0]
    if older and applied(home):
        disk.require(home, 1 << 30)
        kept = home.postgres / f"before-{__version__}-{datetime.now():%Y%m%d-%H%M%S}.dump"
        dump(home, kept)
    prepare(home, upgrade=True)
    if home.version != __version__:
        home.stamp()
    return kept
