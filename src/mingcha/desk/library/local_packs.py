"""Local packs of areas and providers: which are in force, put in, taken out, and all packs read as one library."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from mingcha.desk.library.shelf import in_force
from mingcha.desk.migrate import ready
from mingcha.desk.trail.actions import enter
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.knowledge.archive import fetch_local, keep
from mingcha.knowledge.library import Library, checked_again
from mingcha.knowledge.local import LocalPack
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


def install(*, by: str, home: Home, base: Pack, folder: Path) -> LocalPack:
    """Check the local pack in `folder` and put it in force, in place of the one its area had.

    PackError for what is wrong with it, or with packs of areas below once it holds.
    """
    ready(home)
    made = library(home, base, [folder])
    head = read_local_head(folder)
    pack = next(p for p in made.locals if (p.area, p.provider) == (head.area, head.provider))
    checked_again(made, pack)
    keep(pack, home.packs)
    with connect(home, "job") as pg, pg.cursor() as cursor:
        cursor.execute(
            "UPDATE installed_pack SET removed_at = now(), removed_by = %s, removed_reason = %s"
            " WHERE area = %s AND provider IS NOT DISTINCT FROM %s AND removed_at IS NULL AND hash <> %s",
            [by, f"replaced by {pack.label}", pack.area, pack.provider, pack.hash],
        )
        cursor.execute(
            "INSERT INTO installed_pack (area, provider, name, version, hash, installed_by)"
            " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [pack.area, pack.provider, pack.name, str(pack.own.version), pack.hash, by],
        )
        if cursor.rowcount:  # the same pack again changes nothing
            enter(
                cursor, by=by, action="pack.install", subject=f"pack:{pack.name}",
                detail={"area": pack.area, "provider": pack.provider, "version": pack.own.version, "hash": pack.hash},
            )  # fmt: skip
    return pack


def remove(*, by: str, home: Home, base: Pack, name: str, reason: str) -> None:
    """Take the local pack of that name out of force. UsageError for none of that name, or for want of a reason."""
    if not reason.strip():
        raise UsageError("请用 --reason 写明为什么移除。", "Say with --reason why it is removed.")
    made = library(home, base)
    found = [pack for pack in made.locals if pack.name == name]
    if not found:
        known = "、".join(pack.name for pack in made.locals) or "（无）"
        raise UsageError(
            f"没有装着规则包 {name}；装着的有：{known}。", f"No pack {name} is installed; there are: {known}."
        )
    parents = [pack for pack in made.locals if pack.name != name]
    checked_again(Library.of(base, parents, made.parents), found[0])
    with connect(home, "job") as pg, pg.cursor() as cursor:
        cursor.execute(
            "UPDATE installed_pack SET removed_at = now(), removed_by = %s, removed_reason = %s"
            " WHERE name = %s AND removed_at IS NULL",
            [by, reason.strip(), name],
        )
        enter(cursor, by=by, action="pack.remove", subject=f"pack:{name}", detail={"reason": reason.strip()})
