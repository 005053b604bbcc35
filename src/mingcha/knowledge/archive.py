"""Packs as immutable archives named by their hash: what a finding is replayed with (DECISIONS 17)."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from mingcha.knowledge.hashing import canonical_json
from mingcha.knowledge.library import Library
from mingcha.knowledge.local import Amendment, Change, LocalPack
from mingcha.knowledge.pack import Basis, Dated, Decision, Pack, Pause, Row, Rule, Scoped
from mingcha.terms.errors import PlatformError


def keep(pack: Pack | LocalPack, folder: Path) -> Path:
    """Write the pack's archive into the folder unless it is there; whole or not at all."""
    return _keep(pack.hash, pack, folder)


def keep_library(library: Library, folder: Path) -> None:
    """Every pack of the library as it was written and as it holds, and the library itself, which names them."""
    for pack in (*library.packs, *library.locals):
        keep(pack, folder)
    if library.locals:
        _keep(library.hash, library.told, folder)


def _keep(name: str, value: Any, folder: Path) -> Path:
    target = folder / f"{name}.json"
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(f".{os.getpid()}.part")
        part.write_text(canonical_json(value), encoding="utf-8")
        part.replace(target)
    return target


def fetch(pack_hash: str, folder: Path) -> Pack:
    """The pack of that hash. PlatformError when its archive is missing or no longer what its name says."""
    told, sound = _read(pack_hash, folder)
    return _checked(_pack(told), pack_hash, folder, sound)


def fetch_local(pack_hash: str, folder: Path) -> LocalPack:
    """The local pack of that hash, as it was written; raises as `fetch` does."""
    told, sound = _read(pack_hash, folder)
    amendments = tuple(_amendment(amendment) for amendment in told["amendments"])
    local = LocalPack(**told | {"own": _pack(told["own"]), "amendments": amendments})
    return _checked(local, pack_hash, folder, sound)


def _read(pack_hash: str, folder: Path) -> tuple[dict[str, Any], bool]:
    """What an archive says, and whether its bytes are those it is named by; those of earlier versions may not be."""
    source = folder / f"{pack_hash}.json"
    try:
        text = source.read_bytes()
        return json.loads(text), hashlib.sha256(text).hexdigest() == pack_hash
    except OSError as error:
        raise PlatformError(
            f"找不到规则包存档 {source}。请从备份恢复 packs 目录后再试。",
            f"The archive of the pack is missing: {source}. Restore the packs folder from a backup and try again.",
        ) from error


_Kept = TypeVar("_Kept", Pack, LocalPack)


def _checked(pack: _Kept, pack_hash: str, folder: Path, sound: bool) -> _Kept:
    """The pack, when its archive was sound or its content still has the hash it is named by."""
    source = folder / f"{pack_hash}.json"
    if sound:
        vars(pack)["hash"] = pack_hash  # as it would be computed, which takes as long as all the rest
    elif pack.hash != pack_hash:
        raise PlatformError(
            f"规则包存档 {source} 被改动过，内容与名称不符。请从备份恢复。",
            f"The archive {source} was changed: its content isn't what its name says. Restore it from a backup.",
        )
    return pack


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def _since(value: str) -> date:
    return date.fromisoformat(value)


def _pack(told: dict[str, Any]) -> Pack:
    rules = tuple(rule_from(rule) for rule in told["rules"])
    sources = tuple(_basis(basis) for basis in told["sources"])
    return Pack(**told | {"valid_from": _since(told["valid_from"]), "rules": rules, "sources": sources})


def _basis(told: dict[str, Any]) -> Basis:
    return Basis(told["document"], told["article"], told["text"], _day(told["date"]))


def rule_from(told: dict[str, Any]) -> Rule:
    """The rule of one member of an archive's `rules`; its worked cases are not kept there."""
    return Rule(
        **told
        | {
            "stages": tuple(told["stages"]),
            "basis": tuple(_basis(basis) for basis in told["basis"]),
            "parameters": {name: tuple(_dated(d) for d in dated) for name, dated in told["parameters"].items()},
            "knowledge": tuple(_row(row) for row in told["knowledge"]),
            "cases": (),
            "off": tuple(Pause(_day(p["since"]), _day(p["until"])) for p in told.get("off", ())),
            "scoped": tuple(_scoped(s) for s in told.get("scoped", ())),
            "decided": tuple(_decision(d) for d in told.get("decided", ())),
        }
    )


def _amendment(told: dict[str, Any]) -> Amendment:
    changes = tuple(_change(change) for change in told["changes"])
    return Amendment(told["rule"], changes, tuple(_row(row) for row in told["knowledge"]), ())


def _change(told: dict[str, Any]) -> Change:
    value, rows = told["value"], tuple(told["rows"])
    read: dict[str, Any] = told | _span(told)
    read |= {"value": tuple(value) if isinstance(value, list) else value, "rows": rows}
    return Change(**read)


def _scoped(told: dict[str, Any]) -> Scoped:
    value = told["value"]
    read: dict[str, Any] = told | {"valid_from": _since(told["valid_from"])}
    read["value"] = tuple(value) if isinstance(value, list) else value
    return Scoped(**read)


def _decision(told: dict[str, Any]) -> Decision:
    read: dict[str, Any] = told | _span(told)
    return Decision(**read)


def _span(told: dict[str, Any]) -> dict[str, Any]:
    """What changes and decisions share: their days, and whom they are for."""
    days = {"since": _since(told["since"]), "until": _day(told["until"]), "date": _day(told["date"])}
    return days | {"scope": tuple(told.get("scope", ()))}


def _dated(told: list[Any]) -> Dated:
    since, value = told
    return Dated(_since(since), tuple(value) if isinstance(value, list) else value)


def _row(told: dict[str, Any]) -> Row:
    values = {name: tuple(v) if isinstance(v, list) else v for name, v in told["values"].items()}
    since, until = _since(told["valid_from"]), _day(told["valid_to"])
    return Row(**told | {"values": values, "valid_from": since, "valid_to": until})
