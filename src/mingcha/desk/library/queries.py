"""Reads of the library app: the packs in force, and all of them as one library."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from mingcha.desk.library.shelf import in_force
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.knowledge.archive import fetch_local
from mingcha.knowledge.library import Library
from mingcha.knowledge.local_loading import read_local_head
from mingcha.knowledge.pack import Pack, load
from mingcha.records.areas import tree
from mingcha.terms.errors import UsageError


class Installed(NamedTuple):
    """A local pack in force, and who put it there."""

    area: str
    provider: str | None
    name: str
    version: str
    hash: str
    installed_at: datetime
    installed_by: str


def installed(home: Home) -> list[Installed]:
    """The local packs in force, by area; none in a home whose desk was never set up."""
    with connect(home, "job") as pg:
        if pg.execute("SELECT to_regclass('public.installed_pack')").fetchone() == (None,):
            return []
        rows = pg.execute(
            "SELECT area, provider, name, version, hash, installed_at, installed_by FROM installed_pack"
            " WHERE removed_at IS NULL ORDER BY area, provider NULLS FIRST"
        ).fetchall()
    return [Installed(*row) for row in rows]


def opened(home: Home, folders: Iterable[Path] = ()) -> Library:
    """The library an audit runs: the shipped pack as this office changed it, or one of `folders`, with the local packs.

    Those in force lie over it, and those in `folders` in place of theirs.

    UsageError for two packs that inherit nothing.
    """
    folders = list(folders)
    whole = [folder for folder in folders if not read_local_head(folder).area]
    if len(whole) > 1:
        raise UsageError(
            f"{whole[0]} 和 {whole[1]} 都不是地方规则包；不继承别人的规则包只能有一个。",
            f"Neither {whole[0]} nor {whole[1]} is a local pack; only one may inherit nothing.",
        )
    base = load(whole[0]) if whole else in_force(home)
    return library(home, base, [folder for folder in folders if folder not in whole])


def library(home: Home, base: Pack, folders: Iterable[Path] = ()) -> Library:
    """The base pack with the local packs in force and those in `folders`, which stand in for those of their place."""
    local = [fetch_local(pack.hash, home.packs) for pack in installed(home)]
    folders = list(folders)
    parents = {code: area.parent for code, area in tree(home).items()} if local or folders else {}
    return Library.read(base, folders, parents, local)
