"""Writes of the library app: installing and removing local packs, each whole or not at all."""

from __future__ import annotations

from pathlib import Path

from mingcha.desk.library.queries import library
from mingcha.desk.migrate import ready
from mingcha.desk.trail.actions import enter
from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.knowledge.archive import keep
from mingcha.knowledge.library import Library, checked_again
from mingcha.knowledge.local import LocalPack
from mingcha.knowledge.local_loading import read_local_head
from mingcha.knowledge.pack import Pack
from mingcha.terms.errors import UsageError


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
